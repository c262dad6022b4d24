//! Calls against a scripted server.

use trail::TimeMs;

use super::*;
use crate::azure::SecretResolver;
use crate::azure::tests::{cloud, credential, token};
use crate::config::settings::{Defender, DefenderCredential, ScanOrder, SecretRef, Selection};
use crate::http::stub::{Reply, Stub};
use crate::sources::{Page, Window};

fn settings(stub: &Stub) -> Defender {
    Defender {
        schedule: crate::schedule::Schedule::minutes(5),
        url: stub.at("api/v1/"),
        credential: DefenderCredential::Application,
        select: Selection::Services(vec![20892]),
        order: ScanOrder::Created,
        page_records: 5000,
        overlap_minutes: 60,
        lag_minutes: 5,
        look_back_days: 30,
        requests_per_minute_max: 10_000,
        files_refresh_hours: None,
    }
}

async fn read(stub: &Stub, authentication: Authentication) -> Result<Option<Page>, Failure> {
    let settings = settings(stub);
    let client = DefenderClient::new(stub.client(), &settings, authentication);
    client.scan(&settings, Window { from: TimeMs(0), to: TimeMs(1) }).next().await
}

fn nothing_more() -> Reply {
    Reply::json(200, r#"{"data":[],"hasNext":false}"#)
}

#[tokio::test]
async fn an_api_token_that_was_replaced_while_the_program_runs_is_read_again() {
    let refused = || Reply::json(401, r#"{"detail":"Invalid token."}"#);
    let stub = Stub::plain(vec![nothing_more(), refused(), nothing_more(), refused()]).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "old").unwrap();
    let resolver = SecretResolver::new(&stub.client(), &cloud(&stub), None).await.unwrap();
    let held = resolver.hold(&SecretRef::File(file.path().to_owned()));
    read(&stub, Authentication::LegacyToken(held.clone())).await.unwrap();
    std::fs::write(file.path(), "new").unwrap();
    read(&stub, Authentication::LegacyToken(held.clone())).await.unwrap();
    let failure = read(&stub, Authentication::LegacyToken(held)).await.unwrap_err();
    assert!(failure.why.contains("refuses the API token"), "{failure}");
    let sent: Vec<_> = stub.seen().iter().map(|seen| seen.header("authorization").unwrap().to_owned()).collect();
    assert_eq!(sent, ["Token old", "Token old", "Token new", "Token new"]);
}

#[tokio::test]
async fn a_refusal_of_defender_is_told_in_its_own_words_beside_ours() {
    let role = r#"{"detail":"Insufficient role based\u0007 permissions","correlation_id":"c-1"}"#;
    let filters = r#"{"filters":[{"error":"99 is not valid","errorMessageCode":"CONSOLE"}],"error":true}"#;
    for (status, body, words) in [
        (403, role, &["Investigation.read", "answered 403: Insufficient role based permissions"][..]),
        (400, filters, &["reading activities from Defender", "99 is not valid"]),
    ] {
        let stub = Stub::tls(vec![token("t1"), Reply::json(status, body)]).await;
        let authentication = Authentication::Application { credential: credential(&stub), scope: "d/.default".into() };
        let failure = read(&stub, authentication).await.unwrap_err();
        for words in words {
            assert!(failure.why.contains(words), "{failure}");
        }
        assert!(!failure.why.contains('\u{7}'), "{failure:?}");
    }
}
