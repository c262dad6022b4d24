//! The sinks against a scripted server.

use std::io::Read;
use std::time::Duration;

use super::batch::{Batch, Limits, Packer};
use super::data_collector::DataCollectorSink;
use super::logs_ingestion::LogsIngestionSink;
use super::*;
use crate::azure::tests::{cloud, credential, token};
use crate::config::settings::{DataCollector, LogsIngestion, Workspace};
use crate::http::stub::{Reply, Stub};
use crate::secret::Secret;

fn batch(rows: &[&str], gzip: bool) -> Batch {
    let mut packer = Packer::new(Limits { wire_bytes_max: 1_000_000, raw_bytes_max: 1_000_000, gzip });
    for (tag, row) in (0..).zip(rows) {
        assert!(packer.push(row.as_bytes(), tag).is_none());
    }
    packer.finish().unwrap()
}

fn ingestion(stub: &Stub) -> LogsIngestionSink {
    let settings = LogsIngestion {
        name: "sentinel".into(),
        endpoint: stub.url.clone(),
        dcr_immutable_id: "dcr-0123".into(),
        access_stream: None,
        share_stream: None,
        gap_stream: None,
        activity_stream: None,
        accept_stream: None,
        batch_wire_bytes_max: 1_000_000,
        batch_raw_bytes_max: 8 << 20,
        workspace_id: None,
        dcr_resource_id: None,
    };
    LogsIngestionSink::new(&stub.client(), &cloud(stub), &settings, &credential(stub))
}

fn error(status: u16, code: &str) -> Reply {
    Reply::json(status, format!(r#"{{"error":{{"code":"{code}","message":"words of the service"}}}}"#))
}

#[tokio::test]
async fn a_batch_arrives_compressed_under_the_rules_address() {
    let stub = Stub::tls(vec![token("t1"), Reply::Answer(204, vec![], vec![])]).await;
    let delivery = ingestion(&stub).send("Custom-T_CL", &batch(&[r#"{"a":"é"}"#, "{}"], true)).await;
    assert_eq!(delivery, Delivery::Done);
    let seen = &stub.seen()[1];
    assert_eq!(seen.line, "POST /dataCollectionRules/dcr-0123/streams/Custom-T_CL?api-version=2023-01-01");
    for (name, value) in
        [("authorization", "Bearer t1"), ("content-type", "application/json"), ("content-encoding", "gzip")]
    {
        assert_eq!(seen.header(name), Some(value));
    }
    let mut body = String::new();
    flate2::read::GzDecoder::new(seen.body.as_slice()).read_to_string(&mut body).unwrap();
    assert_eq!(body, r#"[{"a":"é"},{}]"#);
}

#[tokio::test]
async fn each_refusal_of_logs_ingestion_says_what_to_do_next() {
    for (reply, kind, words) in [
        (error(413, "ContentLengthLimitExceeded"), "split", "413"),
        (error(400, "InvalidPayload"), "reject", "words of the service"),
        (error(400, "InvalidStream"), "stop", "Custom-T_CL"),
        (error(403, "OperationFailed"), "stop", "Monitoring Metrics Publisher"),
        (error(403, "OperationFailed"), "stop", "half an hour"),
        (error(404, "NotFound"), "stop", "dcr-0123"),
        (error(405, "MethodNotAllowed"), "stop", "405"),
    ] {
        let stub = Stub::tls(vec![token("t1"), reply]).await;
        let delivery = ingestion(&stub).send("Custom-T_CL", &batch(&["{}"], true)).await;
        let (found, why) = match delivery {
            Delivery::Split { why } => ("split", why),
            Delivery::Reject { why } => ("reject", why),
            Delivery::Stop { why } => ("stop", why),
            other => panic!("{other:?}"),
        };
        assert_eq!(found, kind, "{why}");
        assert!(why.contains(words), "{why}");
    }
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_then_the_sink_stops() {
    let stub = Stub::tls(vec![token("t1"), error(401, "x"), token("t2"), error(401, "x")]).await;
    let delivery = ingestion(&stub).send("Custom-T_CL", &batch(&["{}"], true)).await;
    assert!(matches!(&delivery, Delivery::Stop { why } if why.contains("not even a fresh one")), "{delivery:?}");
    assert_eq!(stub.seen()[3].header("authorization"), Some("Bearer t2"));
}

#[tokio::test]
async fn passing_troubles_are_tried_again_and_then_left_to_the_next_pass() {
    let busy = || Reply::json(503, "{}").with("retry-after", "8");
    let stub = Stub::tls(vec![token("t1"), busy(), Reply::Hang, Reply::Answer(204, vec![], vec![])]).await;
    assert_eq!(ingestion(&stub).send("S", &batch(&["{}"], true)).await, Delivery::Done);

    let stub = Stub::tls(vec![token("t1"), busy(), busy(), busy()]).await;
    let delivery = ingestion(&stub).send("S", &batch(&["{}"], true)).await;
    assert!(
        matches!(delivery, Delivery::Retry { after: Some(after), .. } if after == Duration::from_secs(8)),
        "{delivery:?}"
    );

    let stub = Stub::tls(vec![token("t1"), Reply::json(429, "{}").with("retry-after", "7200")]).await;
    let delivery = ingestion(&stub).send("S", &batch(&["{}"], true)).await;
    assert!(matches!(delivery, Delivery::Retry { after: Some(after), .. } if after == Duration::from_secs(7200)));
}

#[tokio::test]
async fn a_token_that_cannot_be_had_stops_the_sink() {
    let refused = r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided."}"#;
    let stub = Stub::tls(vec![Reply::json(401, refused)]).await;
    let delivery = ingestion(&stub).send("S", &batch(&["{}"], true)).await;
    assert!(matches!(&delivery, Delivery::Stop { why } if why.contains("client secret is wrong")), "{delivery:?}");
}

async fn collector(stub: &Stub) -> DataCollectorSink {
    let settings = DataCollector {
        name: "legacy".into(),
        workspace: Workspace::Id("w1".into()),
        shared_key: None,
        log_type: "MCAS_CL".into(),
        batch_bytes_max: 25_000_000,
    };
    DataCollectorSink::new(&stub.client(), &cloud(stub), &settings, "w1", Secret::new("AAEC").into()).await.unwrap()
}

#[tokio::test]
async fn a_post_to_the_data_collector_is_a_signed_array() {
    let stub = Stub::plain(vec![Reply::json(503, "").with("retry-after", "8"), Reply::json(200, "")]).await;
    assert_eq!(collector(&stub).await.send(&batch(&[r#"{"a":"é"}"#], false)).await, Delivery::Done);
    let seen = stub.seen();
    assert_eq!(seen[1].line, "POST /api/logs?api-version=2016-04-01");
    assert_eq!(seen[1].body, r#"[{"a":"é"}]"#.as_bytes());
    for (name, value) in [
        ("log-type", "MCAS_CL"),
        ("content-type", "application/json"),
        ("time-generated-field", "CreatedDateTime"),
        ("content-encoding", ""),
    ] {
        assert_eq!(seen[1].header(name).unwrap_or_default(), value);
    }
    assert!(seen[1].header("authorization").unwrap().starts_with("SharedKey w1:"));
    // The clock went on by the pause, so the second attempt was signed anew.
    assert_eq!(seen[0].header("x-ms-date"), Some("Tue, 24 Nov 2026 03:00:00 GMT"));
    assert_eq!(seen[1].header("x-ms-date"), Some("Tue, 24 Nov 2026 03:00:08 GMT"));
    assert_ne!(seen[0].header("authorization"), seen[1].header("authorization"));
}

#[tokio::test]
async fn each_refusal_of_the_data_collector_says_what_to_do_next() {
    let error = |status: u16, code: &str| Reply::json(status, format!(r#"{{"Error":"{code}","Message":"m"}}"#));
    for (reply, kind, words) in [
        (error(400, "InvalidDataFormat"), "reject", "InvalidDataFormat"),
        (error(400, "InactiveCustomer"), "stop", "closed"),
        (error(400, "InvalidLogType"), "stop", "MCAS_CL"),
        (error(400, "InvalidApiVersion"), "stop", "InvalidApiVersion"),
        (error(403, "InvalidAuthorization"), "stop", "shared key"),
        (error(404, ""), "stop", "retired"),
        (error(410, ""), "stop", "retired"),
    ] {
        let stub = Stub::plain(vec![reply]).await;
        let (found, why) = match collector(&stub).await.send(&batch(&["{}"], false)).await {
            Delivery::Reject { why } => ("reject", why),
            Delivery::Stop { why } => ("stop", why),
            other => panic!("{other:?}"),
        };
        assert_eq!(found, kind, "{why}");
        assert!(why.contains(words), "{why}");
    }
}

#[test]
fn a_shared_key_that_is_none_is_explained_without_being_shown() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let failure = runtime.block_on(async {
        let stub = Stub::plain(vec![]).await;
        let settings = DataCollector {
            name: "legacy".into(),
            workspace: Workspace::Id("w1".into()),
            shared_key: None,
            log_type: "MCAS_CL".into(),
            batch_bytes_max: 1,
        };
        DataCollectorSink::new(&stub.client(), &cloud(&stub), &settings, "w1", Secret::new("my key!").into())
            .await
            .unwrap_err()
    });
    assert!(failure.why.contains("base64") && !failure.why.contains("my key!"), "{failure}");
}

/// `collect` runs sinks on tasks of their own.
#[tokio::test]
async fn a_delivery_may_run_on_a_task_of_its_own() {
    fn may_travel(_: impl Send) {}
    let stub = Stub::plain(vec![]).await;
    let batch = batch(&["{}"], true);
    may_travel(ingestion(&stub).send("S", &batch));
    let collector = collector(&stub).await;
    may_travel(collector.send(&batch));
}
