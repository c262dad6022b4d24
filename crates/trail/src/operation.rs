//! What kind of thing an operation is: opening a file, opening a door to it, or neither.
//!
//! Names are compared without case (Office 365 Management Activity API schema: `Operation`). The list of operations is
//! open: a name we do not know is [`Class::Other`], or, when it plainly speaks of sharing or of labels, a class that is
//! kept and concludes nothing.

mod table;

use table::TABLE;

use crate::ascii::{contains, ends_with, starts_with};

/// What was done to an item, in the words of our rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Opened, viewed.
    Read,
    /// Previewed: also hover cards, thumbnails and pre-fetching, so no proof that a person saw it.
    WeakRead,
    /// Downloaded, synced down, copied: a copy left.
    Take,
    /// Modified, uploaded, renamed, moved, checked in or out, restored.
    Change,
    /// Deleted.
    Delete,
    /// A page, list, folder or search view.
    Browse,
    /// A door was opened: a link used, an invitation accepted. Not counted among files reached.
    Redeem,
}

impl Action {
    /// The value of the column `Action`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::WeakRead => "weak_read",
            Self::Take => "take",
            Self::Change => "change",
            Self::Delete => "delete",
            Self::Browse => "browse",
            Self::Redeem => "redeem",
        }
    }
}

/// What an operation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Somebody did this to an item, and nothing else follows from it.
    Access(Action),
    /// A download: [`Action::Take`], unless a service fetched the file on behalf of somebody who only opened it.
    Download,
    /// A link was used or an invitation accepted.
    Redeem,
    /// A way in was made, or somebody was put on it.
    Share,
    /// A way in was changed: its expiry, type, or the unique permissions that carry it.
    ShareChange,
    /// A way in ended, for everybody or for somebody.
    ShareEnd,
    /// Sharing was attempted and stopped by policy: no exposure.
    ShareBlocked,
    /// Somebody asked for access, or was answered.
    AccessRequest,
    /// A sharing operation by its name, but one that we do not know: kept, concludes nothing.
    ShareUnknown,
    /// No operation of anybody: an inventory lists who may reach an item ([`LISTED`]).
    Listing,
    /// "People in your organisation" links: not usable from outside.
    CompanyLink,
    /// An item moved or was renamed; for its actor also [`Action::Change`].
    Move,
    /// An item was deleted; for its actor also [`Action::Delete`].
    Delete,
    /// A deleted item came back; for its actor also [`Action::Change`].
    Restore,
    /// A sensitivity label of a file or a site.
    Label,
    /// Administrators, permission groups and sharing policies of sites.
    SiteAdministration,
    /// Membership of a team or a directory group, or a guest account: a way into a whole site.
    Membership,
    /// A library was or was not allowed to be synced to a device.
    SyncRelation,
    /// A content policy of data loss prevention matched a file, or no longer does.
    Policy,
    /// Malware found in a file.
    Finding,
    /// Folder modifications, lists, columns and content types: side effects of other things.
    SideEffect,
    /// Anything else.
    Other,
}

impl Class {
    /// What the actor did to the item, when the operation is an access at all.
    pub fn action(self) -> Option<Action> {
        match self {
            Self::Access(action) => Some(action),
            Self::Download => Some(Action::Take),
            Self::Redeem => Some(Action::Redeem),
            Self::Move | Self::Restore => Some(Action::Change),
            Self::Delete => Some(Action::Delete),
            Self::Share
            | Self::ShareChange
            | Self::ShareEnd
            | Self::ShareBlocked
            | Self::AccessRequest
            | Self::ShareUnknown
            | Self::Listing
            | Self::CompanyLink
            | Self::Label
            | Self::SiteAdministration
            | Self::Membership
            | Self::SyncRelation
            | Self::Policy
            | Self::Finding
            | Self::SideEffect
            | Self::Other => None,
        }
    }

    /// Whether it makes, changes, ends or uses a way in. Such operations by system and application actors count too.
    pub fn is_sharing(self) -> bool {
        matches!(
            self,
            Self::Redeem
                | Self::Share
                | Self::ShareChange
                | Self::ShareEnd
                | Self::ShareBlocked
                | Self::AccessRequest
                | Self::ShareUnknown
                | Self::Listing
                | Self::CompanyLink
        )
    }
}

/// What we call an entry of an inventory of shared files, which bears no operation. No service writes this name, and none
/// is asked for it.
pub const LISTED: &str = "SharedFileListed";

/// The class of an operation, whatever its case.
pub fn classify(operation: &str) -> Class {
    let found = TABLE.binary_search_by(|(name, _)| {
        // Byte by byte and without case, which is the order of the table.
        let ours = name.bytes().map(|byte| byte.to_ascii_lowercase());
        ours.cmp(operation.bytes().map(|byte| byte.to_ascii_lowercase()))
    });
    match found.ok().and_then(|position| TABLE.get(position)) {
        Some((_, class)) => *class,
        None => classify_unknown(operation),
    }
}

/// New operations appear without notice; their names follow the pattern of the old ones.
fn classify_unknown(operation: &str) -> Class {
    if operation.eq_ignore_ascii_case(LISTED) {
        Class::Listing
    } else if starts_with(operation, "CompanyLink") {
        Class::CompanyLink
    } else if ends_with(operation, "LinkUsed") {
        Class::Redeem
    } else if contains(operation, "SensitivityLabel") {
        Class::Label
    } else if starts_with(operation, "Sharing")
        || ["AnonymousLink", "SecureLink", "SharingLink", "SharedLink"].iter().any(|part| contains(operation, part))
    {
        Class::ShareUnknown
    } else {
        Class::Other
    }
}

/// Whether the record continues an earlier one (`FileAccessedExtended`): the service writes it for access that goes on.
pub fn is_extended(operation: &str) -> bool {
    ends_with(operation, "Extended")
}

/// Whether records of this class are kept whoever acted: sharing, link, label, content policy, move, rename, delete and
/// site-administration operations.
pub fn is_relevant(class: Class) -> bool {
    class.is_sharing()
        || matches!(
            class,
            Class::Move
                | Class::Delete
                | Class::Restore
                | Class::Label
                | Class::Policy
                | Class::SiteAdministration
                | Class::Membership
        )
}

/// Whether a record of a content policy is about a file in SharePoint or OneDrive (`RecordType` 11 and 33); those of
/// mailboxes and of people's own devices are a multitude and none of our files.
pub fn is_policy_of_file(record_type: Option<i64>) -> bool {
    matches!(record_type, Some(11 | 33))
}

/// The operations that we know by name and that can matter to the question: what outsiders do to items, and whatever
/// concerns ways in, moves, deletions and labels. For services that filter by name; the list of operations is open, so
/// who asks by it misses what is new.
pub fn needed() -> impl Iterator<Item = &'static str> {
    let is_needed = |class: Class| class.action().is_some() || class == Class::Download || is_relevant(class);
    TABLE.iter().filter(move |(_, class)| is_needed(*class)).map(|(name, _)| *name)
}

/// Whether an invitation was accepted: the records of the report `accepts`.
///
/// `event_type_name` is Defender for Cloud Apps' `eventTypeName`; from other sources the operation tells.
pub fn is_accept(operation: &str, event_type_name: Option<&str>) -> bool {
    event_type_name == Some("EVENT_CATEGORY_ACCEPT_SHARE_FILE")
        || ["SharingInvitationAccepted", "AccessInvitationAccepted"]
            .iter()
            .any(|name| operation.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_without_case_and_has_no_doubles() {
        let names: Vec<_> = TABLE.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
        for pair in names.windows(2) {
            assert!(pair[0] < pair[1], "{} before {}", pair[0], pair[1]);
        }
    }

    #[test]
    fn every_name_of_the_table_is_found_in_any_case() {
        for (name, class) in TABLE {
            for spelling in [(*name).to_owned(), name.to_ascii_lowercase(), name.to_ascii_uppercase()] {
                assert_eq!(classify(&spelling), *class, "{spelling}");
            }
        }
    }

    #[test]
    fn operations_do_to_files_what_their_names_say() {
        for (operation, expected) in [
            ("FileAccessed", Some(Action::Read)),
            ("FileAccessedExtended", Some(Action::Read)),
            ("fileviewed", Some(Action::Read)),
            ("FilePreviewed", Some(Action::WeakRead)),
            ("FileDownloaded", Some(Action::Take)),
            ("FileSyncDownloadedFull", Some(Action::Take)),
            ("FileCopied", Some(Action::Take)),
            ("FileModifiedExtended", Some(Action::Change)),
            ("FileRenamed", Some(Action::Change)),
            ("FolderMoved", Some(Action::Change)),
            ("FileRestored", Some(Action::Change)),
            ("FileRecycled", Some(Action::Delete)),
            ("ListViewed", Some(Action::Browse)),
            ("SecureLinkUsed", Some(Action::Redeem)),
            ("AnonymousLinkUsed", Some(Action::Redeem)),
            ("SharingLinkUsed", Some(Action::Redeem)),
            ("SomeNewLinkUsed", Some(Action::Redeem)),
            ("SharingInvitationAccepted", Some(Action::Redeem)),
            ("AccessInvitationAccepted", Some(Action::Redeem)),
            ("CompanyLinkUsed", None),
            ("FolderModified", None),
            ("ListColumnCreated", None),
            ("SharingSet", None),
            ("FileSensitivityLabelApplied", None),
            ("UserLoggedIn", None),
            ("", None),
            ("é", None),
        ] {
            assert_eq!(classify(operation).action(), expected, "{operation}");
        }
    }

    #[test]
    fn what_shows_or_changes_who_may_get_in_is_kept_whoever_did_it() {
        for operation in [
            "SharingSet",
            "AnonymousLinkCreated",
            "SecureLinkUsed",
            "CompanyLinkCreated",
            "SharingSomethingNew",
            "FileSensitivityLabelRemoved",
            "SensitivityLabelNewThing",
            "FileMoved",
            "FolderRenamed",
            "FileDeleted",
            "FileRestored",
            "SiteCollectionAdminAdded",
            "SharingPolicyChanged",
            "MemberAdded",
            "Add member to group.",
        ] {
            assert!(is_relevant(classify(operation)), "{operation}");
        }
        for operation in ["FileAccessed", "FileModified", "PageViewed", "ListUpdated", "FolderModified", "UserLoggedIn"]
        {
            assert!(!is_relevant(classify(operation)), "{operation}");
        }
    }

    #[test]
    fn only_extended_operations_are_extended() {
        for (operation, expected) in [
            ("FileAccessedExtended", true),
            ("filemodifiedextended", true),
            ("FileAccessed", false),
            ("Extended", true),
            ("", false),
            ("Ünded", false),
        ] {
            assert_eq!(is_extended(operation), expected, "{operation}");
        }
    }

    #[test]
    fn an_acceptance_is_told_by_the_category_or_by_the_operation() {
        assert!(is_accept("Whatever", Some("EVENT_CATEGORY_ACCEPT_SHARE_FILE")));
        assert!(is_accept("sharinginvitationaccepted", None));
        assert!(is_accept("AccessInvitationAccepted", Some("EVENT_CATEGORY_UNSPECIFIED")));
        assert!(!is_accept("SecureLinkUsed", None));
    }
}
