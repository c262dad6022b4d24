//! The services. Each is a function of the world and a call; sockets are elsewhere.

pub(crate) mod arm;
mod control;
pub(crate) mod data_collector;
pub(crate) mod defender;
pub(crate) mod entra;
pub(crate) mod graph;
pub(crate) mod ingestion;
mod limit;
mod managed_identity;
pub(crate) mod management;
pub(crate) mod query;
pub(crate) mod tables;
pub(crate) mod vault;

use hyper::StatusCode;

use crate::call::{Call, Reply, azure_error, with_header};
use crate::faults::{self, FaultKind, Quirk, Route};
use crate::world::{World, locked};

/// What becomes of a call.
pub(crate) enum Outcome {
    /// It is answered.
    Answer(Reply),
    /// The connection breaks.
    Drop,
}

/// Finds the service, lets faults strike, counts, and answers.
pub(crate) fn answer(world: &World, call: &Call) -> Outcome {
    let segments = call.segments();
    if let ["_emulator", rest @ ..] = segments.as_slice() {
        return Outcome::Answer(control::answer(world, call, rest));
    }
    let Some(route) = route(&segments) else {
        let message = format!("The emulator has no service at {}.", call.path);
        return Outcome::Answer(azure_error(StatusCode::NOT_FOUND, "NotFound", &message));
    };
    let fault = world.faults.strike(route, call, world.clock.now_ms());
    count_request(world, route, call, fault.is_some());
    let reply = answer_under(world, route, call, &segments, fault);
    world.requests.add(route, call, reply.as_ref().map(|reply| reply.status().as_u16()));
    let mut traffic = locked(&world.traffic);
    let counters = traffic.entry(route).or_default();
    match reply {
        Some(reply) => {
            *counters.statuses.entry(reply.status().as_u16()).or_default() += 1;
            Outcome::Answer(with_header(reply, "x-ms-request-id", &world.ids.guid()))
        }
        None => {
            counters.unanswered += 1;
            Outcome::Drop
        }
    }
}

/// The answer that arrives, if one does, when this befalls the call.
fn answer_under(
    world: &World,
    route: Route,
    call: &Call,
    segments: &[&str],
    fault: Option<FaultKind>,
) -> Option<Reply> {
    let on_time = |reply: Reply| {
        let date = faults::http_date(world.clock.now_ms(), 0);
        with_header(reply, "date", &date)
    };
    match fault {
        None => Some(on_time(service(world, route, call, segments, None))),
        Some(FaultKind::Quirk(quirk)) => {
            if quirk == Quirk::ReplacedSecret {
                world.replace_secret(route);
            }
            Some(on_time(service(world, route, call, segments, Some(quirk))))
        }
        Some(FaultKind::Damage(damage)) => {
            faults::damaged(on_time(service(world, route, call, segments, None)), damage, world.clock.now_ms())
        }
        Some(FaultKind::NoAnswer) => {
            service(world, route, call, segments, None);
            None
        }
        Some(kind) => faults::reply(world, route, call, &kind).map(on_time),
    }
}

/// Which service a path belongs to. The real ones have hosts of their own; their paths do not collide.
fn route(segments: &[&str]) -> Option<Route> {
    Some(match segments {
        [_, "oauth2", ..]
        | [_, "discovery", "v2.0", "keys"]
        | [.., ".well-known", "openid-configuration"]
        | ["common", "discovery", ..] => Route::Token,
        ["MSI", "token"] | ["metadata", "identity", "oauth2", "token"] => Route::Token,
        ["secrets", ..] => Route::Vault,
        [first, ..] if first.eq_ignore_ascii_case("subscriptions") => Route::Arm,
        ["dataCollectionRules", ..] => Route::Ingestion,
        ["api", "logs"] | [_, "api", "logs"] => Route::DataCollector,
        ["api", _, _, "activity", "feed", ..] => Route::Management,
        ["api", ..] | ["cas", "api", ..] => Route::Defender,
        ["v1.0" | "beta", ..] => Route::Graph,
        ["v1", ..] => Route::Query,
        _ => return None,
    })
}

/// The service's own answer; `quirk` is what it does wrong with this call.
fn service(world: &World, route: Route, call: &Call, segments: &[&str], quirk: Option<Quirk>) -> Reply {
    match route {
        Route::Token => match segments {
            ["MSI", ..] => managed_identity::app_service(world, call, quirk),
            ["metadata", ..] => managed_identity::virtual_machine(world, call, quirk),
            _ => entra::answer(world, call, segments, quirk),
        },
        Route::Vault => vault::answer(world, call, segments),
        Route::Arm => arm::answer(world, call, segments),
        Route::Defender => defender::answer(world, call, segments, quirk),
        Route::Management => management::answer(world, call, segments),
        Route::Graph => graph::answer(world, call, segments),
        Route::Ingestion => ingestion::answer(world, call, segments),
        Route::DataCollector => data_collector::answer(world, call),
        Route::Query | Route::Any => query::answer(world, call, segments),
    }
}

fn count_request(world: &World, route: Route, call: &Call, struck: bool) {
    let mut traffic = locked(&world.traffic);
    let counters = traffic.entry(route).or_default();
    counters.requests += 1;
    counters.wire_bytes += call.body.len() as u64;
    counters.faults += u64::from(struck);
}
