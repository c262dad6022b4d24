//! Certificates and foreign tokens in place of a client secret.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;
use crate::config::settings::SigningAlgorithm;
use crate::http::stub::Seen;

fn certificate(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/certificates")).join(name)
}

fn with_certificate(file: PathBuf, password: Option<SecretRef>) -> Identity {
    Identity::ClientCertificate {
        tenant_id: "tenant-1".into(),
        client_id: "app-1".into(),
        certificate: SecretRef::File(file),
        password,
        algorithm: SigningAlgorithm::Ps256,
    }
}

fn field(seen: &Seen, name: &str) -> Option<String> {
    url::form_urlencoded::parse(&seen.body).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

#[tokio::test]
async fn a_certificate_signs_a_new_assertion_for_each_request() {
    let stub = Stub::tls(vec![token("t1"), Reply::json(503, "{}"), token("t2")]).await;
    let identity = with_certificate(certificate("application.pem"), None);
    let credential = resolver(&stub).await.credential(Some(&identity)).unwrap();
    let first = credential.token("a/.default").await.unwrap();
    credential.renew("a/.default", &first).await.unwrap();
    let seen = stub.seen();
    let mut assertions: Vec<String> = seen.iter().map(|seen| field(seen, "client_assertion").unwrap()).collect();
    let claims = URL_SAFE_NO_PAD.decode(assertions[0].split('.').nth(1).unwrap()).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["aud"], stub.at("tenant-1/oauth2/v2.0/token").as_str());
    assert_eq!(field(&seen[0], "client_secret"), None);
    assertions.dedup();
    assert_eq!(assertions.len(), 3, "an authority may refuse one that comes again");
}

#[tokio::test]
async fn a_certificate_that_was_replaced_while_the_program_runs_is_read_again() {
    let refused = r#"{"error":"invalid_client","error_description":"AADSTS700027: not registered."}"#;
    let stub = Stub::tls(vec![Reply::json(401, refused), token("t1")]).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("certificate");
    std::fs::copy(certificate("with-issuer.pem"), &file).unwrap();
    let resolver = resolver(&stub).await;
    resolver.resolve(&SecretRef::File(file.clone())).await.unwrap();
    std::fs::copy(certificate("application.pem"), &file).unwrap();
    let credential = resolver.credential(Some(&with_certificate(file, None))).unwrap();
    assert_eq!(credential.token("a").await.unwrap().expose(), "t1");
    assert_eq!(stub.seen().len(), 2);
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_is_named_and_asks_nothing_of_the_network() {
    let stub = Stub::tls(vec![token("t1")]).await;
    let folder = tempfile::tempdir().unwrap();
    let password = folder.path().join("password");
    std::fs::write(&password, "hunter2").unwrap();
    let file = certificate("application.p12");
    let identity = with_certificate(file, Some(SecretRef::File(password.clone())));
    let failure = resolver(&stub).await.credential(Some(&identity)).unwrap().token("a").await.unwrap_err();
    assert!(failure.why.contains("application.p12") && failure.why.contains("password is wrong"), "{failure}");
    assert!(!failure.why.contains("hunter2") && stub.seen().is_empty());
    std::fs::write(&password, "the password\n").unwrap();
    assert!(resolver(&stub).await.credential(Some(&identity)).unwrap().token("a").await.is_ok());
}

#[tokio::test]
async fn a_workload_reads_its_token_file_at_each_request() {
    let stub = Stub::tls(vec![token("t1"), token("t2")]).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    let identity = Identity::WorkloadIdentity {
        tenant_id: Some("tenant-1".into()),
        client_id: Some("app-1".into()),
        token_file: Some(file.path().to_owned()),
    };
    let credential = credential_of(&stub, &identity, None);
    let failure = credential.token("a").await.unwrap_err();
    assert!(failure.why.contains("is empty"), "{failure}");
    std::fs::write(file.path(), "foreign-1\n").unwrap();
    let first = credential.token("a").await.unwrap();
    std::fs::write(file.path(), "foreign-2\n").unwrap();
    credential.renew("a", &first).await.unwrap();
    let sent: Vec<_> = stub.seen().iter().map(|seen| field(seen, "client_assertion").unwrap()).collect();
    assert_eq!(sent, ["foreign-1", "foreign-2"]);
}

#[cfg(unix)]
#[tokio::test]
async fn nothing_that_holds_a_secret_tells_it_in_a_panic() {
    let stub = Stub::tls(vec![token("t0k3n")]).await;
    let identity = with_certificate(certificate("application.pem"), Some(SecretRef::Env("P".into())));
    let credential = credential(&stub);
    let bearer = Bearer::new(&stub.client(), &credential, "a");
    let held: HeldSecret = Secret::new("h3ld").into();
    let secret = credential.token_with_end("a").await.unwrap();
    let request = Request::get(stub.at("x")).bearer(&secret.text).secret_header("x-key", Secret::new("k3y"));
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        panic!("{identity:?} {credential:?} {bearer:?} {held:?} {secret:?} {request:?}");
    }));
    let message = *panic.unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains("application app-1"), "{message}");
    for secret in ["s3cret", "t0k3n", "h3ld", "k3y"] {
        assert!(!message.contains(secret), "{message}");
    }
}
