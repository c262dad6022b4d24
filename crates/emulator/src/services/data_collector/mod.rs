//! The HTTP Data Collector, as it worked until its retirement.
//!
//! Source: Microsoft: "Azure Monitor HTTP Data Collector API". The JSON form of errors is a guess: the page gives codes.

mod signature;
mod typing;

use hyper::{Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::call::{Call, Reply, empty, json};
use crate::options::Retired;
use crate::world::World;

pub(crate) use typing::Schema;

/// Largest body. Beyond it the service answers 404.
const BODY_BYTES_MAX: usize = 30_000_000;
/// How far `x-ms-date` may be off; not documented, but usual.
const DATE_TOLERANCE_MS: i64 = 15 * 60_000;
/// How far `time-generated-field` may lie back and ahead; beyond that the arrival counts.
const EVENT_AGE_MS_MAX: i64 = 2 * 86_400_000;
const EVENT_AHEAD_MS_MAX: i64 = 86_400_000;
const LOG_TYPE_CHARACTERS_MAX: usize = 100;

/// Answers at `/api/logs`; a path segment before it stands for the workspace that is part of the real host name.
pub(crate) fn answer(world: &World, call: &Call) -> Reply {
    match world.data_collector.retired {
        Some(Retired::Forbidden) => return empty(StatusCode::FORBIDDEN),
        Some(Retired::NotFound) => return empty(StatusCode::NOT_FOUND),
        Some(Retired::Gone) => return empty(StatusCode::GONE),
        None => {}
    }
    match accept(world, call) {
        Ok(()) => empty(StatusCode::OK),
        Err(reply) => reply,
    }
}

fn accept(world: &World, call: &Call) -> Result<(), Reply> {
    if call.method != Method::POST || call.body.len() > BODY_BYTES_MAX {
        return Err(empty(StatusCode::NOT_FOUND));
    }
    match call.parameter("api-version") {
        Some("2016-04-01") => {}
        None | Some("") => return Err(bad("MissingApiVersion", "The API version wasn't specified.")),
        Some(_) => return Err(bad("InvalidApiVersion", "The API version is not recognized by the service.")),
    }
    match call.header("content-type") {
        Some("application/json") => {}
        None | Some("") => return Err(bad("MissingContentType", "The content type wasn't specified.")),
        Some(_) => return Err(bad("UnsupportedContentType", "The content type wasn't set to application/json.")),
    }
    let log_type = match call.header("log-type") {
        None | Some("") => return Err(bad("MissingLogType", "The value required for the log type wasn't specified.")),
        Some(name) if is_log_type(name) => name,
        Some(_) => return Err(bad("InvalidLogType", "The log type contains characters that are not allowed.")),
    };
    authorize(world, call)?;
    let records = records(&call.body)
        .ok_or_else(|| bad("InvalidDataFormat", "Invalid JSON was submitted. Check the response body for details."))?;
    if records.is_empty() {
        return Ok(());
    }
    let table = format!("{log_type}_CL");
    let time_field = call.header("time-generated-field").filter(|name| !name.is_empty());
    let now_ms = world.clock.now_ms();
    let mut schemas = world.tables.schemas();
    let schema = schemas.entry(table.clone()).or_default();
    let rows = records
        .into_iter()
        .map(|record| {
            let time = time_generated(&record, time_field, now_ms);
            let mut row = schema.typed(record);
            row.insert("TimeGenerated".to_owned(), time.into());
            Value::Object(row).to_string().into()
        })
        .collect();
    drop(schemas);
    world.tables.add(&table, rows, call.body.len(), call.body.len());
    Ok(())
}

/// 403 for a wrong signature, workspace id or key, or a stale date.
pub(crate) fn invalid_authorization() -> Reply {
    let message =
        "The service failed to authenticate the request. Verify that the workspace ID and connection key are valid.";
    error(StatusCode::FORBIDDEN, "InvalidAuthorization", message)
}

fn authorize(world: &World, call: &Call) -> Result<(), Reply> {
    let workspace = &world.endpoints.workspace;
    let (sent_id, sent_signature) =
        call.credential("SharedKey").and_then(|text| text.split_once(':')).ok_or_else(invalid_authorization)?;
    if !is_guid(sent_id) {
        return Err(bad("InvalidCustomerId", "The workspace ID is invalid."));
    }
    let date = call.header("x-ms-date").ok_or_else(invalid_authorization)?;
    let sent_ms = date_ms(date).ok_or_else(invalid_authorization)?;
    let fresh = (world.clock.now_ms() - sent_ms).abs() <= DATE_TOLERANCE_MS;
    let keys = [&workspace.primary_key, &workspace.secondary_key];
    let signed = keys.iter().any(|key| signature::verifies(key.expose(), call.body.len(), date, sent_signature));
    let known = sent_id.eq_ignore_ascii_case(&workspace.id);
    if fresh && signed && known { Ok(()) } else { Err(invalid_authorization()) }
}

/// RFC 1123 in GMT, as milliseconds.
fn date_ms(date: &str) -> Option<i64> {
    let at = httpdate::parse_http_date(date).ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(at.as_millis()).ok()
}

/// One object, or an array of objects.
fn records(body: &[u8]) -> Option<Vec<Map<String, Value>>> {
    match serde_json::from_slice(body).ok()? {
        Value::Object(record) => Some(vec![record]),
        Value::Array(records) => records
            .into_iter()
            .map(|record| match record {
                Value::Object(record) => Some(record),
                _ => None,
            })
            .collect(),
        _ => None,
    }
}

/// The time that the named field says, or that of arrival.
fn time_generated(record: &Map<String, Value>, field: Option<&str>, now_ms: i64) -> String {
    let said = field.and_then(|name| record.get(name)).and_then(Value::as_str);
    let said_ms = said.and_then(|text| text.parse::<jiff::Timestamp>().ok()).map(|at| at.as_millisecond());
    let plausible = |at_ms: &i64| (now_ms - EVENT_AGE_MS_MAX..=now_ms + EVENT_AHEAD_MS_MAX).contains(at_ms);
    crate::clock::text(said_ms.filter(plausible).unwrap_or(now_ms))
}

fn is_log_type(name: &str) -> bool {
    name.len() <= LOG_TYPE_CHARACTERS_MAX && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn is_guid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

fn bad(code: &str, message: &str) -> Reply {
    error(StatusCode::BAD_REQUEST, code, message)
}

fn error(status: StatusCode, code: &str, message: &str) -> Reply {
    json(status, &json!({"Error": code, "Message": message}))
}
