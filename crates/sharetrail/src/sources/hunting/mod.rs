//! Advanced hunting: rows of the table CloudAppEvents, asked of Microsoft Graph (`runHuntingQuery`).
//!
//! * `query.rs`: the question in KQL, and the answer cut into its rows.
//! * `scan.rs`: a window read query by query, each bounded in time and in rows.

mod query;
mod scan;

pub use query::HuntingClient;
pub use scan::HuntingScan;
use trail::TimeMs;

use crate::config::settings::Hunting;
use crate::sources::Window;

/// How far back the table reaches (Microsoft: Advanced hunting, quotas and usage parameters).
pub const REACH_DAYS: u32 = 30;

/// The window of a pass: from the position less the overlap (or the look-back) to now less the lag; with it the span that
/// lies beyond the table's reach, if there is one.
pub fn window(settings: &Hunting, position: Option<TimeMs>, now: TimeMs) -> (Window, Option<Window>) {
    const MINUTE_MS: i64 = 60_000;
    const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
    let to = now.plus(-i64::from(settings.lag_minutes) * MINUTE_MS);
    let wanted = match position {
        Some(position) => position.plus(-i64::from(settings.overlap_minutes) * MINUTE_MS),
        None => now.plus(-i64::from(settings.look_back_days) * DAY_MS),
    };
    let reach = now.plus(-i64::from(REACH_DAYS) * DAY_MS);
    let uncovered = position.unwrap_or(wanted);
    let gap = (uncovered < reach).then_some(Window { from: uncovered, to: reach });
    (Window { from: wanted.max(reach).min(to), to }, gap)
}
