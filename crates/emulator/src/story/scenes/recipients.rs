//! Links for certain people, direct grants, invitations to a file.

use std::rc::Rc;

use super::Scene;
use crate::story::cast::Recipient;
use crate::story::clock::{HOUR, MINUTE, SECOND};
use crate::story::deed::Deed;
use crate::story::event::{Event, Target};
use crate::story::plot::Plot;

pub(super) const SCENES: &[Scene] = &[
    three_people_and_one_comes,
    a_guest_works_on_a_file,
    one_person_in_two_forms,
    a_recipient_is_removed,
    a_link_is_deleted,
    a_direct_grant_is_revoked,
    an_outsider_asks_for_access,
    a_file_is_deleted,
    an_invitation_to_a_file,
    permissions_are_reset,
];

pub(super) const SECURE_LINK_USED: &[&str] = &["SecureLinkUsed", "SharingLinkUsed"];

pub(super) fn three_people_and_one_comes(plot: &mut Plot<'_>) {
    let t = plot.moment(12 * HOUR);
    let owner = plot.employee();
    let file = plot.file(&owner.onedrive);
    let invited = [plot.outsider(), plot.outsider(), plot.outsider()];
    let shared_from = plot.events.len();
    let shares = plot.shares_with(owner, &file, &invited.map(|outsider| outsider.by_address()), t);
    let added: Vec<_> =
        plot.events.iter().skip(shared_from).filter(|event| event.target.is_some()).map(|e| e.id).collect();
    plot.awkward("upper_case_target", "a recipient who is not in the directory is written in capitals", &added);
    let (guest, share) = (invited[0], shares.first().copied());
    let visit = plot.visit(&guest.passcode, &guest.client, &file, share);
    let start = t + plot.dice.between(11, 240) * MINUTE;
    let used = plot.redeems(&visit, SECURE_LINK_USED, start);
    plot.awkward("two_operations_one_use", "SecureLinkUsed and SharingLinkUsed in one second are one use", &used);
    plot.awkward("passcode_guest_user_type_0", "a guest without account has UserType 0", &used);
    plot.does(&visit, Deed::Open, start + SECOND);
    for again in 1..=plot.dice.between(1, 3) {
        plot.does(&visit, Deed::Open, start + again * 70 * MINUTE);
        plot.does(&visit, Deed::Preview, start + again * 70 * MINUTE + 2 * SECOND);
    }
}

pub(super) fn a_guest_works_on_a_file(plot: &mut Plot<'_>) {
    let t = plot.moment(12 * HOUR);
    let owner = plot.employee();
    let site = plot.site();
    let file = plot.file(site);
    let outsider = plot.outsider();
    let shares = plot.shares_with(owner, &file, &[outsider.in_directory()], t);
    let visit = plot.visit(&outsider.guest, &outsider.client, &file, shares.first().copied());
    let start = t + plot.dice.between(15, 200) * MINUTE;
    let opened = plot.does(&visit, Deed::Open, start);
    plot.does(&visit, Deed::Modify, start + 6 * MINUTE);
    plot.does(&visit, Deed::KeepModifying, start + 40 * MINUTE);
    plot.does(&visit, Deed::Download, start + 50 * MINUTE);
    plot.does(&visit, Deed::CheckOut, start + 60 * MINUTE);
    plot.does(&visit, Deed::Upload, start + 62 * MINUTE);
    if outsider.guest.0.user_type == 10 {
        plot.awkward("guest_user_type_10", "newer tenants mark guests with UserType 10", &[opened]);
    }
    if outsider.address.split('@').next().is_some_and(|local| local.contains('_')) {
        plot.awkward(
            "ext_underscores",
            "the address behind `#EXT#` has underscores before its last one, the `@`",
            &[opened],
        );
    }
    if outsider.guest.0.user_id.bytes().take_while(|byte| *byte != b'#').any(|byte| byte.is_ascii_uppercase()) {
        plot.awkward(
            "mixed_case_identity",
            "the same address in capitals and in small letters is one person",
            &[opened],
        );
    }
}

fn one_person_in_two_forms(plot: &mut Plot<'_>) {
    let t = plot.moment(14 * HOUR);
    let owner = plot.employee();
    let file = plot.file(&owner.onedrive);
    let outsider = plot.outsider();
    let share = plot.shares_with(owner, &file, &[outsider.by_address()], t).first().copied();
    let before = plot.visit(&outsider.passcode, &outsider.client, &file, share);
    let after = plot.visit(&outsider.guest, &outsider.client, &file, share);
    let mut records = plot.redeems(&before, SECURE_LINK_USED, t + HOUR);
    records.push(plot.does(&before, Deed::Open, t + HOUR));
    // Within the five minutes, so that one access holds both forms.
    records.push(plot.does(&after, Deed::Open, t + HOUR + 3 * MINUTE));
    records.push(plot.does(&after, Deed::Download, t + 9 * HOUR));
    plot.awkward("one_person_two_forms", "first a passcode guest, then a directory guest: one person", &records);
}

fn a_recipient_is_removed(plot: &mut Plot<'_>) {
    let t = plot.moment(8 * HOUR);
    let owner = plot.employee();
    let file = plot.file(&owner.onedrive);
    let (stays, goes) = (plot.outsider(), plot.outsider());
    let shares = plot.shares_with(owner, &file, &[stays.in_directory(), goes.by_address()], t);
    let [first, second] = shares[..] else { return };
    let visit = plot.visit(&goes.passcode, &goes.client, &file, Some(second));
    plot.redeems(&visit, SECURE_LINK_USED, t + 20 * MINUTE);
    plot.does(&visit, Deed::Open, t + 20 * MINUTE);
    let sharing_id = plot.link_of(second);
    for operation in ["RemovedFromSecureLink", "RemovedFromSharingLink"] {
        let event = plot.by(owner, operation, &file, t + 2 * HOUR);
        plot.write(Event { sharing_id, target: Some(Target::from(&goes.by_address())), ..event });
    }
    plot.ends(second, t + 2 * HOUR, "recipient_removed");
    let other = plot.visit(&stays.guest, &stays.client, &file, Some(first));
    plot.does(&other, Deed::Open, t + 4 * HOUR);
}

fn a_link_is_deleted(plot: &mut Plot<'_>) {
    let t = plot.moment(8 * HOUR);
    let owner = plot.employee();
    let file = plot.file(&owner.onedrive);
    let invited = [plot.outsider(), plot.outsider()];
    let shares = plot.shares_with(owner, &file, &invited.map(|outsider| outsider.in_directory()), t);
    let visit = plot.visit(&invited[1].guest, &invited[1].client, &file, shares.get(1).copied());
    plot.does(&visit, Deed::View, t + 30 * MINUTE);
    let sharing_id = shares.first().and_then(|share| plot.link_of(*share));
    for operation in ["SecureLinkDeleted", "SharingLinkDeleted"] {
        let event = plot.by(owner, operation, &file, t + 5 * HOUR);
        plot.write(Event { sharing_id, ..event });
    }
    shares.iter().for_each(|share| plot.ends(*share, t + 5 * HOUR, "link_removed"));
}

fn a_direct_grant_is_revoked(plot: &mut Plot<'_>) {
    let t = plot.moment(8 * HOUR);
    let owner = plot.employee();
    let site = plot.site();
    let file = plot.file(site);
    let outsider = plot.outsider();
    let (share, granted) = plot.grants(owner, &file, &outsider.in_directory(), t);
    let visit = plot.visit(&outsider.guest, &outsider.client, &file, Some(share));
    plot.does(&visit, Deed::Open, t + HOUR);
    let copy = file.at(&format!("{}/Copies/{}", site.library.name, file.name()));
    plot.does_with(&visit, Deed::Copy, t + HOUR + 20 * MINUTE, |event| Event { destination: Some(copy), ..event });
    let event = plot.by(owner, "SharingRevoked", &file, t + 4 * HOUR);
    plot.write(Event { target: Some(Target::from(&outsider.in_directory())), ..event });
    plot.ends(share, t + 4 * HOUR, "revoked");
    plot.awkward("direct_grant", "a permission without any link: only SharingSet names the guest", &[granted]);
    // Converted guests of a partner are `Member` by type and outside by domain.
    let converted = plot.outsider();
    let recipient = Recipient { kind: "Member", ..converted.by_address() };
    let (_, record) =
        plot.grants(owner, &file, &Recipient { name: recipient.name.to_lowercase(), ..recipient }, t + HOUR);
    plot.awkward("target_member_is_outside", "the target's type is Member, its domain a foreign one", &[record]);
}

fn an_outsider_asks_for_access(plot: &mut Plot<'_>) {
    let t = plot.moment(8 * HOUR);
    let owner = plot.employee();
    let site = plot.site();
    let file = plot.file(site);
    let outsider = plot.outsider();
    let target = Some(Target::from(&outsider.in_directory()));
    // The French interface writes its own word between English tags.
    let event_data = Some("<SharingLevel>Lecture</SharingLevel>".to_owned());
    let ask = Event::new(t, "AccessRequestCreated", &outsider.guest, Some(&file), &outsider.client);
    let asked = plot.write(Event { target: target.clone(), event_data: event_data.clone(), ..ask });
    let accept = plot.by(owner, "AccessRequestAccepted", &file, t + HOUR);
    let accepted = plot.write(Event { target, event_data, ..accept });
    let link_id = format!("direct:{}", file.id());
    let share = plot.share(link_id, "direct", Some(&outsider.address), file.id(), owner, t + HOUR);
    let visit = plot.visit(&outsider.guest, &outsider.client, &file, Some(share));
    plot.does(&visit, Deed::Open, t + 2 * HOUR);
    plot.awkward(
        "access_request_granted",
        "an outsider asks, an employee agrees: a grant with no sharing record",
        &[asked, accepted],
    );
    plot.awkward("localised_event_data", "values in `EventData` are in the user's language", &[asked]);
}

fn a_file_is_deleted(plot: &mut Plot<'_>) {
    let t = plot.moment(8 * HOUR);
    let owner = plot.employee();
    let file = plot.file(&Rc::clone(&owner.onedrive));
    let outsider = plot.outsider();
    let share = plot.shares_with(owner, &file, &[outsider.in_directory()], t).first().copied();
    let visit = plot.visit(&outsider.guest, &outsider.client, &file, share);
    plot.does(&visit, Deed::Open, t + HOUR);
    let host = plot.visit(&owner.actor, &owner.client, &file, None);
    plot.does(&host, Deed::Recycle, t + 3 * HOUR);
    if let Some(share) = share {
        plot.ends(share, t + 3 * HOUR, "item_deleted");
    }
    // A guest can delete, too.
    let doomed = plot.file(&owner.onedrive);
    let share = plot.shares_with(owner, &doomed, &[outsider.in_directory()], t + HOUR).first().copied();
    let visit = plot.visit(&outsider.guest, &outsider.client, &doomed, share);
    plot.does(&visit, Deed::Recycle, t + 2 * HOUR);
    if let Some(share) = share {
        plot.ends(share, t + 2 * HOUR, "item_deleted");
    }
}

/// Somebody without an account is invited to a file, accepts under the invited address and reads it.
pub(super) fn an_invitation_to_a_file(plot: &mut Plot<'_>) {
    let t = plot.moment(12 * HOUR);
    let owner = plot.employee();
    let site = plot.site();
    let file = plot.file(site);
    let outsider = plot.outsider();
    let target = Some(Target::from(&outsider.by_address()));
    let event = plot.by(owner, "SharingInvitationCreated", &file, t);
    plot.write(Event { target: target.clone(), ..event });
    let link_id = format!("direct:{}", file.id());
    let share = plot.share(link_id, "invitation", Some(&outsider.address), file.id(), owner, t);
    let visit = plot.visit(&outsider.guest, &outsider.client, &file, Some(share));
    let start = t + plot.dice.between(10, 480) * MINUTE;
    let accepted = plot.redeems_with(&visit, &["SharingInvitationAccepted"], start, |event| Event {
        target: target.clone(),
        sharing_id: None,
        ..event
    });
    plot.awkward(
        "accept_is_not_access",
        "an invitation was accepted: a door was opened, no file was read yet",
        &accepted,
    );
    plot.does(&visit, Deed::Open, start + 30 * SECOND);
    plot.does(&visit, Deed::Download, start + 8 * MINUTE);
}

fn permissions_are_reset(plot: &mut Plot<'_>) {
    let t = plot.moment(8 * HOUR);
    let owner = plot.employee();
    let site = plot.site();
    let file = plot.file(site);
    let outsider = plot.outsider();
    let partner = Recipient { kind: "Partner", ..plot.outsider().by_address() };
    let (share, _) = plot.grants(owner, &file, &outsider.in_directory(), t);
    let visit = plot.visit(&outsider.guest, &outsider.client, &file, Some(share));
    plot.does(&visit, Deed::Open, t + HOUR);
    let event = plot.by(owner, "SharingInheritanceReset", &file, t + 2 * HOUR);
    let reset = plot.write(event);
    plot.ends(share, t + 2 * HOUR, "inheritance_reset");
    plot.awkward(
        "inheritance_reset",
        "the item inherits again: grants on the item itself are gone, and nobody is named",
        &[reset],
    );
    let other = plot.file(site);
    let (_, granted) = plot.grants(owner, &other, &partner, t + 3 * HOUR);
    plot.awkward("target_partner", "the target's type is Partner, which is outside by definition", &[granted]);
}
