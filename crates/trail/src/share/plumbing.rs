//! What the service sets up behind a share: no share by itself, but evidence of one.

use std::collections::HashMap;
use std::sync::Arc;

use super::reading;
use crate::{Record, RecordId, TimeMs};

/// The records of a gesture that set up what is behind its shares.
pub(super) struct Plumbing<'a> {
    on_items: HashMap<&'a str, Vec<&'a Record>>,
    of_groups: Vec<&'a Record>,
}

/// As much of it is evidence of one share at most; real gestures write about ten such records.
const PLUMBING_MAX: usize = 32;

impl<'a> Plumbing<'a> {
    /// Picks them out.
    pub(super) fn of(records: &[&'a Record]) -> Self {
        let mut plumbing = Self { on_items: HashMap::new(), of_groups: Vec::new() };
        for record in records.iter().copied().filter(|record| reading::is_plumbing(record)) {
            match &record.item {
                // The groups of a site name the site, not the item for whose sake they are changed.
                _ if record.operation.eq_ignore_ascii_case("AddedToGroup") => plumbing.of_groups.push(record),
                Some(item) => plumbing.on_items.entry(item.as_ref()).or_default().push(record),
                None => {}
            }
        }
        plumbing
    }

    /// What is behind a share of `item`; what names another link's group is not.
    pub(super) fn behind(
        &self,
        item: Option<&Arc<str>>,
        link_id: &Arc<str>,
    ) -> impl Iterator<Item = (TimeMs, RecordId)> {
        let on_item = item.and_then(|item| self.on_items.get(item.as_ref())).into_iter().flatten();
        on_item
            .chain(&self.of_groups)
            .filter(|record| reading::own_link(record).is_none_or(|link| link == *link_id))
            .take(PLUMBING_MAX)
            .map(|record| (record.time, record.id))
    }
}
