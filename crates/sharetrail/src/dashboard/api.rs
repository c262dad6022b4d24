//! `/api/v1`: the same rows for programs, page by page, in the words of the JSON reports.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::error::Refusal;
use super::list;
use super::openapi;
use super::pages::{parameter, question_of};
use super::readers::Readers;
use super::view::View;
use crate::commands::now;
use crate::report::{ReportError, Scope, Subject, Take, Trail};
use crate::rows::{Row, report_json};
use crate::store::{Part, Picture, ShownRecord, Verdicts};

/// Rows of a page where the program does not say.
const LIMIT_DEFAULT: usize = 100;

/// Either way it is JSON.
type Answer = Result<Response, ForPrograms>;

/// A refusal, told to a program.
pub(super) struct ForPrograms(Refusal);

impl From<Refusal> for ForPrograms {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl IntoResponse for ForPrograms {
    fn into_response(self) -> Response {
        self.0.response(true)
    }
}

/// `GET /api/v1/{question}`: rows, and where the next page begins.
pub(super) async fn list(
    State(readers): State<Arc<Readers>>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer {
    let question = question_of(&name)?;
    let view = View::of(query.as_deref())?;
    let body = readers.read(move |open| {
        let scope = Scope { order: view.order(question)?, ..view.scope(open)? };
        let mut rows = Rows(b"{\"rows\":[".to_vec());
        let limit = view.limit.unwrap_or(LIMIT_DEFAULT);
        let next = list::page(question, open, &scope, view.cursor.as_deref(), limit, &mut rows)?;
        let mut body = rows.0;
        body.extend_from_slice(b"],\"next\":");
        body.extend_from_slice(Value::from(next).to_string().as_bytes());
        body.push(b'}');
        Ok(body)
    });
    Ok(as_json(body.await?))
}

/// `GET /api/v1/overview`: the answer in numbers.
pub(super) async fn overview(State(readers): State<Arc<Readers>>, RawQuery(query): RawQuery) -> Answer {
    let view = View::of(query.as_deref())?;
    let body = readers.read(move |open| {
        let scope = view.scope(open)?;
        let filter = crate::cli::ReportKind::Access.filter(&scope);
        let picture = open.reader.picture(&filter, &scope.inside)?;
        let doors = open.reader.doors(&scope.filter, scope.now, &scope.inside)?;
        let mut value = told(&picture);
        value["since"] = json!(scope.filter.since.map(|time| time.to_string()));
        value["until"] = json!(scope.filter.until.map(|time| time.to_string()));
        value["unused_shares"] = json!(doors.unused);
        value["unused_links_for_anyone"] = json!(doors.unused_by_anyone);
        Ok(value)
    });
    Ok(axum::Json(body.await?).into_response())
}

fn told(picture: &Picture) -> Value {
    let verdicts = |accesses: Verdicts| json!({ "classified": accesses.classified, "not_classified": accesses.not_classified, "unknown": accesses.unknown });
    let parts = |parts: &[Part]| -> Vec<Value> {
        parts.iter().map(|part| json!({ "name": part.name, "accesses": verdicts(part.accesses) })).collect()
    };
    let days: Vec<Value> = picture
        .days
        .iter()
        .map(|day| json!({ "day": crate::html::words::iso_day(day.begin), "accesses": verdicts(day.accesses) }))
        .collect();
    json!({
        "accesses": verdicts(picture.accesses),
        "redeems": picture.redeems,
        "unexplained": picture.unexplained,
        "people": picture.people,
        "visitors": picture.visitors,
        "organisations": picture.organisations,
        "items": picture.items,
        "classified_items": picture.classified_items,
        "days": days,
        "by_domain": parts(&picture.by_domain),
        "by_country": parts(&picture.by_country),
        "by_action": parts(&picture.by_action),
    })
}

/// `GET /api/v1/status`: as `status --json`.
pub(super) async fn status(State(readers): State<Arc<Readers>>) -> Answer {
    let status = readers.read(|open| Ok(open.reader.status(now())?)).await?;
    Ok(axum::Json(status).into_response())
}

/// `GET /api/v1/record?id=`: a record as it was received, once for every content.
pub(super) async fn record(State(readers): State<Arc<Readers>>, RawQuery(query): RawQuery) -> Answer {
    let id = parameter(query.as_deref(), "id")?;
    let wanted = id.clone();
    let records = readers.read(move |open| Ok(open.reader.record(&wanted)?)).await?;
    if records.is_empty() {
        return Err(Refusal::NotFound(format!("There is no record {id} in the store.")).into());
    }
    let sightings = records.iter().map(sighting).collect::<Vec<_>>();
    Ok(axum::Json(json!({ "id": id, "sightings": sightings })).into_response())
}

/// What is no JSON is a text.
fn sighting(record: &ShownRecord) -> Value {
    let text = String::from_utf8_lossy(&record.raw);
    let content = serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text.into_owned()));
    json!({ "feeds": record.feeds, "record": content })
}

/// `GET /api/v1/trail?person=|item=|share=`: everything about one of them, as `show --json`.
pub(super) async fn trail(State(readers): State<Arc<Readers>>, RawQuery(query): RawQuery) -> Answer {
    let mut pairs = url::form_urlencoded::parse(query.as_deref().unwrap_or_default().as_bytes());
    let asked = pairs.find(|(name, _)| matches!(name.as_ref(), "person" | "item" | "share"));
    let Some((kind, id)) = asked.map(|(kind, id)| (kind.into_owned(), id.into_owned())) else {
        return Err(Refusal::NotUnderstood("Name one of “person”, “item” and “share”.".to_owned()).into());
    };
    let body = readers.read(move |open| {
        let subject = match kind.as_str() {
            "person" => Subject::Person(&id),
            "item" => Subject::Item(&id),
            _ => Subject::Share(&id),
        };
        let inside = open.inside.clone();
        let trail = Trail::of(&mut open.reader, subject, now(), &inside)?;
        let mut body = b"{\"people\":".to_vec();
        write_rows(&mut body, &trail.people)?;
        body.extend_from_slice(b",\"shares\":");
        write_rows(&mut body, &trail.shares)?;
        body.extend_from_slice(b",\"accesses\":");
        write_rows(&mut body, &trail.accesses)?;
        body.push(b'}');
        Ok(body)
    });
    Ok(as_json(body.await?))
}

/// `GET /api/v1/openapi.json`.
pub(super) async fn description() -> Response {
    axum::Json(openapi::description()).into_response()
}

fn write_rows<R: Row>(body: &mut Vec<u8>, rows: &[R]) -> Result<(), ReportError> {
    let mut list = Rows(b"[".to_vec());
    for row in rows {
        list.take(row)?;
    }
    body.append(&mut list.0);
    body.push(b']');
    Ok(())
}

fn as_json(body: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], Body::from(body)).into_response()
}

/// JSON objects, separated by commas, behind an opening bracket.
struct Rows(Vec<u8>);

impl Take for Rows {
    fn take<R: Row>(&mut self, row: &R) -> Result<(), ReportError> {
        if self.0.last() != Some(&b'[') {
            self.0.push(b',');
        }
        report_json(row, &mut self.0);
        Ok(())
    }
}
