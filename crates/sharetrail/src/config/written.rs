//! Configuration as written: the tables and keys of the TOML file, every one optional, nothing checked.
//!
//! These structs are the only list of keys there is: [`shape`] derives from them which keys are known and of what
//! type, so an unknown key can be named and the example can be held to them by a test.

use serde::{Deserialize, Serialize};

/// A value that has every key present, so that it can stand for the shape of its type.
trait Complete {
    fn complete() -> Self;
}

impl Complete for String {
    fn complete() -> Self {
        Self::new()
    }
}

impl Complete for u64 {
    fn complete() -> Self {
        0
    }
}

impl Complete for bool {
    fn complete() -> Self {
        false
    }
}

impl<T: Complete> Complete for Vec<T> {
    fn complete() -> Self {
        vec![T::complete()]
    }
}

/// Defines a table of the file: every key optional, and complete when asked for its shape.
macro_rules! table {
    ($(#[$about:meta])* $name:ident { $($(#[$key_about:meta])* $key:ident: $kind:ty,)* }) => {
        $(#[$about])*
        // No `Debug`: a secret may have been written where only its whereabouts belong.
        #[derive(Default, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name { $($(#[$key_about])* pub $key: Option<$kind>,)* }

        impl Complete for $name {
            fn complete() -> Self {
                Self { $($key: Some(Complete::complete()),)* }
            }
        }
    };
}

table! {
    /// The whole file.
    Written {
        /// `[cloud]`, or `cloud = "preset"`.
        cloud: CloudTable,
        /// `[identity]`
        identity: IdentityTable,
        /// `[tls]`
        tls: TlsTable,
        /// `[http]`
        http: HttpTable,
        /// `[store]`
        store: StoreTable,
        /// `[[tenant]]`
        tenant: Vec<TenantTable>,
    }
}

table! {
    /// `[cloud]`: a preset, and what differs from it.
    CloudTable {
        /// Name of the preset.
        preset: String,
        /// Entra ID authority.
        authority: String,
        /// Scope for Key Vault tokens.
        vault_scope: String,
        /// Whether a vault's challenge must name the vault's own host.
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
        /// Data Collector address with `{workspace}`.
        data_collector: String,
    }
}

table! {
    /// `[identity]` and `[tenant.identity]`
    IdentityTable {
        /// `client_secret`, `managed_identity` or `azure_cli`.
        kind: String,
        /// Directory of the application.
        tenant_id: String,
        /// Application id.
        client_id: String,
        /// Reference to the secret.
        client_secret: String,
    }
}

table! {
    /// `[tls]`
    TlsTable {
        /// PEM files with further trusted roots.
        extra_roots: Vec<String>,
    }
}

table! {
    /// `[http]`
    HttpTable {
        /// Milliseconds.
        connect_timeout_ms: u64,
        /// Milliseconds.
        read_timeout_ms: u64,
        /// Milliseconds.
        request_timeout_ms: u64,
        /// Calls, the first included.
        attempts_max: u64,
        /// Milliseconds.
        retry_delay_ms: u64,
        /// Milliseconds.
        retry_delay_ms_max: u64,
        /// Seconds.
        retry_after_seconds_max: u64,
        /// Bytes.
        response_bytes_max: u64,
    }
}

table! {
    /// `[store]`
    StoreTable {
        /// Days.
        dedup_days: u64,
        /// Rows.
        recompute_rows_max: u64,
        /// Bytes.
        store_bytes_max: u64,
        /// Seconds.
        lock_wait_seconds_max: u64,
    }
}

table! {
    /// One `[[tenant]]`.
    TenantTable {
        /// Short name.
        name: String,
        /// Entra tenant id.
        tenant_id: String,
        /// Accepted domains.
        internal_domains: Vec<String>,
        /// Domains that count as inside.
        trusted_domains: Vec<String>,
        /// `relevant` or `all`.
        keep: String,
        /// `[tenant.identity]`
        identity: IdentityTable,
        /// `[tenant.defender]`
        defender: DefenderTable,
        /// `[tenant.sink]`
        sink: SinkTable,
    }
}

table! {
    /// `[tenant.defender]`
    DefenderTable {
        /// API address.
        url: String,
        /// Reference to a legacy token.
        token: String,
        /// App ids.
        services: Vec<u64>,
        /// Event categories.
        event_types: Vec<String>,
        /// `created` or `date`.
        order: String,
        /// Records.
        page_records: u64,
        /// Minutes.
        overlap_minutes: u64,
        /// Minutes.
        lag_minutes: u64,
        /// Days.
        look_back_days: u64,
        /// Requests a minute.
        requests_per_minute_max: u64,
    }
}

table! {
    /// `[tenant.sink]`
    SinkTable {
        /// `[tenant.sink.logs_ingestion]`
        logs_ingestion: LogsIngestionTable,
        /// `[tenant.sink.data_collector]`
        data_collector: DataCollectorTable,
    }
}

table! {
    /// `[tenant.sink.logs_ingestion]`
    LogsIngestionTable {
        /// DCE or DCR endpoint.
        endpoint: String,
        /// DCR id.
        dcr_immutable_id: String,
        /// Stream of accesses.
        access_stream: String,
        /// Stream of gaps.
        gap_stream: String,
        /// Stream of activities.
        activity_stream: String,
        /// Count the 1 MB limit before compression.
        strict: bool,
        /// Bytes.
        batch_wire_bytes_max: u64,
        /// Bytes.
        batch_raw_bytes_max: u64,
    }
}

table! {
    /// `[tenant.sink.data_collector]`
    DataCollectorTable {
        /// Workspace name.
        workspace: String,
        /// Workspace id.
        workspace_id: String,
        /// Narrows the search.
        resource_group: String,
        /// Narrows the search.
        subscription_id: String,
        /// Reference to the shared key.
        shared_key: String,
        /// `Log-Type`.
        log_type: String,
        /// Bytes.
        batch_bytes_max: u64,
    }
}

/// Every known key with a value of its type: objects are tables, an array's one element is the shape of its elements.
pub fn shape() -> serde_json::Value {
    // Structs of strings, numbers and lists with text keys always serialise; were it otherwise, `Null` would make
    // every key unknown and the example's test fail.
    serde_json::to_value(Written::complete()).unwrap_or_default()
}
