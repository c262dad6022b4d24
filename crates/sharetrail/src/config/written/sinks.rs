//! `[tenant.sink]` as written.

use super::*;

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
