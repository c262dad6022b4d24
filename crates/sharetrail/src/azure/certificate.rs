//! An application's certificate with its private key, and the assertions that it signs.
//!
//! The SDK's own certificate credential needs OpenSSL, takes PKCS#12 only and signs RS256
//! ([0040](../../../../docs/decisions/0040-assertions-are-signed-here.md)); its client-assertion credential sends ours.
//!
//! Source: Microsoft, "Microsoft identity platform application authentication certificate credentials"; RFC 7518.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use p12_keystore::{KeyStore, KeyStoreEntry, Pkcs12ImportPolicy};
use ring::digest;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::{KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;

use crate::config::settings::SigningAlgorithm;
use crate::secret::Secret;

/// How long an assertion holds; it is made anew for each request.
const ASSERTION_SECONDS: i64 = 300;

/// A certificate and the private key that belongs to it.
pub(super) struct SigningCertificate {
    key: KeyPair,
    der: Vec<u8>,
    end: Timestamp,
}

/// Whom an assertion is about, and for whom it is.
pub(super) struct Claims<'a> {
    /// Address of the token endpoint.
    pub(super) audience: &'a str,
    /// Application id.
    pub(super) client_id: &'a str,
    /// When it is made.
    pub(super) now: Timestamp,
}

impl SigningCertificate {
    /// Reads PEM, or PKCS#12 in base64 as a vault hands it out.
    ///
    /// # Errors
    /// What is wrong with it, in words that quote nothing of it.
    pub(super) fn read(text: &Secret, password: Option<&Secret>) -> Result<Self, String> {
        let (key, certificates) = match text.expose().contains("-----BEGIN ") {
            true => from_pem(text.expose())?,
            false => from_pkcs12(text.expose(), password.map_or("", |password| password.expose()))?,
        };
        for der in certificates {
            let Ok((_, certificate)) = x509_parser::parse_x509_certificate(&der) else {
                return Err("one of its certificates is not X.509".to_owned());
            };
            // Beside ours there may be those of its issuers.
            if *certificate.public_key().subject_public_key.data == *key.public_key().as_ref() {
                let end =
                    Timestamp::from_second(certificate.validity().not_after.timestamp()).unwrap_or(Timestamp::MAX);
                return Ok(Self { key, der, end });
            }
        }
        Err("it holds no certificate that belongs to its private key; put both into it".to_owned())
    }

    /// When the certificate runs out.
    pub(super) fn end(&self) -> Timestamp {
        self.end
    }

    /// A signed assertion.
    ///
    /// # Errors
    /// When the machine gives no random numbers.
    pub(super) fn assertion(&self, claims: &Claims<'_>, algorithm: SigningAlgorithm) -> Result<Secret, String> {
        let thumbprint = |algorithm| URL_SAFE_NO_PAD.encode(digest::digest(algorithm, &self.der));
        let header = match algorithm {
            SigningAlgorithm::Ps256 => json!({"alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint(&digest::SHA256)}),
            SigningAlgorithm::Rs256 => {
                json!({"alg": "RS256", "typ": "JWT", "x5t": thumbprint(&digest::SHA1_FOR_LEGACY_USE_ONLY)})
            }
        };
        let now = claims.now.as_second();
        let body = json!({
            "aud": claims.audience, "iss": claims.client_id, "sub": claims.client_id, "jti": uuid::Uuid::new_v4().to_string(),
            "nbf": now, "iat": now, "exp": now + ASSERTION_SECONDS,
        });
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&body));
        let padding: &dyn ring::signature::RsaEncoding = match algorithm {
            SigningAlgorithm::Ps256 => &RSA_PSS_SHA256,
            SigningAlgorithm::Rs256 => &RSA_PKCS1_SHA256,
        };
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(padding, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .map_err(|_| "the machine gives no random numbers".to_owned())?;
        Ok(Secret::new(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }
}

fn from_pem(text: &str) -> Result<(KeyPair, Vec<Vec<u8>>), String> {
    if text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") || text.contains("Proc-Type: 4,ENCRYPTED") {
        return Err(
            "its private key is encrypted, which PEM is not read with; make a PKCS#12 file with a password of it \
                    (openssl pkcs12 -export), or store the key decrypted"
                .to_owned(),
        );
    }
    let key = PrivateKeyDer::from_pem_slice(text.as_bytes())
        .map_err(|_| "it holds no private key; put the key beside the certificate".to_owned())?;
    let key = match key {
        PrivateKeyDer::Pkcs1(key) => KeyPair::from_der(key.secret_pkcs1_der()),
        PrivateKeyDer::Pkcs8(key) => KeyPair::from_pkcs8(key.secret_pkcs8_der()),
        _ => return Err(unusable_key("WrongAlgorithm")),
    };
    let key = key.map_err(|rejected| unusable_key(&rejected.to_string()))?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    let certificates = certificates.map_err(|_| "one of its certificates is damaged".to_owned())?;
    Ok((key, certificates.iter().map(|certificate| certificate.to_vec()).collect()))
}

fn from_pkcs12(text: &str, password: &str) -> Result<(KeyPair, Vec<Vec<u8>>), String> {
    let packed: String = text.split_ascii_whitespace().collect();
    let bytes = STANDARD.decode(packed).map_err(|_| "it is neither PEM nor PKCS#12".to_owned())?;
    let store = KeyStore::from_pkcs12(&bytes, password, Pkcs12ImportPolicy::Relaxed).map_err(|error| match error {
        p12_keystore::error::Error::MacError(_) => "its password is wrong; check certificate_password".to_owned(),
        other => format!("it cannot be read as PKCS#12: {other}"),
    })?;
    let mut certificates = Vec::new();
    for (_, entry) in store.entries() {
        match entry {
            KeyStoreEntry::PrivateKeyChain(chain) => certificates.extend(chain.certs()),
            KeyStoreEntry::Certificate(certificate) => certificates.push(certificate),
            KeyStoreEntry::Secret(_) => {}
        }
    }
    let (_, chain) = store.private_key_chain().ok_or("it holds no private key; export it with its key".to_owned())?;
    let key = KeyPair::from_pkcs8(chain.key().as_der()).map_err(|rejected| unusable_key(&rejected.to_string()))?;
    Ok((key, certificates.iter().map(|certificate| certificate.as_der().to_vec()).collect()))
}

fn unusable_key(why: &str) -> String {
    format!("its private key cannot be used ({why}): Entra ID needs RSA, of 2048 to 4096 bits")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/certificates/");

    fn file(name: &str) -> Secret {
        let bytes = std::fs::read(format!("{FOLDER}{name}")).unwrap();
        Secret::new(String::from_utf8(bytes).unwrap_or_else(|error| STANDARD.encode(error.as_bytes())))
    }

    fn read(name: &str, password: Option<&str>) -> Result<SigningCertificate, String> {
        SigningCertificate::read(&file(name), password.map(Secret::new).as_ref())
    }

    #[test]
    fn every_form_in_which_a_certificate_is_kept_gives_the_same_one() {
        let expected = read("application.pem", None).unwrap();
        for (name, password) in [
            ("application-pkcs1.pem", None),
            ("with-issuer.pem", None),
            ("application.p12", Some("the password")),
            ("application-old.p12", Some("the password")),
            ("from-a-vault.p12", None),
        ] {
            let found = read(name, password).map_err(|why| format!("{name}: {why}")).unwrap();
            assert_eq!(found.der, expected.der, "{name}");
            assert_eq!(found.key.public().modulus_len(), 256);
        }
    }

    #[test]
    fn what_cannot_be_used_says_why_and_quotes_nothing() {
        let pem = file("application.pem");
        let only = |what: &str| {
            let from = pem.expose().find(&format!("-----BEGIN {what}")).unwrap();
            let to = pem.expose()[from..].find("-----END").unwrap() + from;
            let end = pem.expose()[to..].find('\n').unwrap() + to;
            Secret::new(&pem.expose()[from..=end])
        };
        let wrong = [
            (only("CERTIFICATE"), "no private key"),
            (only("PRIVATE KEY"), "no certificate that belongs"),
            (Secret::new("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"), "is encrypted"),
            (Secret::new("hunter2 hunter2!"), "neither PEM nor PKCS#12"),
            (Secret::new("aHVudGVyMg=="), "cannot be read as PKCS#12"),
            (file("elliptic.pem"), "Entra ID needs RSA"),
        ];
        for (text, words) in wrong {
            let why = SigningCertificate::read(&text, None).err().unwrap();
            assert!(why.contains(words) && !why.contains("hunter2"), "{words}: {why}");
        }
        for password in [None, Some("another")] {
            let why = read("application.p12", password).err().unwrap();
            assert!(why.contains("password is wrong") && !why.contains("another"), "{why}");
        }
    }

    #[test]
    fn each_assertion_names_the_certificate_and_is_another() {
        let certificate = read("application.pem", None).unwrap();
        let claims =
            Claims { audience: "https://a/t/oauth2/v2.0/token", client_id: "app-1", now: Timestamp::UNIX_EPOCH };
        let mut ids = Vec::new();
        for (algorithm, name, length) in [
            (SigningAlgorithm::Ps256, "x5t#S256", 43),
            (SigningAlgorithm::Rs256, "x5t", 27),
            (SigningAlgorithm::Ps256, "x5t#S256", 43),
        ] {
            let assertion = certificate.assertion(&claims, algorithm).unwrap();
            let parts: Vec<Vec<u8>> =
                assertion.expose().split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap()).collect();
            let header: serde_json::Value = serde_json::from_slice(&parts[0]).unwrap();
            let body: serde_json::Value = serde_json::from_slice(&parts[1]).unwrap();
            assert_eq!(header[name].as_str().unwrap().len(), length);
            assert_eq!((&body["iss"], &body["sub"], &body["exp"]), (&json!("app-1"), &json!("app-1"), &json!(300)));
            assert_eq!(parts[2].len(), 256);
            ids.push(body["jti"].clone());
        }
        ids.dedup();
        assert_eq!(ids.len(), 3);
    }
}
