//! Names of the groups that the service keeps behind a link: `SharingLinks.{item}.{Kind}.{share id}`.
//!
//! The set of kinds is open: `AnonymousView`, `AnonymousEdit`, `OrganizationView`, `OrganizationEdit`, `Flexible` and
//! whatever comes.

use std::sync::Arc;

use super::ShareKind;
use crate::ascii::{ends_with, starts_with};
use crate::record::lower_id;

/// The name of a link's group, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkName<'a> {
    /// `ListItemUniqueId` of the shared item, lower case.
    pub item: Arc<str>,
    /// The kind as written.
    pub kind: &'a str,
    /// The share id, which is the `UniqueSharingId` of the link's records; lower case.
    pub link_id: Arc<str>,
}

impl<'a> LinkName<'a> {
    /// Reads the name of a group; `None` when it is not that of a link.
    pub fn parse(name: &'a str) -> Option<Self> {
        let mut parts = name.trim().split('.');
        let (Some(head), Some(item), Some(kind), Some(link_id), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        let read = Self { item: lower_id(item), kind, link_id: lower_id(link_id) };
        let is_whole = [&read.item, read.kind, &read.link_id].iter().all(|part| !part.is_empty());
        (is_whole && head.eq_ignore_ascii_case("SharingLinks")).then_some(read)
    }

    /// Whether only people of the organisation can use the link.
    pub fn is_company(&self) -> bool {
        starts_with(self.kind, "Organization")
    }

    /// The kind of way in; `None` for company links and for kinds that we do not know.
    pub fn share_kind(&self) -> Option<ShareKind> {
        if starts_with(self.kind, "Anonymous") {
            Some(ShareKind::Anyone)
        } else if self.kind.eq_ignore_ascii_case("Flexible") {
            Some(ShareKind::SpecificPeople)
        } else {
            None
        }
    }

    /// `View` or `Edit`, where the kind says it.
    pub fn permission(&self) -> Option<&'static str> {
        ["View", "Edit"].into_iter().find(|permission| ends_with(self.kind, permission))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_group_tells_item_kind_and_link() {
        for (kind, share_kind, permission, is_company) in [
            ("AnonymousView", Some(ShareKind::Anyone), Some("View"), false),
            ("anonymousedit", Some(ShareKind::Anyone), Some("Edit"), false),
            ("OrganizationView", None, Some("View"), true),
            ("OrganizationEdit", None, Some("Edit"), true),
            ("Flexible", Some(ShareKind::SpecificPeople), None, false),
            ("SomethingNew", None, None, false),
        ] {
            let name = format!("sharinglinks.AA-1.{kind}.BB-2");
            let read = LinkName::parse(&name).unwrap();
            assert_eq!((&*read.item, read.kind, &*read.link_id), ("aa-1", kind, "bb-2"));
            assert_eq!((read.share_kind(), read.permission(), read.is_company()), (share_kind, permission, is_company));
        }
    }

    #[test]
    fn other_groups_are_no_links() {
        for name in [
            "",
            "SharingLinks",
            "SharingLinks.a.Flexible",
            "SharingLinks.a.Flexible.b.c",
            "SharingLinks..x.y",
            // Found by fuzzing: blanks and braces are no item, although they are something.
            "SharingLinks.\t.AnonymousView.y",
            "SharingLinks.{ }.AnonymousView.y",
            "Site Members",
        ] {
            assert_eq!(LinkName::parse(name), None, "{name}");
        }
    }
}
