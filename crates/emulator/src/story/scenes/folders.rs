//! Shared folders: what is below is covered, also what comes later; what only begins with the same letters is not.

use super::Scene;
use super::recipients::SECURE_LINK_USED;
use crate::story::cast::Item;
use crate::story::clock::{HOUR, MINUTE, SECOND};
use crate::story::deed::Deed;
use crate::story::plot::Plot;

pub(super) const SCENES: &[Scene] = &[a_folder_is_shared, a_neighbour_of_a_shared_folder, a_folder_for_anyone];

pub(super) fn a_folder_is_shared(plot: &mut Plot<'_>) {
    let t = plot.moment(12 * HOUR);
    let owner = plot.employee();
    let site = plot.site();
    let folder = plot.folder(site);
    let outsider = plot.outsider();
    let share = plot.shares_with(owner, &folder, &[outsider.in_directory()], t).first().copied();
    let start = t + plot.dice.between(10, 120) * MINUTE;
    let door = plot.visit(&outsider.guest, &outsider.client, &folder, share);
    plot.redeems(&door, SECURE_LINK_USED, start);
    let mut at = start;
    for number in 0..plot.dice.between(2, 5) {
        let file = plot.file_below(&folder, if number % 2 == 0 { "" } else { "2026/" });
        at += plot.dice.between(1, 40) * MINUTE;
        let deed = *plot.dice.pick(&[Deed::Open, Deed::Open, Deed::Download, Deed::Preview]);
        plot.does(&door.at(&file), deed, at);
    }
    // Uploaded after the folder was shared.
    let later = plot.file_below(&folder, "2026/");
    let host = plot.visit(&owner.actor, &owner.client, &later, None);
    plot.does(&host, Deed::Upload, at + 10 * MINUTE);
    let opened = plot.does(&door.at(&later), Deed::Open, at + 30 * MINUTE);
    plot.awkward("file_added_to_shared_folder", "the file came into the folder after the folder was shared", &[opened]);
}

fn a_neighbour_of_a_shared_folder(plot: &mut Plot<'_>) {
    let t = plot.moment(6 * HOUR);
    let owner = plot.employee();
    let site = plot.site();
    let folder = plot.folder(site);
    let outsider = plot.outsider();
    let share = plot.shares_with(owner, &folder, &[outsider.in_directory()], t).first().copied();
    let inside = plot.file_below(&folder, "");
    let visit = plot.visit(&outsider.guest, &outsider.client, &inside, share);
    plot.does(&visit, Deed::Open, t + HOUR);
    // `Offers` is shared, `OffersOld` is not.
    let neighbour = Item { path: format!("{}Old", folder.path).into(), unique_id: Some(plot.dice.guid()), ..folder };
    let outside = plot.file_below(&neighbour, "");
    let visit = plot.visit(&outsider.guest, &outsider.client, &outside, None);
    let record = plot.does(&visit, Deed::Open, t + 2 * HOUR);
    plot.awkward(
        "folder_border",
        "the folder's name begins with that of a shared one, but it is another folder",
        &[record],
    );
}

fn a_folder_for_anyone(plot: &mut Plot<'_>) {
    let t = plot.moment(10 * HOUR);
    let owner = plot.employee();
    let folder = plot.folder(&owner.onedrive);
    let (share, _) = plot.makes_anyone_link(owner, &folder, "View", t);
    let stranger = plot.stranger();
    let door = plot.visit(&stranger.nameless, &stranger.client, &folder, Some(share));
    let mut records = plot.redeems(&door, &["AnonymousLinkUsed", "SharingLinkUsed"], t + HOUR);
    let inside = door.seen_as(&stranger.session, &stranger.client);
    for number in 1..=4 {
        let file = plot.file_below(&folder, "");
        records.push(plot.does(&inside.at(&file), Deed::Open, t + HOUR + number * 45 * SECOND));
    }
    plot.awkward(
        "anonymous_below_folder",
        "the link is on a folder, the anonymous accesses are on files below it",
        &records,
    );
}
