//! Rows read back.

use serde_json::json;

use super::*;
use crate::http::Next;

#[tokio::test]
async fn a_query_gives_columns_and_rows_with_dynamic_values_unpacked() {
    let answer = json!({ "tables": [{ "name": "PrimaryResult",
        "columns": [{ "name": "Count", "type": "long" }, { "name": "Ids", "type": "dynamic" }],
        "rows": [[3, "[\"a\"]"]] }] });
    let stub = Stub::tls(vec![token("t1"), Reply::json(200, answer.to_string()), Reply::json(204, "")]).await;
    let client = QueryClient::new(&stub.client(), &cloud(&stub), &credential(&stub));
    let table = client.query("w1", "T_CL | take 1").await.unwrap();
    assert_eq!(table.rows, [[json!(3), json!(["a"])]]);
    assert_eq!(table.column("Ids"), Some(1));
    assert_eq!(client.query("w1", "T_CL").await.unwrap(), Table::default());
    let seen = stub.seen();
    assert_eq!(seen[1].line, "POST /v1/workspaces/w1/query");
    assert_eq!(seen[1].body, br#"{"query":"T_CL | take 1"}"#);
}

#[tokio::test]
async fn a_result_that_is_not_whole_is_an_error() {
    let partial = r#"{"tables":[],"error":{"code":"PartialError","message":"too much"}}"#;
    let stub = Stub::tls(vec![token("t1"), Reply::json(200, partial)]).await;
    let client = QueryClient::new(&stub.client(), &cloud(&stub), &credential(&stub));
    let failure = client.query("w1", "T").await.unwrap_err();
    assert!(failure.next == Next::Bad && failure.why.contains("too much"), "{failure}");
}
