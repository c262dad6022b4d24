//! Several queries in one call, each with an answer of its own.
//!
//! Source: Microsoft: "Azure Monitor Log Analytics API", batch queries.

use hyper::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Question, answered, path_not_found};
use crate::call::{Call, Reply, azure_error, json};
use crate::world::World;

/// Queries in one call; the service's own limit is not documented.
const REQUESTS_MAX: usize = 100;

#[derive(Deserialize)]
struct Batch {
    requests: Vec<One>,
}

#[derive(Deserialize)]
struct One {
    id: String,
    workspace: String,
    body: Value,
}

/// Answers at `/v1/$batch`, for a caller who may query.
pub(super) fn answer(world: &World, call: &Call) -> Reply {
    if call.method != Method::POST {
        return path_not_found();
    }
    let bad = |message: &str| azure_error(StatusCode::BAD_REQUEST, "BadArgumentError", message);
    match serde_json::from_slice::<Batch>(&call.body) {
        Ok(batch) if batch.requests.len() > REQUESTS_MAX => bad("The batch holds too many requests."),
        Ok(batch) => {
            let responses: Vec<Value> = batch.requests.into_iter().map(|one| response(world, one)).collect();
            json(StatusCode::OK, &json!({"responses": responses}))
        }
        Err(error) => bad(&format!("The request had some invalid properties: {error}")),
    }
}

fn response(world: &World, one: One) -> Value {
    let (status, body) = match Question::of_json(one.body) {
        Ok(question) => answered(world, &one.workspace, &question),
        Err(refusal) => refusal,
    };
    json!({"id": one.id, "status": status.as_u16(), "headers": {"Content-Type": "application/json"}, "body": body})
}
