//! Configuration as used: checked, complete, ready to build from. What was typed is in `written.rs`.

mod feeds;
mod identity;
mod running;
mod sinks;

use std::path::PathBuf;

use trail::classification::Declared;
use trail::matching::MatchRules;
use trail::team::Teams;
use url::Url;

pub use self::feeds::{
    Audit, ContentType, Defender, DefenderCredential, Graph, GraphApi, Hunting, Operations, ScanOrder, Selection,
};
pub use self::identity::{AssignedIdentity, Identity, SecretRef, SigningAlgorithm};
pub use self::running::{Dashboard, Function, Run, SignInBy, Telemetry};
pub use self::sinks::{DataCollector, LogsIngestion, Sink, Workspace};
pub use super::alerted::{Alerts, Webhook, WebhookKind};

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
