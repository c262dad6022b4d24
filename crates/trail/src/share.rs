//! Shares: ways in, each for one recipient or for anyone, with a life from the records that tell of it.
//!
//! The way of a record: [`gestures`] puts together what one click wrote; [`link_events`] says what a gesture did to
//! which link; [`item_change`] says what a record did to an item and so to the links on it and below it; [`shares`]
//! tells the life of one link from both. What an inventory lists goes the same way, but for what [`beyond`] leaves out
//! because it is known otherwise. [`event_data`] and [`link_name`] read the two odd texts that records carry.

mod alias;
mod difference;
mod event;
pub mod event_data;
mod gesture;
mod item_change;
mod key;
mod known_links;
mod life;
pub mod link_name;
mod listing;
mod merge;
mod plumbing;
mod reading;
mod recipient;
mod site;
mod state;
mod whereabouts;

pub use alias::{Alias, aliases};
pub use difference::differs_from;
pub use event::{Change, Excluded, LinkEvent, LinkRecipient};
pub use gesture::{CORRELATED_SPAN_MS, GESTURE_SPAN_MS, gestures};
pub use item_change::{ItemChange, ItemEvent, item_change};
pub use key::share_id;
pub use life::shares;
pub use listing::beyond;
pub use merge::link_events;
pub use reading::SITE_ADMINISTRATOR;
pub use state::{Cover, State, state_at};

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::identity::RecipientKind;
use crate::{RecordId, TimeMs};

/// One way in. Every time is that of the record that says so; nothing here depends on when it is worked out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// The link: `UniqueSharingId`, or what stands for it (a hash of site, object, recipient and kind).
    pub link_id: Arc<str>,
    /// `link_id` for anyone, else `link_id:<hash of the canonical recipient>`.
    pub share_id: Arc<str>,
    /// What kind of way in.
    pub kind: ShareKind,
    /// `View`, `Edit`, … as far as the records tell.
    pub permission: Option<Arc<str>>,
    /// Canonical identity of the recipient; `None` for anyone.
    pub recipient: Option<Arc<str>>,
    /// What the recipient is.
    pub recipient_kind: RecipientKind,
    /// Mail domain of the recipient.
    pub domain: Option<Arc<str>>,
    /// Key of the shared item.
    pub item: Arc<str>,
    /// Its URL as received, at the latest record of the share.
    pub url: Option<Arc<str>>,
    /// Its name.
    pub name: Option<Arc<str>>,
    /// Its type.
    pub item_type: Option<Arc<str>>,
    /// Its site.
    pub site: Option<Arc<str>>,
    /// Where the item was when: normalised URLs in order of time. Moves and renames of the item and of the folders
    /// above it make new ones.
    pub places: Vec<Place>,
    /// Canonical identity of who shared; `None` when the making was not seen.
    pub shared_by: Option<Arc<str>>,
    /// When it was made; `None` when that was not seen.
    pub shared_at: Option<TimeMs>,
    /// The first sign of it, which is `shared_at` when the making was seen.
    pub first_sign_at: TimeMs,
    /// When the invitation was accepted.
    pub accepted_at: Option<TimeMs>,
    /// When it ended, and why; an `expired` end lies where the records put it, perhaps in the future.
    pub end: Option<(TimeMs, EndReason)>,
    /// Spans in which the share slept: the item lay in the recycle bin, or the share had ended and was given again. An
    /// open end means that it still sleeps. In order of time, without overlaps.
    pub dormant: Vec<(TimeMs, Option<TimeMs>)>,
    /// Stopped by policy before it let anybody in.
    pub blocked: bool,
    /// Known from an inventory alone: it was there when it was listed, and nobody recorded how it came to be.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_listed: bool,
    /// Ids of the records that it rests on, in order of (time, id).
    pub evidence: Vec<RecordId>,
}

/// Where an item was from when to when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Normalised URL.
    pub path: Arc<str>,
    /// From; `None`: since before the first sign.
    pub from: Option<TimeMs>,
    /// Until; `None`: still.
    pub to: Option<TimeMs>,
}

/// Column `ShareKind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ShareKind {
    /// Whoever has the link.
    Anyone,
    /// A link for named people.
    SpecificPeople,
    /// An invitation, typically to a site.
    Invitation,
    /// A permission given to a directory user without a link.
    Direct,
    /// Membership of a site's group, team or administrators.
    SiteMembership,
    /// The records do not tell.
    Unknown,
}

impl ShareKind {
    /// The value of the column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Anyone => "anyone",
            Self::SpecificPeople => "specific_people",
            Self::Invitation => "invitation",
            Self::Direct => "direct",
            Self::SiteMembership => "site_membership",
            Self::Unknown => "unknown",
        }
    }
}

/// Column `EndReason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum EndReason {
    /// The link was removed or deleted.
    LinkRemoved,
    /// The recipient was taken off.
    RecipientRemoved,
    /// Sharing was revoked.
    Revoked,
    /// The invitation was withdrawn before it was accepted.
    InvitationRevoked,
    /// The item was deleted for good.
    ItemDeleted,
    /// The item's own permissions were reset.
    InheritanceReset,
    /// It ran out.
    Expired,
    /// An inventory that had listed it lists the item without it.
    NoLongerListed,
}

impl EndReason {
    /// The value of the column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LinkRemoved => "link_removed",
            Self::RecipientRemoved => "recipient_removed",
            Self::Revoked => "revoked",
            Self::InvitationRevoked => "invitation_revoked",
            Self::ItemDeleted => "item_deleted",
            Self::InheritanceReset => "inheritance_reset",
            Self::Expired => "expired",
            Self::NoLongerListed => "no_longer_listed",
        }
    }
}
