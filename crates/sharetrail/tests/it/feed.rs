//! The audit feed, with all that its service does: nothing is lost, nothing counted twice, and what goes wrong is said.

use emulator::story::{self, StoryOptions, Tenant};
use emulator::{ContentType, FeedQuirks, ManagementCounters, ManagementOptions, Role, TenantState};
use serde_json::Value;

use crate::support::{Configuration, Ended, Lab, Stub, now_ms, record, tenant_of};

/// A tenant whose whole story the feed can still list.
pub fn six_days(seed: u64, records: usize) -> Tenant {
    story::tell(&StoryOptions { seed, records, days: 6, now_ms: now_ms() })
}

/// A tenant behind an audit feed that does `what`, and a configuration that collects from it alone.
pub fn feed_of(seed: u64, records: usize, what: impl FnOnce(&mut ManagementOptions)) -> Lab {
    let lab = Lab::with(six_days(seed, records), |options| what(&mut options.management));
    lab.configure(Configuration::with_only_the_audit_feed);
    lab
}

pub fn counters(lab: &Lab) -> ManagementCounters {
    lab.emulator.counters().management
}

/// A feed as `status --json` tells it.
pub fn feed(lab: &Lab, name: &str) -> Value {
    let status = lab.folder.status();
    status["feeds"].as_array().unwrap().iter().find(|feed| feed["name"] == name).unwrap().clone()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

/// Every record that the service has is counted once, as stored or as not kept, by the feed that brought it first.
#[track_caller]
pub fn assert_counts_agree(lab: &Lab) {
    let counted = counters(lab);
    assert_eq!(counted.without_publisher, 0);
    for (content_type, counted) in &counted.content {
        let feed = feed(lab, &content_type.to_string());
        let taken = number(&feed["stored"]) + number(&feed["not_kept"]);
        assert_eq!(taken, counted.distinct_records, "{content_type}: {feed}\n{counted:?}");
        assert_eq!(number(&feed["listed"]), taken + number(&feed["known"]) + number(&feed["rejected"]), "{feed}");
    }
}

/// Collects until nothing is behind; the failures that the service plays end by themselves.
fn collect_to_the_end(lab: &Lab) -> Ended {
    for _ in 0..5 {
        let ended = lab.collect();
        if ended.code == Some(0) {
            return ended;
        }
        assert_eq!(ended.code, Some(3), "{ended}");
    }
    panic!("still behind: {}", lab.collect());
}

#[test]
fn a_feed_that_behaves_is_read_in_one_pass_and_the_second_fetches_nothing() {
    let lab = feed_of(61, 2_000, |_| {});
    lab.collect().with_code(0);
    lab.assert_all_is_told();
    assert_counts_agree(&lab);
    let before = counters(&lab);
    assert_eq!(before.starts, 2, "each content type's subscription");
    lab.collect().with_code(0);
    let after = counters(&lab);
    assert_eq!(after.starts, 2);
    for (content_type, counted) in &after.content {
        assert_eq!(counted.fetches, before.content[content_type].fetches, "{content_type}");
        assert_eq!(counted.fetches, counted.blobs);
        let feed = feed(&lab, &content_type.to_string());
        assert_eq!((number(&feed["known"]), number(&feed["waiting_blobs"])), (0, 0), "{feed}");
        assert!(feed["lag_seconds"].as_i64().unwrap() < 60, "{feed}");
    }
}

#[test]
fn with_every_quirk_at_once_each_record_is_stored_once_and_the_counts_agree() {
    let lab = feed_of(62, 2_500, |management| *management = ManagementOptions::with_every_quirk());
    collect_to_the_end(&lab);
    lab.assert_all_is_told();
    assert_counts_agree(&lab);
    let status = lab.folder.status();
    let stored: u64 = status["feeds"].as_array().unwrap().iter().map(|feed| number(&feed["stored"])).sum();
    assert_eq!(stored, number(&status["activities"]));
    assert!(number(&feed(&lab, "Audit.SharePoint")["known"]) > 0, "some records came twice");
    // Two blobs had expired and two were never there, of each content type.
    let reasons: Vec<String> = lab.folder.report("gaps").iter().map(|gap| gap["reason"].to_string()).collect();
    for code in ["AF20050", "AF20051"] {
        assert!(reasons.iter().any(|reason| reason.contains(code)), "{reasons:?}");
    }
}

#[test]
fn a_blob_that_fails_is_tried_again_in_a_later_pass() {
    let lab = feed_of(63, 600, |management| {
        // More failures than a pass has attempts.
        management.quirks = FeedQuirks { failing_blobs_per_mille: 200, failures_per_blob: 6, ..FeedQuirks::default() };
    });
    let first = lab.collect().with_code(3).saying("could not be read, to be tried again in the next pass");
    assert!(first.stderr.contains("AF50000"), "{first}");
    let waiting = feed(&lab, "Audit.SharePoint");
    assert!(number(&waiting["waiting_blobs"]) > 0, "{waiting}");
    assert!(waiting["last_error"].as_str().unwrap().contains("AF50000"), "{waiting}");
    assert!(
        waiting["lag_seconds"].as_i64().unwrap() > 3600,
        "the position stands before the blob that waits: {waiting}"
    );
    lab.folder.run(["status"]).with_code(0).printing("wait to be read");
    lab.collect().with_code(0);
    lab.assert_all_is_told();
    assert_counts_agree(&lab);
    assert_eq!(number(&feed(&lab, "Audit.SharePoint")["waiting_blobs"]), 0);
}

#[test]
fn a_blob_that_is_gone_is_a_gap_in_words() {
    let lab = feed_of(64, 300, |management| management.quirks.expired_blobs = 1);
    lab.collect().with_code(0).saying("1 gap; `report gaps` lists them");
    let gaps = lab.folder.report("gaps");
    assert!(gaps.iter().any(|gap| gap["feed"] == "Audit.SharePoint"), "{gaps:?}");
    assert!(gaps[0]["reason"].as_str().unwrap().contains("had expired"), "{gaps:?}");
    lab.collect().with_code(0);
    assert_eq!(lab.folder.report("gaps").len(), gaps.len(), "it is told once");
    lab.assert_all_is_told();
}

#[test]
fn no_token_goes_to_another_host_that_the_list_names() {
    let elsewhere = Stub::answering(200, "application/json", "[]");
    let lab = feed_of(65, 600, |management| {
        management.page_blobs_max = 1;
        management.next_page_root = Some(elsewhere.url().parse().unwrap());
    });
    let ended = lab.collect().with_code(3).saying("our token goes to no other host");
    assert!(ended.stderr.contains(elsewhere.url().trim_start_matches("http://")), "{ended}");
    assert_eq!(elsewhere.asked().len(), 0, "not even asked");
    let feed = feed(&lab, "Audit.SharePoint");
    assert!(feed["last_error"].as_str().unwrap().contains("our token goes to no other host"), "{feed}");
    assert!(number(&feed["stored"]) + number(&feed["not_kept"]) > 0, "what was listed before is read: {feed}");
    assert!(feed["lag_seconds"].as_i64().unwrap() > 3600, "the day that breaks off is not complete: {feed}");
}

#[test]
fn no_token_goes_to_another_host_that_a_blob_names() {
    let elsewhere = Stub::answering(200, "application/json", "[]");
    let lab = feed_of(66, 300, |management| management.content_root = Some(elsewhere.url().parse().unwrap()));
    lab.collect().with_code(1).saying("our token goes to no other host");
    assert_eq!(elsewhere.asked().len(), 0);
    let feed = feed(&lab, "Audit.SharePoint");
    assert!(number(&feed["waiting_blobs"]) > 0, "they wait until they expire: {feed}");
}

#[test]
fn a_subscription_that_may_not_be_started_is_said_and_not_started() {
    let lab = feed_of(67, 300, |management| management.subscribed = vec![ContentType::General]);
    lab.configure(|configuration| {
        configuration.with_only_the_audit_feed().set("tenant.audit.start_subscriptions", false)
    });
    lab.collect().with_code(3).saying("start_subscriptions = false").saying("Audit.SharePoint");
    assert_eq!(counters(&lab).starts, 0);
    assert!(number(&feed(&lab, "Audit.General")["listed"]) > 0, "the other one is read all the same");
}

#[test]
fn a_missing_role_is_said_with_the_remedy() {
    let lab = feed_of(68, 300, |_| {});
    lab.emulator.revoke(&lab.endpoints().tenant_application.client_id, Role::ActivityFeedRead);
    lab.collect().with_code(1).saying("AF10001").saying("ActivityFeed.Read");
    lab.emulator.grant(&lab.endpoints().tenant_application.client_id, Role::ActivityFeedRead);
    lab.collect().with_code(0);
    lab.assert_all_is_told();
}

#[test]
fn a_tenant_that_does_not_record_is_said_with_the_remedy() {
    let lab = feed_of(69, 300, |management| management.tenant = TenantState::AuditingOff);
    lab.collect().with_code(1).saying("auditing is off").saying("Purview");
}

#[test]
fn a_subscription_that_somebody_disabled_is_started_only_where_that_is_allowed() {
    let lab = feed_of(70, 300, |management| {
        management.subscribed = vec![ContentType::General, ContentType::SharePoint];
        management.disabled = vec![ContentType::SharePoint];
    });
    lab.configure(|configuration| {
        configuration.with_only_the_audit_feed().set("tenant.audit.start_subscriptions", false)
    });
    lab.collect().with_code(3).saying("the subscription to Audit.SharePoint is not started");
    lab.configure(Configuration::with_only_the_audit_feed);
    lab.collect().with_code(0);
    assert_eq!(counters(&lab).starts, 1);
    lab.assert_all_is_told();
}

#[test]
fn too_many_requests_with_403_are_waited_for() {
    let lab = feed_of(71, 1_500, |_| {});
    lab.play(&["management:every=3:429:retry-after=0"]);
    collect_to_the_end(&lab);
    lab.assert_all_is_told();
    assert_counts_agree(&lab);
}

#[test]
fn the_feed_and_defender_together_tell_each_event_once() {
    let lab = Lab::of(six_days(72, 1_500));
    let types = vec!["Audit.SharePoint", "Audit.General"];
    lab.configure(|configuration| configuration.set("tenant.audit.content_types", types));
    lab.collect().with_code(0);
    lab.assert_all_is_told();
    let status = lab.folder.status();
    let stored: u64 = status["feeds"].as_array().unwrap().iter().map(|feed| number(&feed["stored"])).sum();
    assert_eq!(stored, number(&status["activities"]));
    // One of the two failing stops neither the other nor the delivery.
    lab.play(&["management:always:400"]);
    lab.collect().with_code(3);
}

#[test]
fn a_reconciliation_says_what_became_of_all_that_arrived() {
    let lab = feed_of(73, 800, |management| management.quirks.again_later_per_mille = 200);
    lab.collect().with_code(0);
    let rows = lab.folder.report("reconciliation");
    assert_eq!(rows.len(), 2, "two feeds, one day: {rows:?}");
    let counted = counters(&lab);
    for row in &rows {
        let became = ["stored", "known", "not_kept", "rejected"].map(|column| number(&row[column]));
        assert_eq!(number(&row["listed"]), became.iter().sum::<u64>(), "{row}");
    }
    let sharepoint = rows.iter().find(|row| row["feed"] == "Audit.SharePoint").unwrap();
    assert_eq!(number(&sharepoint["listed"]), counted.content[&ContentType::SharePoint].records_served);
    assert!(number(&sharepoint["known"]) > 0, "{sharepoint}");
    assert_eq!(lab.folder.status()["arrived"], Value::Array(rows));
    lab.folder.run(["report", "reconciliation"]).with_code(0).printing("KNOWN BEFORE").printing("Audit.SharePoint");
}

#[test]
fn what_was_rejected_is_counted_once_however_often_the_service_lists_it() {
    let stranger = record(1, "FileAccessed", 30, |audit| {
        audit["OrganizationId"] = "99999999-0000-4000-8000-000000000000".into();
        audit["IsManagedDevice"] = "perhaps".into();
    });
    let odd = record(2, "FileAccessed", 29, |audit| audit["IsManagedDevice"] = "perhaps".into());
    let lab = Lab::of(tenant_of(vec![stranger, odd]));
    lab.collect().with_code(3).saying("a record of another tenant");
    let first = feed(&lab, "defender");
    assert_eq!((number(&first["rejected"]), first["problems"].as_object().unwrap().len()), (1, 1), "{first}");
    lab.collect().with_code(0);
    let second = feed(&lab, "defender");
    assert_eq!((&second["rejected"], &second["problems"]), (&first["rejected"], &first["problems"]), "{second}");
    assert_eq!(number(&second["known"]), 2, "listed again, since passes overlap: {second}");
}
