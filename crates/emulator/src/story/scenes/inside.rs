//! What looks like outside and is not, and what looks like inside and is not.

use std::rc::Rc;

use super::Scene;
use super::recipients::SECURE_LINK_USED;
use crate::story::cast::{Actor, Item, Recipient, Site};
use crate::story::clock::{HOUR, MINUTE};
use crate::story::deed::Deed;
use crate::story::event::{Event, Target};
use crate::story::plot::Plot;

pub(super) const SCENES: &[Scene] =
    &[a_company_link, groups_as_targets, an_application_shares_a_recording, a_system_reads, an_embedded_container];

fn a_company_link(plot: &mut Plot<'_>) {
    let t = plot.moment(6 * HOUR);
    let (owner, colleague) = (plot.employee(), plot.employee());
    let file = plot.file(&owner.onedrive);
    let sharing_id = Some(plot.dice.guid());
    let mut records = Vec::new();
    for (operation, link_scope) in [("CompanyLinkCreated", None), ("SharingLinkCreated", Some("Organization"))] {
        let event = plot.by(owner, operation, &file, t);
        records.push(plot.write(Event { sharing_id, link_scope, ..event }));
    }
    let event = Event::new(t + HOUR, "CompanyLinkUsed", &colleague.actor, Some(&file), &colleague.client);
    records.push(plot.write(Event { sharing_id, ..event }));
    let visit = plot.visit(&colleague.actor, &colleague.client, &file, None);
    records.push(plot.does(&visit, Deed::Open, t + HOUR));
    plot.awkward("company_link", "a link for the organisation: no guest can use it", &records);
}

fn groups_as_targets(plot: &mut Plot<'_>) {
    let t = plot.moment(4 * HOUR);
    let owner = plot.employee();
    let site = plot.site();
    let file = plot.file(site);
    let everyone = Recipient { name: "Everyone".to_owned(), kind: "SecurityGroup", person: Rc::from("everyone") };
    let (_, record) = plot.grants(owner, &file, &everyone, t);
    plot.awkward("everyone", "the group Everyone includes guests", &[record]);
    let other = plot.file(site);
    for (name, kind) in [
        ("Everyone except external users", "SecurityGroup"),
        ("c:0-.f|rolemanager|spo-grid-all-users/contoso", "SecurityGroup"),
    ] {
        let event = plot.by(owner, "SharingSet", &other, t + HOUR);
        let record = plot.write(Event { target: Some(Target { name: name.to_owned(), kind }), ..event });
        plot.awkward("everyone_but_outsiders", "a broad group that has no guests in it: no way in", &[record]);
    }
    let claim = format!("c:0o.c|federateddirectoryclaimprovider|{}", plot.dice.guid());
    let event = plot.by(owner, "SharingSet", &other, t + 2 * HOUR);
    let record = plot.write(Event { target: Some(Target { name: claim, kind: "SecurityGroup" }), ..event });
    plot.awkward(
        "group_of_unknown_members",
        "a directory group by its claim: who is in it stands in no record",
        &[record],
    );
}

fn an_application_shares_a_recording(plot: &mut Plot<'_>) {
    let t = plot.moment(6 * HOUR);
    let owner = plot.employee();
    let name = format!("Meeting {}.mp4", plot.dice.below(900) + 100);
    let file = plot.file_named(&owner.onedrive, "Recordings", &name);
    let outsider = plot.outsider();
    let Some(app) = plot.cast.systems.first() else { return };
    let target = Some(Target::from(&outsider.in_directory()));
    let event = Event::new(t, "SharingSet", app, Some(&file), &owner.client);
    let record = plot.write(Event { target, ..event });
    let link_id = format!("direct:{}", file.id());
    let share = plot.share(link_id, "direct", Some(&outsider.address), file.id(), owner, t);
    plot.shares[share.0].shared_by = app.0.user_id.clone();
    let visit = plot.visit(&outsider.guest, &outsider.client, &file, Some(share));
    plot.does(&visit, Deed::Open, t + HOUR);
    plot.awkward(
        "application_shares_recording",
        "an application shares a recording with the guests of a meeting",
        &[record],
    );
}

fn a_system_reads(plot: &mut Plot<'_>) {
    let t = plot.moment(4 * HOUR);
    let owner = plot.employee();
    let file = plot.file(&owner.onedrive);
    let outsider = plot.outsider();
    let share = plot.shares_with(owner, &file, &[outsider.by_address()], t).first().copied();
    let mut records = Vec::new();
    for system in &plot.cast.systems {
        let client = crate::story::cast::service("", &mut plot.dice);
        let visit = plot.visit(system, &client, &file, None);
        records.push(plot.does(&visit, Deed::Open, t + HOUR));
    }
    plot.awkward("system_actor", "search, retention and the like read files; nobody did", &records);
    let visit = plot.visit(&outsider.passcode, &outsider.client, &file, share);
    plot.redeems(&visit, SECURE_LINK_USED, t + 2 * HOUR);
    plot.does(&visit, Deed::Open, t + 2 * HOUR);
}

fn an_embedded_container(plot: &mut Plot<'_>) {
    let t = plot.moment(4 * HOUR);
    let outsider = plot.outsider();
    let template = plot.site();
    let server_path = format!("/contentstorage/CSP_{}", plot.dice.guid());
    let container = Rc::new(Site {
        id: plot.dice.guid(),
        web_id: plot.dice.guid(),
        url: format!("{}{server_path}", crate::story::cast::HOST),
        server_path,
        onedrive: false,
        title: "Loop".to_owned(),
        library: template.library.clone(),
        declared_library: template.declared_library.clone(),
        label: None,
    });
    let page: Item = plot.file_named(&container, "", "Ideas.loop");
    let guest: &Actor = &outsider.guest;
    let event = Event::new(t + MINUTE, "FileAccessed", guest, Some(&page), &outsider.client);
    let record = plot.write(event);
    plot.awkward(
        "embedded_container",
        "a Loop page lies in a container of an application, not in a library",
        &[record],
    );
}
