//! Advanced hunting: Kusto queries over the table `CloudAppEvents`.
//!
//! Microsoft: "Run hunting query", "Quotas and usage parameters". The table reaches back 30 days, whatever is asked.

use std::collections::BTreeSet;

use hyper::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::call::{Call, Reply, json_text};
use crate::options::HuntingOptions;
use crate::services::defender::store::SortKey;
use crate::services::entra::Role;
use crate::services::graph::authorize;
use crate::services::graph::errors::GraphError;
use crate::services::query::QueryError;
use crate::services::query::datum::Datum;
use crate::services::query::parser::{self, Expression, Query, Step};
use crate::services::query::rowset::Rowset;
use crate::services::query::{evaluate, timespan};
use crate::story::forms::cloud_app_event::{COLUMNS, CloudAppEvent};
use crate::world::{World, locked};

const DAY_MS: i64 = 86_400_000;
const TABLE: &str = "CloudAppEvents";

#[derive(Deserialize)]
struct Question {
    #[serde(rename = "Query", alias = "query")]
    query: String,
    #[serde(rename = "Timespan", alias = "timespan")]
    timespan: Option<String>,
}

/// `POST /security/runHuntingQuery`
pub(crate) fn answer(world: &World, call: &Call) -> Result<Reply, GraphError> {
    authorize(world, call, &[Role::ThreatHuntingReadAll])?;
    let (options, now_ms) = (&world.graph.options.hunting, world.clock.now_ms());
    if let Err(seconds) = world.graph.hunting_calls.admit(now_ms) {
        return Err(GraphError::TooMany { seconds, why: "The number of calls of this tenant has exceeded its quota." });
    }
    let question: Question = serde_json::from_slice(&call.body)
        .map_err(|error| GraphError::BadRequest(format!("Invalid request body: {error}")))?;
    let query = parser::parse(&question.query).map_err(refused)?;
    let span_ms = span(question.timespan.as_deref(), options, now_ms)?;
    let source = source(world, &query, span_ms)?;
    let mut rowset = evaluate::run(source, &query.steps, now_ms).map_err(refused)?;
    rowset.rows.truncate(options.rows_max);
    let rows = rowset.rows.len() as u64;
    let body = written(rowset, options).to_string();
    if body.len() > options.result_bytes_max {
        return Err(GraphError::ResultTooLarge);
    }
    let counters = &mut locked(&world.graph.queries).counters;
    counters.hunting_queries += 1;
    counters.hunting_rows += rows;
    Ok(json_text(StatusCode::OK, body))
}

fn refused(error: QueryError) -> GraphError {
    GraphError::BadRequest(match error {
        QueryError::Syntax(why) => format!("Syntax error: {why}"),
        QueryError::Semantic(why) => format!("Semantic error: {why}"),
    })
}

/// First and last moment of the call's own span: a duration, an interval, or one moment, from which it reaches to now.
fn span(text: Option<&str>, options: &HuntingOptions, now_ms: i64) -> Result<(i64, i64), GraphError> {
    let reach_ms = now_ms - options.reach_days * DAY_MS;
    let text = text.map(str::trim).filter(|text| !text.is_empty()).map(|text| match text.parse::<jiff::Timestamp>() {
        Ok(from) => format!("{from}/{}", crate::clock::text(now_ms)),
        Err(_) => text.to_owned(),
    });
    let asked = timespan::read(text.as_slice(), now_ms).map_err(GraphError::BadRequest)?;
    let (from_ms, to_ms) = asked.unwrap_or((i64::MIN, i64::MAX));
    Ok((from_ms.max(reach_ms), to_ms))
}

/// The rows that the query can see. Only the columns that it names are made, and only for the times that it leaves.
fn source(world: &World, query: &Query, span_ms: (i64, i64)) -> Result<Rowset, GraphError> {
    if query.table != TABLE {
        let why = format!("'{}' is no table that the emulator knows; it has {TABLE}", query.table);
        return Err(refused(QueryError::Semantic(why)));
    }
    let now_ms = world.clock.now_ms();
    let (from_ms, to_ms) = bounds(&query.steps, span_ms);
    let columns = columns(&query.steps);
    let shelf = world.defender.shelf();
    let places = shelf.places(SortKey::Date, from_ms, to_ms);
    let stored = shelf.walk(SortKey::Date, places, true).filter(|activity| activity.created_ms <= now_ms);
    let rows = stored.map(|activity| {
        let event = CloudAppEvent::of(activity);
        let cell = |name: &&str| match (*name, event.column(name)) {
            ("Timestamp", _) => {
                jiff::Timestamp::from_millisecond(activity.timestamp_ms).map_or(Datum::Null, Datum::DateTime)
            }
            (_, value) => value.map_or(Datum::Null, Datum::from_json),
        };
        columns.iter().map(cell).collect()
    });
    Ok(Rowset {
        rows: rows.collect(),
        columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        ..Rowset::default()
    })
}

/// What the conditions on `Timestamp` leave of a span: those that stand first and compare with a fixed moment. The query
/// itself is run afterwards, so this only spares work.
fn bounds(steps: &[Step], span_ms: (i64, i64)) -> (i64, i64) {
    fn narrow((from_ms, to_ms): (i64, i64), test: &Expression) -> (i64, i64) {
        match test {
            Expression::And(all) => all.iter().fold((from_ms, to_ms), narrow),
            Expression::Binary(operator, left, right) => match (&**left, &**right) {
                (Expression::Column(name), Expression::Literal(Datum::DateTime(at))) if name == "Timestamp" => {
                    let at_ms = at.as_millisecond();
                    match operator.as_str() {
                        ">" | ">=" => (from_ms.max(at_ms), to_ms),
                        // A moment between two milliseconds belongs to the later one.
                        "<" | "<=" => (from_ms, to_ms.min(at_ms.saturating_add(1))),
                        _ => (from_ms, to_ms),
                    }
                }
                _ => (from_ms, to_ms),
            },
            _ => (from_ms, to_ms),
        }
    }
    let tests = steps.iter().map_while(|step| match step {
        Step::Where(test) => Some(test),
        _ => None,
    });
    tests.fold(span_ms, narrow)
}

/// The table's columns that the steps name; all of them unless some step says which ones stay.
fn columns(steps: &[Step]) -> Vec<&'static str> {
    let chooses = |step: &Step| match step {
        Step::Project(_) | Step::Distinct(_) | Step::Count => true,
        Step::Summarize { aggregates, .. } => !aggregates.iter().any(|(_, aggregate)| aggregate.keeps_all()),
        _ => false,
    };
    if !steps.iter().any(chooses) || steps.iter().any(|step| matches!(step, Step::ProjectAway(_))) {
        return COLUMNS.to_vec();
    }
    let mut named = BTreeSet::new();
    steps.iter().for_each(|step| step.names(&mut named));
    COLUMNS.into_iter().filter(|column| named.contains(*column)).collect()
}

fn written(rowset: Rowset, options: &HuntingOptions) -> Value {
    let types: Vec<&str> = (0..rowset.columns.len()).map(|place| kind(rowset.type_of(place), options)).collect();
    let [name, kind, schema, results] =
        if options.capitals { ["Name", "Type", "Schema", "Results"] } else { ["name", "type", "schema", "results"] };
    let columns: Vec<Value> =
        rowset.columns.iter().zip(types).map(|(column, found)| json!({name: column, kind: found})).collect();
    let rows: Vec<Value> = rowset
        .rows
        .into_iter()
        .map(|row| {
            let cells = rowset.columns.iter().cloned().zip(row.into_iter().map(|datum| cell(datum, options)));
            Value::Object(cells.collect::<Map<String, Value>>())
        })
        .collect();
    json!({schema: columns, results: rows})
}

fn cell(datum: Datum, options: &HuntingOptions) -> Value {
    match datum {
        Datum::Bool(truth) if options.booleans_as_numbers => i64::from(truth).into(),
        Datum::Dynamic(value) if !options.dynamic_as_text => value,
        other => other.into_json(),
    }
}

/// The name that the answer has for a type of the language.
fn kind(of: &str, options: &HuntingOptions) -> &'static str {
    match of {
        "bool" if options.booleans_as_numbers => "SByte",
        "bool" => "Boolean",
        "long" => "Int64",
        "real" => "Double",
        "datetime" => "DateTime",
        "timespan" => "TimeSpan",
        "dynamic" => "Object",
        _ => "String",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(query: &str) -> Vec<Step> {
        parser::parse(query).unwrap().steps
    }

    #[test]
    fn the_span_is_narrowed_by_the_conditions_that_stand_first() {
        let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_millisecond();
        let (from, to) = (at("2026-11-01T00:00:00Z"), at("2026-11-02T00:00:00Z"));
        let day = "Timestamp >= datetime(2026-11-01) and Timestamp < datetime(2026-11-02)";
        let whole = (0, i64::MAX);
        assert_eq!(bounds(&steps(&format!("T | where {day} | take 5")), whole), (from, to + 1));
        assert_eq!(
            bounds(&steps("T | where Timestamp between (datetime(2026-11-01) .. datetime(2026-11-02))"), whole),
            (from, to + 1)
        );
        assert_eq!(bounds(&steps(&format!("T | where ActionType == 'x' | where {day}")), whole), (from, to + 1));
        assert_eq!(bounds(&steps(&format!("T | where {day} or ActionType == 'x'")), whole), whole);
        assert_eq!(bounds(&steps(&format!("T | take 5 | where {day}")), whole), whole);
    }

    #[test]
    fn columns_that_no_step_names_are_not_made() {
        let query = "T | where ActionType has 'File' | extend Id = tostring(RawEventData.Id) | project Timestamp, Id";
        assert_eq!(columns(&steps(query)), ["Timestamp", "ActionType", "RawEventData"]);
        assert_eq!(columns(&steps("T | where City == 'Ulm' | count")), ["City"]);
        assert_eq!(columns(&steps("T | summarize count() by Application")), ["Application"]);
        assert_eq!(columns(&steps("T | take 1")).len(), COLUMNS.len());
        assert_eq!(columns(&steps("T | summarize arg_max(Timestamp, *) by ReportId")).len(), COLUMNS.len());
    }

    #[test]
    fn a_span_is_a_duration_an_interval_or_a_moment_and_never_beyond_the_reach() {
        let (now_ms, options) = (1_795_489_200_000, HuntingOptions::default());
        let read = |text: &str| span(Some(text), &options, now_ms).unwrap();
        assert_eq!(read("P1D"), (now_ms - DAY_MS, now_ms));
        assert_eq!(read("2026-11-23T03:00:00Z"), (now_ms - DAY_MS, now_ms));
        assert_eq!(read("2026-11-22T03:00:00Z/2026-11-23T03:00:00Z"), (now_ms - 2 * DAY_MS, now_ms - DAY_MS));
        assert_eq!(read("P90D").0, now_ms - 30 * DAY_MS);
        assert_eq!(span(None, &options, now_ms).unwrap().0, now_ms - 30 * DAY_MS);
        assert!(span(Some("soon"), &options, now_ms).is_err());
    }
}
