//! Where rows go.

use url::Url;

use super::SecretRef;

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
