//! Lists and scans of activities.

use std::collections::BTreeSet;

use emulator::story::{StoryOptions, tell};
use emulator::{LimitBody, Role};
use reqwest::Method;
use serde_json::{Value, json};

use crate::lab::{Answer, DAY_MS, Lab, activity, activity_of};

/// Follows a scan to its end; the ids of every page.
async fn scan(lab: &Lab, mut body: Value) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    for _ in 0..50 {
        let answer = lab.activities(&body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        pages.push(answer.ids());
        let page = answer.json();
        if page["hasNext"] == false {
            assert!(page.get("nextQueryFilters").is_none());
            return pages;
        }
        body["filters"] = page["nextQueryFilters"].clone();
    }
    panic!("the scan does not end: {pages:?}");
}

#[tokio::test]
async fn a_scan_lists_every_activity_once_and_leaves_ties_for_the_next_page() {
    let activities = vec![
        activity("a", 60),
        activity("b", 50),
        activity("c", 40),
        activity("d", 40),
        activity("e", 30),
        activity("f", 20),
    ];
    let lab = Lab::with(activities).await;
    let ask = |direction: &str| {
        json!({"filters": {"service": {"eq": [15600]}}, "isScan": true, "sortField": "created",
            "sortDirection": direction, "limit": 3})
    };
    // The third row ties with the fourth: both wait; then the last row of a full page waits, too.
    assert_eq!(scan(&lab, ask("asc")).await, [vec!["a", "b"], vec!["c", "d"], vec!["e", "f"]]);
    assert_eq!(scan(&lab, ask("desc")).await, [vec!["f", "e"], vec!["d", "c"], vec!["b", "a"]]);
}

#[tokio::test]
async fn the_cursor_narrows_the_clock_of_the_sort_field_and_a_range_with_it() {
    let lab = Lab::with((0..5).map(|n| activity(&format!("{n}"), 50 - n)).collect()).await;
    let now = lab.clock.now_ms();
    let body = json!({"filters": {"date": {"range": [{"start": 5, "end": now}]}}, "isScan": true, "sortField": "date",
        "sortDirection": "asc", "limit": 2});
    let next = lab.activities(&body).await.json()["nextQueryFilters"].clone();
    let bound = now - 49 - 300_000;
    assert_eq!(next, json!({"date": {"gte": bound, "range": [{"start": bound, "end": now}]}}));
    let body = json!({"isScan": true, "sortField": "created", "sortDirection": "desc", "limit": 2});
    let next = lab.activities(&body).await.json()["nextQueryFilters"].clone();
    assert_eq!(next, json!({"created": {"lte": now - 47}}));
}

#[tokio::test]
async fn more_ties_than_a_page_holds_give_an_empty_page_that_says_there_is_more() {
    let lab = Lab::with((0..4).map(|n| activity(&format!("{n}"), 10)).collect()).await;
    let body = json!({"isScan": true, "sortField": "created", "sortDirection": "asc", "limit": 3});
    let page = lab.activities(&body).await;
    assert_eq!((page.ids().len(), &page.json()["hasNext"]), (0, &json!(true)));
    let wider = lab.activities(&json!({"isScan": true, "sortField": "created", "limit": 5000})).await;
    assert_eq!((wider.ids().len(), &wider.json()["hasNext"]), (4, &json!(false)));
}

#[tokio::test]
async fn ordinary_paging_ends_at_its_limit_and_has_no_cursor() {
    let lab = Lab::start((0..30).map(|n| activity(&format!("{n:02}"), n)).collect(), |options| {
        options.defender.page_records_max = 10;
        options.defender.skip_records_max = 20;
    })
    .await;
    let page = |skip: usize| {
        let lab = &lab;
        async move { lab.activities(&json!({"sortField": "created", "skip": skip, "limit": 1000})).await }
    };
    let first = page(0).await;
    assert_eq!((first.ids().len(), first.ids()[0].as_str()), (10, "00"));
    assert_eq!(first.json()["hasNext"], true);
    assert_eq!(first.json()["max"], 10);
    assert!(first.json().get("nextQueryFilters").is_none());
    let last = page(10).await;
    assert_eq!((last.ids()[9].as_str(), &last.json()["hasNext"]), ("19", &json!(false)));
    assert!(page(20).await.ids().is_empty());
}

#[tokio::test]
async fn every_carrier_and_every_spelling_of_the_address_works() {
    let lab =
        Lab::with(vec![activity_of("accepted", 10, 20_892, "EVENT_CATEGORY_ACCEPT_SHARE_FILE"), activity("other", 20)])
            .await;
    let token = lab.endpoints().vault_secrets["defender-api-token"].expose().to_owned();
    let filters = r#"{"activity.eventType":{"eq":["EVENT_CATEGORY_ACCEPT_SHARE_FILE"]}}"#;
    let body = format!(r#"{{"filters":{filters}}}"#);
    let query = crate::lab::form(&[("filters", filters), ("limit", "1")]);
    let form_type = "application/x-www-form-urlencoded";
    let cases = [
        (Method::POST, "api/v1/activities/".to_owned(), "application/json", body.clone()),
        (Method::POST, "api/v1/activities".to_owned(), form_type, body.clone()),
        (Method::POST, "cas/api/v1/activities/".to_owned(), form_type, query.clone()),
        (Method::GET, "cas/api/v1/activities".to_owned(), "application/json", body.clone()),
        (Method::GET, format!("api/v1/activities/?{query}"), "text/plain", String::new()),
    ];
    for (method, path, content_type, body) in cases {
        let request = lab.request(method, &path).header("authorization", format!("Token {token}"));
        let answer = Answer::of(request.header("content-type", content_type).body(body)).await;
        assert_eq!(answer.ids(), ["accepted"], "{path} {content_type}");
    }
    let one = lab.get("api/v1/activities/accepted/").header("authorization", format!("Token {token}"));
    assert_eq!(Answer::of(one).await.json()["_id"], "accepted");
    let count = lab.post("api/v1/activities/count/").header("authorization", format!("Token {token}")).body(body);
    assert_eq!(Answer::of(count).await.json()["total"], 1);
}

#[tokio::test]
async fn what_is_older_than_the_retention_is_not_served() {
    let lab = Lab::with(vec![activity("old", 31 * DAY_MS), activity("young", 29 * DAY_MS)]).await;
    assert_eq!(lab.activities(&json!({})).await.ids(), ["young"]);
    lab.clock.advance(2 * DAY_MS);
    assert!(lab.activities(&json!({})).await.ids().is_empty());
}

#[tokio::test]
async fn an_unknown_filter_is_named_in_the_answer() {
    let lab = Lab::with(Vec::new()).await;
    let answer = lab.activities(&json!({"filters": {"colour": {"eq": ["red"]}}})).await;
    let expected = json!({"filters": [{"error": "colour is not valid",
        "errorMessageCode": "CONSOLE_FORMS_NOT_VALID_VALUE", "errorMessageParams": {"value": "colour"}}],
        "error": true});
    assert_eq!((answer.status, answer.json()), (400, expected));
}

#[tokio::test]
async fn an_application_needs_its_role_and_never_sees_files() {
    let lab = Lab::with(vec![activity("a", 1)]).await;
    let token = lab.token(lab.endpoints().scopes.defender).await;
    let get = |path: &str, token: &str| Answer::of(lab.get(path).bearer_auth(token));
    assert_eq!(get("api/v1/activities/", &token).await.ids(), ["a"]);
    let files = get("api/v1/files/", &token).await;
    assert_eq!((files.status, &files.json()["detail"]), (403, &json!("Insufficient role based permissions")));
    let wrong = lab.token(lab.endpoints().scopes.vault).await;
    assert_eq!(get("api/v1/activities/", &wrong).await.status, 401);
    lab.emulator.revoke(&lab.endpoints().installation.client_id, Role::InvestigationRead);
    let refused = get("api/v1/activities/", &token).await;
    assert_eq!((refused.status, &refused.json()["detail"]), (403, &json!("Insufficient role based permissions")));
    let legacy = lab.get("api/v1/activities/").header("authorization", "Token wrong");
    let legacy = Answer::of(legacy).await;
    assert_eq!((legacy.status, legacy.json()), (401, json!({"detail": "Invalid token."})));
}

#[tokio::test]
async fn thirty_requests_a_minute_are_admitted_and_the_next_is_told_when() {
    let lab = Lab::with(Vec::new()).await;
    for _ in 0..30 {
        assert_eq!(lab.activities(&json!({})).await.status, 200);
        lab.clock.advance(1_000);
    }
    let refused = lab.activities(&json!({})).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "30"));
    assert_eq!(refused.json()["detail"], "Request was throttled. Expected available in 30 seconds.");
    lab.clock.advance(30_000);
    assert_eq!(lab.activities(&json!({})).await.status, 200);
}

#[tokio::test]
async fn the_limit_can_speak_in_other_forms() {
    for (body, expected) in [(LimitBody::Text, "Request was throttled."), (LimitBody::Empty, "")] {
        let lab = Lab::start(Vec::new(), |options| {
            options.defender.requests_per_minute = Some(0);
            options.defender.limit_body = body;
            options.defender.limit_retry_after = emulator::RetryAfter::Absent;
        })
        .await;
        let refused = lab.activities(&json!({})).await;
        assert_eq!((refused.status, refused.header("retry-after")), (429, ""));
        assert!(refused.text.starts_with(expected));
    }
}

#[tokio::test]
async fn the_archive_serves_what_the_list_no_longer_does_a_week_at_a_time() {
    let ages = [29, 32, 36, 179, 181];
    let lab = Lab::with(ages.iter().map(|days| activity(&days.to_string(), days * DAY_MS)).collect()).await;
    let token = lab.endpoints().vault_secrets["defender-api-token"].expose().to_owned();
    let ask = |route: &str, filters: Value| {
        let body = json!({"filters": filters, "sortField": "date", "sortDirection": "asc", "isScan": true});
        Answer::of(lab.post(route).header("authorization", format!("Token {token}")).body(body.to_string()))
    };
    let now = lab.clock.now_ms();
    let range = |from: i64, to: i64| json!({"range": [{"start": now - from * DAY_MS, "end": now - to * DAY_MS}]});
    let listed = ask("api/v1/archived_activities/", json!({"date": range(37, 30)})).await;
    assert_eq!(listed.ids(), ["36", "32"]);
    assert!(listed.json().get("nextQueryFilters").is_none(), "it has no scan");
    assert_eq!(ask("api/v1/archived_activities", json!({"date": range(183, 177)})).await.ids(), ["179"]);
    assert_eq!(ask("cas/api/v1/archived_activities/count/", json!({"date": range(37, 30)})).await.json()["total"], 2);
    assert_eq!(
        ask("api/v1/archived_activities/", json!({"date": range(29, 28)})).await.ids(),
        [""; 0],
        "29 days are in the list"
    );
    for (filters, named) in [
        (json!({}), "date"),
        (json!({"date": {"gte": 1}}), "gte"),
        (json!({"date": range(38, 30)}), "range"),
        (json!({"date": range(37, 30), "created": {"gte": 1}}), "created"),
        (json!({"date": range(37, 30), "user.tags": {"eq": ["x"]}}), "user.tags"),
    ] {
        let refused = ask("api/v1/archived_activities/", filters).await;
        assert_eq!(
            (refused.status, &refused.json()["filters"][0]["errorMessageParams"]["value"]),
            (400, &json!(named))
        );
    }
}

#[tokio::test]
async fn files_are_listed_as_they_are_shared_now_with_those_who_may_come() {
    let tenant = tell(&StoryOptions { seed: 13, records: 1_500, days: 6, now_ms: crate::lab::NOW_MS });
    let truth = tenant.truth.clone();
    let lab = Lab::start(Vec::new(), |options| options.tenant = tenant).await;
    let token = lab.endpoints().vault_secrets["defender-api-token"].expose().to_owned();
    let ask = |body: Value| {
        Answer::of(lab.post("api/v1/files/").header("authorization", format!("Token {token}")).body(body.to_string()))
    };
    let mut shared = Vec::new();
    loop {
        let page =
            ask(json!({"filters": {"sharing": {"eq": [2, 3, 4]}}, "skip": shared.len(), "sortField": "modifiedDate"}))
                .await
                .json();
        shared.extend(page["data"].as_array().unwrap().clone());
        if page["hasNext"] == false {
            assert_eq!(page["total"], shared.len());
            break;
        }
    }
    let open: Vec<_> =
        truth.shares.iter().filter(|share| share.ended_at_ms.is_none_or(|end| end > crate::lab::NOW_MS)).collect();
    let of_items: BTreeSet<&str> =
        open.iter().map(|share| share.item_id.as_str()).filter(|id| id.contains('|')).collect();
    let listed: BTreeSet<&str> = shared.iter().map(|file| file["id"].as_str().unwrap()).collect();
    assert!(listed.is_subset(&of_items) && listed.len() > 10, "{} of {}", listed.len(), of_items.len());
    for file in &shared {
        let own = || open.iter().filter(|share| share.item_id == file["id"].as_str().unwrap());
        let level = if own().any(|share| share.kind == "anyone") { 3 } else { 2 };
        assert_eq!(file["fileAccessLevel"][0], level);
        for recipient in own().filter_map(|share| share.recipient.as_deref()).filter(|one| one.contains('@')) {
            assert!(file["collaborators"].as_array().unwrap().iter().any(|one| one["email"] == recipient));
        }
        assert!(file["id"].as_str().unwrap().ends_with(file["sharepointItem"]["UniqueId"].as_str().unwrap()));
    }
    let private = ask(json!({"filters": {"sharing": {"eq": [0]}, "folder": {"eq": false}}})).await.json();
    assert_eq!(private["total"], 50);
    let id = shared[0]["_id"].as_str().unwrap();
    let one = lab.get(&format!("api/v1/files/{id}/")).header("authorization", format!("Token {token}"));
    assert_eq!(Answer::of(one).await.json(), shared[0]);
    assert_eq!(ask(json!({"filters": {"colour": {"eq": [1]}}})).await.status, 400);
}

#[tokio::test]
async fn activity_types_are_those_that_the_tenant_has_seen() {
    let lab =
        Lab::with(vec![activity("a", 1), activity("b", 2), activity_of("c", 3, 20_892, "EVENT_CATEGORY_LOGIN")]).await;
    let token = lab.token(lab.endpoints().scopes.defender).await;
    let ask = |query: &str| {
        Answer::of(lab.get(&format!("cas/api/v1/autocomplete/activity-types/?{query}")).bearer_auth(&token))
    };
    let items = |answer: Answer| answer.json()["records"]["items"].as_array().unwrap().clone();
    assert_eq!(items(ask("search=").await).len(), 2);
    let one = items(ask("search=file&service=eq(i:20892,)").await);
    assert_eq!(
        (one.len(), &one[0]["category"], &one[0]["name"]),
        (1, &json!("EVENT_CATEGORY_LOGIN"), &json!("FileAccessed"))
    );
    assert!(items(ask("search=download").await).is_empty());
}
