//! A scripted server for tests: gives its replies in order and keeps what it was sent.

use std::sync::{Arc, Mutex};

use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use url::Url;

use super::{Client, Clock};
use crate::config::settings::HttpSettings;

/// One scripted reply.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// Status, further header lines, body; `{self}` in it stands for the server's own address.
    Answer(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// Closes the connection without a word.
    Hang,
    /// Announces more bytes than it sends.
    Torn,
    /// Never says a word, and serves nobody after.
    Silent,
}

impl Reply {
    pub(crate) fn json(status: u16, body: impl Into<String>) -> Self {
        Self::Answer(status, vec![("content-type", "application/json".into())], body.into().into_bytes())
    }

    pub(crate) fn with(self, name: &'static str, value: impl Into<String>) -> Self {
        match self {
            Self::Answer(status, mut headers, body) => {
                headers.push((name, value.into()));
                Self::Answer(status, headers, body)
            }
            other => other,
        }
    }
}

/// One request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// `POST /path?query`
    pub(crate) line: String,
    /// Header lines, names in lower case.
    pub(crate) headers: String,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// The server; it stops with the test's runtime.
pub(crate) struct Stub {
    pub(crate) url: Url,
    /// The certificate to trust, when it speaks TLS.
    pub(crate) root: Option<tempfile::NamedTempFile>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Stub {
    /// Plain http.
    pub(crate) async fn plain(replies: Vec<Reply>) -> Self {
        Self::start(replies, None, None).await
    }

    /// https with a certificate of its own.
    pub(crate) async fn tls(replies: Vec<Reply>) -> Self {
        let rcgen::CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
        let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        let root = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(root.path(), cert.pem()).unwrap();
        Self::start(replies, Some(TlsAcceptor::from(Arc::new(config))), Some(root)).await
    }

    async fn start(replies: Vec<Reply>, tls: Option<TlsAcceptor>, root: Option<tempfile::NamedTempFile>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = Url::parse(&format!("{scheme}://{}/", listener.local_addr().unwrap())).unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = seen.clone();
        let own = url.to_string();
        tokio::spawn(async move {
            let mut replies = replies.into_iter().map(|reply| match reply {
                Reply::Answer(status, headers, body) => match String::from_utf8(body) {
                    Ok(text) => Reply::Answer(status, headers, text.replace("{self}", &own).into_bytes()),
                    Err(bytes) => Reply::Answer(status, headers, bytes.into_bytes()),
                },
                other => other,
            });
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let served = match &tls {
                    None => serve(stream, &mut replies, &kept).await,
                    Some(tls) => match tls.accept(stream).await {
                        Ok(stream) => serve(stream, &mut replies, &kept).await,
                        Err(_) => continue,
                    },
                };
                let _ = served;
            }
        });
        Self { url, root, seen }
    }

    pub(crate) fn at(&self, path: &str) -> Url {
        self.url.join(path).unwrap()
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// A client that trusts this server, with a clock that stands still.
    pub(crate) fn client(&self) -> Client {
        let mut settings = settings();
        settings.extra_roots = self.root.iter().map(|root| root.path().to_owned()).collect();
        Client::with_clock(&settings, clock()).unwrap()
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    replies: &mut impl Iterator<Item = Reply>,
    seen: &Mutex<Vec<Seen>>,
) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
        // The beginning of a TLS handshake: what a web server says to it.
        if bytes.first() == Some(&0x16) {
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await?;
            return stream.shutdown().await;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let (line, headers) = head.split_once("\r\n").unwrap();
    let mut request = Seen {
        line: line.trim_end_matches(" HTTP/1.1").to_owned(),
        headers: headers.to_owned(),
        body: bytes[head_end..].to_vec(),
    };
    let length: usize = request.header("content-length").map_or(0, |text| text.parse().unwrap());
    while request.body.len() < length {
        if stream.read_buf(&mut request.body).await? == 0 {
            return Ok(());
        }
    }
    seen.lock().unwrap().push(request);
    match replies.next().unwrap_or_else(|| Reply::json(599, r#"{"detail":"the script is over"}"#)) {
        Reply::Hang => {}
        Reply::Silent => std::future::pending().await,
        Reply::Torn => stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"a\":").await?,
        Reply::Answer(status, headers, body) => {
            let mut head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n", body.len());
            for (name, value) in headers {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
            head.push_str("\r\n");
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(&body).await?;
        }
    }
    stream.shutdown().await
}

/// Settings for tests: three attempts, small limits.
pub(crate) fn settings() -> HttpSettings {
    HttpSettings {
        extra_roots: Vec::new(),
        connect_timeout_ms: 5_000,
        read_timeout_ms: 5_000,
        request_timeout_ms: 10_000,
        attempts_max: 3,
        retry_delay_ms: 1_000,
        retry_delay_ms_max: 60_000,
        retry_after_seconds_max: 900,
        response_bytes_max: 10_000,
    }
}

/// A clock that stands still.
pub(crate) fn clock() -> Clock {
    Clock::scripted("2026-11-24T03:00:00Z".parse().unwrap())
}
