//! Why no token is given: the AADSTS errors, in the authority's form.

use hyper::StatusCode;
use serde_json::json;

use crate::call::{Reply, json};
use crate::world::World;

/// Why no token is given.
#[derive(Debug)]
pub(crate) enum TokenError {
    MissingField(&'static str),
    UnsupportedGrant,
    UnknownTenant(String),
    UnknownApplication(String),
    WrongSecret(String),
    ExpiredSecret(String),
    MalformedScope(String),
    NotDefaultScope(String),
    UnknownResource(String),
    UnknownAssertionType,
    MalformedAssertion,
    WrongSignature(String),
    AssertionOutsideItsTime,
    AssertionOfAnother(String),
    AssertionForAnother(String),
    RepeatedAssertion,
    UntrustedIssuer(String),
    UntrustedSubject(String),
    NoFederation,
    WrongCode,
}

impl TokenError {
    /// Status, `error`, AADSTS number and text (Microsoft: Microsoft Entra authentication and authorization error codes).
    fn parts(&self) -> (StatusCode, &'static str, u32, String) {
        let (bad, unauthorized) = (StatusCode::BAD_REQUEST, StatusCode::UNAUTHORIZED);
        match self {
            TokenError::MissingField(field) => (
                bad,
                "invalid_request",
                900_144,
                format!("The request body must contain the following parameter: '{field}'."),
            ),
            TokenError::UnsupportedGrant => {
                (bad, "unsupported_grant_type", 70_003, "The app requested an unsupported grant type.".to_owned())
            }
            TokenError::WrongCode => (
                bad,
                "invalid_grant",
                70_008,
                "The provided authorization code has expired, was redeemed before, or is of another request."
                    .to_owned(),
            ),
            TokenError::UnknownTenant(tenant) => (
                bad,
                "invalid_request",
                90_002,
                format!(
                    "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing \
                     into the correct cloud."
                ),
            ),
            TokenError::UnknownApplication(client_id) => (
                bad,
                "unauthorized_client",
                700_016,
                format!("Application with identifier '{client_id}' was not found in the directory."),
            ),
            TokenError::WrongSecret(client_id) => (
                unauthorized,
                "invalid_client",
                7_000_215,
                format!(
                    "Invalid client secret provided. Ensure the secret being sent in the request is the client secret \
                     value, not the client secret ID, for a secret added to app '{client_id}'."
                ),
            ),
            TokenError::ExpiredSecret(client_id) => (
                unauthorized,
                "invalid_client",
                7_000_222,
                format!("The provided client secret keys for app '{client_id}' are expired."),
            ),
            TokenError::MalformedScope(scope) => (
                bad,
                "invalid_scope",
                70_011,
                format!(
                    "The provided request must include a 'scope' input parameter. The provided value for the input \
                     parameter 'scope' is not valid. The scope {scope} is not valid."
                ),
            ),
            TokenError::NotDefaultScope(scope) => (
                bad,
                "invalid_scope",
                1_002_012,
                format!(
                    "The provided value for scope {scope} is not valid. Client credential flows must have a scope \
                     value with /.default suffixed to the resource identifier (application ID URI)."
                ),
            ),
            TokenError::UnknownResource(resource) => (
                bad,
                "invalid_resource",
                500_011,
                format!("The resource principal named {resource} was not found in the tenant."),
            ),
            TokenError::UnknownAssertionType => (
                bad,
                "invalid_request",
                70_003,
                "The client_assertion_type must be urn:ietf:params:oauth:client-assertion-type:jwt-bearer.".to_owned(),
            ),
            TokenError::MalformedAssertion => {
                (bad, "invalid_request", 50_027, "JWT token is invalid or malformed.".to_owned())
            }
            TokenError::WrongSignature(client_id) => (
                unauthorized,
                "invalid_client",
                700_027,
                format!(
                    "The certificate with identifier used to sign the client assertion is not registered on application \
                     '{client_id}', or the signature does not match it."
                ),
            ),
            TokenError::AssertionOutsideItsTime => (
                unauthorized,
                "invalid_client",
                700_024,
                "Client assertion is not within its valid time range.".to_owned(),
            ),
            TokenError::AssertionOfAnother(client_id) => (
                unauthorized,
                "invalid_client",
                700_021,
                format!("Client assertion application identifier doesn't match 'client_id' parameter '{client_id}'."),
            ),
            TokenError::AssertionForAnother(audience) => (
                unauthorized,
                "invalid_client",
                700_023,
                format!("Client assertion audience claim '{audience}' does not match Realm issuer."),
            ),
            TokenError::RepeatedAssertion => {
                (unauthorized, "invalid_client", 50_013, "Assertion is invalid: its jti was used before.".to_owned())
            }
            TokenError::UntrustedIssuer(issuer) => (
                bad,
                "invalid_request",
                700_211,
                format!("No matching federated identity record found for presented assertion issuer '{issuer}'."),
            ),
            TokenError::UntrustedSubject(subject) => (
                bad,
                "invalid_request",
                700_213,
                format!("No matching federated identity record found for presented assertion subject '{subject}'."),
            ),
            TokenError::NoFederation => (
                bad,
                "invalid_request",
                70_021,
                "No matching federated identity record found for presented assertion.".to_owned(),
            ),
        }
    }

    pub(crate) fn reply(&self, world: &World) -> Reply {
        let (status, error, code, message) = self.parts();
        let (trace_id, correlation_id) = (world.ids.guid(), world.ids.guid());
        // `2026-11-24 03:00:00Z`: the first 19 characters of RFC 3339 with a blank for the T.
        let timestamp = world.clock.now_text().chars().take(19).collect::<String>().replace('T', " ") + "Z";
        let description = format!(
            "AADSTS{code}: {message} Trace ID: {trace_id} Correlation ID: {correlation_id} Timestamp: {timestamp}"
        );
        let body = json!({
            "error": error, "error_description": description, "error_codes": [code], "timestamp": timestamp,
            "trace_id": trace_id, "correlation_id": correlation_id,
            "error_uri": format!("{}error?code={code}", world.endpoints.https),
        });
        json(status, &body)
    }
}
