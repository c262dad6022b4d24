//! What a record does to an item, and so to every share on it or above which it lies.

use std::sync::Arc;

use crate::identity::RecipientKind;
use crate::operation::Class;
use crate::share::{ShareKind, event_data, reading};
use crate::{Record, RecordId, TimeMs};

/// A change of an item: of a shared item itself, or of a folder or site above it.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemChange {
    /// When.
    pub at: TimeMs,
    /// The record that says so.
    pub record: RecordId,
    /// Canonical identity of the actor.
    pub by: Arc<str>,
    /// The item's key.
    pub item: Option<Arc<str>>,
    /// The item's normalised URL before the change.
    pub path: Option<Arc<str>>,
    /// What happened.
    pub what: ItemEvent,
}

/// What happened to an item.
#[derive(Debug, Clone, PartialEq)]
pub enum ItemEvent {
    /// It moved or was renamed, and all below it with it. Normalised URLs.
    Moved {
        /// Where it was.
        from: Arc<str>,
        /// Where it is.
        to: Arc<str>,
    },
    /// It was deleted.
    Deleted {
        /// Out of the last recycle bin; otherwise it may come back.
        for_good: bool,
    },
    /// It came back from a recycle bin.
    Restored,
    /// Its own permissions were given up for inherited ones: every share of just this item ends. That it ends links, too,
    /// is inferred; a caller that does not want it leaves these changes out.
    PermissionsReset,
    /// A request for access to it was granted, by a record that does not name whose.
    RequestGranted,
    /// Sharing it with these people was revoked, by a record that names no link.
    Revoked {
        /// Canonical identities.
        recipients: Vec<Arc<str>>,
    },
    /// A link to it was removed, or these people were taken off it, by a record that does not name the link.
    LinkEnded {
        /// Canonical identities; empty: the link as a whole.
        recipients: Vec<Arc<str>>,
        /// Which kind of link, as far as the record tells.
        kind: Option<ShareKind>,
    },
    /// These people were taken out of a group of the site.
    LeftGroup {
        /// Canonical identities.
        recipients: Vec<Arc<str>>,
        /// The group, lower case; `None`: the record does not say.
        group: Option<Arc<str>>,
    },
    /// These guests may now stay in this site until then.
    StayChanged {
        /// Canonical identities.
        recipients: Vec<Arc<str>>,
        /// The new end.
        until: TimeMs,
    },
}

impl ItemEvent {
    /// Whether it concerns what lies below the item as well.
    pub fn reaches_below(&self) -> bool {
        match self {
            Self::Moved { .. } | Self::Deleted { .. } | Self::Restored | Self::StayChanged { .. } => true,
            Self::PermissionsReset
            | Self::RequestGranted
            | Self::Revoked { .. }
            | Self::LinkEnded { .. }
            | Self::LeftGroup { .. } => false,
        }
    }

    /// Whose shares alone it concerns; `None`: everybody's.
    pub fn recipients(&self) -> Option<&[Arc<str>]> {
        match self {
            Self::Revoked { recipients }
            | Self::LeftGroup { recipients, .. }
            | Self::StayChanged { recipients, .. } => Some(recipients),
            Self::LinkEnded { recipients, .. } => Some(recipients.as_slice()).filter(|named| !named.is_empty()),
            Self::Moved { .. }
            | Self::Deleted { .. }
            | Self::Restored
            | Self::PermissionsReset
            | Self::RequestGranted => None,
        }
    }
}

/// Operations that take somebody out of a group of a site.
const LEAVING: [&str; 4] = ["RemovedFromGroup", "UserRemovedFromGroup", "SiteCollectionAdminRemoved", "MemberRemoved"];

/// Operations that end a link, or somebody's place on it.
const ENDING: [&str; 6] = [
    "AnonymousLinkRemoved",
    "SecureLinkDeleted",
    "SharingLinkDeleted",
    "SharedLinkDisabled",
    "RemovedFromSecureLink",
    "RemovedFromSharingLink",
];

fn is_end_of_link(record: &Record) -> bool {
    ENDING.iter().any(|name| record.operation.eq_ignore_ascii_case(name))
}

/// What this record changes about its item, if it does.
pub fn item_change(record: &Record) -> Option<ItemChange> {
    let operation = record.operation.as_ref();
    let is = |name: &str| operation.eq_ignore_ascii_case(name);
    let what = match record.class {
        Class::Move => ItemEvent::Moved { from: record.path.clone()?, to: record.destination.clone()? },
        // Out of the first recycle bin an item falls into the second, from which an administrator still restores it.
        Class::Delete => ItemEvent::Deleted { for_good: crate::ascii::contains(operation, "SecondStage") },
        Class::Restore => ItemEvent::Restored,
        Class::SiteAdministration if is("SiteDeleted") => ItemEvent::Deleted { for_good: false },
        Class::ShareEnd if is("SharingInheritanceReset") => ItemEvent::PermissionsReset,
        Class::ShareEnd if is("SharingRevoked") && reading::own_link(record).is_none() => {
            ItemEvent::Revoked { recipients: recipients(record)? }
        }
        Class::ShareEnd
            if is_end_of_link(record) && reading::own_link(record).is_none() && !reading::is_company_link(record) =>
        {
            ItemEvent::LinkEnded {
                recipients: if crate::ascii::starts_with(operation, "RemovedFrom") {
                    recipients(record)?
                } else {
                    Vec::new()
                },
                kind: reading::kind_of_link(record),
            }
        }
        Class::ShareEnd | Class::SiteAdministration | Class::Membership
            if LEAVING.iter().any(|name| is(name)) && reading::own_link(record).is_none() =>
        {
            ItemEvent::LeftGroup { recipients: recipients(record)?, group: reading::membership_group(record) }
        }
        Class::ShareChange if is("UserExpirationChanged") => ItemEvent::StayChanged {
            recipients: recipients(record)?,
            until: event_data::expires_at(record.event_data.as_deref()?)?,
        },
        Class::AccessRequest
            if (is("AccessRequestAccepted") || is("AccessRequestApproved")) && recipients(record).is_none() =>
        {
            ItemEvent::RequestGranted
        }
        _ => return None,
    };
    if record.item.is_none() && record.path.is_none() {
        return None;
    }
    Some(ItemChange {
        at: record.time,
        record: record.id,
        by: Arc::clone(&record.person),
        item: record.item.clone(),
        path: record.path.clone(),
        what,
    })
}

/// Whom the record names; `None` when nobody.
fn recipients(record: &Record) -> Option<Vec<Arc<str>>> {
    let mut named: Vec<Arc<str>> = record
        .targets
        .iter()
        .filter(|(_, target)| target.kind != RecipientKind::Plumbing && !target.canonical.is_empty())
        .map(|(_, target)| Arc::from(target.canonical.as_str()))
        .collect();
    named.sort_unstable();
    named.dedup();
    (!named.is_empty()).then_some(named)
}
