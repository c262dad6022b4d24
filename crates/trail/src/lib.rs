//! Audit records in; people, items, shares and accesses out, each access with its share and its classification.
//!
//! Everything here is a pure function: no I/O, no clock, no environment, no randomness. The same records in any
//! order, in any batching, from any mixture of sources give the same result. The store calls this crate; this
//! crate calls nobody.
//!
//! Layout, in the order in which a record passes through:
//!
//! * [`mod@parse`]: one record's text → ([`Activity`], [problems](problem)). Never fails, never panics.
//! * [`fold`]: several sightings of one record id → one activity.
//! * [`identity`]: who acted (and was targeted), and on what basis we call them outside.
//! * [`item`]: which file, folder, library or site it was.
//! * [`team`]: which site a record of Teams is about.
//! * [`operation`]: what kind of thing an operation is; [`client`]: what made the request.
//! * [`record`]: an activity with its actor, item and operation read once, which all that follows takes.
//! * [`share`]: records of one click → what happened to a link → the life of each way in.
//! * [`site_policy`]: what an administrator changed about how a site may be shared.
//! * [`access`]: activities of one person on one item → accesses.
//! * [`matching`]: the share through which an access came.
//! * [`classification`]: whether the item was classified at that moment.
//!
//! [`activity`], [`id`] and [`time`] are the types that all of them speak.

pub mod access;
pub mod activity;
mod ascii;
pub mod classification;
pub mod client;
pub mod fold;
pub mod id;
pub mod identity;
pub mod item;
pub mod matching;
pub mod operation;
pub mod parse;
pub mod problem;
pub mod record;
pub mod share;
pub mod site_policy;
pub mod team;
pub mod time;

pub use activity::{Activity, Defender, Target, Text};
pub use id::{ContentHash, RecordId};
pub use parse::parse;
pub use problem::Problem;
pub use record::Record;
pub use time::TimeMs;
