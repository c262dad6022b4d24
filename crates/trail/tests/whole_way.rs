//! Records in, shares and accesses with their matches and classification out: the stories of the domain, told by the
//! reference that takes all records at once.

#![allow(clippy::unwrap_used)]

mod reference;

use proptest::prelude::*;
use reference::{Answer, Settings, answer};
use serde_json::{Value, json};
use trail::classification::{Catalogue, Rules};
use trail::identity::Domains;
use trail::{Activity, TimeMs, parse};

const SITE: &str = "https://contoso.sharepoint.com/sites/HR";
const LINK: &str = "6dd8014e-0000-4000-8000-000000000001";
const LABEL: &str = "11111111-0000-4000-8000-000000000001";
const ANA: &str = "ana@contoso.example";
const GUEST: &str = "g_adatum.example#EXT#@contoso.onmicrosoft.com";
const START_MS: i64 = 1_763_634_000_000;

/// A file's record of the story: who did what when (seconds after the start), with what else matters.
fn record(id: u8, at_s: i64, operation: &str, user: &str, file: &str, more: Value) -> String {
    let mut record = json!({
        "Id": format!("00000000-0000-4000-8000-0000000000{id:02x}"),
        "CreationTime": TimeMs(START_MS + at_s * 1000).to_string(),
        "Operation": operation, "UserType": 0, "Workload": "SharePoint", "UserId": user, "ClientIP": "203.0.113.7",
        "CorrelationId": format!("c{id}"),
        "ObjectId": format!("{SITE}/Docs/{file}"), "SourceFileName": file.rsplit('/').next(), "SiteUrl": SITE,
    });
    let members = record.as_object_mut().unwrap();
    members.extend(more.as_object().cloned().unwrap());
    if operation.contains("Link") || operation.starts_with("Sharing") {
        members.insert("RecordType".into(), 14.into());
    } else {
        members.insert("RecordType".into(), 6.into());
    }
    record.to_string()
}

fn ids(item: &str) -> Value {
    json!({"Site": "cac4b654-5fcf-44f0-818e-479cf8ae42ac", "ListItemUniqueId": item})
}

fn merged(one: Value, two: Value) -> Value {
    let mut one = one;
    one.as_object_mut().unwrap().extend(two.as_object().cloned().unwrap());
    one
}

fn settings() -> Settings {
    let (labels, problems) = Catalogue::parse(&format!("{LABEL},Confidential"));
    assert_eq!(problems, []);
    Settings {
        tenant: "contoso".to_owned(),
        domains: Domains::new(["contoso.example"], [""; 0]),
        classification: Rules { classified_labels: Rules::label_set(["Confidential"]), labels, ..Rules::default() },
        ..Settings::default()
    }
}

fn ask(records: &[String]) -> Answer {
    let activities: Vec<Activity<'_>> = records.iter().map(|record| parse(record).0).collect();
    answer(&activities, &settings())
}

/// Accesses as `person action records: rule confidence share classified`, and shares as `kind recipient uses`.
fn check(records: &[String], accesses: &[&str], shares: &[&str]) {
    let found = ask(records);
    let told: Vec<String> = found
        .accesses
        .iter()
        .map(|access| {
            let ids: Vec<String> = access.records.iter().map(|id| format!("{:x}", id.0[15])).collect();
            let recipient = found.shares.iter().find(|used| access.share_id.as_ref() == Some(&used.share.share_id));
            let share = match (recipient, &access.share_id) {
                (Some(used), _) => used.share.recipient.as_deref().unwrap_or("anyone"),
                (None, Some(_)) => "unseen",
                (None, None) => "-",
            };
            format!(
                "{} {} {}: {} {} {share} {}",
                access.person,
                access.action.as_str(),
                ids.join(" "),
                access.rule.as_str(),
                access.confidence.as_str(),
                access.classification.classified.map_or("null".to_owned(), |classified| classified.to_string()),
            )
        })
        .collect();
    assert_eq!(told, accesses);
    let mut told: Vec<String> = found
        .shares
        .iter()
        .map(|used| {
            let recipient = used.share.recipient.as_deref().unwrap_or("anyone");
            format!("{} {recipient} {}", used.share.kind.as_str(), used.uses.len())
        })
        .collect();
    told.sort_unstable();
    assert_eq!(told, shares);
}

fn story_1() -> Vec<String> {
    let link = || merged(ids("i1"), json!({"UniqueSharingId": LINK}));
    let thumbnail = json!({"UserAgent": "OneDriveMpc-Transform_Thumbnail/1.0", "ClientIP": "40.0.0.1"});
    vec![
        record(1, 0, "AnonymousLinkCreated", ANA, "plan.docx", link()),
        record(2, 1200, "AnonymousLinkUsed", "anonymous", "plan.docx", link()),
        record(3, 1200, "FileAccessed", "urn:spo:anon#AB12", "plan.docx", ids("i1")),
        record(4, 1260, "FilePreviewed", "urn:spo:anon#ab12", "plan.docx", merged(ids("i1"), thumbnail)),
        record(5, 1800, "AnonymousLinkUsed", "bob@contoso.example", "plan.docx", link()),
    ]
}

#[test]
fn example_1_an_anyone_link_seen_by_strangers() {
    check(
        &story_1(),
        &[
            "anon:203.0.113.7 redeem 2: link_used certain anyone null",
            "anon:ab12 read 3: anonymous_session probable anyone null",
            "anon:ab12 weak_read 4: anonymous_session probable anyone null",
        ],
        &["anyone anyone 3"],
    );
}

fn story_2() -> Vec<String> {
    let link = json!({"UniqueSharingId": LINK, "CorrelationId": "g1"});
    let mut records = vec![
        record(1, 0, "SecureLinkCreated", ANA, "plan.docx", merged(ids("i1"), link.clone())),
        record(2, 0, "SharingLinkCreated", ANA, "plan.docx", merged(ids("i1"), link.clone())),
    ];
    for (number, name) in ["LI.WANG@FABRIKAM.EXAMPLE", "SUSAN@ADATUM.EXAMPLE", "KIM@ADATUM.EXAMPLE"].iter().enumerate()
    {
        let to = json!({"TargetUserOrGroupName": name, "TargetUserOrGroupType": "Guest"});
        let more = merged(merged(ids("i1"), link.clone()), to);
        let number = u8::try_from(number).unwrap();
        records.push(record(3 + 2 * number, 1, "AddedToSecureLink", ANA, "plan.docx", more.clone()));
        records.push(record(4 + 2 * number, 1, "AddedToSharingLink", ANA, "plan.docx", more));
    }
    let used = merged(ids("i1"), json!({"UniqueSharingId": LINK}));
    records.push(record(9, 700, "SecureLinkUsed", "urn:spo:guest#susan@adatum.example", "plan.docx", used));
    records
}

#[test]
fn example_2_one_of_three_recipients_redeems() {
    check(
        &story_2(),
        &["susan@adatum.example redeem 9: link_used certain susan@adatum.example null"],
        &[
            "specific_people kim@adatum.example 0",
            "specific_people li.wang@fabrikam.example 0",
            "specific_people susan@adatum.example 1",
        ],
    );
}

fn story_3() -> Vec<String> {
    let to =
        json!({"UniqueSharingId": LINK, "TargetUserOrGroupName": "g@adatum.example", "TargetUserOrGroupType": "Guest"});
    vec![
        record(1, 0, "AddedToSecureLink", ANA, "Offers", merged(ids("folder"), to)),
        record(2, 900, "FileDownloaded", GUEST, "Offers/2026/a.docx", ids("a")),
        record(3, 905, "FileDownloaded", GUEST, "OffersOld/b.docx", ids("b")),
    ]
}

#[test]
fn example_3_a_folder_covers_what_is_below_and_not_its_neighbour() {
    check(
        &story_3(),
        &[
            "g@adatum.example take 2: recipient_ancestor probable g@adatum.example null",
            "g@adatum.example take 3: none unknown - null",
        ],
        &["specific_people g@adatum.example 1"],
    );
}

fn story_4(with_ids: bool) -> Vec<String> {
    let item = || if with_ids { ids("i1") } else { json!({}) };
    let to =
        json!({"UniqueSharingId": LINK, "TargetUserOrGroupName": "g@adatum.example", "TargetUserOrGroupType": "Guest"});
    let renamed = json!({"DestinationFileName": "plan-v2.docx", "DestinationRelativeUrl": "Docs"});
    vec![
        record(1, 0, "AddedToSecureLink", ANA, "plan.docx", merged(item(), to)),
        record(2, 600, "FileRenamed", ANA, "plan.docx", merged(item(), renamed)),
        record(3, 900, "FileAccessed", GUEST, "plan-v2.docx", item()),
    ]
}

#[test]
fn example_4_a_rename_in_between() {
    for with_ids in [true, false] {
        check(
            &story_4(with_ids),
            &["g@adatum.example read 3: recipient_item certain g@adatum.example null"],
            &["specific_people g@adatum.example 1"],
        );
    }
}

fn story_7() -> Vec<String> {
    let site = || json!({"ObjectId": SITE, "SourceFileName": null});
    let to =
        || merged(site(), json!({"TargetUserOrGroupName": "sales@adatum.example", "TargetUserOrGroupType": "Guest"}));
    vec![
        record(1, 0, "SharingInvitationCreated", ANA, "", to()),
        record(2, 600, "SharingInvitationAccepted", "kim@adatum.example", "", to()),
        record(3, 900, "FileAccessed", "kim@adatum.example", "plan.docx", ids("i1")),
    ]
}

#[test]
fn example_7_an_invitation_accepted_with_another_address() {
    check(
        &story_7(),
        &[
            "kim@adatum.example redeem 2: recipient_item probable sales@adatum.example null",
            "kim@adatum.example read 3: recipient_ancestor probable sales@adatum.example null",
        ],
        &["invitation sales@adatum.example 2"],
    );
}

fn story_10() -> Vec<String> {
    let label = || merged(ids("i1"), json!({"SensitivityLabelId": LABEL}));
    let to = json!({"TargetUserOrGroupName": "g@adatum.example", "TargetUserOrGroupType": "Guest"});
    vec![
        record(1, 0, "SharingSet", ANA, "plan.docx", merged(ids("i1"), to)),
        record(2, 3600, "FileSensitivityLabelApplied", ANA, "plan.docx", label()),
        record(3, 5400, "FileAccessed", GUEST, "plan.docx", label()),
        record(4, 7200, "FileSensitivityLabelRemoved", ANA, "plan.docx", label()),
        record(5, 9000, "FileAccessed", GUEST, "plan.docx", ids("i1")),
    ]
}

#[test]
fn example_10_a_label_applied_seen_and_removed() {
    check(
        &story_10(),
        &[
            "g@adatum.example read 3: recipient_item certain g@adatum.example true",
            "g@adatum.example read 5: recipient_item certain g@adatum.example false",
        ],
        &["direct g@adatum.example 2"],
    );
    assert_eq!(ask(&story_10()).shares[0].now.classified, Some(false));
}

#[test]
fn what_was_observed_tells_none_from_unknown() {
    let records = [
        record(1, 0, "FileUploaded", ANA, "plan.docx", ids("i1")),
        record(2, 600, "FileAccessed", GUEST, "plan.docx", ids("i1")),
    ];
    let activities: Vec<Activity<'_>> = records.iter().map(|record| parse(record).0).collect();
    let span = |from: i64, to: i64| vec![(TimeMs(START_MS + from * 1000), TimeMs(START_MS + to * 1000))];
    for (observed, confidence) in [(span(-60, 3600), "none"), (span(60, 3600), "unknown"), (vec![], "unknown")] {
        let found = answer(&activities, &Settings { observed, ..settings() });
        assert_eq!(found.accesses[0].confidence.as_str(), confidence);
        assert!(found.accesses[0].is_unexplained);
    }
}

proptest! {
    #[test]
    fn the_order_and_repetition_of_records_change_nothing(
        (story, shuffled) in (0..7_usize).prop_flat_map(|number| {
            let story = match number {
                0 => story_1(),
                1 => story_2(),
                2 => story_3(),
                3 => story_4(true),
                4 => story_4(false),
                5 => story_7(),
                _ => story_10(),
            };
            let doubled = [story.clone(), story.clone()].concat();
            (Just(story), Just(doubled).prop_shuffle())
        }),
    ) {
        prop_assert_eq!(ask(&story), ask(&shuffled));
    }
}
