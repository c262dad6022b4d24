//! What the fuzz target `query` reaches: a question over a small table. In no other build.

use serde_json::{Value, json};

use super::datum::Datum;
use super::rowset::Rowset;
use super::{evaluate, parser};

/// The answer's table, or why there is none.
///
/// # Errors
/// The words of the refusal.
pub fn ask(query: &str, now_ms: i64) -> Result<Value, String> {
    let columns = ["TimeGenerated", "AccessId", "Revision", "Withdrawn", "Share", "Detail"].map(str::to_owned);
    let rows = [
        [json!("2026-11-24T01:00:00.000Z"), json!("a"), json!(1), json!(false), json!(0.5), json!({"Id": [1, "x"]})],
        [json!("2026-11-24T02:00:00+01:00"), json!("É"), json!(i64::MAX), json!(true), json!(-1e300), Value::Null],
        [Value::Null, json!(""), json!(i64::MIN), Value::Null, json!(2), json!([])],
    ];
    let rows = rows.into_iter().map(|row| row.into_iter().map(Datum::from_json).collect()).collect();
    let source = Rowset { columns: columns.to_vec(), rows, open: true, ..Rowset::default() };
    let answer = parser::parse(query).and_then(|query| evaluate::run(source, &query.steps, now_ms));
    answer.map(Rowset::answer).map_err(|error| format!("{error:?}"))
}
