//! Odd names, odd addresses, odd copies.

use super::Scene;
use super::recipients::SECURE_LINK_USED;
use crate::story::cast::Item;
use crate::story::clock::{HOUR, MINUTE, SECOND};
use crate::story::deed::Deed;
use crate::story::event::{Event, Quirks};
use crate::story::plot::Plot;

pub(super) const SCENES: &[Scene] =
    &[odd_names, one_name_in_two_normal_forms, a_glued_address, odd_client_addresses, odd_copies];

fn odd_names(plot: &mut Plot<'_>) {
    for (name, case, about) in [
        ("100%25.docx", "percent_in_name", "decoding this name once more would change it"),
        ("C# notes #1.docx", "hash_in_name", "`#` is part of the name, not the start of a fragment"),
        ("a+b & c.xlsx", "plus_in_name", "`+` is a plus, not a blank"),
        ("She said \"no\".docx", "quotes_in_name", "quotes that must be escaped in JSON and CSV"),
        ("Café 漢字 🎉.pptx", "unicode_name", "letters outside ASCII, one outside the basic plane"),
        ("=HYPERLINK(1).xlsx", "formula_name", "a spreadsheet would take this name for a formula"),
        ("<b>bold</b>.docx", "markup_name", "a browser would take this name for markup"),
    ] {
        let t = plot.moment(4 * HOUR);
        let (owner, outsider) = (plot.employee(), plot.outsider());
        let file = plot.file_named(&owner.onedrive, "Oddities", name);
        let share = plot.shares_with(owner, &file, &[outsider.in_directory()], t).first().copied();
        let visit = plot.visit(&outsider.guest, &outsider.client, &file, share);
        let records =
            [plot.does(&visit, Deed::Open, t + HOUR), plot.does(&visit, Deed::Download, t + HOUR + 10 * MINUTE)];
        plot.awkward(case, about, &records);
    }
}

fn one_name_in_two_normal_forms(plot: &mut Plot<'_>) {
    let t = plot.moment(4 * HOUR);
    let (owner, outsider) = (plot.employee(), plot.outsider());
    let composed = plot.file_named(&owner.onedrive, "", "R\u{e9}sum\u{e9}.docx");
    let decomposed = composed.at(&composed.path.replace('\u{e9}', "e\u{301}"));
    let share = plot.shares_with(owner, &composed, &[outsider.in_directory()], t).first().copied();
    let visit = plot.visit(&outsider.guest, &outsider.client, &composed, share);
    let records =
        [plot.does(&visit, Deed::Open, t + HOUR), plot.does(&visit.at(&decomposed), Deed::Open, t + HOUR + MINUTE)];
    plot.awkward("two_normal_forms", "one name, composed in one record and decomposed in another", &records);
}

fn a_glued_address(plot: &mut Plot<'_>) {
    let t = plot.moment(4 * HOUR);
    let (owner, outsider) = (plot.employee(), plot.outsider());
    let file = plot.file(&owner.onedrive);
    let share = plot.shares_with(owner, &file, &[outsider.by_address()], t).first().copied();
    let visit = plot.visit(&outsider.passcode, &outsider.client, &file, share);
    plot.redeems(&visit, SECURE_LINK_USED, t + HOUR);
    plot.does(&visit, Deed::Open, t + HOUR);
    let glued = Item { glued: true, ..file };
    let record = plot.does(&visit.at(&glued), Deed::Open, t + HOUR + 30 * SECOND);
    plot.awkward(
        "glued_address",
        "the site's address is glued to a path from the host: `…/personal/u//personal/u/…`",
        &[record],
    );
}

fn odd_client_addresses(plot: &mut Plot<'_>) {
    let t = plot.moment(6 * HOUR);
    let owner = plot.employee();
    let file = plot.file(&owner.onedrive);
    let (share, _) = plot.makes_anyone_link(owner, &file, "View", t);
    let port = plot.dice.between(1_025, 65_000);
    for number in 0..4 {
        let at = t + HOUR + number * 20 * MINUTE;
        let stranger = plot.stranger();
        let address = stranger.client.address().to_owned();
        let brackets = if address.contains(':') { format!("[{address}]:{port}") } else { format!("{address}:{port}") };
        let (written, case, about) = match number {
            0 | 1 => (brackets, "client_address_with_port", "the client's address bears a port"),
            2 => (String::new(), "client_address_empty", "the record does not say from where"),
            _ => (address, "client_address_plain", "one that is written as all should be"),
        };
        let client = stranger.client.with_ip(&written);
        let mut records = Vec::new();
        let inside = plot.visit(&stranger.session, &client, &file, Some(share));
        if number != 2 {
            let door = inside.seen_as(&stranger.nameless, &client);
            records = plot.redeems(&door, &["AnonymousLinkUsed"], at);
        }
        records.push(plot.does(&inside, Deed::Open, at + SECOND));
        if number < 3 {
            plot.awkward(case, about, &records);
        }
    }
}

/// Defender's copies as they should not be, each with the access of a guest inside.
fn odd_copies(plot: &mut Plot<'_>) {
    let none = Quirks::default();
    for (quirks, case, about) in [
        (Quirks { entity_data_null: true, ..none }, "entity_data_null", "`entityData` is null as a whole"),
        (Quirks { user_name_missing: true, ..none }, "user_name_missing", "`user.userName` is missing"),
        (
            Quirks { keys_differ_in_case: true, ..none },
            "keys_differ_in_case",
            "keys that differ only in case stand in one object",
        ),
        (Quirks { booleans_as_text: true, ..none }, "booleans_as_text", "`\"True\"` where `true` is expected"),
        (Quirks { redelivered: true, ..none }, "redelivered", "the same `_id` again, its enrichment filled in later"),
    ] {
        let t = plot.moment(6 * HOUR);
        let (owner, outsider) = (plot.employee(), plot.outsider());
        let file = plot.file(&owner.onedrive);
        let share = plot.shares_with(owner, &file, &[outsider.in_directory()], t).first().copied();
        let visit = plot.visit(&outsider.guest, &outsider.client, &file, share);
        let record = plot.does_with(&visit, Deed::Open, t + HOUR, |event| Event { quirks, ..event });
        plot.awkward(case, about, &[record]);
    }
}
