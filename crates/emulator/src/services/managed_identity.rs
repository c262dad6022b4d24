//! Managed identity: the App Service form and that of a virtual machine (IMDS).
//!
//! Sources: Microsoft: "Use managed identities for App Service and Azure Functions" and "How to use managed identities
//! for Azure resources on an Azure VM to acquire an access token".

use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use crate::call::{Call, Reply, json};
use crate::faults::Quirk;
use crate::services::entra::{Audience, token_seconds};
use crate::world::World;

/// `GET /MSI/token?resource=…&api-version=2019-08-01` with `X-IDENTITY-HEADER`.
pub(crate) fn app_service(world: &World, call: &Call, quirk: Option<Quirk>) -> Reply {
    let identity = &world.endpoints.managed_identity;
    if call.method != Method::GET {
        return plain_error(StatusCode::METHOD_NOT_ALLOWED, "Only GET is understood here.");
    }
    if call.header("x-identity-header") != Some(identity.identity_header.expose()) {
        return plain_error(StatusCode::UNAUTHORIZED, "The X-IDENTITY-HEADER is missing or wrong.");
    }
    if call.parameter("api-version").is_none() {
        return plain_error(StatusCode::BAD_REQUEST, "The api-version is missing.");
    }
    match token(world, call, quirk) {
        Ok(token) => json(
            StatusCode::OK,
            &json!({"access_token": token.text, "expires_on": token.expires_on.to_string(),
                "resource": token.resource, "token_type": "Bearer", "client_id": identity.client_id}),
        ),
        Err(Unavailable::Resource) => plain_error(StatusCode::BAD_REQUEST, "The resource is missing or unknown."),
        Err(Unavailable::Identity) => plain_error(StatusCode::BAD_REQUEST, "No managed identity found for this app."),
    }
}

/// `GET /metadata/identity/oauth2/token?api-version=2018-02-01&resource=…` with `Metadata: true`.
pub(crate) fn virtual_machine(world: &World, call: &Call, quirk: Option<Quirk>) -> Reply {
    let asked_as_documented = call.header("metadata").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if call.method != Method::GET || !asked_as_documented || call.header("x-forwarded-for").is_some() {
        return machine_error("bad_request_102", "Required metadata header not specified");
    }
    if call.parameter("api-version").is_none() {
        return machine_error("bad_request_101", "Required api-version not specified");
    }
    match token(world, call, quirk) {
        Ok(token) => json(
            StatusCode::OK,
            &json!({"access_token": token.text, "refresh_token": "", "expires_in": token.expires_in.to_string(),
                "expires_on": token.expires_on.to_string(), "not_before": token.not_before.to_string(),
                "resource": token.resource, "token_type": "Bearer",
                "client_id": world.endpoints.managed_identity.client_id}),
        ),
        Err(Unavailable::Resource) => {
            machine_error("invalid_resource", "AADSTS500011: The resource principal was not found in the tenant.")
        }
        Err(Unavailable::Identity) => machine_error("invalid_request", "Identity not found"),
    }
}

enum Unavailable {
    Resource,
    Identity,
}

struct Granted {
    text: String,
    resource: String,
    expires_in: i64,
    expires_on: i64,
    not_before: i64,
}

fn token(world: &World, call: &Call, quirk: Option<Quirk>) -> Result<Granted, Unavailable> {
    let resource = call.parameter("resource").ok_or(Unavailable::Resource)?;
    let audience = Audience::of(resource).ok_or(Unavailable::Resource)?;
    let own = world.endpoints.managed_identity.client_id.as_str();
    let client_id = call.parameter("client_id").unwrap_or(own);
    let principal = world.directory.managed_identity(client_id).ok_or(Unavailable::Identity)?;
    // Both name the same identity in another way.
    let object_id = ["object_id", "principal_id"].into_iter().find_map(|name| call.parameter(name));
    let resource_id = ["mi_res_id", "msi_res_id"].into_iter().find_map(|name| call.parameter(name));
    let known_resource = &world.endpoints.managed_identity.resource_id;
    if object_id.is_some_and(|id| !id.eq_ignore_ascii_case(&principal.object_id))
        || resource_id.is_some_and(|id| !id.eq_ignore_ascii_case(known_resource))
    {
        return Err(Unavailable::Identity);
    }
    let now_ms = world.clock.now_ms();
    let seconds = token_seconds(world, quirk);
    Ok(Granted {
        text: world.directory.issue(principal, audience, resource, now_ms, seconds),
        resource: resource.to_owned(),
        expires_in: seconds,
        expires_on: now_ms / 1_000 + seconds,
        not_before: now_ms / 1_000,
    })
}

fn plain_error(status: StatusCode, message: &str) -> Reply {
    json(status, &json!({"statusCode": status.as_u16(), "message": message}))
}

fn machine_error(error: &str, description: &str) -> Reply {
    let body: Value = json!({"error": error, "error_description": description});
    json(StatusCode::BAD_REQUEST, &body)
}
