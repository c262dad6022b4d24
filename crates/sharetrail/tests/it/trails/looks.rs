//! What `report` and `show` print of a small story.

use serde_json::{Value, json};

use super::support::{ANA, SITE, added, id, imported, numbers, record};
use crate::support::Folder;

const LINK: &str = "6dd8014e-0000-4000-8000-000000000001";
const OTHER: &str = "6dd8014e-0000-4000-8000-000000000002";
const LI: &str = "li.wang@fabrikam.example";
const VERA: &str = "vera@adatum.example";

/// Li is on a link and reads; Vera has two ways in, one in another site, comes by none of them, and reads something else.
fn story() -> Folder {
    let sales = |mut record: Value| {
        record["SiteUrl"] = "https://contoso.sharepoint.com/sites/Sales".into();
        record["ObjectId"] = "https://contoso.sharepoint.com/sites/Sales/Docs/price.docx".into();
        record
    };
    imported(&[
        added(1, "09:00:00", LINK, "Docs/plan.docx", LI),
        added(2, "09:10:00", LINK, "Docs/plan.docx", VERA),
        sales(added(3, "09:20:00", OTHER, "Docs/price.docx", VERA)),
        record(
            4,
            "10:00:00",
            "SecureLinkUsed",
            "urn:spo:guest#li.wang@fabrikam.example",
            "Docs/plan.docx",
            json!({"UniqueSharingId": LINK}),
        ),
        record(5, "10:00:01", "FileAccessed", "urn:spo:guest#li.wang@fabrikam.example", "Docs/plan.docx", json!({})),
        record(
            6,
            "11:00:00",
            "FileDownloaded",
            "li.wang_fabrikam.example#EXT#@contoso.onmicrosoft.com",
            "Docs/plan.docx",
            json!({}),
        ),
        record(7, "12:00:00", "FileAccessed", "urn:spo:guest#vera@adatum.example", "Docs/secret.docx", json!({})),
    ])
}

/// The numbers of the records that the rows rest on, row by row.
fn rows(folder: &Folder, arguments: &[&str]) -> Vec<String> {
    let arguments = ["report"].iter().chain(arguments).chain(&["--format", "json"]);
    let report = folder.program().run(arguments).with_code(0).json();
    report.as_array().unwrap().iter().map(|row| numbers(&row["evidence_ids"])).collect()
}

/// One column of a report.
fn column(folder: &Folder, key: &str, arguments: &[&str]) -> Vec<Value> {
    let arguments = ["report"].iter().chain(arguments).chain(&["--format", "json"]);
    let report = folder.program().run(arguments).with_code(0).json();
    report.as_array().unwrap().iter().map(|row| row[key].clone()).collect()
}

#[test]
fn each_report_can_be_narrowed_by_what_it_knows() {
    let folder = story();
    assert_eq!(rows(&folder, &["access"]), ["4", "5", "6", "7"]);
    assert_eq!(rows(&folder, &["access", "--person", LI]), ["4", "5", "6"]);
    assert_eq!(rows(&folder, &["access", "--since", "2026-10-01T11:00:00Z"]), ["6", "7"]);
    assert_eq!(rows(&folder, &["access", "--until", "2026-10-01T11:00:00Z"]), ["4", "5"]);
    assert_eq!(rows(&folder, &["access", "--classified"]), [""; 0]);
    assert_eq!(rows(&folder, &["shares"]), ["1", "2", "3"]);
    assert_eq!(rows(&folder, &["shares", "--person", "Vera@adatum.example"]), ["2", "3"]);
    assert_eq!(rows(&folder, &["shares", "--domain", "fabrikam.example"]), ["1"]);
    assert_eq!(rows(&folder, &["shares", "--site", "Sales"]), ["3"]);
    assert_eq!(rows(&folder, &["shares", "--site", SITE]), ["1", "2"]);
    assert_eq!(rows(&folder, &["shares", "--since", "2026-10-01T09:10:00Z"]), ["2", "3"]);
    assert_eq!(rows(&folder, &["unused"]), ["2", "3"]);
    assert_eq!(rows(&folder, &["unused", "--site", "sales"]), ["3"]);
    assert_eq!(rows(&folder, &["unexplained"]), ["7"]);
    assert_eq!(rows(&folder, &["unexplained", "--domain", "fabrikam.example"]), [""; 0]);
    assert_eq!(rows(&folder, &["classified"]), [""; 0]);
    assert_eq!(column(&folder, "person", &["people"]), [LI, VERA]);
    assert_eq!(column(&folder, "person", &["people", "--domain", "adatum.example"]), [VERA]);
    assert_eq!(column(&folder, "domain", &["domains", "--person", LI]), ["fabrikam.example"]);
    assert_eq!(column(&folder, "item_url", &["items", "--person", VERA]).len(), 1);
    assert_eq!(column(&folder, "item_url", &["items", "--site", "Sales"]), [""; 0]);
}

#[test]
fn one_person_in_two_forms_is_one_with_both_listed() {
    let folder = story();
    let person = &folder.report("people")[0];
    assert_eq!(person["person_kinds"], json!(["guest", "passcode_guest"]), "{person}");
    assert_eq!(person["forms"].as_array().unwrap().len(), 2, "{person}");
    assert_eq!(
        (&person["accesses"], &person["items"], &person["shares"]),
        (&json!(2), &json!(1), &json!(1)),
        "{person}"
    );
}

#[test]
fn every_report_ends_with_its_unit_and_with_what_was_left_out() {
    let folder = story();
    for kind in ["access", "shares", "people", "domains", "items", "classified", "unexplained", "unused"] {
        let table = folder.run(["report", kind]).with_code(0).stdout;
        // Shares are not counted in accesses.
        let counts_accesses = !["shares", "unused"].contains(&kind);
        assert_eq!(table.contains("An access is one outside person"), counts_accesses, "{kind}: {table}");
        assert!(
            table.contains(
                "left out: records that do nothing to an item (sharing, labels, administration and the like): 3"
            ),
            "{kind}: {table}"
        );
        folder.run(["report", kind, "--format", "csv"]).with_code(0).saying("left out: records that do nothing");
    }
}

#[test]
fn where_filters_leave_nothing_it_is_said_what_there_is() {
    let folder = story();
    folder
        .run(["report", "access", "--domain", "fabricam.example"])
        .with_code(0)
        .printing("There is no domain fabricam.example; did you mean fabrikam.example")
        .printing("Without filters there are 4 rows, from 2026-10-01 to 2026-10-01.");
    folder.run(["report", "shares", "--site", "Sails"]).with_code(0).printing("/sites/Sales");
    // Programs read standard output, people the other one.
    let csv = folder.run(["report", "people", "--person", "li.wang", "--format", "csv"]).with_code(0);
    assert_eq!(csv.stdout.lines().count(), 1, "{csv}");
    csv.saying("did you mean li.wang@fabrikam.example?");
    let all = folder.run(["report", "classified"]).with_code(0);
    assert!(!all.stdout.contains("Without filters"), "{all}");
}

#[test]
fn a_filter_that_a_report_does_not_know_is_refused() {
    let folder = story();
    for kind in ["shares", "unused"] {
        folder.run(["report", kind, "--classified"]).with_code(2).saying("--classified has no effect on this report");
    }
}

#[test]
fn show_prints_each_thing_with_its_share_its_rule_and_its_records() {
    let folder = story();
    let person = folder.run(["show", "person", LI]).with_code(0);
    for part in [
        LI,
        "came as guest, passcode_guest",
        "shared      plan.docx with li.wang@fabrikam.example by ana@contoso.example (specific_people, ",
        "redeem      plan.docx by li.wang@fabrikam.example (passcode_guest)",
        "take        plan.docx by li.wang@fabrikam.example (guest)",
        "(link_used, certain)",
        "(recipient_item, certain)",
        &format!("records: {}", id(6)),
    ] {
        assert!(person.stdout.contains(part), "{part}: {person}");
    }
    let vera =
        folder.run(["show", "person", VERA]).with_code(0).printing("through no known share (confidence unknown)");
    assert!(!vera.stdout.contains(LI), "{vera}");
    let item = folder.run(["show", "item", "plan.docx"]).with_code(0).printing(LI).printing(VERA).printing(ANA);
    assert!(!item.stdout.contains("price.docx"), "{item}");
    let shares = folder.report("shares");
    let share = shares[0]["share_id"].as_str().unwrap();
    let shown = folder.run(["show", "share", share]).with_code(0).printing(share).printing("redeem");
    assert!(!shown.stdout.contains(VERA), "{shown}");
    folder.run(["show", "record", &id(6)]).with_code(0).printing("FileDownloaded");
    let json = folder.run(["show", "share", share, "--json"]).with_code(0).json();
    assert_eq!((json["shares"].as_array().unwrap().len(), json["accesses"].as_array().unwrap().len()), (1, 3));
}

#[test]
fn what_is_not_there_is_said_in_a_sentence() {
    let folder = story();
    for (kind, what) in [("share", "of share nope"), ("person", "of nope"), ("item", "of the item nope")] {
        folder.run(["show", kind, "nope"]).with_code(1).saying(&format!("nothing is known {what}; `report"));
    }
    folder.run(["show", "record", &id(99)]).with_code(1).saying("no record");
}
