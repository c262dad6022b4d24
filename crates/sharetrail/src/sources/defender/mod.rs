//! Microsoft Defender for Cloud Apps, activities API: scan mode on a bounded window.
//!
//! * `client.rs`: one call: authentication, budget, failures in words.
//! * `answer.rs`: a list answer cut into its records.
//! * `filters.rs`: what is asked for.
//! * `scan.rs`: a window read page by page, and what to do when the service makes no progress.

mod answer;
mod client;
mod filters;
mod scan;

pub use client::{Authentication, DefenderClient, DefenderScan};

use crate::config::settings::Selection;
use crate::sources::Window;
use trail::TimeMs;

/// How far back the ordinary list reaches (Microsoft: Activities API; older ones are archived).
pub const REACH_DAYS: u32 = 30;

/// What the feed is asked for, in parts: a position holds for those that were asked for when it was reached.
pub fn scope(select: &Selection) -> Vec<String> {
    match select {
        Selection::Services(services) => services.iter().map(|service| format!("service {service}")).collect(),
        Selection::EventTypes(types) => types.clone(),
    }
}

/// The window of a pass: from the position less the overlap (or the look-back) to now less the lag.
///
/// Returned with it: the span that lies beyond the service's reach and can no longer be had, if there is one.
pub fn window(
    settings: &crate::config::settings::Defender,
    position: Option<TimeMs>,
    now: TimeMs,
) -> (Window, Option<Window>) {
    const MINUTE_MS: i64 = 60_000;
    const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
    let to = now.plus(-i64::from(settings.lag_minutes) * MINUTE_MS);
    let wanted = match position {
        Some(position) => position.plus(-i64::from(settings.overlap_minutes) * MINUTE_MS),
        None => now.plus(-i64::from(settings.look_back_days) * DAY_MS),
    };
    let reach = now.plus(-i64::from(REACH_DAYS) * DAY_MS);
    let from = wanted.max(reach).min(to);
    let uncovered = position.unwrap_or(wanted);
    let gap = (uncovered < reach).then_some(Window { from: uncovered, to: reach });
    (Window { from, to }, gap)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settings::{Defender, DefenderCredential, ScanOrder};

    const DAY: i64 = 86_400_000;
    const NOW: TimeMs = TimeMs(100 * DAY);

    fn settings(look_back_days: u32) -> Defender {
        Defender {
            url: "https://x.example/api/v1/".parse().unwrap(),
            credential: DefenderCredential::Application,
            select: Selection::Services(vec![20892]),
            order: ScanOrder::Created,
            page_records: 5000,
            overlap_minutes: 60,
            lag_minutes: 5,
            look_back_days,
            requests_per_minute_max: 25,
        }
    }

    #[test]
    fn a_first_pass_looks_back_and_ends_before_now() {
        let (window, gap) = window(&settings(7), None, NOW);
        assert_eq!(window, Window { from: TimeMs(93 * DAY), to: NOW.plus(-300_000) });
        assert_eq!(gap, None);
    }

    #[test]
    fn a_later_pass_overlaps_the_position() {
        let (window, gap) = window(&settings(30), Some(TimeMs(99 * DAY)), NOW);
        assert_eq!(window.from, TimeMs(99 * DAY - 3_600_000));
        assert_eq!(gap, None);
    }

    #[test]
    fn what_lies_beyond_the_reach_is_a_gap() {
        let (window, gap) = window(&settings(30), Some(TimeMs(60 * DAY)), NOW);
        assert_eq!(window.from, TimeMs(70 * DAY));
        assert_eq!(gap, Some(Window { from: TimeMs(60 * DAY), to: TimeMs(70 * DAY) }));
    }

    #[test]
    fn the_overlap_alone_makes_no_gap() {
        let (window, gap) = window(&settings(30), Some(TimeMs(70 * DAY)), NOW);
        assert_eq!((window.from, gap), (TimeMs(70 * DAY), None));
    }
}
