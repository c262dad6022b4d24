//! Classified things: labels on files and sites, declared libraries, and what happens to them.

use super::Scene;
use super::recipients::SECURE_LINK_USED;
use crate::story::cast::labels::{CONFIDENTIAL, GENERAL, HIGHLY_CONFIDENTIAL, OF_ANOTHER_TENANT};
use crate::story::cast::{Item, Site};
use crate::story::clock::{HOUR, MINUTE};
use crate::story::deed::Deed;
use crate::story::event::Event;
use crate::story::guid::Guid;
use crate::story::json;
use crate::story::plot::Plot;

pub(super) const SCENES: &[Scene] = &[
    a_classified_file_is_shared,
    a_label_comes_and_goes,
    a_file_in_a_declared_library,
    a_file_on_a_labelled_site,
    a_label_of_another_tenant,
    a_label_from_the_desktop,
];

/// A guest gets a link to the file and opens it; answers the records of the guest.
fn guest_opens(plot: &mut Plot<'_>, file: &Item, at_ms: i64) -> Vec<Guid> {
    let (owner, outsider) = (plot.employee(), plot.outsider());
    let share = plot.shares_with(owner, file, &[outsider.by_address()], at_ms).first().copied();
    let visit = plot.visit(&outsider.passcode, &outsider.client, file, share);
    let mut records = plot.redeems(&visit, SECURE_LINK_USED, at_ms + 30 * MINUTE);
    records.push(plot.does(&visit, Deed::Open, at_ms + 30 * MINUTE));
    records.push(plot.does(&visit, Deed::Download, at_ms + 40 * MINUTE));
    records
}

pub(super) fn a_classified_file_is_shared(plot: &mut Plot<'_>) {
    let t = plot.moment(4 * HOUR);
    let site = plot.site();
    let label = *plot.dice.pick(&[&CONFIDENTIAL, &HIGHLY_CONFIDENTIAL]);
    let file = plot.file(site).labelled(Some(label));
    guest_opens(plot, &file, t);
}

fn a_label_comes_and_goes(plot: &mut Plot<'_>) {
    let t = plot.moment(8 * HOUR);
    let (owner, outsider) = (plot.employee(), plot.outsider());
    let site = plot.site();
    let plain = plot.file(site).labelled(None);
    let labelled = plain.labelled(Some(&CONFIDENTIAL));
    let share = plot.shares_with(owner, &plain, &[outsider.in_directory()], t).first().copied();
    let visit = plot.visit(&outsider.guest, &outsider.client, &plain, share);
    let before = plot.does(&visit, Deed::Open, t + 20 * MINUTE);
    let label = |key: &str| format!("\"{key}\":\"{}\"", CONFIDENTIAL.id);
    let event = plot.by(owner, "FileSensitivityLabelApplied", &labelled, t + HOUR);
    let applied = plot.write(Event { extra: Some(label("DestinationLabel")), ..event });
    let during = plot.does(&visit.at(&labelled), Deed::Open, t + 90 * MINUTE);
    let event = plot.by(owner, "FileSensitivityLabelRemoved", &plain, t + 2 * HOUR);
    let removed = plot.write(Event { extra: Some(label("SourceLabel")), ..event });
    let after = plot.does(&visit, Deed::Open, t + 3 * HOUR);
    plot.awkward(
        "label_changed",
        "the file was classified at the second of three accesses only",
        &[before, applied, during, removed, after],
    );
}

fn a_file_in_a_declared_library(plot: &mut Plot<'_>) {
    let t = plot.moment(8 * HOUR);
    let site = plot.site();
    let unlabelled = plot.declared_file(site);
    let records = guest_opens(plot, &unlabelled, t);
    plot.awkward(
        "declared_library",
        "no record shows that the library is classified: the security office says so",
        &records,
    );
    let lower = plot.declared_file(site).labelled(Some(&GENERAL));
    let records = guest_opens(plot, &lower, t + 2 * HOUR);
    plot.awkward("lower_label_in_declared_library", "the file's own label is lower than its library's class", &records);
    // `Board Papers Public` is not below `Board Papers`.
    let path = format!("{} Public/{}", site.declared_library.name, unlabelled.name());
    let beside = Item { unique_id: Some(plot.dice.guid()), list_id: Some(plot.dice.guid()), ..unlabelled.at(&path) };
    let records = guest_opens(plot, &beside, t + 4 * HOUR);
    plot.awkward("beside_declared_library", "the library's name only begins like that of a declared one", &records);
}

fn a_file_on_a_labelled_site(plot: &mut Plot<'_>) {
    let t = plot.moment(4 * HOUR);
    let labelled = |site: &&std::rc::Rc<Site>| site.label.is_some_and(|label| label.classified);
    let sites: Vec<_> = plot.cast.sites.iter().filter(labelled).collect();
    let site = *plot.dice.pick(&sites);
    let file = plot.file(site).labelled(None);
    let records = guest_opens(plot, &file, t);
    plot.awkward("site_label_only", "the file bears no label, its site does", &records);
}

fn a_label_of_another_tenant(plot: &mut Plot<'_>) {
    let t = plot.moment(4 * HOUR);
    let site = plot.site();
    let file = plot.file(site).labelled(Some(&OF_ANOTHER_TENANT));
    let records = guest_opens(plot, &file, t);
    plot.awkward("label_of_another_tenant", "the label's id is one that this tenant does not know", &records);
}

fn a_label_from_the_desktop(plot: &mut Plot<'_>) {
    let t = plot.moment(4 * HOUR);
    let owner = plot.employee();
    let mut extra = "\"SensitivityLabelEventData\":{".to_owned();
    json::text(&mut extra, "SensitivityLabelId", CONFIDENTIAL.id);
    json::number(&mut extra, "ActionSource", 3);
    extra.push('}');
    json::text(&mut extra, "ObjectId", "C:\\Users\\ana\\Documents\\Budget \"final\".docx");
    let event = Event::new(t, "SensitivityLabelApplied", &owner.actor, None, &owner.client);
    let applied = plot.write(Event { extra: Some(extra), ..event });
    plot.awkward("label_from_desktop", "an Office app labels a file; the object is a local path", &[applied]);
}
