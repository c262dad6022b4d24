//! The Azure SDK's calls through our HTTP client, so that roots, proxies, limits and words are the same everywhere.
//!
//! The SDK is not left to judge failures: its reading of Entra's errors loses text with escapes in it, and its pauses are
//! not bounded by our settings. What is not an answer that it can use becomes our own `Failure`, which it hands back
//! untouched (errors of the kind `Other` are not tried again by it).

use std::error::Error as _;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use azure_core::Bytes;
use azure_core::error::ErrorKind;
use azure_core::http::headers::{HeaderName, HeaderValue, Headers};
use azure_core::http::{
    AsyncRawResponse, Body, ClientOptions, HttpClient, Method, RetryOptions, StatusCode, Transport,
};
use futures_util::TryStreamExt;
use url::Url;

use super::SharedKey;
use super::platform::MACHINE_HOST;
use crate::http::{Client, Failure, Request};
use crate::secret::Secret;

/// How much of the SDK's words we repeat.
const WORDS_BYTES_MAX: usize = 600;

/// Who is called.
#[derive(Debug, Clone)]
pub(super) enum Peer {
    /// Entra ID.
    Authority,
    /// The machine's or the Function app's own identity service; that of a machine may be elsewhere.
    Platform(Option<Url>),
    /// Key Vault, whose 401 is a challenge that the SDK must see.
    Vault,
    /// A storage account, signed for with its key where there is one.
    Storage(Option<SharedKey>),
}

#[derive(Debug)]
struct OurTransport {
    client: Client,
    peer: Peer,
}

/// Options that make an SDK client use our transport and leave trying again to us.
pub(super) fn client_options(client: &Client, peer: Peer) -> ClientOptions {
    ClientOptions {
        transport: Some(Transport::new(Arc::new(OurTransport { client: client.clone(), peer }))),
        retry: RetryOptions::none(),
        ..ClientOptions::default()
    }
}

/// Our failure out of what the SDK returned.
pub(super) fn failure(error: &azure_core::Error) -> Failure {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(found) = cause {
        if let Some(failure) = found.downcast_ref::<Failure>() {
            return failure.clone();
        }
        cause = found.source();
    }
    let mut words = error.to_string();
    if let Some(inner) = error.source()
        && !words.contains(&inner.to_string())
    {
        words.push_str(&format!(" ({inner})"));
    }
    // The SDK adds a link to its own help on a line of its own; messages are one line.
    let lines = words.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("To troubleshoot"));
    let words = lines.collect::<Vec<_>>().join(" ");
    Failure::stop(&words[..words.floor_char_boundary(WORDS_BYTES_MAX)])
}

#[async_trait]
impl HttpClient for OurTransport {
    async fn execute_request(&self, request: &azure_core::http::Request) -> azure_core::Result<AsyncRawResponse> {
        let request = self.translate(request).await?;
        let exchange = async {
            let answer = self.client.exchange(&request).await?;
            if matches!(self.peer, Peer::Vault) && answer.status() == 401 {
                return Ok(answer);
            }
            let answer = answer.accepted()?;
            answer.refuse_web_page()?;
            Ok::<_, Failure>(answer)
        };
        let answer = exchange.await.map_err(|failure| azure_core::Error::new(ErrorKind::Other, failure))?;
        let mut headers = Headers::new();
        for (name, value) in answer.headers() {
            headers.insert(HeaderName::from(name.to_owned()), HeaderValue::from(value.to_owned()));
        }
        Ok(AsyncRawResponse::from_bytes(StatusCode::from(answer.status()), headers, answer.body().clone()))
    }
}

impl OurTransport {
    async fn translate(&self, request: &azure_core::http::Request) -> azure_core::Result<Request> {
        let method = reqwest::Method::from_bytes(request.method().as_str().as_bytes())
            .map_err(|error| azure_core::Error::new(ErrorKind::Other, error))?;
        let mut ours = match &self.peer {
            Peer::Platform(elsewhere) => Request::new(method, moved(request.url(), elsewhere.as_ref())).for_platform(),
            Peer::Authority | Peer::Vault | Peer::Storage(_) => Request::new(method, request.url().clone()),
        };
        for (name, value) in request.headers().iter() {
            let name = name.as_str().to_owned();
            ours = match name.as_str() {
                // We say ourselves who we are, and the transport counts.
                "user-agent" | "content-length" => ours,
                "authorization" | "x-identity-header" => ours.secret_header(name, Secret::new(value.as_str())),
                _ => ours.header(name, value.as_str()),
            };
        }
        let body = match request.body() {
            Body::Bytes(bytes) => bytes.clone(),
            // Small ones only: nothing that we use the SDK for sends a stream of any length.
            Body::SeekableStream(stream) => {
                let mut stream = stream.clone();
                let mut bytes = Vec::new();
                while let Some(part) = stream.try_next().await? {
                    bytes.extend_from_slice(&part);
                }
                Bytes::from(bytes)
            }
        };
        let ours = match &self.peer {
            Peer::Storage(Some(key)) => self.signed(ours, key, body.len()),
            _ => ours,
        };
        Ok(match &self.peer {
            // Said in so many words: the service answers 411 to a PUT without a length.
            Peer::Storage(_) if body.is_empty() && request.method() == Method::Put => {
                ours.header("content-length", "0").body(body)
            }
            _ if body.is_empty() => ours,
            _ => ours.body(body),
        })
    }

    /// Signed last, over all that is sent, and anew for each attempt.
    fn signed(&self, ours: Request, key: &SharedKey, body_bytes: usize) -> Request {
        let seconds = self.client.clock().now().as_second().unsigned_abs();
        let date = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        let ours = ours.header("x-ms-date", date);
        let mut headers: Vec<(String, String)> = ours.plain_headers();
        headers.push(("content-length".to_owned(), body_bytes.to_string()));
        let authorization = key.authorization(ours.method(), ours.url(), &headers);
        ours.secret_header("authorization", authorization)
    }
}

/// The same path and query at `base`, when the address is the one that the SDK has fixed for machines.
fn moved(url: &Url, base: Option<&Url>) -> Url {
    match base {
        Some(base) if url.host_str() == Some(MACHINE_HOST) => {
            let mut moved = base.clone();
            moved.set_path(url.path());
            moved.set_query(url.query());
            moved
        }
        _ => url.clone(),
    }
}
