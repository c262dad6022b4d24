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
use crate::sources::window::Look;

/// How far back the table reaches (Microsoft: Advanced hunting, quotas and usage parameters).
pub const REACH_DAYS: u32 = 30;

/// What the feed is asked for, in parts: a position holds for those that were asked for when it was reached.
pub fn scope(settings: &Hunting) -> Vec<String> {
    settings.services.iter().map(|service| format!("service {service}")).collect()
}

/// The window of a pass: from the position less the overlap (or the look-back) to now less the lag; with it the span that
/// lies beyond the table's reach, if there is one.
pub fn window(settings: &Hunting, position: Option<TimeMs>, now: TimeMs) -> (Window, Option<Window>) {
    let Hunting { overlap_minutes, lag_minutes, look_back_days: back_days, .. } = *settings;
    Look { overlap_minutes, lag_minutes, back_days, reach_days: REACH_DAYS }.window(position, now)
}
