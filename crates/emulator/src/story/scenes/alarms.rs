//! What somebody should be told of, each beside something innocent that looks like it.

use super::Scene;
use crate::story::cast::labels::CONFIDENTIAL;
use crate::story::cast::{Actor, Client, Item, outsider_named};
use crate::story::clock::{HOUR, MINUTE, SECOND};
use crate::story::deed::Deed;
use crate::story::event::Event;
use crate::story::guid::Guid;
use crate::story::plot::Plot;

pub(super) const SCENES: &[Scene] =
    &[a_folder_is_emptied, a_new_organisation_without_a_share, a_classified_file_for_anyone, a_site_opens_for_guests];

/// Files that a mass take needs within an hour, and two more.
const MANY: i64 = 52;

/// Somebody takes a whole folder within an hour; another one takes as much in two, and an employee does it in one.
fn a_folder_is_emptied(plot: &mut Plot<'_>) {
    let t = plot.moment(16 * HOUR);
    // Full hours, so that no take of an hour belongs to another one.
    let hour = t.div_euclid(HOUR) * HOUR + 2 * HOUR;
    let (owner, taker, collector) = (plot.employee(), plot.outsider(), plot.outsider());
    let site = plot.site();
    let folder = plot.folder(site);
    let shares = plot.shares_with(owner, &folder, &[taker.in_directory(), collector.in_directory()], t);
    let files: Vec<Item> = (0..MANY).map(|_| plot.file_below(&folder, "")).collect();
    let take = plot.visit(&taker.guest, &taker.client, &folder, shares.first().copied());
    let collect = plot.visit(&collector.guest, &collector.client, &folder, shares.get(1).copied());
    let own = plot.visit(&owner.actor, &owner.client, &folder, None);
    let mut taken = Vec::new();
    for (number, file) in (0..).zip(&files) {
        let offset = number * MINUTE;
        taken.push(plot.does(&take.at(file), Deed::Download, hour + offset));
        plot.does(&collect.at(file), Deed::Download, hour + 2 * HOUR + 2 * offset);
        plot.does(&own.at(file), Deed::Download, hour + offset + 5 * SECOND);
    }
    plot.awkward("folder_emptied", "one person takes over fifty files within an hour", &taken);
}

/// Nobody knows how the first person of an organisation came in; somebody of a known one comes in unexplained as well.
fn a_new_organisation_without_a_share(plot: &mut Plot<'_>) {
    let t = plot.moment(8 * HOUR);
    let number = plot.dice.below(9_000) + 1_000;
    let client = Client { ..(*plot.outsider().client).clone() };
    let newcomer =
        outsider_named(&format!("kai{number}"), &format!("newcomer{number}.example"), "Kai", client, &mut plot.dice);
    let site = plot.site();
    let (first, second) = (plot.file(site), plot.file(site));
    let visit = plot.visit(&newcomer.guest, &newcomer.client, &first, None);
    let opened = plot.does(&visit, Deed::Open, t + HOUR);
    plot.does(&visit.at(&second), Deed::Open, t + 2 * HOUR);
    plot.awkward("new_organisation", "the first person of an organisation, and no share that let them in", &[opened]);
}

/// A link for anyone to a classified file, and one to a plain file beside it.
fn a_classified_file_for_anyone(plot: &mut Plot<'_>) {
    let t = plot.moment(4 * HOUR);
    let owner = plot.employee();
    let classified = plot.file(&owner.onedrive).labelled(Some(&CONFIDENTIAL));
    let plain = plot.file(&owner.onedrive).labelled(None);
    plot.makes_anyone_link(owner, &classified, "View", t);
    plot.makes_anyone_link(owner, &plain, "View", t + 10 * MINUTE);
    // Links do not say what is at their end; who works on the file does.
    let visit = plot.visit(&owner.actor, &owner.client, &classified, None);
    plot.does(&visit, Deed::Modify, t + 20 * MINUTE);
}

/// An owner lets guests in; the service does the same for a site that it makes, and another owner shuts them out.
fn a_site_opens_for_guests(plot: &mut Plot<'_>) {
    let t = plot.moment(4 * HOUR);
    let owner = plot.employee();
    let sites = [plot.new_site(), plot.new_site(), plot.new_site()];
    let [opened, made, shut] = sites.map(|site| Item::of_site(&site));
    let weaker = changes(plot, &owner.actor, &opened, t, ("Disabled", "Enabled"));
    plot.alarm("sharing_policy_weakened", weaker);
    let service = plot.cast.systems.iter().find(|actor| actor.0.user_id.contains("ServiceOperator"));
    if let Some(service) = service {
        changes(plot, service, &made, t + HOUR, ("Disabled", "Enabled"));
    }
    changes(plot, &owner.actor, &shut, t + 2 * HOUR, ("Enabled", "Disabled"));
}

fn changes(plot: &mut Plot<'_>, who: &Actor, web: &Item, at_ms: i64, (old, new): (&str, &str)) -> Guid {
    let extra = format!(
        "\"ModifiedProperties\":[{{\"Name\":\"ShareWithGuests\",\"NewValue\":\"{new}\",\"OldValue\":\"{old}\"}}]"
    );
    let client = crate::story::cast::service("", &mut plot.dice);
    let event = Event::new(at_ms, "SharingPolicyChanged", who, Some(web), &client);
    plot.write(Event { extra: Some(extra), ..event })
}
