//! Entra ID: tokens for applications (client credentials), in the v2 and the older v1 form, discovery, and people who
//! sign in.
//!
//! Source: Microsoft: "Microsoft identity platform and the OAuth 2.0 client credentials flow".

mod assertion;
mod directory;
mod errors;
mod sign_in;

use hyper::{Method, StatusCode};
use serde_json::{Value, json};

pub use directory::Role;
pub(crate) use directory::{Audience, Directory, Refusal};
use errors::TokenError;
pub use sign_in::Forgery;
pub(crate) use sign_in::SignIns;

use crate::call::{Call, Reply, azure_error, json};
use crate::faults::Quirk;
use crate::world::World;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The two forms of the token endpoint.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    V1,
    V2,
}

/// Answers at `/{tenant}/oauth2/…`, `…/.well-known/openid-configuration` and `/common/discovery/instance`.
pub(crate) fn answer(world: &World, call: &Call, segments: &[&str], quirk: Option<Quirk>) -> Reply {
    let seconds = token_seconds(world, quirk);
    match (segments, call.method == Method::POST) {
        ([tenant, "oauth2", "v2.0", "token"], true) => token(world, call, tenant, Version::V2, seconds),
        ([tenant, "oauth2", "token"], true) => token(world, call, tenant, Version::V1, seconds),
        ([tenant, "v2.0", ".well-known", _] | [tenant, ".well-known", _], false) => discovery(world, tenant),
        ([_, "oauth2", "v2.0", "authorize"], false) => sign_in::authorize(world, call),
        ([_, "discovery", "v2.0", "keys"], false) => sign_in::keys(),
        (["common", "discovery", "instance"], false) => json(StatusCode::OK, &instances(world)),
        _ => azure_error(StatusCode::NOT_FOUND, "NotFound", "The authority has nothing at this address."),
    }
}

/// How long a token lives that is given out now.
pub(crate) fn token_seconds(world: &World, quirk: Option<Quirk>) -> i64 {
    match quirk {
        Some(Quirk::Life { seconds }) => seconds,
        _ => world.directory.token_seconds,
    }
}

fn token(world: &World, call: &Call, tenant: &str, version: Version, seconds: i64) -> Reply {
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&call.body).into_owned().collect();
    match issue(world, &form, tenant, version, seconds) {
        Ok(reply) => reply,
        Err(error) => error.reply(world),
    }
}

fn issue(
    world: &World,
    form: &[(String, String)],
    tenant: &str,
    version: Version,
    seconds: i64,
) -> Result<Reply, TokenError> {
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    if !tenant.eq_ignore_ascii_case(&world.endpoints.tenant_id) {
        return Err(TokenError::UnknownTenant(tenant.to_owned()));
    }
    if field("grant_type") == Some("authorization_code") && version == Version::V2 {
        return sign_in::redeem(world, form);
    }
    if field("grant_type") != Some("client_credentials") {
        return Err(TokenError::UnsupportedGrant);
    }
    let client_id = field("client_id").ok_or(TokenError::MissingField("client_id"))?;
    let resource = match version {
        Version::V1 => field("resource").ok_or(TokenError::MissingField("resource"))?,
        Version::V2 => resource(field("scope").ok_or(TokenError::MissingField("scope"))?)?,
    };
    let audience = Audience::of(resource).ok_or_else(|| TokenError::UnknownResource(resource.to_owned()))?;
    let directory = &world.directory;
    let principal = match (field("client_secret"), field("client_assertion")) {
        (Some(secret), _) => directory.sign_in(client_id, secret)?,
        (None, Some(_)) if field("client_assertion_type") != Some(ASSERTION_TYPE) => {
            return Err(TokenError::UnknownAssertionType);
        }
        (None, Some(assertion)) => {
            directory.sign_in_with_assertion(client_id, assertion, &audiences(world, tenant), world.clock.now_ms())?
        }
        (None, None) => return Err(TokenError::MissingField("client_secret")),
    };
    let access_token = directory.issue(principal, audience, resource, world.clock.now_ms(), seconds);
    Ok(json(
        StatusCode::OK,
        &match version {
            Version::V2 => json!({"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds,
            "access_token": access_token}),
            // The older form has its numbers as texts.
            Version::V1 => json!({"token_type": "Bearer", "expires_in": seconds.to_string(),
            "ext_expires_in": seconds.to_string(),
            "expires_on": (world.clock.now_ms() / 1_000 + seconds).to_string(),
            "not_before": (world.clock.now_ms() / 1_000).to_string(),
            "resource": resource, "access_token": access_token}),
        },
    ))
}

/// What an assertion may name as its audience: the documented address first, then those that clients are known to use.
fn audiences(world: &World, tenant: &str) -> Vec<String> {
    let root = format!("{}{tenant}", world.endpoints.https);
    ["/oauth2/v2.0/token", "/oauth2/token", "/v2.0", "/", ""].map(|end| format!("{root}{end}")).to_vec()
}

/// The resource of a v2 scope: exactly one, with `/.default` behind it.
fn resource(scope: &str) -> Result<&str, TokenError> {
    let mut scopes = scope.split_ascii_whitespace();
    let (Some(first), None) = (scopes.next(), scopes.next()) else {
        return Err(TokenError::MalformedScope(scope.to_owned()));
    };
    match first.strip_suffix("/.default") {
        Some("") => Err(TokenError::MalformedScope(scope.to_owned())),
        Some(resource) => Ok(resource),
        None => Err(TokenError::NotDefaultScope(scope.to_owned())),
    }
}

fn discovery(world: &World, tenant: &str) -> Reply {
    if !tenant.eq_ignore_ascii_case(&world.endpoints.tenant_id) {
        return TokenError::UnknownTenant(tenant.to_owned()).reply(world);
    }
    let root = format!("{}{tenant}", world.endpoints.https);
    let document = json!({
        "issuer": format!("{root}/v2.0"),
        "authorization_endpoint": format!("{root}/oauth2/v2.0/authorize"),
        "token_endpoint": format!("{root}/oauth2/v2.0/token"),
        "jwks_uri": format!("{root}/discovery/v2.0/keys"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "response_types_supported": ["code", "id_token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
    });
    json(StatusCode::OK, &document)
}

/// Names the emulator itself as an authority, for clients that ask for the list.
fn instances(world: &World) -> Value {
    let root = &world.endpoints.https;
    let tenant = &world.endpoints.tenant_id;
    let host = match (root.host_str(), root.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (host, _) => host.unwrap_or_default().to_owned(),
    };
    json!({
        "tenant_discovery_endpoint": format!("{root}{tenant}/v2.0/.well-known/openid-configuration"),
        "api-version": "1.1",
        "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
    })
}

/// The answer to a wrong client secret, for scripted faults.
pub(crate) fn wrong_secret(world: &World) -> Reply {
    TokenError::WrongSecret("00000000-0000-0000-0000-000000000000".to_owned()).reply(world)
}
