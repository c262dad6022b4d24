//! Rules of the reading that no other test bears the name of, each by records that it alone explains.

use emulator::story::StoredActivity;
use serde_json::{Value, json};

use super::support::{ANA, BOB, LABEL, SITE, accesses, added, import, imported, record};
use crate::support::{Folder, Lab, now_ms, record as activity, stored_at, tenant_of};

const LINK: &str = "6dd8014e-0000-4000-8000-000000000001";
const OTHER: &str = "6dd8014e-0000-4000-8000-000000000002";
const GUEST: &str = "li.wang_fabrikam.example#EXT#@contoso.onmicrosoft.com";
const LI: &str = "li.wang@fabrikam.example";
const TEAM: &str = "aaaaaaaa-0000-4000-8000-00000000000a";

/// A folder whose configuration calls the label and a policy classified, and knows the site of a team.
fn knowing(records: &[Value]) -> Folder {
    let folder = Folder::new();
    folder.write("labels.csv", format!("id,name\n{LABEL},Confidential\n"));
    let configuration = format!(
        "[[tenant]]\nname = \"contoso\"\ntenant_id = \"7c1b7c0e-2f6d-4a51-9d4f-0d6b4a1f0c11\"\n\
         [tenant.classification]\nlabels_file = \"labels.csv\"\nclassified_labels = [\"Confidential\"]\n\
         classified_policies = [\"Credit cards\"]\n\
         [[tenant.team]]\ngroup_id = \"{TEAM}\"\nsite = \"{SITE}\"\n"
    );
    folder.write("sharetrail.toml", configuration);
    import(&folder, "records.ndjson", records);
    folder
}

/// `classified label sources` of each access, in order of time.
fn classifications(folder: &Folder) -> Vec<String> {
    let told = |row: &Value| {
        let text = |key: &str| row[key].as_str().unwrap_or("-").to_owned();
        format!("{} {} {}", row["classified"], text("label_name"), text("classification_source"))
    };
    folder.report("access").iter().map(told).collect()
}

fn opened(number: u16, at: &str, path: &str, more: Value) -> Value {
    record(number, at, "FileAccessed", GUEST, path, more)
}

#[test]
fn a_label_that_a_record_which_was_not_kept_has_shown_counts_from_the_end_of_its_day() {
    let seen = record(1, "09:00:00", "FileAccessed", BOB, "Docs/plan.docx", json!({"SensitivityLabelId": LABEL}));
    let next_day = json!({"CreationTime": "2026-10-02T09:00:00"});
    let folder =
        knowing(&[seen, opened(2, "15:00:00", "Docs/plan.docx", json!({})), opened(3, "", "Docs/plan.docx", next_day)]);
    assert_eq!(classifications(&folder), ["null - -", "true Confidential file_label"]);
    folder.run(["show", "record", "00000000-0000-4000-8000-000000000001"]).with_code(1);
}

#[test]
fn the_empty_guid_is_no_label_and_a_label_event_that_failed_says_nothing() {
    let empty = json!({"SensitivityLabelId": "00000000-0000-0000-0000-000000000000"});
    let failed = json!({"SensitivityLabelId": LABEL});
    let folder = knowing(&[
        record(1, "08:00:00", "FileSensitivityLabelAppliedFailed", ANA, "Docs/plan.docx", failed),
        opened(2, "09:00:00", "Docs/plan.docx", empty),
    ]);
    assert_eq!(classifications(&folder), ["null - -"]);
    assert!(folder.report("access")[0]["label_id"].is_null());
}

#[test]
fn a_label_of_a_site_whose_record_names_the_site_as_its_object_only_holds_for_what_lies_there() {
    let labelled = json!({
        "ObjectId": SITE, "SiteUrl": null, "Site": null, "ListItemUniqueId": null, "SourceFileName": null,
        "SourceRelativeUrl": null, "ItemType": "Site", "SiteSensitivityLabelId": LABEL,
    });
    let folder = knowing(&[
        opened(1, "08:00:00", "Docs/plan.docx", json!({})),
        record(2, "09:00:00", "SiteSensitivityLabelApplied", ANA, "", labelled),
        opened(3, "10:00:00", "Docs/plan.docx", json!({})),
    ]);
    assert_eq!(classifications(&folder), ["null - -", "true Confidential site_label"]);
}

#[test]
fn a_file_that_a_content_policy_matches_is_classified_and_what_was_found_is_nowhere() {
    let found = json!({
        "RecordType": 11, "ObjectId": "whatever", "Workload": "SharePoint",
        "SharePointMetaData": {"FilePathUrl": format!("{SITE}/Docs/plan.docx"), "SiteCollectionUrl": SITE},
        "PolicyDetails": [{"PolicyId": "p-1", "PolicyName": "Credit cards", "Rules": [{"ConditionsMatched": {
            "SensitiveInformation": [{"SensitiveInformationDetections": {"DetectedValues": [{"Value": "4111-S3CRET"}]}}]}}]}],
    });
    let elsewhere = json!({"RecordType": 63, "ObjectId": "C:\\Users\\ana\\plan.docx"});
    let folder = knowing(&[
        opened(1, "08:00:00", "Docs/plan.docx", json!({})),
        record(2, "09:00:00", "DlpRuleMatch", "DlpAgent", "Docs/plan.docx", found),
        record(3, "09:30:00", "DlpRuleMatch", "DlpAgent", "Docs/plan.docx", elsewhere),
        opened(4, "10:00:00", "Docs/plan.docx", json!({})),
    ]);
    assert_eq!(classifications(&folder), ["null - -", "true - policy"]);
    assert_eq!(folder.report("access")[1]["classification_level"], "Credit cards");
    let shown = folder.run(["show", "record", "00000000-0000-4000-8000-000000000002"]).with_code(0);
    assert!(shown.stdout.contains("\"DetectedValues\":null") && !shown.stdout.contains("S3CRET"), "{shown}");
    folder.run(["show", "record", "00000000-0000-4000-8000-000000000003"]).with_code(1);
}

#[test]
fn who_joined_a_team_whose_site_is_known_reached_its_files_as_a_member() {
    let joined = |number: u16, at: &str, team: &str| {
        let more = json!({
            "RecordType": 25, "Workload": "MicrosoftTeams", "ObjectId": null, "Site": null, "SiteUrl": null,
            "ListItemUniqueId": null, "SourceFileName": null, "SourceRelativeUrl": null, "ItemType": null,
            "AADGroupId": team, "TeamName": "A team", "Members": [{"UPN": GUEST, "Role": 3}],
        });
        record(number, at, "MemberAdded", ANA, "", more)
    };
    let folder = knowing(&[
        joined(1, "08:00:00", TEAM),
        joined(2, "08:30:00", "bbbbbbbb-0000-4000-8000-00000000000b"),
        opened(3, "10:00:00", "Docs/plan.docx", json!({})),
    ]);
    assert_eq!(accesses(&folder), [format!("{LI} read 3: site_membership probable")]);
    assert_eq!(folder.report("shares").len(), 1, "a team whose site nobody named opens no site");
    let excluded = folder.report("excluded");
    let of_team = excluded.iter().find(|row| row["reason"].as_str().unwrap().contains("teams whose site"));
    assert_eq!(of_team.unwrap()["records"], 1, "{excluded:?}");
    // Named later, the site is taken into account without new records.
    let configuration = folder.read("sharetrail.toml").replace(TEAM, "bbbbbbbb-0000-4000-8000-00000000000b");
    folder.write("sharetrail.toml", configuration);
    import(&folder, "none.ndjson", &[record(9, "11:00:00", "FileAccessed", BOB, "Docs/plan.docx", json!({}))]);
    assert_eq!(folder.report("shares")[0]["evidence_ids"], json!(["00000000-0000-4000-8000-000000000002"]));
}

#[test]
fn a_visitor_whom_another_record_shows_at_the_same_address_came_through_the_link_that_was_used_there() {
    let link = json!({"UniqueSharingId": LINK, "ItemType": "Folder"});
    let preview = json!({"ClientIP": "40.101.1.1", "UserAgent": "OneDriveMpc-Transform_Thumbnail/1.0"});
    let visitor = "urn:spo:anon#ab12";
    let folder = imported(&[
        record(1, "08:00:00", "AnonymousLinkCreated", ANA, "Docs/Set", link.clone()),
        record(2, "09:00:00", "AnonymousLinkUsed", "anonymous", "Docs/Set", link),
        record(3, "09:10:00", "FilePreviewed", visitor, "Docs/Set/a.docx", preview),
    ]);
    let preview = |folder: &Folder| accesses(folder).into_iter().find(|told| told.contains("weak_read")).unwrap();
    assert_eq!(preview(&folder), "anon:ab12 weak_read 3: none unknown");
    // The visitor opens another file, from the address from which the link was used.
    import(&folder, "late.ndjson", &[record(4, "09:20:00", "FileAccessed", visitor, "Docs/Set/b.docx", json!({}))]);
    assert_eq!(preview(&folder), "anon:ab12 weak_read 3: anonymous_session probable");
}

#[test]
fn who_accepted_in_another_s_place_has_the_other_s_shares_and_not_the_other_way_round() {
    let kim = "kim@adatum.example";
    let accepted = json!({"TargetUserOrGroupName": "SALES@ADATUM.EXAMPLE", "TargetUserOrGroupType": "Guest"});
    let folder = imported(&[
        added(1, "08:00:00", LINK, "Docs/plan.docx", "sales@adatum.example"),
        added(2, "08:10:00", OTHER, "Docs/kim.docx", kim),
        record(
            3,
            "09:00:00",
            "SharingInvitationAccepted",
            "urn:spo:guest#kim@adatum.example",
            "Docs/plan.docx",
            accepted,
        ),
        record(4, "10:00:00", "FileAccessed", "urn:spo:guest#kim@adatum.example", "Docs/plan.docx", json!({})),
        record(5, "11:00:00", "FileAccessed", "urn:spo:guest#sales@adatum.example", "Docs/kim.docx", json!({})),
    ]);
    let told = accesses(&folder);
    assert!(told.contains(&format!("{kim} read 4: recipient_item probable")), "{told:?}");
    assert!(told.contains(&"sales@adatum.example read 5: none unknown".to_owned()), "{told:?}");
}

#[test]
fn an_earlier_access_that_comes_late_shows_that_an_upload_did_not_make_the_file() {
    let by_ana = |audit: &mut Value| audit["UserId"] = ANA.into();
    let lab =
        Lab::of(tenant_of(vec![activity(1, "FileUploaded", 300, by_ana), activity(2, "FileAccessed", 100, |_| {})]));
    // Of uploads by people inside only a store that keeps everything knows.
    lab.configure(|it| it.set("tenant.keep", "all"));
    lab.collect().with_code(0);
    let told = |lab: &Lab| -> Vec<String> {
        let rows = lab.folder.report("access");
        rows.iter().map(|row| row["confidence"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(told(&lab), ["none"], "everything since the file was made was seen");
    let late: StoredActivity = stored_at(&activity(3, "FileAccessed", 600, |_| {}), now_ms() - 6 * 60_000);
    lab.emulator.append(vec![late]);
    lab.collect().with_code(0);
    assert_eq!(told(&lab), ["unknown", "unknown"], "the file was there before, and so may a share have been");
}

#[test]
fn a_removal_that_names_no_link_ends_the_recipient_s_place_also_when_it_comes_late() {
    let folder = imported(&[
        added(1, "09:00:00", LINK, "Docs/plan.docx", LI),
        added(2, "09:00:00", LINK, "Docs/plan.docx", "vera@adatum.example"),
        opened(3, "10:00:00", "Docs/plan.docx", json!({})),
        opened(4, "15:00:00", "Docs/plan.docx", json!({})),
    ]);
    assert_eq!(folder.report("unexplained").len(), 0);
    let named = json!({"TargetUserOrGroupName": LI, "TargetUserOrGroupType": "Guest"});
    let removed = record(5, "12:00:00", "RemovedFromSecureLink", ANA, "Docs/plan.docx", named);
    import(&folder, "late.ndjson", &[removed]);
    let mut states: Vec<String> =
        folder.report("shares").iter().map(|row| format!("{} {}", row["recipient"], row["end_reason"])).collect();
    states.sort();
    assert_eq!(states, [format!("\"{LI}\" \"recipient_removed\""), "\"vera@adatum.example\" null".to_owned()]);
    let told = accesses(&folder);
    assert_eq!(told[0], format!("{LI} read 3: recipient_item certain"));
    assert!(told[1].starts_with(&format!("{LI} read 4: none")), "{told:?}");
}
