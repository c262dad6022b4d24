//! What the tests share: records as the service writes them, and the shares that follow from all of them at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use trail::identity::Domains;
use trail::share::{ItemChange, LinkEvent, Share, State, gestures, item_change, link_events, shares, state_at};
use trail::{Record, RecordId, TimeMs, parse};

/// When stories begin: 2025-11-20T10:20:00Z.
pub const START_MS: i64 = 1_763_634_000_000;
pub const SITE: &str = "https://contoso.sharepoint.com/sites/HR";
pub const FILE: &str = "https://contoso.sharepoint.com/sites/HR/Docs/plan.docx";
pub const UNIQUE: &str = "141133f2-6710-4f65-9c3b-c840a8d71483";
pub const LINK: &str = "5d4c3b2a-0000-4000-8000-00000000beef";
/// Whoever shares in the stories.
pub const ANA: &str = "ana@contoso.example";

/// A moment of a story.
pub fn at(seconds: i64) -> TimeMs {
    TimeMs(START_MS + seconds * 1000)
}

/// The id of the record of this number.
pub fn id(number: u16) -> RecordId {
    RecordId::from_text(&format!("00000000-0000-4000-8000-00000000{number:04x}"))
}

/// One record about the file of the story, with what else matters; `null` takes a field away.
pub fn record(number: u16, seconds: i64, operation: &str, user: &str, more: Value) -> Record {
    let mut record = json!({
        "Id": id(number).to_string(), "CreationTime": at(seconds).to_string(), "Operation": operation,
        "RecordType": 14, "UserType": 0, "Workload": "SharePoint", "UserId": user, "ClientIP": "203.0.113.7",
        "ObjectId": FILE, "Site": "cac4b654-5fcf-44f0-818e-479cf8ae42ac", "ListItemUniqueId": UNIQUE,
        "ItemType": "File", "SourceFileName": "plan.docx", "SiteUrl": SITE,
    });
    record.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    let text = record.to_string();
    let domains = Domains::new(["contoso.example"], [""; 0]);
    Record::of(&parse(&text).0, &domains).unwrap()
}

/// The same about the site as a whole.
pub fn of_site(number: u16, seconds: i64, operation: &str, user: &str, more: Value) -> Record {
    let mut fields = json!({"ObjectId": SITE, "ListItemUniqueId": null, "ItemType": "Web", "SourceFileName": null});
    fields.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    record(number, seconds, operation, user, fields)
}

/// Fields that name a target.
pub fn to(name: &str, kind: &str) -> Value {
    json!({"TargetUserOrGroupName": name, "TargetUserOrGroupType": kind})
}

/// Fields of a link's record.
pub fn on(link: &str) -> Value {
    json!({"UniqueSharingId": link})
}

/// Several sets of fields in one.
pub fn all(parts: &[Value]) -> Value {
    let mut whole = json!({});
    parts.iter().for_each(|part| whole.as_object_mut().unwrap().extend(part.as_object().cloned().unwrap()));
    whole
}

/// Everything that happened to links.
pub fn events(records: &[Record]) -> Vec<LinkEvent> {
    let gestures = gestures(records);
    gestures
        .iter()
        .flat_map(|members| link_events(&members.iter().map(|index| &records[*index]).collect::<Vec<_>>()))
        .collect()
}

/// All shares that follow from these records, in order of share id.
pub fn told(records: &[Record]) -> Vec<Share> {
    let changes: Vec<ItemChange> = records.iter().filter_map(item_change).collect();
    let mut links: BTreeMap<Arc<str>, Vec<LinkEvent>> = BTreeMap::new();
    for event in events(records) {
        links.entry(Arc::clone(&event.link_id)).or_default().push(event);
    }
    links.iter().flat_map(|(link, events)| shares(link, events, &changes)).collect()
}

/// The shares as `kind recipient permission state`, sorted, with `-` for what is absent.
pub fn lines(records: &[Record]) -> Vec<String> {
    let line = |share: &Share| {
        let recipient = share.recipient.as_deref().unwrap_or("-");
        let permission = share.permission.as_deref().unwrap_or("-");
        let state = match (state_at(share, None, false), share.end) {
            (State::Ended, Some((_, reason))) => format!("ended:{}", reason.as_str()),
            (state, _) => state.as_str().to_owned(),
        };
        format!("{} {recipient} {permission} {state}", share.kind.as_str())
    };
    let mut lines: Vec<String> = told(records).iter().map(line).collect();
    lines.sort_unstable();
    lines
}

/// The one share of the story.
pub fn only(records: &[Record]) -> Share {
    let shares = told(records);
    assert_eq!(shares.len(), 1, "{shares:#?}");
    shares.into_iter().next().unwrap()
}
