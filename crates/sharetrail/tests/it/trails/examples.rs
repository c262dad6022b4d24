//! The ten worked examples of the domain: persons, shares, accesses, how sure, and the records it rests on.

use serde_json::{Value, json};

use super::support::{ANA, BOB, LABEL, accesses, added, import, imported, item_id, record, shares};
use crate::support::Folder;

const LINK: &str = "6dd8014e-0000-4000-8000-000000000001";
const GUEST: &str = "g_adatum.example#EXT#@contoso.onmicrosoft.com";

/// Accesses as `person action records: rule confidence` and shares as `kind recipient state uses records`.
#[track_caller]
fn assert_told(folder: &Folder, expected_accesses: &[&str], expected_shares: &[&str]) {
    assert_eq!(accesses(folder), expected_accesses);
    assert_eq!(shares(folder), expected_shares);
}

fn link() -> Value {
    json!({"UniqueSharingId": LINK})
}

#[test]
fn example_1_an_anyone_link_seen_by_strangers() {
    let gesture = |number: u16, operation: &str, more: Value| {
        let mut one = record(number, "10:00:04", operation, ANA, "Docs/plan.docx", more);
        one["CorrelationId"] = "g1".into();
        one
    };
    let group = format!("SharingLinks.{}.AnonymousView.{LINK}", item_id("Docs/plan.docx"));
    let target = |name: &str, kind: &str, permission: &str| {
        json!({
            "TargetUserOrGroupName": name, "TargetUserOrGroupType": kind,
            "EventData": format!("<Permissions granted>{permission}</Permissions granted>"),
        })
    };
    let folder = imported(&[
        gesture(1, "AnonymousLinkCreated", json!({"UniqueSharingId": LINK, "EventData": "<Type>View</Type>"})),
        gesture(2, "SharingSet", target(&group, "SharePointGroup", "Read")),
        gesture(3, "SharingSet", target("Limited Access System Group For Web 1", "SharePointGroup", "Limited Access")),
        gesture(4, "SharingInheritanceBroken", json!({})),
        record(5, "10:20:00", "AnonymousLinkUsed", "anonymous", "Docs/plan.docx", link()),
        record(6, "10:20:01", "FileAccessed", "urn:spo:anon#ab12", "Docs/plan.docx", json!({})),
        record(
            7,
            "10:21:00",
            "FilePreviewed",
            "urn:spo:anon#ab12",
            "Docs/plan.docx",
            json!({
                "ClientIP": "40.90.1.1", "UserAgent": "OneDriveMpc-Transform_Thumbnail/1.0",
            }),
        ),
        record(8, "10:30:00", "AnonymousLinkUsed", BOB, "Docs/plan.docx", link()),
    ]);
    assert_told(
        &folder,
        &[
            "anon:203.0.113.7 redeem 5: link_used certain",
            "anon:ab12 read 6: anonymous_session probable",
            "anon:ab12 weak_read 7: anonymous_session probable",
        ],
        &["anyone - realised 3 uses: 1 2 3 4"],
    );
    let share = &folder.report("shares")[0];
    assert_eq!((&share["share_id"], &share["permission"]), (&json!(LINK), &json!("View")));
    assert_eq!(folder.report("items")[0]["accesses"], 2, "the file is reached once, and once by a service");
    assert_eq!(folder.report("access")[2]["client_kind"], "service");
}

#[test]
fn example_2_one_of_three_recipients_redeems() {
    let at = "12:47:19";
    let mut records = vec![
        record(1, at, "SecureLinkCreated", ANA, "Docs/plan.docx", link()),
        record(2, at, "SharingLinkCreated", ANA, "Docs/plan.docx", link()),
    ];
    for (number, to) in [(3, "LI.WANG@FABRIKAM.EXAMPLE"), (5, "SUSAN@ADATUM.EXAMPLE"), (7, "VERA@ADATUM.EXAMPLE")] {
        records.push(added(number, at, LINK, "Docs/plan.docx", to));
        let mut neutral = added(number + 1, at, LINK, "Docs/plan.docx", to);
        neutral["Operation"] = "AddedToSharingLink".into();
        records.push(neutral);
    }
    records.iter_mut().for_each(|record| record["CorrelationId"] = "g2".into());
    records.push(record(
        9,
        "12:58:46",
        "SecureLinkUsed",
        "urn:spo:guest#susan@adatum.example",
        "Docs/plan.docx",
        link(),
    ));
    let folder = imported(&records);
    assert_eq!(accesses(&folder), ["susan@adatum.example redeem 9: link_used certain"]);
    let mut told = shares(&folder);
    told.sort();
    assert_eq!(
        told,
        [
            "specific_people li.wang@fabrikam.example live 0 uses: 1 2 3 4",
            "specific_people susan@adatum.example realised 1 uses: 1 2 5 6",
            "specific_people vera@adatum.example live 0 uses: 1 2 7 8",
        ]
    );
    assert_eq!(folder.report("unused").len(), 2, "exposed, not realised");
}

#[test]
fn example_3_a_folder_covers_what_is_below_and_not_its_neighbour() {
    let mut shared = added(1, "09:00:00", LINK, "Docs/Offers", "g@adatum.example");
    shared["ItemType"] = "Folder".into();
    let folder = imported(&[
        shared,
        record(2, "10:00:00", "FileDownloaded", GUEST, "Docs/Offers/2026/a.docx", json!({})),
        record(3, "10:10:00", "FileDownloaded", GUEST, "Docs/OffersOld/b.docx", json!({})),
    ]);
    assert_told(
        &folder,
        &["g@adatum.example take 2: recipient_ancestor probable", "g@adatum.example take 3: none unknown"],
        &["specific_people g@adatum.example realised 1 uses: 1"],
    );
    assert_eq!(folder.report("unexplained").len(), 1);
}

#[test]
fn example_4_a_rename_in_between() {
    for with_ids in [true, false] {
        let ids = if with_ids {
            json!({"ListItemUniqueId": item_id("Docs/plan.docx")})
        } else {
            json!({"ListItemUniqueId": null})
        };
        let renamed = json!({"DestinationFileName": "plan-v2.docx", "DestinationRelativeUrl": "Docs"});
        let mut records = [
            added(1, "09:00:00", LINK, "Docs/plan.docx", "g@adatum.example"),
            record(2, "10:00:00", "FileRenamed", ANA, "Docs/plan.docx", renamed),
            record(3, "11:00:00", "FileAccessed", GUEST, "Docs/plan-v2.docx", json!({})),
        ];
        records.iter_mut().for_each(|record| record["ListItemUniqueId"] = ids["ListItemUniqueId"].clone());
        let folder = imported(&records);
        assert_eq!(accesses(&folder), ["g@adatum.example read 3: recipient_item certain"], "with ids: {with_ids}");
        assert_eq!(shares(&folder), ["specific_people g@adatum.example realised 1 uses: 1 2"], "with ids: {with_ids}");
    }
}

#[test]
fn example_5_a_zip_counts_by_its_files_and_by_itself_only_without_them() {
    let passcode = "urn:spo:guest#g@adatum.example";
    let packed = |number: u16, path: &str| {
        let more = json!({"ZipFileName": "1.zip", "UserAgent": "OneDriveMpc-Transform_Zip/1.0", "Workload": "OneDrive", "CorrelationId": "zip"});
        record(number, "10:00:00", "FileDownloaded", passcode, path, more)
    };
    let alone = imported(&[packed(1, "Documents/1.zip")]);
    assert_told(&alone, &["g@adatum.example take 1: none unknown"], &[]);
    let access = &alone.report("access")[0];
    assert_eq!((&access["zip_name"], &access["client_kind"]), (&json!("1.zip"), &json!("person")));
    import(&alone, "files.ndjson", &[packed(2, "Documents/a.docx"), packed(3, "Documents/b.docx")]);
    let mut told = accesses(&alone);
    told.sort();
    assert_eq!(told, ["g@adatum.example take 2: none unknown", "g@adatum.example take 3: none unknown"]);
}

#[test]
fn example_6_a_member_with_an_anyone_link() {
    let folder = imported(&[
        record(1, "09:00:00", "AnonymousLinkCreated", ANA, "Docs/plan.docx", link()),
        record(2, "10:00:00", "AnonymousLinkUsed", BOB, "Docs/plan.docx", link()),
        record(3, "10:00:01", "FileAccessed", BOB, "Docs/plan.docx", json!({})),
    ]);
    assert_told(&folder, &[], &["anyone - live 0 uses: 1"]);
    assert_eq!(folder.report("people").len(), 0);
}

#[test]
fn example_7_an_invitation_accepted_with_another_address() {
    let target = |to: &str| json!({"TargetUserOrGroupName": to, "TargetUserOrGroupType": "Guest"});
    let kim = "urn:spo:guest#kim@adatum.example";
    let folder = imported(&[
        record(1, "09:00:00", "SharingInvitationCreated", ANA, "Docs/plan.docx", target("sales@adatum.example")),
        record(2, "10:00:00", "SharingInvitationAccepted", kim, "Docs/plan.docx", target("sales@adatum.example")),
        record(3, "10:30:00", "FileAccessed", kim, "Docs/plan.docx", json!({})),
    ]);
    assert_eq!(accesses(&folder)[1], "kim@adatum.example read 3: recipient_item probable");
    assert_eq!(shares(&folder), ["invitation sales@adatum.example realised 2 uses: 1 2"]);
    let shown = folder.run(["show", "person", "kim@adatum.example"]).with_code(0).stdout;
    assert!(shown.contains("also known as sales@adatum.example"), "{shown}");
    assert_eq!(folder.report("people").len(), 1, "an edge, and no merger");
}

#[test]
fn example_8_office_on_the_web_opens_and_edits_and_downloads_nothing() {
    let office = json!({"ClientIP": "52.108.1.1", "UserAgent": "MSWAC", "CorrelationId": "open"});
    let folder = imported(&[
        added(1, "09:00:00", LINK, "Docs/plan.docx", "g@adatum.example"),
        record(2, "10:00:00", "FileAccessed", GUEST, "Docs/plan.docx", json!({"CorrelationId": "open"})),
        record(3, "10:00:02", "FileDownloaded", GUEST, "Docs/plan.docx", office.clone()),
        record(4, "10:00:30", "FileModified", GUEST, "Docs/plan.docx", office),
    ]);
    assert_told(
        &folder,
        &["g@adatum.example read 2 3: recipient_item certain", "g@adatum.example change 4: recipient_item certain"],
        &["specific_people g@adatum.example realised 2 uses: 1"],
    );
}

#[test]
fn example_9_what_comes_several_times_or_late_is_counted_once() {
    let folder = imported(&[added(1, "09:00:00", LINK, "Docs/plan.docx", "g@adatum.example")]);
    let one = record(2, "10:00:00", "FileAccessed", GUEST, "Docs/plan.docx", json!({}));
    let mut members: Vec<(String, Value)> = one.as_object().unwrap().clone().into_iter().collect();
    members.reverse();
    let members: Vec<String> = members.iter().map(|(key, value)| format!("{}:{value}", json!(key))).collect();
    folder.write("again.ndjson", format!("{{{}}}\n{one}\n", members.join(",")));
    import(&folder, "late.ndjson", &[one.clone(), one]);
    let before = folder.report("access");
    folder.run(["import", "again.ndjson"]).with_code(0);
    assert_told(
        &folder,
        &["g@adatum.example read 2: recipient_item certain"],
        &["specific_people g@adatum.example realised 1 uses: 1"],
    );
    assert_eq!(folder.report("access"), before, "the same content again is no new conclusion");
}

#[test]
fn example_10_a_label_applied_seen_and_removed() {
    let folder = Folder::new();
    folder.write("labels.csv", format!("id,name\n{LABEL},Confidential\n"));
    let configuration = "[[tenant]]\nname = \"contoso\"\ntenant_id = \"7c1b7c0e-2f6d-4a51-9d4f-0d6b4a1f0c11\"\n\
        [tenant.classification]\nlabels_file = \"labels.csv\"\nclassified_labels = [\"Confidential\"]\n";
    folder.write("sharetrail.toml", configuration);
    let label = json!({"SensitivityLabelId": LABEL});
    import(
        &folder,
        "records.ndjson",
        &[
            added(1, "08:00:00", LINK, "Docs/plan.docx", "g@adatum.example"),
            record(2, "09:00:00", "FileSensitivityLabelApplied", ANA, "Docs/plan.docx", label.clone()),
            record(3, "09:30:00", "FileAccessed", GUEST, "Docs/plan.docx", label.clone()),
            record(4, "10:00:00", "FileSensitivityLabelRemoved", ANA, "Docs/plan.docx", json!({})),
        ],
    );
    let access = &folder.report("classified")[0];
    assert_eq!(access["label_name"], "Confidential");
    assert_eq!(access["match_rule"], "recipient_item");
    let share = &folder.report("shares")[0];
    assert_eq!((&share["classified_now"], &share["label_id"]), (&json!(false), &json!(null)), "{share}");
}
