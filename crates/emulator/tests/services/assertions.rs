//! Applications that prove themselves with a certificate, or with the token of an issuer that they trust.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::digest;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};

use crate::lab::{Answer, Lab, NOW_MS, form};

const PEM: &str = include_str!("../../../sharetrail/tests/data/certificates/application.pem");
const NOW: i64 = NOW_MS / 1_000;

fn der() -> Vec<u8> {
    CertificateDer::from_pem_slice(PEM.as_bytes()).unwrap().to_vec()
}

fn signed(encoding: &'static dyn RsaEncoding, header: &Value, claims: &Value) -> String {
    let key = PrivatePkcs8KeyDer::from_pem_slice(PEM.as_bytes()).unwrap();
    let key = KeyPair::from_pkcs8(key.secret_pkcs8_der()).unwrap();
    let text = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(encoding, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// As the vendor's page has it.
fn documented(lab: &Lab, change: impl FnOnce(&mut Value)) -> String {
    let mut claims = json!({
        "aud": audience(lab), "iss": lab.endpoints().tenant_application.client_id,
        "sub": lab.endpoints().tenant_application.client_id, "jti": "1", "nbf": NOW, "iat": NOW, "exp": NOW + 300,
    });
    change(&mut claims);
    let thumbprint = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, &der()));
    signed(&RSA_PSS_SHA256, &json!({"alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint}), &claims)
}

fn audience(lab: &Lab) -> String {
    format!("{}{}/oauth2/v2.0/token", lab.endpoints().https, lab.endpoints().tenant_id)
}

async fn ask(lab: &Lab, assertion: &str) -> Answer {
    let body = form(&[
        ("grant_type", "client_credentials"),
        ("client_id", &lab.endpoints().tenant_application.client_id),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion),
        ("scope", lab.endpoints().scopes.ingestion),
    ]);
    Answer::of(lab.post(&format!("{}/oauth2/v2.0/token", lab.endpoints().tenant_id)).body(body)).await
}

async fn registered() -> Lab {
    let lab = Lab::with(Vec::new()).await;
    lab.emulator.register_certificate(&lab.endpoints().tenant_application.client_id, der());
    lab
}

#[tokio::test]
async fn a_registered_certificate_signs_an_application_in_once_an_assertion() {
    let lab = registered().await;
    let assertion = documented(&lab, |_| {});
    assert_eq!(ask(&lab, &assertion).await.status, 200);
    let again = ask(&lab, &assertion).await;
    assert_eq!((again.status, again.json()["error_codes"][0].as_u64()), (401, Some(50_013)));
}

#[tokio::test]
async fn what_older_clients_send_is_taken_as_well() {
    let lab = registered().await;
    let client_id = &lab.endpoints().tenant_application.client_id;
    let thumbprint = STANDARD.encode(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &der()));
    assert!(thumbprint.ends_with('='));
    let now = NOW as f64 + 0.25;
    let claims =
        json!({"aud": audience(&lab), "iss": client_id, "sub": client_id, "jti": "1", "iat": now, "exp": now + 600.0});
    let assertion = signed(&RSA_PKCS1_SHA256, &json!({"alg": "RS256", "typ": "JWT", "x5t": thumbprint}), &claims);
    let answer = ask(&lab, &assertion).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn an_assertion_with_anything_wrong_is_refused_with_its_number() {
    let lab = registered().await;
    let other = "00000000-0000-0000-0000-000000000000";
    let cases: [(&str, Value, u64); 6] = [
        ("aud", json!("https://login.example/token"), 700_023),
        ("iss", json!(other), 700_021),
        ("sub", json!(other), 700_021),
        ("exp", json!(NOW - 301), 700_024),
        ("nbf", json!(NOW + 301), 700_024),
        ("jti", Value::Null, 50_027),
    ];
    for (claim, value, code) in cases {
        let answer = ask(&lab, &documented(&lab, |claims| claims[claim] = value)).await;
        assert_eq!(answer.json()["error_codes"][0].as_u64(), Some(code), "{claim}: {}", answer.text);
    }
    let mut forged = documented(&lab, |_| {});
    // Within the signature; at its very end, bits that mean nothing would make it no base64.
    let at = forged.len() - 10;
    let other = if forged[at..].starts_with('A') { "B" } else { "A" };
    forged.replace_range(at..=at, other);
    for (assertion, code) in [(forged.as_str(), 700_027), ("no JWT", 50_027)] {
        assert_eq!(ask(&lab, assertion).await.json()["error_codes"][0].as_u64(), Some(code));
    }
    let nobody_registered = Lab::with(Vec::new()).await;
    let answer = ask(&nobody_registered, &documented(&nobody_registered, |_| {})).await;
    assert_eq!((answer.status, answer.json()["error_codes"][0].as_u64()), (401, Some(700_027)));
}

#[tokio::test]
async fn a_foreign_token_signs_in_whom_it_is_trusted_for_until_it_runs_out() {
    let lab = Lab::with(Vec::new()).await;
    let subject = "system:serviceaccount:security:sharetrail";
    let token = lab.emulator.foreign_token(subject, 3_600);
    let code = |answer: Answer| answer.json()["error_codes"][0].as_u64();
    assert_eq!(code(ask(&lab, token.expose()).await), Some(700_213));
    lab.emulator.trust_subject(&lab.endpoints().tenant_application.client_id, subject);
    for _ in 0..2 {
        assert_eq!(ask(&lab, token.expose()).await.status, 200, "it may be used as long as it holds");
    }
    assert_eq!(code(ask(&lab, lab.emulator.foreign_token("another", 60).expose()).await), Some(700_213));
    let forged = format!("{}AA", &token.expose()[..token.expose().len() - 2]);
    assert_eq!(code(ask(&lab, &forged).await), Some(700_211));
    lab.clock.advance(3_901_000);
    assert_eq!(code(ask(&lab, token.expose()).await), Some(700_024));
}

#[tokio::test]
async fn other_programs_register_certificates_and_get_foreign_tokens_by_its_own_pages() {
    let lab = Lab::with(Vec::new()).await;
    let client_id = &lab.endpoints().tenant_application.client_id;
    let page =
        async |name: &str, body: Value| Answer::of(lab.post(&format!("_emulator/{name}")).body(body.to_string())).await;
    assert_eq!(ask(&lab, &documented(&lab, |_| {})).await.status, 401);
    assert_eq!(page("certificates", json!({"client_id": client_id, "pem": PEM})).await.status, 204);
    assert_eq!(ask(&lab, &documented(&lab, |_| {})).await.status, 200);

    let subject = "system:serviceaccount:security:sharetrail";
    let answer = page("foreign-tokens", json!({"subject": subject})).await.json();
    let token = answer["token"].as_str().unwrap();
    assert_eq!(ask(&lab, token).await.status, 400);
    assert_eq!(page("subjects", json!({"client_id": client_id, "subject": subject})).await.status, 204);
    assert_eq!(ask(&lab, token).await.status, 200);
    lab.clock.advance(3_901_000);
    assert_eq!(ask(&lab, token).await.status, 401, "an hour, and what clocks may differ");

    for (name, body, why) in [
        ("certificates", json!({"client_id": client_id, "pem": "no certificate"}), "`pem` holds no certificate"),
        ("certificates", json!({"client_id": client_id}), "client_id and pem"),
        ("subjects", json!({"subject": subject}), "client_id and subject"),
        ("foreign-tokens", json!({"subject": subject, "seconds": 86_401}), "at most 86400"),
    ] {
        let answer = page(name, body).await;
        assert_eq!(answer.status, 400, "{name}");
        assert!(answer.text.contains(why), "{name}: {}", answer.text);
    }
}
