//! The story keeps its word: repeatable, well-formed, and true to the unit of an access.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::Value;

use super::clock::{DAY, MINUTE};
use super::{StoryOptions, Tenant, export, tell};

const NOW_MS: i64 = 1_782_900_000_123;

fn options(seed: u64, records: usize) -> StoryOptions {
    StoryOptions { seed, records, days: 28, now_ms: NOW_MS }
}

/// One tenant for all tests that only look at it.
static SMALL: LazyLock<Tenant> = LazyLock::new(|| tell(&options(7, 3_000)));

#[test]
fn the_same_seed_tells_the_same_story_byte_for_byte() {
    let (first, second, other) = (&*SMALL, tell(&options(7, 3_000)), tell(&options(8, 1_000)));
    assert_eq!(first.activities.len(), 3_000);
    assert!(first.activities.iter().zip(&second.activities).all(|(a, b)| a.json == b.json && a.audit == b.audit));
    assert_eq!(serde_json::to_string(&first.truth).unwrap(), serde_json::to_string(&second.truth).unwrap());
    assert_ne!(first.activities[0].json, other.activities[0].json);
}

#[test]
fn every_activity_is_json_and_its_fields_are_those_of_the_struct() {
    let tenant = &*SMALL;
    for activity in &tenant.activities {
        let value: Value = serde_json::from_str(&activity.json).unwrap();
        let audit: Value = serde_json::from_str(activity.audit_json()).unwrap();
        assert_eq!(value["rawDataJson"], audit);
        assert_eq!(value["_id"], activity.id.as_str());
        assert_eq!(value["uid"], activity.id.as_str());
        assert_eq!(value["created"], activity.created_ms);
        assert_eq!(value["timestamp"], activity.timestamp_ms);
        assert_eq!(value["appId"], activity.app_id);
        assert!(activity.id.ends_with(audit["Id"].as_str().unwrap()));
        let time: jiff::Timestamp = audit["CreationTime"].as_str().unwrap().parse().unwrap();
        assert_eq!(time.as_millisecond(), activity.timestamp_ms);
        let feed: Value = serde_json::from_str(&activity.feed_json()).unwrap();
        assert_eq!(format!("{}.0000000Z", feed["CreationTime"].as_str().unwrap()), audit["CreationTime"]);
    }
}

#[test]
fn activities_are_sorted_and_lie_in_the_window() {
    for (records, days) in [(3_000, 28), (100, 1), (100, 0)] {
        let tenant = tell(&StoryOptions { seed: 3, records, days, now_ms: NOW_MS });
        assert!(tenant.activities.is_sorted_by(|a, b| (a.created_ms, &a.id) < (b.created_ms, &b.id)));
        for activity in &tenant.activities {
            assert!(activity.timestamp_ms >= NOW_MS - i64::from(days.max(1)) * DAY);
            assert!(activity.timestamp_ms <= NOW_MS - 20 * MINUTE && activity.timestamp_ms % 1_000 == 0);
            assert!(
                activity.created_ms >= activity.timestamp_ms + MINUTE && activity.created_ms <= NOW_MS - 10 * MINUTE
            );
        }
    }
}

#[test]
fn every_record_of_the_truth_exists_and_shows_what_the_truth_says() {
    let tenant = &*SMALL;
    let audits: BTreeMap<String, Value> = tenant
        .activities
        .iter()
        .map(|activity| serde_json::from_str::<Value>(activity.audit_json()).unwrap())
        .map(|audit| (audit["Id"].as_str().unwrap().to_owned(), audit))
        .collect();
    assert_eq!(audits.len(), tenant.truth.distinct_records);
    assert_eq!(tenant.activities.len(), tenant.truth.records);
    let mut told = BTreeSet::new();
    for access in &tenant.truth.accesses {
        let first = &audits[&access.records[0]];
        assert_eq!(first["ObjectId"], access.item_url.as_str());
        for record in &access.records {
            assert!(told.insert(record), "a record shows one access only: {record}");
            let item = &audits[record];
            if let Some(unique_id) = item["ListItemUniqueId"].as_str() {
                assert_eq!(access.item_id, format!("{}|{unique_id}", item["Site"].as_str().unwrap()));
            }
            let user = item["UserId"].as_str().unwrap();
            assert!(!user.ends_with("@contoso.example") && !user.contains("sharepoint"), "{user} is inside");
        }
    }
    for case in &tenant.truth.awkward {
        assert!(
            !case.records.is_empty() && case.records.iter().all(|record| audits.contains_key(record)),
            "{}",
            case.name
        );
    }
}

#[test]
fn true_accesses_of_one_person_item_and_action_are_more_than_five_minutes_apart() {
    let tenant = &*SMALL;
    let mut last = BTreeMap::new();
    for access in &tenant.truth.accesses {
        let key = (&access.person, &access.item_id, &access.action);
        if let Some(before) = last.insert(key, access.last_at_ms) {
            assert!(access.first_at_ms - before > 5 * MINUTE, "{key:?}");
        }
    }
    let order = |access: &super::truth::TrueAccess| {
        (access.first_at_ms, access.person.clone(), access.item_id.clone(), access.action.clone())
    };
    assert!(tenant.truth.accesses.is_sorted_by_key(order));
}

#[test]
fn no_outsider_acts_in_a_record_that_the_truth_leaves_out_without_reason() {
    let tenant = &*SMALL;
    let told: BTreeSet<&String> = tenant.truth.accesses.iter().flat_map(|access| &access.records).collect();
    let expected = ["AccessRequestCreated", "ManagedSyncClientAllowed"];
    for activity in &tenant.activities {
        let audit: Value = serde_json::from_str(activity.audit_json()).unwrap();
        let user = audit["UserId"].as_str().unwrap().to_lowercase();
        let outside =
            user.contains("#ext#") || user.contains("urn:spo:") || user.contains("urn%3a") || user == "anonymous";
        if !outside || told.contains(&audit["Id"].as_str().unwrap().to_owned()) {
            continue;
        }
        let (operation, object) = (audit["Operation"].as_str().unwrap(), audit["ObjectId"].as_str().unwrap());
        let excused = expected.contains(&operation)
            || object.ends_with("/Forms/AllItems.aspx")
            || object.contains("/contentstorage/")
            || object.ends_with(".zip");
        assert!(excused, "{operation} on {object} by {user}");
    }
}

#[test]
fn the_story_is_rich_enough_to_measure_against() {
    let tenant = tell(&options(1, 20_000));
    let truth = &tenant.truth;
    let people: BTreeSet<&str> =
        truth.accesses.iter().map(|access| &*access.person).filter(|person| !person.starts_with("anon:")).collect();
    let domains: BTreeSet<&str> = people.iter().filter_map(|person| person.split_once('@')).map(|(_, d)| d).collect();
    let actions: BTreeSet<&str> = truth.accesses.iter().map(|access| &*access.action).collect();
    let kinds: BTreeSet<&str> = truth.shares.iter().map(|share| &*share.kind).collect();
    assert!(truth.accesses.len() > 400, "{} accesses", truth.accesses.len());
    assert!(people.len() >= 40 && domains.len() >= 12, "{} people, {} domains", people.len(), domains.len());
    assert_eq!(
        actions.into_iter().collect::<Vec<_>>(),
        ["browse", "change", "delete", "read", "redeem", "take", "weak_read"]
    );
    assert_eq!(
        kinds.into_iter().collect::<Vec<_>>(),
        ["anyone", "direct", "invitation", "site_membership", "specific_people"]
    );
    assert!(truth.shares.iter().any(|share| !share.used) && truth.shares.iter().any(|share| share.used));
    assert!(truth.accesses.iter().any(|access| access.link_id.is_none()));
    assert!(truth.records > truth.distinct_records, "some are delivered again");
}

#[test]
fn every_seed_tells_every_awkward_case() {
    let names =
        |seed| -> Vec<String> { tell(&options(seed, 0)).truth.awkward.into_iter().map(|case| case.name).collect() };
    let always = [
        "accept_is_not_access",
        "accept_on_site",
        "accepted_under_another_address",
        "access_after_end",
        "access_before_its_share",
        "access_before_link_used",
        "access_request_granted",
        "access_soon_after_end",
        "anonymous_below_folder",
        "anonymous_two_names",
        "application_shares_recording",
        "beside_declared_library",
        "booleans_as_text",
        "client_address_empty",
        "client_address_with_port",
        "company_link",
        "declared_library",
        "direct_grant",
        "embedded_container",
        "entity_data_null",
        "everyone",
        "everyone_but_outsiders",
        "exactly_five_minutes",
        "expiry_in_event_data",
        "ext_in_small_letters",
        "ext_underscores",
        "ext_without_underscore",
        "extended_alone",
        "extended_for_hours",
        "file_added_to_shared_folder",
        "folder_border",
        "folder_renamed_in_between",
        "foreign_upn",
        "glued_address",
        "guest_joins_team",
        "guest_site_administrator",
        "hash_in_name",
        "interface_file",
        "invitation_blocked",
        "invitation_revoked",
        "keys_differ_in_case",
        "label_changed",
        "label_from_desktop",
        "label_of_another_tenant",
        "late_record",
        "library_synced",
        "link_unfurled_by_bot",
        "link_used_without_id",
        "list_without_item_id",
        "live_com_user_key",
        "localised_event_data",
        "lower_label_in_declared_library",
        "member_uses_anyone_link",
        "mixed_case_identity",
        "moved_in_between",
        "moved_to_another_site",
        "office_on_the_web",
        "old_operation_names",
        "one_click_many_records",
        "one_person_two_forms",
        "partner_administrator",
        "passcode_guest_encoded",
        "passcode_guest_user_type_0",
        "percent_in_name",
        "plus_in_name",
        "quotes_in_name",
        "redelivered",
        "renamed_in_between",
        "service_address",
        "seven_minutes",
        "share_from_before",
        "site_label_only",
        "site_membership",
        "system_actor",
        "target_member_is_outside",
        "tenant_anonymous",
        "thumbnail_by_service",
        "two_normal_forms",
        "two_operations_one_use",
        "two_strangers_one_address",
        "unicode_name",
        "upper_case_target",
        "user_name_missing",
        "zip_alone",
        "zip_with_files",
        "plumbing",
        "inheritance_reset",
        "target_partner",
        "group_of_unknown_members",
        "guest_access_extended",
        "formula_name",
        "markup_name",
    ];
    for seed in [1, 2, 3] {
        let names = names(seed);
        let missing: Vec<_> = always.iter().filter(|name| !names.iter().any(|told| told == *name)).collect();
        assert!(missing.is_empty(), "seed {seed} lacks {missing:?}");
    }
}

#[test]
fn the_export_writes_each_record_once_and_each_activity_as_often_as_it_came() {
    let folder = tempfile::tempdir().unwrap();
    let tenant = tell(&options(5, 1_500));
    let files = export(&tenant, &folder.path().join("new")).unwrap();
    let read = |name: &str| {
        let path = files.iter().find(|path| path.ends_with(name)).unwrap();
        std::fs::read_to_string(path).unwrap()
    };
    let json = |name: &str| serde_json::from_str::<Value>(&read(name)).unwrap();
    let (records, distinct) = (tenant.truth.records, tenant.truth.distinct_records);
    assert_eq!(read("defender-activities.ndjson").lines().count(), records);
    for name in ["audit.ndjson", "officeactivity.ndjson", "cloudappevents-storage.ndjson"] {
        assert_eq!(read(name).lines().count(), distinct, "{name}");
    }
    for name in
        ["purview.csv", "purview-classic.csv", "search-unifiedauditlog.csv", "officeactivity.csv", "cloudappevents.csv"]
    {
        assert_eq!(read(name).lines().count(), distinct + 1, "{name}");
    }
    for (name, rows) in [
        ("search-unifiedauditlog.json", json("search-unifiedauditlog.json")),
        ("graph.json", json("graph.json")["value"].clone()),
        ("cloudappevents.json", json("cloudappevents.json")),
    ] {
        assert_eq!(rows.as_array().unwrap().len(), distinct, "{name}");
    }
    let messages: Vec<Value> =
        read("cloudappevents-eventhub.ndjson").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(messages.iter().map(|one| one["records"].as_array().unwrap().len()).sum::<usize>(), distinct);
    assert_eq!(json("truth.json")["accesses"].as_array().unwrap().len(), tenant.truth.accesses.len());
}

#[test]
fn every_exported_form_tells_the_same_of_a_record() {
    let folder = tempfile::tempdir().unwrap();
    let files = export(&tell(&options(5, 1_000)), folder.path()).unwrap();
    let read = |name: &str| std::fs::read_to_string(files.iter().find(|path| path.ends_with(name)).unwrap()).unwrap();
    let lines =
        |name: &str| -> Vec<Value> { read(name).lines().map(|line| serde_json::from_str(line).unwrap()).collect() };
    let array = |name: &str| serde_json::from_str::<Value>(&read(name)).unwrap();
    let (audits, office) = (lines("audit.ndjson"), lines("officeactivity.ndjson"));
    let (graph, events, log) =
        (array("graph.json"), array("cloudappevents.json"), array("search-unifiedauditlog.json"));
    for (place, audit) in audits.iter().enumerate() {
        let (id, operation) = (&audit["Id"], &audit["Operation"]);
        let row = &office[place];
        assert_eq!((&row["OfficeId"], &row["Operation"], &row["OfficeObjectId"]), (id, operation, &audit["ObjectId"]));
        assert!(row.get("CorrelationId").is_none() && row.get("SensitivityLabelId").is_none());
        let record = &graph["value"][place];
        assert_eq!((&record["id"], &record["operation"], &record["auditData"]["Id"]), (id, operation, id));
        let event = &events[place];
        assert_eq!((&event["RawEventData"]["Id"], &event["ActionType"]), (id, operation));
        let inner: Value = serde_json::from_str(log[place]["AuditData"].as_str().unwrap()).unwrap();
        assert_eq!((&inner, &log[place]["Identity"]), (audit, id));
    }
}
