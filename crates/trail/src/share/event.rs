//! What happened to a link, as one gesture tells it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{EndReason, ShareKind};
use crate::identity::RecipientKind;
use crate::{RecordId, TimeMs};

/// Something that happened to a link, an invitation or a grant, as one gesture tells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinkEvent {
    /// The link: `UniqueSharingId`; else the share id of a `SharingLinks.…` group in the same gesture; else 32 hex digits
    /// of a hash of item, recipient and kind. Lower case.
    pub link_id: Arc<str>,
    /// Its kind, as far as the gesture tells.
    pub kind: Option<ShareKind>,
    /// What happened.
    pub change: Change,
    /// To whom; `None`: to the link as a whole.
    pub recipient: Option<LinkRecipient>,
    /// `View`, `Edit`, … as written.
    pub permission: Option<Arc<str>>,
    /// When it will run out, where the gesture says so.
    pub expires_at: Option<TimeMs>,
    /// Key of the item; `None` where only the link's own group was named.
    pub item: Option<Arc<str>>,
    /// The item's normalised URL.
    pub path: Option<Arc<str>>,
    /// The item's URL as received.
    pub url: Option<Arc<str>>,
    /// The item's name.
    pub name: Option<Arc<str>>,
    /// The item's type.
    pub item_type: Option<Arc<str>>,
    /// The site's URL.
    pub site: Option<Arc<str>>,
    /// The SharePoint group or office through which a membership goes; somebody may be in several.
    pub group: Option<Arc<str>>,
    /// Canonical identity of the actor.
    pub by: Arc<str>,
    /// When the record that says it best was written.
    pub at: TimeMs,
    /// The id of that record; breaks ties between events of one instant.
    pub record: RecordId,
    /// All records of the gesture that are about it, in order of (time, id).
    pub evidence: Vec<(TimeMs, RecordId)>,
    /// Why this makes no share with outsiders; such events are only counted.
    pub excluded: Option<Excluded>,
}

/// Whom a link event is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LinkRecipient {
    /// Canonical identity.
    pub canonical: Arc<str>,
    /// What it is.
    pub kind: RecipientKind,
    /// Mail domain, lower case.
    pub domain: Option<Arc<str>>,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Change {
    /// The link was made.
    Made,
    /// Somebody was put on it, invited, or given a permission.
    RecipientAdded,
    /// An outsider asked for access: no way in until it is granted.
    Requested,
    /// The invitation was accepted; `by` is who accepted, `recipient` who was invited.
    Accepted,
    /// Expiry, permission or password changed.
    Changed,
    /// The recipient's way in ended.
    RecipientRemoved(EndReason),
    /// The whole link ended.
    Removed(EndReason),
    /// Policy stopped it.
    Blocked,
    /// It was used, so it was there.
    Seen,
    /// An inventory lists it as being there.
    Listed,
}

/// Why an event makes no share with outsiders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Excluded {
    /// The recipient is one of ours, or the service itself.
    Insider,
    /// *Everyone except external users*.
    AllInsiders,
    /// A "people in your organisation" link: not usable from outside.
    CompanyLink,
    /// A group that the service itself put into place, as it does for every new site.
    Provisioned,
}

impl Excluded {
    /// The value of the column `Reason` of the report `excluded`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Insider => "share_with_insider",
            Self::AllInsiders => "share_with_all_insiders",
            Self::CompanyLink => "company_link",
            Self::Provisioned => "group_of_new_site",
        }
    }

    /// The reason in words, to follow a number of grants.
    pub fn words(self) -> &'static str {
        match self {
            Self::Insider => "are grants to people inside",
            Self::AllInsiders => "are grants to everyone except external users",
            Self::CompanyLink => "make links for people inside the organisation",
            Self::Provisioned => "set up the groups of a new site",
        }
    }
}
