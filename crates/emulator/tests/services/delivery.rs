//! Rows in, rows out: Logs Ingestion, Data Collector, queries.

use std::io::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use emulator::{DeclaredColumn, Retired, Role};
use reqwest::RequestBuilder;
use ring::hmac;
use serde_json::{Value, json};

use crate::lab::{Answer, Lab, activity};

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn ingestion(lab: &Lab, stream: &str, token: &str) -> RequestBuilder {
    let dcr = &lab.endpoints().dcr_immutable_id;
    let path = format!("dataCollectionRules/{dcr}/streams/{stream}?api-version=2023-01-01");
    lab.post(&path).bearer_auth(token).header("content-type", "application/json")
}

const ACCESS: &str = "Custom-ShareTrailAccess_CL";

#[tokio::test]
async fn from_token_to_vault_to_scan_to_delivery_to_query() {
    let lab = Lab::with(vec![activity("a", 20), activity("b", 10)]).await;
    let endpoints = lab.endpoints();
    let vault = lab.token(endpoints.scopes.vault).await;
    let secret = Answer::of(lab.get("secrets/defender-api-token/?api-version=7.4").bearer_auth(vault)).await;
    let api_token = secret.json()["value"].as_str().unwrap().to_owned();
    let scan = lab.post("api/v1/activities/").header("authorization", format!("Token {api_token}"));
    let body = json!({"isScan": true, "sortField": "created", "sortDirection": "asc"});
    let ids = Answer::of(scan.body(body.to_string())).await.ids();

    let rows: Vec<Value> = ids
        .iter()
        .flat_map(|id| [(id, 1, false), (id, 2, id == "b")])
        .map(|(id, revision, withdrawn)| {
            json!({"TimeGenerated": "2026-11-24T02:00:00.000Z", "AccessId": id, "Revision": revision,
                "Withdrawn": withdrawn, "ItemName": "é漢.docx"})
        })
        .collect();
    let token = lab.token(endpoints.scopes.ingestion).await;
    let request = ingestion(&lab, &endpoints.streams["ShareTrailAccess_CL"], &token);
    let sent = request.header("content-encoding", "gzip").body(gzip(&Value::Array(rows).to_string()));
    let answer = Answer::of(sent).await;
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
    assert!(!answer.header("x-ms-request-id").is_empty());

    let query = "ShareTrailAccess_CL | summarize arg_max(Revision, *) by AccessId | where not(Withdrawn) | project AccessId, Revision, ItemName";
    let table = lab.query(query).await.json()["tables"][0].clone();
    assert_eq!(table["rows"], json!([["a", 2, "é漢.docx"]]));
    assert_eq!(table["columns"][1], json!({"name": "Revision", "type": "long"}));
}

#[tokio::test]
async fn ingestion_refuses_what_the_service_refuses() {
    let lab = Lab::start(Vec::new(), |options| options.ingestion.raw_bytes_max = 2_000_000).await;
    let scopes = &lab.endpoints().scopes;
    let (good, wrong) = (lab.token(scopes.ingestion).await, lab.token(scopes.arm).await);
    let send = |stream: &str, token: &str, body: Vec<u8>| Answer::of(ingestion(&lab, stream, token).body(body));
    let code = |answer: &Answer| answer.json()["error"]["code"].as_str().unwrap().to_owned();

    assert_eq!(send(ACCESS, &wrong, b"[]".to_vec()).await.status, 401);
    assert_eq!(send(ACCESS, &good, b"[]".to_vec()).await.status, 204);
    assert_eq!(send(ACCESS, &good, Vec::new()).await.status, 500);
    for body in ["{}", "[1]", "[{\"a\":1}", "{}\n{}"] {
        let answer = send(ACCESS, &good, body.into()).await;
        assert_eq!((answer.status, code(&answer).as_str()), (400, "InvalidPayload"), "{body}");
    }
    let stream = send("Custom-sharetrailaccess_CL", &good, b"[]".to_vec()).await;
    assert_eq!((stream.status, code(&stream).as_str()), (400, "InvalidStream"));
    let other = format!("dataCollectionRules/dcr-0/streams/{ACCESS}?api-version=2023-01-01");
    let other = Answer::of(lab.post(&other).bearer_auth(&good)).await;
    assert_eq!((other.status, code(&other).as_str()), (404, "NotFound"));

    let large = format!("[{{\"a\":\"{}\"}}]", "x".repeat(1_048_576));
    let answer = send(ACCESS, &good, large.clone().into_bytes()).await;
    assert_eq!((answer.status, code(&answer).as_str()), (413, "ContentLengthLimitExceeded"));
    assert_eq!(answer.header("x-ms-error-code"), "ContentLengthLimitExceeded");
    assert!(answer.text.contains("Maximum allowed content length: 1048576 bytes (1 MB)."));
    let packed = |text: &str| ingestion(&lab, ACCESS, &good).header("content-encoding", "gzip").body(gzip(text));
    assert_eq!(Answer::of(packed(&large)).await.status, 204, "the limit is that of the bytes on the wire");
    let larger = format!("[{{\"a\":\"{}\"}}]", "x".repeat(2_000_000));
    assert_eq!(Answer::of(packed(&larger)).await.status, 413, "and there is one of the raw bytes");
    let broken = ingestion(&lab, ACCESS, &good).header("content-encoding", "gzip").body(&b"no gzip"[..]);
    assert_eq!(Answer::of(broken).await.status, 400);

    lab.emulator.revoke(&lab.endpoints().installation.client_id, Role::MonitoringMetricsPublisher);
    let answer = send(ACCESS, &good, b"[]".to_vec()).await;
    assert_eq!((answer.status, code(&answer).as_str()), (403, "OperationFailed"));
    assert!(answer.text.contains("Required authorization action was not found"));
}

#[tokio::test]
async fn duplicates_are_counted_and_rows_are_kept_in_order() {
    let lab = Lab::with(Vec::new()).await;
    let token = lab.token(lab.endpoints().scopes.ingestion).await;
    let row = |id: &str| format!(r#"{{"TimeGenerated":"2026-11-24T02:00:00Z","AccessId":"{id}","Revision":1}}"#);
    for body in [format!("[{},{}]", row("a"), row("b")), format!("[{}]", row("a"))] {
        assert_eq!(Answer::of(ingestion(&lab, ACCESS, &token).body(body)).await.status, 204);
    }
    assert_eq!(lab.emulator.rows("ShareTrailAccess_CL"), [row("a"), row("b"), row("a")]);
    let counters = &lab.emulator.counters().tables["ShareTrailAccess_CL"];
    assert_eq!((counters.requests, counters.rows, counters.duplicates), (2, 3, 1));
    let page = Answer::of(lab.get("_emulator/rows/ShareTrailAccess_CL")).await.json();
    assert_eq!(page[1]["AccessId"], "b");
}

fn collector(lab: &Lab, key: &str, body: &str, date: &str) -> RequestBuilder {
    let signed = format!("POST\n{}\napplication/json\nx-ms-date:{date}\n/api/logs", body.len());
    let key = hmac::Key::new(hmac::HMAC_SHA256, &STANDARD.decode(key).unwrap());
    let signature = STANDARD.encode(hmac::sign(&key, signed.as_bytes()));
    let url = format!("{}?api-version=2016-04-01", lab.endpoints().data_collector_url);
    let authorization = format!("SharedKey {}:{signature}", lab.endpoints().workspace.id);
    let request = lab.client.post(url).header("authorization", authorization).header("x-ms-date", date);
    request.header("content-type", "application/json").header("log-type", "MCAS_CL").body(body.to_owned())
}

const DATE: &str = "Tue, 24 Nov 2026 03:00:00 GMT";

#[tokio::test]
async fn the_data_collector_takes_a_signed_post_and_types_its_columns() {
    let lab = Lab::with(Vec::new()).await;
    let body = r#"[{"CreatedDateTime":"2026-11-24T01:00:00Z","SourceFileName":"é.docx","Severity":null,"Count":2},
        {"CreatedDateTime":"2026-11-20T01:00:00Z","SourceFileName":"old"}]"#;
    for key in [&lab.endpoints().workspace.primary_key, &lab.endpoints().workspace.secondary_key] {
        let request = collector(&lab, key.expose(), body, DATE).header("time-generated-field", "CreatedDateTime");
        let answer = Answer::of(request).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, ""), "either key signs");
    }
    let rows = lab.emulator.rows("MCAS_CL_CL");
    let rows: Vec<Value> = rows.iter().map(|row| serde_json::from_str(row).unwrap()).collect();
    let expected = json!({"CreatedDateTime_t": "2026-11-24T01:00:00Z", "SourceFileName_s": "é.docx", "Count_d": 2,
        "TimeGenerated": "2026-11-24T01:00:00.000Z"});
    assert_eq!(rows[0], expected);
    assert_eq!(rows[1]["TimeGenerated"], "2026-11-24T03:00:00.000Z", "older than two days: the arrival counts");
    let answer = lab.query("MCAS_CL_CL | where SourceFileName_s == 'é.docx' | count").await;
    assert_eq!(answer.json()["tables"][0]["rows"], json!([[2]]));
}

#[tokio::test]
async fn the_data_collector_refuses_with_its_codes() {
    let lab = Lab::with(Vec::new()).await;
    let key = lab.endpoints().workspace.primary_key.expose().to_owned();
    let other_key = STANDARD.encode([7; 64]);
    let request = |body: &str| collector(&lab, &key, body, DATE);
    let replaced = |name: &'static str, value: &'static str| {
        let (client, request) = request("{}").build_split();
        let mut request = request.unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
        RequestBuilder::from_parts(client, request)
    };
    let cases = [
        (collector(&lab, &other_key, "{}", DATE), 403, "InvalidAuthorization"),
        (collector(&lab, &key, "{}", "Tue, 24 Nov 2026 02:44:59 GMT"), 403, "InvalidAuthorization"),
        (request("no json"), 400, "InvalidDataFormat"),
        (request("[1]"), 400, "InvalidDataFormat"),
        (replaced("log-type", "a-b"), 400, "InvalidLogType"),
        (replaced("log-type", ""), 400, "MissingLogType"),
        (replaced("content-type", "text/plain"), 400, "UnsupportedContentType"),
        (replaced("authorization", "SharedKey me:x"), 400, "InvalidCustomerId"),
    ];
    for (request, status, code) in cases {
        let answer = Answer::of(request).await;
        assert_eq!((answer.status, answer.json()["Error"].as_str()), (status, Some(code)));
    }
    assert_eq!(Answer::of(collector(&lab, &key, "{}", "Tue, 24 Nov 2026 02:45:00 GMT")).await.status, 200);
}

#[tokio::test]
async fn a_retired_data_collector_answers_as_chosen() {
    for (retired, status) in [(Retired::Forbidden, 403), (Retired::NotFound, 404), (Retired::Gone, 410)] {
        let lab = Lab::start(Vec::new(), |options| options.data_collector.retired = Some(retired)).await;
        let key = lab.endpoints().workspace.primary_key.expose().to_owned();
        assert_eq!(Answer::of(collector(&lab, &key, "{}", DATE)).await.status, status);
    }
}

#[tokio::test]
async fn queries_refuse_in_their_own_words() {
    let lab = Lab::with(Vec::new()).await;
    for (query, inner) in [
        ("Nothing_CL | count", "SemanticError"),
        ("ShareTrailAccess_CL | frobnicate", "SyntaxError"),
        ("ShareTrailAccess_CL | where", "SyntaxError"),
    ] {
        let answer = lab.query(query).await;
        assert_eq!(
            (answer.status, answer.json()["error"]["innererror"]["code"].as_str()),
            (400, Some(inner)),
            "{query}"
        );
    }
    assert_eq!(lab.query("ShareTrailAccess_CL | count").await.json()["tables"][0]["rows"], json!([[0]]));
    let path = format!("v1/workspaces/{}/query", lab.endpoints().workspace.id);
    let none = Answer::of(lab.post(&path)).await;
    assert_eq!((none.status, none.header("www-authenticate").starts_with("Bearer ")), (401, true));
    let token = lab.token(lab.endpoints().scopes.query).await;
    let get = format!("{path}?query=ShareTrailGap_CL%20%7C%20count&timespan=PT1H");
    let answer = Answer::of(lab.get(&get).bearer_auth(&token)).await;
    assert_eq!(answer.json()["tables"][0]["columns"], json!([{"name": "Count", "type": "long"}]));
    let bare = Answer::of(lab.post(&path).bearer_auth(&token)).await;
    assert_eq!((bare.status, bare.text.as_str()), (200, ""));
    lab.emulator.revoke(&lab.endpoints().installation.client_id, Role::LogAnalyticsReader);
    assert_eq!(lab.query("ShareTrailGap_CL").await.json()["error"]["code"], "InsufficientAccessError");
}

#[tokio::test]
async fn several_queries_in_one_call_have_an_answer_each() {
    let lab = Lab::with(Vec::new()).await;
    let workspace = &lab.endpoints().workspace.id;
    let one = |id: &str, workspace: &str, query: &str| {
        let body = json!({"query": query, "timespan": null, "workspaces": null});
        json!({"id": id, "workspace": workspace, "path": "/query", "method": "POST", "body": body})
    };
    let requests = [
        one("good", workspace, "ShareTrailGap_CL | count"),
        one("bad", workspace, "Absent_CL | count"),
        one("elsewhere", "00000000-0000-0000-0000-000000000000", "ShareTrailGap_CL | count"),
    ];
    let token = lab.token(lab.endpoints().scopes.query).await;
    let ask = |body: Value| lab.post("v1/$batch").bearer_auth(&token).body(body.to_string());
    let answer = Answer::of(ask(json!({"requests": requests}))).await.json();
    let of = |place: usize| &answer["responses"][place];
    assert_eq!((&of(0)["id"], &of(0)["status"]), (&json!("good"), &json!(200)));
    assert_eq!(of(0)["body"]["tables"][0]["rows"], json!([[0]]));
    assert_eq!(
        (&of(1)["status"], &of(1)["body"]["error"]["innererror"]["code"]),
        (&json!(400), &json!("SemanticError"))
    );
    assert_eq!((&of(2)["status"], &of(2)["body"]["error"]["code"]), (&json!(404), &json!("PathNotFoundError")));
    assert_eq!(Answer::of(ask(json!({"requests": 1}))).await.json()["error"]["code"], "BadArgumentError");
    assert_eq!(Answer::of(lab.post("v1/$batch")).await.json()["error"]["code"], "AuthenticationFailed");
}

#[tokio::test]
async fn addresses_and_the_latest_requests_can_be_read_without_a_token() {
    let lab = Lab::with(Vec::new()).await;
    let known = Answer::of(lab.get("_emulator/endpoints")).await.json();
    assert_eq!(known["workspace"]["id"], json!(lab.endpoints().workspace.id));
    assert_eq!(known["applications"]["installation"]["client_id"], json!(lab.endpoints().installation.client_id));
    let token = lab.token(lab.endpoints().scopes.ingestion).await;
    Answer::of(ingestion(&lab, ACCESS, &token).body("[]")).await;
    let requests = Answer::of(lab.get("_emulator/requests")).await.json();
    let last = requests.as_array().unwrap().last().unwrap();
    assert_eq!((&last["service"], &last["status"]), (&json!("ingestion"), &json!(204)));
    assert_eq!((&last["headers"]["authorization"], &last["body"]["kind"]), (&json!("Bearer"), &json!("json_array")));
    assert!(!requests.to_string().contains(&token));
    Answer::of(lab.request(reqwest::Method::DELETE, "_emulator/requests")).await;
    assert_eq!(Answer::of(lab.get("_emulator/requests")).await.json(), json!([]));
}

#[tokio::test]
async fn what_is_declared_of_a_table_is_told_by_its_rule_and_by_a_query() {
    let column = |name: &str, kind: &str| DeclaredColumn { name: name.to_owned(), kind: kind.to_owned() };
    let columns = vec![column("TimeGenerated", "datetime"), column("Withdrawn", "bool"), column("Revision", "long")];
    let lab = Lab::start(Vec::new(), |options| {
        options.ingestion.columns.insert("ShareTrailAccess_CL".to_owned(), columns);
    })
    .await;
    let answer = lab.query("ShareTrailAccess_CL | take 0").await.json();
    let types = json!([{"name": "TimeGenerated", "type": "datetime"}, {"name": "Revision", "type": "long"},
        {"name": "Withdrawn", "type": "bool"}]);
    assert_eq!(answer["tables"][0]["columns"], types);
    let path = format!("{}?api-version=2023-03-11", lab.endpoints().dcr_resource_id.trim_start_matches('/'));
    let read = async || Answer::of(lab.get(&path).bearer_auth(lab.token(lab.endpoints().scopes.arm).await)).await;
    let rule = read().await.json()["properties"].clone();
    assert_eq!(rule["immutableId"], lab.endpoints().dcr_immutable_id);
    let withdrawn = &rule["streamDeclarations"][ACCESS]["columns"][1];
    assert_eq!(withdrawn, &json!({"name": "Withdrawn", "type": "boolean"}));
    lab.emulator.revoke(&lab.endpoints().installation.client_id, Role::Reader);
    assert_eq!(read().await.json()["error"]["code"], "AuthorizationFailed");
}
