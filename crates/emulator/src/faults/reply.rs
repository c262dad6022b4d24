//! What a scripted failure looks like at each service.

use hyper::StatusCode;
use serde_json::json;

use crate::call::{Call, Reply, azure_error, empty, json, text, with_header};
use crate::faults::{FaultKind, Route};
use crate::options::{LimitBody, RetryAfter};
use crate::services::{data_collector, defender, entra, graph, ingestion, management, vault};
use crate::world::World;

/// The answer of a fault in place of the service's; `None` for those that break the connection or need the service.
pub(crate) fn reply(world: &World, route: Route, call: &Call, kind: &FaultKind) -> Option<Reply> {
    Some(match kind {
        FaultKind::TooManyRequests { seconds, retry_after, .. } if route == Route::Management => {
            wait(management::too_many_requests(world, call), world.clock.now_ms(), u64::from(*seconds), *retry_after)
        }
        FaultKind::TooManyRequests { seconds, retry_after, .. } if route == Route::Graph => {
            wait(graph::too_many_requests(world, call), world.clock.now_ms(), u64::from(*seconds), *retry_after)
        }
        FaultKind::Status(500) if route == Route::Management => management::internal_error(),
        FaultKind::Status(500) if route == Route::Graph => graph::internal_error(world, call),
        FaultKind::TooManyRequests { seconds, retry_after, body } => {
            too_many_requests(world.clock.now_ms(), u64::from(*seconds), *retry_after, *body)
        }
        FaultKind::Unauthorized => unauthorized(world, route, call),
        FaultKind::Forbidden => forbidden(world, route, call),
        FaultKind::TooLarge { bytes_max } => too_large(route, *bytes_max),
        FaultKind::Status(status) => page(*status),
        FaultKind::WebPage => page(200),
        FaultKind::Reset | FaultKind::NoAnswer | FaultKind::Damage(_) | FaultKind::Quirk(_) => return None,
    })
}

/// 429 in the forms that Defender has been seen or guessed to use; other services share the header.
pub(crate) fn too_many_requests(now_ms: i64, seconds: u64, retry_after: RetryAfter, body: LimitBody) -> Reply {
    let status = StatusCode::TOO_MANY_REQUESTS;
    let sentence = format!("Request was throttled. Expected available in {seconds} seconds.");
    let reply = match body {
        LimitBody::Detail => json(status, &json!({"detail": sentence})),
        LimitBody::Message => json(status, &json!({"error": {"code": "TooManyRequests", "message": sentence}})),
        LimitBody::Text => text(status, "text/plain", sentence),
        LimitBody::Empty => empty(status),
    };
    wait(reply, now_ms, seconds, retry_after)
}

/// Says when to come back.
fn wait(reply: Reply, now_ms: i64, seconds: u64, retry_after: RetryAfter) -> Reply {
    match retry_after {
        RetryAfter::Seconds => with_header(reply, "retry-after", &seconds.to_string()),
        RetryAfter::HttpDate => {
            let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
            with_header(reply, "retry-after", &http_date(now_ms, seconds))
        }
        RetryAfter::Absent => reply,
    }
}

/// `seconds` after `now_ms` in the form of RFC 9110. Times outside the years that the form knows count as the nearest.
pub(crate) fn http_date(now_ms: i64, seconds: i64) -> String {
    // 9999-12-31T23:59:59Z
    const LAST_SECOND: i64 = 253_402_300_799;
    let at = (now_ms / 1_000).saturating_add(seconds).clamp(0, LAST_SECOND).unsigned_abs();
    httpdate::fmt_http_date(std::time::UNIX_EPOCH + std::time::Duration::from_secs(at))
}

fn too_large(route: Route, bytes_max: usize) -> Reply {
    match route {
        Route::Ingestion => ingestion::too_large(bytes_max),
        _ => page(413),
    }
}

fn unauthorized(world: &World, route: Route, call: &Call) -> Reply {
    match route {
        Route::Defender => defender::invalid_token(),
        Route::Management => management::denied(),
        Route::Graph => graph::expired_token(world, call),
        Route::Vault => vault::challenge(world, "[TokenExpired] Error validating token: its lifetime has ended."),
        Route::Token => entra::wrong_secret(world),
        Route::Arm | Route::Ingestion | Route::Query | Route::DataCollector | Route::Any => {
            azure_error(StatusCode::UNAUTHORIZED, "ExpiredAuthenticationToken", "The access token has expired.")
        }
    }
}

fn forbidden(world: &World, route: Route, call: &Call) -> Reply {
    match route {
        Route::Defender => defender::insufficient_permissions(world),
        Route::Management => management::no_role(),
        Route::Graph => graph::forbidden(world, call),
        Route::Ingestion => ingestion::no_access(world, "00000000-0000-0000-0000-000000000000"),
        Route::DataCollector => data_collector::invalid_authorization(),
        Route::Vault => vault::forbidden(),
        Route::Token | Route::Arm | Route::Query | Route::Any => azure_error(
            StatusCode::FORBIDDEN,
            "AuthorizationFailed",
            "The client has no authorization for this action.",
        ),
    }
}

/// Gateways and overloaded back ends answer in HTML whatever the service's own form is.
fn page(status: u16) -> Reply {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let reason = status.canonical_reason().unwrap_or("Error");
    let code = status.as_u16();
    let html = format!(
        "<!DOCTYPE html><html><head><title>{code} {reason}</title></head><body><h1>{code} {reason}</h1></body></html>"
    );
    text(status, "text/html; charset=utf-8", html)
}
