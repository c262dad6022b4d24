//! Sockets: accepts connections, reads a call to its end, lets the services answer, writes the answer.

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use url::Url;

use crate::call::{Call, Reply, text};
use crate::endpoints::Endpoints;
use crate::faults::{Fault, FaultBook};
use crate::options::{Options, Secrets};
use crate::secret::Secret;
use crate::services::defender::Defender;
use crate::services::entra::{Directory, Forgery, Role};
use crate::services::graph::Graph;
use crate::services::management::{self, Management};
use crate::services::tables::Tables;
use crate::services::{self, Outcome};
use crate::story::StoredActivity;
use crate::tls;
use crate::world::{Counters, World, locked};

/// Largest request body that is read; every service has a limit below it.
const REQUEST_BYTES_MAX: usize = 64 * 1_048_576;
/// How long a client may take for its TLS handshake, and for the head of a request.
const HANDSHAKE_SECONDS_MAX: u64 = 30;
/// Pause after a connection could not be accepted.
const ACCEPT_PAUSE_MS: u64 = 50;

/// Why an emulator could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken, forbidden, or not of this machine.
    #[error("the emulator cannot listen on {address}: {source}; choose another address, or port 0 for a free port")]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The certificate could not be made.
    #[error("the emulator cannot make its certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// TLS does not accept the certificate.
    #[error("the emulator cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The synthetic feed has nothing to be made of.
    #[error(transparent)]
    Synthetic(#[from] management::NoTemplates),
    /// The address makes no URL.
    #[error("the emulator's address makes no URL: {0}")]
    Address(#[from] url::ParseError),
}

/// A running emulator. Dropping it stops it as well, without waiting.
pub struct Emulator {
    world: Arc<World>,
    /// One task a listener; each owns its connections.
    listeners: JoinSet<()>,
}

impl fmt::Debug for Emulator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Emulator").field("https", &self.world.endpoints.https.as_str()).finish_non_exhaustive()
    }
}

impl Emulator {
    /// Binds, makes the certificates and begins to serve.
    pub async fn start(options: Options) -> Result<Emulator, StartError> {
        let identity = tls::identity(options.listen.ip())?;
        let secure = bind(options.listen).await?;
        let plain = match options.listen_http {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        let https = root("https", &secure)?;
        let http = plain.as_ref().map(|listener| root("http", listener)).transpose()?;
        let connections_max = options.connections_max;
        let world = Arc::new(world(options, https, http, identity.ca_pem)?);

        let mut listeners = JoinSet::new();
        let acceptor = TlsAcceptor::from(identity.server);
        listeners.spawn(accept(secure, Some(acceptor), world.clone(), connections_max));
        if let Some(plain) = plain {
            listeners.spawn(accept(plain, None, world.clone(), connections_max));
        }
        Ok(Emulator { world, listeners })
    }

    /// What a client has to know.
    pub fn endpoints(&self) -> &Endpoints {
        &self.world.endpoints
    }

    /// Whether no connection is open that was accepted, and no call is worked on. A client that is gone may have left
    /// one behind that is not accepted yet: whoever connects after it and is answered knows that it was.
    pub fn is_idle(&self) -> bool {
        Arc::strong_count(&self.world.in_use) == 1
    }

    /// What was counted since the start.
    pub fn counters(&self) -> Counters {
        self.world.counters()
    }

    /// Rows that a table has received, in order, as JSON objects.
    pub fn rows(&self, table: &str) -> Vec<String> {
        self.world.tables.rows(table)
    }

    /// How many rows each delivery to a table had, in order of arrival.
    pub fn batches(&self, table: &str) -> Vec<usize> {
        self.world.tables.batches(table)
    }

    /// Adds activities that arrive late: to what Defender serves, and in blobs of their own to the audit feed.
    pub fn append(&self, activities: Vec<StoredActivity>) {
        self.world.append(activities);
    }

    /// Replaces the scripted faults; their counts begin anew.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.world.faults.set(faults, self.world.clock.now_ms());
    }

    /// Gives a role to an application or to the managed identity.
    pub fn grant(&self, client_id: &str, role: Role) {
        self.world.directory.grant(client_id, role);
    }

    /// From now on the id tokens of people who sign in are forged so, or not at all.
    pub fn forge_id_tokens(&self, forgery: Option<Forgery>) {
        *locked(&self.world.sign_ins.forgery) = forgery;
    }

    /// Takes a role away.
    pub fn revoke(&self, client_id: &str, role: Role) {
        self.world.directory.revoke(client_id, role);
    }

    /// Registers a certificate (DER) with an application: what its key signs is taken as proof.
    pub fn register_certificate(&self, client_id: &str, der: impl Into<Vec<u8>>) {
        self.world.directory.register_certificate(client_id, der.into());
    }

    /// Makes an application trust tokens of the foreign issuer for `subject`, as workload identity federation does.
    pub fn trust_subject(&self, client_id: &str, subject: &str) {
        self.world.directory.trust_subject(client_id, subject);
    }

    /// A token of the foreign issuer for `subject`, good for so many seconds: what a cluster writes into the file that
    /// `AZURE_FEDERATED_TOKEN_FILE` names.
    pub fn foreign_token(&self, subject: &str, seconds: i64) -> Secret {
        self.world.directory.foreign.token(subject, self.world.clock.now_ms(), seconds)
    }

    /// Closes the listeners and all connections.
    pub async fn stop(mut self) {
        self.listeners.shutdown().await;
    }
}

fn world(options: Options, https: Url, http: Option<Url>, ca_pem: String) -> Result<World, StartError> {
    let tenant = options.tenant;
    let secrets = options.secrets.unwrap_or_else(|| Secrets::derived(&tenant.profile.tenant_id));
    let endpoints = Endpoints::new(https, http, ca_pem, &tenant.profile, &secrets)?;
    Ok(World {
        directory: Directory::new(&endpoints, options.token_seconds),
        sign_ins: Default::default(),
        management: Management::new(options.management, &tenant.activities, options.clock.now_ms())?,
        graph: Graph::new(options.graph),
        defender: Defender::new(options.defender, tenant.activities),
        tables: Tables::new(options.ingestion.keep_rows),
        faults: FaultBook::new(options.faults, options.clock.now_ms()),
        clock: options.clock,
        vault: Mutex::new(endpoints.vault_secrets.clone()),
        endpoints,
        ids: Default::default(),
        ingestion: options.ingestion,
        data_collector: options.data_collector,
        traffic: Default::default(),
        in_use: Default::default(),
        requests: Default::default(),
        truth: tenant.truth,
        internal_domains: tenant.profile.internal_domains,
        defender_tenant_number: tenant.profile.defender_tenant_number,
    })
}

async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|source| StartError::Listen { address, source })
}

/// The address that clients use. One that stands for all of the machine's addresses is named by its loopback.
fn root(scheme: &str, listener: &TcpListener) -> Result<Url, StartError> {
    let unknown = SocketAddr::from(([0, 0, 0, 0], 0));
    let mut address = listener.local_addr().map_err(|source| StartError::Listen { address: unknown, source })?;
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    Ok(Url::parse(&format!("{scheme}://{address}/"))?)
}

/// Accepts for ever. The handshake runs in the connection's own task, so that a slow client holds up nobody.
async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, world: Arc<World>, connections_max: usize) {
    let places = Arc::new(Semaphore::new(connections_max));
    let mut connections = JoinSet::new();
    loop {
        // The semaphore is never closed.
        let Ok(place) = places.clone().acquire_owned().await else { return };
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => {
                let (tls, world, in_use) = (tls.clone(), world.clone(), world.in_use.clone());
                connections.spawn(async move {
                    connection(stream, tls, world).await;
                    drop((place, in_use));
                });
            }
            // A connection that broke before it was accepted, or no file handle left: a later one may work.
            Err(error) => {
                tracing::warn!(%error, "the emulator could not accept a connection");
                pause_after_failed_accept().await;
            }
        }
    }
}

/// Without it, running out of file handles would keep a processor busy.
#[allow(clippy::disallowed_methods)]
async fn pause_after_failed_accept() {
    tokio::time::sleep(Duration::from_millis(ACCEPT_PAUSE_MS)).await;
}

async fn connection(stream: TcpStream, tls: Option<TlsAcceptor>, world: Arc<World>) {
    // Only a hint for latency; a socket that refuses it works as well.
    let _ = stream.set_nodelay(true);
    let Some(tls) = tls else { return serve(stream, world).await };
    let handshake = tokio::time::timeout(Duration::from_secs(HANDSHAKE_SECONDS_MAX), tls.accept(stream));
    match handshake.await {
        Ok(Ok(stream)) => serve(stream, world).await,
        Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake with the emulator failed"),
        Err(_) => tracing::debug!("a TLS handshake with the emulator took too long"),
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, world: Arc<World>) {
    let service = service_fn(|request| answer(request, world.clone()));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(HANDSHAKE_SECONDS_MAX))
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection to the emulator ended early");
    }
}

/// The client is to see a broken connection.
#[derive(Debug, thiserror::Error)]
#[error("the connection is dropped by a scripted fault")]
struct Dropped;

async fn answer(request: Request<Incoming>, world: Arc<World>) -> Result<Reply, Dropped> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, REQUEST_BYTES_MAX).collect().await else {
        return Ok(text(StatusCode::PAYLOAD_TOO_LARGE, "text/plain", "The request body could not be read."));
    };
    let query = head.uri.query().unwrap_or_default();
    let call = Call {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        headers: head.headers,
        body: body.to_bytes(),
    };
    // Services compute (a scan, gzip, a query): on a thread that may block. It goes on when the client is gone.
    let in_use = world.in_use.clone();
    let answering = tokio::task::spawn_blocking(move || {
        let outcome = services::answer(&world, &call);
        drop(in_use);
        outcome
    });
    match answering.await {
        Ok(Outcome::Answer(reply)) => Ok(reply),
        Ok(Outcome::Drop) => Err(Dropped),
        Err(_) => Ok(text(StatusCode::INTERNAL_SERVER_ERROR, "text/plain", "The emulator itself failed here.")),
    }
}
