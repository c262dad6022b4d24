//! One request as the services see it, and the forms of an answer. No sockets here.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Method, Response, StatusCode};
use serde_json::Value;

use crate::body::Body;

/// A request, read to its end.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    /// Path as sent, percent-decoding not applied (no emulated path needs it).
    pub(crate) path: String,
    /// Query parameters, decoded, in order.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Call {
    /// A call without anything but a path.
    #[cfg(test)]
    pub(crate) fn to(path: &str) -> Call {
        let (query, headers, body) = (Vec::new(), HeaderMap::new(), Bytes::new());
        Call { method: Method::GET, path: path.to_owned(), query, headers, body }
    }

    /// The path's parts; a final slash and doubled slashes make no difference.
    pub(crate) fn segments(&self) -> Vec<&str> {
        self.path.split('/').filter(|segment| !segment.is_empty()).collect()
    }

    /// A header's text; `None` if it is absent or not ASCII.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A query parameter, its name compared without case as ASP.NET services do.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The credential of `Authorization: <scheme> <credential>`.
    pub(crate) fn credential(&self, scheme: &str) -> Option<&str> {
        let (sent, credential) = self.header("authorization")?.trim().split_once(' ')?;
        sent.eq_ignore_ascii_case(scheme).then_some(credential.trim())
    }

    /// `Content-Type` without parameters, lower case; empty if absent.
    pub(crate) fn content_type(&self) -> String {
        let text = self.header("content-type").unwrap_or_default();
        text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }
}

/// An answer.
pub(crate) type Reply = Response<Body>;

/// An answer without a body.
pub(crate) fn empty(status: StatusCode) -> Reply {
    body(status, None, Bytes::new())
}

/// An answer in JSON.
pub(crate) fn json(status: StatusCode, value: &Value) -> Reply {
    json_text(status, value.to_string())
}

/// An answer in JSON that has been written already.
pub(crate) fn json_text(status: StatusCode, text: impl Into<Bytes>) -> Reply {
    body(status, Some("application/json; charset=utf-8"), text.into())
}

/// An answer in some other type of text.
pub(crate) fn text(status: StatusCode, content_type: &'static str, text: impl Into<Bytes>) -> Reply {
    body(status, Some(content_type), text.into())
}

/// Adds a header. A value that HTTP cannot carry is left out; all that is passed here is ASCII of our own making.
pub(crate) fn with_header(mut reply: Reply, name: &'static str, value: &str) -> Reply {
    if let Ok(value) = HeaderValue::from_str(value) {
        reply.headers_mut().insert(name, value);
    }
    reply
}

/// The error form of Azure services: `{"error":{"code":…,"message":…}}`, the code once more in `x-ms-error-code`.
pub(crate) fn azure_error(status: StatusCode, code: &str, message: &str) -> Reply {
    let reply = json(status, &serde_json::json!({"error": {"code": code, "message": message}}));
    with_header(reply, "x-ms-error-code", code)
}

/// A JSON answer that is made while it is sent.
pub(crate) fn json_parts(status: StatusCode, parts: impl Iterator<Item = Bytes> + Send + 'static) -> Reply {
    let mut reply = json_text(status, Bytes::new());
    *reply.body_mut() = Body::Parts(Box::new(parts));
    reply
}

fn body(status: StatusCode, content_type: Option<&'static str>, bytes: Bytes) -> Reply {
    let mut reply = Response::new(Body::Whole(Full::new(bytes)));
    *reply.status_mut() = status;
    if let Some(content_type) = content_type {
        reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    reply
}
