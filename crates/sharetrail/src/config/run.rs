//! Checks of `[run]` and `[telemetry]`, and of schedules wherever they are written.

use std::net::SocketAddr;

use super::check::Check;
use super::settings::{Run, Telemetry, Tenant};
use super::written::{RunTable, TelemetryTable};
use crate::collect::feeds_of;
use crate::schedule::Schedule;

/// A pass each five minutes is what a timer of the older scripts did, and what the budget of Defender allows.
const SCHEDULE_MINUTES: u64 = 5;
/// Where health and metrics are: on this machine alone.
const PORT: u16 = 8766;

/// `[run]`
pub fn run(check: &mut Check, table: RunTable) -> Run {
    let default = Run::default();
    let listen = table.listen.map_or(Ok(default.listen), |text| text.trim().parse());
    if listen.is_err() {
        check.problem("run.listen", "must be an address and a port, such as \"127.0.0.1:8766\"");
    }
    let run = Run {
        schedule: schedule(check, "run.schedule", table.schedule, &default.schedule),
        listen: listen.unwrap_or(default.listen),
        jitter_seconds_max: check.number32("run.jitter_seconds_max", table.jitter_seconds_max, 30, 0..=3600),
        // Less than a quarter of an hour would tell of the service's own lateness.
        lag_minutes_max: table
            .lag_minutes_max
            .map(|minutes| check.number32("run.lag_minutes_max", Some(minutes), 60, 15..=30 * 24 * 60)),
        tenants_at_once_max: check.size("run.tenants_at_once_max", table.tenants_at_once_max, 4, 1..=64),
        pass_minutes_max: check.number32("run.pass_minutes_max", table.pass_minutes_max, 30, 1..=24 * 60),
        stop_seconds_max: check.number32("run.stop_seconds_max", table.stop_seconds_max, 30, 1..=600),
        retry_seconds: check.number32("run.retry_seconds", table.retry_seconds, 60, 1..=3600),
        retry_seconds_max: check.number32("run.retry_seconds_max", table.retry_seconds_max, 3600, 1..=86_400),
    };
    if run.retry_seconds_max < run.retry_seconds {
        check.problem("run.retry_seconds_max", "must not be less than `run.retry_seconds`");
    }
    run
}

impl Default for Run {
    fn default() -> Self {
        Self {
            schedule: Schedule::minutes(SCHEDULE_MINUTES),
            listen: SocketAddr::from(([127, 0, 0, 1], PORT)),
            jitter_seconds_max: 30,
            lag_minutes_max: None,
            tenants_at_once_max: 4,
            pass_minutes_max: 30,
            stop_seconds_max: 30,
            retry_seconds: 60,
            retry_seconds_max: 3600,
        }
    }
}

/// `[telemetry]`
pub fn telemetry(check: &mut Check, table: TelemetryTable) -> Option<Telemetry> {
    let path = "telemetry.endpoint";
    let endpoint = check.required(path, table.endpoint, "the address of an OpenTelemetry collector")?;
    let endpoint = check.url(path, endpoint.trim_end_matches('/'))?;
    Some(Telemetry {
        endpoint,
        traces: table.traces.unwrap_or(true),
        logs: table.logs.unwrap_or(true),
        service_name: table.service_name.unwrap_or_else(|| "sharetrail".to_owned()),
    })
}

/// The schedule written at `path`, else `default`.
pub fn schedule(check: &mut Check, path: &str, written: Option<String>, default: &Schedule) -> Schedule {
    let Some(text) = written else { return default.clone() };
    match text.parse() {
        Ok(schedule) => schedule,
        Err(wrong) => {
            check.problem(path, &wrong.to_string());
            default.clone()
        }
    }
}

/// A bound that a schedule alone breaks would never be kept.
pub fn lag_within_reach(check: &mut Check, run: &Run, tenants: &[(String, Tenant)]) {
    let Some(bound) = run.lag_minutes_max else { return };
    for (_, tenant) in tenants {
        for feed in feeds_of(tenant) {
            if feed.has_lag && feed.schedule.longest_pause_ms() >= i64::from(bound) * 60_000 {
                let (name, feed, schedule) = (&tenant.name, feed.name, feed.schedule);
                let text =
                    format!("is not longer than the pauses of `{schedule}`, by which {name} reads {feed}; raise it");
                check.problem("run.lag_minutes_max", &text);
                return;
            }
        }
    }
}
