//! Client assertions: JWTs that an application has signed with its certificate, or that an issuer has signed that the
//! application trusts.
//!
//! Source: Microsoft: "Microsoft identity platform application authentication certificate credentials", "Workload identity
//! federation". Clients in use differ from the page in alphabet, padding and kinds of numbers, and Entra ID takes them all.

use std::collections::{BTreeSet, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters, UnparsedPublicKey};
use ring::{digest, hmac};
use serde_json::{Value, json};

use crate::secret::Secret;
use crate::services::entra::errors::TokenError;

/// How far clocks may differ, in seconds.
const SKEW_SECONDS: f64 = 300.0;
/// Assertions that are remembered, to refuse one that comes again; past that, those that have run out are forgotten.
const SEEN_MAX: usize = 10_000;
/// Whom a foreign token must be for.
pub(crate) const FOREIGN_AUDIENCE: &str = "api://AzureADTokenExchange";

/// What the directory knows of proofs other than secrets; by client id in lower case.
#[derive(Default)]
pub(crate) struct Proofs {
    certificates: HashMap<String, Vec<Vec<u8>>>,
    subjects: HashMap<String, BTreeSet<String>>,
    /// Ids of assertions that were taken, with their ends.
    seen: HashMap<String, f64>,
}

/// What an assertion is checked against.
pub(crate) struct Expected<'a> {
    pub(crate) client_id: &'a str,
    /// Addresses that may be its audience.
    pub(crate) audiences: &'a [String],
    pub(crate) foreign: &'a ForeignIssuer,
    pub(crate) now_ms: i64,
}

impl Proofs {
    pub(crate) fn register_certificate(&mut self, client_id: &str, der: Vec<u8>) {
        self.certificates.entry(client_id.to_ascii_lowercase()).or_default().push(der);
    }

    pub(crate) fn trust_subject(&mut self, client_id: &str, subject: &str) {
        self.subjects.entry(client_id.to_ascii_lowercase()).or_default().insert(subject.to_owned());
    }

    /// Whether the assertion proves that it comes from the application.
    pub(crate) fn check(&mut self, text: &str, expected: &Expected<'_>) -> Result<(), TokenError> {
        let assertion = Assertion::parse(text).ok_or(TokenError::MalformedAssertion)?;
        let now = expected.now_ms as f64 / 1_000.0;
        let is_own = ["x5t#S256", "x5t"].iter().any(|name| assertion.header.get(name).is_some());
        match is_own {
            true => self.check_own(&assertion, expected)?,
            false => self.check_foreign(&assertion, expected)?,
        }
        let from = assertion.number("nbf").unwrap_or(now);
        let to = assertion.number("exp").ok_or(TokenError::MalformedAssertion)?;
        if now < from - SKEW_SECONDS || now >= to + SKEW_SECONDS {
            return Err(TokenError::AssertionOutsideItsTime);
        }
        // A foreign token may come again until it runs out; one of our own is made for one request.
        if is_own { self.take_once(&assertion, to, now) } else { Ok(()) }
    }

    fn check_own(&self, assertion: &Assertion, expected: &Expected<'_>) -> Result<(), TokenError> {
        let known =
            self.certificates.get(&expected.client_id.to_ascii_lowercase()).map(Vec::as_slice).unwrap_or_default();
        if !known.iter().any(|der| assertion.names(der) && assertion.is_signed_with(der)) {
            return Err(TokenError::WrongSignature(expected.client_id.to_owned()));
        }
        let is_own = |name| assertion.claim(name).is_some_and(|id| id.eq_ignore_ascii_case(expected.client_id));
        if !is_own("iss") || !is_own("sub") {
            return Err(TokenError::AssertionOfAnother(expected.client_id.to_owned()));
        }
        let audience = assertion.claim("aud").unwrap_or_default();
        match expected.audiences.iter().any(|known| known == audience) {
            true => Ok(()),
            false => Err(TokenError::AssertionForAnother(audience.to_owned())),
        }
    }

    fn check_foreign(&self, assertion: &Assertion, expected: &Expected<'_>) -> Result<(), TokenError> {
        let issuer = assertion.claim("iss").unwrap_or_default();
        if issuer != expected.foreign.name || !expected.foreign.has_signed(assertion) {
            return Err(TokenError::UntrustedIssuer(issuer.to_owned()));
        }
        let subject = assertion.claim("sub").unwrap_or_default();
        let trusted = self.subjects.get(&expected.client_id.to_ascii_lowercase());
        if !trusted.is_some_and(|trusted| trusted.contains(subject)) {
            return Err(TokenError::UntrustedSubject(subject.to_owned()));
        }
        match assertion.claim("aud") {
            Some(FOREIGN_AUDIENCE) => Ok(()),
            _ => Err(TokenError::NoFederation),
        }
    }

    fn take_once(&mut self, assertion: &Assertion, end: f64, now: f64) -> Result<(), TokenError> {
        let id = assertion.claim("jti").ok_or(TokenError::MalformedAssertion)?;
        if self.seen.len() >= SEEN_MAX {
            self.seen.retain(|_, end| *end + SKEW_SECONDS > now);
        }
        match self.seen.insert(id.to_owned(), end) {
            Some(_) => Err(TokenError::RepeatedAssertion),
            None => Ok(()),
        }
    }
}

/// A JWT, taken apart.
struct Assertion {
    header: Value,
    claims: Value,
    signed: Vec<u8>,
    signature: Vec<u8>,
}

impl Assertion {
    fn parse(text: &str) -> Option<Assertion> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let value = |part: &str| serde_json::from_slice(&decoded(part)?).ok();
        Some(Assertion {
            header: value(header)?,
            claims: value(claims)?,
            signed: signed.as_bytes().to_vec(),
            signature: decoded(signature)?,
        })
    }

    fn claim(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str()
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.claims.get(name)?.as_f64()
    }

    /// Whether the header names this certificate.
    fn names(&self, der: &[u8]) -> bool {
        let is = |name: &str, algorithm| {
            let named = self.header.get(name).and_then(Value::as_str).and_then(decoded);
            named.is_some_and(|named| named == digest::digest(algorithm, der).as_ref())
        };
        is("x5t#S256", &digest::SHA256) || is("x5t", &digest::SHA1_FOR_LEGACY_USE_ONLY)
    }

    fn is_signed_with(&self, der: &[u8]) -> bool {
        let algorithm: &RsaParameters = match self.header.get("alg").and_then(Value::as_str) {
            Some("PS256") => &RSA_PSS_2048_8192_SHA256,
            Some("RS256") => &RSA_PKCS1_2048_8192_SHA256,
            _ => return false,
        };
        let Ok((_, certificate)) = x509_parser::parse_x509_certificate(der) else { return false };
        let key = UnparsedPublicKey::new(algorithm, &certificate.public_key().subject_public_key.data);
        key.verify(&self.signed, &self.signature).is_ok()
    }
}

/// Whichever alphabet of base64, with or without padding.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=').replace('+', "-").replace('/', "_");
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Another issuer, such as a cluster, whose tokens applications may trust. Its signature is a shared secret's (HS256), as it
/// and the authority are one program here.
pub(crate) struct ForeignIssuer {
    name: String,
    key: hmac::Key,
}

impl ForeignIssuer {
    pub(crate) fn new(name: String, secret: &Secret) -> ForeignIssuer {
        ForeignIssuer { name, key: hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes()) }
    }

    /// A token for `subject` that may be exchanged, good for so many seconds.
    pub(crate) fn token(&self, subject: &str, now_ms: i64, seconds: i64) -> Secret {
        let now = now_ms / 1_000;
        let claims = json!({
            "iss": self.name, "sub": subject, "aud": FOREIGN_AUDIENCE, "iat": now, "nbf": now, "exp": now + seconds,
        });
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let signed = format!("{}.{}", part(r#"{"alg":"HS256","typ":"JWT"}"#), part(&claims.to_string()));
        let signature = URL_SAFE_NO_PAD.encode(hmac::sign(&self.key, signed.as_bytes()));
        Secret::new(format!("{signed}.{signature}"))
    }

    fn has_signed(&self, assertion: &Assertion) -> bool {
        hmac::verify(&self.key, &assertion.signed, &assertion.signature).is_ok()
    }
}
