//! What the API is, for programs: made from the row types, so that it cannot drift.

use serde_json::{Map, Value, json};

use crate::cli::ReportKind as Question;
use crate::report::WHOLE_ANSWER;
use crate::rows::{Column, Kind};
use crate::store::Order;

/// The OpenAPI description.
pub fn description() -> Value {
    let questions = WHOLE_ANSWER.into_iter().chain([Question::Accepts]);
    let mut paths = Map::new();
    let mut schemas = Map::new();
    for question in questions {
        schemas.insert(question.title().replace(' ', ""), row(question.columns()));
        paths.insert(format!("/api/v1/{}", question.name()), list(question));
    }
    schemas.insert(
        "Error".to_owned(),
        object(&[("error", json!({ "type": "string", "description": "What to do, in words." }))]),
    );
    schemas.insert("Verdicts".to_owned(), verdicts());
    schemas.insert("Part".to_owned(), object(&[("name", nullable("string")), ("accesses", reference("Verdicts"))]));
    paths.insert("/api/v1/overview".to_owned(), get("The answer in numbers", &view(), &overview()));
    paths.insert(
        "/api/v1/status".to_owned(),
        get("Feeds, sinks, backlog and gaps, as `status --json`", &[], &json!({ "type": "object" })),
    );
    paths.insert(
        "/api/v1/record".to_owned(),
        get("An audit record as it was received, once for every content", &[id()], &record()),
    );
    paths.insert("/api/v1/trail".to_owned(), get("One person, item or share: name one of them", &subject(), &trail()));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "sharetrail",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Who outside the organisation reached which files, through which share. Read-only.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
        },
        "security": [{}, { "token": [] }],
    })
}

fn list(question: Question) -> Value {
    let mut parameters = view();
    parameters.push(parameter(
        "limit",
        &json!({ "type": "integer", "minimum": 1, "maximum": 1000, "default": 100 }),
        "Rows of a page.",
    ));
    parameters.push(parameter(
        "cursor",
        &json!({ "type": "string" }),
        "Where the page begins: `next` of the page before.",
    ));
    parameters.push(parameter(
        "sort",
        &json!({ "type": "string", "enum": orders(question) }),
        "The column by which the whole list is ordered, `-` before it for falling. What is empty counts as the least.",
    ));
    let rows = json!({ "type": "array", "items": reference(&question.title().replace(' ', "")) });
    get(question.about(), &parameters, &object(&[("rows", rows), ("next", nullable("string"))]))
}

fn orders(question: Question) -> Vec<String> {
    let both = |falling| question.shown().iter().map(move |shown| Order { column: shown.key, falling }.to_string());
    both(false).chain(both(true)).collect()
}

fn get(summary: &str, parameters: &[Value], answer: &Value) -> Value {
    let content = |schema: &Value| json!({ "application/json": { "schema": schema } });
    json!({ "get": {
        "summary": summary,
        "parameters": parameters,
        "responses": {
            "200": { "description": "The answer.", "content": content(answer) },
            "default": { "description": "Why there is none.", "content": content(&reference("Error")) },
        },
    } })
}

/// Range and filters, as in the addresses of pages.
fn view() -> Vec<Value> {
    let text = json!({ "type": "string" });
    vec![
        parameter(
            "days",
            &json!({ "type": "string", "default": "30" }),
            "So many days up to the last access, or `all`.",
        ),
        parameter("since", &text, "From this time on: 2026-11-01 or 2026-11-01T08:00:00Z."),
        parameter("until", &text, "Before this time."),
        parameter("person", &text, "Only this person."),
        parameter("domain", &text, "Only people of this domain."),
        parameter("item", &text, "Only this item, by its id."),
        parameter("share", &text, "Only this share and what came through it, by its id."),
        parameter("site", &text, "Only items of this site, by its address or name."),
        parameter("classified", &json!({ "type": "boolean" }), "Only what was classified."),
    ]
}

fn parameter(name: &str, schema: &Value, about: &str) -> Value {
    json!({ "name": name, "in": "query", "required": false, "schema": schema, "description": about })
}

fn id() -> Value {
    json!({ "name": "id", "in": "query", "required": true, "schema": { "type": "string" }, "description": "The record's `Id`." })
}

fn subject() -> Vec<Value> {
    ["person", "item", "share"].iter().map(|name| parameter(name, &json!({ "type": "string" }), "Its id.")).collect()
}

fn row(columns: &[Column]) -> Value {
    let properties: Map<String, Value> = columns
        .iter()
        .filter(|column| column.reported)
        .map(|column| (column.key.to_owned(), property(column)))
        .collect();
    let required: Vec<&String> = properties.keys().collect();
    json!({ "type": "object", "required": required, "properties": properties })
}

/// Every column may be empty.
fn property(column: &Column) -> Value {
    let mut schema = match column.kind {
        Kind::Text => nullable("string"),
        Kind::Time => json!({ "type": ["string", "null"], "format": "date-time" }),
        Kind::Integer => nullable("integer"),
        Kind::Boolean => nullable("boolean"),
        Kind::List => json!({ "type": ["array", "null"], "items": { "type": "string" } }),
    };
    schema["description"] = column.about.into();
    schema
}

fn nullable(kind: &str) -> Value {
    json!({ "type": [kind, "null"] })
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

fn object(properties: &[(&str, Value)]) -> Value {
    let required: Vec<&str> = properties.iter().map(|(name, _)| *name).collect();
    let properties: Map<String, Value> =
        properties.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({ "type": "object", "required": required, "properties": properties })
}

fn verdicts() -> Value {
    let count = json!({ "type": "integer" });
    object(&[("classified", count.clone()), ("not_classified", count.clone()), ("unknown", count)])
}

fn overview() -> Value {
    let count = json!({ "type": "integer" });
    let parts = json!({ "type": "array", "items": reference("Part") });
    let day = object(&[("day", json!({ "type": "string", "format": "date" })), ("accesses", reference("Verdicts"))]);
    let mut properties = vec![
        ("since", nullable("string")),
        ("until", nullable("string")),
        ("accesses", reference("Verdicts")),
        ("days", json!({ "type": "array", "items": day })),
    ];
    for name in [
        "redeems",
        "unexplained",
        "people",
        "visitors",
        "organisations",
        "items",
        "classified_items",
        "unused_shares",
        "unused_links_for_anyone",
    ] {
        properties.push((name, count.clone()));
    }
    for name in ["by_domain", "by_country", "by_action"] {
        properties.push((name, parts.clone()));
    }
    object(&properties)
}

fn record() -> Value {
    let sighting = object(&[("feeds", json!({ "type": "string" })), ("record", json!({}))]);
    object(&[("id", json!({ "type": "string" })), ("sightings", json!({ "type": "array", "items": sighting }))])
}

fn trail() -> Value {
    let rows = |question: Question| json!({ "type": "array", "items": reference(&question.title().replace(' ', "")) });
    object(&[
        ("people", rows(Question::People)),
        ("shares", rows(Question::Shares)),
        ("accesses", rows(Question::Access)),
    ])
}
