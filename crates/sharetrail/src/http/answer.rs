//! A whole answer, and how it is read: status and kind of content first, JSON after.

use bytes::Bytes;
use reqwest::header::HeaderMap;
use serde::Deserialize;

use super::{Failure, Next, refusal};
use jiff::Timestamp;

/// An answer with its whole body, which is within `response_bytes_max`.
#[derive(Debug, Clone)]
pub struct Answer {
    pub(super) host: String,
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) arrived: Timestamp,
}

impl Answer {
    /// An answer as a test would have it.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn of(status: u16, body: impl Into<Bytes>) -> Self {
        let (headers, arrived) = (HeaderMap::new(), Timestamp::UNIX_EPOCH);
        Self { host: "service.example".to_owned(), status, headers, body: body.into(), arrived }
    }

    /// HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// A header's value, if present and text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// All headers that are text.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
    }

    /// When the service answered, on its own clock (the header `Date`).
    pub fn date(&self) -> Option<Timestamp> {
        Timestamp::try_from(httpdate::parse_http_date(self.header("date")?).ok()?).ok()
    }

    /// The body.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Whether the status says yes.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The answer if its status is 2xx, else the failure that it means.
    ///
    /// # Errors
    /// The failure, judged by status, headers and body.
    pub fn accepted(self) -> Result<Self, Failure> {
        if self.is_success() { Ok(self) } else { Err(self.failure()) }
    }

    /// What an answer that is not 2xx means.
    pub(crate) fn failure(&self) -> Failure {
        refusal::judge(&self.host, self.status, |name| self.header(name), &self.body, self.arrived)
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// `Stop` when it is a web page or no such JSON, `Retry` when it ends in the middle.
    pub fn json<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Failure> {
        self.json_of(&self.body)
    }

    /// As [`json`](Self::json), out of `body`: the answer's own, made readable.
    ///
    /// # Errors
    /// As `json`.
    pub(crate) fn json_of<'a, T: Deserialize<'a>>(&self, body: &'a [u8]) -> Result<T, Failure> {
        self.refuse_web_page()?;
        serde_json::from_slice(body).map_err(|error| {
            let host = &self.host;
            let (next, why) = if error.is_eof() {
                let why =
                    format!("the answer of {host} ends in the middle ({} bytes came); try again", self.body.len());
                (Next::Retry { after: None, throttled: false }, why)
            } else {
                let why = format!(
                    "the answer of {host} is not the JSON that was expected ({error}); check that the address in the \
                     configuration is that of the service's API"
                );
                (Next::Stop, why)
            };
            Failure { status: Some(self.status), ..Failure::new(next, why) }
        })
    }

    /// Refuses a web page where data should be.
    ///
    /// # Errors
    /// `Stop`, with the page's title.
    pub(crate) fn refuse_web_page(&self) -> Result<(), Failure> {
        match refusal::web_page(self.header("content-type"), &self.body) {
            None => Ok(()),
            Some(title) => Err(Failure {
                status: Some(self.status),
                ..Failure::stop(format!(
                    "{} answered with a web page{title} in place of data: this is the address of a site for people, or \
                     a proxy or sign-in page stands in between; check the address in the configuration and the proxy",
                    self.host
                ))
            }),
        }
    }
}
