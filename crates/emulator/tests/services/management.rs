//! Finding a workspace and its keys, and the emulator's own pages.

use emulator::Role;
use serde_json::{Value, json};

use crate::lab::{Answer, Lab, activity};

/// All entries of a list, page by page.
async fn entries(lab: &Lab, path: &str, token: &str) -> (Vec<Value>, usize) {
    let (mut entries, mut pages) = (Vec::new(), 0);
    let mut next = Some(lab.endpoints().arm_url.join(path).unwrap().to_string());
    while let Some(url) = next {
        let page = Answer::of(lab.client.get(url).bearer_auth(token)).await.json();
        entries.extend(page["value"].as_array().unwrap().iter().cloned());
        next = page["nextLink"].as_str().map(str::to_owned);
        pages += 1;
    }
    (entries, pages)
}

#[tokio::test]
async fn a_workspace_is_found_by_name_on_a_later_page_and_its_keys_are_read() {
    let lab = Lab::with(Vec::new()).await;
    let token = lab.token(lab.endpoints().scopes.arm).await;
    let (subscriptions, _) = entries(&lab, "subscriptions?api-version=2022-12-01", &token).await;
    assert_eq!(subscriptions.len(), 2);
    let own = &lab.endpoints().workspace;
    let provider = "providers/Microsoft.OperationalInsights/workspaces";
    let path = format!("subscriptions/{}/{provider}?api-version=2025-07-01", own.subscription_id);
    let (workspaces, pages) = entries(&lab, &path, &token).await;
    assert_eq!((workspaces.len(), pages), (3, 2));
    let found: Vec<&Value> = workspaces.iter().filter(|one| one["name"] == own.name.as_str()).collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["properties"]["customerId"], own.id.as_str());
    let ambiguous = lab.endpoints().ambiguous_workspace.as_str();
    assert_eq!(workspaces.iter().filter(|one| one["name"] == ambiguous).count(), 2);

    let id = found[0]["id"].as_str().unwrap();
    let keys = lab.post(&format!("{id}/sharedKeys?api-version=2025-07-01")).bearer_auth(&token);
    let keys = Answer::of(keys).await.json();
    assert_eq!(keys["primarySharedKey"], own.primary_key.expose());
    let one = Answer::of(lab.get(&format!("{}?api-version=2025-07-01", id.to_uppercase())).bearer_auth(&token)).await;
    assert_eq!(one.status, 200, "names are compared without case");
}

#[tokio::test]
async fn the_resource_manager_refuses_in_its_own_words() {
    let lab = Lab::with(Vec::new()).await;
    let arm = lab.token(lab.endpoints().scopes.arm).await;
    let vault = lab.token(lab.endpoints().scopes.vault).await;
    let own = &lab.endpoints().workspace;
    let group = |name: &str| format!("subscriptions/{}/resourceGroups/{name}", own.subscription_id);
    let workspace = |group: &str, name: &str| {
        format!("{group}/providers/Microsoft.OperationalInsights/workspaces/{name}?api-version=2025-07-01")
    };
    let cases = [
        ("subscriptions?api-version=2022-12-01".to_owned(), &vault, 401, "InvalidAuthenticationTokenAudience"),
        ("subscriptions".to_owned(), &arm, 400, "MissingApiVersionParameter"),
        ("subscriptions/none/providers?api-version=1".to_owned(), &arm, 404, "SubscriptionNotFound"),
        (workspace(&group("rg-none"), "x"), &arm, 404, "ResourceGroupNotFound"),
        (workspace(&group("rg-security"), "x"), &arm, 404, "ResourceNotFound"),
    ];
    for (path, token, status, code) in cases {
        let answer = Answer::of(lab.get(&path).bearer_auth(token)).await;
        assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (status, Some(code)), "{path}");
    }
    lab.emulator.revoke(&lab.endpoints().installation.client_id, Role::LogAnalyticsContributor);
    let keys = workspace(&group("rg-security"), &format!("{}/sharedKeys", own.name));
    let answer = Answer::of(lab.post(&keys).bearer_auth(&arm)).await;
    assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (403, Some("AuthorizationFailed")));
}

#[tokio::test]
async fn the_emulators_own_pages_tell_and_change_its_state() {
    let lab = Lab::with(vec![activity("a", 1)]).await;
    let truth = Answer::of(lab.get("_emulator/truth")).await.json();
    assert_eq!(truth["records"], 1);

    let late = [activity("b", 2).json, activity("c", 3).json].join("\n");
    let added = Answer::of(lab.post("_emulator/append").body(late)).await;
    assert_eq!(added.json()["added"], 2);
    let array = format!("[{}]", activity("d", 4).json);
    assert_eq!(Answer::of(lab.post("_emulator/append").body(array)).await.json()["added"], 1);
    assert_eq!(Answer::of(lab.post("_emulator/append").body("[{}]")).await.status, 400);
    let list = lab.activities(&json!({"sortField": "created", "sortDirection": "asc"})).await;
    assert_eq!(list.ids(), ["d", "c", "b", "a"]);

    let set = Answer::of(lab.post("_emulator/faults").body(r#"["defender:first=1:503"]"#)).await;
    assert_eq!(set.status, 204);
    assert_eq!(lab.activities(&json!({})).await.status, 503);
    assert_eq!(Answer::of(lab.post("_emulator/faults").body(r#"["nonsense"]"#)).await.status, 400);

    let counters = Answer::of(lab.get("_emulator/counters")).await.json();
    assert_eq!(counters["routes"]["defender"]["requests"], 2);
    assert_eq!(counters["routes"]["defender"]["faults"], 1);
    assert_eq!(counters["routes"]["defender"]["statuses"], json!({"200": 1, "503": 1}));

    let clock = Answer::of(lab.post("_emulator/clock").body(r#"{"advance_ms":1000}"#)).await.json();
    assert_eq!(clock["now_ms"], lab.clock.now_ms());
    assert_eq!(Answer::of(lab.get("nowhere")).await.status, 404);
}
