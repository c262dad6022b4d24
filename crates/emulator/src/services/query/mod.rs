//! Log Analytics queries: a small part of the Kusto language over the rows that were delivered.
//!
//! Source: Microsoft: "Azure Monitor Log Analytics API", request and response format, errors.

mod aggregate;
mod batch;
pub(crate) mod datum;
pub(crate) mod evaluate;
#[cfg(fuzzing)]
pub mod fuzzed;
mod lexer;
mod names;
pub(crate) mod parser;
pub(crate) mod rowset;
pub(crate) mod timespan;

use hyper::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::{Call, Reply, azure_error, empty, json, with_header};
use crate::services::entra::{Audience, Refusal, Role};
use crate::world::World;

/// Why a query has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum QueryError {
    /// It cannot be read.
    Syntax(String),
    /// It names what is not there, or asks for what has no meaning.
    Semantic(String),
}

/// Answers at `/v1/workspaces/{id}/query` and `/v1/$batch`.
pub(crate) fn answer(world: &World, call: &Call, segments: &[&str]) -> Reply {
    let workspace = match segments {
        ["v1", "workspaces", workspace, "query"] => Some(*workspace),
        ["v1", "$batch"] => None,
        _ => return path_not_found(),
    };
    if let Err(reply) = authorize(world, call) {
        return reply;
    }
    let Some(workspace) = workspace else { return batch::answer(world, call) };
    match Question::read(call) {
        Ok(Some(question)) => {
            let (status, body) = answered(world, workspace, &question);
            json(status, &body)
        }
        // The service answers like this when the body or its type is missing.
        Ok(None) => empty(StatusCode::OK),
        Err(reply) => reply,
    }
}

/// Status and body of the answer to one question.
fn answered(world: &World, workspace: &str, question: &Question) -> (StatusCode, Value) {
    if !workspace.eq_ignore_ascii_case(&world.endpoints.workspace.id) {
        let error = json!({"code": "PathNotFoundError", "message": "The requested path does not exist."});
        return (StatusCode::NOT_FOUND, json!({"error": error}));
    }
    match ask(world, question) {
        Ok(table) => (StatusCode::OK, json!({"tables": [table]})),
        Err(error) => (StatusCode::BAD_REQUEST, bad_argument(&error)),
    }
}

fn ask(world: &World, question: &Question) -> Result<Value, QueryError> {
    let query = parser::parse(&question.query)?;
    let now_ms = world.clock.now_ms();
    let span = timespan::read(&question.timespans, now_ms).map_err(QueryError::Semantic)?;
    let source = rowset::of_table(world, &query.table, span)?;
    Ok(evaluate::run(source, &query.steps, now_ms)?.answer())
}

struct Question {
    query: String,
    /// From the address and the body; both hold.
    timespans: Vec<String>,
}

impl Question {
    fn read(call: &Call) -> Result<Option<Question>, Reply> {
        let mut timespans: Vec<String> = call.parameter("timespan").map(str::to_owned).into_iter().collect();
        if call.method == Method::GET {
            let query = call.parameter("query").map(str::to_owned);
            return Ok(query.map(|query| Question { query, timespans }));
        }
        if call.method != Method::POST {
            return Err(path_not_found());
        }
        if call.body.is_empty() || call.content_type() != "application/json" {
            return Ok(None);
        }
        let body = serde_json::from_slice(&call.body).map_err(|error| invalid_properties(&error));
        let question = body.and_then(Question::of_json).map_err(|(status, body)| json(status, &body))?;
        timespans.extend(question.timespans);
        Ok(Some(Question { query: question.query, timespans }))
    }

    /// Reads the body of a question.
    fn of_json(body: Value) -> Result<Question, (StatusCode, Value)> {
        #[derive(Deserialize)]
        struct Body {
            query: String,
            timespan: Option<String>,
        }
        let body: Body = serde_json::from_value(body).map_err(|error| invalid_properties(&error))?;
        Ok(Question { query: body.query, timespans: body.timespan.into_iter().collect() })
    }
}

fn invalid_properties(error: &serde_json::Error) -> (StatusCode, Value) {
    let message = format!("The request had some invalid properties: {error}");
    (StatusCode::BAD_REQUEST, json!({"error": {"code": "BadArgumentError", "message": message}}))
}

fn authorize(world: &World, call: &Call) -> Result<(), Reply> {
    let role = Some(Role::LogAnalyticsReader);
    match world.directory.check(call, Audience::Query, role, world.clock.now_ms()) {
        Ok(_) => Ok(()),
        Err(Refusal::Missing | Refusal::Unknown | Refusal::Expired) => {
            let message = "Valid authentication was not provided.";
            let reply = azure_error(StatusCode::UNAUTHORIZED, "AuthenticationFailed", message);
            let (root, tenant) = (&world.endpoints.https, &world.endpoints.tenant_id);
            let challenge = format!(r#"Bearer authorization_uri="{root}{tenant}/oauth2/authorize""#);
            Err(with_header(reply, "www-authenticate", &challenge))
        }
        Err(Refusal::WrongAudience) => Err(azure_error(
            StatusCode::FORBIDDEN,
            "InvalidAuthenticationToken",
            "The access token is for the wrong audience; it should be for https://api.loganalytics.io.",
        )),
        Err(Refusal::NoRole(_)) => Err(azure_error(
            StatusCode::FORBIDDEN,
            "InsufficientAccessError",
            "The provided credentials have insufficient access to perform the requested operation.",
        )),
    }
}

fn path_not_found() -> Reply {
    azure_error(StatusCode::NOT_FOUND, "PathNotFoundError", "The requested path does not exist.")
}

fn bad_argument(error: &QueryError) -> Value {
    let (code, message) = match error {
        QueryError::Syntax(message) => ("SyntaxError", message),
        QueryError::Semantic(message) => ("SemanticError", message),
    };
    json!({"error": {"code": "BadArgumentError", "message": "The request had some invalid properties",
        "innererror": {"code": code, "message": message}}})
}
