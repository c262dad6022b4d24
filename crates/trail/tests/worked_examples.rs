//! Records in, accesses out: the whole way through the crate, on stories in which a naive reading goes wrong.

#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};
use trail::access::{Fact, Zip, group, verdict, zip_of};
use trail::client::ClientKind;
use trail::identity::{Domains, actor};
use trail::item::locate;
use trail::operation::{classify, is_extended};
use trail::{Activity, parse};

const FILE: &str = "https://contoso.sharepoint.com/sites/HR/Docs/plan.docx";
const ITEM: &str = "141133f2-6710-4f65-9c3b-c840a8d71483";

/// A record of the story: who did what when (seconds after the start) and from where, with what else matters.
fn record(id: u8, at_s: i64, operation: &str, user: &str, ip: &str, more: Value) -> String {
    let mut record = json!({
        "Id": format!("00000000-0000-4000-8000-0000000000{id:02x}"),
        "CreationTime": trail::TimeMs(1_763_634_000_000 + at_s * 1000).to_string(),
        "Operation": operation, "RecordType": 6, "UserType": 0, "Workload": "SharePoint", "UserId": user, "ClientIP": ip,
        "ObjectId": FILE, "Site": "cac4b654-5fcf-44f0-818e-479cf8ae42ac", "ListItemUniqueId": ITEM,
        "SourceFileName": "plan.docx", "SiteUrl": "https://contoso.sharepoint.com/sites/HR/",
    });
    record.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    record.to_string()
}

/// The accesses of a story as `person action records…`, sorted.
fn check(records: &[String], expected: &[&str]) {
    let domains = Domains::new(["contoso.example"], [""; 0]);
    let activities: Vec<Activity<'_>> = records.iter().map(|record| parse(record).0).collect();
    let mut facts: Vec<(String, String, Fact, Option<Zip>)> = Vec::new();
    for activity in &activities {
        let person = actor(activity.user_id.as_deref(), activity.user_type, activity.client_ip.as_deref(), &domains);
        let item = locate(activity);
        if let Ok(action) = verdict(activity, &person, item.as_ref(), classify(&activity.operation)) {
            let extended = is_extended(&activity.operation);
            let fact = Fact { time: activity.time.unwrap(), id: activity.id, action, extended };
            facts.push((person.canonical, item.unwrap().key, fact, zip_of(activity)));
        }
    }
    let zips: Vec<Zip> = facts.iter().filter_map(|(.., zip)| zip.clone()).collect();
    facts.retain(|(.., zip)| !zip.as_ref().is_some_and(|zip| zip.is_superseded_by(&zips)));
    let mut keys: Vec<(&str, &str)> = facts.iter().map(|(person, item, ..)| (&**person, &**item)).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut found = Vec::new();
    for (person, item) in keys {
        let of_one: Vec<Fact> =
            facts.iter().filter(|(p, i, ..)| p == person && i == item).map(|(.., f, _)| *f).collect();
        for access in group(&of_one) {
            let ids: Vec<String> =
                access.members.iter().map(|&index| format!("{:x}", of_one[index].id.0[15])).collect();
            found.push(format!("{person} {} {}", access.action.as_str(), ids.join(" ")));
        }
    }
    found.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn an_anyone_link_seen_by_a_stranger_by_a_service_and_by_a_colleague() {
    let thumbnail = json!({"UserAgent": "OneDriveMpc-Transform_Thumbnail/1.0"});
    check(
        &[
            record(1, 0, "AnonymousLinkCreated", "ana@contoso.example", "192.0.2.1", json!({"RecordType": 14})),
            record(2, 1200, "AnonymousLinkUsed", "anonymous", "203.0.113.7", json!({"RecordType": 14})),
            record(3, 1200, "FileAccessed", "urn:spo:anon#AB12", "203.0.113.7", json!({})),
            record(4, 1260, "FilePreviewed", "urn:spo:anon#ab12", "40.0.0.1", thumbnail),
            record(5, 1800, "AnonymousLinkUsed", "bob@contoso.example", "192.0.2.2", json!({})),
        ],
        &["anon:203.0.113.7 redeem 2", "anon:ab12 read 3", "anon:ab12 weak_read 4"],
    );
}

#[test]
fn one_person_in_two_forms_and_one_redemption_in_two_records() {
    let guest = "susan_b_adatum.example#EXT#@contoso.onmicrosoft.com";
    check(
        &[
            record(1, 0, "SecureLinkUsed", "urn:spo:guest#Susan_B@adatum.example", "203.0.113.7", json!({})),
            record(2, 0, "SharingLinkUsed", "urn:spo:guest#susan_b@adatum.example", "203.0.113.7", json!({})),
            record(3, 60, "FileAccessed", guest, "203.0.113.7", json!({})),
            record(4, 360, "FileAccessed", "urn:spo:guest#susan_b@adatum.example", "203.0.113.7", json!({})),
            record(5, 7200, "FileAccessedExtended", guest, "203.0.113.7", json!({})),
        ],
        &["susan_b@adatum.example read 3 4 5", "susan_b@adatum.example redeem 1 2"],
    );
}

#[test]
fn office_on_the_web_opens_edits_and_downloads_nothing() {
    let guest = "g_adatum.example#EXT#@contoso.onmicrosoft.com";
    let service = json!({"UserAgent": "MSWAC"});
    check(
        &[
            record(1, 0, "FileAccessed", guest, "203.0.113.7", json!({})),
            record(2, 3, "FileDownloaded", guest, "52.0.0.1", service.clone()),
            record(3, 9, "FileModified", guest, "52.0.0.1", service),
        ],
        &["g@adatum.example change 3", "g@adatum.example read 1 2"],
    );
    assert_eq!(ClientKind::of(Some("MSWAC")), ClientKind::Service);
}

#[test]
fn a_zip_counts_by_its_files_and_by_itself_only_without_them() {
    let guest = "urn:spo:guest#li@fabrikam.example";
    let file = |name: &str, item: &str, zip: &str| json!({"SourceFileName": name, "ListItemUniqueId": item, "ZipFileName": zip, "UserAgent": "OneDriveMpc-Transform_Zip/1.0"});
    check(
        &[
            record(1, 0, "FileDownloaded", guest, "203.0.113.7", file("1.zip", "zip", "1.zip")),
            record(2, 1, "FileDownloaded", guest, "203.0.113.7", file("a.docx", "a", "1.zip")),
            record(3, 1, "FileDownloaded", guest, "203.0.113.7", file("b.docx", "b", "1.zip")),
            record(4, 9, "FileDownloaded", guest, "203.0.113.7", file("2.zip", "zip2", "2.zip")),
        ],
        &["li@fabrikam.example take 2", "li@fabrikam.example take 3", "li@fabrikam.example take 4"],
    );
}

#[test]
fn duplicates_late_records_and_a_rename_change_no_count() {
    let guest = "g_adatum.example#EXT#@contoso.onmicrosoft.com";
    let renamed = json!({"ObjectId": FILE.replace("plan", "plan-v2"), "SourceFileName": "plan-v2.docx"});
    let first = record(1, 0, "FileAccessed", guest, "203.0.113.7", json!({}));
    check(
        &[record(2, 240, "FileAccessed", guest, "203.0.113.7", renamed), first.clone(), first],
        &["g@adatum.example read 1 2"],
    );
}
