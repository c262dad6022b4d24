//! A request as we build it, free of the transport's types.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use url::Url;

use super::host_and_port;
use crate::secret::Secret;

/// A request; cheap to clone, so that it can be sent again.
#[derive(Clone)]
pub struct Request {
    pub(super) method: reqwest::Method,
    pub(super) url: Url,
    pub(super) headers: Vec<(Cow<'static, str>, Value)>,
    pub(super) body: Option<Bytes>,
    pub(super) platform: bool,
    /// Whoever knows the path may send there, so that it is not said.
    pub(super) is_secret_address: bool,
}

/// A header's value.
#[derive(Clone)]
pub(super) enum Value {
    Plain(String),
    Hidden(Secret),
}

impl Request {
    pub(crate) fn new(method: reqwest::Method, url: Url) -> Self {
        Self { method, url, headers: Vec::new(), body: None, platform: false, is_secret_address: false }
    }

    /// A GET.
    pub fn get(url: Url) -> Self {
        Self::new(reqwest::Method::GET, url)
    }

    /// A POST of JSON text.
    pub fn post_json(url: Url, body: impl Into<Bytes>) -> Self {
        Self::new(reqwest::Method::POST, url).header("content-type", "application/json").body(body)
    }

    /// A POST without a body.
    pub fn post_empty(url: Url) -> Self {
        // Said in so many words, because some gateways answer 411 to a POST without a length.
        Self::new(reqwest::Method::POST, url).header("content-length", "0").body(Bytes::new())
    }

    /// Adds a header; `name` in lower case.
    #[must_use]
    pub fn header(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), Value::Plain(value.into())));
        self
    }

    /// Adds a header whose value must not be seen.
    #[must_use]
    pub fn secret_header(mut self, name: impl Into<Cow<'static, str>>, value: Secret) -> Self {
        self.headers.push((name.into(), Value::Hidden(value)));
        self
    }

    /// `Authorization: Bearer …`
    #[must_use]
    pub fn bearer(self, token: &Secret) -> Self {
        self.authorization("Bearer", token)
    }

    /// `Authorization: {scheme} …`
    #[must_use]
    pub fn authorization(self, scheme: &str, token: &Secret) -> Self {
        self.secret_header("authorization", Secret::new(format!("{scheme} {}", token.expose())))
    }

    #[must_use]
    pub(crate) fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// The platform's own identity service gives its address itself, in plain http and never through a proxy.
    #[must_use]
    pub(crate) fn for_platform(mut self) -> Self {
        self.platform = true;
        self
    }

    /// Whoever knows the address may send to it: logs do not say its path.
    #[must_use]
    pub(crate) fn at_secret_address(mut self) -> Self {
        self.is_secret_address = true;
        self
    }

    /// The path, for logs.
    pub(super) fn shown_path(&self) -> &str {
        if self.is_secret_address { "(not shown)" } else { self.url.path() }
    }

    /// What a signature is made over: method and address.
    pub(crate) fn method(&self) -> &str {
        self.method.as_str()
    }

    /// See [`method`](Self::method).
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// The headers whose values may be seen.
    pub(crate) fn plain_headers(&self) -> Vec<(String, String)> {
        let plain = self.headers.iter().filter_map(|(name, value)| match value {
            Value::Plain(text) => Some((name.to_string(), text.clone())),
            Value::Hidden(_) => None,
        });
        plain.collect()
    }

    /// How messages name the service.
    pub(super) fn host(&self) -> String {
        host_and_port(&self.url)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_ref()).collect();
        formatter
            .debug_struct("Request")
            .field("method", &self.method.as_str())
            .field("host", &self.host())
            .field("path", &self.shown_path())
            .field("headers", &names)
            .field("body_bytes", &self.body.as_ref().map_or(0, Bytes::len))
            .finish()
    }
}
