//! Key Vault: reading secrets, with the authentication challenge.
//!
//! Sources: Microsoft: "Get Secret - REST API (Azure Key Vault)", "Authentication, requests and responses",
//! "Azure Key Vault REST API error codes".

use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use crate::call::{Call, Reply, json, with_header};
use crate::ids::hex32;
use crate::services::entra::{Audience, Refusal, Role};
use crate::world::World;

/// A secret that exists and is switched off.
const DISABLED: &str = "disabled-secret";
/// A secret past its date; the service serves it all the same.
const EXPIRED: &str = "expired-secret";

/// Answers at `/secrets/{name}` and `/secrets/{name}/{version}`, with or without a final slash.
pub(crate) fn answer(world: &World, call: &Call, segments: &[&str]) -> Reply {
    match world.directory.check(call, Audience::Vault, Some(Role::KeyVaultSecretsUser), world.clock.now_ms()) {
        Ok(_) => {}
        Err(Refusal::Missing) => return challenge(world, "AKV10000: Request is missing a Bearer or PoP token."),
        Err(Refusal::Unknown) => return challenge(world, "AKV10032: Invalid issuer or unknown token."),
        Err(Refusal::Expired) => {
            return challenge(world, "[TokenExpired] Error validating token: its lifetime has ended.");
        }
        Err(Refusal::WrongAudience) => {
            return challenge(world, "AKV10022: Invalid audience. Expected https://vault.azure.net.");
        }
        Err(Refusal::NoRole(_)) => return forbidden(),
    }
    if call.method != Method::GET {
        return error(StatusCode::METHOD_NOT_ALLOWED, "BadParameter", "Only reading is emulated here.", None);
    }
    if call.parameter("api-version").is_none_or(str::is_empty) {
        return error(StatusCode::BAD_REQUEST, "BadParameter", "api-version must be specified", None);
    }
    match segments {
        [_, name, "versions"] => versions(world, name),
        [_, name] => secret(world, name, None),
        [_, name, version] => secret(world, name, Some(version)),
        _ => error(StatusCode::BAD_REQUEST, "BadParameter", "The request URI names no secret.", None),
    }
}

/// 401 with the challenge that tells a client where to get which token.
pub(crate) fn challenge(world: &World, message: &str) -> Reply {
    let (root, tenant) = (&world.endpoints.https, &world.endpoints.tenant_id);
    let header = format!(r#"Bearer authorization="{root}{tenant}", resource="https://vault.azure.net""#);
    let reply = error(StatusCode::UNAUTHORIZED, "Unauthorized", message, None);
    with_header(reply, "www-authenticate", &header)
}

/// 403 for want of the role.
pub(crate) fn forbidden() -> Reply {
    let message = "Caller is not authorized to perform action on resource. Action: \
                   'Microsoft.KeyVault/vaults/secrets/getSecret/action'.";
    error(StatusCode::FORBIDDEN, "Forbidden", message, Some("ForbiddenByRbac"))
}

fn secret(world: &World, name: &str, version: Option<&str>) -> Reply {
    let Some(value) = value(world, name) else { return not_found(name) };
    if version.is_some_and(|version| version != current(name)) {
        return not_found(name);
    }
    if name == DISABLED {
        let message = format!("Operation get is not allowed on a disabled secret '{name}'.");
        return error(StatusCode::FORBIDDEN, "Forbidden", &message, Some("SecretDisabled"));
    }
    let mut document = properties(world, name);
    document["value"] = json!(value);
    document["contentType"] = json!("text/plain");
    json(StatusCode::OK, &document)
}

fn versions(world: &World, name: &str) -> Reply {
    match value(world, name) {
        Some(_) => json(StatusCode::OK, &json!({"value": [properties(world, name)], "nextLink": null})),
        None => not_found(name),
    }
}

fn value(world: &World, name: &str) -> Option<String> {
    match name {
        DISABLED | EXPIRED => Some("no use to anybody".to_owned()),
        _ => world.secret(name).map(|secret| secret.expose().to_owned()),
    }
}

fn properties(world: &World, name: &str) -> Value {
    let id = format!("{}secrets/{name}/{}", world.endpoints.vault_url, current(name));
    let made = 1_700_000_000;
    let mut attributes = json!({"enabled": name != DISABLED, "created": made, "updated": made,
        "recoveryLevel": "Recoverable+Purgeable", "recoverableDays": 90});
    if name == EXPIRED {
        attributes["exp"] = json!(made + 86_400);
    }
    json!({"id": id, "attributes": attributes, "tags": {}})
}

/// The version that a secret has; it follows from the name.
fn current(name: &str) -> String {
    hex32("secret version", name)
}

fn not_found(name: &str) -> Reply {
    let message = format!("A secret with (name/id) {name} was not found in this key vault.");
    error(StatusCode::NOT_FOUND, "SecretNotFound", &message, None)
}

fn error(status: StatusCode, code: &str, message: &str, inner: Option<&str>) -> Reply {
    let mut body = json!({"error": {"code": code, "message": message}});
    if let Some(inner) = inner {
        body["error"]["innererror"] = json!({"code": inner});
    }
    json(status, &body)
}
