//! Defender's inventory of shared files: shares that are older than every record.

use std::collections::BTreeSet;

use emulator::faults::Route;
use serde_json::{Value, json};

use crate::support::{Configuration, Folder, Lab, UNREACHABLE_CONTOSO, now_ms, seeded};

fn with_files(it: Configuration) -> Configuration {
    it.set("tenant.defender.files", true).set("tenant.defender.requests_per_minute_max", 10_000)
}

fn text<'v>(row: &'v Value, key: &str) -> &'v str {
    row[key].as_str().unwrap_or_default()
}

/// Item and recipient.
fn pair(row: &Value) -> (String, String) {
    (text(row, "item_id").to_owned(), text(row, "recipient").to_owned())
}

/// Whether nobody recorded how the share came to be, and a listing shows that it is there.
fn is_listed(share: &Value) -> bool {
    let rests_on_a_listing = |id: &Value| id.as_str().unwrap().contains('@');
    share["evidence_ids"].as_array().unwrap().iter().any(rests_on_a_listing)
}

#[test]
fn shares_that_are_older_than_every_record_are_there_once_the_inventory_is_read() {
    let lab = Lab::seeded(91, 3_000);
    lab.collect().with_code(0);
    let before = lab.folder.report("shares");
    assert!(!before.iter().any(is_listed));

    lab.configure(with_files);
    lab.collect().with_code(0);
    lab.assert_all_is_told();
    let shares = lab.folder.report("shares");
    let old: BTreeSet<_> = before.iter().map(|share| text(share, "share_id").to_owned()).collect();
    let now: BTreeSet<_> = shares.iter().map(|share| text(share, "share_id").to_owned()).collect();
    assert!(old.is_subset(&now), "what records tell stays");
    let (listed, recorded): (Vec<&Value>, Vec<&Value>) = shares.iter().partition(|share| is_listed(share));
    let known: BTreeSet<_> = recorded
        .iter()
        .filter(|share| ["live", "realised"].contains(&text(share, "state")))
        .map(|it| pair(it))
        .collect();
    let is_open = |end: Option<i64>| end.is_none_or(|end| end > now_ms());
    let open: Vec<_> = lab.truth.shares.iter().filter(|share| is_open(share.ended_at_ms)).collect();
    assert!(!listed.is_empty(), "the story has shares that no record tells of");
    for share in &listed {
        let (item, recipient) = pair(share);
        assert!(!known.contains(&pair(share)), "told twice: {share}");
        assert!(
            open.iter().any(|it| it.item_id == item && it.recipient.as_deref().unwrap_or_default() == recipient),
            "nobody shared that: {share}"
        );
        assert!(share["shared_at"].is_null() && share["shared_by"].is_null(), "{share}");
        assert_eq!(share["confidence"], "probable");
    }
    let feed = lab.folder.status()["feeds"][1].clone();
    assert_eq!(feed["name"], "defender-files");
    assert!(feed["stored"].as_i64().unwrap() > 10, "{feed}");
    assert!(feed["lag_seconds"].as_i64().unwrap() < 3_600, "{feed}");

    // What an entry says is shown byte for byte, but for what was found in the file.
    let entry = listed[0]["evidence_ids"][0].as_str().unwrap();
    lab.folder
        .run(["show", "record", entry])
        .with_code(0)
        .printing("\"fileAccessLevel\":[")
        .printing("\"dlpScanResults\":null");

    // Not due again: nothing is asked.
    let asked = lab.traffic(Route::Defender).requests;
    lab.collect().with_code(0).printing("0 rows delivered");
    assert!(lab.traffic(Route::Defender).requests - asked < 3);
}

#[test]
fn an_inventory_with_nothing_in_it_is_no_failure_and_says_what_it_may_mean() {
    let lab = Lab::with(seeded(92, 1_000, now_ms()), |options| options.defender.file_monitoring = false);
    lab.configure(with_files);
    lab.collect().with_code(0).saying("file monitoring");
    lab.assert_all_is_told();
}

#[test]
fn without_a_token_the_inventory_is_refused_with_the_reason() {
    let lab = Lab::seeded(93, 200);
    lab.configure(|it| with_files(it).without("tenant.defender.token"));
    lab.collect().with_code(2).saying("defender.files").saying("API token");
}

#[test]
fn an_inventory_that_breaks_off_is_read_again_by_the_next_pass_and_holds_up_nothing() {
    let lab = Lab::seeded(94, 2_000);
    lab.collect().with_code(0);
    lab.configure(|it| with_files(it).set("http.attempts_max", 1));
    // The first call of a pass is for activities.
    lab.play(&["defender:every=2:502"]);
    lab.collect().with_code(3);
    lab.play(&[]);
    lab.collect().with_code(0);
    let feed = lab.folder.status()["feeds"][1].clone();
    assert_eq!((&feed["last_error"], feed["position"].is_string()), (&Value::Null, true), "{feed}");
    lab.assert_all_is_told();
}

// Below, records and entries of our own, imported in one order and another.

const TENANT: &str = "7c1b7c0e-2f6d-4a51-9d4f-0d6b4a1f0c11";
const SITE_ID: &str = "cac4b654-5fcf-44f0-818e-479cf8ae42ac";
const SITE: &str = "https://contoso.sharepoint.com/sites/HR";

fn guid(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

fn record(number: u32, minute: u32, operation: &str, who: &str, item: u32, path: &str, more: Value) -> Value {
    let mut record = json!({
        "Id": guid(number), "CreationTime": format!("2026-10-02T10:{minute:02}:00"), "OrganizationId": TENANT,
        "Operation": operation, "RecordType": 14, "UserType": 0, "UserId": who, "Site": SITE_ID,
        "ListItemUniqueId": guid(item), "SiteUrl": format!("{SITE}/"), "ObjectId": format!("{SITE}{path}"),
        "CorrelationId": guid(1_000 + number), "ItemType": "File",
    });
    for (key, value) in more.as_object().unwrap() {
        record[key] = value.clone();
    }
    record
}

/// An entry of the inventory as of a minute of that day.
fn file(item: u32, path: &str, minute: u32, level: u32, people: &[&str]) -> Value {
    json!({
        "_id": format!("{item:024}"), "appId": 20892, "id": format!("{SITE_ID}|{}", guid(item)), "name": path.rsplit('/').next(),
        "alternateLink": format!("{SITE}{path}"), "siteCollection": SITE, "isFolder": !path.contains('.'),
        "fileAccessLevel": [level, "EXTERNAL"], "externalShares": people,
        "emails": ["ana@contoso.example"], "collaborators": [], "dlpScanResults": [],
        "snapshotLastModifiedDate": format!("2026-10-02T10:{minute:02}:00Z"),
    })
}

const ANA: &str = "ana@contoso.example";
const LI: &str = "li@fabrikam.example";
const KIM: &str = "kim@adatum.example";

fn on_link(link: u32, target: &str) -> Value {
    json!({"UniqueSharingId": guid(2_000 + link), "TargetUserOrGroupName": target, "TargetUserOrGroupType": "Guest"})
}

fn everything() -> Vec<Value> {
    let li = format!("urn:spo:guest#{LI}");
    let opened = json!({"RecordType": 6});
    vec![
        // Li opens a file that no record shares with Li.
        record(1, 5, "FileAccessed", &li, 10, "/Docs/old.docx", opened.clone()),
        file(10, "/Docs/old.docx", 30, 2, &[LI]),
        // Kim is put on a link; the inventory has nothing to add.
        record(2, 6, "AddedToSecureLink", ANA, 11, "/Docs/new.docx", on_link(1, KIM)),
        file(11, "/Docs/new.docx", 30, 2, &[KIM]),
        // Li is taken off a link, and is listed all the same.
        record(3, 7, "AddedToSecureLink", ANA, 12, "/Docs/again.docx", on_link(2, LI)),
        record(4, 8, "RemovedFromSecureLink", ANA, 12, "/Docs/again.docx", on_link(2, LI)),
        file(12, "/Docs/again.docx", 30, 2, &[LI]),
        // A folder from of old, and what lies in it.
        file(13, "/Docs/Offers", 30, 2, &[LI]),
        file(14, "/Docs/Offers/a.docx", 31, 2, &[LI]),
        file(15, "/Docs/Offers/b.docx", 29, 2, &[LI]),
        // For anyone from of old, later no more.
        file(16, "/Docs/open.docx", 20, 3, &[]),
        file(16, "/Docs/open.docx", 40, 2, &[KIM]),
    ]
}

/// Shares and accesses after these were imported one by one, without what tells when they were concluded.
fn concluded(order: impl Iterator<Item = Value>) -> (Folder, Vec<Value>, Vec<Value>) {
    let folder = Folder::new();
    folder.write("sharetrail.toml", UNREACHABLE_CONTOSO);
    for one in order {
        folder.write("one.json", one.to_string());
        folder.run(["import", "one.json"]).with_code(0);
    }
    let rows = |kind| -> Vec<Value> {
        let mut rows = folder.report(kind);
        rows.iter_mut().for_each(|row| drop(row.as_object_mut().unwrap().remove("revision")));
        rows.sort_by_key(Value::to_string);
        rows
    };
    let (shares, accesses) = (rows("shares"), rows("access"));
    (folder, shares, accesses)
}

#[test]
fn an_inventory_adds_what_no_record_explains_and_tells_nothing_twice() {
    let (folder, shares, accesses) = concluded(everything().into_iter());
    let told: BTreeSet<String> = shares
        .iter()
        .map(|share| {
            let name = |key| text(share, key).to_owned();
            format!(
                "{} {} {} {} {}",
                name("item_name"),
                name("recipient"),
                name("share_kind"),
                name("state"),
                name("end_reason")
            )
        })
        .collect();
    let expected = [
        format!("Offers {LI} unknown live "),
        format!("again.docx {LI} specific_people ended recipient_removed"),
        format!("again.docx {LI} unknown live "),
        format!("new.docx {KIM} specific_people live "),
        format!("old.docx {LI} unknown realised "),
        format!("open.docx {KIM} unknown live "),
        "open.docx  anyone ended no_longer_listed".to_owned(),
    ];
    assert_eq!(told, BTreeSet::from(expected));
    assert_eq!(shares.len(), told.len());
    let access = &accesses[0];
    assert_eq!((&access["match_rule"], &access["confidence"]), (&json!("recipient_item"), &json!("probable")));
    let share = shares.iter().find(|share| share["share_id"] == access["share_id"]).unwrap();
    let entry = share["evidence_ids"][0].as_str().unwrap();
    folder.run(["show", "record", entry]).with_code(0).printing("old.docx").printing(LI);
}

#[test]
fn whether_the_inventory_or_the_records_come_first_makes_no_difference() {
    let (_, shares, accesses) = concluded(everything().into_iter());
    let mut inventory_first = everything();
    inventory_first.sort_by_key(|one| one["Id"].is_string());
    for order in [everything().into_iter().rev().collect(), inventory_first] {
        let (_, other_shares, other_accesses) = concluded(Vec::into_iter(order));
        assert_eq!(other_shares, shares);
        assert_eq!(other_accesses, accesses);
    }
}
