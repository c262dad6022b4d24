//! What matching needs to know of an access, and of the uses of links near it.

use std::sync::Arc;

use crate::ascii::ends_with;
use crate::identity::PersonKind;
use crate::operation::{Action, Class};
use crate::{Record, RecordId, TimeMs};

/// An access whose share is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// Canonical identity.
    pub person: Arc<str>,
    /// Kind of person.
    pub person_kind: PersonKind,
    /// What was done.
    pub action: Action,
    /// The item's key.
    pub item: Arc<str>,
    /// The item's normalised URL at its first record.
    pub path: Option<Arc<str>>,
    /// The site's URL.
    pub site: Option<Arc<str>>,
    /// Time of the first record: the one that counts.
    pub first_at: TimeMs,
    /// Time of the last record.
    pub last_at: TimeMs,
    /// Client address of the first record.
    pub ip: Option<Arc<str>>,
    /// Session of the first record, lower case.
    pub session: Option<Arc<str>>,
    /// Correlation of the first record, lower case.
    pub correlation: Option<Arc<str>>,
    /// The link that one of the records names, the earliest if there are several.
    pub link: Option<Arc<str>>,
    /// One of the records is an `AnonymousLinkUsed`, so the door was an "Anyone" link whoever went through.
    pub anyone_link: bool,
    /// Where else the same anonymous session value was seen, as far from the access as a session lasts; empty for anybody
    /// who has a name. More do no harm. A preview that a service makes for a visitor carries the service's address and the visitor's session value.
    pub traces: Vec<Trace>,
}

/// A record of the same anonymous session value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// When.
    pub at: TimeMs,
    /// Client address.
    pub ip: Option<Arc<str>>,
    /// Session, lower case.
    pub session: Option<Arc<str>>,
    /// Correlation, lower case.
    pub correlation: Option<Arc<str>>,
}

/// A record of a link being used (`AnonymousLinkUsed`, `SecureLinkUsed`, `SharingLinkUsed`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Door {
    /// The record.
    pub record: RecordId,
    /// Canonical identity of who used it.
    pub person: Arc<str>,
    /// Kind of person.
    pub person_kind: PersonKind,
    /// When.
    pub at: TimeMs,
    /// Key of the item behind the link.
    pub item: Option<Arc<str>>,
    /// Its normalised URL.
    pub path: Option<Arc<str>>,
    /// Client address.
    pub ip: Option<Arc<str>>,
    /// Session, lower case.
    pub session: Option<Arc<str>>,
    /// Correlation, lower case.
    pub correlation: Option<Arc<str>>,
    /// The link, when the record names it.
    pub link: Option<Arc<str>>,
    /// It is an `AnonymousLinkUsed`.
    pub anyone_link: bool,
}

impl Wanted {
    /// The access that these records make: those of one person on one item, in order of (time, id). `traces` are left
    /// empty. `None` without records, or when they name no item.
    pub fn of(records: &[&Record], action: Action) -> Option<Self> {
        let (first, last) = (records.first()?, records.last()?);
        Some(Self {
            person: first.person.clone(),
            person_kind: first.person_kind,
            action,
            item: first.item.clone()?,
            path: first.path.clone(),
            site: first.site.clone(),
            first_at: first.time,
            last_at: last.time,
            ip: first.ip.clone(),
            session: first.session.clone(),
            correlation: first.correlation.clone(),
            link: records.iter().find_map(|record| record.link.clone()),
            anyone_link: records.iter().any(|record| is_anyone_link_used(record)),
            traces: Vec::new(),
        })
    }

    /// The access's own first record and the other traces of its session.
    pub(super) fn all_traces(&self) -> impl Iterator<Item = Trace> {
        let own = Trace {
            at: self.first_at,
            ip: self.ip.clone(),
            session: self.session.clone(),
            correlation: self.correlation.clone(),
        };
        std::iter::once(own).chain(self.traces.iter().cloned())
    }
}

impl Trace {
    /// Where this record was written from.
    pub fn of(record: &Record) -> Self {
        Self {
            at: record.time,
            ip: record.ip.clone(),
            session: record.session.clone(),
            correlation: record.correlation.clone(),
        }
    }
}

impl Door {
    /// The use of a link that this record tells of, if it does. An accepted invitation is no door that others walk
    /// through after it.
    pub fn of(record: &Record) -> Option<Self> {
        let is_door = record.class == Class::Redeem && ends_with(&record.operation, "LinkUsed");
        is_door.then(|| Self {
            record: record.id,
            person: record.person.clone(),
            person_kind: record.person_kind,
            at: record.time,
            item: record.item.clone(),
            path: record.path.clone(),
            ip: record.ip.clone(),
            session: record.session.clone(),
            correlation: record.correlation.clone(),
            link: record.link.clone(),
            anyone_link: is_anyone_link_used(record),
        })
    }
}

fn is_anyone_link_used(record: &Record) -> bool {
    record.operation.eq_ignore_ascii_case("AnonymousLinkUsed")
}
