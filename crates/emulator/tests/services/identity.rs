//! Tokens and secrets.

use emulator::{Application, Role, Secret};
use reqwest::Method;

use crate::lab::{Answer, Lab, form};

#[tokio::test]
async fn a_token_opens_the_vault_and_the_vault_holds_the_secrets() {
    let lab = Lab::with(Vec::new()).await;
    let token = lab.token(lab.endpoints().scopes.vault).await;
    for (name, secret) in &lab.endpoints().vault_secrets {
        for path in ["secrets/NAME/?api-version=7.4", "secrets/NAME?api-version=2025-07-01"] {
            let answer = Answer::of(lab.get(&path.replace("NAME", name)).bearer_auth(&token)).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            assert_eq!(answer.json()["value"], secret.expose());
        }
    }
}

#[tokio::test]
async fn a_version_of_a_secret_is_read_by_its_id() {
    let lab = Lab::with(Vec::new()).await;
    let token = lab.token(lab.endpoints().scopes.vault).await;
    let path = "secrets/workspace-key/versions?api-version=7.4";
    let list = Answer::of(lab.get(path).bearer_auth(&token)).await.json();
    let id = list["value"][0]["id"].as_str().unwrap();
    let answer = Answer::of(lab.client.get(format!("{id}?api-version=7.4")).bearer_auth(&token)).await;
    assert_eq!(answer.json()["value"], lab.endpoints().workspace.primary_key.expose());
    let other = Answer::of(
        lab.get("secrets/workspace-key/00000000000000000000000000000000?api-version=7.4").bearer_auth(&token),
    );
    assert_eq!(other.await.status, 404);
}

#[tokio::test]
async fn without_a_token_the_vault_says_where_to_get_one() {
    let lab = Lab::with(Vec::new()).await;
    let answer = Answer::of(lab.get("secrets/workspace-key/?api-version=7.4")).await;
    assert_eq!(answer.status, 401);
    assert!(answer.text.contains("AKV10000"));
    let expected = format!(
        r#"Bearer authorization="{}{}", resource="https://vault.azure.net""#,
        lab.endpoints().https,
        lab.endpoints().tenant_id
    );
    assert_eq!(answer.header("www-authenticate"), expected);
}

#[tokio::test]
async fn the_vault_refuses_in_its_own_words() {
    let lab = Lab::with(Vec::new()).await;
    let scopes = &lab.endpoints().scopes;
    let (vault, arm) = (lab.token(scopes.vault).await, lab.token(scopes.arm).await);
    let cases = [
        ("secrets/workspace-key?api-version=7.4", &arm, 401, "AKV10022"),
        ("secrets/nothing?api-version=7.4", &vault, 404, "SecretNotFound"),
        ("secrets/disabled-secret?api-version=7.4", &vault, 403, "SecretDisabled"),
        ("secrets/expired-secret?api-version=7.4", &vault, 200, "1700086400"),
        ("secrets/workspace-key", &vault, 400, "api-version must be specified"),
    ];
    for (path, token, status, part) in cases {
        let answer = Answer::of(lab.get(path).bearer_auth(token)).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text);
        assert!(answer.text.contains(part), "{path}: {}", answer.text);
    }
    lab.emulator.revoke(&lab.endpoints().installation.client_id, Role::KeyVaultSecretsUser);
    let answer = Answer::of(lab.get("secrets/workspace-key?api-version=7.4").bearer_auth(&vault)).await;
    assert_eq!((answer.status, answer.text.contains("ForbiddenByRbac")), (403, true));
}

#[tokio::test]
async fn a_token_expires_by_the_emulators_clock() {
    let lab = Lab::with(Vec::new()).await;
    let token = lab.token(lab.endpoints().scopes.vault).await;
    let status =
        || async { Answer::of(lab.get("secrets/workspace-key?api-version=7.4").bearer_auth(&token)).await.status };
    lab.clock.advance(3_598_000);
    assert_eq!(status().await, 200);
    lab.clock.advance(1_000);
    assert_eq!(status().await, 401);
}

#[tokio::test]
async fn the_authority_refuses_with_its_numbers() {
    let lab = Lab::with(Vec::new()).await;
    let endpoints = lab.endpoints();
    let scope = endpoints.scopes.vault;
    let good = &endpoints.installation;
    let with = |client_id: &str, secret: &str| Application {
        client_id: client_id.to_owned(),
        client_secret: Secret::new(secret),
    };
    let wrong = with(&good.client_id, "wrong");
    let unknown = with("00000000-0000-0000-0000-000000000000", "x");
    let cases = [
        (&wrong, scope, 401, "invalid_client", 7_000_215),
        (&endpoints.lapsed_application, scope, 401, "invalid_client", 7_000_222),
        (&unknown, scope, 400, "unauthorized_client", 700_016),
        (good, "https://vault.azure.net", 400, "invalid_scope", 1_002_012),
        (good, "a/.default b/.default", 400, "invalid_scope", 70_011),
        (good, "https://nowhere.example/.default", 400, "invalid_resource", 500_011),
    ];
    for (application, scope, status, error, code) in cases {
        let answer = lab.ask_token(application, scope).await;
        let body = answer.json();
        assert_eq!((answer.status, body["error"].as_str().unwrap()), (status, error), "{}", answer.text);
        assert_eq!(body["error_codes"][0], code);
        assert!(body["error_description"].as_str().unwrap().starts_with(&format!("AADSTS{code}: ")));
        assert_eq!(body["timestamp"], "2026-11-24 03:00:00Z");
    }
    let other = Answer::of(lab.post("11111111-0000-0000-0000-000000000000/oauth2/v2.0/token").body("")).await;
    assert_eq!((other.status, other.json()["error_codes"][0].as_u64()), (400, Some(90_002)));
}

#[tokio::test]
async fn the_older_token_endpoint_answers_with_texts_for_numbers() {
    let lab = Lab::with(Vec::new()).await;
    let application = &lab.endpoints().installation;
    let body = form(&[
        ("grant_type", "client_credentials"),
        ("client_id", &application.client_id),
        ("client_secret", application.client_secret.expose()),
        ("resource", "https://management.azure.com/"),
    ]);
    let answer = Answer::of(lab.post(&format!("{}/oauth2/token", lab.endpoints().tenant_id)).body(body)).await;
    assert_eq!(answer.json()["expires_in"], "3599");
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    let subscriptions = Answer::of(lab.get("subscriptions?api-version=2022-12-01").bearer_auth(token)).await;
    assert_eq!(subscriptions.status, 200);
}

#[tokio::test]
async fn discovery_names_the_token_endpoint() {
    let lab = Lab::with(Vec::new()).await;
    let path = format!("{}/v2.0/.well-known/openid-configuration", lab.endpoints().tenant_id);
    let document = Answer::of(lab.get(&path)).await.json();
    let expected = format!("{}{}/oauth2/v2.0/token", lab.endpoints().https, lab.endpoints().tenant_id);
    assert_eq!(document["token_endpoint"], expected.as_str());
}

#[tokio::test]
async fn a_managed_identity_gets_tokens_over_plain_http_in_both_forms() {
    let lab = Lab::with(Vec::new()).await;
    let identity = &lab.endpoints().managed_identity;
    let app_service = identity.identity_endpoint.clone().unwrap();
    let ask = |header: &str| {
        let query = [("resource", "https://vault.azure.net"), ("api-version", "2019-08-01")];
        let mut url = app_service.clone();
        url.query_pairs_mut().extend_pairs(query);
        lab.client.get(url).header("x-identity-header", header)
    };
    assert_eq!(Answer::of(ask("guess")).await.status, 401);
    let answer = Answer::of(ask(identity.identity_header.expose())).await.json();
    assert_eq!(answer["expires_on"], "1795492799");
    let machine = lab
        .endpoints()
        .http
        .clone()
        .unwrap()
        .join("metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net");
    let machine = machine.unwrap();
    let without = Answer::of(lab.client.get(machine.clone())).await;
    assert_eq!((without.status, without.json()["error"].as_str()), (400, Some("bad_request_102")));
    let with = Answer::of(lab.client.get(machine).header("metadata", "true")).await.json();
    for token in [&answer["access_token"], &with["access_token"]] {
        let request = lab.request(Method::GET, "secrets/workspace-key/?api-version=7.4");
        assert_eq!(Answer::of(request.bearer_auth(token.as_str().unwrap())).await.status, 200);
    }
}
