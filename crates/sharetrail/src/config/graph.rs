//! Checks of what is asked of Microsoft Graph: audit-log queries and advanced hunting.

use super::check::Check;
use super::run;
use super::settings::{Graph, GraphApi, Hunting, Keep, Operations};
use super::tenant::services;
use super::written::{GraphTable, HuntingTable};
use crate::schedule::Schedule;

/// Each pass reads a day again, for which more often would ask much of a quota that people share.
const HUNTING_MINUTES: u64 = 60;

/// `[tenant.graph]`; what is kept decides which operations are asked for by default.
pub fn graph(check: &mut Check, path: &str, table: GraphTable, keep: Option<Keep>) -> Option<Graph> {
    let at = |key: &str| format!("{path}.{key}");
    let api = match table.api.as_deref() {
        None | Some("beta") => Some(GraphApi::Beta),
        Some("v1.0") => Some(GraphApi::V1),
        Some(_) => {
            check.problem(&at("api"), "must be \"beta\" or \"v1.0\"");
            None
        }
    };
    let operations = match (table.operations.as_deref(), keep) {
        (None, Some(Keep::All)) | (Some("all"), _) => Some(Operations::All),
        (None, _) | (Some("known"), _) => Some(Operations::Known),
        (Some(_), _) => {
            check.problem(&at("operations"), "must be \"known\" or \"all\"");
            None
        }
    };
    let service_filters = table.service_filters.unwrap_or_default();
    if service_filters.iter().any(|name| name.trim().is_empty()) {
        check.problem(&at("service_filters"), "must list services by name, such as \"SharePoint\"");
    }
    Some(Graph {
        service_filters,
        // Microsoft: Audit retention, ten years at most.
        retention_days: check.number32(&at("retention_days"), table.retention_days, 180, 1..=3660),
        query_hours: check.number32(&at("query_hours"), table.query_hours, 24, 1..=31 * 24),
        // The portal, over the same service, works on 10 searches at once (Microsoft: Audit search).
        queries_at_once_max: check.size(&at("queries_at_once_max"), table.queries_at_once_max, 4, 1..=10),
        query_minutes_max: check.number32(&at("query_minutes_max"), table.query_minutes_max, 30, 1..=24 * 60),
        poll_seconds: check.number32(&at("poll_seconds"), table.poll_seconds, 15, 1..=300),
        page_records: check.number32(&at("page_records"), table.page_records, 999, 1..=999),
        api: api?,
        operations: operations?,
    })
}

/// `[tenant.hunting]`
pub fn hunting(check: &mut Check, path: &str, table: HuntingTable) -> Option<Hunting> {
    let at = |key: &str| format!("{path}.{key}");
    let services = services(check, &at("services"), table.services);
    Some(Hunting {
        schedule: run::schedule(check, &at("schedule"), table.schedule, &Schedule::minutes(HUNTING_MINUTES)),
        query_rows: check.number32(&at("query_rows"), table.query_rows, 5000, 100..=100_000),
        query_hours: check.number32(&at("query_hours"), table.query_hours, 24, 1..=30 * 24),
        overlap_minutes: check.number32(&at("overlap_minutes"), table.overlap_minutes, 24 * 60, 0..=7 * 24 * 60),
        lag_minutes: check.number32(&at("lag_minutes"), table.lag_minutes, 5, 0..=24 * 60),
        // Older rows are not there (Microsoft: Advanced hunting, quotas).
        look_back_days: check.number32(&at("look_back_days"), table.look_back_days, 30, 1..=30),
        // More is for services that allow more; this one would answer 429, which is waited out.
        requests_per_minute_max: check.number32(
            &at("requests_per_minute_max"),
            table.requests_per_minute_max,
            40,
            1..=10_000,
        ),
        services: services?,
    })
}
