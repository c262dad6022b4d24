//! Whether an id token is to be believed, and of whom it speaks. Pure: keys and time come in.
//!
//! Only RS256 is taken, whatever a token's header says, since Entra ID signs with nothing else
//! ([0046](../../../../../docs/decisions/0046-one-signature-is-checked-here.md)).
//! Sources: Microsoft, "ID token claims reference", "Claims validation"; OpenID Connect Core 1.0, 3.1.3.7.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde::Deserialize;
use serde_json::Value;

use super::visitor::Visitor;

/// How far apart our clock and that of Entra ID may be.
const SKEW_SECONDS: i64 = 120;
/// Groups that are read of a token.
const GROUPS_MAX: usize = 1_000;

/// A key of the authority, as it publishes them.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Key {
    kty: String,
    kid: Option<String>,
    /// Modulus and exponent, base64url.
    n: Option<String>,
    e: Option<String>,
}

/// What a token must say.
#[derive(Debug)]
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) tenant_id: &'a str,
    /// That of the sign-in which it answers.
    pub(super) nonce: &'a str,
    /// Seconds since 1970.
    pub(super) now: i64,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    exp: i64,
    nbf: Option<i64>,
    nonce: Option<String>,
    tid: Option<String>,
    oid: Option<String>,
    name: Option<String>,
    preferred_username: Option<String>,
    #[serde(default)]
    groups: Vec<String>,
    /// Names the claims that found no room.
    #[serde(rename = "_claim_names")]
    elsewhere: Option<Value>,
}

/// Of whom `token` speaks, if it is to be believed.
///
/// # Errors
/// Why not, in words that end a sentence beginning with "the id token".
pub(super) fn read(token: &str, keys: &[Key], expected: &Expected<'_>) -> Result<Visitor, &'static str> {
    const MALFORMED: &str = "is no token";
    let (signed, signature) = token.rsplit_once('.').ok_or(MALFORMED)?;
    let (header, claims) = signed.split_once('.').ok_or(MALFORMED)?;
    let decoded = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| MALFORMED);
    let header: Header = serde_json::from_slice(&decoded(header)?).map_err(|_| MALFORMED)?;
    if header.alg != "RS256" {
        return Err("is not signed in the way of Entra ID");
    }
    let key = keys.iter().find(|key| key.kty == "RSA" && key.kid.is_some() && key.kid == header.kid);
    let key = key.ok_or("names a key that Entra ID does not have")?;
    let number = |text: &Option<String>| decoded(text.as_deref().unwrap_or_default());
    RsaPublicKeyComponents { n: number(&key.n)?, e: number(&key.e)? }
        .verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &decoded(signature)?)
        .map_err(|_| "is not signed by Entra ID")?;
    // From here on it is Entra ID that speaks; whether to us, of our people, and now, is what the claims tell.
    let claims: Claims = serde_json::from_slice(&decoded(claims)?).map_err(|_| MALFORMED)?;
    if claims.iss != expected.issuer {
        return Err("is of another directory");
    }
    if claims.aud != expected.client_id {
        return Err("is for another application");
    }
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return Err("is of another sign-in");
    }
    if claims.exp.saturating_add(SKEW_SECONDS) <= expected.now {
        return Err("has expired; if it happens again, correct this machine's clock");
    }
    if claims.nbf.is_some_and(|begin| begin.saturating_sub(SKEW_SECONDS) > expected.now) {
        return Err("is not valid yet; correct this machine's clock");
    }
    let tenant_id = claims.tid.filter(|tenant| tenant.eq_ignore_ascii_case(expected.tenant_id));
    let name = claims.preferred_username.or(claims.name);
    let object_id = claims.oid.ok_or("does not say of whom it is")?;
    Ok(Visitor {
        tenant_id: tenant_id.ok_or("is of a person of another directory")?,
        name: name.unwrap_or_else(|| object_id.clone()),
        object_id,
        groups: claims.groups.into_iter().take(GROUPS_MAX).collect(),
        has_more_groups: claims.elsewhere.is_some_and(|names| names.get("groups").is_some()),
    })
}
