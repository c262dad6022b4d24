//! How sharing is logged: one click of an employee writes many records, of which one or two say what happened.

use super::cast::{Employee, Item, Recipient};
use super::event::{Event, Target};
use super::guid::Guid;
use super::ledger::ShareRef;
use super::plot::{Plot, Visit};
use super::truth::TrueShare;

/// `EventData` of a link.
fn link_data(permission: &str) -> Option<String> {
    Some(format!("<Type>{permission}</Type><MembersCanShareApplied>False</MembersCanShareApplied>"))
}

/// `EventData` of a permission.
fn permission_data(permission: &str) -> Option<String> {
    Some(format!(
        "<Permissions granted>{permission}</Permissions granted><MembersCanShareApplied>False</MembersCanShareApplied>"
    ))
}

impl Plot<'_> {
    /// Notes a share in the truth.
    pub(crate) fn share(
        &mut self,
        link_id: String,
        kind: &str,
        recipient: Option<&str>,
        item_id: String,
        owner: &Employee,
        at_ms: i64,
    ) -> ShareRef {
        self.shares.push(TrueShare {
            link_id,
            kind: kind.to_owned(),
            recipient: recipient.map(str::to_owned),
            item_id,
            shared_by: owner.actor.0.user_id.to_lowercase(),
            shared_at_ms: at_ms,
            ended_at_ms: None,
            end_reason: None,
            used: false,
        });
        ShareRef(self.shares.len() - 1)
    }

    /// Notes that a share ended.
    pub(crate) fn ends(&mut self, share: ShareRef, at_ms: i64, reason: &str) {
        if let Some(share) = self.shares.get_mut(share.0) {
            share.ended_at_ms = Some(at_ms);
            share.end_reason = Some(reason.to_owned());
        }
    }

    /// `UniqueSharingId` of a link that [`Self::makes_anyone_link`] or [`Self::shares_with`] made.
    pub(crate) fn link_of(&self, share: ShareRef) -> Option<Guid> {
        let text = &self.shares.get(share.0)?.link_id;
        let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'-').collect();
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        (digits.len() == 32).then_some(Guid(bytes))
    }

    /// What an employee does to a thing at their own computer: an event to be completed.
    pub(crate) fn by(&self, owner: &Employee, operation: &'static str, item: &Item, at_ms: i64) -> Event {
        Event::new(at_ms, operation, &owner.actor, Some(item), &owner.client)
    }

    /// The permissions that the service sets up around a link; no share by themselves.
    fn plumbing(&mut self, owner: &Employee, item: &Item, kind: &str, link: Guid, at_ms: i64, correlation: Guid) {
        let principal = self.dice.hex(64);
        let unique = item.unique_id.map(|id| id.to_string()).unwrap_or_default();
        let link_group = format!("SharingLinks.{unique}.{kind}.{link}");
        let list = item.list_id.map(|id| id.to_string()).unwrap_or_default();
        let web = Item::of_site(&item.site);
        let broken = "<copyRoleAssignments>True</copyRoleAssignments><clearSubScopes>False</clearSubScopes>".to_owned();
        let inheritance = self.by(owner, "SharingInheritanceBroken", item, at_ms);
        self.write(Event { correlation, event_data: Some(broken), ..inheritance });
        let mut plumbing = Vec::new();
        for (name, group_kind, permission) in [
            (link_group, "SharePointGroup", "Contribute"),
            (format!("Limited Access System Group For List {list}"), "SharePointGroup", "Limited Access"),
            (principal.clone(), "SecurityGroup", "System.LimitedEdit"),
        ] {
            let target = Some(Target { name, kind: group_kind });
            let event = self.by(owner, "SharingSet", item, at_ms);
            plumbing.push(self.write(Event { correlation, target, event_data: permission_data(permission), ..event }));
        }
        self.awkward("plumbing", "system groups and principals behind a link are no recipients", &plumbing);
        let data = Some(format!("<Group>Limited Access System Group For List {list}</Group>"));
        let target = Some(Target { name: principal, kind: "SecurityGroup" });
        let added = self.by(owner, "AddedToGroup", &web, at_ms + 1_000);
        self.write(Event { correlation, target, event_data: data, ..added });
    }

    /// An employee makes a link for anyone.
    pub(crate) fn makes_anyone_link(
        &mut self,
        owner: &Employee,
        item: &Item,
        permission: &str,
        at_ms: i64,
    ) -> (ShareRef, Guid) {
        let (link, correlation) = (self.dice.guid(), self.dice.guid());
        self.plumbing(owner, item, &format!("Anonymous{permission}"), link, at_ms, correlation);
        let (event_data, sharing_id) = (link_data(permission), Some(link));
        let event = self.by(owner, "AnonymousLinkCreated", item, at_ms + 1_000);
        let record = self.write(Event { correlation, event_data: event_data.clone(), sharing_id, ..event });
        if item.classified().is_some() {
            self.alarm("anyone_link_classified", record);
        }
        let event = self.by(owner, "SharingLinkCreated", item, at_ms + 1_000);
        self.write(Event { correlation, event_data, sharing_id, link_scope: Some("Anonymous"), ..event });
        (self.share(link.to_string(), "anyone", None, item.id(), owner, at_ms + 1_000), record)
    }

    /// An employee shares with certain people; one share a recipient, all with the same link.
    pub(crate) fn shares_with(
        &mut self,
        owner: &Employee,
        item: &Item,
        recipients: &[Recipient],
        at_ms: i64,
    ) -> Vec<ShareRef> {
        let (link, correlation) = (self.dice.guid(), self.dice.guid());
        self.plumbing(owner, item, "Flexible", link, at_ms, correlation);
        for operation in ["SecureLinkCreated", "SharingLinkCreated"] {
            let event = self.by(owner, operation, item, at_ms + 1_000);
            self.write(Event { correlation, event_data: link_data("Edit"), sharing_id: Some(link), ..event });
        }
        let added =
            recipients.iter().map(|recipient| self.adds_to_link(owner, item, link, recipient, at_ms, correlation));
        added.collect()
    }

    /// The two records that name a recipient of a link, and the share.
    fn adds_to_link(
        &mut self,
        owner: &Employee,
        item: &Item,
        link: Guid,
        recipient: &Recipient,
        at_ms: i64,
        correlation: Guid,
    ) -> ShareRef {
        for operation in ["AddedToSecureLink", "AddedToSharingLink"] {
            let target = Some(Target::from(recipient));
            let event = self.by(owner, operation, item, at_ms + 1_000);
            self.write(Event { correlation, target, event_data: link_data("Edit"), sharing_id: Some(link), ..event });
        }
        self.share(link.to_string(), "specific_people", Some(&recipient.person), item.id(), owner, at_ms + 1_000)
    }

    /// An employee grants a permission without any link.
    pub(crate) fn grants(
        &mut self,
        owner: &Employee,
        item: &Item,
        recipient: &Recipient,
        at_ms: i64,
    ) -> (ShareRef, Guid) {
        let event = self.by(owner, "SharingSet", item, at_ms);
        let target = Some(Target::from(recipient));
        let record = self.write(Event { target, event_data: permission_data("Contribute"), ..event });
        let link_id = format!("direct:{}", item.id());
        (self.share(link_id, "direct", Some(&recipient.person), item.id(), owner, at_ms), record)
    }

    /// Somebody goes through a link: all operations are logged in the same second and make one access, a `redeem`.
    pub(crate) fn redeems(&mut self, visit: &Visit, operations: &[&'static str], at_ms: i64) -> Vec<Guid> {
        self.redeems_with(visit, operations, at_ms, |event| event)
    }

    /// As [`Self::redeems`], with something particular about the records.
    pub(crate) fn redeems_with(
        &mut self,
        visit: &Visit,
        operations: &[&'static str],
        at_ms: i64,
        particular: impl Fn(Event) -> Event,
    ) -> Vec<Guid> {
        let sharing_id = visit.share.and_then(|share| self.link_of(share));
        let mut records = Vec::with_capacity(operations.len());
        for operation in operations {
            let event = Event {
                correlation: visit.correlation,
                session: Some(visit.session),
                sharing_id,
                ..Event::new(at_ms, operation, &visit.who, Some(&visit.item), &visit.client)
            };
            let record = self.write(particular(event));
            self.enter(visit, "redeem", false, at_ms, record);
            records.push(record);
        }
        records
    }
}
