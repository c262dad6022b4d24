//! Things that are renamed or moved between sharing and access.

use super::Scene;
use super::recipients::SECURE_LINK_USED;
use crate::story::clock::{HOUR, MINUTE};
use crate::story::deed::Deed;
use crate::story::event::Event;
use crate::story::plot::Plot;

pub(super) const SCENES: &[Scene] =
    &[a_file_is_renamed, a_file_is_moved, a_folder_is_renamed, a_file_leaves_its_site, a_guest_renames];

fn a_file_is_renamed(plot: &mut Plot<'_>) {
    let t = plot.moment(8 * HOUR);
    let owner = plot.employee();
    let site = plot.site();
    let file = plot.file_named(site, "Plans", "plan.docx");
    let outsider = plot.outsider();
    let share = plot.shares_with(owner, &file, &[outsider.in_directory()], t).first().copied();
    let visit = plot.visit(&outsider.guest, &outsider.client, &file, share);
    plot.redeems(&visit, SECURE_LINK_USED, t + 10 * MINUTE);
    plot.does(&visit, Deed::Open, t + 10 * MINUTE);
    let renamed = file.at(&format!("{}/plan-v2.docx", file.folder()));
    let event = plot.by(owner, "FileRenamed", &file, t + HOUR);
    let rename = plot.write(Event { destination: Some(renamed.clone()), ..event });
    let opened = plot.does(&visit.at(&renamed), Deed::Open, t + 3 * HOUR);
    plot.awkward("renamed_in_between", "shared under one name, opened under another", &[rename, opened]);
}

fn a_file_is_moved(plot: &mut Plot<'_>) {
    let t = plot.moment(8 * HOUR);
    let owner = plot.employee();
    let site = plot.site();
    let file = plot.file(site);
    let outsider = plot.outsider();
    let share = plot.shares_with(owner, &file, &[outsider.by_address()], t).first().copied();
    let moved = file.at(&format!("{}/Archive/{}", site.library.name, file.name()));
    let event = plot.by(owner, "FileMoved", &file, t + HOUR);
    let movement = plot.write(Event { destination: Some(moved.clone()), ..event });
    let visit = plot.visit(&outsider.passcode, &outsider.client, &moved, share);
    plot.redeems(&visit, SECURE_LINK_USED, t + 2 * HOUR);
    let opened = plot.does(&visit, Deed::Open, t + 2 * HOUR);
    plot.awkward("moved_in_between", "shared in one folder, opened in another of the same site", &[movement, opened]);
}

fn a_folder_is_renamed(plot: &mut Plot<'_>) {
    let t = plot.moment(8 * HOUR);
    let owner = plot.employee();
    let site = plot.site();
    let folder = plot.folder(site);
    let file = plot.file_below(&folder, "");
    let outsider = plot.outsider();
    let share = plot.shares_with(owner, &folder, &[outsider.in_directory()], t).first().copied();
    let visit = plot.visit(&outsider.guest, &outsider.client, &file, share);
    plot.does(&visit, Deed::Open, t + 30 * MINUTE);
    let renamed = folder.at(&format!("{} final", folder.path));
    let event = plot.by(owner, "FolderRenamed", &folder, t + HOUR);
    let rename = plot.write(Event { destination: Some(renamed.clone()), ..event });
    let now_at = file.at(&format!("{}/{}", renamed.path, file.name()));
    let opened = plot.does(&visit.at(&now_at), Deed::Open, t + 2 * HOUR);
    // This one lies below the folder only under its new name.
    let fresh = plot.file_below(&renamed, "");
    let other = plot.does(&visit.at(&fresh), Deed::Download, t + 3 * HOUR);
    plot.awkward(
        "folder_renamed_in_between",
        "the shared folder was renamed: all below it has new paths",
        &[rename, opened, other],
    );
}

fn a_file_leaves_its_site(plot: &mut Plot<'_>) {
    let t = plot.moment(8 * HOUR);
    let owner = plot.employee();
    let (from, to) = (plot.new_site(), plot.new_site());
    let file = plot.file(&from);
    let outsider = plot.outsider();
    let share = plot.shares_with(owner, &file, &[outsider.in_directory()], t).first().copied();
    let visit = plot.visit(&outsider.guest, &outsider.client, &file, share);
    plot.does(&visit, Deed::Open, t + 20 * MINUTE);
    // A new site means a new unique id; the link stays behind.
    let arrived = plot.file_named(&to, "", file.name());
    let event = plot.by(owner, "FileMoved", &file, t + HOUR);
    let movement = plot.write(Event { destination: Some(arrived.clone()), ..event });
    let stray = plot.visit(&outsider.guest, &outsider.client, &arrived, None);
    let opened = plot.does(&stray, Deed::Open, t + 3 * HOUR);
    plot.awkward("moved_to_another_site", "a file that leaves its site leaves its links behind", &[movement, opened]);
}

fn a_guest_renames(plot: &mut Plot<'_>) {
    let t = plot.moment(6 * HOUR);
    let owner = plot.employee();
    let site = plot.site();
    let file = plot.file(site);
    let outsider = plot.outsider();
    let share = plot.shares_with(owner, &file, &[outsider.in_directory()], t).first().copied();
    let visit = plot.visit(&outsider.guest, &outsider.client, &file, share);
    let renamed = file.at(&format!("{}/renamed {}", file.folder(), file.name()));
    plot.does_with(&visit, Deed::Rename, t + HOUR, |event| Event { destination: Some(renamed.clone()), ..event });
    plot.does(&visit.at(&renamed), Deed::Open, t + HOUR + MINUTE);
}
