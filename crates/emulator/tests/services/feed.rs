//! The Management Activity API: subscriptions, windows, pages, blobs, and what may go wrong with each.

use std::collections::{BTreeMap, BTreeSet};

use emulator::story::{StoredActivity, StoryOptions, tell};
use emulator::{
    ContentCounters, ContentType, ManagementOptions, Role, SyntheticFeed, TenantState, WideWindows, activity_from_json,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::lab::{Answer, DAY_MS, Lab, NOW_MS};

const HOUR_MS: i64 = 3_600_000;

/// An activity whose audit record became available `age_ms` before now.
fn record(id: &str, age_ms: i64, app_id: u32) -> StoredActivity {
    let created = NOW_MS - age_ms;
    let time =
        jiff::Timestamp::from_second((created - 300_000) / 1_000).unwrap().strftime("%FT%T.0000000Z").to_string();
    let record = json!({
        "_id": id, "created": created, "timestamp": created - 300_000, "appId": app_id,
        "rawDataJson": {"CreationTime": time, "Id": id, "Operation": "FileAccessed"},
    });
    activity_from_json(&record.to_string()).unwrap()
}

/// A client of the feed.
struct Feed<'l> {
    lab: &'l Lab,
    token: String,
}

impl<'l> Feed<'l> {
    async fn of(lab: &'l Lab) -> Feed<'l> {
        let token = lab.token(lab.endpoints().scopes.management).await;
        Feed { lab, token }
    }

    /// The same, subscribed to SharePoint's content.
    async fn subscribed(lab: &'l Lab) -> Feed<'l> {
        let feed = Feed::of(lab).await;
        assert_eq!(feed.start("Audit.SharePoint").await.status, 200);
        feed
    }

    async fn ask(&self, method: Method, operation: &str, parameters: &[(&str, &str)]) -> Answer {
        let tenant = &self.lab.endpoints().tenant_id;
        let query = crate::lab::form(&[parameters, &[("PublisherIdentifier", tenant)]].concat());
        let path = format!("api/v1.0/{tenant}/activity/feed/{operation}?{query}");
        Answer::of(self.lab.request(method, &path).bearer_auth(&self.token)).await
    }

    async fn get(&self, operation: &str, parameters: &[(&str, &str)]) -> Answer {
        self.ask(Method::GET, operation, parameters).await
    }

    async fn start(&self, content_type: &str) -> Answer {
        self.ask(Method::POST, "subscriptions/start", &[("contentType", content_type)]).await
    }

    async fn content(&self, start: &str, end: &str) -> Answer {
        let window = [("contentType", "Audit.SharePoint"), ("startTime", start), ("endTime", end)];
        self.get("subscriptions/content", &window).await
    }

    /// An address as the service gave it, the publisher added.
    async fn follow(&self, address: &str) -> Answer {
        let joint = if address.contains('?') { '&' } else { '?' };
        let address = format!("{address}{joint}PublisherIdentifier={}", self.lab.endpoints().tenant_id);
        Answer::of(self.lab.client.get(address).bearer_auth(&self.token)).await
    }

    /// All blobs of the last seven days, followed through all pages; how many pages were empty is counted.
    async fn everything(&self, content_type: &str, header: &str) -> (Vec<Value>, usize) {
        let (mut blobs, mut empty_pages) = (Vec::new(), 0);
        for day in (0..7).rev() {
            let end = NOW_MS - day * DAY_MS;
            let (start, end) = (time(end - DAY_MS + 1_000), time(end));
            let window = [("contentType", content_type), ("startTime", &start), ("endTime", &end)];
            let mut page = self.get("subscriptions/content", &window).await;
            loop {
                assert_eq!(page.status, 200, "{}", page.text);
                let listed = page.json().as_array().unwrap().clone();
                empty_pages += usize::from(listed.is_empty());
                blobs.extend(listed);
                let next = page.header(header).to_owned();
                if next.is_empty() {
                    break;
                }
                page = self.follow(&next).await;
            }
        }
        (blobs, empty_pages)
    }

    fn counters(&self, content_type: ContentType) -> ContentCounters {
        self.lab.emulator.counters().management.content.remove(&content_type).unwrap_or_default()
    }
}

fn time(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms).unwrap().strftime("%FT%T").to_string()
}

fn code(answer: &Answer) -> (u16, String) {
    (answer.status, answer.json()["error"]["code"].as_str().unwrap_or_default().to_owned())
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

fn uri(blob: &Value) -> &str {
    blob["contentUri"].as_str().unwrap()
}

#[tokio::test]
async fn content_needs_a_subscription_and_a_second_start_says_that_there_is_one() {
    let lab = Lab::with(vec![record("a", HOUR_MS, 20_892)]).await;
    let feed = Feed::of(&lab).await;
    assert_eq!(feed.get("subscriptions/list", &[]).await.json(), json!([]));
    let content = || feed.get("subscriptions/content", &[("contentType", "audit.sharepoint")]);
    assert_eq!(code(&content().await), refused(400, "AF20022"));
    let subscription = json!({"contentType": "Audit.SharePoint", "status": "enabled", "webhook": null});
    assert_eq!(feed.start("Audit.SharePoint").await.json(), subscription);
    assert_eq!(code(&feed.start("Audit.SharePoint").await), refused(400, "AF20024"));
    assert_eq!(feed.get("subscriptions/list", &[]).await.json(), json!([subscription]));
    assert_eq!(content().await.json().as_array().unwrap().len(), 1);
    assert_eq!(code(&feed.start("Audit.Coffee").await), refused(400, "AF20020"));
    let stopped = feed.ask(Method::POST, "subscriptions/stop", &[("contentType", "Audit.SharePoint")]).await;
    assert_eq!((stopped.status, stopped.text.as_str()), (200, ""));
    assert_eq!(code(&content().await), refused(400, "AF20022"));
    let counted = lab.emulator.counters().management;
    assert_eq!((counted.starts, counted.starts_too_early), (2, 1));
}

#[tokio::test]
async fn a_blob_holds_the_audit_records_that_defender_stored_and_describes_itself() {
    let activities =
        vec![record("a", HOUR_MS, 20_892), record("b", HOUR_MS - 60_000, 15_600), record("c", HOUR_MS, 28_375)];
    let lab = Lab::with(activities).await;
    let feed = Feed::subscribed(&lab).await;
    let (blobs, _) = feed.everything("Audit.SharePoint", "NextPageUri").await;
    let [blob] = blobs.as_slice() else { panic!("{blobs:?}") };
    assert_eq!(blob["contentType"], "Audit.SharePoint");
    assert_eq!(blob["contentCreated"], "2026-11-24T02:01:00.000Z");
    assert_eq!(blob["contentExpiration"], "2026-12-01T02:01:00.000Z");
    assert!(uri(blob).ends_with(&format!("/activity/feed/audit/{}", blob["contentId"].as_str().unwrap())));
    let records = feed.follow(uri(blob)).await.json();
    let seen: Vec<(&str, &str)> = records
        .as_array()
        .unwrap()
        .iter()
        .map(|record| (record["Id"].as_str().unwrap(), record["CreationTime"].as_str().unwrap()))
        .collect();
    assert_eq!(seen, [("a", "2026-11-24T01:55:00"), ("b", "2026-11-24T01:56:00")]);
    feed.start("Audit.General").await;
    let (blobs, _) = feed.everything("Audit.General", "NextPageUri").await;
    assert_eq!(feed.follow(uri(&blobs[0])).await.json()[0]["Id"], "c");
    let all = ContentCounters {
        blobs: 1,
        records: 2,
        distinct_records: 2,
        descriptions: 1,
        blobs_listed: 1,
        fetches: 1,
        blobs_served: 1,
        records_served: 2,
        distinct_records_served: 2,
    };
    assert_eq!(feed.counters(ContentType::SharePoint), all);
}

#[tokio::test]
async fn a_record_that_arrives_late_comes_in_a_blob_of_its_own() {
    let lab = Lab::with(vec![record("a", 2 * HOUR_MS, 20_892)]).await;
    let feed = Feed::subscribed(&lab).await;
    lab.emulator.append(vec![record("a", HOUR_MS, 20_892), record("late", HOUR_MS, 20_892)]);
    let (blobs, _) = feed.everything("Audit.SharePoint", "NextPageUri").await;
    assert_eq!(blobs.len(), 2);
    let held = feed.counters(ContentType::SharePoint);
    assert_eq!((held.records, held.distinct_records), (3, 2), "a known record came again");
}

#[tokio::test]
async fn windows_are_half_open_and_their_rules_are_checked() {
    let lab = Lab::with(vec![record("a", HOUR_MS, 20_892)]).await;
    let feed = Feed::subscribed(&lab).await;
    let listed = |answer: Answer| answer.json().as_array().map(Vec::len);
    assert_eq!(listed(feed.content("2026-11-24T02:00:00", "2026-11-24T02:00:01").await), Some(1));
    assert_eq!(listed(feed.content("2026-11-24T01:00", "2026-11-24T02:00").await), Some(0));
    assert_eq!(listed(feed.content("2026-11-24", "2026-11-25").await), Some(1));
    assert_eq!(code(&feed.content("2026-11-24T02:00:00Z", "2026-11-24T03:00:00").await), refused(400, "AF20002"));
    assert_eq!(code(&feed.content("2026-11-24T03:00", "2026-11-24T02:00").await), refused(400, "AF20030"));
    assert_eq!(code(&feed.content("2026-11-17T02:59:59", "2026-11-18").await), refused(400, "AF20055"));
    let one = [("contentType", "Audit.SharePoint"), ("startTime", "2026-11-24")];
    assert_eq!(code(&feed.get("subscriptions/content", &one).await), refused(400, "AF20030"));
    // More than 24 hours: the first 24 of them, and no word of the rest.
    let wide = feed.content("2026-11-22T00:00", "2026-11-24T03:00").await;
    assert_eq!((wide.status, listed(wide)), (200, Some(0)));
    let strict = Lab::start(Vec::new(), |options| options.management.wide_windows = WideWindows::Refused).await;
    let feed = Feed::subscribed(&strict).await;
    assert_eq!(code(&feed.content("2026-11-22T00:00", "2026-11-24T03:00").await), refused(400, "AF20030"));
}

#[tokio::test]
async fn pages_lead_to_each_other_and_a_wrong_token_is_refused() {
    let activities = (0..10).map(|n| record(&format!("{n}"), HOUR_MS * (10 - n), 20_892)).collect();
    let lab = Lab::start(activities, |options| options.management.page_blobs_max = 4).await;
    let feed = Feed::subscribed(&lab).await;
    let first = feed.get("subscriptions/content", &[("contentType", "Audit.SharePoint")]).await;
    assert_eq!(first.json().as_array().unwrap().len(), 4);
    let next = first.header("NextPageUri").to_owned();
    assert!(next.contains("/api/v1/") && next.contains("startTime=2026-11-23T03%3A00%3A00"), "{next}");
    assert!(!next.contains("PublisherIdentifier"));
    let (blobs, _) = feed.everything("Audit.SharePoint", "NextPageUri").await;
    let ids: BTreeSet<&str> = blobs.iter().map(|blob| blob["contentId"].as_str().unwrap()).collect();
    assert_eq!((blobs.len(), ids.len()), (10, 10));
    let wrong = [("contentType", "Audit.SharePoint"), ("nextPage", "2026")];
    assert_eq!(code(&feed.get("subscriptions/content", &wrong).await), refused(400, "AF20031"));
}

#[tokio::test]
async fn a_page_and_a_blob_can_be_said_to_be_elsewhere() {
    let activities = (0..2).map(|n| record(&format!("{n}"), HOUR_MS * (n + 1), 20_892)).collect();
    let lab = Lab::start(activities, |options| {
        options.management.page_blobs_max = 1;
        options.management.next_page_root = Some("https://pages.example/".parse().unwrap());
        options.management.content_root = Some("https://blobs.example/".parse().unwrap());
    })
    .await;
    let feed = Feed::subscribed(&lab).await;
    let first = feed.get("subscriptions/content", &[("contentType", "Audit.SharePoint")]).await;
    assert!(first.header("NextPageUri").starts_with("https://pages.example/api/v1/"));
    assert!(uri(&first.json()[0]).starts_with("https://blobs.example/api/v1.0/"));
}

#[tokio::test]
async fn blobs_that_are_gone_or_never_were_say_so() {
    let lab = Lab::with(vec![record("a", HOUR_MS, 20_892)]).await;
    let feed = Feed::subscribed(&lab).await;
    let (blobs, _) = feed.everything("Audit.SharePoint", "NextPageUri").await;
    let address = uri(&blobs[0]).to_owned();
    assert_eq!(code(&feed.follow(&address.replace("emea0000", "emea0009")).await), refused(404, "AF20050"));
    assert_eq!(code(&feed.get("audit/nothing", &[]).await), refused(400, "AF20052"));
    lab.clock.advance(8 * DAY_MS);
    let feed = Feed::of(&lab).await;
    assert_eq!(code(&feed.follow(&address).await), refused(400, "AF20051"));
}

#[tokio::test]
async fn what_was_created_while_the_subscription_was_stopped_is_not_listed() {
    let lab = Lab::with(Vec::new()).await;
    let feed = Feed::subscribed(&lab).await;
    feed.ask(Method::POST, "subscriptions/stop", &[("contentType", "Audit.SharePoint")]).await;
    lab.emulator.append(vec![record("missed", -HOUR_MS, 20_892), record("seen", -3 * HOUR_MS, 20_892)]);
    lab.clock.advance(2 * HOUR_MS);
    let feed = Feed::subscribed(&lab).await;
    lab.clock.advance(2 * HOUR_MS);
    let feed = Feed { token: Feed::of(&lab).await.token, ..feed };
    let listed = feed.get("subscriptions/content", &[("contentType", "Audit.SharePoint")]).await.json();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(listed[0]["contentCreated"], "2026-11-24T06:00:00.000Z");
}

#[tokio::test]
async fn callers_are_checked_and_those_without_a_publisher_are_counted() {
    let lab = Lab::with(Vec::new()).await;
    let feed = Feed::of(&lab).await;
    let tenant = lab.endpoints().tenant_id.clone();
    let list = |tenant: &str, token: &str| {
        let path = format!("api/v1.0/{tenant}/activity/feed/subscriptions/list");
        Answer::of(lab.get(&path).bearer_auth(token))
    };
    assert_eq!(list(&tenant, &feed.token).await.status, 200);
    assert_eq!(lab.emulator.counters().management.without_publisher, 1);
    assert_eq!(list(&tenant, "wrong").await.json()["Message"], "Authorization has been denied for this request.");
    assert_eq!(code(&list("contoso", &feed.token).await), refused(400, "AF20013"));
    let other = "00000000-0000-4000-8000-000000000000";
    assert_eq!(code(&list(other, &feed.token).await), refused(403, "AF20010"));
    let vault = lab.token(lab.endpoints().scopes.vault).await;
    assert_eq!(list(&tenant, &vault).await.status, 401);
    lab.emulator.revoke(&lab.endpoints().installation.client_id, Role::ActivityFeedRead);
    assert_eq!(code(&feed.get("subscriptions/list", &[]).await), refused(403, "AF10001"));
}

#[tokio::test]
async fn a_publisher_has_a_budget_and_the_nameless_share_theirs() {
    let lab = Lab::start(Vec::new(), |options| options.management.requests_per_minute = Some(2)).await;
    let feed = Feed::of(&lab).await;
    for _ in 0..2 {
        assert_eq!(feed.get("subscriptions/list", &[]).await.status, 200);
    }
    let refusal = feed.get("subscriptions/list", &[]).await;
    assert_eq!(code(&refusal), refused(403, "AF429"));
    let publisher = &lab.endpoints().tenant_id;
    let message = format!("Too many requests. Method=list, PublisherId={publisher}");
    assert_eq!(refusal.json()["error"]["message"], message.as_str());
    lab.clock.advance(60_000);
    assert_eq!(feed.get("subscriptions/list", &[]).await.status, 200);
}

#[tokio::test]
async fn scripted_faults_speak_as_the_service_does() {
    let lab = Lab::with(Vec::new()).await;
    let feed = Feed::of(&lab).await;
    for (fault, expected) in [
        ("management:always:429:retry-after=7", refused(403, "AF429")),
        ("management:always:500", refused(500, "AF50000")),
        ("management:always:403", refused(403, "AF10001")),
    ] {
        lab.emulator.set_faults(vec![fault.parse().unwrap()]);
        let answer = feed.get("subscriptions/list", &[]).await;
        assert_eq!(code(&answer), expected, "{fault}");
        assert_eq!(answer.header("retry-after") == "7", answer.text.contains("AF429"));
    }
    lab.emulator.set_faults(vec!["management:always:502".parse().unwrap()]);
    assert!(feed.get("subscriptions/list", &[]).await.text.starts_with("<!DOCTYPE html>"));
}

#[tokio::test]
async fn a_tenant_that_is_not_audited_is_said_not_to_exist() {
    for (state, expected) in [
        (TenantState::AuditingOff, "Microsoft.Office.Compliance.Audit.DataServiceException"),
        (TenantState::Unknown, "AF20011"),
        (TenantState::Misconfigured, "AF20012"),
    ] {
        let lab = Lab::start(Vec::new(), |options| options.management.tenant = state).await;
        let answer = Feed::of(&lab).await.start("Audit.SharePoint").await;
        assert!(answer.status == 400 && answer.text.contains(expected), "{}", answer.text);
    }
    let lab = Lab::start(Vec::new(), |options| options.management.disabled = vec![ContentType::SharePoint]).await;
    let feed = Feed::of(&lab).await;
    assert_eq!(code(&feed.content("2026-11-24", "2026-11-25").await), refused(400, "AF20023"));
    assert_eq!(feed.get("subscriptions/list", &[]).await.json()[0]["status"], "disabled");
}

#[tokio::test]
async fn with_every_quirk_a_client_that_does_not_give_up_gets_every_record() {
    let tenant = tell(&StoryOptions { seed: 11, records: 1_500, days: 6, now_ms: NOW_MS });
    let told: BTreeSet<String> = tenant
        .activities
        .iter()
        .filter(|activity| matches!(activity.app_id, 20_892 | 15_600))
        .map(|activity| activity.id.rsplit_once('_').unwrap().1.to_owned())
        .collect();
    let lab = Lab::start(tenant.activities, |options| options.management = ManagementOptions::with_every_quirk()).await;
    let feed = Feed::subscribed(&lab).await;
    assert_eq!(
        feed.get("subscriptions/list", &[]).await.json(),
        json!([{"contentType": "Audit.SharePoint", "webhook": null}])
    );
    let (blobs, empty_pages) = feed.everything("Audit.SharePoint", "NextPageUrl").await;
    assert!(empty_pages > 7, "{empty_pages}");
    let (mut copies, mut refusals): (BTreeMap<String, BTreeSet<String>>, BTreeMap<String, u32>) = Default::default();
    let (mut records, mut disordered) = (0, 0);
    for blob in &blobs {
        assert!(uri(blob).contains('?'));
        let answer = loop {
            let answer = feed.follow(uri(blob)).await;
            if answer.status == 200 {
                break answer;
            }
            *refusals.entry(code(&answer).1).or_default() += 1;
            if answer.status != 500 {
                break answer;
            }
        };
        let value = answer.json();
        let all = value.as_array().cloned().unwrap_or_default();
        records += all.len() as u64;
        disordered +=
            all.windows(2).filter(|pair| pair[0]["CreationTime"].as_str() > pair[1]["CreationTime"].as_str()).count();
        let raw: Vec<&serde_json::value::RawValue> =
            if answer.status == 200 { serde_json::from_str(&answer.text).unwrap() } else { Vec::new() };
        for (record, text) in all.iter().zip(raw) {
            copies.entry(record["Id"].as_str().unwrap().to_owned()).or_default().insert(text.get().to_owned());
        }
    }
    assert_eq!(copies.keys().cloned().collect::<BTreeSet<String>>(), told);
    assert!(copies.values().any(|texts| texts.len() > 1), "some came again in other words");
    assert!(disordered > 100);
    assert_eq!((refusals["AF20051"], refusals["AF20050"]), (2, 2));
    assert!(refusals["AF50000"] >= 2 && refusals["AF50000"] % 2 == 0);
    let counted = feed.counters(ContentType::SharePoint);
    assert_eq!((counted.records_served, counted.distinct_records_served), (records, told.len() as u64));
    assert_eq!((counted.records, counted.distinct_records), (records, told.len() as u64));
    assert_eq!((counted.blobs_listed, counted.blobs_served), (blobs.len() as u64, blobs.len() as u64 - 4));
}

#[tokio::test]
async fn a_synthetic_feed_has_as_many_records_and_blobs_as_asked_for() {
    let tenant = tell(&StoryOptions { seed: 11, records: 1_500, days: 6, now_ms: NOW_MS });
    let lab = Lab::start(tenant.activities, |options| {
        options.management.synthetic =
            Some(SyntheticFeed { records: 10_001, blobs: 30, relevant_per_mille: 50, hours: 48 });
    })
    .await;
    let feed = Feed::subscribed(&lab).await;
    let (blobs, _) = feed.everything("Audit.SharePoint", "NextPageUri").await;
    assert_eq!(blobs.len(), 30);
    let mut ids = BTreeSet::new();
    for blob in &blobs {
        let records = feed.follow(uri(blob)).await.json();
        ids.extend(records.as_array().unwrap().iter().map(|record| record["Id"].as_str().unwrap().to_owned()));
    }
    assert_eq!(ids.len(), 10_001);
    let counted = feed.counters(ContentType::SharePoint);
    assert_eq!((counted.records, counted.distinct_records_served), (10_001, 10_001));
}

#[tokio::test]
async fn a_tenant_without_outsiders_makes_no_synthetic_feed() {
    let mut options = emulator::Options::new(tell(&StoryOptions { seed: 1, records: 1, days: 1, now_ms: NOW_MS }));
    options.tenant.activities.clear();
    options.management.synthetic = Some(SyntheticFeed { records: 1, blobs: 1, relevant_per_mille: 50, hours: 1 });
    let error = emulator::Emulator::start(options).await.unwrap_err();
    assert!(error.to_string().contains("too small"));
}
