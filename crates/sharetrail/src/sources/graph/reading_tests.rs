//! Queries against a scripted Graph.

use crate::azure::tests::{cloud, credential, token};
use crate::config::settings::{GraphApi, Operations};
use crate::http::stub::{Reply, Stub};

use super::*;

const DAY_MS: i64 = 86_400_000;

pub(in crate::sources::graph) fn settings() -> Graph {
    Graph {
        api: GraphApi::Beta,
        operations: Operations::Known,
        service_filters: Vec::new(),
        retention_days: 180,
        query_hours: 24,
        queries_at_once_max: 2,
        query_minutes_max: 10,
        poll_seconds: 15,
        page_records: 999,
    }
}

fn begun(id: &str) -> Reply {
    Reply::json(201, json!({"id": id, "status": "notStarted"}).to_string())
}

fn status(status: &str) -> Reply {
    Reply::json(200, json!({ "status": status }).to_string())
}

fn page(ids: &[u32], next: Option<&str>) -> Reply {
    let value: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
    let mut page = json!({ "value": value });
    if let Some(next) = next {
        page["@odata.nextLink"] = json!(next);
    }
    Reply::json(200, page.to_string())
}

fn not_found() -> Reply {
    Reply::json(404, r#"{"error":{"code":"UnknownError","message":""}}"#)
}

/// Steps as words: `+id` begun, `[1,2]` a page, `=day` all before that day has been read.
struct Read {
    steps: Vec<String>,
    failure: Option<Failure>,
    lines: Vec<String>,
    pauses: Vec<Duration>,
}

async fn read(replies: Vec<Reply>, days: i64, known: Vec<KnownQuery>, settings: Graph) -> Read {
    let stub = Stub::tls([vec![token("t1")], replies].concat()).await;
    let http = stub.client();
    let client = GraphClient::new(&http, &cloud(&stub), &credential(&stub), settings.api);
    let range = Window { from: TimeMs(0), to: TimeMs(days * DAY_MS) };
    let mut reading = GraphReading::over(client, &settings, range, known);
    let (mut steps, mut failure) = (Vec::new(), None);
    loop {
        match reading.next().await {
            Ok(Some(Step::Begun(query))) => steps.push(format!("+{}", query.id)),
            Ok(Some(Step::Page(elements))) if elements.is_empty() => {}
            Ok(Some(Step::Page(elements))) => {
                let ids =
                    elements.iter().map(|bytes| serde_json::from_slice::<Value>(bytes).unwrap()["id"].to_string());
                steps.push(format!("[{}]", ids.collect::<Vec<_>>().join(",")));
            }
            Ok(Some(Step::Over { reached, .. })) => steps.push(format!("={}", reached.millis() as f64 / DAY_MS as f64)),
            Ok(None) => break,
            Err(error) => {
                failure = Some(error);
                break;
            }
        }
    }
    let lines = stub.seen().into_iter().skip(1).map(|seen| seen.line).collect();
    Read { steps, failure, lines, pauses: http.clock().pauses() }
}

#[tokio::test]
async fn queries_are_begun_ahead_waited_for_and_paged_in_order_of_time() {
    let replies = vec![
        begun("a"),
        begun("b"),
        status("notStarted"),
        status("running"),
        status("succeeded"),
        page(&[1, 2], Some("{self}beta/next?$skiptoken=x")),
        page(&[3], None),
        begun("c"),
        status("succeeded"),
        page(&[], None),
        status("succeeded"),
        page(&[4], None),
    ];
    let read = read(replies, 3, Vec::new(), settings()).await;
    assert_eq!(read.failure, None);
    assert_eq!(read.steps, ["+a", "+b", "[1,2]", "[3]", "=1", "+c", "=2", "[4]", "=3"]);
    assert_eq!(read.pauses, [Duration::from_secs(15); 2]);
    assert_eq!(read.lines[0], "POST /beta/security/auditLog/queries");
    assert_eq!(read.lines[2], "GET /beta/security/auditLog/queries/a");
    assert_eq!(read.lines[5], "GET /beta/security/auditLog/queries/a/records?%24top=999");
    assert_eq!(read.lines[6], "GET /beta/next?$skiptoken=x");
}

#[tokio::test]
async fn a_version_that_has_no_queries_gives_way_to_the_other_one() {
    let replies = vec![not_found(), begun("a"), status("succeeded"), page(&[1], None)];
    let settings = Graph { api: GraphApi::V1, ..settings() };
    let read = read(replies, 1, Vec::new(), settings).await;
    assert_eq!(read.steps, ["+a", "[1]", "=1"]);
    assert_eq!(
        read.lines,
        [
            "POST /v1.0/security/auditLog/queries",
            "POST /beta/security/auditLog/queries",
            "GET /beta/security/auditLog/queries/a",
            "GET /beta/security/auditLog/queries/a/records?%24top=999",
        ]
    );
}

#[tokio::test]
async fn a_cloud_without_queries_is_told_so() {
    let failure = read(vec![not_found(), not_found()], 1, Vec::new(), settings()).await.failure.unwrap();
    assert!(failure.why.contains("worldwide cloud only"), "{failure}");
}

#[tokio::test]
async fn a_query_of_an_earlier_run_is_not_begun_again() {
    let ask = &asks(&settings(), Window { from: TimeMs(0), to: TimeMs(DAY_MS) })[0];
    let known = vec![KnownQuery { key: ask.key(&settings()), id: "old".into() }];
    let read = read(vec![status("succeeded"), page(&[7], None)], 1, known, settings()).await;
    assert_eq!(read.steps, ["[7]", "=1"]);
    assert_eq!(read.lines[0], "GET /beta/security/auditLog/queries/old");
}

#[tokio::test]
async fn a_query_that_the_service_has_forgotten_is_begun_again() {
    let ask = &asks(&settings(), Window { from: TimeMs(0), to: TimeMs(DAY_MS) })[0];
    let known = vec![KnownQuery { key: ask.key(&settings()), id: "old".into() }];
    let replies = vec![not_found(), not_found(), begun("new"), status("succeeded"), page(&[7], None)];
    assert_eq!(read(replies, 1, known, settings()).await.steps, ["=0", "+new", "[7]", "=1"]);
}

#[tokio::test]
async fn a_query_that_fails_is_asked_again_in_halves() {
    let replies = vec![
        begun("a"),
        status("failed"),
        begun("b"),
        begun("c"),
        status("succeeded"),
        page(&[1], None),
        status("succeeded"),
        page(&[2], None),
    ];
    assert_eq!(
        read(replies, 1, Vec::new(), settings()).await.steps,
        ["+a", "=0", "+b", "+c", "[1]", "=0.5", "[2]", "=1"]
    );
}

#[tokio::test]
async fn a_service_that_takes_no_further_query_is_asked_again_when_one_of_ours_is_over() {
    let full = || Reply::json(429, r#"{"error":{"code":"TooManyRequests","message":"Too many queries are running."}}"#);
    let replies = vec![
        begun("a"),
        full(),
        full(),
        full(),
        status("succeeded"),
        page(&[1], None),
        begun("b"),
        status("succeeded"),
        page(&[2], None),
    ];
    let read = read(replies, 2, Vec::new(), settings()).await;
    assert_eq!(read.failure, None);
    assert_eq!(read.steps, ["+a", "[1]", "=1", "+b", "[2]", "=2"]);
}

#[tokio::test]
async fn a_query_that_takes_longer_than_we_wait_is_left_for_the_next_run() {
    let replies = [vec![begun("a")], vec![status("running"); 100]].concat();
    let read = read(replies, 1, Vec::new(), settings()).await;
    assert_eq!(read.steps, ["+a"]);
    assert_eq!(read.pauses.len(), 40, "ten minutes at fifteen seconds");
    let failure = read.failure.unwrap();
    assert!(failure.is_passing() && failure.why.contains("query_minutes_max"), "{failure}");
}

#[tokio::test]
async fn a_next_page_at_another_host_is_never_asked() {
    let replies = vec![begun("a"), status("succeeded"), page(&[1], Some("https://graph.evil.example/next"))];
    let read = read(replies, 1, Vec::new(), settings()).await;
    let failure = read.failure.unwrap();
    assert!(failure.why.contains("graph.evil.example") && failure.next == Next::Stop, "{failure}");
    assert_eq!(read.lines.len(), 3, "nothing was asked after that");
}

#[tokio::test]
async fn a_refusal_names_the_role() {
    let refused = Reply::json(403, r#"{"error":{"code":"Forbidden","message":"Insufficient privileges"}}"#);
    let failure = read(vec![refused], 1, Vec::new(), settings()).await.failure.unwrap();
    assert!(failure.why.contains("AuditLogsQuery-SharePoint.Read.All"), "{failure}");
    assert!(failure.why.contains("Insufficient privileges"), "{failure}");
}
