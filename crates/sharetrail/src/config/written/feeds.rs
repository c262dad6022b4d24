//! What is read of a tenant, as written.

use super::*;

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
