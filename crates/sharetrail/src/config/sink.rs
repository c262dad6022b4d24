//! Checks of a tenant's sinks.

use super::check::Check;
use super::settings::{DataCollector, LogsIngestion, Sink, Workspace};
use super::written::{DataCollectorTable, LogsIngestionTable, SinkTable};

/// The service refuses a request above 1 MB (Microsoft: Azure Monitor service limits, Logs Ingestion API).
pub const WIRE_BYTES_MAX: u64 = 1_000_000;
/// Before compression; the service's own limit there is far higher and not documented.
pub const RAW_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// The Data Collector takes 30 MB a post (Microsoft: HTTP Data Collector API); we stay clear of the edge.
const COLLECTOR_BYTES_MAX: u64 = 25_000_000;

/// The sinks of `[tenant.sink]`, those that are right.
pub fn sinks(check: &mut Check, path: &str, table: SinkTable) -> Vec<Sink> {
    let logs_ingestion = table.logs_ingestion.and_then(|sink| logs_ingestion(check, path, sink));
    let data_collector = table.data_collector.and_then(|sink| data_collector(check, path, sink));
    logs_ingestion.map(Sink::LogsIngestion).into_iter().chain(data_collector.map(Sink::DataCollector)).collect()
}

/// Whether accesses or shares leave through this sink: rows that say of somebody that they are outside.
pub fn delivers_people(sink: &Sink) -> bool {
    matches!(sink, Sink::LogsIngestion(sink) if sink.access_stream.is_some() || sink.share_stream.is_some())
}

fn logs_ingestion(check: &mut Check, path: &str, table: LogsIngestionTable) -> Option<LogsIngestion> {
    let name = "logs_ingestion";
    let at = |key: &str| format!("{path}.{name}.{key}");
    let hint = "the logs ingestion endpoint of the data collection endpoint, or of a rule of kind Direct";
    let endpoint = check.required(&at("endpoint"), table.endpoint, hint);
    let endpoint = endpoint.and_then(|text| check.url(&at("endpoint"), &text));
    let hint = "the rule's immutable id: dcr- and 32 hex digits";
    let dcr_immutable_id = check.required(&at("dcr_immutable_id"), table.dcr_immutable_id, hint);
    let dcr_immutable_id = dcr_immutable_id.and_then(|id| dcr_id(check, &at("dcr_immutable_id"), id));
    let streams =
        [&table.access_stream, &table.share_stream, &table.gap_stream, &table.activity_stream, &table.accept_stream];
    if streams.iter().all(|stream| stream.is_none()) {
        check.problem(
            &format!("{path}.{name}"),
            "delivers nothing: name at least one of `access_stream`, `share_stream`, `gap_stream`, `activity_stream`, \
             `accept_stream`",
        );
    }
    let access_stream = stream(check, &at("access_stream"), table.access_stream);
    let share_stream = stream(check, &at("share_stream"), table.share_stream);
    let gap_stream = stream(check, &at("gap_stream"), table.gap_stream);
    let activity_stream = stream(check, &at("activity_stream"), table.activity_stream);
    let accept_stream = stream(check, &at("accept_stream"), table.accept_stream);
    let workspace_id = table.workspace_id.and_then(|id| check.guid(&at("workspace_id"), &id));
    let dcr_resource_id = table
        .dcr_resource_id
        .and_then(|id| check.resource_id(&at("dcr_resource_id"), &id, "Microsoft.Insights/dataCollectionRules"));
    let strict = table.strict.unwrap_or(false);
    // The limits page counts 1 MB; read strictly that is before compression.
    let raw_bytes_default = if strict { WIRE_BYTES_MAX } else { RAW_BYTES_MAX };
    let raw = table.batch_raw_bytes_max;
    let raw = check.size(&at("batch_raw_bytes_max"), raw, raw_bytes_default, 1000..=50 * 1024 * 1024);
    if strict && raw as u64 > WIRE_BYTES_MAX {
        check.problem(&at("batch_raw_bytes_max"), "must not exceed 1000000 with strict = true; leave one of them out");
    }
    let wire = table.batch_wire_bytes_max;
    Some(LogsIngestion {
        name: name.to_owned(),
        batch_wire_bytes_max: check.size(&at("batch_wire_bytes_max"), wire, WIRE_BYTES_MAX, 1000..=1_048_576),
        batch_raw_bytes_max: raw,
        endpoint: endpoint?,
        dcr_immutable_id: dcr_immutable_id?,
        access_stream,
        share_stream,
        gap_stream,
        activity_stream,
        accept_stream,
        workspace_id,
        dcr_resource_id,
    })
}

fn dcr_id(check: &mut Check, path: &str, id: String) -> Option<String> {
    let hex = id.strip_prefix("dcr-").filter(|hex| hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if hex.is_some() {
        return Some(id);
    }
    let remedy = if id.starts_with('/') {
        "is the rule's resource id; the immutable id is wanted"
    } else {
        "is not the immutable id of a data collection rule"
    };
    check.problem(path, &format!("{remedy}: dcr- and 32 hex digits, `properties.immutableId` in the rule's JSON view"));
    None
}

fn stream(check: &mut Check, path: &str, name: Option<String>) -> Option<String> {
    let name = name?;
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if !plain || name.len() > 128 || !(name.starts_with("Custom-") || name.starts_with("Microsoft-")) {
        check.problem(path, "must be an input stream as the rule declares it, such as Custom-ShareTrailAccess_CL");
    }
    Some(name)
}

fn data_collector(check: &mut Check, path: &str, table: DataCollectorTable) -> Option<DataCollector> {
    let name = "data_collector";
    let at = |key: &str| format!("{path}.{name}.{key}");
    let shared_key = match table.shared_key {
        Some(text) => Some(check.secret(&at("shared_key"), &text)?),
        None => None,
    };
    let log_type = table.log_type.unwrap_or_else(|| "MCAS_CL".to_owned());
    let plain = log_type.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !plain || log_type.is_empty() || log_type.len() > 100 {
        check.problem(&at("log_type"), "must be at most 100 letters, digits and underscores");
    }
    let batch_bytes_max =
        check.size(&at("batch_bytes_max"), table.batch_bytes_max, COLLECTOR_BYTES_MAX, 1000..=30_000_000);
    let subscription_id = table.subscription_id.and_then(|text| check.guid(&at("subscription_id"), &text));
    let workspace = match (table.workspace, table.workspace_id) {
        (Some(_), Some(_)) => {
            check.problem(&at("workspace"), "and `workspace_id` exclude each other: give one of them");
            return None;
        }
        (None, Some(_)) if table.resource_group.is_some() => {
            check.problem(&at("resource_group"), "narrows a search by `workspace`; with `workspace_id` leave it out");
            return None;
        }
        (None, Some(id)) => Workspace::Id(check.guid(&at("workspace_id"), &id)?),
        (name, None) => {
            let hint = "the workspace's name, or `workspace_id` with its id";
            let name = check.required(&at("workspace"), name, hint)?;
            Workspace::Named { name, resource_group: table.resource_group, subscription_id }
        }
    };
    Some(DataCollector { name: name.to_owned(), workspace, shared_key, log_type, batch_bytes_max })
}
