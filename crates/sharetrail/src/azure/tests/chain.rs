//! Identities that are tried in order, because somebody asked for it.

use super::*;
use crate::http::Next;

fn refused(code: u32) -> Reply {
    let words = format!(r#"{{"error":"invalid_client","error_description":"AADSTS{code}: No."}}"#);
    Reply::json(401, words)
}

/// Two applications, the first of them without luck where the script says so.
fn chain(stub: &Stub) -> Credential {
    let (client, cloud) = (stub.client(), cloud(stub));
    let link = |client_id: &str| {
        let identity = Identity::ClientSecret {
            tenant_id: "tenant-1".into(),
            client_id: client_id.into(),
            client_secret: SecretRef::Env("UNUSED".into()),
        };
        SignIn::new(&client, &cloud, &identity, Some(Secret::new("s3cret").into()), None)
    };
    Credential::new(&client, vec![link("app-1"), link("app-2")])
}

fn asked(stub: &Stub) -> Vec<&'static str> {
    let of = |body: &[u8]| String::from_utf8_lossy(body).contains("client_id=app-1");
    stub.seen().iter().map(|seen| if of(&seen.body) { "app-1" } else { "app-2" }).collect()
}

#[tokio::test]
async fn the_first_that_gives_a_token_stays() {
    let stub = Stub::tls(vec![refused(700_016), token("t1"), token("t2"), refused(7_000_112)]).await;
    let credential = chain(&stub);
    assert!(credential.who().contains("the first of client_secret"), "{}", credential.who());
    let first = credential.token("a").await.unwrap();
    assert!(credential.who().contains("app-2"), "{}", credential.who());
    let second = credential.renew("a", &first).await.unwrap();
    assert_eq!((first.expose(), second.expose()), ("t1", "t2"));
    let failure = credential.renew("a", &second).await.unwrap_err();
    assert!(failure.why.contains("app-2") && failure.why.contains("disabled"), "{failure}");
    assert_eq!(asked(&stub), ["app-1", "app-2", "app-2", "app-2"], "nobody else speaks later in its place");
}

#[tokio::test]
async fn when_none_gives_a_token_each_is_named_with_its_reason() {
    let stub = Stub::tls(vec![refused(700_016), refused(7_000_222)]).await;
    let failure = chain(&stub).token("a").await.unwrap_err();
    assert_eq!(failure.next, Next::Stop);
    for words in ["(1) client_secret: ", "not known in this directory", "(2) client_secret: ", "has expired"] {
        assert!(failure.why.contains(words), "{failure}");
    }
}

#[tokio::test]
async fn a_busy_minute_does_not_make_another_identity_of_it() {
    let stub = Stub::tls(vec![Reply::json(503, "{}"), token("t1")]).await;
    assert_eq!(chain(&stub).token("a").await.unwrap().expose(), "t1");
    assert_eq!(asked(&stub), ["app-1", "app-1"]);
}
