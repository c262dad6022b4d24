//! What one record says about links, before its gesture is looked at as a whole.
//!
//! Operations and their meaning: Microsoft, "Use sharing auditing in the audit log" and "Audit log activities" (sharing and
//! access request activities). The older names (`AccessInvitation…`, `SharedLink…`, `UserAddedToGroup`) mean the same.

use std::sync::Arc;

use super::event::{Change, Excluded, LinkRecipient};
use super::link_name::LinkName;
use super::{EndReason, ShareKind, event_data};
use crate::Record;
use crate::ascii::{contains, starts_with};
use crate::identity::{PersonKind, RecipientKind};

/// One statement of one record: what happened, to whom, on which link as far as the record alone tells.
#[derive(Debug, Clone)]
pub(super) struct Statement<'a> {
    pub(super) record: &'a Record,
    /// Which record of several that say the same is the headline: the smaller, the better.
    pub(super) rank: u8,
    pub(super) way: Way,
    pub(super) link: Option<Arc<str>>,
    pub(super) kind: Option<ShareKind>,
    pub(super) change: Change,
    pub(super) recipient: Option<LinkRecipient>,
    pub(super) permission: Option<Arc<str>>,
    pub(super) group: Option<Arc<str>>,
    pub(super) excluded: Option<Excluded>,
    /// Whether the record's object is what is shared; of a link's own group it is only the site.
    pub(super) is_on_item: bool,
}

/// What kind of thing a statement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// A link; without an id of its own the one that the gesture names.
    Link,
    /// An invitation or a permission: part of a link when the gesture puts the same recipient on one.
    Grant,
}

/// Headlines, best first (domain order: an anonymous link outranks everything that the service writes beside it).
mod rank {
    pub(super) const ANONYMOUS_LINK: u8 = 0;
    pub(super) const ADDED_TO_SECURE_LINK: u8 = 1;
    pub(super) const ADDED_TO_SHARING_LINK: u8 = 2;
    pub(super) const INVITATION: u8 = 3;
    pub(super) const PERMISSION: u8 = 4;
    pub(super) const GROUP: u8 = 5;
    pub(super) const SECURE_LINK: u8 = 6;
    pub(super) const SHARING_LINK: u8 = 7;
    pub(super) const OTHER: u8 = 8;
}

/// The permission of a share by which somebody administers a site.
pub const SITE_ADMINISTRATOR: &str = "SiteAdministrator";
/// Groups through which somebody is let into a site without being in one of its SharePoint groups.
const ADMINISTRATORS: &str = "site collection administrators";
const TEAM: &str = "team";

/// What the record says; nothing for records that are about no way in, and for the plumbing behind one.
pub(super) fn read(record: &Record) -> Vec<Statement<'_>> {
    use Change::{Accepted, Blocked, Changed, Made, RecipientAdded, RecipientRemoved, Removed, Requested, Seen};
    let anyone = Some(ShareKind::Anyone);
    let people = Some(ShareKind::SpecificPeople);
    let scope = record.scope.as_deref().and_then(kind_of_scope);
    let link = |rank, kind, change| vec![Statement { kind, ..statement(record, rank, Way::Link, change) }];
    let on_link = |rank, kind, change| each_target(record, kind, || statement(record, rank, Way::Link, change));
    let invited = |change| {
        each_target(record, Some(ShareKind::Invitation), || statement(record, rank::INVITATION, Way::Grant, change))
    };
    let taken_off = RecipientRemoved(EndReason::RecipientRemoved);
    let gone = Removed(EndReason::LinkRemoved);
    let mut said = match record.operation.to_ascii_lowercase().as_str() {
        "anonymouslinkcreated" => link(rank::ANONYMOUS_LINK, anyone, Made),
        "anonymouslinkupdated" => link(rank::SECURE_LINK, anyone, Changed),
        "anonymouslinkremoved" => link(rank::SECURE_LINK, anyone, gone),
        "anonymouslinkused" => link(rank::SECURE_LINK, anyone, Seen),
        "securelinkcreated" => link(rank::SECURE_LINK, people, Made),
        "securelinkupdated" => link(rank::SECURE_LINK, people, Changed),
        "securelinkdeleted" => link(rank::SECURE_LINK, people, gone),
        "addedtosecurelink" => on_link(rank::ADDED_TO_SECURE_LINK, people, RecipientAdded),
        "removedfromsecurelink" => on_link(rank::SECURE_LINK, people, taken_off),
        "securelinkused" => used(record, rank::SECURE_LINK, people),
        "sharinglinkcreated" => link(rank::SHARING_LINK, scope, Made),
        "sharinglinkupdated" => link(rank::SHARING_LINK, scope, Changed),
        "sharinglinkdeleted" => link(rank::SHARING_LINK, scope, gone),
        "addedtosharinglink" => on_link(rank::ADDED_TO_SHARING_LINK, scope, RecipientAdded),
        "removedfromsharinglink" => on_link(rank::SHARING_LINK, scope, taken_off),
        "sharinglinkused" => used(record, rank::SHARING_LINK, scope),
        "sharedlinkcreated" => link(rank::OTHER, None, Made),
        "sharedlinkdisabled" => link(rank::OTHER, None, gone),
        "companylinkcreated" => link(rank::OTHER, None, Made),
        "companylinkupdated" => link(rank::OTHER, None, Changed),
        "companylinkremoved" => link(rank::OTHER, None, gone),
        "companylinkused" => link(rank::OTHER, None, Seen),
        "sharingset" => permission(record),
        "sharinginvitationcreated" | "accessinvitationcreated" => invited(RecipientAdded),
        "sharinginvitationupdated" | "accessinvitationupdated" => invited(Changed),
        "sharinginvitationblocked" => invited(Blocked),
        "sharinginvitationrevoked" | "accessinvitationrevoked" => {
            invited(RecipientRemoved(EndReason::InvitationRevoked))
        }
        "accessinvitationexpired" => invited(RecipientRemoved(EndReason::Expired)),
        "sharinginvitationaccepted" | "accessinvitationaccepted" => accepted(record, Accepted),
        "sharingrevoked" if own_link(record).is_some() => {
            let revoked = on_link(rank::OTHER, None, RecipientRemoved(EndReason::Revoked));
            if revoked.is_empty() { link(rank::OTHER, None, Removed(EndReason::Revoked)) } else { revoked }
        }
        "addedtogroup" | "useraddedtogroup" => membership(record, group_name(record), RecipientAdded),
        "removedfromgroup" | "userremovedfromgroup" if own_link(record).is_some() => {
            membership(record, group_name(record), taken_off)
        }
        "sitecollectionadminadded" => administrators(record),
        "memberadded" => membership(record, Some(Arc::from(TEAM)), RecipientAdded),
        "accessrequestcreated" => requested(record, Requested),
        "accessrequestaccepted" | "accessrequestapproved" => {
            each_target(record, Some(ShareKind::Direct), || statement(record, rank::OTHER, Way::Grant, RecipientAdded))
        }
        _ => Vec::new(),
    };
    if is_company_link(record) {
        said.iter_mut().for_each(|said| said.excluded = Some(Excluded::CompanyLink));
    }
    // What is excluded is counted once, where it was given.
    said.retain(|said| matches!(said.excluded, None | Some(Excluded::CompanyLink)) || said.change == RecipientAdded);
    said
}

/// The kind of link that the record's name or scope tells of.
pub(super) fn kind_of_link(record: &Record) -> Option<ShareKind> {
    if contains(&record.operation, "AnonymousLink") {
        Some(ShareKind::Anyone)
    } else if contains(&record.operation, "SecureLink") {
        Some(ShareKind::SpecificPeople)
    } else {
        record.scope.as_deref().and_then(kind_of_scope)
    }
}

/// The link that the record names itself: `UniqueSharingId`, else a `SharingLinks.…` group that is its target or the group
/// that somebody was put into.
pub(super) fn own_link(record: &Record) -> Option<Arc<str>> {
    record.link.clone().or_else(|| link_group(record, |name| name.link_id.clone()))
}

/// Something about the `SharingLinks.…` group that the record names.
pub(super) fn link_group<T>(record: &Record, what: impl Fn(&LinkName<'_>) -> T) -> Option<T> {
    if let Some(name) = record.targets.iter().find_map(|(name, _)| LinkName::parse(name)) {
        return Some(what(&name));
    }
    let group = event_data::group(record.event_data.as_deref()?)?;
    LinkName::parse(&group).map(|name| what(&name))
}

/// Whether the record belongs to what the service sets up behind a link: no share, but evidence of one.
pub(super) fn is_plumbing(record: &Record) -> bool {
    let is = |name: &str| record.operation.eq_ignore_ascii_case(name);
    let names_plumbing = || record.targets.iter().any(|(_, target)| target.kind == RecipientKind::Plumbing);
    is("SharingInheritanceBroken")
        || is("SharingSet") && (names_plumbing() || is_limited(record))
        || is("AddedToGroup") && (names_plumbing() || is_limited_group(record))
}

/// The SharePoint group into which or out of which somebody was put, lower case.
pub(super) fn group_name(record: &Record) -> Option<Arc<str>> {
    let group = event_data::group(record.event_data.as_deref()?)?;
    Some(Arc::from(group.to_lowercase()))
}

/// The group that a membership operation is about: `None` when it says none.
pub(super) fn membership_group(record: &Record) -> Option<Arc<str>> {
    if starts_with(&record.operation, "SiteCollectionAdmin") {
        Some(Arc::from(ADMINISTRATORS))
    } else if starts_with(&record.operation, "Member") {
        Some(Arc::from(TEAM))
    } else {
        group_name(record)
    }
}

fn statement(record: &Record, rank: u8, way: Way, change: Change) -> Statement<'_> {
    let permission = record.event_data.as_deref().and_then(event_data::permission).map(Arc::from);
    Statement {
        record,
        rank,
        way,
        link: own_link(record),
        kind: None,
        change,
        recipient: None,
        permission,
        group: None,
        excluded: None,
        is_on_item: true,
    }
}

/// One statement a target; conflicting targets of one record are both recipients.
fn each_target<'a>(
    record: &'a Record,
    kind: Option<ShareKind>,
    made: impl Fn() -> Statement<'a>,
) -> Vec<Statement<'a>> {
    let statements = record.targets.iter().filter_map(|(_, target)| {
        if target.kind == RecipientKind::Plumbing || target.canonical.is_empty() {
            return None;
        }
        let recipient = LinkRecipient {
            canonical: Arc::from(target.canonical.as_str()),
            kind: target.kind,
            domain: target.domain.as_deref().map(Arc::from),
        };
        let excluded = excluded(target.kind, record.person_kind);
        Some(Statement { kind, recipient: Some(recipient), excluded, ..made() })
    });
    statements.collect()
}

/// Why a recipient makes no share with outsiders. The service's own actors count where a guest or everyone is the target,
/// but the groups that they put into a new site are how every site begins.
fn excluded(recipient: RecipientKind, actor: PersonKind) -> Option<Excluded> {
    match recipient {
        RecipientKind::Person(kind) if kind.is_outside() => None,
        RecipientKind::Person(_) => Some(Excluded::Insider),
        RecipientKind::AllInsiders => Some(Excluded::AllInsiders),
        RecipientKind::Group if matches!(actor, PersonKind::System | PersonKind::Application) => {
            Some(Excluded::Provisioned)
        }
        RecipientKind::Group | RecipientKind::Anyone | RecipientKind::Plumbing => None,
    }
}

/// The actor, as the one who used or asked for a way in.
fn actor(record: &Record) -> Option<LinkRecipient> {
    let canonical = Arc::clone(&record.person);
    let domain = canonical.rsplit_once('@').map(|(_, domain)| Arc::from(domain));
    let named = !canonical.is_empty();
    named.then_some(LinkRecipient { canonical, kind: RecipientKind::Person(record.person_kind), domain })
}

/// The use of a link that names who may use it. Which link a neutral record means, and so whether an insider's use tells
/// anything, is seen only in the gesture.
fn used(record: &Record, rank: u8, kind: Option<ShareKind>) -> Vec<Statement<'_>> {
    let is_anonymous = record.person_kind == PersonKind::Anonymous;
    let kind = if is_anonymous && kind.is_none() { Some(ShareKind::Anyone) } else { kind };
    vec![Statement { kind, recipient: actor(record), ..statement(record, rank, Way::Link, Change::Seen) }]
}

/// `SharingSet`: a permission for a person or group, or for the group behind a link.
fn permission(record: &Record) -> Vec<Statement<'_>> {
    if let Some((kind, permission)) = link_group(record, |name| (name.share_kind(), name.permission())) {
        let said = statement(record, rank::OTHER, Way::Link, Change::Made);
        let permission = permission.map(Arc::from).or(said.permission);
        return vec![Statement { kind, permission, ..said }];
    }
    if is_limited(record) {
        return Vec::new();
    }
    each_target(record, Some(ShareKind::Direct), || {
        statement(record, rank::PERMISSION, Way::Grant, Change::RecipientAdded)
    })
}

/// The actor accepts; the target, where there is one, is who was invited.
fn accepted(record: &Record, change: Change) -> Vec<Statement<'_>> {
    let made = || statement(record, rank::INVITATION, Way::Grant, change);
    let kind = Some(ShareKind::Invitation);
    let named = each_target(record, kind, made);
    if !named.is_empty() {
        return named;
    }
    let accepting = actor(record).filter(|_| record.person_kind.is_outside());
    accepting.map(|recipient| Statement { kind, recipient: Some(recipient), ..made() }).into_iter().collect()
}

fn requested(record: &Record, change: Change) -> Vec<Statement<'_>> {
    let asking = actor(record).filter(|_| record.person_kind.is_outside());
    let kind = Some(ShareKind::Direct);
    let made = |recipient| Statement { kind, recipient, ..statement(record, rank::OTHER, Way::Grant, change) };
    asking.map(|asking| made(Some(asking))).into_iter().collect()
}

/// Into or out of a group: that of a link, one of the site's, or one that is only plumbing.
fn membership(record: &Record, group: Option<Arc<str>>, change: Change) -> Vec<Statement<'_>> {
    if let Some(kind) = link_group(record, |name| name.share_kind()) {
        return each_target(record, kind, || Statement {
            is_on_item: false,
            ..statement(record, rank::GROUP, Way::Link, change)
        });
    }
    if is_limited_group(record) || record.item.is_none() {
        return Vec::new();
    }
    each_target(record, Some(ShareKind::SiteMembership), || Statement {
        group: group.clone(),
        ..statement(record, rank::GROUP, Way::Grant, change)
    })
}

/// Whoever becomes administrator of a site may do everything in it; the record bears no permission that says so.
fn administrators(record: &Record) -> Vec<Statement<'_>> {
    let mut said = membership(record, Some(Arc::from(ADMINISTRATORS)), Change::RecipientAdded);
    said.iter_mut().for_each(|said| said.permission = Some(Arc::from(SITE_ADMINISTRATOR)));
    said
}

fn is_limited(record: &Record) -> bool {
    record.event_data.as_deref().and_then(event_data::permission).is_some_and(|permission| {
        starts_with(&permission, "Limited Access") || starts_with(&permission, "System.Limited")
    })
}

fn is_limited_group(record: &Record) -> bool {
    group_name(record).is_some_and(|group| starts_with(&group, "limited access system group"))
}

pub(super) fn is_company_link(record: &Record) -> bool {
    starts_with(&record.operation, "CompanyLink")
        || record.scope.as_deref().is_some_and(|scope| contains(scope, "organization") || contains(scope, "company"))
        || link_group(record, |name| name.is_company()).unwrap_or(false)
}

/// `SharingLinkScope`: an open set, of which `Anonymous` is certain.
pub(super) fn kind_of_scope(scope: &str) -> Option<ShareKind> {
    if contains(scope, "anonymous") || contains(scope, "anyone") {
        Some(ShareKind::Anyone)
    } else if contains(scope, "users") || contains(scope, "people") {
        Some(ShareKind::SpecificPeople)
    } else {
        None
    }
}
