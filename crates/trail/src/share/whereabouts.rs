//! Where a shared item was when, and when it lay in a recycle bin.

use std::sync::Arc;

use super::Place;
use super::event::{Change, LinkEvent};
use super::item_change::{ItemChange, ItemEvent};
use super::site::{is_above, site_of};
use crate::TimeMs;

/// The way of an item as its links see it.
pub(super) struct Whereabouts<'a> {
    /// Its places in order of time.
    pub(super) places: Vec<Place>,
    /// Spans in a recycle bin.
    pub(super) asleep: Vec<(TimeMs, Option<TimeMs>)>,
    /// The changes that concerned it, in order, and whether they were of the item itself.
    pub(super) changes: Vec<(&'a ItemChange, bool)>,
    /// Gone to another site, where its links do not follow.
    has_left: bool,
}

enum Step<'a> {
    Event(&'a LinkEvent),
    Change(&'a ItemChange),
}

/// Follows `item` through events of its links and changes of itself and of what lies above it; both in order of (time, id).
pub(super) fn follow<'a>(item: &str, events: &[&'a LinkEvent], changes: &[&'a ItemChange]) -> Whereabouts<'a> {
    let mut steps: Vec<Step<'a>> = events
        .iter()
        .filter(|event| event.item.as_deref() == Some(item))
        .map(|event| Step::Event(event))
        .chain(changes.iter().map(|change| Step::Change(change)))
        .collect();
    steps.sort_by_key(|step| match step {
        Step::Event(event) => (event.at, event.record),
        Step::Change(change) => (change.at, change.record),
    });
    let mut way = Whereabouts { places: Vec::new(), asleep: Vec::new(), changes: Vec::new(), has_left: false };
    // Before the first sign of where it was, a folder's move cannot be told to concern it.
    for step in steps {
        match step {
            Step::Event(event) => {
                if matches!(event.change, Change::Made | Change::RecipientAdded | Change::Listed) {
                    // Nobody shares, or lists, what is not there.
                    way.has_left = false;
                    way.wakes(event.at);
                }
                if let Some(path) = event.path.as_ref().filter(|_| !way.has_left) {
                    way.is_at(path, event.at);
                }
            }
            Step::Change(change) => way.changes_by(item, change),
        }
    }
    way
}

impl<'a> Whereabouts<'a> {
    fn path(&self) -> Option<&Arc<str>> {
        self.places.last().filter(|place| place.to.is_none()).map(|place| &place.path)
    }

    /// Seen at this place: the first sight tells where it had been all along, a later one of a move that was not recorded.
    fn is_at(&mut self, path: &Arc<str>, at: TimeMs) {
        if self.path() == Some(path) {
            return;
        }
        let from = (!self.places.is_empty()).then_some(at);
        self.leaves(at);
        self.places.push(Place { path: Arc::clone(path), from, to: None });
    }

    fn leaves(&mut self, at: TimeMs) {
        if let Some(place) = self.places.last_mut().filter(|place| place.to.is_none()) {
            place.to = Some(at);
        }
        // Two moves of one instant leave no time between them.
        if self.places.last().is_some_and(|place| place.from == place.to) {
            self.places.pop();
        }
    }

    fn falls_asleep(&mut self, at: TimeMs) {
        if self.asleep.last().is_none_or(|(_, to)| to.is_some()) {
            self.asleep.push((at, None));
        }
    }

    fn wakes(&mut self, at: TimeMs) {
        if let Some((_, to)) = self.asleep.last_mut().filter(|(_, to)| to.is_none()) {
            *to = Some(at);
        }
    }

    fn changes_by(&mut self, item: &str, change: &'a ItemChange) {
        let is_own = self.is_of(item, change);
        if !is_own && !self.lies_below(change) {
            return;
        }
        self.changes.push((change, is_own));
        match &change.what {
            ItemEvent::Moved { from, to } => self.moves(is_own, from, to, change.at),
            ItemEvent::Deleted { for_good: false } => self.falls_asleep(change.at),
            ItemEvent::Deleted { for_good: true } | ItemEvent::Restored => self.wakes(change.at),
            ItemEvent::PermissionsReset
            | ItemEvent::RequestGranted
            | ItemEvent::Revoked { .. }
            | ItemEvent::LinkEnded { .. }
            | ItemEvent::LeftGroup { .. }
            | ItemEvent::StayChanged { .. } => {}
        }
    }

    /// The same key; or, where records lack ids, the same address.
    fn is_of(&self, item: &str, change: &ItemChange) -> bool {
        match &change.item {
            Some(key) if key.as_ref() == item => true,
            Some(key) if key.contains('|') && item.contains('|') => false,
            _ => change.path.is_some() && change.path.as_ref() == self.path(),
        }
    }

    fn lies_below(&self, change: &ItemChange) -> bool {
        let (Some(above), Some(path)) = (&change.path, self.path()) else { return false };
        is_above(above, path)
    }

    fn moves(&mut self, is_own: bool, from: &Arc<str>, to: &Arc<str>, at: TimeMs) {
        let path = match (is_own, self.path()) {
            (true, _) => Arc::clone(to),
            // What is above ends on a border of segments, so the rest begins with `/`.
            (false, Some(path)) => match path.strip_prefix(from.as_ref()) {
                Some(rest) => Arc::from(format!("{to}{rest}")),
                None => return,
            },
            (false, None) => return,
        };
        if site_of(from) == site_of(to) {
            if self.places.is_empty() {
                // It had been elsewhere until now.
                self.places.push(Place { path: Arc::clone(from), from: None, to: None });
            }
            self.is_at(&path, at);
        } else {
            self.has_left = true;
            self.leaves(at);
        }
    }
}
