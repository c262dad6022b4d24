//! What comes late changes exactly the rows that it says something of.

use std::collections::BTreeMap;

use emulator::story::StoredActivity;
use serde_json::{Value, json};

use super::support::{ANA, LABEL, accesses, added, import, imported, item_id, knowing, record, shares, standing};
use crate::support::{Folder, Lab, held_back, now_ms, seeded, stored_at};

const LINK: &str = "6dd8014e-0000-4000-8000-000000000001";
const OTHER: &str = "6dd8014e-0000-4000-8000-000000000002";
const GUEST: &str = "li.wang_fabrikam.example#EXT#@contoso.onmicrosoft.com";
const LI: &str = "li.wang@fabrikam.example";

/// Revisions of accesses (by their first record) and of shares (by their recipient).
fn revisions(folder: &Folder) -> BTreeMap<String, i64> {
    let mut revisions = BTreeMap::new();
    for (kind, key) in [("access", "evidence_ids"), ("shares", "share_id")] {
        for row in folder.report(kind) {
            let name = row[key].as_array().map_or(&row[key], |ids| &ids[0]);
            revisions.insert(format!("{kind} {}", name.as_str().unwrap()), row["revision"].as_i64().unwrap());
        }
    }
    revisions
}

/// Imports `late` on top of `first`; how many rows have a new revision or are new.
fn changed_by(folder: &Folder, late: &[Value]) -> usize {
    let before = revisions(folder);
    import(folder, "late.ndjson", late);
    let after = revisions(folder);
    for (row, revision) in &before {
        assert!(after.get(row).is_none_or(|now| now >= revision), "{row} went back");
    }
    after.iter().filter(|(row, revision)| before.get(*row) != Some(revision)).count()
}

/// Somebody else's share and access, which nothing late has to do with.
fn bystanders() -> Vec<Value> {
    vec![
        added(90, "08:00:00", OTHER, "Docs/Other/b.docx", "vera@adatum.example"),
        record(91, "08:30:00", "FileAccessed", "urn:spo:guest#vera@adatum.example", "Docs/Other/b.docx", json!({})),
    ]
}

fn story(records: impl IntoIterator<Item = Value>) -> Folder {
    imported(&bystanders().into_iter().chain(records).collect::<Vec<_>>())
}

#[test]
fn a_share_that_comes_after_its_access_explains_it() {
    let folder = story([record(2, "10:00:00", "FileAccessed", GUEST, "Docs/plan.docx", json!({}))]);
    assert!(accesses(&folder).contains(&format!("{LI} read 2: none unknown")));
    assert_eq!(folder.report("unexplained").len(), 1);
    let changed = changed_by(&folder, &[added(1, "09:00:00", LINK, "Docs/plan.docx", LI)]);
    assert_eq!(changed, 2, "the share and the access");
    assert!(accesses(&folder).contains(&format!("{LI} read 2: recipient_item certain")));
    assert!(shares(&folder).contains(&format!("specific_people {LI} realised 1 uses: 1")));
    assert_eq!(folder.report("unexplained").len(), 0);
}

#[test]
fn a_share_that_was_made_after_the_access_does_not_explain_it() {
    let folder = story([record(2, "10:00:00", "FileAccessed", GUEST, "Docs/plan.docx", json!({}))]);
    assert_eq!(changed_by(&folder, &[added(1, "11:00:00", LINK, "Docs/plan.docx", LI)]), 1, "the share alone");
    assert!(accesses(&folder).contains(&format!("{LI} read 2: none unknown")));
}

#[test]
fn a_link_whose_making_arrives_later_has_a_kind_a_maker_and_a_time() {
    let used = json!({"UniqueSharingId": LINK});
    let folder = story([record(2, "10:00:00", "AnonymousLinkUsed", "anonymous", "Docs/plan.docx", used.clone())]);
    let row = |folder: &Folder| folder.report("shares").into_iter().find(|row| row["link_id"] == LINK).unwrap();
    assert!(row(&folder)["shared_at"].is_null() && row(&folder)["shared_by"].is_null(), "{}", row(&folder));
    let made = record(1, "09:00:00", "AnonymousLinkCreated", ANA, "Docs/plan.docx", used);
    assert_eq!(changed_by(&folder, &[made]), 2, "the share, and the access that names who shared");
    assert_eq!(row(&folder)["shared_by"], ANA);
    assert_eq!(row(&folder)["shared_at"], "2026-10-01T09:00:00.000Z");
    assert_eq!(row(&folder)["state"], "realised");
}

#[test]
fn a_removal_that_arrives_late_makes_the_access_after_it_unexplained() {
    let folder = story([
        added(1, "09:00:00", LINK, "Docs/plan.docx", LI),
        record(2, "10:00:00", "FileAccessed", GUEST, "Docs/plan.docx", json!({})),
        record(3, "15:00:00", "FileAccessed", GUEST, "Docs/plan.docx", json!({})),
    ]);
    assert!(accesses(&folder).contains(&format!("{LI} read 3: recipient_item certain")));
    let removed = json!({"UniqueSharingId": LINK, "TargetUserOrGroupName": LI, "TargetUserOrGroupType": "Guest"});
    let changed =
        changed_by(&folder, &[record(4, "12:00:00", "RemovedFromSecureLink", ANA, "Docs/plan.docx", removed)]);
    assert_eq!(changed, 2, "the share and the access after its end, not the one before");
    let told = accesses(&folder);
    assert!(told.contains(&format!("{LI} read 2: recipient_item certain")), "{told:?}");
    assert!(told.iter().any(|access| access.starts_with(&format!("{LI} read 3: none"))), "{told:?}");
    assert!(shares(&folder).contains(&format!("specific_people {LI} ended 1 uses: 1 4")), "{:?}", shares(&folder));
}

#[test]
fn a_label_event_that_arrives_late_classifies_what_came_after_it_only() {
    let folder = Folder::new();
    folder.write("labels.csv", format!("id,name\n{LABEL},Confidential\n"));
    let configuration = "[[tenant]]\nname = \"contoso\"\ntenant_id = \"7c1b7c0e-2f6d-4a51-9d4f-0d6b4a1f0c11\"\n\
        [tenant.classification]\nlabels_file = \"labels.csv\"\nclassified_labels = [\"Confidential\"]\n";
    folder.write("sharetrail.toml", configuration);
    let mut records = bystanders();
    records.extend([
        added(1, "09:00:00", LINK, "Docs/plan.docx", LI),
        record(2, "10:00:00", "FileAccessed", GUEST, "Docs/plan.docx", json!({})),
        record(3, "15:00:00", "FileAccessed", GUEST, "Docs/plan.docx", json!({})),
    ]);
    import(&folder, "records.ndjson", &records);
    assert_eq!(folder.report("classified").len(), 0);
    let applied = record(
        4,
        "12:00:00",
        "FileSensitivityLabelApplied",
        ANA,
        "Docs/plan.docx",
        json!({"SensitivityLabelId": LABEL}),
    );
    assert_eq!(changed_by(&folder, &[applied]), 2, "the later access, and the share whose item is classified now");
    let classified = folder.report("classified");
    assert_eq!(classified.len(), 1);
    assert_eq!(classified[0]["time_generated"], "2026-10-01T15:00:00.000Z");
    assert_eq!(classified[0]["label_name"], "Confidential");
    let share = folder.report("shares").into_iter().find(|row| row["recipient"] == LI).unwrap();
    assert_eq!(share["classified_now"], true, "{share}");
}

#[test]
fn a_site_s_label_seen_late_holds_for_all_that_lies_there_from_then_on() {
    let folder = Folder::new();
    folder.write("labels.csv", format!("id,name\n{LABEL},Confidential\n"));
    let configuration = "[[tenant]]\nname = \"contoso\"\ntenant_id = \"7c1b7c0e-2f6d-4a51-9d4f-0d6b4a1f0c11\"\n\
        [tenant.classification]\nlabels_file = \"labels.csv\"\nclassified_labels = [\"Confidential\"]\n";
    folder.write("sharetrail.toml", configuration);
    import(
        &folder,
        "records.ndjson",
        &[
            record(2, "10:00:00", "FileAccessed", GUEST, "Docs/plan.docx", json!({})),
            record(3, "15:00:00", "FileAccessed", GUEST, "Docs/plan.docx", json!({})),
            record(5, "16:00:00", "FileAccessed", GUEST, "Docs/other.docx", json!({})),
        ],
    );
    assert_eq!(folder.report("classified").len(), 0);
    let seen = record(
        4,
        "12:00:00",
        "FileRenamed",
        ANA,
        "Docs/third.docx",
        json!({
            "SiteSensitivityLabelId": LABEL, "DestinationFileName": "fourth.docx", "DestinationRelativeUrl": "Docs",
        }),
    );
    assert_eq!(changed_by(&folder, &[seen]), 2, "what was reached afterwards, wherever in the site");
    assert_eq!(folder.report("classified").len(), 2);
}

#[test]
fn a_folder_that_was_renamed_is_covered_under_its_new_name_once_that_is_known() {
    let shared = |number: u16, at: &str| {
        let more = json!({
            "UniqueSharingId": LINK, "TargetUserOrGroupName": LI, "TargetUserOrGroupType": "Guest", "ItemType": "Folder",
        });
        record(number, at, "AddedToSecureLink", ANA, "Docs/Offers", more)
    };
    let folder = story([
        shared(1, "09:00:00"),
        record(2, "10:00:00", "FileAccessed", GUEST, "Docs/Offers/a.docx", json!({})),
        record(3, "15:00:00", "FileAccessed", GUEST, "Docs/Archive/a.docx", json!({"ListItemUniqueId": item_id("x")})),
    ]);
    assert!(accesses(&folder).contains(&format!("{LI} read 3: none unknown")));
    let renamed = record(
        4,
        "12:00:00",
        "FolderRenamed",
        ANA,
        "Docs/Offers",
        json!({
            "ItemType": "Folder", "DestinationFileName": "Archive", "DestinationRelativeUrl": "Docs",
        }),
    );
    assert_eq!(changed_by(&folder, &[renamed]), 2, "the share and the access under the new name");
    let told = accesses(&folder);
    assert!(told.contains(&format!("{LI} read 2: recipient_ancestor probable")), "{told:?}");
    assert!(told.contains(&format!("{LI} read 3: recipient_ancestor probable")), "{told:?}");
}

#[test]
fn an_item_keeps_its_share_where_no_record_tells_how_it_got_there() {
    let folder = story([
        added(1, "09:00:00", LINK, "Docs/plan.docx", LI),
        record(
            2,
            "10:00:00",
            "FileAccessed",
            GUEST,
            "Docs/New/plan-v2.docx",
            json!({"ListItemUniqueId": item_id("Docs/plan.docx")}),
        ),
    ]);
    assert!(accesses(&folder).contains(&format!("{LI} read 2: recipient_item certain")), "{:?}", accesses(&folder));
}

#[test]
fn a_first_record_that_arrives_late_withdraws_the_access_that_began_after_it() {
    let mut tenant = seeded(61, 1_500, now_ms());
    // The first record of an access of several: without it, another record gives the access its id.
    let access = tenant.truth.accesses.iter().find(|access| access.records.len() == 3).unwrap();
    let first = access.records[0].clone();
    let held = held_back(&mut tenant, &[&first]);
    let lab = Lab::of(tenant);
    lab.configure(knowing(&lab));
    lab.collect().with_code(0);
    release(&lab, &held);
    assert_delivered_as_reported(&lab);
    let withdrawn = lab.arrived().iter().filter(|row| row["Withdrawn"] == true).count();
    assert_eq!(withdrawn, 1, "the access under the id of its second record");
}

/// Defender stores them now: within what a pass reads again, and behind where it ends.
fn release(lab: &Lab, held: &[StoredActivity]) {
    lab.emulator.append(held.iter().map(|activity| stored_at(activity, now_ms() - 6 * 60_000)).collect());
    lab.collect().with_code(0).printing(&format!(" {} stored", held.len()));
}

/// The workspace holds the rows of the reports, each in its latest revision.
#[track_caller]
fn assert_delivered_as_reported(lab: &Lab) {
    for (table, kind, id, key) in [
        ("ShareTrailShare_CL", "shares", "ShareId", "share_id"),
        ("ShareTrailAccess_CL", "access", "AccessId", "access_id"),
    ] {
        let delivered = standing(&lab.rows(table), id);
        let report = lab.folder.report(kind);
        let outsiders = |row: &&Value| {
            kind == "access"
                || !["member", "system", "application"].contains(&row["RecipientKind"].as_str().unwrap_or_default())
        };
        assert_eq!(delivered.iter().filter(outsiders).count(), report.len(), "{kind}");
        for row in &report {
            let arrived = delivered.iter().find(|arrived| arrived[id] == row[key]).unwrap_or_else(|| panic!("{row}"));
            assert_eq!(arrived["Revision"], row["revision"], "{row}");
            assert_eq!(arrived["EvidenceIds"], row["evidence_ids"], "{row}");
            for (column, reported) in [
                ("ShareKind", "share_kind"),
                ("SharedBy", "shared_by"),
                ("SharedAt", "shared_at"),
                ("Uses", "uses"),
                ("EndReason", "end_reason"),
                ("Recipient", "recipient"),
                ("ShareId", "share_id"),
                ("MatchRule", "match_rule"),
                ("Confidence", "confidence"),
                ("ClassifiedNow", "classified_now"),
                ("Classified", "classified"),
            ] {
                let is_column_of_it = !row[reported].is_null() && (column != "EndReason" || row["state"] != "expired");
                if is_column_of_it {
                    assert_eq!(arrived[column], row[reported], "{column} of {row}");
                }
            }
        }
    }
}

#[test]
fn shares_that_were_delivered_equal_the_report_also_after_late_records() {
    let mut tenant = seeded(62, 2_000, now_ms());
    let redeemed = tenant.truth.accesses.iter().filter(|access| access.action == "redeem");
    let late: Vec<String> = redeemed.flat_map(|access| access.records.clone()).step_by(3).collect();
    let late: Vec<&str> = late.iter().map(String::as_str).collect();
    let held = held_back(&mut tenant, &late);
    let lab = Lab::of(tenant);
    lab.configure(knowing(&lab));
    lab.collect().with_code(0);
    assert_delivered_as_reported(&lab);
    release(&lab, &held);
    assert_delivered_as_reported(&lab);
}
