//! The audit feed: Office 365 Management Activity API.
//!
//! The service gathers records in blobs, lists the blobs by the time at which it made them available
//! (`contentCreated`), and serves each for some days. So this source is read in two steps: the list, which becomes
//! the store's work list, and then the blobs that wait there (`collect/read/audit.rs` joins the steps).
//!
//! * `client.rs`: one call: token, publisher, budget, and that no token goes to another host.
//! * `codes.rs`: what each error code asks us to do.
//! * `listing.rs`: windows, pages of the list; `blobs.rs`: several blobs at a time; `cutter.rs`: a blob into records.

mod blobs;
mod client;
mod codes;
mod cutter;
mod listing;

pub use blobs::BlobScan;
pub use client::AuditClient;
pub use listing::Listing;

use crate::config::settings::Audit;
use crate::sources::Window;
use trail::TimeMs;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// How far back the list reaches (Microsoft: List available content, startTime), less a margin for clocks that differ.
pub const REACH_MS: i64 = 7 * DAY_MS - 10 * MINUTE_MS;

/// What is to be listed in a pass: consecutive windows of at most `window_hours`, in whole seconds, from where the list
/// was last read to (less the overlap) until now. Each is half-open, as the service's are: it ends before its `to`.
///
/// Returned with it: the span that lies beyond the service's reach and was never listed, if there is one.
pub fn windows(settings: &Audit, listed_to: Option<TimeMs>, now: TimeMs) -> (Vec<Window>, Option<Window>) {
    let to = second(now);
    let reach = now.plus(-REACH_MS);
    let wanted = match listed_to {
        Some(listed_to) => listed_to.plus(-i64::from(settings.overlap_hours) * HOUR_MS),
        None => now.plus(-i64::from(settings.look_back_days) * DAY_MS),
    };
    let gap = listed_to.filter(|listed_to| *listed_to < reach).map(|from| Window { from, to: reach });
    let mut from = second(wanted.max(reach.plus(999)));
    let mut windows = Vec::new();
    while from < to {
        let end = from.plus(i64::from(settings.window_hours) * HOUR_MS).min(to);
        windows.push(Window { from, to: end });
        from = end;
    }
    (windows, gap)
}

/// The whole second at or before a time: the list takes no fractions.
fn second(time: TimeMs) -> TimeMs {
    TimeMs(time.millis().div_euclid(1000) * 1000)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::config::settings::ContentType;

    const NOW: TimeMs = TimeMs(100 * DAY_MS + 1_500);

    pub(in crate::sources::audit) fn settings() -> Audit {
        Audit {
            schedule: crate::schedule::Schedule::minutes(5),
            url: "https://manage.office.com/".parse().unwrap(),
            scope: "https://manage.office.com/.default".to_owned(),
            content_types: vec![ContentType::SharePoint],
            start_subscriptions: true,
            publisher_id: "11111111-2222-3333-4444-555555555555".to_owned(),
            look_back_days: 7,
            window_hours: 24,
            overlap_hours: 24,
            blobs_at_once_max: 4,
            requests_per_minute_max: 1000,
        }
    }

    #[test]
    fn a_first_pass_lists_seven_days_less_a_margin_in_windows_of_a_day() {
        let (windows, gap) = windows(&settings(), None, NOW);
        assert_eq!((windows.len(), gap), (7, None));
        assert_eq!(windows[0].from, TimeMs(93 * DAY_MS + 10 * MINUTE_MS + 2_000), "inside the reach, in whole seconds");
        assert_eq!(windows.last().unwrap().to, TimeMs(100 * DAY_MS + 1_000));
        for (one, next) in windows.iter().zip(&windows[1..]) {
            assert_eq!(one.to, next.from);
            assert!(one.to.millis() - one.from.millis() <= DAY_MS);
        }
    }

    #[test]
    fn a_later_pass_lists_the_overlap_again() {
        let (windows, gap) = windows(&settings(), Some(TimeMs(100 * DAY_MS)), NOW);
        assert_eq!(gap, None);
        assert_eq!(windows[0].from, TimeMs(99 * DAY_MS));
        assert_eq!(windows.len(), 2, "a day and a second are no longer one window");
    }

    #[test]
    fn what_was_not_listed_while_it_could_be_is_a_gap() {
        let listed_to = TimeMs(90 * DAY_MS);
        let (windows, gap) = windows(&settings(), Some(listed_to), NOW);
        assert_eq!(gap, Some(Window { from: listed_to, to: NOW.plus(-REACH_MS) }));
        assert_eq!(windows.len(), 7);
    }

    #[test]
    fn a_clock_that_was_set_back_lists_nothing_before_its_now() {
        let (windows, gap) = windows(&settings(), Some(NOW.plus(3 * DAY_MS)), NOW);
        assert_eq!((windows, gap), (vec![], None));
    }
}
