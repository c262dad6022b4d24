//! Log Analytics queries: a small part of the Kusto language over the rows that were delivered.
//!
//! Source: Microsoft: "Azure Monitor Log Analytics API", request and response format, errors.

mod aggregate;
pub(crate) mod datum;
pub(crate) mod evaluate;
mod lexer;
mod names;
pub(crate) mod parser;
pub(crate) mod rowset;
pub(crate) mod timespan;

use hyper::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;

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

/// Answers at `/v1/workspaces/{id}/query`.
pub(crate) fn answer(world: &World, call: &Call, segments: &[&str]) -> Reply {
    let ["v1", "workspaces", workspace, "query"] = segments else { return path_not_found() };
    if let Err(reply) = authorize(world, call) {
        return reply;
    }
    if !workspace.eq_ignore_ascii_case(&world.endpoints.workspace.id) {
        return path_not_found();
    }
    let question = match Question::read(call) {
        Ok(Some(question)) => question,
        // The service answers like this when the body or its type is missing.
        Ok(None) => return empty(StatusCode::OK),
        Err(reply) => return reply,
    };
    match ask(world, &question) {
        Ok(table) => json(StatusCode::OK, &json!({"tables": [table]})),
        Err(error) => bad_argument(&error),
    }
}

fn ask(world: &World, question: &Question) -> Result<serde_json::Value, QueryError> {
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
        #[derive(Deserialize)]
        struct Body {
            query: String,
            timespan: Option<String>,
        }
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
        match serde_json::from_slice::<Body>(&call.body) {
            Ok(body) => {
                timespans.extend(body.timespan);
                Ok(Some(Question { query: body.query, timespans }))
            }
            Err(error) => {
                let message = format!("The request had some invalid properties: {error}");
                Err(azure_error(StatusCode::BAD_REQUEST, "BadArgumentError", &message))
            }
        }
    }
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

fn bad_argument(error: &QueryError) -> Reply {
    let (code, message) = match error {
        QueryError::Syntax(message) => ("SyntaxError", message),
        QueryError::Semantic(message) => ("SemanticError", message),
    };
    let body = json!({"error": {"code": "BadArgumentError", "message": "The request had some invalid properties",
        "innererror": {"code": code, "message": message}}});
    json(StatusCode::BAD_REQUEST, &body)
}
