//! Secrets in a vault.

use serde_json::json;

use super::*;

fn secret(value: &str) -> Reply {
    Reply::json(200, json!({ "value": value, "id": "https://v/secrets/n/1", "attributes": {} }).to_string())
}

fn challenge() -> Reply {
    Reply::json(401, r#"{"error":{"code":"Unauthorized","message":"AKV10000"}}"#).with(
        "www-authenticate",
        r#"Bearer authorization="https://login.example/tenant-1", resource="https://elsewhere.example""#,
    )
}

#[tokio::test]
async fn a_secret_is_read_after_the_vaults_challenge_with_a_token_for_the_configured_scope() {
    let stub = Stub::tls(vec![challenge(), token("t1"), secret("s1")]).await;
    let vault = Vault::new(&stub.client(), &cloud(&stub), &credential(&stub));
    assert_eq!(vault.read(&stub.at("secrets/n")).await.unwrap().expose(), "s1");
    let seen = stub.seen();
    assert_eq!(seen[0].header("authorization"), None);
    assert!(String::from_utf8_lossy(&seen[1].body).contains("scope=https%3A%2F%2Fvault.example%2F.default"));
    assert!(seen[2].line.starts_with("GET /secrets/n/?api-version="), "{}", seen[2].line);
    assert_eq!(seen[2].header("authorization"), Some("Bearer t1"));
}

#[tokio::test]
async fn the_vaults_refusals_name_secret_vault_and_remedy() {
    let error = |status: u16, code: &str, inner: &str| {
        let body = json!({ "error": { "code": code, "message": "m", "innererror": { "code": inner } } });
        Reply::json(status, body.to_string())
    };
    for (reply, words) in [
        (error(404, "SecretNotFound", "x"), "does not exist"),
        (error(403, "Forbidden", "ForbiddenByRbac"), "Key Vault Secrets User"),
        (error(403, "Forbidden", "SecretDisabled"), "is disabled"),
        (error(403, "Forbidden", "ForbiddenByFirewall"), "firewall"),
        (error(400, "BadParameter", "inner"), "cannot be read: 127.0.0.1"),
    ] {
        let stub = Stub::tls(vec![challenge(), token("t1"), reply]).await;
        let vault = Vault::new(&stub.client(), &cloud(&stub), &credential(&stub));
        let failure = vault.read(&stub.at("secrets/defender-api-token")).await.unwrap_err();
        for words in [words, "defender-api-token", "127.0.0.1:"] {
            assert!(failure.why.contains(words), "{failure}");
        }
        assert!(!failure.is_passing(), "{failure:?}");
    }
}

#[tokio::test]
async fn a_vault_that_refuses_a_token_gets_a_fresh_one_once() {
    let replies = vec![challenge(), token("t1"), challenge(), token("t2"), challenge(), secret("s2")];
    let stub = Stub::tls(replies).await;
    let vault = Vault::new(&stub.client(), &cloud(&stub), &credential(&stub));
    assert_eq!(vault.read(&stub.at("secrets/n")).await.unwrap().expose(), "s2");
    assert_eq!(stub.seen()[5].header("authorization"), Some("Bearer t2"));
}

#[tokio::test]
async fn a_challenge_for_another_service_is_refused_where_it_is_checked() {
    let stub = Stub::tls(vec![challenge(), token("t1")]).await;
    let checked = Cloud { vault_challenge_check: true, ..cloud(&stub) };
    let failure =
        Vault::new(&stub.client(), &checked, &credential(&stub)).read(&stub.at("secrets/n")).await.unwrap_err();
    assert!(failure.why.contains("may not be a Key Vault"), "{failure}");
    assert_eq!(stub.seen().len(), 1, "no token was asked for");
}
