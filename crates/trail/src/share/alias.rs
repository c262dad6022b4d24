//! Invited under one address, accepted with another: two persons, and the record that ties them.

use std::sync::Arc;

use super::event::{Change, LinkEvent};
use crate::RecordId;

/// Somebody accepted an invitation that went to another address. The two stay two persons.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Alias {
    /// Canonical identity of who was invited.
    pub invited: Arc<str>,
    /// Canonical identity of who accepted.
    pub accepted: Arc<str>,
    /// The record that ties them.
    pub record: RecordId,
}

/// The aliases that these events tell, in order and without doubles.
pub fn aliases<'a>(events: impl IntoIterator<Item = &'a LinkEvent>) -> Vec<Alias> {
    let mut found: Vec<Alias> = events
        .into_iter()
        .filter(|event| event.change == Change::Accepted && event.excluded.is_none())
        .filter_map(|event| {
            let invited = Arc::clone(&event.recipient.as_ref()?.canonical);
            let differs = !event.by.is_empty() && !invited.is_empty() && invited != event.by;
            differs.then(|| Alias { invited, accepted: Arc::clone(&event.by), record: event.record })
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}
