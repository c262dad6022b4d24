//! Microsoft Defender for Cloud Apps, activities API: scan mode on a bounded window.
//!
//! * `client.rs`: one call: authentication, budget, failures in words.
//! * `answer.rs`: a list answer cut into its records.
//! * `filters.rs`: what is asked for; `event_types.rs`: names that there are to ask for.
//! * `archive.rs`: what is older, read in small windows.
//! * `inventory.rs`: the list of files that are shared with outsiders.
//! * `scan.rs`: a window read page by page, and what to do when the service makes no progress.

mod answer;
mod archive;
mod client;
mod event_types;
mod filters;
#[cfg(fuzzing)]
pub mod fuzzed;
mod inventory;
mod scan;

pub use archive::{ARCHIVE_DAYS, ArchiveScan};
pub use client::{Authentication, DefenderClient, DefenderScan};
pub use event_types::unknown_types;
pub use inventory::{FILES_MAX, InventoryScan};

use crate::config::settings::{Defender, Selection};
use crate::sources::Window;
use crate::sources::window::Look;
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
pub fn window(settings: &Defender, position: Option<TimeMs>, now: TimeMs) -> (Window, Option<Window>) {
    let Defender { overlap_minutes, lag_minutes, look_back_days: back_days, .. } = *settings;
    Look { overlap_minutes, lag_minutes, back_days, reach_days: REACH_DAYS }.window(position, now)
}
