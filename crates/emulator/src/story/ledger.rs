//! The story's own book of accesses: scenes enter what outsiders did, and the book knows the unit of an access.
//!
//! An access is one person, one item, one action, with at most five minutes between its records, because the service
//! suppresses repeats for five minutes (Microsoft: audit log activities, FileAccessed). An `…Extended` record belongs to
//! the access that it continues for up to three hours after its last record.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::clock::{HOUR, MINUTE};
use super::guid::Guid;
use super::truth::{TrueAccess, TrueShare};

/// Longest pause inside an access.
const PAUSE_MAX_MS: i64 = 5 * MINUTE;
/// Longest pause before an `…Extended` record.
const EXTENDED_PAUSE_MAX_MS: i64 = 3 * HOUR;

/// Which share, by its place in the plot's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ShareRef(pub(crate) usize);

/// One deed of an outsider and the record that shows it.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Canonical identity.
    pub(crate) person: Rc<str>,
    /// Kind of the form in this record.
    pub(crate) kind: &'static str,
    /// Item id.
    pub(crate) item_id: String,
    /// `ObjectId` of this record.
    pub(crate) item_url: String,
    /// What the deed amounts to.
    pub(crate) action: &'static str,
    /// Whether it continues an access.
    pub(crate) extended: bool,
    /// When.
    pub(crate) at_ms: i64,
    /// The record.
    pub(crate) record: Guid,
    /// Through which share the scene says the person came.
    pub(crate) share: Option<ShareRef>,
    /// Whether the item was classified at that moment, and how.
    pub(crate) classified: Option<String>,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    entries: Vec<Entry>,
}

impl Ledger {
    /// Enters a deed.
    pub(crate) fn enter(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// All accesses in order, each with its link's id; marks the shares that somebody came through.
    pub(crate) fn close(self, shares: &mut [TrueShare]) -> Vec<TrueAccess> {
        let mut entries = self.entries;
        entries.sort_by_key(|entry| (entry.at_ms, entry.record));
        let mut accesses: Vec<TrueAccess> = Vec::new();
        let mut latest: BTreeMap<(Rc<str>, String, &'static str), usize> = BTreeMap::new();
        for entry in entries {
            if let Some(share) = entry.share.and_then(|share| shares.get_mut(share.0)) {
                share.used = true;
            }
            let link_id = entry.share.and_then(|share| shares.get(share.0)).map(|share| share.link_id.clone());
            let pause_max_ms = if entry.extended { EXTENDED_PAUSE_MAX_MS } else { PAUSE_MAX_MS };
            let key = (Rc::clone(&entry.person), entry.item_id.clone(), entry.action);
            let open = latest.get(&key).and_then(|position| accesses.get_mut(*position));
            if let Some(access) = open.filter(|access| entry.at_ms - access.last_at_ms <= pause_max_ms) {
                access.last_at_ms = entry.at_ms;
                access.records.push(entry.record.to_string());
                access.link_id = access.link_id.take().or(link_id);
                continue;
            }
            latest.insert(key, accesses.len());
            accesses.push(TrueAccess {
                person: entry.person.to_string(),
                person_kind: entry.kind.to_owned(),
                action: entry.action.to_owned(),
                item_id: entry.item_id,
                item_url: entry.item_url,
                first_at_ms: entry.at_ms,
                last_at_ms: entry.at_ms,
                records: vec![entry.record.to_string()],
                link_id,
                classified: entry.classified,
            });
        }
        accesses.sort_by(|a, b| {
            (a.first_at_ms, &a.person, &a.item_id, &a.action).cmp(&(b.first_at_ms, &b.person, &b.item_id, &b.action))
        });
        accesses
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accesses(deeds: &[(i64, bool)]) -> Vec<usize> {
        let mut ledger = Ledger::default();
        for (number, (at_ms, extended)) in deeds.iter().enumerate() {
            ledger.enter(Entry {
                person: Rc::from("kim@adatum.example"),
                kind: "guest",
                item_id: "site|item".to_owned(),
                item_url: String::new(),
                action: "read",
                extended: *extended,
                at_ms: *at_ms,
                record: Guid([number as u8; 16]),
                share: None,
                classified: None,
            });
        }
        ledger.close(&mut []).iter().map(|access| access.records.len()).collect()
    }

    #[test]
    fn five_minutes_join_and_a_second_more_does_not() {
        assert_eq!(accesses(&[(0, false), (5 * MINUTE, false)]), [2]);
        assert_eq!(accesses(&[(0, false), (5 * MINUTE + 1_000, false)]), [1, 1]);
    }

    #[test]
    fn an_extended_record_joins_for_three_hours_after_the_last() {
        assert_eq!(accesses(&[(0, false), (3 * HOUR, true), (6 * HOUR, true)]), [3]);
        assert_eq!(accesses(&[(0, false), (3 * HOUR + 1_000, true)]), [1, 1]);
    }
}
