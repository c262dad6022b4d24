//! Scripted faults, kind by kind: each does what it says.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::lab::{Answer, Lab, NOW_MS, activity};

const MINUTE_MS: i64 = 60_000;

/// Twelve activities, a minute apart, the latest a minute ago.
async fn with(fault: &str) -> Lab {
    let activities = (1..=12).map(|age| activity(&format!("a{age:02}"), age * MINUTE_MS)).collect();
    let faults = vec![fault.parse().unwrap()];
    Lab::start(activities, |options| options.faults = faults).await
}

/// Ascending by `created`, as a scan.
fn scan(limit: usize) -> Value {
    json!({"filters": {"created": {"gte": 0}}, "isScan": true, "sortField": "created", "sortDirection": "asc",
        "limit": limit})
}

/// The same with a page's cursor.
fn behind(page: &Answer, limit: usize) -> Value {
    let mut next = scan(limit);
    next["filters"] = page.json()["nextQueryFilters"].clone();
    next
}

/// A list call that does not end as it should: in no answer, or in half of one.
async fn broken(lab: &Lab) -> reqwest::Error {
    let token = lab.endpoints().vault_secrets["defender-api-token"].expose().to_owned();
    let request = lab.post("api/v1/activities/").header("authorization", format!("Token {token}"));
    match request.header("content-type", "application/json").body(scan(100).to_string()).send().await {
        Ok(response) => response.bytes().await.unwrap_err(),
        Err(error) => error,
    }
}

#[tokio::test]
async fn a_connection_breaks_where_the_fault_says() {
    let lab = with("defender:first=1:reset").await;
    assert!(broken(&lab).await.is_request());
    assert_eq!(lab.activities(&scan(100)).await.ids().len(), 12);
    for fault in ["defender:first=1:reset-after-head", "defender:first=1:reset-mid-body"] {
        let lab = with(fault).await;
        let error = broken(&lab).await;
        assert!(error.is_body() || error.is_decode(), "{fault}: {error:?}");
        assert_eq!(lab.activities(&scan(100)).await.ids().len(), 12, "{fault}");
    }
}

#[tokio::test]
async fn half_of_a_broken_answer_arrives() {
    let lab = with("defender:first=1:reset-mid-body").await;
    let token = lab.endpoints().vault_secrets["defender-api-token"].expose().to_owned();
    let request = lab.post("api/v1/activities/").header("authorization", format!("Token {token}"));
    let mut response = request.header("content-type", "application/json").body("{}").send().await.unwrap();
    let announced = response.content_length().unwrap();
    let mut arrived = 0;
    while let Ok(Some(chunk)) = response.chunk().await {
        arrived += chunk.len() as u64;
    }
    assert_eq!(arrived, announced / 2);
}

#[tokio::test]
async fn gzip_arrives_cut_off_or_wrong() {
    for fault in ["defender:first=1:gzip-truncated", "defender:first=1:gzip-corrupt"] {
        let lab = with(fault).await;
        let error = broken(&lab).await;
        assert!(error.is_decode() || error.is_body(), "{fault}: {error:?}");
        assert_eq!(lab.activities(&scan(100)).await.ids().len(), 12, "{fault}");
    }
}

#[tokio::test]
async fn an_answer_comes_byte_by_byte() {
    let lab = with("defender:always:slow=3").await;
    let begun = Instant::now();
    let answer = lab.activities(&json!({"filters": {"created": {"gte": NOW_MS}}})).await;
    let bytes = answer.text.len() as u64;
    assert_eq!(answer.json()["data"], json!([]));
    assert!(begun.elapsed() >= Duration::from_millis(3 * bytes), "{bytes} bytes in {:?}", begun.elapsed());
}

#[tokio::test]
async fn an_answer_without_a_body_is_lost_as_a_whole_and_the_work_is_done() {
    for fault in ["ingestion:first=1:reset-mid-body", "ingestion:first=1:gzip-corrupt"] {
        let lab = with(fault).await;
        assert!(deliver(&lab).await.is_err(), "{fault}");
        assert_eq!(deliver(&lab).await.unwrap(), 204, "{fault}");
        assert_eq!(lab.emulator.counters().tables["ShareTrailGap_CL"].duplicates, 1, "{fault}");
    }
}

async fn deliver(lab: &Lab) -> Result<u16, reqwest::Error> {
    let token = lab.token(lab.endpoints().scopes.ingestion).await;
    let dcr = &lab.endpoints().dcr_immutable_id;
    let path = format!("dataCollectionRules/{dcr}/streams/Custom-ShareTrailGap_CL?api-version=2023-01-01");
    let request = lab.post(&path).bearer_auth(&token).header("content-type", "application/json");
    let body = r#"[{"GapId":"g","Revision":1,"TimeGenerated":"2026-11-24T02:00:00Z"}]"#;
    request.body(body).send().await.map(|response| response.status().as_u16())
}

#[tokio::test]
async fn bodies_above_a_size_are_too_large_and_smaller_ones_pass() {
    let lab = with("ingestion:always:413=60").await;
    assert_eq!(deliver(&lab).await.unwrap(), 413);
    lab.emulator.set_faults(vec!["ingestion:always:413=600".parse().unwrap()]);
    assert_eq!(deliver(&lab).await.unwrap(), 204);
}

#[tokio::test]
async fn statuses_and_web_pages_are_what_gateways_send() {
    for status in [408, 500, 502, 503, 504] {
        let lab = with(&format!("defender:always:{status}")).await;
        let answer = lab.activities(&scan(100)).await;
        assert_eq!(answer.status, status);
        assert!(answer.text.contains("<html>"), "{}", answer.text);
    }
    let lab = with("defender:always:html").await;
    let answer = lab.activities(&scan(100)).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/html; charset=utf-8"));
}

#[tokio::test]
async fn the_clock_of_an_answer_is_off() {
    for (fault, date) in [
        ("defender:after=9:skew=1", "Tue, 24 Nov 2026 03:00:00 GMT"),
        ("defender:always:skew=-600", "Tue, 24 Nov 2026 02:50:00 GMT"),
        ("defender:always:skew=90", "Tue, 24 Nov 2026 03:01:30 GMT"),
    ] {
        assert_eq!(with(fault).await.activities(&scan(100)).await.header("date"), date, "{fault}");
    }
}

#[tokio::test]
async fn an_absurd_pause_is_asked_for() {
    let lab = with("defender:always:429:retry-after=36000").await;
    let answer = lab.activities(&scan(100)).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "36000"));
}

#[tokio::test]
async fn a_page_is_empty_and_its_cursor_leads_on() {
    let lab = with("defender:first=1:empty-page").await;
    let empty = lab.activities(&scan(5)).await;
    assert_eq!((empty.ids().len(), &empty.json()["hasNext"]), (0, &json!(true)));
    let page = lab.activities(&behind(&empty, 5)).await;
    assert_eq!(page.ids(), ["a12", "a11", "a10", "a09"], "the fifth is left for the next page");
}

#[tokio::test]
async fn a_cursor_stalls_once() {
    let lab = with("defender:first=1:stalled-cursor").await;
    let first = lab.activities(&scan(5)).await;
    assert_eq!(first.json()["nextQueryFilters"], scan(5)["filters"]);
    let again = lab.activities(&behind(&first, 5)).await;
    assert_eq!(first.ids(), again.ids());
    assert_eq!(lab.activities(&behind(&again, 5)).await.ids()[0], "a08");
}

#[tokio::test]
async fn a_list_ends_early_without_a_word() {
    let lab = with("defender:first=1:ends-early").await;
    let page = lab.activities(&scan(5)).await;
    assert_eq!((page.ids().len(), &page.json()["hasNext"]), (4, &json!(false)));
    assert!(page.json().get("nextQueryFilters").is_none());
    assert_eq!(page.json()["total"], 12);
}

#[tokio::test]
async fn the_total_drifts() {
    let lab = with("defender:every=2:total-drifts").await;
    let totals = [lab.activities(&scan(5)).await.json(), lab.activities(&scan(5)).await.json()];
    assert_eq!((&totals[0]["total"], &totals[1]["total"]), (&json!(12), &json!(6)));
}

#[tokio::test]
async fn late_records_are_listed_later_and_old_ones_are_not_late() {
    let lab = with("defender:first=2:late=8").await;
    let early = lab.activities(&scan(100)).await.ids();
    assert!((5..12).contains(&early.len()), "{early:?}");
    assert!(["a12", "a11", "a10", "a09"].iter().all(|id| early.iter().any(|listed| listed == id)), "{early:?}");
    assert_eq!(lab.activities(&scan(100)).await.ids(), early, "the same ones");
    assert_eq!(lab.activities(&scan(100)).await.ids().len(), 12);
}

#[tokio::test]
async fn records_are_repeated_with_another_enrichment() {
    let lab = with("defender:always:repeats").await;
    let answer = lab.activities(&scan(100)).await.json();
    let data = answer["data"].as_array().unwrap();
    assert_eq!(data.len(), 12 + 4);
    assert_eq!(data[0]["_id"], data[1]["_id"]);
    assert_eq!(data[0]["rawDataJson"], data[1]["rawDataJson"]);
    assert_ne!(data[0], data[1]);
}

#[tokio::test]
async fn more_records_share_a_time_than_a_page_has_room_for() {
    let lab = with("defender:first=1:page=1").await;
    let stuck = lab.activities(&scan(5)).await;
    assert_eq!((stuck.ids().len(), &stuck.json()["hasNext"]), (0, &json!(true)));
    assert_eq!(lab.activities(&behind(&stuck, 5)).await.ids().len(), 4);
}

#[tokio::test]
async fn a_token_lives_for_seconds() {
    let lab = with("token:first=1:life=2").await;
    let ask = || lab.ask_token(&lab.endpoints().installation, lab.endpoints().scopes.defender);
    let short = ask().await.json();
    assert_eq!((&short["expires_in"], &ask().await.json()["expires_in"]), (&json!(2), &json!(3_599)));
    let list = || {
        let request = lab.post("api/v1/activities/").bearer_auth(short["access_token"].as_str().unwrap());
        Answer::of(request.header("content-type", "application/json").body("{}"))
    };
    assert_eq!(list().await.status, 200);
    lab.clock.advance(2_000);
    assert_eq!(list().await.status, 401);
}

#[tokio::test]
async fn a_secret_is_replaced_at_the_service_and_in_the_vault() {
    let lab = with("defender:calls=2-2:replaced-secret").await;
    let old = lab.endpoints().vault_secrets["defender-api-token"].expose().to_owned();
    assert_eq!(lab.activities(&json!({})).await.status, 200);
    assert_eq!(lab.activities(&json!({})).await.status, 401);
    let token = lab.token(lab.endpoints().scopes.vault).await;
    let secret = Answer::of(lab.get("secrets/defender-api-token?api-version=7.4").bearer_auth(token)).await.json();
    let new = secret["value"].as_str().unwrap();
    assert_ne!(new, old);
    let request = lab.post("api/v1/activities/").header("authorization", format!("Token {new}"));
    assert_eq!(Answer::of(request.header("content-type", "application/json").body("{}")).await.status, 200);
}

#[tokio::test]
async fn an_applications_secret_is_replaced_too() {
    let lab = with("token:first=1:replaced-secret").await;
    let application = lab.endpoints().tenant_application.clone();
    let refused = lab.ask_token(&application, lab.endpoints().scopes.ingestion).await;
    assert!(refused.text.contains("AADSTS7000215"), "{}", refused.text);
    let token = lab.token(lab.endpoints().scopes.vault).await;
    let secret = Answer::of(lab.get("secrets/delivery-client-secret?api-version=7.4").bearer_auth(token)).await.json();
    let renewed = emulator::Application {
        client_secret: emulator::Secret::new(secret["value"].as_str().unwrap()),
        ..application
    };
    assert_eq!(lab.ask_token(&renewed, lab.endpoints().scopes.ingestion).await.status, 200);
}

#[tokio::test]
async fn faults_can_be_set_from_outside_as_a_script() {
    let lab = with("arm:always:500").await;
    let set = |body: &'static str| Answer::of(lab.post("_emulator/faults").body(body));
    assert_eq!(set("# a bad day\ndefender:always:503\n").await.status, 204);
    assert_eq!(lab.activities(&json!({})).await.status, 503);
    let refused = set("defender:always:503\nmail:always:500").await;
    assert_eq!(refused.status, 400);
    assert!(refused.text.contains("line 2"), "{}", refused.text);
}
