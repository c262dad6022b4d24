//! Copies that leave, and copies that only seem to.

use std::rc::Rc;

use super::Scene;
use super::recipients::SECURE_LINK_USED;
use crate::story::cast::{self, places};
use crate::story::clock::{HOUR, MINUTE, SECOND};
use crate::story::deed::Deed;
use crate::story::event::Event;
use crate::story::plot::Plot;

pub(super) const SCENES: &[Scene] =
    &[a_document_is_opened_in_the_browser, a_zip_with_its_files, a_zip_alone, a_library_is_synced];

pub(super) fn a_document_is_opened_in_the_browser(plot: &mut Plot<'_>) {
    let t = plot.moment(10 * HOUR);
    let owner = plot.employee();
    let site = plot.site();
    let name = format!("Draft {}.docx", plot.dice.below(900) + 100);
    let file = plot.file_named(site, "Drafts", &name);
    let outsider = plot.outsider();
    let share = plot.shares_with(owner, &file, &[outsider.in_directory()], t).first().copied();
    let visit = plot.visit(&outsider.guest, &outsider.client, &file, share);
    let start = t + plot.dice.between(10, 300) * MINUTE;
    let opened = plot.does(&visit, Deed::Open, start);
    let fetched = plot.does(&visit, Deed::OfficeFetch, start + 2 * SECOND);
    let saved = plot.does(&visit, Deed::OfficeSave, start + 40 * SECOND);
    plot.does(&visit, Deed::KeepModifying, start + 2 * HOUR);
    plot.awkward(
        "office_on_the_web",
        "FileDownloaded by Office on the web is the reading of a page, not a download",
        &[opened, fetched, saved],
    );
    let word = cast::service(places::WORD_SERVICE, &mut plot.dice);
    let rendered = plot.does(&visit.seen_as(&visit.who, &word), Deed::Open, start + 3 * SECOND);
    plot.awkward("service_address", "the client address is that of a service which acts for the person", &[rendered]);
}

fn a_zip_with_its_files(plot: &mut Plot<'_>) {
    let t = plot.moment(6 * HOUR);
    let owner = plot.employee();
    let folder = plot.folder(&owner.onedrive);
    let outsider = plot.outsider();
    let share = plot.shares_with(owner, &folder, &[outsider.by_address()], t).first().copied();
    let packer = cast::service(places::ZIP, &mut plot.dice);
    let door = plot.visit(&outsider.passcode, &outsider.client, &folder, share);
    plot.redeems(&door, SECURE_LINK_USED, t + HOUR);
    let zip: Rc<str> = format!("{}.zip", folder.name()).into();
    let packed = |event| Event { zip: Some(Rc::clone(&zip)), ..event };
    let mut records = Vec::new();
    for number in 0..4 {
        let file = plot.file_below(&folder, if number == 3 { "2026/" } else { "" });
        let visit = door.at(&file).seen_as(&outsider.passcode, &packer);
        records.push(plot.does_with(&visit, Deed::Download, t + HOUR + MINUTE, packed));
    }
    // The zip's own record: not a fifth file.
    let archive = plot.file_named(&owner.onedrive, "", &zip);
    let own = Event::new(t + HOUR + MINUTE, "FileDownloaded", &outsider.passcode, Some(&archive), &packer);
    let own = Event { correlation: door.correlation, session: Some(door.session), ..packed(own) };
    records.push(plot.write(own));
    plot.awkward("zip_with_files", "each file of the zip has a record, and so has the zip, which is no file", &records);
}

fn a_zip_alone(plot: &mut Plot<'_>) {
    let t = plot.moment(6 * HOUR);
    let owner = plot.employee();
    let folder = plot.folder(&owner.onedrive);
    let outsider = plot.outsider();
    let share = plot.shares_with(owner, &folder, &[outsider.by_address()], t).first().copied();
    let packer = cast::service(places::ZIP, &mut plot.dice);
    let name = format!("{}.zip", plot.dice.between(1, 9));
    let archive = plot.file_named(&owner.onedrive, "", &name);
    let visit = plot.visit(&outsider.passcode, &packer, &archive, share);
    let zip = Some(Rc::from(name));
    let record = plot.does_with(&visit, Deed::Download, t + HOUR, |event| Event { zip, ..event });
    plot.awkward("zip_alone", "only the zip has a record: what was in it is unknown", &[record]);
}

fn a_library_is_synced(plot: &mut Plot<'_>) {
    let t = plot.moment(6 * HOUR);
    let owner = plot.employee();
    let site = plot.site();
    let folder = plot.folder(site);
    let outsider = plot.outsider();
    let share = plot.shares_with(owner, &folder, &[outsider.in_directory()], t).first().copied();
    let client = outsider.client.with_agent(places::SYNC_CLIENT);
    let allowed = Event::new(t + HOUR, "ManagedSyncClientAllowed", &outsider.guest, Some(&folder), &client);
    let mut records = vec![plot.write(allowed)];
    let visit = plot.visit(&outsider.guest, &outsider.client, &folder, share);
    for number in 0..5 {
        let file = plot.file_below(&folder, "");
        records.push(plot.does(&visit.at(&file), Deed::SyncDown, t + HOUR + number * 5 * SECOND));
    }
    plot.awkward("library_synced", "the sync client of a guest copies a whole folder", &records);
}
