//! Tokens, and calls with them.

use serde_json::json;

use super::*;
use crate::http::Next;

fn refused(code: u32, words: &str) -> Reply {
    let description = format!("AADSTS{code}: {words}\r\nTrace ID: 1");
    Reply::json(401, json!({ "error": "invalid_client", "error_description": description }).to_string())
}

#[tokio::test]
async fn a_token_is_asked_for_once_and_kept() {
    let stub = Stub::tls(vec![token("t1"), token("t2")]).await;
    let credential = credential(&stub);
    for (scope, expected) in [("a/.default", "t1"), ("a/.default", "t1"), ("b/.default", "t2")] {
        assert_eq!(credential.token(scope).await.unwrap().expose(), expected);
    }
    let seen = &stub.seen()[0];
    assert_eq!(seen.line, "POST /tenant-1/oauth2/v2.0/token");
    let body = String::from_utf8(seen.body.clone()).unwrap();
    for part in ["client_id=app-1", "client_secret=s3cret%26%3D", "scope=a%2F.default", "grant_type=client_credentials"]
    {
        assert!(body.contains(part), "{body}");
    }
}

#[tokio::test]
async fn renewing_fetches_a_new_token_and_serves_all_who_were_refused() {
    let stub = Stub::tls(vec![token("t1"), token("t2")]).await;
    let credential = credential(&stub);
    let stale = credential.token("a").await.unwrap();
    let fresh = credential.renew("a", &stale).await.unwrap();
    assert_eq!(fresh.expose(), "t2");
    assert_eq!(credential.renew("a", &stale).await.unwrap(), fresh, "the second to be refused gets the same");
    assert_eq!(stub.seen().len(), 2);
}

#[tokio::test]
async fn a_refused_application_is_told_what_to_do() {
    let stub = Stub::tls(vec![refused(7_000_222, "The provided client secret keys are expired.")]).await;
    let failure = credential(&stub).token("a").await.unwrap_err();
    assert_eq!(failure.next, Next::Stop);
    assert!(failure.why.contains("app-1") && failure.why.contains("has expired"), "{failure}");
    assert!(!failure.why.contains("s3cret"));
}

#[tokio::test]
async fn a_throttled_authority_is_asked_again_after_its_pause() {
    let stub = Stub::tls(vec![Reply::json(429, "{}").with("retry-after", "4"), token("t1")]).await;
    let credential = credential(&stub);
    assert_eq!(credential.token("a").await.unwrap().expose(), "t1");
    assert_eq!(stub.seen().len(), 2);
}

#[tokio::test]
async fn an_authority_that_is_a_web_page_is_named() {
    let stub = Stub::tls(vec![Reply::Answer(200, vec![], b"<!doctype html><title>Hello</title>".to_vec())]).await;
    let failure = credential(&stub).token("a").await.unwrap_err();
    assert!(failure.next == Next::Stop && failure.why.contains("\"Hello\""), "{failure}");
}

#[tokio::test]
async fn a_call_renews_its_token_once_when_it_is_refused() {
    let no = || Reply::json(401, "{}");
    let stub = Stub::tls(vec![token("t1"), no(), token("t2"), Reply::json(200, "{}"), no(), token("t3"), no()]).await;
    let bearer = Bearer::new(&stub.client(), &credential(&stub), "a");
    bearer.send(&Request::get(stub.at("x")), None).await.unwrap();
    assert_eq!(stub.seen()[3].header("authorization"), Some("Bearer t2"));
    let failure = bearer.send(&Request::get(stub.at("x")), None).await.unwrap_err();
    assert_eq!(failure.next, Next::Unauthorized, "a fresh token that is refused ends it");
}

/// Runs one test of this file again in a process of its own, with these variables: a process cannot safely change its own.
async fn again_with(test: &str, variables: &[(&str, String)]) -> std::process::Output {
    let mut command = tokio::process::Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "--nocapture", &format!("azure::tests::tokens::{test}")])
        .env("SHARETRAIL_TEST_AGAIN", "1");
    command.envs(variables.iter().map(|(name, value)| (name, value))).output().await.unwrap()
}

fn is_again() -> bool {
    std::env::var_os("SHARETRAIL_TEST_AGAIN").is_some()
}

/// A credential whose cloud leads nowhere.
async fn other_credential(identity: Identity) -> Credential {
    let stub = Stub::plain(vec![]).await;
    credential_of(&stub, &identity, None)
}

#[tokio::test]
async fn a_function_app_gets_its_token_from_the_platform_in_plain_http() {
    if is_again() {
        let credential =
            other_credential(Identity::ManagedIdentity { assigned: Some(AssignedIdentity::Client("id-1".into())) })
                .await;
        assert_eq!(credential.token("https://vault.example/.default").await.unwrap().expose(), "t1");
        return;
    }
    let answer = r#"{"access_token":"t1","expires_on":"4000000000","resource":"r","token_type":"Bearer"}"#;
    let stub = Stub::plain(vec![Reply::json(410, "{}"), Reply::json(200, answer)]).await;
    let variables = [
        ("IDENTITY_ENDPOINT", stub.at("MSI/token").to_string()),
        ("IDENTITY_HEADER", "h1".to_owned()),
        // A proxy that is not there: the platform must be asked without it.
        ("http_proxy", "http://127.0.0.1:9".to_owned()),
    ];
    let output = again_with("a_function_app_gets_its_token_from_the_platform_in_plain_http", &variables).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let seen = &stub.seen()[1];
    assert!(seen.line.contains("resource=https%3A%2F%2Fvault.example&client_id=id-1"), "{}", seen.line);
    assert_eq!(seen.header("x-identity-header"), Some("h1"));
}

#[cfg(unix)]
#[tokio::test]
async fn whoever_is_signed_in_to_the_azure_cli_gets_a_token_or_is_told_to_sign_in() {
    use std::os::unix::fs::PermissionsExt;
    if is_again() {
        let token =
            other_credential(Identity::AzureCli { tenant_id: Some("tenant-1".into()) }).await.token("a/.default").await;
        match std::env::var("EXPECTED").unwrap().as_str() {
            "token" => assert_eq!(token.unwrap().expose(), "a/.default tenant-1"),
            words => assert!(token.as_ref().unwrap_err().why.contains(words), "{token:?}"),
        }
        return;
    }
    let script = r#"#!/bin/sh
[ "$EXPECTED" = token ] || { echo "ERROR: Please run 'az login'" >&2; exit 1; }
echo "{\"accessToken\":\"$6 $8\",\"expires_on\":4000000000,\"tokenType\":\"Bearer\"}"
"#;
    let folder = tempfile::tempdir().unwrap();
    let az = folder.path().join("az");
    std::fs::write(&az, script).unwrap();
    std::fs::set_permissions(&az, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap_or_default());
    for expected in ["token", "Please run 'az login'; sign in with `az login`"] {
        let variables = [("PATH", path.clone()), ("EXPECTED", expected.to_owned())];
        let test = "whoever_is_signed_in_to_the_azure_cli_gets_a_token_or_is_told_to_sign_in";
        let output = again_with(test, &variables).await;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}
