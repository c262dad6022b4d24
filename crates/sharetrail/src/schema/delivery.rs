//! The template for the tables and the rule. It is written by hand, in `delivery.json`, but for what follows from the row
//! types: there it names a table, as in `"columns": "table ShareTrailGap_CL"`, and gets its columns here.

use super::Json;
use super::declaration::{TABLES, flow, of_stream, of_table};
use crate::store::Table;

const SKELETON: &str = include_str!("delivery.json");

/// The template of Azure Resource Manager: tables, rule, role, on request an endpoint.
///
/// # Errors
/// The text of the skeleton is no JSON; a test sees to it that it is.
pub fn template() -> Result<Json, serde_json::Error> {
    serde_json::from_str(SKELETON).map(filled)
}

/// The same with every mention of a table replaced.
fn filled(value: Json) -> Json {
    match value {
        Json::Text(text) => mentioned(&text).unwrap_or(Json::Text(text)),
        Json::List(values) => Json::List(values.into_iter().map(filled).collect()),
        Json::Object(entries) => Json::Object(entries.into_iter().map(|(key, value)| (key, filled(value))).collect()),
        scalar => scalar,
    }
}

/// What a text such as `stream MCAS_CL` stands for.
fn mentioned(text: &str) -> Option<Json> {
    let (what, name) = text.split_once(' ')?;
    let table: Table = TABLES.into_iter().find(|table| table.as_str() == name)?;
    match what {
        "table" => Some(of_table(table)),
        "stream" => Some(of_stream(table)),
        "flow" => Some(flow(table)),
        _ => None,
    }
}
