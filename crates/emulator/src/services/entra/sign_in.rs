//! Signing people in: OpenID Connect by the authorization code flow, with PKCE. There is nobody to type a password:
//! whoever comes is the same [`SignedIn`] person.
//!
//! Source: Microsoft: "Microsoft identity platform and OAuth 2.0 authorization code flow", "ID token claims reference".

use std::collections::HashMap;
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hyper::StatusCode;
use ring::digest;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

use super::errors::TokenError;
use crate::call::{Call, Reply, azure_error, empty, json, with_header};
use crate::endpoints::SignedIn;
use crate::world::{World, locked};

/// The emulator's keys are public, as it vouches for nobody.
const SIGNING_KEY: &str = include_str!("signing-key.b64");
/// Of somebody who is not the emulator.
const STRANGERS_KEY: &str = include_str!("stranger-key.b64");
const KEY_ID: &str = "emulator-signing-key";
/// Codes that are remembered.
const CODES_MAX: usize = 1_000;
/// How long an id token is good.
const TOKEN_SECONDS: i64 = 3_600;

/// What is wrong with the id tokens that are given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forgery {
    /// Signed by somebody else under the emulator's key id.
    WrongKey,
    /// Not signed, and says so.
    NoSignature,
    /// Signed with the public key as if it were a shared secret.
    SharedSecret,
    /// For another application.
    WrongAudience,
    /// By another directory.
    WrongIssuer,
    /// Of a person of another directory.
    WrongTenant,
    /// Of another sign-in.
    WrongNonce,
    /// Expired an hour ago.
    Expired,
}

/// Codes that were given out.
#[derive(Default)]
pub(crate) struct SignIns {
    codes: Mutex<HashMap<String, Code>>,
    pub(crate) forgery: Mutex<Option<Forgery>>,
}

struct Code {
    client_id: String,
    redirect_uri: String,
    challenge: String,
    nonce: Option<String>,
}

/// `GET …/oauth2/v2.0/authorize`: sends the browser back with a code.
pub(super) fn authorize(world: &World, call: &Call) -> Reply {
    let (Some(client_id), Some(redirect_uri)) = (call.parameter("client_id"), call.parameter("redirect_uri")) else {
        return azure_error(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "AADSTS900144: client_id and redirect_uri are needed.",
        );
    };
    let asks_rightly = call.parameter("response_type") == Some("code")
        && call.parameter("code_challenge_method") == Some("S256")
        && call.parameter("scope").is_some_and(|scope| scope.split(' ').any(|scope| scope == "openid"));
    let (Some(challenge), true) = (call.parameter("code_challenge"), asks_rightly) else {
        return azure_error(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "AADSTS9002325: a code, openid and PKCE by S256 are needed.",
        );
    };
    if client_id != world.endpoints.installation.client_id {
        return TokenError::UnknownApplication(client_id.to_owned()).reply(world);
    }
    let Ok(mut back) = url::Url::parse(redirect_uri) else {
        return azure_error(StatusCode::BAD_REQUEST, "invalid_request", "AADSTS50011: the redirect URI is no address.");
    };
    let code = world.ids.guid();
    let mut codes = locked(&world.sign_ins.codes);
    if codes.len() >= CODES_MAX {
        codes.clear();
    }
    let kept = Code {
        client_id: client_id.to_owned(),
        redirect_uri: redirect_uri.to_owned(),
        challenge: challenge.to_owned(),
        nonce: call.parameter("nonce").map(str::to_owned),
    };
    codes.insert(code.clone(), kept);
    back.query_pairs_mut().append_pair("code", &code);
    if let Some(state) = call.parameter("state") {
        back.query_pairs_mut().append_pair("state", state);
    }
    with_header(empty(StatusCode::FOUND), "location", back.as_str())
}

/// A code, once, for an id token.
pub(super) fn redeem(world: &World, form: &[(String, String)]) -> Result<Reply, TokenError> {
    let field = |name: &'static str| {
        let value = form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        value.ok_or(TokenError::MissingField(name))
    };
    let client_id = field("client_id")?;
    world.directory.sign_in(client_id, field("client_secret")?)?;
    let code = locked(&world.sign_ins.codes).remove(field("code")?).ok_or(TokenError::WrongCode)?;
    let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, field("code_verifier")?.as_bytes()));
    if code.client_id != client_id || code.redirect_uri != field("redirect_uri")? || code.challenge != challenge {
        return Err(TokenError::WrongCode);
    }
    let token = id_token(world, &code).ok_or(TokenError::WrongCode)?;
    let answer = json!({"token_type": "Bearer", "expires_in": TOKEN_SECONDS, "scope": "openid profile",
        "access_token": world.ids.guid(), "id_token": token});
    Ok(json(StatusCode::OK, &answer))
}

/// `GET …/discovery/v2.0/keys`
pub(super) fn keys() -> Reply {
    let Some(pair) = key_pair(SIGNING_KEY) else {
        return azure_error(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "The emulator's key cannot be read.");
    };
    let PublicKeyComponents { n, e } = PublicKeyComponents::<Vec<u8>>::from(pair.public());
    let key = json!({"kty": "RSA", "use": "sig", "kid": KEY_ID, "n": URL_SAFE_NO_PAD.encode(n), "e": URL_SAFE_NO_PAD.encode(e)});
    json(StatusCode::OK, &json!({"keys": [key]}))
}

fn id_token(world: &World, code: &Code) -> Option<String> {
    let forgery = *locked(&world.sign_ins.forgery);
    let SignedIn { object_id, user_name, groups } = &world.endpoints.signed_in;
    let (tenant, issued) = (&world.endpoints.tenant_id, world.clock.now_ms() / 1_000);
    let mut claims = json!({
        "aud": code.client_id, "iss": format!("{}{tenant}/v2.0", world.endpoints.https), "iat": issued, "nbf": issued,
        "exp": issued + TOKEN_SECONDS, "nonce": code.nonce, "tid": tenant, "oid": object_id, "sub": object_id,
        "preferred_username": user_name, "name": user_name, "groups": groups, "ver": "2.0",
    });
    let other = "00000000-0000-4000-8000-000000000000";
    match forgery {
        Some(Forgery::WrongAudience) => claims["aud"] = other.into(),
        Some(Forgery::WrongIssuer) => claims["iss"] = format!("{}{other}/v2.0", world.endpoints.https).into(),
        Some(Forgery::WrongTenant) => claims["tid"] = other.into(),
        Some(Forgery::WrongNonce) => claims["nonce"] = "of another sign-in".into(),
        Some(Forgery::Expired) => claims["exp"] = (issued - 3_600).into(),
        _ => {}
    }
    let algorithm = match forgery {
        Some(Forgery::NoSignature) => "none",
        Some(Forgery::SharedSecret) => "HS256",
        _ => "RS256",
    };
    let header = json!({"typ": "JWT", "alg": algorithm, "kid": KEY_ID});
    let text = format!("{}.{}", part(&header), part(&claims));
    let signature = match forgery {
        Some(Forgery::NoSignature) => String::new(),
        Some(Forgery::SharedSecret) => {
            let public = PublicKeyComponents::<Vec<u8>>::from(key_pair(SIGNING_KEY)?.public()).n;
            let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &public);
            URL_SAFE_NO_PAD.encode(ring::hmac::sign(&key, text.as_bytes()))
        }
        Some(Forgery::WrongKey) => signed(&text, STRANGERS_KEY)?,
        _ => signed(&text, SIGNING_KEY)?,
    };
    Some(format!("{text}.{signature}"))
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn signed(text: &str, key: &str) -> Option<String> {
    let pair = key_pair(key)?;
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).ok()?;
    Some(URL_SAFE_NO_PAD.encode(signature))
}

fn key_pair(base64: &str) -> Option<RsaKeyPair> {
    RsaKeyPair::from_pkcs8(&STANDARD.decode(base64.trim()).ok()?).ok()
}
