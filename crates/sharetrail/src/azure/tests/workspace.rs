//! Workspaces by name.

use serde_json::{Value, json};
use url::Url;

use super::*;

fn workspace(subscription: &str, group: &str, name: &str, customer_id: &str) -> Value {
    let id = format!(
        "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.OperationalInsights/workspaces/{name}"
    );
    json!({ "id": id, "name": name, "properties": { "customerId": customer_id } })
}

fn page(value: &[Value], next: Option<Url>) -> Reply {
    Reply::json(200, json!({ "value": value, "nextLink": next.map(String::from) }).to_string())
}

fn subscriptions(ids: &[&str]) -> Reply {
    page(&ids.iter().map(|id| json!({ "subscriptionId": id })).collect::<Vec<_>>(), None)
}

#[tokio::test]
async fn a_workspace_is_found_by_name_in_all_subscriptions_and_its_key_read() {
    let stub = Stub::tls(vec![
        token("t1"),
        subscriptions(&["s1", "s2", "s3"]),
        page(&[workspace("s1", "g", "other", "c0")], None),
        Reply::json(403, r#"{"error":{"code":"AuthorizationFailed","message":"no"}}"#),
        page(&[workspace("s3", "g", "Central", "c1")], None),
        Reply::json(200, r#"{"primarySharedKey":"a2V5","secondarySharedKey":"x"}"#),
    ])
    .await;
    let manager = manager(&stub);
    let found = manager.find(&named("central", None, None)).await.unwrap();
    assert_eq!((found.name.as_str(), found.customer_id.as_str()), ("Central", "c1"));
    assert_eq!(manager.shared_key(&found).await.unwrap().expose(), "a2V5");
    let last = &stub.seen()[5];
    assert_eq!(last.line, format!("POST {}/sharedKeys?api-version=2025-07-01", found.resource_id));
    assert_eq!(last.header("content-length"), Some("0"));
}

#[tokio::test]
async fn lists_are_followed_page_by_page() {
    let more = |id: &str| {
        let (value, next) = (json!([{ "subscriptionId": id }]), "{self}subscriptions?page=2");
        Reply::json(200, json!({ "value": value, "nextLink": next }).to_string())
    };
    let found = page(&[workspace("s2", "g", "central", "c1")], None);
    let stub = Stub::tls(vec![token("t1"), more("s1"), subscriptions(&["s2"]), page(&[], None), found]).await;
    assert_eq!(manager(&stub).find(&named("central", None, None)).await.unwrap().customer_id, "c1");
    assert_eq!(stub.seen()[2].line, "GET /subscriptions?page=2");
}

#[tokio::test]
async fn a_list_that_goes_on_at_another_service_is_not_followed() {
    let elsewhere = Url::parse("https://127.0.0.2:9/subscriptions?page=2").unwrap();
    let stub = Stub::tls(vec![token("t1"), page(&[], Some(elsewhere))]).await;
    let failure = manager(&stub).find(&named("central", None, None)).await.unwrap_err();
    assert!(failure.why.contains("127.0.0.2:9") && failure.why.contains("not followed"), "{failure}");
    assert_eq!(stub.seen().len(), 2);
}

#[tokio::test]
async fn a_group_and_a_subscription_narrow_the_search() {
    let stub = Stub::tls(vec![token("t1"), page(&[workspace("s9", "g1", "central", "c1")], None)]).await;
    manager(&stub).find(&named("central", Some("g1"), Some("s9"))).await.unwrap();
    let expected = "GET /subscriptions/s9/resourceGroups/g1/providers/Microsoft.OperationalInsights/workspaces?api-version=2025-07-01";
    assert_eq!(stub.seen()[1].line, expected);
}

#[tokio::test]
async fn none_or_two_workspaces_are_errors_that_say_where() {
    let stub = Stub::tls(vec![token("t1"), subscriptions(&["s1"]), page(&[], None)]).await;
    let failure = manager(&stub).find(&named("central", None, None)).await.unwrap_err();
    assert!(failure.why.contains("central was not found") && failure.why.contains("s1"), "{failure}");

    let two = [workspace("s1", "g1", "central", "c1"), workspace("s1", "g2", "central", "c2")];
    let stub = Stub::tls(vec![token("t1"), subscriptions(&["s1"]), page(&two, None)]).await;
    let failure = manager(&stub).find(&named("central", None, None)).await.unwrap_err();
    assert!(
        failure.why.contains("exists 2 times") && failure.why.contains("/g1/") && failure.why.contains("/g2/"),
        "{failure}"
    );

    let stub = Stub::tls(vec![token("t1"), subscriptions(&[])]).await;
    let failure = manager(&stub).find(&named("central", None, None)).await.unwrap_err();
    assert!(failure.why.contains("no subscription at all"), "{failure}");
}
