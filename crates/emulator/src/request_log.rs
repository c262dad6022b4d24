//! The latest requests as they came, so that clients can be compared: names and forms, never a credential and never a
//! value out of a body.

use std::collections::{BTreeMap, VecDeque};
use std::io::Read;
use std::sync::Mutex;

use flate2::read::MultiGzDecoder;
use serde::Serialize;

use crate::call::Call;
use crate::faults::Route;
use crate::world::locked;

/// Requests that are remembered; past that the oldest is forgotten.
const REQUESTS_MAX: usize = 1_000;
/// A longer body is told by its first character alone: loads are measured, too.
const NAMED_BODY_BYTES_MAX: usize = 64 * 1_024;
/// Headers that carry a credential: of `Authorization` the scheme is told, of the others that they were there.
const CREDENTIALS: [&str; 4] = ["authorization", "proxy-authorization", "x-identity-header", "secret"];

/// The latest requests, oldest first.
#[derive(Debug, Default)]
pub(crate) struct RequestLog(Mutex<VecDeque<Logged>>);

/// One request.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Logged {
    service: Route,
    method: String,
    path: String,
    query: Vec<(String, String)>,
    headers: BTreeMap<String, String>,
    body: Form,
    /// What was answered; `null` if the connection broke in place of an answer.
    status: Option<u16>,
}

/// What a body is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Form {
    wire_bytes: usize,
    kind: Kind,
    /// Names of the fields of a form and of the members of a JSON object, in order.
    names: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    None,
    FormFields,
    JsonArray,
    JsonObject,
    Other,
}

impl RequestLog {
    /// Remembers a request and what it was answered.
    pub(crate) fn add(&self, service: Route, call: &Call, status: Option<u16>) {
        let logged = Logged {
            service,
            method: call.method.to_string(),
            path: call.path.clone(),
            query: call.query.clone(),
            headers: headers(call),
            body: form(call),
            status,
        };
        let mut log = locked(&self.0);
        if log.len() >= REQUESTS_MAX {
            log.pop_front();
        }
        log.push_back(logged);
    }

    /// All that are remembered.
    pub(crate) fn all(&self) -> Vec<Logged> {
        locked(&self.0).iter().cloned().collect()
    }

    /// Forgets all.
    pub(crate) fn clear(&self) {
        locked(&self.0).clear();
    }
}

fn headers(call: &Call) -> BTreeMap<String, String> {
    let shown = |name: &str, value: &[u8]| match String::from_utf8_lossy(value).split_once(' ') {
        _ if !CREDENTIALS.contains(&name) => String::from_utf8_lossy(value).into_owned(),
        Some((scheme, _)) if name == "authorization" => scheme.to_owned(),
        _ => "present".to_owned(),
    };
    call.headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), shown(name.as_str(), value.as_bytes())))
        .collect()
}

fn form(call: &Call) -> Form {
    let wire_bytes = call.body.len();
    if wire_bytes == 0 {
        return Form { wire_bytes, kind: Kind::None, names: Vec::new() };
    }
    let beginning = beginning(call);
    if call.content_type() == "application/x-www-form-urlencoded" {
        let names = url::form_urlencoded::parse(&beginning).map(|(name, _)| name.into_owned()).collect();
        return Form { wire_bytes, kind: Kind::FormFields, names };
    }
    let (kind, names) = match beginning.trim_ascii_start().first() {
        Some(b'[') => (Kind::JsonArray, Vec::new()),
        Some(b'{') => (Kind::JsonObject, member_names(&beginning)),
        _ => (Kind::Other, Vec::new()),
    };
    Form { wire_bytes, kind, names }
}

/// The first bytes of the body, unpacked; nothing of one that cannot be unpacked.
fn beginning(call: &Call) -> Vec<u8> {
    let mut bytes = Vec::new();
    let read = match call.header("content-encoding") {
        Some("gzip") => {
            MultiGzDecoder::new(call.body.as_ref()).take(NAMED_BODY_BYTES_MAX as u64).read_to_end(&mut bytes)
        }
        _ => call.body.as_ref().take(NAMED_BODY_BYTES_MAX as u64).read_to_end(&mut bytes),
    };
    read.map_or_else(|_| Vec::new(), |_| bytes)
}

fn member_names(text: &[u8]) -> Vec<String> {
    let object = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(text);
    object.map(|object| object.into_iter().map(|(name, _)| name).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(headers: &[(&'static str, &'static str)], body: &'static str) -> Call {
        let mut call = Call::to("/x");
        for (name, value) in headers {
            call.headers.insert(*name, value.parse().unwrap());
        }
        call.body = body.into();
        call
    }

    #[test]
    fn a_request_is_told_by_names_and_forms_without_its_secrets() {
        let log = RequestLog::default();
        let form = ("content-type", "application/x-www-form-urlencoded");
        let cases = [
            (
                call(&[form], "client_id=me&client_secret=hidden+words"),
                Kind::FormFields,
                vec!["client_id", "client_secret"],
            ),
            (
                call(&[("authorization", "Bearer hidden-words")], r#"{"query":"hidden"}"#),
                Kind::JsonObject,
                vec!["query"],
            ),
            (call(&[("x-identity-header", "hidden-words")], r#"[{"a":"hidden"}]"#), Kind::JsonArray, vec![]),
            (call(&[("authorization", "hidden-words")], "hidden"), Kind::Other, vec![]),
            (call(&[("content-encoding", "gzip")], "hidden, and no gzip"), Kind::Other, vec![]),
            (call(&[], ""), Kind::None, vec![]),
        ];
        for (call, kind, names) in &cases {
            log.add(Route::Token, call, Some(200));
            let last = log.all().pop().unwrap();
            assert_eq!((&last.body.kind, &last.body.names.iter().map(String::as_str).collect()), (kind, names));
        }
        let text = serde_json::to_string(&log.all()).unwrap();
        assert!(text.contains(r#""authorization":"Bearer""#) && text.contains(r#""x-identity-header":"present""#));
        assert!(!text.contains("hidden"), "{text}");
    }

    #[test]
    fn the_oldest_request_is_forgotten_first() {
        let log = RequestLog::default();
        for number in 0..=REQUESTS_MAX {
            log.add(Route::Vault, &Call::to(&format!("/{number}")), None);
        }
        let all = log.all();
        assert_eq!((all.len(), all[0].path.as_str()), (REQUESTS_MAX, "/1"));
        log.clear();
        assert!(log.all().is_empty());
    }
}
