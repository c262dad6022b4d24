//! Invited under one address, accepted with another: two persons, and the record that ties them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::event::{Change, LinkEvent};
use crate::RecordId;
use crate::identity::RecipientKind;

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
///
/// An acceptance names who was invited and who accepted. Where it names only the latter, the link tells: somebody who was
/// never put on it accepted in the place of the only person who was.
pub fn aliases<'a>(events: impl IntoIterator<Item = &'a LinkEvent>) -> Vec<Alias> {
    let mut invited: BTreeMap<&str, BTreeSet<&Arc<str>>> = BTreeMap::new();
    let mut acceptances: Vec<&LinkEvent> = Vec::new();
    for event in events.into_iter().filter(|event| event.excluded.is_none()) {
        match (event.change, &event.recipient) {
            (Change::RecipientAdded, Some(to)) if matches!(to.kind, RecipientKind::Person(_)) => {
                invited.entry(&event.link_id).or_default().insert(&to.canonical);
            }
            (Change::Accepted, Some(_)) if !event.by.is_empty() => acceptances.push(event),
            _ => {}
        }
    }
    let alias = |event: &&LinkEvent| {
        let named = &event.recipient.as_ref()?.canonical;
        let on_link = invited.get(event.link_id.as_ref());
        let only = on_link.filter(|on_link| on_link.len() == 1).and_then(|on_link| on_link.first().copied());
        let meant = match only {
            Some(only) if *named == event.by => only,
            _ => named,
        };
        let differs = *meant != event.by;
        differs.then(|| Alias { invited: Arc::clone(meant), accepted: Arc::clone(&event.by), record: event.record })
    };
    let mut found: Vec<Alias> = acceptances.iter().filter_map(alias).collect();
    found.sort_unstable();
    found.dedup();
    found
}
