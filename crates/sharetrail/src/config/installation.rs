//! Checks of what all tenants share: cloud, HTTP and the store.

use std::path::PathBuf;

use url::Url;

use super::check::Check;
use super::presets;
use super::settings::{Cloud, HttpSettings, StoreSettings};
use super::written::{CloudTable, HttpTable, PlacesTable, StoreTable, TlsTable};

const MINUTE_MS: u64 = 60_000;
const MIB: u64 = 1024 * 1024;
const GIB: u64 = 1024 * MIB;

/// The preset, and what was written instead of its values.
pub fn cloud(check: &mut Check, written: Option<CloudTable>) -> Option<Cloud> {
    let table = written.unwrap_or_default();
    let name = table.preset.as_deref().unwrap_or(presets::DEFAULT.name);
    let Some(preset) = presets::named(name) else {
        let names = presets::PRESETS.map(|preset| preset.name).join(", ");
        let path = if check.lines.contains_key("cloud.preset") { "cloud.preset" } else { "cloud" };
        check.problem(path, &format!("must be one of: {names}"));
        return None;
    };
    let authority = address(check, "cloud.authority", table.authority, preset.authority);
    let arm = address(check, "cloud.arm", table.arm, preset.arm);
    let query = address(check, "cloud.query", table.query, preset.query);
    let audit = table.audit.as_deref().or(preset.audit).map(|text| check.url("cloud.audit", text));
    let graph = address(check, "cloud.graph", table.graph, preset.graph);
    let machine_identity = table.machine_identity.map(|text| check.url("cloud.machine_identity", &text));
    let data_collector = data_collector(check, table.data_collector, preset.data_collector);
    let scope = |check: &mut Check, key: &str, written: Option<String>, preset: &str| {
        let scope = written.unwrap_or_else(|| preset.to_owned());
        if !scope.ends_with("/.default") {
            check.problem(&format!("cloud.{key}"), "must end in /.default, as scopes of applications do");
        }
        scope
    };
    Some(Cloud {
        vault_scope: scope(check, "vault_scope", table.vault_scope, preset.vault_scope),
        vault_challenge_check: table.vault_challenge_check.unwrap_or(true),
        arm_scope: scope(check, "arm_scope", table.arm_scope, preset.arm_scope),
        ingestion_scope: scope(check, "ingestion_scope", table.ingestion_scope, preset.ingestion_scope),
        query_scope: scope(check, "query_scope", table.query_scope, preset.query_scope),
        defender_scope: scope(check, "defender_scope", table.defender_scope, preset.defender_scope),
        audit_scope: match (table.audit_scope, preset.audit_scope) {
            (None, None) => None,
            (written, preset) => Some(scope(check, "audit_scope", written, preset.unwrap_or_default())),
        },
        audit: match audit {
            None => None,
            Some(url) => Some(url?),
        },
        graph_scope: scope(check, "graph_scope", table.graph_scope, preset.graph_scope),
        graph: graph?,
        machine_identity: match machine_identity {
            None => None,
            Some(url) => Some(url?),
        },
        authority: authority?,
        arm: arm?,
        query: query?,
        data_collector: data_collector?,
    })
}

fn address(check: &mut Check, path: &str, written: Option<String>, preset: &str) -> Option<Url> {
    check.url(path, written.as_deref().unwrap_or(preset))
}

fn data_collector(check: &mut Check, written: Option<String>, preset: &str) -> Option<String> {
    let path = "cloud.data_collector";
    let template = written.unwrap_or_else(|| preset.to_owned());
    // Without `{workspace}` all workspaces share one address, which the workspace id in the signature allows.
    check.url(path, &template.replace("{workspace}", "11111111-2222-3333-4444-555555555555")).map(|_| template)
}

/// `[http]` and `[tls]`.
pub fn http(check: &mut Check, table: HttpTable, tls: TlsTable) -> HttpSettings {
    let extra_roots = tls.extra_roots.unwrap_or_default().iter().map(|written| check.file(written)).collect();
    let settings = HttpSettings {
        extra_roots,
        connect_timeout_ms: check.number(
            "http.connect_timeout_ms",
            table.connect_timeout_ms,
            10_000,
            100..=2 * MINUTE_MS,
        ),
        read_timeout_ms: check.number("http.read_timeout_ms", table.read_timeout_ms, MINUTE_MS, 100..=10 * MINUTE_MS),
        request_timeout_ms: check.number(
            "http.request_timeout_ms",
            table.request_timeout_ms,
            5 * MINUTE_MS,
            100..=60 * MINUTE_MS,
        ),
        attempts_max: check.number32("http.attempts_max", table.attempts_max, 5, 1..=20),
        retry_delay_ms: check.number("http.retry_delay_ms", table.retry_delay_ms, 1000, 1..=MINUTE_MS),
        retry_delay_ms_max: check.number(
            "http.retry_delay_ms_max",
            table.retry_delay_ms_max,
            MINUTE_MS,
            1..=15 * MINUTE_MS,
        ),
        retry_after_seconds_max: check.number(
            "http.retry_after_seconds_max",
            table.retry_after_seconds_max,
            900,
            0..=3600,
        ),
        response_bytes_max: check.number("http.response_bytes_max", table.response_bytes_max, 256 * MIB, MIB..=4 * GIB),
    };
    if settings.retry_delay_ms_max < settings.retry_delay_ms {
        check.problem("http.retry_delay_ms_max", "must not be less than `http.retry_delay_ms`");
    }
    settings
}

/// `[places]`
pub fn places(check: &mut Check, table: PlacesTable) -> Option<PathBuf> {
    let file = check.required("places.file", table.file, "the database of countries and cities (.mmdb)")?;
    Some(check.file(&file))
}

/// `[store]`
pub fn store(check: &mut Check, table: StoreTable) -> StoreSettings {
    let default = StoreSettings::default();
    StoreSettings {
        // Fewer days than a feed may look back, and old records would be counted again.
        dedup_days: check.number32("store.dedup_days", table.dedup_days, default.dedup_days, 7..=3650),
        recompute_rows_max: check.size(
            "store.recompute_rows_max",
            table.recompute_rows_max,
            default.recompute_rows_max as u64,
            100..=1_000_000,
        ),
        store_bytes_max: check.number(
            "store.store_bytes_max",
            table.store_bytes_max,
            default.store_bytes_max,
            16 * MIB..=16_384 * GIB,
        ),
        lock_wait_seconds_max: check.number(
            "store.lock_wait_seconds_max",
            table.lock_wait_seconds_max,
            default.lock_wait_seconds_max,
            0..=3600,
        ),
    }
}
