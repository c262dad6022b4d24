//! Defender for Cloud Apps: the activities of the tenant, those in its archive, and its files.
//!
//! Sources: Microsoft: "Defender for Cloud Apps REST API", "Activities API", "List activities", "Investigate activities
//! using the API" (scan mode). What the pages leave open is marked where it is decided.

mod activity_types;
mod archive;
mod carrier;
mod fields;
mod files;
mod filter;
mod list;
mod quirks;
pub(crate) mod store;

use std::sync::{OnceLock, PoisonError, RwLock, RwLockReadGuard};

use hyper::{Method, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::call::{Call, Reply, json, json_text};
use crate::faults::{Quirk, too_many_requests};
use crate::options::DefenderOptions;
use crate::services::defender::carrier::Parameters;
use crate::services::defender::filter::{Filter, Invalid};
use crate::services::defender::quirks::Quirks;
use crate::services::defender::store::Shelf;
use crate::services::entra::{Audience, Refusal, Role};
use crate::services::limit::RequestLimit;
use crate::story::StoredActivity;
use crate::world::{DEFENDER_API_TOKEN, World};

/// The state of this service.
pub(crate) struct Defender {
    options: DefenderOptions,
    limit: RequestLimit,
    shelf: RwLock<Shelf>,
    /// The inventory of files, made when it is first asked for.
    files: OnceLock<Vec<Value>>,
}

impl Defender {
    pub(crate) fn new(options: DefenderOptions, activities: Vec<StoredActivity>) -> Defender {
        let limit = RequestLimit::new(options.requests_per_minute);
        Defender { options, limit, shelf: RwLock::new(Shelf::new(activities)), files: OnceLock::new() }
    }

    /// Adds activities while running.
    pub(crate) fn append(&self, activities: Vec<StoredActivity>) {
        self.shelf.write().unwrap_or_else(PoisonError::into_inner).insert(activities);
    }

    /// The activities, for whoever reads them.
    pub(crate) fn shelf(&self) -> RwLockReadGuard<'_, Shelf> {
        self.shelf.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who asks: the legacy token carries the rights of its user, an application those of its roles.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Caller {
    LegacyToken,
    Application,
}

/// Answers below `/api/v1` and its alias `/cas/api/v1`, with or without a final slash.
pub(crate) fn answer(world: &World, call: &Call, segments: &[&str], quirk: Option<Quirk>) -> Reply {
    let caller = match authenticate(world, call) {
        Ok(caller) => caller,
        Err(reply) => return reply,
    };
    let options = &world.defender.options;
    let now_ms = world.clock.now_ms();
    if let Err(seconds) = world.defender.limit.admit(now_ms) {
        return too_many_requests(now_ms, seconds, options.limit_retry_after, options.limit_body);
    }
    let segments = if segments.first() == Some(&"cas") { segments.get(1..).unwrap_or_default() } else { segments };
    match (segments, &call.method) {
        (["api", "v1", "activities"], &Method::GET | &Method::POST) => or_invalid(list(world, call, now_ms, quirk)),
        (["api", "v1", "activities", "count"], &Method::GET | &Method::POST) => or_invalid(count(world, call, now_ms)),
        (["api", "v1", "activities", "metadata"], &Method::GET) => json(StatusCode::OK, &fields::metadata()),
        (["api", "v1", "activities", id], &Method::GET) => one(world, id, now_ms),
        (["api", "v1", "activities", _, "feedback"], &Method::POST) => json(StatusCode::OK, &json!({})),
        (["api", "v1", "archived_activities"], &Method::GET | &Method::POST) => {
            or_invalid(archive::list(world, call, now_ms))
        }
        (["api", "v1", "archived_activities", "count"], &Method::GET | &Method::POST) => {
            or_invalid(archive::count(world, call, now_ms))
        }
        (["api", "v1", "autocomplete", "activity-types"], &Method::GET) => activity_types::list(world, call),
        // No application role opens the Files API.
        (["api", "v1", "files", ..], _) if caller == Caller::Application => insufficient_permissions(world),
        (["api", "v1", "files"], &Method::GET | &Method::POST) => or_invalid(files::list(world, call, now_ms)),
        (["api", "v1", "files", id], &Method::GET) => files::one(world, id),
        _ => not_found(),
    }
}

fn authenticate(world: &World, call: &Call) -> Result<Caller, Reply> {
    if let Some(token) = call.credential("Token") {
        let known = world.secret(DEFENDER_API_TOKEN).is_some_and(|known| known.expose() == token);
        return if known { Ok(Caller::LegacyToken) } else { Err(invalid_token()) };
    }
    let role = Some(Role::InvestigationRead);
    match world.directory.check(call, Audience::Defender, role, world.clock.now_ms()) {
        Ok(_) => Ok(Caller::Application),
        Err(Refusal::NoRole(_)) => Err(insufficient_permissions(world)),
        Err(Refusal::Missing) => {
            Err(json(StatusCode::UNAUTHORIZED, &json!({"detail": "Authentication credentials were not provided."})))
        }
        Err(Refusal::Unknown | Refusal::Expired | Refusal::WrongAudience) => Err(invalid_token()),
    }
}

fn list(world: &World, call: &Call, now_ms: i64, quirk: Option<Quirk>) -> Result<Reply, Invalid> {
    let parameters = Parameters::read(call)?;
    let filter = Filter::read(&parameters.filters, now_ms)?;
    let options = &world.defender.options;
    let served = list::retained_since_ms(options, now_ms)..=i64::MAX;
    let quirks = Quirks { quirk, now_ms };
    let body = list::page(&world.defender.shelf(), &parameters, &filter, options, served, quirks);
    Ok(json_text(StatusCode::OK, body))
}

fn count(world: &World, call: &Call, now_ms: i64) -> Result<Reply, Invalid> {
    let parameters = Parameters::read(call)?;
    let filter = Filter::read(&parameters.filters, now_ms)?;
    let since_ms = list::retained_since_ms(&world.defender.options, now_ms);
    let total = list::count(&world.defender.shelf(), &filter, &(since_ms..=i64::MAX));
    Ok(json(StatusCode::OK, &json!({"total": total, "moreThanTotal": false, "searchedSince": since_ms})))
}

fn one(world: &World, id: &str, now_ms: i64) -> Reply {
    let id = percent_decode_str(id).decode_utf8_lossy();
    let since_ms = list::retained_since_ms(&world.defender.options, now_ms);
    match world.defender.shelf().find(&id) {
        Some(activity) if activity.timestamp_ms >= since_ms => {
            json_text(StatusCode::OK, activity.json.as_bytes().to_vec())
        }
        _ => not_found(),
    }
}

/// 401. Its body is not documented; this is the form of the web framework whose 403 is known.
pub(crate) fn invalid_token() -> Reply {
    json(StatusCode::UNAUTHORIZED, &json!({"detail": "Invalid token."}))
}

/// 403 for want of a role.
pub(crate) fn insufficient_permissions(world: &World) -> Reply {
    let body = json!({"detail": "Insufficient role based permissions", "correlation_id": world.ids.guid()});
    json(StatusCode::FORBIDDEN, &body)
}

fn not_found() -> Reply {
    json(StatusCode::NOT_FOUND, &json!({"detail": "Not found."}))
}

fn or_invalid(result: Result<Reply, Invalid>) -> Reply {
    result.unwrap_or_else(|Invalid(value)| {
        let body: Value = json!({"filters": [{"error": format!("{value} is not valid"),
            "errorMessageCode": "CONSOLE_FORMS_NOT_VALID_VALUE", "errorMessageParams": {"value": value}}],
            "error": true});
        json(StatusCode::BAD_REQUEST, &body)
    })
}
