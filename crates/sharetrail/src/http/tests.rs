//! The client against a scripted server.

use std::time::Duration;

use url::Url;

use super::stub::{self, Reply, Stub};
use super::*;
use crate::secret::Secret;

fn seconds(pauses: &[Duration]) -> Vec<u64> {
    pauses.iter().map(Duration::as_secs).collect()
}

#[tokio::test]
async fn an_answer_arrives_whole_with_its_headers() {
    let stub = Stub::plain(vec![Reply::json(200, r#"{"a":1}"#).with("x-ms-request-id", "r1")]).await;
    let request = Request::post_json(stub.at("p?q=1"), "[]").bearer(&Secret::new("t0"));
    let answer = stub.client().send(&request).await.unwrap();
    assert_eq!(answer.json::<serde_json::Value>().unwrap()["a"], 1);
    assert_eq!(answer.header("x-ms-request-id"), Some("r1"));
    let seen = &stub.seen()[0];
    assert_eq!((seen.line.as_str(), seen.body.as_slice()), ("POST /p?q=1", b"[]".as_slice()));
    assert_eq!(seen.header("authorization"), Some("Bearer t0"));
    assert!(seen.header("user-agent").unwrap().starts_with("sharetrail/"));
}

#[tokio::test]
async fn a_stated_pause_is_obeyed_and_then_the_call_succeeds() {
    let stub = Stub::plain(vec![
        Reply::json(429, "{}").with("retry-after", "17"),
        Reply::json(429, r#"{"detail":"Expected available in 50 seconds."}"#),
        Reply::json(200, "{}"),
    ])
    .await;
    let client = stub.client();
    client.send(&Request::get(stub.at("a"))).await.unwrap();
    assert_eq!(seconds(&client.clock().pauses()), [17, 50]);
}

#[tokio::test]
async fn attempts_are_bounded_and_their_pauses_grow() {
    let stub =
        Stub::plain(vec![Reply::json(503, "{}"), Reply::Hang, Reply::json(500, "<html><title>Oops</title>")]).await;
    let client = stub.client();
    let failure = client.send(&Request::get(stub.at("a"))).await.unwrap_err();
    assert!(failure.is_passing() && failure.why.contains("3 attempts") && failure.why.contains("Oops"), "{failure}");
    let pauses = client.clock().pauses();
    assert!(pauses.len() == 2 && pauses[0] >= Duration::from_millis(500) && pauses[0] <= Duration::from_secs(1));
    assert!(pauses[1] >= Duration::from_secs(1) && pauses[1] <= Duration::from_secs(2), "{pauses:?}");
}

#[tokio::test]
async fn a_pause_longer_than_we_sleep_is_scheduled() {
    let stub = Stub::plain(vec![Reply::json(429, "{}").with("retry-after", "3600")]).await;
    let (client, budget) = (stub.client(), RequestBudget::new(30));
    let failure = client.send_within(&Request::get(stub.at("a")), &budget).await.unwrap_err();
    assert_eq!(failure.next, Next::Later { until: "2026-11-24T04:00:00Z".parse().unwrap() });
    // Nobody else may call before that either.
    let failure = client.send_within(&Request::get(stub.at("b")), &budget).await.unwrap_err();
    assert!(matches!(failure.next, Next::Later { .. }));
    assert_eq!((stub.seen().len(), client.clock().pauses().len()), (1, 0));
}

#[tokio::test]
async fn what_trying_again_cannot_cure_is_not_tried_again() {
    for (status, next) in [(400, Next::Bad), (401, Next::Unauthorized), (403, Next::Forbidden), (404, Next::NotFound)] {
        let stub = Stub::plain(vec![Reply::json(status, "{}")]).await;
        assert_eq!(stub.client().send(&Request::get(stub.at("a"))).await.unwrap_err().next, next);
        assert_eq!(stub.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_web_page_is_not_taken_for_data() {
    let page = Reply::Answer(200, vec![("content-type", "text/html".into())], b"<html><title>Sign in</title>".to_vec());
    let stub = Stub::plain(vec![page]).await;
    let answer = stub.client().send(&Request::get(stub.at("a"))).await.unwrap();
    let failure = answer.json::<serde_json::Value>().unwrap_err();
    assert!(failure.next == Next::Stop && failure.why.contains("\"Sign in\""), "{failure}");
}

#[tokio::test]
async fn an_answer_that_ends_in_the_middle_is_worth_another_try() {
    let stub = Stub::plain(vec![Reply::Torn, Reply::json(200, r#"{"a":"#)]).await;
    let answer = stub.client().send(&Request::get(stub.at("a"))).await.unwrap();
    assert_eq!(stub.seen().len(), 2, "the torn answer was asked for again");
    let failure = answer.json::<serde_json::Value>().unwrap_err();
    assert!(failure.is_passing() && failure.why.contains("ends in the middle"), "{failure}");
}

#[tokio::test]
async fn an_answer_is_read_only_up_to_its_limit() {
    let stub = Stub::plain(vec![Reply::json(200, "x".repeat(10_001))]).await;
    let failure = stub.client().send(&Request::get(stub.at("a"))).await.unwrap_err();
    assert!(failure.next == Next::Stop && failure.why.contains("http.response_bytes_max"), "{failure}");
}

#[tokio::test]
async fn a_redirect_is_followed_within_a_service_and_nowhere_else() {
    let stub = Stub::plain(vec![
        Reply::json(307, "").with("location", "/b"),
        Reply::json(200, "{}"),
        Reply::json(302, "").with("location", "http://127.0.0.2:9/steal"),
    ])
    .await;
    stub.client().send(&Request::get(stub.at("a"))).await.unwrap();
    assert_eq!(stub.seen()[1].line, "GET /b");
    let failure = stub.client().send(&Request::get(stub.at("a"))).await.unwrap_err();
    assert!(failure.next == Next::Stop && failure.why.contains("127.0.0.2:9"), "{failure}");
}

#[tokio::test]
async fn a_post_that_a_redirect_would_turn_into_a_get_has_not_been_done() {
    for status in [301, 302, 303] {
        let stub = Stub::plain(vec![Reply::json(status, "").with("location", "/b"), Reply::json(200, "{}")]).await;
        let failure = stub.client().send(&Request::post_json(stub.at("a"), "[1]")).await.unwrap_err();
        assert!(failure.next == Next::Stop && failure.why.contains("redirect"), "{failure}");
        assert_eq!(stub.seen().len(), 1, "{status}");
    }
    let stub = Stub::plain(vec![Reply::json(308, "").with("location", "/b"), Reply::json(200, "{}")]).await;
    stub.client().send(&Request::post_json(stub.at("a"), "[1]")).await.unwrap();
    assert_eq!((stub.seen()[1].line.as_str(), stub.seen()[1].body.as_slice()), ("POST /b", b"[1]".as_slice()));
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_named() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = Url::parse(&format!("http://127.0.0.1:{port}/")).unwrap();
    let client = Client::with_clock(&stub::settings(), stub::clock()).unwrap();
    let failure = client.send(&Request::get(url)).await.unwrap_err();
    assert!(failure.why.contains(&format!("127.0.0.1:{port} refuses the connection")), "{failure}");
}

#[tokio::test]
async fn an_authority_that_is_not_trusted_is_named_with_the_remedy() {
    let stub = Stub::tls(vec![Reply::json(200, "{}")]).await;
    let client = Client::with_clock(&stub::settings(), stub::clock()).unwrap();
    let failure = client.send(&Request::get(stub.at("a"))).await.unwrap_err();
    assert!(failure.next == Next::Stop && failure.why.contains("tls.extra_roots"), "{failure}");
    stub.client().send(&Request::get(stub.at("a"))).await.unwrap();
}

#[tokio::test]
async fn https_to_a_plain_port_is_explained() {
    let stub = Stub::plain(vec![Reply::json(400, ""), Reply::json(400, "")]).await;
    let mut url = stub.at("a");
    url.set_scheme("https").unwrap();
    let failure = stub.client().exchange(&Request::get(url)).await.unwrap_err();
    assert!(failure.why.starts_with(&format!("no secure connection to {}", host_and_port(&stub.url))), "{failure}");
}

#[tokio::test]
async fn plain_http_to_another_machine_is_never_sent() {
    let client = Client::with_clock(&stub::settings(), stub::clock()).unwrap();
    let failure = client.send(&Request::get(Url::parse("http://192.0.2.1/").unwrap())).await.unwrap_err();
    assert!(failure.next == Next::Stop && failure.why.contains("https://"), "{failure}");
}

#[tokio::test]
async fn a_token_with_a_line_break_is_explained_without_being_shown() {
    let stub = Stub::plain(vec![]).await;
    let request = Request::get(stub.at("a")).bearer(&Secret::new("hunter2\n"));
    let failure = stub.client().send(&request).await.unwrap_err();
    assert!(failure.why.contains("authorization") && !failure.why.contains("hunter2"), "{failure}");
    assert!(!format!("{request:?}").contains("hunter2"));
}

#[test]
fn an_extra_root_that_is_no_certificate_is_named() {
    let mut settings = stub::settings();
    settings.extra_roots = vec!["/no/such/ca.pem".into()];
    assert!(Client::new(&settings).unwrap_err().why.contains("/no/such/ca.pem"));
    let file = tempfile::NamedTempFile::new().unwrap();
    settings.extra_roots = vec![file.path().to_owned()];
    assert!(Client::new(&settings).unwrap_err().why.contains("holds no certificate"));
}

#[tokio::test]
async fn a_server_that_says_nothing_is_not_waited_for_for_ever() {
    let stub = Stub::plain(vec![Reply::Silent]).await;
    let settings = crate::config::settings::HttpSettings { read_timeout_ms: 50, ..stub::settings() };
    let client = Client::with_clock(&settings, stub::clock()).unwrap();
    let failure = client.exchange(&Request::get(stub.at("a"))).await.unwrap_err();
    assert!(failure.is_passing() && failure.why.contains("did not answer in time"), "{failure}");
}
