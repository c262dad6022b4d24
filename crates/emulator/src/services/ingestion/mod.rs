//! Logs Ingestion: rows into the tables of a data collection rule.
//!
//! Sources: Microsoft: "Logs Ingestion API in Azure Monitor", "Azure Monitor service limits". The limit of the body is
//! that of the bytes on the wire, as live clients found it.

mod rows;

use std::borrow::Cow;
use std::io::Read;

use flate2::read::MultiGzDecoder;
use hyper::{Method, StatusCode};

use crate::call::{Call, Reply, azure_error, empty};
use crate::services::entra::{Audience, Refusal, Role};
use crate::world::World;

const API_VERSIONS: [&str; 2] = ["2023-01-01", "2021-11-01-preview"];

/// Answers at `/dataCollectionRules/{dcr}/streams/{stream}`.
pub(crate) fn answer(world: &World, call: &Call, segments: &[&str]) -> Reply {
    let [_, dcr, "streams", stream] = segments else {
        return azure_error(StatusCode::NOT_FOUND, "NotFound", "The path names no data collection rule and stream.");
    };
    match accept(world, call, dcr, stream) {
        Ok(()) => empty(StatusCode::NO_CONTENT),
        Err(reply) => reply,
    }
}

/// All checks in the service's order, then the rows.
fn accept(world: &World, call: &Call, dcr: &str, stream: &str) -> Result<(), Reply> {
    let bad = |code, message: &str| Err(azure_error(StatusCode::BAD_REQUEST, code, message));
    if call.method != Method::POST {
        return Err(azure_error(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", "Only POST is understood here."));
    }
    if !call.parameter("api-version").is_some_and(|version| API_VERSIONS.contains(&version)) {
        return bad("InvalidApiVersion", "The api-version is missing or not supported.");
    }
    authorize(world, call)?;
    if dcr != world.endpoints.dcr_immutable_id {
        let message = format!("Data collection rule with immutable Id '{dcr}' not found.");
        return Err(azure_error(StatusCode::NOT_FOUND, "NotFound", &message));
    }
    let Some(table) = world.endpoints.streams.iter().find(|(_, name)| *name == stream).map(|(table, _)| table) else {
        return bad("InvalidStream", &format!("The stream {stream} was not configured."));
    };
    if call.content_type() != "application/json" {
        return bad("InvalidContentType", "The Content-Type must be application/json.");
    }
    if call.body.is_empty() {
        // The service fails here without an error code.
        return Err(empty(StatusCode::INTERNAL_SERVER_ERROR));
    }
    let limits = &world.ingestion;
    if call.body.len() > limits.wire_bytes_max {
        return Err(too_large(limits.wire_bytes_max));
    }
    let body = decompressed(call, limits.raw_bytes_max)?;
    let arrived = world.clock.now_text();
    let columns = limits.columns.get(table).map(Vec::as_slice);
    match rows::read(&body, columns, limits.field_bytes_max, &arrived) {
        Ok(rows) if rows.is_empty() => Ok(()),
        Ok(rows) => {
            world.tables.add(table, rows, call.body.len(), body.len());
            Ok(())
        }
        Err(why) => bad("InvalidPayload", &why),
    }
}

fn authorize(world: &World, call: &Call) -> Result<(), Reply> {
    let unauthorized = |code, message| Err(azure_error(StatusCode::UNAUTHORIZED, code, message));
    let role = Some(Role::MonitoringMetricsPublisher);
    match world.directory.check(call, Audience::Monitor, role, world.clock.now_ms()) {
        Ok(_) => Ok(()),
        Err(Refusal::Missing) => unauthorized("MissingAuthorization", "The Authorization header is missing."),
        Err(Refusal::Unknown) => unauthorized("InvalidToken", "The authentication token is invalid."),
        Err(Refusal::Expired) => unauthorized("InvalidToken", "The authentication token has expired."),
        Err(Refusal::WrongAudience) => {
            unauthorized("InvalidToken", "The authentication token is not for the audience https://monitor.azure.com.")
        }
        Err(Refusal::NoRole(principal)) => Err(no_access(world, &principal.object_id)),
    }
}

/// 403 for want of the role, as recorded from the service.
pub(crate) fn no_access(world: &World, object_id: &str) -> Reply {
    let (dcr, tenant) = (&world.endpoints.dcr_immutable_id, &world.endpoints.tenant_id);
    let resource = &world.endpoints.dcr_resource_id;
    let message = format!(
        "The authentication token provided does not have access to ingest data for the data collection rule with \
         immutable Id '{dcr}' PipelineAccessResult: AccessGranted: False, IsRbacPresent: False, IsDcrDceBindingValid: , \
         DcrArmId: {resource}, Message: Required authorization action was not found for tenantId {tenant} objectId \
         {object_id} on resourceId {resource} ConfigurationId: {dcr}."
    );
    azure_error(StatusCode::FORBIDDEN, "OperationFailed", &message)
}

/// 413, with the limit that holds.
pub(crate) fn too_large(bytes_max: usize) -> Reply {
    let mebibytes = bytes_max as f64 / 1_048_576.0;
    let message = format!(
        "Maximum allowed content length: {bytes_max} bytes ({mebibytes} MB). Provided content length exceeds it."
    );
    azure_error(StatusCode::PAYLOAD_TOO_LARGE, "ContentLengthLimitExceeded", &message)
}

/// The body after `Content-Encoding`, at most `bytes_max` of it.
fn decompressed(call: &Call, bytes_max: usize) -> Result<Cow<'_, [u8]>, Reply> {
    let unreadable = |message| Err(azure_error(StatusCode::BAD_REQUEST, "InvalidPayload", message));
    match call.header("content-encoding").map(str::trim) {
        None | Some("" | "identity") => Ok(Cow::Borrowed(&call.body)),
        Some("gzip") => {
            let mut raw = Vec::new();
            // One byte more than allowed tells too much from just enough.
            let mut decoder = MultiGzDecoder::new(call.body.as_ref()).take(bytes_max as u64 + 1);
            match decoder.read_to_end(&mut raw) {
                Ok(_) if raw.len() > bytes_max => Err(too_large(bytes_max)),
                Ok(_) => Ok(Cow::Owned(raw)),
                Err(_) => unreadable("The body is not valid gzip."),
            }
        }
        Some(_) => {
            let message = "The Content-Encoding is not supported; gzip is.";
            Err(azure_error(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedContentEncoding", message))
        }
    }
}
