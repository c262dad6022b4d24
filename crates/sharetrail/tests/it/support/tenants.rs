//! Tenants: seeded ones, parts of them, and records of a test's own.

use emulator::activity_from_json;
use emulator::story::{self, Profile, StoredActivity, StoryOptions, Tenant, Truth};
use serde_json::{Value, json};
use sharetrail::http::Clock;

use super::Random;

/// Now, on this machine's clock, which the program goes by as well.
pub fn now_ms() -> i64 {
    Clock::System.now().as_millisecond()
}

/// The tenant of a seed, whose story ends at `now_ms`.
pub fn seeded(seed: u64, records: usize, now_ms: i64) -> Tenant {
    story::tell(&StoryOptions { seed, records, days: 28, now_ms })
}

/// Contoso with these activities; nobody has told its truth.
pub fn tenant_of(activities: Vec<StoredActivity>) -> Tenant {
    let profile = Profile {
        name: "contoso".to_owned(),
        tenant_id: "7c1b7c0e-2f6d-4a51-9d4f-0d6b4a1f0c11".to_owned(),
        internal_domains: vec!["contoso.example".to_owned(), "contoso.onmicrosoft.com".to_owned()],
        defender_tenant_number: 97_134_000,
    };
    Tenant { profile, activities, truth: Truth::default() }
}

/// `Id` of the audit record in an activity.
fn audit_id(activity: &StoredActivity) -> &str {
    activity.id.rsplit('_').next().unwrap()
}

/// Takes the activities of these audit records out of the tenant.
pub fn held_back(tenant: &mut Tenant, ids: &[&str]) -> Vec<StoredActivity> {
    let (held, left) =
        std::mem::take(&mut tenant.activities).into_iter().partition(|activity| ids.contains(&audit_id(activity)));
    tenant.activities = left;
    held
}

/// The same activity, stored by Defender at another time.
pub fn stored_at(activity: &StoredActivity, created_ms: i64) -> StoredActivity {
    let (before, after) = (format!("\"created\":{}", activity.created_ms), format!("\"created\":{created_ms}"));
    assert!(activity.json.contains(&before) && before.len() == after.len());
    StoredActivity { created_ms, json: activity.json.replacen(&before, &after, 1).into(), ..activity.clone() }
}

/// Gives the record's file a name that does not get shorter by compression: its row alone is larger than 2,000 bytes as sent.
pub fn name_at_length(audit: &mut Value) {
    let mut random = Random::new(24);
    let noise: String = (0..4_000).map(|_| char::from(b'a' + random.below(26) as u8)).collect();
    audit["SourceFileName"] = format!("{noise}.docx").into();
    audit["ObjectId"] = format!("https://contoso-my.sharepoint.example/personal/anna/Documents/{noise}.docx").into();
}

/// A guest's activity in the share of the script that sharetrail replaces: `change` edits the audit record in it.
pub fn record(number: u32, operation: &str, minutes_ago: i64, change: impl FnOnce(&mut Value)) -> StoredActivity {
    let at_ms = now_ms() - minutes_ago * 60_000;
    let time = trail::TimeMs(at_ms).to_string();
    let (date, _) = time.split_once('.').unwrap();
    let id = format!("3f1e0000-0000-4000-8000-{number:012}");
    let mut audit = json!({
        "CreationTime": date, "Id": id, "Operation": operation, "RecordType": 6, "UserType": 0, "Version": 1,
        "OrganizationId": "7c1b7c0e-2f6d-4a51-9d4f-0d6b4a1f0c11", "Workload": "OneDrive",
        "UserId": "li.wang_fabrikam.example#EXT#@contoso.onmicrosoft.com", "UserKey": "i:0h.f|membership|10037ffe@live.com",
        "ClientIP": "203.0.113.7", "EventSource": "SharePoint", "ItemType": "File",
        "Site": "aaaaaaaa-0000-4000-8000-000000000001", "ListItemUniqueId": "bbbbbbbb-0000-4000-8000-000000000001",
        "SiteUrl": "https://contoso-my.sharepoint.example/personal/anna/",
        "SourceRelativeUrl": "Documents", "SourceFileName": "plan.docx", "SourceFileExtension": "docx",
        "ObjectId": "https://contoso-my.sharepoint.example/personal/anna/Documents/plan.docx",
    });
    change(&mut audit);
    let category = match operation {
        "SharingInvitationAccepted" | "AccessInvitationAccepted" => "EVENT_CATEGORY_ACCEPT_SHARE_FILE",
        _ => "EVENT_CATEGORY_UNSPECIFIED",
    };
    let activity = json!({
        "_id": format!("97134000_15600_{id}"), "tenantId": 97_134_000, "appId": 15_600, "saasId": 15_600,
        "appName": "Microsoft OneDrive for Business", "timestamp": at_ms, "created": at_ms + 60_000,
        "eventType": 233_580, "eventTypeValue": "EVENT_O365_ONEDRIVE_GENERIC", "eventTypeName": category,
        "user": {"userName": "li.wang_fabrikam.example#ext#@contoso.onmicrosoft.com"}, "severity": "INFO",
        "location": {"countryCode": "CN", "city": "Shànghǎi"}, "rawDataJson": audit,
        "resolvedActor": {"id": "0", "name": "Li Wang 王丽"},
        "description": "Li accepted", "description_metadata": {"target_object": audit["SourceFileName"]},
    });
    activity_from_json(&activity.to_string()).unwrap()
}
