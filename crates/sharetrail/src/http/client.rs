//! One exchange: a request out, the whole answer in, within the limits.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::redirect;

use super::address::{is_loopback, same_service};
use super::request::Value;
use super::{Answer, Clock, Failure, Request, connection, require_https, tls};
use crate::config::settings::HttpSettings;

/// What is set aside for an answer on its word alone.
const READ_BYTES_AHEAD_MAX: usize = 1024 * 1024;

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
        if !request.platform {
            require_https(&request.url)?;
        }
        let host = request.host();
        let begun = self.clock.monotonic();
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
        let body = self.read(response, &host).await?;
        let took_ms = self.clock.monotonic().saturating_sub(begun).as_millis();
        let bytes = body.len();
        tracing::debug!(method = %request.method, host, path = request.url.path(), status, bytes, took_ms, "answered");
        Ok(Answer { host, status, headers, body, arrived: self.clock.now() })
    }

    async fn read(&self, mut response: reqwest::Response, host: &str) -> Result<Bytes, Failure> {
        let bytes_max = self.settings.response_bytes_max;
        let too_large = || {
            Failure::stop(format!(
                "the answer of {host} is larger than {bytes_max} bytes and was not read to its end; ask for less at once, \
                 or raise http.response_bytes_max"
            ))
        };
        let announced = response.content_length().unwrap_or(0);
        if announced > bytes_max {
            return Err(too_large());
        }
        let mut body = BytesMut::with_capacity(usize::try_from(announced).unwrap_or(0).min(READ_BYTES_AHEAD_MAX));
        while let Some(chunk) = response.chunk().await.map_err(|error| connection::explain(&error, host))? {
            if (body.len() + chunk.len()) as u64 > bytes_max {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
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
