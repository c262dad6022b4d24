//! What is read of a tenant: its feeds, and what `backfill` asks.

use url::Url;

use super::SecretRef;
use crate::schedule::Schedule;

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
