//! Outsiders who are hard to recognise.

use std::rc::Rc;

use super::Scene;
use super::recipients::SECURE_LINK_USED;
use crate::story::cast::{Actor, INITIAL_DOMAIN, outsider_named};
use crate::story::clock::{HOUR, MINUTE};
use crate::story::deed::Deed;
use crate::story::plot::Plot;

pub(super) const SCENES: &[Scene] = &[forms_of_guests, a_foreign_name, a_partner_administers];

/// Lets an outsider in one particular form open a file that was shared with them.
fn opens_as(
    plot: &mut Plot<'_>,
    user_id: &str,
    user_type: u8,
    person: &str,
    kind: &'static str,
    case: (&'static str, &'static str),
) {
    let t = plot.moment(4 * HOUR);
    let owner = plot.employee();
    let file = plot.file(&owner.onedrive);
    let person = Rc::from(person);
    let actor = Actor::outsider(user_id, user_type, "Guest", &person, kind, &mut plot.dice);
    let client = Rc::clone(&plot.outsider().client);
    let name = if kind == "guest" { user_id.to_owned() } else { person.to_uppercase() };
    let recipient = crate::story::cast::Recipient { name, kind: "Guest", person };
    let share = plot.shares_with(owner, &file, &[recipient], t).first().copied();
    let visit = plot.visit(&actor, &client, &file, share);
    let mut records = plot.redeems(&visit, SECURE_LINK_USED, t + HOUR);
    records.push(plot.does(&visit, Deed::Open, t + HOUR));
    records.push(plot.does(&visit, Deed::Download, t + HOUR + 3 * MINUTE));
    plot.awkward(case.0, case.1, &records);
}

fn forms_of_guests(plot: &mut Plot<'_>) {
    let number = plot.dice.below(900) + 100;
    let local = format!("Alice_B{number}");
    opens_as(
        plot,
        &format!("{local}_fabrikam.co.example#EXT#@{INITIAL_DOMAIN}"),
        0,
        &format!("{}@fabrikam.co.example", local.to_lowercase()),
        "guest",
        ("ext_underscores", "the address behind `#EXT#` has underscores before its last one, the `@`"),
    );
    opens_as(
        plot,
        &format!("bob{number}_fabrikam.example#ext#@{INITIAL_DOMAIN}"),
        10,
        &format!("bob{number}@fabrikam.example"),
        "guest",
        ("ext_in_small_letters", "`#ext#` in small letters in the audit record"),
    );
    opens_as(
        plot,
        &format!("kiosk{number}#EXT#@{INITIAL_DOMAIN}"),
        0,
        &format!("kiosk{number}#ext#@{INITIAL_DOMAIN}"),
        "guest",
        ("ext_without_underscore", "nothing before `#EXT#` can be decoded: a guest of unknown domain"),
    );
    opens_as(
        plot,
        &format!("urn%3aspo%3aguest%23carol{number}@litware.example"),
        0,
        &format!("carol{number}@litware.example"),
        "passcode_guest",
        ("passcode_guest_encoded", "the passcode form arrives percent-encoded"),
    );
    opens_as(
        plot,
        &format!("urn:spo:guest#Dave.Q{number}@LITWARE.example"),
        10,
        &format!("dave.q{number}@litware.example"),
        "passcode_guest",
        ("mixed_case_identity", "the same address in capitals and in small letters is one person"),
    );
}

fn a_foreign_name(plot: &mut Plot<'_>) {
    let t = plot.moment(6 * HOUR);
    let owner = plot.employee();
    let site = plot.new_site();
    let (file, outsider) = (plot.file(&site), plot.outsider());
    let client = (*outsider.client).clone();
    let number = plot.dice.below(900) + 100;
    let partner = outsider_named(&format!("Remy{number}"), "northwind.example", "Remy", client, &mut plot.dice);
    let share = plot.shares_with(owner, &file, &[partner.by_address()], t).first().copied();
    let visit = plot.visit(&partner.foreign, &partner.client, &file, share);
    let records = [
        plot.does(&visit, Deed::Open, t + HOUR),
        plot.does(&visit, Deed::Modify, t + HOUR + MINUTE),
        plot.does(&visit, Deed::Open, t + 3 * HOUR),
    ];
    plot.awkward("foreign_upn", "a plain address of a foreign domain: a shared channel or a trusted tenant", &records);
}

fn a_partner_administers(plot: &mut Plot<'_>) {
    let t = plot.moment(4 * HOUR);
    let site = plot.site();
    let file = plot.file(site);
    let number = plot.dice.below(900) + 100;
    let user_id = format!("admin{number}@cloudpartner.example");
    let person = Rc::from(user_id.as_str());
    let partner = Actor::outsider(&user_id, 9, "Partner", &person, "partner_admin", &mut plot.dice);
    let client = Rc::clone(&plot.outsider().client);
    let visit = plot.visit(&partner, &client, &file, None);
    let record = plot.does(&visit, Deed::Open, t + MINUTE);
    plot.awkward(
        "partner_administrator",
        "UserType 9: a partner's technician with delegated rights, not a guest",
        &[record],
    );
}
