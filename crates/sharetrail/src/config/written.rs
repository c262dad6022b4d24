//! Configuration as written: the tables and keys of the TOML file, every one optional, nothing checked.
//!
//! These structs are the only list of keys there is: [`shape`] derives from them which keys are known and of what
//! type, so an unknown key can be named and the example can be held to them by a test.

use serde::{Deserialize, Serialize};

/// A value that has every key present, so that it can stand for the shape of its type.
trait Complete {
    fn complete() -> Self;

    /// Its type in words, for the reference.
    #[cfg(test)]
    fn kind() -> String;

    /// Adds the keys of a table that stands at `path`.
    #[cfg(test)]
    fn keys(_path: &str, _keys: &mut Vec<Key>) {}
}

/// A key of the file, for the reference.
#[cfg(test)]
pub struct Key {
    /// As in `tenant.defender.url`.
    pub path: String,
    /// Its type in words.
    pub kind: String,
    /// What it says: the documentation of its field.
    pub about: &'static str,
}

impl Complete for String {
    fn complete() -> Self {
        Self::new()
    }

    #[cfg(test)]
    fn kind() -> String {
        "text".into()
    }
}

impl Complete for u64 {
    fn complete() -> Self {
        0
    }

    #[cfg(test)]
    fn kind() -> String {
        "whole number".into()
    }
}

impl Complete for bool {
    fn complete() -> Self {
        false
    }

    #[cfg(test)]
    fn kind() -> String {
        "true or false".into()
    }
}

impl<T: Complete> Complete for Vec<T> {
    fn complete() -> Self {
        vec![T::complete()]
    }

    #[cfg(test)]
    fn kind() -> String {
        format!("list ({})", T::kind())
    }

    #[cfg(test)]
    fn keys(path: &str, keys: &mut Vec<Key>) {
        T::keys(path, keys);
    }
}

/// Defines a table of the file: every key optional, and complete when asked for its shape.
macro_rules! table {
    ($(#[$about:meta])* $name:ident { $($(#[doc = $key_about:literal])* $key:ident: $kind:ty,)* }) => {
        $(#[$about])*
        // No `Debug`: a secret may have been written where only its whereabouts belong.
        #[derive(Default, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name { $($(#[doc = $key_about])* pub $key: Option<$kind>,)* }

        impl Complete for $name {
            fn complete() -> Self {
                Self { $($key: Some(Complete::complete()),)* }
            }

            #[cfg(test)]
            fn kind() -> String {
                "table".into()
            }

            #[cfg(test)]
            fn keys(path: &str, keys: &mut Vec<Key>) {
                $({
                    let path = format!("{path}{}", stringify!($key));
                    // Each line of documentation begins with a blank, so that lines do not run together.
                    let about = concat!($($key_about),*).trim_ascii_start();
                    keys.push(Key { path: path.clone(), kind: <$kind>::kind(), about });
                    <$kind>::keys(&format!("{path}."), keys);
                })*
            }
        }
    };
}

mod alerts;
mod feeds;
mod running;
mod sinks;
mod tenant;

pub use self::alerts::{AlertsTable, RuleTable, WebhookTable};
pub use self::feeds::{AuditTable, DefenderTable, GraphTable, HuntingTable};
pub use self::running::{DashboardTable, FunctionTable, RunTable, TelemetryTable};
pub use self::sinks::{DataCollectorTable, LogsIngestionTable, SinkTable};
pub use self::tenant::{ClassificationTable, DeclaredTable, DirectoryTable, MatchingTable, TeamTable, TenantTable};

table! {
    /// The whole file.
    Written {
        /// Addresses and scopes of the cloud; `cloud = "usgov-high"` alone names a preset.
        cloud: CloudTable,
        /// Who this installation is: reads the vault, finds the workspace, and signs in to every tenant without an
        /// identity of its own.
        identity: IdentityTable,
        /// Trusted roots.
        tls: TlsTable,
        /// Limits and waits of calls to services.
        http: HttpTable,
        /// Limits of the store.
        store: StoreTable,
        /// How `run` works: schedule, limits, and where it tells of its health.
        run: RunTable,
        /// How `function` works, the handler for Azure Functions: where its state is, and for how long it may work.
        function: FunctionTable,
        /// Where `run` sends traces and logs.
        telemetry: TelemetryTable,
        /// Who is told of what the rules find, and how often.
        alerts: AlertsTable,
        /// A rule of alerts that is used otherwise than by itself, each a `[[rule]]`; all rules are on.
        rule: Vec<RuleTable>,
        /// Where addresses are.
        places: PlacesTable,
        /// Who may open the dashboard.
        dashboard: DashboardTable,
        /// The tenants to collect from, each a `[[tenant]]`.
        tenant: Vec<TenantTable>,
    }
}

table! {
    /// `[cloud]`: a preset, and what differs from it.
    CloudTable {
        /// `public`, `usgov-gcc`, `usgov-high`, `dod` or `china`; the other keys override it one by one.
        preset: String,
        /// Entra ID authority.
        authority: String,
        /// Scope for Key Vault tokens.
        vault_scope: String,
        /// Whether a vault that asks for a token must name itself; off for an emulator only.
        vault_challenge_check: bool,
        /// Azure Resource Manager.
        arm: String,
        /// Scope for ARM tokens.
        arm_scope: String,
        /// Scope for Logs Ingestion tokens.
        ingestion_scope: String,
        /// Log Analytics query API.
        query: String,
        /// Scope for query tokens.
        query_scope: String,
        /// Scope for Defender for Cloud Apps tokens.
        defender_scope: String,
        /// Office 365 Management Activity API.
        audit: String,
        /// Scope for its tokens.
        audit_scope: String,
        /// Microsoft Graph, without a version: audit-log queries, advanced hunting.
        graph: String,
        /// Scope for Graph tokens.
        graph_scope: String,
        /// Identity service of virtual machines, where it is not at 169.254.169.254; `AZURE_POD_IDENTITY_AUTHORITY_HOST` names
        /// one as well.
        machine_identity: String,
        /// Address of the HTTP Data Collector, with `{workspace}` where the workspace id goes.
        data_collector: String,
    }
}

table! {
    /// `[identity]` and `[tenant.identity]`
    IdentityTable {
        /// `client_certificate`, `client_secret`, `workload_identity`, `managed_identity`, `azure_cli`, or `chain`.
        kind: String,
        /// With `kind = "chain"`: the kinds to try, in this order; the first that gives a token is kept for the run.
        chain: Vec<String>,
        /// Directory of the application; for `[tenant.identity]` the tenant's own if left out.
        tenant_id: String,
        /// Application id, or a user-assigned managed identity.
        client_id: String,
        /// Object id of a user-assigned managed identity, instead of its client id. With `managed_identity` only.
        object_id: String,
        /// Resource id of a user-assigned managed identity, instead of its client id. With `managed_identity` only.
        resource_id: String,
        /// Where the secret is: `keyvault:`, `env:` or `file:`. With `client_secret` only; the installation's own
        /// cannot be in the vault that it opens.
        client_secret: String,
        /// Where certificate and private key are, as PEM or PKCS#12: `keyvault:`, `env:` or `file:`. With
        /// `client_certificate` only; the installation's own cannot be in the vault that it opens.
        certificate: String,
        /// Where the password of the PKCS#12 file is, if it has one.
        certificate_password: String,
        /// `PS256`, or `RS256` for an authority that does not know it.
        certificate_algorithm: String,
        /// File with the foreign token. With `workload_identity` only; without it the one that
        /// `AZURE_FEDERATED_TOKEN_FILE` names.
        token_file: String,
    }
}

table! {
    /// `[tls]`
    TlsTable {
        /// PEM files with trusted roots beside the bundled and the system's; a relative path starts at the
        /// configuration's folder.
        extra_roots: Vec<String>,
    }
}

table! {
    /// `[http]`
    HttpTable {
        /// To establish a connection.
        connect_timeout_ms: u64,
        /// Without a byte from the server.
        read_timeout_ms: u64,
        /// For one whole call.
        request_timeout_ms: u64,
        /// Calls made before giving up, the first included.
        attempts_max: u64,
        /// First pause between attempts; doubles, with jitter.
        retry_delay_ms: u64,
        /// Longest such pause.
        retry_delay_ms_max: u64,
        /// Longest pause that a server may ask for and that is waited; for a longer one the next pass is left to try.
        retry_after_seconds_max: u64,
        /// Largest answer that is read.
        response_bytes_max: u64,
    }
}

table! {
    /// `[store]`
    StoreTable {
        /// How long ids of records that were not kept are remembered after they arrived.
        dedup_days: u64,
        /// Rows that one transaction of recomputing writes at most.
        recompute_rows_max: u64,
        /// Size at which collection pauses.
        store_bytes_max: u64,
        /// How long a second writer waits for the first.
        lock_wait_seconds_max: u64,
    }
}

table! {
    /// `[places]`
    PlacesTable {
        /// A database of countries and cities in MaxMind's format (GeoLite2 City and others), which gives `Country` and
        /// `City` where Defender does not; a relative path starts at the configuration's folder.
        file: String,
    }
}

/// Every known key with a value of its type: objects are tables, an array's one element is the shape of its elements.
pub fn shape() -> serde_json::Value {
    // Structs of strings, numbers and lists with text keys always serialise; were it otherwise, `Null` would make
    // every key unknown and the example's test fail.
    serde_json::to_value(Written::complete()).unwrap_or_default()
}

/// Every known key, in the order of the file, for the reference.
#[cfg(test)]
pub fn keys() -> Vec<Key> {
    let mut keys = Vec::new();
    Written::keys("", &mut keys);
    keys
}
