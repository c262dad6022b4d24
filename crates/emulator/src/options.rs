//! What an emulator is started with.

mod graph;
mod management;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::clock::Clock;
use crate::faults::Fault;
use crate::secret::{Secret, derived_bytes};
use crate::story::Tenant;

pub use graph::{AuditQueries, GraphOptions, HuntingOptions, QueryLife};
pub use management::{
    ContentType, FeedQuirks, ManagementOptions, NextPageHeader, SyntheticFeed, TenantState, WideWindows,
};

/// Everything that can be chosen; [`Options::new`] has the services' documented behaviour.
#[derive(Debug)]
pub struct Options {
    /// Where to listen with https; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where to listen without TLS: for managed identity, and for peers that allow it.
    pub listen_http: Option<SocketAddr>,
    /// The tenant whose activities are served.
    pub tenant: Tenant,
    /// Failures to begin with.
    pub faults: Vec<Fault>,
    /// Defender for Cloud Apps.
    pub defender: DefenderOptions,
    /// The Management Activity API.
    pub management: ManagementOptions,
    /// Microsoft Graph.
    pub graph: GraphOptions,
    /// Logs Ingestion.
    pub ingestion: IngestionOptions,
    /// Data Collector.
    pub data_collector: DataCollectorOptions,
    /// Fixed secrets; else they follow from the tenant's id.
    pub secrets: Option<Secrets>,
    /// How long an access token lives, in seconds.
    pub token_seconds: i64,
    /// What time it is.
    pub clock: Clock,
    /// Open connections at one time; more wait to be accepted.
    pub connections_max: usize,
}

impl Options {
    /// Loopback, a free port, no plain-http port, no faults, the machine's time.
    pub fn new(tenant: Tenant) -> Options {
        Options {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            listen_http: None,
            tenant,
            faults: Vec::new(),
            defender: DefenderOptions::default(),
            management: ManagementOptions::default(),
            graph: GraphOptions::default(),
            ingestion: IngestionOptions::default(),
            data_collector: DataCollectorOptions::default(),
            secrets: None,
            token_seconds: 3_599,
            clock: Clock::system(),
            connections_max: 256,
        }
    }

    /// All oddities of the audit feed at once, and now and then a refusal: every 97th call gets an `AF429`, which asks
    /// to wait for a second, and three calls in a row an `AF50000`.
    pub fn play_every_feed_quirk(&mut self) {
        self.management = ManagementOptions::with_every_quirk();
        let spells = ["management:every=97:429:retry-after=1", "management:calls=31-33:500"];
        self.faults.extend(spells.iter().filter_map(|fault| fault.parse().ok()));
    }

    /// Lifts the limits on requests of all services.
    pub fn lift_request_limits(&mut self) {
        self.defender.requests_per_minute = None;
        self.management.requests_per_minute = None;
        self.graph.queries_per_minute = None;
        self.graph.hunting.calls_per_minute = None;
    }
}

/// Limits of the Defender API (Microsoft: Defender for Cloud Apps REST API).
#[derive(Debug, Clone)]
pub struct DefenderOptions {
    /// Requests a minute of the tenant, all endpoints together, over a sliding window; `None` lifts the limit.
    pub requests_per_minute: Option<usize>,
    /// How a 429 says when to come back.
    pub limit_retry_after: RetryAfter,
    /// What a 429 has for a body.
    pub limit_body: LimitBody,
    /// Largest page of an ordinary list.
    pub page_records_max: usize,
    /// Largest page of a scan.
    pub scan_page_records_max: usize,
    /// Where ordinary paging ends: `skip` + `limit`.
    pub skip_records_max: usize,
    /// How long an activity is served after it happened, in days.
    pub retention_days: i64,
    /// How long the archive serves it, in days.
    pub archive_days: i64,
    /// Whether files are monitored; if not, the Files API answers empty lists.
    pub file_monitoring: bool,
}

impl Default for DefenderOptions {
    fn default() -> DefenderOptions {
        DefenderOptions {
            requests_per_minute: Some(30),
            limit_retry_after: RetryAfter::Seconds,
            limit_body: LimitBody::Detail,
            page_records_max: 100,
            scan_page_records_max: 5_000,
            skip_records_max: 5_000,
            retention_days: 30,
            archive_days: 180,
            file_monitoring: true,
        }
    }
}

/// How an answer says when to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// `Retry-After: 17`
    Seconds,
    /// `Retry-After: Tue, 24 Nov 2026 03:00:17 GMT`
    HttpDate,
    /// Not in a header.
    Absent,
}

/// The forms that the body of a 429 has been seen or guessed in; Microsoft documents none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitBody {
    /// `{"detail":"Request was throttled. Expected available in 17 seconds."}`
    Detail,
    /// `{"error":{"message":"… in 17 seconds."}}`
    Message,
    /// Plain text.
    Text,
    /// Nothing.
    Empty,
}

/// Limits of Logs Ingestion (Microsoft: Logs Ingestion API).
#[derive(Debug, Clone)]
pub struct IngestionOptions {
    /// Largest body on the wire, compressed or not.
    pub wire_bytes_max: usize,
    /// Largest body after decompression.
    pub raw_bytes_max: usize,
    /// Largest text of one field in UTF-8 bytes; the rest is cut off without a word.
    pub field_bytes_max: usize,
    /// Whether rows are kept for queries, or only counted.
    pub keep_rows: bool,
    /// Columns of tables, which are those that their streams declare; others are dropped without a word. A table that is
    /// absent here takes all, and has those that have arrived.
    pub columns: BTreeMap<String, Vec<DeclaredColumn>>,
}

/// A column of a table and of its stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredColumn {
    /// Name.
    pub name: String,
    /// Type, as queries name it: `string`, `long`, `bool`, `datetime`, `dynamic`, …
    pub kind: String,
}

impl Default for IngestionOptions {
    fn default() -> IngestionOptions {
        IngestionOptions {
            wire_bytes_max: 1_048_576,
            raw_bytes_max: 50 * 1_048_576,
            field_bytes_max: 64 * 1_024,
            keep_rows: true,
            columns: BTreeMap::new(),
        }
    }
}

/// The retired HTTP Data Collector.
#[derive(Debug, Clone, Default)]
pub struct DataCollectorOptions {
    /// What it answers after its end of life; `None` lets it work as it did before.
    pub retired: Option<Retired>,
}

/// What a retired endpoint answers. Microsoft has not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retired {
    /// 403
    Forbidden,
    /// 404
    NotFound,
    /// 410
    Gone,
}

/// The secrets of the emulated organisation.
#[derive(Debug, Clone)]
pub struct Secrets {
    /// Legacy API token of Defender; letters, digits and `=`, 64 to 192 of them.
    pub defender_api_token: Secret,
    /// Client secret of the installation's application.
    pub installation_client_secret: Secret,
    /// Client secret of the tenant's application, kept in the vault.
    pub tenant_client_secret: Secret,
    /// First shared key of the workspace, base64.
    pub workspace_primary_key: Secret,
    /// Second shared key of the workspace, base64.
    pub workspace_secondary_key: Secret,
    /// What the platform's managed identity endpoint wants in `X-IDENTITY-HEADER`.
    pub identity_header: Secret,
}

impl Secrets {
    /// Secrets that follow from a text: the same text gives the same secrets.
    pub fn derived(seed: &str) -> Secrets {
        let shared_key = |name: &str| {
            let mut bytes = derived_bytes(seed, name);
            bytes.extend(derived_bytes(seed, &format!("{name}, second half")));
            Secret::new(STANDARD.encode(bytes))
        };
        Secrets {
            defender_api_token: Secret::derived(seed, "defender api token"),
            installation_client_secret: Secret::derived(seed, "installation client secret"),
            tenant_client_secret: Secret::derived(seed, "tenant client secret"),
            workspace_primary_key: shared_key("workspace primary key"),
            workspace_secondary_key: shared_key("workspace secondary key"),
            identity_header: Secret::derived(seed, "identity header"),
        }
    }
}
