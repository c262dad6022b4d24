//! Ways into a whole site: membership, a team, an invitation, site administration.

use std::rc::Rc;

use super::Scene;
use crate::story::cast::{Actor, Client, Item, names, outsider_named};
use crate::story::clock::{HOUR, MINUTE};
use crate::story::deed::Deed;
use crate::story::event::{Event, Target};
use crate::story::json;
use crate::story::ledger::ShareRef;
use crate::story::plot::Plot;

pub(super) const SCENES: &[Scene] = &[
    a_guest_joins_a_site,
    a_guest_joins_a_team,
    an_invitation_is_accepted_under_another_address,
    an_invitation_is_withdrawn,
    a_guest_becomes_site_administrator,
    old_names_of_operations,
];

pub(super) fn a_guest_joins_a_site(plot: &mut Plot<'_>) {
    let t = plot.moment(12 * HOUR);
    let owner = plot.employee();
    let site = plot.new_site();
    let outsider = plot.outsider();
    let web = Item::of_site(&site);
    let target = Some(Target::from(&outsider.in_directory()));
    let event = plot.by(owner, "AddedToGroup", &web, t);
    let event_data = Some("<Group>Site Members</Group>".to_owned());
    let added = plot.write(Event { target, event_data, ..event });
    let share = membership(plot, &web, &outsider.address, owner, t);
    plot.awkward("site_membership", "a guest in a site's group reaches everything in the site", &[added]);
    let target = Some(Target::from(&outsider.in_directory()));
    let event = plot.by(owner, "UserExpirationChanged", &web, t + 6 * HOUR);
    let extended = plot.write(Event { target, ..event });
    plot.awkward(
        "guest_access_extended",
        "a guest's time on the site is prolonged: names site and guest, no item",
        &[extended],
    );
    wanders(plot, &outsider.guest, &outsider.client, &web, share, t + 20 * MINUTE);
}

/// A share of the whole site.
fn membership(
    plot: &mut Plot<'_>,
    web: &Item,
    person: &str,
    owner: &crate::story::cast::Employee,
    at_ms: i64,
) -> ShareRef {
    plot.share(format!("site:{}", web.site.id), "site_membership", Some(person), web.id(), owner, at_ms)
}

/// Somebody looks around in a site: views of the library, files, interface pages that are no access.
fn wanders(plot: &mut Plot<'_>, who: &Actor, client: &Rc<Client>, web: &Item, share: ShareRef, from_ms: i64) {
    let list = Item::of_library(&web.site);
    let visit = plot.visit(who, client, &list, Some(share));
    let viewed = plot.does(&visit, Deed::ViewList, from_ms);
    plot.awkward(
        "list_without_item_id",
        "a view of a library has no ListItemUniqueId: its address is all there is",
        &[viewed],
    );
    let page =
        Item::new(&web.site, web.site.library.id, plot.dice.guid(), "Shared Documents/Forms/AllItems.aspx", "File");
    let event = Event::new(from_ms, "FileAccessed", who, Some(&page), client);
    let interface = plot.write(Event { correlation: visit.correlation, ..event });
    plot.awkward(
        "interface_file",
        "pages of the interface are logged as FileAccessed and are no documents",
        &[interface],
    );
    let entry = Item { item_type: "ListItem", ..plot.file_named(&web.site, "", "12_.000") };
    plot.does(&visit.at(&entry), Deed::ViewListItem, from_ms + MINUTE);
    for number in 0..plot.dice.between(2, 5) {
        let file = plot.file(&web.site);
        let deed = *plot.dice.pick(&[Deed::Open, Deed::Download, Deed::Modify, Deed::Preview, Deed::Open]);
        plot.does(&visit.at(&file), deed, from_ms + (2 + number * 23) * MINUTE);
    }
}

fn a_guest_joins_a_team(plot: &mut Plot<'_>) {
    let t = plot.moment(10 * HOUR);
    let owner = plot.employee();
    let site = plot.new_site();
    let outsider = plot.outsider();
    let mut members = "\"Members\":[{".to_owned();
    json::text(&mut members, "DisplayName", &outsider.guest.0.display);
    json::number(&mut members, "Role", 3);
    json::text(&mut members, "UPN", &outsider.guest.0.user_id);
    members.push_str("}]");
    json::text(&mut members, "TeamName", &site.title);
    json::text(&mut members, "TeamGuid", &format!("19:{}@thread.tacv2", plot.dice.hex(32)));
    json::guid(&mut members, "AADGroupId", plot.dice.guid());
    json::text(&mut members, "CommunicationType", "Team");
    let event = Event::new(t, "MemberAdded", &owner.actor, None, &owner.client);
    let added = plot.write(Event { extra: Some(members), ..event });
    let web = Item::of_site(&site);
    let share = membership(plot, &web, &outsider.address, owner, t);
    plot.awkward("guest_joins_team", "membership of a team opens its site; the record is one of Teams", &[added]);
    let file = plot.file(&site);
    let visit = plot.visit(&outsider.guest, &outsider.client, &file, Some(share));
    plot.does(&visit, Deed::Open, t + 2 * HOUR);
    plot.does(&visit, Deed::Modify, t + 2 * HOUR + 10 * MINUTE);
}

fn invites(plot: &mut Plot<'_>, web: &Item, invited: &str, operation: &'static str, at_ms: i64) -> (ShareRef, Event) {
    let owner = plot.employee();
    let target = Some(Target { name: invited.to_uppercase(), kind: "Guest" });
    let link_id = format!("site:{}", web.site.id);
    let share = plot.share(link_id, "invitation", Some(invited), web.id(), owner, at_ms);
    (share, Event { target, ..plot.by(owner, operation, web, at_ms) })
}

fn an_invitation_is_accepted_under_another_address(plot: &mut Plot<'_>) {
    let t = plot.moment(12 * HOUR);
    let site = plot.new_site();
    let web = Item::of_site(&site);
    let (domain, _) = *plot.dice.pick(&names::DOMAINS);
    let (number, kim) = (plot.dice.below(1_000), plot.outsider());
    let invited = format!("sales{number}@{domain}");
    let client = Client { ..(*kim.client).clone() };
    // The invitation goes to the department; whoever reads the mail accepts it under the own address.
    let accepting = outsider_named(&format!("kim{number}"), domain, "Kim", client, &mut plot.dice);
    let (share, event) = invites(plot, &web, &invited, "SharingInvitationCreated", t);
    let created = plot.write(event);
    let visit = plot.visit(&accepting.guest, &accepting.client, &web, Some(share));
    let target = Some(Target { name: invited.to_uppercase(), kind: "Guest" });
    let accepted = plot.redeems_with(&visit, &["SharingInvitationAccepted"], t + 3 * HOUR, |event| Event {
        target: target.clone(),
        sharing_id: None,
        ..event
    });
    plot.awkward("accepted_under_another_address", "invited under one address, accepted with another", &[created]);
    plot.awkward("accepted_under_another_address", "invited under one address, accepted with another", &accepted);
    plot.awkward("accept_on_site", "an acceptance names the site and no list item", &accepted);
    wanders(plot, &accepting.guest, &accepting.client, &web, share, t + 3 * HOUR + 2 * MINUTE);
}

fn an_invitation_is_withdrawn(plot: &mut Plot<'_>) {
    let t = plot.moment(8 * HOUR);
    let site = plot.new_site();
    let web = Item::of_site(&site);
    let (withdrawn, stopped, owner) = (plot.outsider(), plot.outsider(), plot.employee());
    let (share, event) = invites(plot, &web, &withdrawn.address, "SharingInvitationCreated", t);
    let revoked = Event { operation: "SharingInvitationRevoked", at_ms: t + 4 * HOUR, ..event.clone() };
    plot.write(event);
    let revoked = plot.write(revoked);
    plot.ends(share, t + 4 * HOUR, "invitation_revoked");
    let target = Some(Target { name: stopped.address.to_uppercase(), kind: "Guest" });
    let blocked = plot.by(owner, "SharingInvitationBlocked", &web, t + HOUR);
    let blocked = plot.write(Event { target, ..blocked });
    plot.awkward("invitation_revoked", "an invitation is withdrawn before anybody accepts it", &[revoked]);
    plot.awkward("invitation_blocked", "policy stops an invitation: an attempt, no way in", &[blocked]);
}

fn a_guest_becomes_site_administrator(plot: &mut Plot<'_>) {
    let t = plot.moment(10 * HOUR);
    let owner = plot.employee();
    let site = plot.new_site();
    let web = Item::of_site(&site);
    let outsider = plot.outsider();
    let mut extra = "\"ModifiedProperties\":[{\"Name\":\"SiteAdmin\"".to_owned();
    json::text(&mut extra, "NewValue", &outsider.guest.0.user_id);
    extra.push_str(",\"OldValue\":\"\"}]");
    let event = plot.by(owner, "SiteCollectionAdminAdded", &web, t);
    let target = Some(Target::from(&outsider.in_directory()));
    let added = plot.write(Event { target, extra: Some(extra), ..event });
    let share = membership(plot, &web, &outsider.address, owner, t);
    plot.alarm("guest_site_admin", added);
    plot.awkward("guest_site_administrator", "a guest is made administrator of a site", &[added]);
    wanders(plot, &outsider.guest, &outsider.client, &web, share, t + HOUR);
}

fn old_names_of_operations(plot: &mut Plot<'_>) {
    let t = plot.moment(12 * HOUR);
    let site = plot.new_site();
    let web = Item::of_site(&site);
    let outsider = plot.outsider();
    let (share, event) = invites(plot, &web, &outsider.address, "AccessInvitationCreated", t);
    let created = plot.write(event);
    let visit = plot.visit(&outsider.passcode, &outsider.client, &web, Some(share));
    let unlinked = |event| Event { sharing_id: None, ..event };
    let accepted = plot.redeems_with(&visit, &["AccessInvitationAccepted"], t + HOUR, unlinked);
    let file = plot.file(&site);
    let viewed = plot.does(&visit.at(&file), Deed::View, t + HOUR + MINUTE);
    let mut records = vec![created, viewed];
    records.extend(accepted);
    plot.awkward(
        "old_operation_names",
        "AccessInvitation… and FileViewed are older names of today's operations",
        &records,
    );
}
