//! How an application may prove itself beside its secret: the pages that make the emulator take a certificate or a foreign
//! token, and the one that gives such a token out.

use hyper::StatusCode;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde::Deserialize;
use serde_json::json;

use super::bad;
use crate::call::{Call, Reply, empty, json};
use crate::world::World;

/// The longest life of a foreign token, in seconds; a cluster's live for an hour.
const FOREIGN_TOKEN_SECONDS_MAX: u32 = 86_400;

/// `{"client_id":"…","pem":"-----BEGIN CERTIFICATE-----…"}`: from now on the application may sign with this certificate's
/// key. Of several certificates in the text it is the first, as with a chain; a private key beside it is not looked at.
pub(super) fn certificate(world: &World, call: &Call) -> Reply {
    #[derive(Deserialize)]
    struct Wanted {
        client_id: String,
        pem: String,
    }
    let wanted: Wanted = match serde_json::from_slice(&call.body) {
        Ok(wanted) => wanted,
        Err(error) => return bad(&format!("the body must be an object with client_id and pem: {error}")),
    };
    match CertificateDer::from_pem_slice(wanted.pem.as_bytes()) {
        Ok(der) => {
            world.directory.register_certificate(&wanted.client_id, der.to_vec());
            empty(StatusCode::NO_CONTENT)
        }
        Err(error) => bad(&format!("`pem` holds no certificate: {error}")),
    }
}

/// `{"client_id":"…","subject":"system:serviceaccount:…"}`: from now on a foreign token for the subject is proof enough.
pub(super) fn subject(world: &World, call: &Call) -> Reply {
    #[derive(Deserialize)]
    struct Wanted {
        client_id: String,
        subject: String,
    }
    match serde_json::from_slice::<Wanted>(&call.body) {
        Ok(wanted) => {
            world.directory.trust_subject(&wanted.client_id, &wanted.subject);
            empty(StatusCode::NO_CONTENT)
        }
        Err(error) => bad(&format!("the body must be an object with client_id and subject: {error}")),
    }
}

/// `{"subject":"…","seconds":3600}`: a token as a cluster would write it into `AZURE_FEDERATED_TOKEN_FILE`.
pub(super) fn foreign_token(world: &World, call: &Call) -> Reply {
    #[derive(Deserialize)]
    struct Wanted {
        subject: String,
        #[serde(default = "an_hour")]
        seconds: u32,
    }
    match serde_json::from_slice::<Wanted>(&call.body) {
        Ok(wanted) if wanted.seconds > FOREIGN_TOKEN_SECONDS_MAX => {
            bad(&format!("`seconds` may be at most {FOREIGN_TOKEN_SECONDS_MAX}"))
        }
        Ok(wanted) => {
            let token = world.directory.foreign.token(&wanted.subject, world.clock.now_ms(), i64::from(wanted.seconds));
            json(StatusCode::OK, &json!({"token": token.expose()}))
        }
        Err(error) => bad(&format!("the body must be an object with subject and seconds: {error}")),
    }
}

fn an_hour() -> u32 {
    3_600
}
