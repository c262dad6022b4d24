//! The emulator's own pages, below `/_emulator`: the truth, addresses, counters, requests, received rows; late records,
//! faults and roles; certificates and foreign tokens.

mod endpoints;
mod proofs;

use hyper::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;

use crate::call::{Call, Reply, azure_error, empty, json, json_text};
use crate::faults::{Fault, faults_of_script};
use crate::services::defender::store::activity_from_json;
use crate::services::entra::Role;
use crate::world::World;

/// Answers at `/_emulator/…`.
pub(crate) fn answer(world: &World, call: &Call, rest: &[&str]) -> Reply {
    match (rest, &call.method) {
        (["truth"], &Method::GET) => serialized(&world.truth),
        (["counters"], &Method::GET) => serialized(&world.counters()),
        (["endpoints"], &Method::GET) => json(StatusCode::OK, &endpoints::document(&world.endpoints)),
        (["requests"], &Method::GET) => serialized(&world.requests.all()),
        (["requests"], &Method::DELETE) => {
            world.requests.clear();
            empty(StatusCode::NO_CONTENT)
        }
        (["rows", table], &Method::GET) => {
            json_text(StatusCode::OK, format!("[{}]", world.tables.rows(table).join(",")))
        }
        (["append"], &Method::POST) => append(world, call),
        (["faults"], &Method::POST | &Method::PUT) => set_faults(world, call),
        (["faults"], &Method::DELETE) => {
            world.faults.set(Vec::new(), world.clock.now_ms());
            empty(StatusCode::NO_CONTENT)
        }
        (["roles"], &Method::POST) => set_role(world, call),
        (["certificates"], &Method::POST) => proofs::certificate(world, call),
        (["subjects"], &Method::POST) => proofs::subject(world, call),
        (["foreign-tokens"], &Method::POST) => proofs::foreign_token(world, call),
        (["clock"], &Method::GET) => json(StatusCode::OK, &json!({"now_ms": world.clock.now_ms()})),
        (["clock"], &Method::POST) => advance(world, call),
        _ => azure_error(StatusCode::NOT_FOUND, "NotFound", "The emulator has no such page."),
    }
}

fn serialized(value: &impl serde::Serialize) -> Reply {
    match serde_json::to_string(value) {
        Ok(text) => json_text(StatusCode::OK, text),
        Err(error) => azure_error(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", &error.to_string()),
    }
}

/// Adds activities that arrive late: an array, or one activity a line.
fn append(world: &World, call: &Call) -> Reply {
    let texts: Result<Vec<String>, String> =
        match serde_json::from_slice::<Vec<&serde_json::value::RawValue>>(&call.body) {
            Ok(array) => Ok(array.iter().map(|raw| raw.get().to_owned()).collect()),
            Err(_) => std::str::from_utf8(&call.body)
                .map(|text| text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect())
                .map_err(|error| error.to_string()),
        };
    let activities = texts.and_then(|texts| {
        texts
            .iter()
            .map(|text| activity_from_json(text).map_err(|error| error.to_string()))
            .collect::<Result<Vec<_>, _>>()
    });
    match activities {
        Ok(activities) => {
            let added = activities.len();
            world.append(activities);
            json(StatusCode::OK, &json!({"added": added}))
        }
        Err(why) => bad(&why),
    }
}

/// Replaces the faults: a JSON array of texts such as `defender:every=3:429`, or a script.
fn set_faults(world: &World, call: &Call) -> Reply {
    let faults = if call.body.trim_ascii_start().starts_with(b"[") {
        match serde_json::from_slice::<Vec<String>>(&call.body) {
            Ok(texts) => texts.iter().map(|text| text.parse::<Fault>().map_err(|error| error.to_string())).collect(),
            Err(error) => return bad(&format!("the body must be an array of faults, each a text: {error}")),
        }
    } else {
        faults_of_script(&String::from_utf8_lossy(&call.body)).map_err(|error| error.to_string())
    };
    match faults {
        Ok(faults) => {
            world.faults.set(faults, world.clock.now_ms());
            empty(StatusCode::NO_CONTENT)
        }
        Err(why) => bad(&why),
    }
}

/// `{"client_id":"…","role":"Investigation.read","granted":false}`
fn set_role(world: &World, call: &Call) -> Reply {
    #[derive(Deserialize)]
    struct Change {
        client_id: String,
        role: String,
        granted: bool,
    }
    let change: Change = match serde_json::from_slice(&call.body) {
        Ok(change) => change,
        Err(error) => return bad(&format!("the body must be an object with client_id, role and granted: {error}")),
    };
    match change.role.parse::<Role>() {
        Ok(role) if change.granted => world.directory.grant(&change.client_id, role),
        Ok(role) => world.directory.revoke(&change.client_id, role),
        Err(why) => return bad(&why),
    }
    empty(StatusCode::NO_CONTENT)
}

/// `{"advance_ms":60000}`
fn advance(world: &World, call: &Call) -> Reply {
    #[derive(Deserialize)]
    struct Step {
        advance_ms: i64,
    }
    match serde_json::from_slice::<Step>(&call.body) {
        Ok(step) => {
            world.clock.advance(step.advance_ms);
            json(StatusCode::OK, &json!({"now_ms": world.clock.now_ms()}))
        }
        Err(error) => bad(&format!("the body must be an object with advance_ms: {error}")),
    }
}

fn bad(why: &str) -> Reply {
    azure_error(StatusCode::BAD_REQUEST, "BadRequest", why)
}
