//! Configuration as used: checked, complete, ready to build from. What was typed is in `written.rs`.

use std::net::SocketAddr;
use std::path::PathBuf;

use trail::classification::Declared;
use trail::matching::MatchRules;
use trail::team::Teams;
use url::Url;

pub use super::alerted::{Alerts, Webhook, WebhookKind};
use crate::schedule::Schedule;

/// Everything a run needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Service addresses and token scopes of the cloud.
    pub cloud: Cloud,
    /// How we talk HTTP.
    pub http: HttpSettings,
    /// The store's limits.
    pub store: StoreSettings,
    /// How `run` works.
    pub run: Run,
    /// Rules, and who is told of what they find.
    pub alerts: Alerts,
    /// How `function` works.
    pub function: Function,
    /// Where `run` sends traces and logs.
    pub telemetry: Option<Telemetry>,
    /// File with the country and city of addresses, in MaxMind's format; read when it is used.
    pub places: Option<PathBuf>,
    /// Who may open the dashboard, where it is more than a token that tells.
    pub dashboard: Option<Dashboard>,
    /// Who this installation is: reads the vault, searches the workspace, and is every tenant's default identity.
    pub identity: Option<Identity>,
    /// The tenants to collect for, in the order written.
    pub tenants: Vec<Tenant>,
}

impl Settings {
    /// Every secret that the configuration names, in the order of the file.
    pub fn secrets(&self) -> Vec<NamedSecret<'_>> {
        let mut named: Vec<NamedSecret<'_>> = of_identity(None, self.identity.as_ref()).collect();
        if let Some(Dashboard { sign_in: SignInBy::Entra { client_secret, .. }, .. }) = &self.dashboard {
            named.push(NamedSecret { tenant: None, reference: client_secret, is_needed: true });
        }
        let webhooks = self.alerts.webhooks.iter().flat_map(Webhook::secrets);
        named.extend(webhooks.map(|(_, reference)| NamedSecret { tenant: None, reference, is_needed: true }));
        for tenant in &self.tenants {
            let name = Some(tenant.name.as_str());
            named.extend(of_identity(name, tenant.identity.as_ref()));
            let token = tenant.defender.as_ref().and_then(|defender| match &defender.credential {
                DefenderCredential::LegacyToken(token) => Some(token),
                DefenderCredential::Application => None,
            });
            let keys = tenant.sinks.iter().filter_map(|sink| match sink {
                Sink::DataCollector(sink) => sink.shared_key.as_ref(),
                Sink::LogsIngestion(_) => None,
            });
            let others = token.into_iter().chain(keys);
            named.extend(others.map(|reference| NamedSecret { tenant: name, reference, is_needed: true }));
        }
        named
    }
}

/// What an identity proves itself with.
fn of_identity<'a>(tenant: Option<&'a str>, identity: Option<&'a Identity>) -> impl Iterator<Item = NamedSecret<'a>> {
    let is_needed = !matches!(identity, Some(Identity::Chain(_)));
    let secrets = identity.into_iter().flat_map(Identity::secrets);
    secrets.map(move |(_, reference)| NamedSecret { tenant, reference, is_needed })
}

/// A secret that the configuration names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedSecret<'a> {
    /// Whose; `None`: of the installation.
    pub tenant: Option<&'a str>,
    /// Where it is.
    pub reference: &'a SecretRef,
    /// Whether nothing goes on without it. That of a link of a chain may be missing: the next one is tried.
    pub is_needed: bool,
}

/// Addresses and scopes; none is derived from another.
#[derive(Debug, Clone)]
pub struct Cloud {
    /// Entra ID authority.
    pub authority: Url,
    /// Scope for Key Vault tokens.
    pub vault_scope: String,
    /// Whether to check that a vault's challenge names the vault's own host (only an emulator needs this off).
    pub vault_challenge_check: bool,
    /// Azure Resource Manager.
    pub arm: Url,
    /// Scope for ARM tokens.
    pub arm_scope: String,
    /// Scope for Logs Ingestion tokens.
    pub ingestion_scope: String,
    /// Log Analytics query API.
    pub query: Url,
    /// Scope for query tokens.
    pub query_scope: String,
    /// Scope for Defender for Cloud Apps tokens.
    pub defender_scope: String,
    /// Office 365 Management Activity API, where the cloud has one.
    pub audit: Option<Url>,
    /// Scope for its tokens.
    pub audit_scope: Option<String>,
    /// Microsoft Graph, without a version.
    pub graph: Url,
    /// Scope for Graph tokens.
    pub graph_scope: String,
    /// Identity service of virtual machines, where it is not at its fixed address.
    pub machine_identity: Option<Url>,
    /// Data Collector address with `{workspace}` where the workspace id goes.
    pub data_collector: String,
}

/// Limits and waits of HTTP calls, shared by everything that talks to a service.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// PEM files with further trusted roots, beside the bundled and the system's.
    pub extra_roots: Vec<PathBuf>,
    /// To establish a connection.
    pub connect_timeout_ms: u64,
    /// Without a byte from the server.
    pub read_timeout_ms: u64,
    /// For one whole call.
    pub request_timeout_ms: u64,
    /// Calls made before giving up, the first included.
    pub attempts_max: u32,
    /// First pause between attempts; doubles, with jitter.
    pub retry_delay_ms: u64,
    /// Longest such pause.
    pub retry_delay_ms_max: u64,
    /// Longest pause a server may ask for that is slept; a longer one is scheduled: the pass ends for that feed or sink.
    pub retry_after_seconds_max: u64,
    /// Largest answer that is read.
    pub response_bytes_max: u64,
}

/// Limits of the store.
#[derive(Debug, Clone)]
pub struct StoreSettings {
    /// How long ids of records that were not kept are remembered after arrival.
    pub dedup_days: u32,
    /// Rows that one recompute transaction writes at most.
    pub recompute_rows_max: usize,
    /// Size at which collection pauses.
    pub store_bytes_max: u64,
    /// How long a second writer waits for the first.
    pub lock_wait_seconds_max: u64,
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self {
            dedup_days: 30,
            recompute_rows_max: 20_000,
            store_bytes_max: 50 * 1024 * 1024 * 1024,
            lock_wait_seconds_max: 60,
        }
    }
}

/// How `run` works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// When feeds without a schedule of their own are read.
    pub schedule: Schedule,
    /// Where health and metrics are told.
    pub listen: SocketAddr,
    /// How much later than its schedule a tenant may begin.
    pub jitter_seconds_max: u32,
    /// How far a feed may be behind; `None`: an hour more than its schedule's longest pause.
    pub lag_minutes_max: Option<u32>,
    /// Tenants that are read at the same time.
    pub tenants_at_once_max: usize,
    /// How long a pass over a tenant may take.
    pub pass_minutes_max: u32,
    /// How long passes may take to end when asked to.
    pub stop_seconds_max: u32,
    /// Pause after the first failure; doubles.
    pub retry_seconds: u32,
    /// Longest such pause.
    pub retry_seconds_max: u32,
}

/// How `function` works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// App setting that tells of the storage account.
    pub storage: String,
    /// Container of the blobs, one a tenant.
    pub container: String,
    /// Largest state that is fetched, and size at which collection pauses.
    pub state_bytes_max: u64,
    /// How long an invocation may take; `None`: as the host's time limit allows.
    pub minutes_max: Option<u32>,
}

/// Where traces and logs are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telemetry {
    /// Address of the collector, without a path of a signal.
    pub endpoint: Url,
    /// Whether traces are sent.
    pub traces: bool,
    /// Whether log lines are sent.
    pub logs: bool,
    /// As which service.
    pub service_name: String,
}

/// Who may open the dashboard.
#[derive(Debug, Clone)]
pub struct Dashboard {
    /// Who has them sign in.
    pub sign_in: SignInBy,
    /// Directory of the people.
    pub tenant_id: String,
    /// Object ids of people, lower case.
    pub users: Vec<String>,
    /// Object ids of groups, lower case.
    pub groups: Vec<String>,
}

/// Who has people sign in.
#[derive(Debug, Clone)]
pub enum SignInBy {
    /// The dashboard itself, with Entra ID.
    Entra {
        /// Under which browsers reach the dashboard.
        url: Url,
        /// Application that people sign in to.
        client_id: String,
        /// Where its secret is.
        client_secret: SecretRef,
    },
    /// App Service, before a request arrives.
    AppService,
}

/// One tenant to collect for.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// Short name; also the store's file name where there are several.
    pub name: String,
    /// Entra tenant id.
    pub tenant_id: String,
    /// Overrides the installation's identity for this tenant's services.
    pub identity: Option<Identity>,
    /// Accepted domains, lower case.
    pub internal_domains: Vec<String>,
    /// Domains of sister companies whose people count as inside, lower case.
    pub trusted_domains: Vec<String>,
    /// Which records are kept.
    pub keep: Keep,
    /// What counts as classified.
    pub classification: Classification,
    /// Windows and switches of matching accesses to shares.
    pub matching: MatchRules,
    /// Which sites belong to teams.
    pub teams: Teams,
    /// What Graph is asked about the tenant itself.
    pub directory: Option<Directory>,
    /// The audit feed.
    pub audit: Option<Audit>,
    /// The Defender feed.
    pub defender: Option<Defender>,
    /// Audit-log queries of Microsoft Graph.
    pub graph: Option<Graph>,
    /// Advanced hunting.
    pub hunting: Option<Hunting>,
    /// Where rows go.
    pub sinks: Vec<Sink>,
}

/// What Graph is asked about the tenant itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// Names and order of the labels.
    pub labels: bool,
    /// Verified domains.
    pub domains: bool,
    /// After how long it is asked again.
    pub refresh_hours: u32,
}

/// What counts as classified.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Classification {
    /// File with the tenant's labels, `GUID,name[,parent,order]`; read when it is used.
    pub labels_file: Option<PathBuf>,
    /// Labels that are classified, by id or by name.
    pub classified_labels: Vec<String>,
    /// Labels of this order number or a higher one are classified.
    pub order_min: Option<i64>,
    /// Policies of data loss prevention whose matches are classified, by id or by name.
    pub classified_policies: Vec<String>,
    /// Places that are classified whatever the labels in them say.
    pub declared: Vec<Declared>,
    /// Whether a known label of a file outweighs the declaration of its place.
    pub lower_label_lowers_declared: bool,
}

/// Which records are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// What can matter to the question; the rest is counted.
    Relevant,
    /// Everything.
    All,
}

/// How to obtain tokens.
#[derive(Debug, Clone)]
pub enum Identity {
    /// An application with a client secret.
    ClientSecret {
        /// Directory of the application.
        tenant_id: String,
        /// Application id.
        client_id: String,
        /// Where its secret is.
        client_secret: SecretRef,
    },
    /// An application with a certificate.
    ClientCertificate {
        /// Directory of the application.
        tenant_id: String,
        /// Application id.
        client_id: String,
        /// Where certificate and private key are, as PEM or PKCS#12.
        certificate: SecretRef,
        /// Where the password of PKCS#12 is.
        password: Option<SecretRef>,
        /// How assertions are signed.
        algorithm: SigningAlgorithm,
    },
    /// An application that trusts the tokens of another issuer, such as a Kubernetes cluster. What is `None` is told by the
    /// environment.
    WorkloadIdentity {
        /// Directory of the application.
        tenant_id: Option<String>,
        /// Application id.
        client_id: Option<String>,
        /// File with the foreign token.
        token_file: Option<PathBuf>,
    },
    /// A managed identity of the machine or Function app.
    ManagedIdentity {
        /// Names a user-assigned one; `None`: the one that the system assigned.
        assigned: Option<AssignedIdentity>,
    },
    /// Whoever is signed in to the Azure CLI.
    AzureCli {
        /// Directory to sign in to.
        tenant_id: Option<String>,
    },
    /// The first of several that gives a token; never itself in a chain.
    Chain(Vec<Identity>),
}

/// A user-assigned managed identity, by one of its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssignedIdentity {
    /// By its client id.
    Client(String),
    /// By its object id.
    Object(String),
    /// By its resource id, `/subscriptions/…`.
    Resource(String),
}

impl AssignedIdentity {
    /// Its client id, where it is named by that.
    pub fn client_id(&self) -> Option<&String> {
        match self {
            Self::Client(id) => Some(id),
            Self::Object(_) | Self::Resource(_) => None,
        }
    }
}

impl Identity {
    /// As written for `kind`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ClientSecret { .. } => "client_secret",
            Self::ClientCertificate { .. } => "client_certificate",
            Self::WorkloadIdentity { .. } => "workload_identity",
            Self::ManagedIdentity { .. } => "managed_identity",
            Self::AzureCli { .. } => "azure_cli",
            Self::Chain(_) => "chain",
        }
    }

    /// Whether its tokens come from Entra ID's own address, or do in a link of a chain.
    pub fn asks_authority(&self) -> bool {
        match self {
            Self::ClientSecret { .. } | Self::ClientCertificate { .. } | Self::WorkloadIdentity { .. } => true,
            Self::ManagedIdentity { .. } | Self::AzureCli { .. } => false,
            Self::Chain(links) => links.iter().any(Self::asks_authority),
        }
    }

    /// The secrets that it needs, each with its key.
    pub fn secrets(&self) -> Vec<(&'static str, &SecretRef)> {
        match self {
            Self::ClientSecret { client_secret, .. } => vec![("client_secret", client_secret)],
            Self::ClientCertificate { certificate, password, .. } => {
                let password = password.as_ref().map(|password| ("certificate_password", password));
                std::iter::once(("certificate", certificate)).chain(password).collect()
            }
            Self::Chain(links) => links.iter().flat_map(Self::secrets).collect(),
            Self::WorkloadIdentity { .. } | Self::ManagedIdentity { .. } | Self::AzureCli { .. } => Vec::new(),
        }
    }
}

/// How an assertion is signed (RFC 7518), and with it how the certificate is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningAlgorithm {
    /// RSASSA-PSS with SHA-256; the certificate by its SHA-256.
    Ps256,
    /// RSASSA-PKCS1-v1_5 with SHA-256; the certificate by its SHA-1, as older authorities know it.
    Rs256,
}

/// Where a secret is kept; never the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretRef {
    /// `keyvault:https://vault/secrets/name[/version]`
    KeyVault(Url),
    /// `env:NAME`
    Env(String),
    /// `file:PATH`
    File(PathBuf),
}

/// The audit feed of a tenant: Office 365 Management Activity API.
#[derive(Debug, Clone)]
pub struct Audit {
    /// Root of the service.
    pub url: Url,
    /// Scope of its tokens.
    pub scope: String,
    /// Which content is read, each a feed of its own.
    pub content_types: Vec<ContentType>,
    /// When `run` reads it.
    pub schedule: Schedule,
    /// Whether a subscription that is not there may be started.
    pub start_subscriptions: bool,
    /// Directory id of whoever asks, by which the service counts requests.
    pub publisher_id: String,
    /// How far the first pass looks back, days, 1–7.
    pub look_back_days: u32,
    /// Longest span that is listed at once, hours, 1–24.
    pub window_hours: u32,
    /// How far before the position a pass lists again, hours.
    pub overlap_hours: u32,
    /// Blobs fetched at the same time.
    pub blobs_at_once_max: usize,
    /// Budget of the tenant, all content types together.
    pub requests_per_minute_max: u32,
}

/// What the audit feed offers (Microsoft: Office 365 Management Activity API reference, content types).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentType {
    /// SharePoint and OneDrive: all records about sharing and access.
    SharePoint,
    /// What has no other type: Teams, label events of Office apps, alerts.
    General,
    /// Entra ID.
    AzureActiveDirectory,
    /// Exchange.
    Exchange,
    /// Data loss prevention.
    Dlp,
}

impl ContentType {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::SharePoint, Self::General, Self::AzureActiveDirectory, Self::Exchange, Self::Dlp];

    /// As the service spells it; also the feed's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::SharePoint => "Audit.SharePoint",
            Self::General => "Audit.General",
            Self::AzureActiveDirectory => "Audit.AzureActiveDirectory",
            Self::Exchange => "Audit.Exchange",
            Self::Dlp => "DLP.All",
        }
    }
}

/// The Defender for Cloud Apps feed of a tenant.
#[derive(Debug, Clone)]
pub struct Defender {
    /// The API root, normalised to end in `/api/v1/`.
    pub url: Url,
    /// How to authenticate.
    pub credential: DefenderCredential,
    /// Which activities.
    pub select: Selection,
    /// When `run` reads it.
    pub schedule: Schedule,
    /// Which clock orders the scan.
    pub order: ScanOrder,
    /// Records a page, 500–5000.
    pub page_records: u32,
    /// How far before the position a pass starts again, minutes.
    pub overlap_minutes: u32,
    /// How far before now a pass ends, minutes.
    pub lag_minutes: u32,
    /// How far the first pass looks back, days.
    pub look_back_days: u32,
    /// Budget of the tenant, all endpoints together.
    pub requests_per_minute_max: u32,
    /// How often the inventory of shared files is read, hours; `None`: never.
    pub files_refresh_hours: Option<u32>,
}

/// How to authenticate to Defender.
#[derive(Debug, Clone)]
pub enum DefenderCredential {
    /// `Authorization: Token …`
    LegacyToken(SecretRef),
    /// `Authorization: Bearer …` of the tenant's (or installation's) identity.
    Application,
}

/// Which activities to ask for.
#[derive(Debug, Clone)]
pub enum Selection {
    /// All activities of these apps.
    Services(Vec<u32>),
    /// Only these event categories, such as `EVENT_CATEGORY_ACCEPT_SHARE_FILE`.
    EventTypes(Vec<String>),
}

/// Which clock orders a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScanOrder {
    /// `created`: when Defender stored it.
    Created,
    /// `date`: when it happened; needs a long overlap.
    Date,
}

/// Audit-log queries of Microsoft Graph.
#[derive(Debug, Clone)]
pub struct Graph {
    /// Which version of the API is asked first.
    pub api: GraphApi,
    /// Which operations are asked for.
    pub operations: Operations,
    /// Services that are asked one by one, such as `SharePoint`; empty: all that the application may see, at once.
    pub service_filters: Vec<String>,
    /// How long the tenant keeps its audit log, days.
    pub retention_days: u32,
    /// Hours of events that one query asks for at most.
    pub query_hours: u32,
    /// Queries that the service works on at one time.
    pub queries_at_once_max: usize,
    /// How long one run waits for a query, minutes; the next run goes on waiting for the same one.
    pub query_minutes_max: u32,
    /// Pause between two looks at a query.
    pub poll_seconds: u32,
    /// Records a page, 1–999.
    pub page_records: u32,
}

/// Which version of Graph is asked first; the other one where that has no such thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphApi {
    /// `beta`
    Beta,
    /// `v1.0`
    V1,
}

/// Which operations an audit-log query asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operations {
    /// Those that we know by name and that can matter to the question.
    Known,
    /// Whatever there is.
    All,
}

/// Advanced hunting over the table CloudAppEvents.
#[derive(Debug, Clone)]
pub struct Hunting {
    /// Activities of these apps.
    pub services: Vec<u32>,
    /// When `run` reads it.
    pub schedule: Schedule,
    /// Rows that one query asks for, 100–100000.
    pub query_rows: u32,
    /// Hours of events that one query looks at, at most.
    pub query_hours: u32,
    /// How far before the position a pass starts again, minutes: rows appear late.
    pub overlap_minutes: u32,
    /// How far before now a pass ends, minutes.
    pub lag_minutes: u32,
    /// How far the first pass looks back, days.
    pub look_back_days: u32,
    /// Budget of the tenant.
    pub requests_per_minute_max: u32,
}

/// A place where rows are delivered.
#[derive(Debug, Clone)]
pub enum Sink {
    /// Azure Monitor Logs Ingestion.
    LogsIngestion(LogsIngestion),
    /// The retired HTTP Data Collector.
    DataCollector(DataCollector),
}

impl Sink {
    /// Name in the outbox and in messages.
    pub fn name(&self) -> &str {
        match self {
            Self::LogsIngestion(sink) => &sink.name,
            Self::DataCollector(sink) => &sink.name,
        }
    }
}

/// The Logs Ingestion sink.
#[derive(Debug, Clone)]
pub struct LogsIngestion {
    /// Name in the outbox and in messages.
    pub name: String,
    /// Endpoint of the DCE, or of a DCR of kind Direct.
    pub endpoint: Url,
    /// `dcr-` and 32 hex digits.
    pub dcr_immutable_id: String,
    /// Input stream of `ShareTrailAccess_CL`; `None` leaves the table out.
    pub access_stream: Option<String>,
    /// Input stream of `ShareTrailShare_CL`.
    pub share_stream: Option<String>,
    /// Input stream of `ShareTrailGap_CL`.
    pub gap_stream: Option<String>,
    /// Input stream of `ShareTrailActivity_CL`; off by default.
    pub activity_stream: Option<String>,
    /// Input stream of `MCAS_CL`, the share report of older scripts; off by default.
    pub accept_stream: Option<String>,
    /// The workspace that the rule writes to, for `doctor` alone.
    pub workspace_id: Option<String>,
    /// Resource id of the rule, for `doctor` alone.
    pub dcr_resource_id: Option<String>,
    /// Body as sent, gzip.
    pub batch_wire_bytes_max: usize,
    /// Body before compression.
    pub batch_raw_bytes_max: usize,
}

/// The Data Collector sink: posts the `MCAS_CL` share report.
#[derive(Debug, Clone)]
pub struct DataCollector {
    /// Name in the outbox and in messages.
    pub name: String,
    /// The workspace.
    pub workspace: Workspace,
    /// Where its shared key is; `None` asks ARM.
    pub shared_key: Option<SecretRef>,
    /// `Log-Type` header; the service appends `_CL` to it.
    pub log_type: String,
    /// Body as sent.
    pub batch_bytes_max: usize,
}

/// How a workspace is found.
#[derive(Debug, Clone)]
pub enum Workspace {
    /// By its id (`customerId`).
    Id(String),
    /// By name through ARM.
    Named {
        /// The workspace's name.
        name: String,
        /// Narrows the search.
        resource_group: Option<String>,
        /// Narrows the search.
        subscription_id: Option<String>,
    },
}
