//! One exchange: a request out, the whole answer in, within the limits.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue};
use reqwest::redirect;

use super::address::{is_loopback, same_service};
use super::request::Value;
use super::{Answer, Clock, Failure, Request, Stream, connection, require_https, tls};
use crate::config::settings::HttpSettings;

/// Redirects within one service that are followed.
const REDIRECTS_MAX: usize = 3;

/// The HTTP client; clones share connections, limits and clock.
#[derive(Debug, Clone)]
pub struct Client {
    /// Through the proxies that the environment names.
    outward: reqwest::Client,
    /// To this machine and its platform: a proxy there would see identity tokens, or nothing at all.
    direct: reqwest::Client,
    pub(super) settings: Arc<HttpSettings>,
    pub(super) clock: Clock,
}

impl Client {
    /// Builds the client with the machine's clock.
    ///
    /// # Errors
    /// `Stop` when a file of `extra_roots` cannot be used.
    pub fn new(settings: &HttpSettings) -> Result<Self, Failure> {
        Self::with_clock(settings, Clock::System)
    }

    /// Builds the client with a given clock.
    ///
    /// # Errors
    /// As `new`.
    pub fn with_clock(settings: &HttpSettings, clock: Clock) -> Result<Self, Failure> {
        let tls = tls::client_config(&settings.extra_roots)?;
        let unusable = |error: reqwest::Error| Failure::stop(format!("the HTTP client cannot be set up: {error}"));
        #[expect(clippy::disallowed_methods, reason = "this is the one client")]
        let builder = || {
            reqwest::Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .user_agent(concat!("sharetrail/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(Duration::from_millis(settings.connect_timeout_ms))
                .read_timeout(Duration::from_millis(settings.read_timeout_ms))
                .timeout(Duration::from_millis(settings.request_timeout_ms))
                .referer(false)
                .redirect(redirect::Policy::custom(stay_with_the_service))
        };
        Ok(Self {
            outward: builder().build().map_err(unusable)?,
            direct: builder().no_proxy().build().map_err(unusable)?,
            settings: Arc::new(settings.clone()),
            clock,
        })
    }

    /// Time as this client sees it.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Sends once and reads the answer, whatever its status.
    ///
    /// # Errors
    /// When there is no whole answer: `Retry` for the network's troubles, `Stop` for what a person must mend.
    pub async fn exchange(&self, request: &Request) -> Result<Answer, Failure> {
        let begun = self.clock.monotonic();
        let answer = self.begin(request).await?.whole(self.settings.response_bytes_max).await?;
        let Answer { status, host, body, .. } = &answer;
        let (bytes, took_ms) = (body.len(), self.clock.monotonic().saturating_sub(begun).as_millis());
        tracing::debug!(method = %request.method, host, path = request.shown_path(), status, bytes, took_ms, "answered");
        Ok(answer)
    }

    /// Sends once; the body of a success is left to the caller, who reads it piece by piece.
    ///
    /// # Errors
    /// As [`exchange`](Self::exchange), and what an answer that is not 2xx means.
    pub async fn stream(&self, request: &Request) -> Result<Stream, Failure> {
        let stream = self.begin(request).await?;
        if stream.is_success() {
            return Ok(stream);
        }
        Err(stream.whole(self.settings.response_bytes_max).await?.failure())
    }

    async fn begin(&self, request: &Request) -> Result<Stream, Failure> {
        if !request.platform {
            require_https(&request.url)?;
        }
        let host = request.host();
        let direct = request.platform || is_loopback(&request.url);
        let client = if direct { &self.direct } else { &self.outward };
        let mut builder = client.request(request.method.clone(), request.url.clone());
        for (name, value) in &request.headers {
            let (name, value) = header(name, value)?;
            builder = builder.header(name, value);
        }
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        let response = builder.send().await.map_err(|error| connection::explain(&error, &host))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Stream { host, status, headers, response, arrived: self.clock.now() })
    }
}

fn header(name: &str, value: &Value) -> Result<(HeaderName, HeaderValue), Failure> {
    let (text, hidden) = match value {
        Value::Plain(text) => (text.as_str(), false),
        Value::Hidden(secret) => (secret.expose(), true),
    };
    let unusable = || {
        Failure::stop(format!(
            "the value for the header {name} holds characters that cannot be sent (a line break or a letter outside \
             ASCII); check the secret or setting that it comes from"
        ))
    };
    let name = HeaderName::try_from(name).map_err(|_| unusable())?;
    let mut value = HeaderValue::try_from(text).map_err(|_| unusable())?;
    value.set_sensitive(hidden);
    Ok((name, value))
}

/// A redirect to another host would carry our token or our data there; one that is not a 307 or 308 would turn a POST
/// into a GET, whose "yes" says nothing of what was to be posted (RFC 9110, 15.4).
fn stay_with_the_service(attempt: redirect::Attempt<'_>) -> redirect::Action {
    let stays = attempt.previous().last().is_some_and(|from| same_service(from, attempt.url()));
    let keeps_the_method = matches!(attempt.status().as_u16(), 307 | 308);
    if stays && keeps_the_method && attempt.previous().len() <= REDIRECTS_MAX {
        attempt.follow()
    } else {
        attempt.stop()
    }
}
