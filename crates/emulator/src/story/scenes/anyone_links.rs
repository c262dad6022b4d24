//! Links for anyone.

use std::rc::Rc;

use super::Scene;
use crate::story::cast::{self, Actor, Client, places};
use crate::story::clock::{DAY, HOUR, MINUTE, SECOND, american};
use crate::story::deed::Deed;
use crate::story::event::Event;
use crate::story::plot::Plot;

pub(super) const SCENES: &[Scene] = &[
    a_stranger_uses_a_link,
    a_member_uses_a_link,
    two_strangers_share_an_address,
    a_bot_unfurls_a_link,
    a_link_without_its_id,
    a_link_expires,
    a_link_is_removed,
    a_badge_of_the_tenant,
    one_click_and_all_its_records,
];

const LINK_USED: &[&str] = &["AnonymousLinkUsed", "SharingLinkUsed"];

pub(super) fn a_stranger_uses_a_link(plot: &mut Plot<'_>) {
    let t = plot.moment(8 * HOUR);
    let owner = plot.employee();
    let file = plot.file(&owner.onedrive);
    let (share, _) = plot.makes_anyone_link(owner, &file, "View", t);
    for _ in 0..=plot.dice.below(3) {
        let stranger = plot.stranger();
        let start = t + plot.dice.between(10, 300) * MINUTE;
        let door = plot.visit(&stranger.nameless, &stranger.client, &file, Some(share));
        let inside = door.seen_as(&stranger.session, &stranger.client);
        let mut records = plot.redeems(&door, LINK_USED, start);
        // The first access may bear an earlier time than the use of the link.
        let early = plot.does(&inside, Deed::Open, start - 12 * SECOND);
        let thumbnail = plot.does(&inside, Deed::Thumbnail, start + MINUTE);
        records.push(early);
        plot.awkward(
            "anonymous_two_names",
            "one stranger is `anonymous` at the link and `urn:spo:anon#…` inside",
            &records,
        );
        plot.awkward("access_before_link_used", "the access is some seconds older than the use of the link", &[early]);
        plot.awkward(
            "thumbnail_by_service",
            "a service makes a thumbnail in the person's name, from its own address",
            &[thumbnail],
        );
        if plot.dice.chance(600) {
            plot.does(&inside, Deed::Download, start + 4 * MINUTE);
        }
        if plot.dice.chance(400) {
            plot.does(&inside, Deed::Open, start + 40 * MINUTE);
        }
    }
}

fn a_member_uses_a_link(plot: &mut Plot<'_>) {
    let t = plot.moment(4 * HOUR);
    let (owner, colleague) = (plot.employee(), plot.employee());
    let file = plot.file(&owner.onedrive);
    let (share, _) = plot.makes_anyone_link(owner, &file, "Edit", t);
    let visit = plot.visit(&colleague.actor, &colleague.client, &file, Some(share));
    let mut records = plot.redeems(&visit, LINK_USED, t + 30 * MINUTE);
    records.push(plot.does(&visit, Deed::Open, t + 30 * MINUTE));
    plot.awkward(
        "member_uses_anyone_link",
        "an employee goes through a link for anyone: no access from outside",
        &records,
    );
    plot.awkward("live_com_user_key", "`UserKey` ends in live.com although the person is an employee", &records);
}

fn two_strangers_share_an_address(plot: &mut Plot<'_>) {
    let t = plot.moment(6 * HOUR);
    let owner = plot.employee();
    let file = plot.file(&owner.onedrive);
    let (share, _) = plot.makes_anyone_link(owner, &file, "View", t);
    let (first, second) = (plot.stranger(), plot.stranger());
    let door = plot.visit(&first.nameless, &first.client, &file, Some(share));
    plot.redeems(&door, LINK_USED, t + 20 * MINUTE);
    let one = plot.visit(&first.session, &first.client, &file, Some(share));
    let other = plot.visit(&second.session, &first.client, &file, Some(share));
    let records = [
        plot.does(&one, Deed::Open, t + 20 * MINUTE + 3 * SECOND),
        plot.does(&other, Deed::Open, t + 21 * MINUTE),
        plot.does(&other, Deed::Download, t + 22 * MINUTE),
    ];
    plot.awkward(
        "two_strangers_one_address",
        "two anonymous sessions behind one client address are two persons",
        &records,
    );
}

fn a_bot_unfurls_a_link(plot: &mut Plot<'_>) {
    let t = plot.moment(4 * HOUR);
    let owner = plot.employee();
    let file = plot.file(&owner.onedrive);
    let (share, _) = plot.makes_anyone_link(owner, &file, "View", t);
    let bot = plot.stranger();
    let client = bot.client.with_agent(places::UNFURLING_BOT);
    let visit = plot.visit(&bot.nameless, &client, &file, Some(share));
    let mut records = plot.redeems(&visit, &["AnonymousLinkUsed"], t + 2 * MINUTE);
    let inside = visit.seen_as(&bot.session, &client);
    records.push(plot.does(&inside, Deed::Preview, t + 2 * MINUTE + SECOND));
    plot.awkward(
        "link_unfurled_by_bot",
        "a chat service fetches a pasted link: anonymous, but nobody read it",
        &records,
    );
}

fn a_link_without_its_id(plot: &mut Plot<'_>) {
    let t = plot.moment(4 * HOUR);
    let owner = plot.employee();
    let file = plot.file(&owner.onedrive);
    let (share, _) = plot.makes_anyone_link(owner, &file, "View", t);
    let stranger = plot.stranger();
    let door = plot.visit(&stranger.nameless, &stranger.client, &file, Some(share));
    let used = plot.redeems_with(&door, &["AnonymousLinkUsed"], t + HOUR, |event| Event { sharing_id: None, ..event });
    let inside = door.seen_as(&stranger.session, &stranger.client);
    plot.does(&inside, Deed::Open, t + HOUR + 2 * SECOND);
    plot.awkward("link_used_without_id", "the use of a link does not say which link it was", &used);
}

fn a_link_expires(plot: &mut Plot<'_>) {
    let t = plot.moment(10 * HOUR);
    let owner = plot.employee();
    let file = plot.file(&owner.onedrive);
    let (share, _) = plot.makes_anyone_link(owner, &file, "View", t);
    let expires = t + 6 * HOUR;
    let data = format!("<Type>View</Type><ExpirationDate>{}</ExpirationDate>", american(expires));
    let update = plot.by(owner, "AnonymousLinkUpdated", &file, t + 5 * MINUTE);
    let sharing_id = plot.link_of(share);
    let updated = plot.write(Event { event_data: Some(data), sharing_id, ..update });
    let stranger = plot.stranger();
    let inside = plot.visit(&stranger.session, &stranger.client, &file, Some(share));
    plot.redeems(&inside, LINK_USED, t + HOUR);
    plot.does(&inside, Deed::Open, t + HOUR);
    plot.ends(share, expires, "expired");
    plot.awkward(
        "expiry_in_event_data",
        "the end of a link stands in `EventData`, as a date in American order",
        &[updated],
    );
}

fn a_link_is_removed(plot: &mut Plot<'_>) {
    let t = plot.moment(8 * HOUR);
    let owner = plot.employee();
    let file = plot.file(&owner.onedrive);
    let (share, _) = plot.makes_anyone_link(owner, &file, "Edit", t);
    let stranger = plot.stranger();
    let inside = plot.visit(&stranger.session, &stranger.client, &file, Some(share));
    plot.redeems(&inside, LINK_USED, t + HOUR);
    plot.does(&inside, Deed::Open, t + HOUR);
    plot.does(&inside, Deed::Modify, t + HOUR + 3 * MINUTE);
    let removal = plot.by(owner, "AnonymousLinkRemoved", &file, t + 3 * HOUR);
    let sharing_id = plot.link_of(share);
    plot.write(Event { sharing_id, ..removal });
    plot.ends(share, t + 3 * HOUR, "link_removed");
    // An open session lives on for some minutes; what comes hours later has no share any more.
    let soon = plot.does(&inside, Deed::Open, t + 3 * HOUR + 9 * MINUTE);
    let mut nobody = inside;
    nobody.share = None;
    let late = plot.does(&nobody, Deed::Open, t + 5 * HOUR);
    plot.alarm("access_after_end", late);
    plot.awkward("access_soon_after_end", "an open session outlives its link by minutes", &[soon]);
    plot.awkward("access_after_end", "an access long after the end of the only share that would explain it", &[late]);
}

fn a_badge_of_the_tenant(plot: &mut Plot<'_>) {
    let t = plot.moment(4 * HOUR);
    let owner = plot.employee();
    let file = plot.file(&owner.onedrive);
    let (share, _) = plot.makes_anyone_link(owner, &file, "View", t);
    let user_id = format!("urn:spo:tenantanon#{}", plot.cast.tenant_id);
    let person = Rc::from("anon:tenant");
    let badge = Actor::outsider(&user_id, 0, "anonymous", &person, "anonymous", &mut plot.dice);
    let stranger = plot.stranger();
    let visit = plot.visit(&badge, &stranger.client, &file, Some(share));
    let record = plot.does(&visit, Deed::Open, t + HOUR);
    plot.awkward("tenant_anonymous", "an anonymous session that is named after the tenant", &[record]);
}

/// One click on "Anyone with the link" as real tenants log it: 26 records with one correlation, of which one counts.
fn one_click_and_all_its_records(plot: &mut Plot<'_>) {
    let t = plot.moment(DAY / 2);
    let owner = plot.employee();
    let file = plot.file(&owner.onedrive);
    let first = plot.events.len();
    let (_, created) = plot.makes_anyone_link(owner, &file, "Edit", t);
    let correlation = plot.events.get(first).map_or_else(|| plot.dice.guid(), |event| event.correlation);
    let hidden_list = {
        let path = format!("Lists/userActivityFeedHiddenList{}", plot.dice.hex(24).to_uppercase());
        cast::Item { path: Rc::from(path), ..cast::Item::of_library(&owner.onedrive) }
    };
    let service: Rc<Client> = cast::service("", &mut plot.dice);
    let web = cast::Item::of_site(&owner.onedrive);
    let noise = [("GroupAdded", &web, 3), ("SharingInheritanceBroken", &file, 2), ("ListCreated", &hidden_list, 1)]
        .into_iter()
        .chain([("ListColumnCreated", &hidden_list, 12), ("ListUpdated", &hidden_list, 1)]);
    for (operation, item, times) in noise {
        for _ in 0..times {
            let client = if operation.starts_with("List") { &service } else { &owner.client };
            let event = Event::new(t + 2 * SECOND, operation, &owner.actor, Some(item), client);
            plot.write(Event { correlation, ..event });
        }
    }
    plot.awkward(
        "one_click_many_records",
        "one click writes over twenty records with one correlation; one is a share",
        &[created],
    );
}
