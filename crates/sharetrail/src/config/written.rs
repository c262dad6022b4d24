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
pub use alerts::{AlertsTable, RuleTable, WebhookTable};

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
    /// `[run]`
    RunTable {
        /// When feeds are read that have no schedule of their own: how often (`every 5 minutes`), or a cron pattern in UTC.
        schedule: String,
        /// Address and port of `/healthz`, `/readyz` and `/metrics`.
        listen: String,
        /// How much later than its schedule a tenant may begin, so that many do not begin together.
        jitter_seconds_max: u64,
        /// How far a feed may be behind before `/readyz` fails. Left out: an hour more than its schedule's longest pause.
        lag_minutes_max: u64,
        /// Tenants that are read at the same time.
        tenants_at_once_max: u64,
        /// How long a pass over a tenant may take, two thirds of it for reading; the next pass goes on.
        pass_minutes_max: u64,
        /// How long passes may take to come to an end when the program is asked to stop.
        stop_seconds_max: u64,
        /// Pause after a feed or sink failed; doubles from failure to failure.
        retry_seconds: u64,
        /// Longest such pause.
        retry_seconds_max: u64,
    }
}

table! {
    /// `[function]`
    FunctionTable {
        /// App setting that tells of the storage account for the state: a connection string, or with an identity the settings
        /// that begin with this name and end in `__accountName` or `__blobServiceUri`.
        storage: String,
        /// Container for the state, a blob for each tenant; it is made where it is not there.
        container: String,
        /// Largest state: an instance that starts fetches it whole into its temporary folder. Collection pauses at this size,
        /// or at `store.store_bytes_max` where that is less.
        state_bytes_max: u64,
        /// How long an invocation may work; what is left waits for the next one. Left out, a minute less than `functionTimeout`
        /// of `host.json`, or 4 minutes where that is not said.
        minutes_max: u64,
    }
}

table! {
    /// `[telemetry]`
    TelemetryTable {
        /// Address of an OpenTelemetry collector that takes OTLP over HTTP as JSON; `/v1/traces` and `/v1/logs` are added.
        /// Required. Headers that it asks for stand in the environment, as `OTEL_EXPORTER_OTLP_HEADERS`.
        endpoint: String,
        /// Whether traces are sent: a span for each pass, feed and sink.
        traces: bool,
        /// Whether log lines are sent.
        logs: bool,
        /// As which service.
        service_name: String,
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

table! {
    /// `[dashboard]`
    DashboardTable {
        /// `entra`: `serve` sends browsers to Entra ID to sign in. `app_service`: it believes the header
        /// `X-MS-CLIENT-PRINCIPAL`, which only Azure App Service, Functions and Container Apps with authentication guard.
        /// Required.
        sign_in: String,
        /// Address by which browsers reach the dashboard (`entra`); the application's redirect URI is this and
        /// `/sign-in/answer`.
        base_url: String,
        /// Directory of the people. Required.
        tenant_id: String,
        /// Application that people sign in to (`entra`).
        client_id: String,
        /// Where its secret is (`entra`): `keyvault:`, `env:` or `file:`.
        client_secret: String,
        /// Object ids of people who may open it.
        users: Vec<String>,
        /// Object ids of groups whose members may; the application's tokens have to name groups.
        groups: Vec<String>,
    }
}

table! {
    /// One `[[tenant]]`.
    TenantTable {
        /// Short name; also the store's file name where there are several tenants. Required.
        name: String,
        /// The tenant's directory id. Required.
        tenant_id: String,
        /// Accepted domains: their people are inside. Without any, nobody is known to be inside.
        internal_domains: Vec<String>,
        /// Domains of sister companies whose people count as inside.
        trusted_domains: Vec<String>,
        /// When `run` reads this tenant's feeds; as in `[run]` if left out.
        schedule: String,
        /// `relevant` keeps records that can matter to the question and counts the others; `all` keeps everything.
        keep: String,
        /// Another identity for this tenant's services; its secret may be in the vault.
        identity: IdentityTable,
        /// What counts as classified; without it, no label and no place does.
        classification: ClassificationTable,
        /// What Microsoft Graph is asked about the tenant itself.
        directory: DirectoryTable,
        /// Sites of teams, each a `[[tenant.team]]`: records of Teams say who joined a team and not which site is its own.
        team: Vec<TeamTable>,
        /// How accesses are matched to shares where no record says it.
        matching: MatchingTable,
        /// The audit feed: Office 365 Management Activity API.
        audit: AuditTable,
        /// The Defender for Cloud Apps feed.
        defender: DefenderTable,
        /// Advanced hunting (Defender XDR): the feed for tenants that leave the Defender API.
        hunting: HuntingTable,
        /// Audit-log queries of Microsoft Graph, for `backfill`.
        graph: GraphTable,
        /// Where rows go; none is needed for reports.
        sink: SinkTable,
    }
}

table! {
    /// `[tenant.classification]`
    ClassificationTable {
        /// The tenant's labels, one a line: `GUID,name[,parent,order]`, with or without a header; a relative path starts
        /// at the configuration's folder.
        labels_file: String,
        /// Labels that are classified, by immutable id, or by name, which needs `labels_file` or Graph. A label stands for its
        /// sub-labels.
        classified_labels: Vec<String>,
        /// Labels of this order number or a higher one are classified; needs `labels_file` or Graph.
        order_min: u64,
        /// Policies of data loss prevention, by id or name: a file that one of them matches is classified.
        classified_policies: Vec<String>,
        /// Whether a known label of a file outweighs the declaration of its place.
        lower_label_lowers_declared: bool,
        /// Places that are classified whatever the labels in them say, each a `[[tenant.classification.declared]]`.
        declared: Vec<DeclaredTable>,
    }
}

table! {
    /// One `[[tenant.classification.declared]]`.
    DeclaredTable {
        /// Address of a site, library or folder, with all below it.
        url: String,
        /// Id of a site, instead of `url`.
        site_id: String,
        /// What it is: the name of a label, or any other text. Required.
        level: String,
    }
}

table! {
    /// `[tenant.directory]`
    DirectoryTable {
        /// Whether names and order of the labels come from Graph, which needs the role
        /// `InformationProtectionPolicy.Read.All`; what `labels_file` says goes before.
        labels: bool,
        /// Whether verified domains come from Graph and count as inside beside `internal_domains`, which needs the role
        /// `Domain.Read.All`.
        domains: bool,
        /// After how many hours Graph is asked again.
        refresh_hours: u64,
    }
}

table! {
    /// One `[[tenant.team]]`.
    TeamTable {
        /// Id of the Microsoft 365 group behind the team, which a link to the team contains (`groupId`). Required.
        group_id: String,
        /// Address of the team's site. Required.
        site: String,
    }
}

table! {
    /// `[tenant.matching]`
    MatchingTable {
        /// How long after the end of a share an access still goes through it; later ones are unexplained.
        after_end_minutes: u64,
        /// How much earlier than its share an access may be stamped.
        early_seconds: u64,
        /// How long an anonymous session lasts after its link was used.
        anonymous_session_hours: u64,
        /// How long after the use of a link the same person's accesses count as coming through it.
        link_used_before_hours: u64,
        /// Whether anonymous accesses are joined to the use of an "Anyone" link by session.
        anonymous_session: bool,
        /// Whether the same client address is enough for that; behind one address may be many people.
        anonymous_session_by_ip: bool,
        /// Whether the earlier use of a link by the same person explains an access.
        link_used_before: bool,
        /// Whether membership of the site explains an access.
        site_membership: bool,
        /// Whether the only open "Anyone" link is taken for one that was used and is not named.
        only_live_link: bool,
    }
}

table! {
    /// `[tenant.audit]`
    AuditTable {
        /// Which content is read: `Audit.SharePoint` (SharePoint and OneDrive), `Audit.General`,
        /// `Audit.AzureActiveDirectory`, `Audit.Exchange`, `DLP.All`. Each is a feed of its own.
        content_types: Vec<String>,
        /// When `run` reads these feeds; as the tenant's others if left out.
        schedule: String,
        /// Whether a subscription that is not there is started, the one thing that is ever written; without it no
        /// content is made.
        start_subscriptions: bool,
        /// Who asks, as a directory id: the service counts requests by it. The tenant's own id if left out.
        publisher_id: String,
        /// How far the first pass looks back, 1 to 7; of seven days, ten minutes are left out as a margin.
        look_back_days: u64,
        /// Longest span that is listed at once, at most 24.
        window_hours: u64,
        /// How far before its position a pass lists again; what was read already is not fetched again.
        overlap_hours: u64,
        /// Blobs that are fetched at the same time.
        blobs_at_once_max: u64,
        /// Budget of this tenant; the service allows 2000 and more.
        requests_per_minute_max: u64,
    }
}

table! {
    /// `[tenant.defender]`
    DefenderTable {
        /// API address, as the Defender portal shows it under Settings, Cloud Apps, System, About. Required.
        url: String,
        /// Where a token made in the portal is; without it the identity signs in.
        token: String,
        /// Activities of these apps: SharePoint Online, OneDrive for Business, Teams. One that is added later is read as
        /// far back as the first ones were. 11161 (Microsoft 365) has label events of desktop applications, and sign-ins.
        services: Vec<u64>,
        /// Only these event categories, instead of `services`.
        event_types: Vec<String>,
        /// When `run` reads this feed; as the tenant's others if left out.
        schedule: String,
        /// Clock that orders the scan: `created`, when Defender stored it, or `date`, when it happened, which needs
        /// an overlap of 360 minutes or more (1440 if left out).
        order: String,
        /// Records a page, 500 to 5000.
        page_records: u64,
        /// How far before its position a pass starts again.
        overlap_minutes: u64,
        /// How far before now a pass ends.
        lag_minutes: u64,
        /// How far the first pass looks back, 1 to 30.
        look_back_days: u64,
        /// Budget of this tenant; Defender allows 30 to all clients together.
        requests_per_minute_max: u64,
        /// Whether the inventory of shared files is read as well (Files API), for shares that are older than the records.
        /// Needs `token`: no role of an application opens it.
        files: bool,
        /// How often the inventory is read.
        files_refresh_hours: u64,
    }
}

table! {
    /// `[tenant.hunting]`
    HuntingTable {
        /// Activities of these apps: SharePoint Online, OneDrive for Business, Teams.
        services: Vec<u64>,
        /// When `run` reads this feed; hourly if left out, since each pass reads a day again.
        schedule: String,
        /// Rows that one query asks for, 100 to 100000.
        query_rows: u64,
        /// Hours of events that one query looks at.
        query_hours: u64,
        /// How far before its position a pass starts again: rows appear hours after their event.
        overlap_minutes: u64,
        /// How far before now a pass ends.
        lag_minutes: u64,
        /// How far the first pass looks back, 1 to 30.
        look_back_days: u64,
        /// Budget of this tenant; the service allows at least 45.
        requests_per_minute_max: u64,
    }
}

table! {
    /// `[tenant.graph]`
    GraphTable {
        /// Version of the API that is asked first, `beta` or `v1.0`; the other one where that has no audit-log queries.
        api: String,
        /// `known` asks for the operations that can matter, by name; `all` for every record, new operations included.
        /// Left out: `known`, and with `keep = "all"` everything.
        operations: String,
        /// Services to ask one by one, such as `SharePoint` and `OneDrive`; left out, all that the application may see.
        service_filters: Vec<String>,
        /// How long the tenant keeps its audit log: 180 days, or a year and more with a premium licence.
        retention_days: u64,
        /// Hours of events that one query asks for.
        query_hours: u64,
        /// Queries that the service works on at one time; it takes at most 10.
        queries_at_once_max: u64,
        /// How long a run waits for a query; the next run goes on waiting for the same one.
        query_minutes_max: u64,
        /// Pause between two looks at a query.
        poll_seconds: u64,
        /// Records a page, 1 to 999.
        page_records: u64,
    }
}

table! {
    /// `[tenant.sink]`
    SinkTable {
        /// Azure Monitor Logs Ingestion.
        logs_ingestion: LogsIngestionTable,
        /// The retired HTTP Data Collector, for the share report of older scripts.
        data_collector: DataCollectorTable,
    }
}

table! {
    /// `[tenant.sink.logs_ingestion]`
    LogsIngestionTable {
        /// Logs ingestion endpoint of a data collection endpoint, or of a rule of kind Direct. Required.
        endpoint: String,
        /// Immutable id of the data collection rule. Required.
        dcr_immutable_id: String,
        /// Stream for `ShareTrailAccess_CL`; a stream that is not named is not delivered, and at least one is needed.
        access_stream: String,
        /// Stream for `ShareTrailShare_CL`.
        share_stream: String,
        /// Stream for `ShareTrailGap_CL`.
        gap_stream: String,
        /// Stream for `ShareTrailActivity_CL`: much data, every activity that was kept.
        activity_stream: String,
        /// Stream for `MCAS_CL`, the share report of older scripts: accepted invitations.
        accept_stream: String,
        /// Workspace that the rule writes to, by id: `doctor` then looks by query whether tables and columns are there, and
        /// delivery does not need it.
        workspace_id: String,
        /// Resource id of the rule: `doctor` then looks whether its streams declare all columns, and delivery does not need
        /// it.
        dcr_resource_id: String,
        /// Whether the limit of 1 MB counts before compression.
        strict: bool,
        /// Size of a request as it is sent.
        batch_wire_bytes_max: u64,
        /// Size of a request before compression; 1000000 where `strict`.
        batch_raw_bytes_max: u64,
    }
}

table! {
    /// `[tenant.sink.data_collector]`
    DataCollectorTable {
        /// Workspace by name, searched in every subscription that can be read.
        workspace: String,
        /// Workspace by id, instead of by name.
        workspace_id: String,
        /// Narrows the search.
        resource_group: String,
        /// Narrows the search.
        subscription_id: String,
        /// Where the workspace's key is; without it Azure is asked, which needs a right to list keys.
        shared_key: String,
        /// `Log-Type` header; the service appends `_CL` to make the table's name of it.
        log_type: String,
        /// Size of a request.
        batch_bytes_max: u64,
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
