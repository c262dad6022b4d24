//! What `/metrics` tells, in the text format of Prometheus.
//!
//! [`METRICS`] is the one list: name with unit, kind, labels, words, and how the values are had. The page
//! `docs/reference/metrics.md` is written from it.

use std::fmt::Write as _;

use trail::TimeMs;

use super::board::{PassEnd, State, TenantState};
use crate::store::{FeedStatus, SinkStatus};

/// A family of values.
pub struct Metric {
    /// Name, with its unit at the end.
    pub name: &'static str,
    /// Whether it only grows.
    pub kind: Kind,
    /// Names of its labels.
    pub labels: &'static [&'static str],
    /// What it tells.
    pub about: &'static str,
    values: fn(&State, TimeMs, &mut Values<'_>),
}

/// Whether a value only grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It grows, until the program starts again or, where it is of a store, for ever.
    Counter,
    /// It goes up and down.
    Gauge,
}

impl Kind {
    /// As Prometheus calls it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
        }
    }
}

const OF_TENANT: &[&str] = &["tenant"];
const OF_FEED: &[&str] = &["tenant", "feed"];
const OF_SINK: &[&str] = &["tenant", "sink"];

/// Every metric.
pub const METRICS: &[Metric] = &[
    Metric {
        name: "sharetrail_build_info",
        kind: Kind::Gauge,
        labels: &["version"],
        about: "Always 1; which release this is.",
        values: |_, _, values| values.add(&[env!("CARGO_PKG_VERSION")], 1.0),
    },
    Metric {
        name: "sharetrail_start_timestamp_seconds",
        kind: Kind::Gauge,
        labels: &[],
        about: "When the program started.",
        values: |state, _, values| values.add(&[], seconds(state.started_at)),
    },
    Metric {
        name: "sharetrail_configuration_timestamp_seconds",
        kind: Kind::Gauge,
        labels: &[],
        about: "When the configuration in force was read.",
        values: |state, _, values| values.add(&[], seconds(state.configured_at)),
    },
    Metric {
        name: "sharetrail_configuration_reload_failed",
        kind: Kind::Gauge,
        labels: &[],
        about: "1 when the configuration was to be read again and was wrong, so that the one before is in force.",
        values: |state, _, values| values.add(&[], flag(state.reload_failure.is_some())),
    },
    Metric {
        name: "sharetrail_ready",
        kind: Kind::Gauge,
        labels: &[],
        about: "1 when `/readyz` says so.",
        values: |state, now, values| values.add(&[], flag(state.lateness(now).is_empty())),
    },
    Metric {
        name: "sharetrail_passes_total",
        kind: Kind::Counter,
        labels: &["tenant", "end"],
        about: "Passes over a tenant by how they ended: `done`, `partly` (a feed or sink failed, or a record was rejected), \
                `stopped` (time was up), `failed` (the store, a file or a credential).",
        values: |state, _, values| {
            for (name, tenant) in &state.tenants {
                for end in PassEnd::ALL {
                    values.add(&[name, end.as_str()], tenant.passes.get(&end).copied().unwrap_or(0) as f64);
                }
            }
        },
    },
    Metric {
        name: "sharetrail_pass_seconds_total",
        kind: Kind::Counter,
        labels: OF_TENANT,
        about: "How long all passes over a tenant took.",
        values: |state, _, values| of_tenants(state, values, |tenant| Some(tenant.pass_seconds)),
    },
    Metric {
        name: "sharetrail_pass_running",
        kind: Kind::Gauge,
        labels: OF_TENANT,
        about: "1 while a pass over a tenant is under way.",
        values: |state, _, values| of_tenants(state, values, |tenant| Some(flag(tenant.is_running))),
    },
    Metric {
        name: "sharetrail_feed_lag_seconds",
        kind: Kind::Gauge,
        labels: OF_FEED,
        about: "How far a feed is behind now, on its service's clock. Absent until it has been read to its end once.",
        values: |state, now, values| {
            for (name, tenant) in &state.tenants {
                for feed in tenant.lag_ms_max.keys() {
                    if let Some(lag_ms) = tenant.lag_ms(feed, now) {
                        values.add(&[name, feed], lag_ms as f64 / 1000.0);
                    }
                }
            }
        },
    },
    Metric {
        name: "sharetrail_feed_lag_max_seconds",
        kind: Kind::Gauge,
        labels: OF_FEED,
        about: "How far a feed may be behind before `/readyz` fails.",
        values: |state, _, values| {
            for (name, tenant) in &state.tenants {
                for (feed, lag_ms_max) in &tenant.lag_ms_max {
                    values.add(&[name, feed], *lag_ms_max as f64 / 1000.0);
                }
            }
        },
    },
    Metric {
        name: "sharetrail_feed_last_pass_timestamp_seconds",
        kind: Kind::Gauge,
        labels: OF_FEED,
        about: "When something was last read from a feed.",
        values: |state, _, values| {
            of_feeds(state, values, |feed| feed.last_pass_at.as_deref().and_then(TimeMs::parse).map(seconds));
        },
    },
    Metric {
        name: "sharetrail_feed_next_pass_timestamp_seconds",
        kind: Kind::Gauge,
        labels: OF_FEED,
        about: "When a feed is to be read next.",
        values: |state, _, values| of_planned(state, values, |_, at| seconds(at)),
    },
    Metric {
        name: "sharetrail_feed_failures",
        kind: Kind::Gauge,
        labels: OF_FEED,
        about: "How often a feed has failed in a row; 0 while it is well.",
        values: |state, _, values| of_planned(state, values, |failures, _| f64::from(failures)),
    },
    Metric {
        name: "sharetrail_feed_records_total",
        kind: Kind::Counter,
        labels: &["tenant", "feed", "outcome"],
        about: "Records that ever arrived by a feed, by what became of them: `stored`, `known` (before), `not_kept`, \
                `rejected`. Counted in the store.",
        values: |state, _, values| {
            for (name, tenant) in &state.tenants {
                for feed in tenant.pulse.iter().flat_map(|pulse| &pulse.feeds) {
                    for (outcome, records) in [
                        ("stored", feed.stored),
                        ("known", feed.known),
                        ("not_kept", feed.not_kept),
                        ("rejected", feed.rejected),
                    ] {
                        values.add(&[name, &feed.name, outcome], records as f64);
                    }
                }
            }
        },
    },
    Metric {
        name: "sharetrail_feed_waiting_blobs",
        kind: Kind::Gauge,
        labels: OF_FEED,
        about: "Blobs of the audit feed that are listed and not yet read.",
        values: |state, _, values| of_feeds(state, values, |feed| Some(feed.waiting_blobs as f64)),
    },
    Metric {
        name: "sharetrail_sink_outbox_rows",
        kind: Kind::Gauge,
        labels: OF_SINK,
        about: "Rows that a sink has not confirmed.",
        values: |state, _, values| of_sinks(state, values, |sink, _| Some(sink.outbox as f64)),
    },
    Metric {
        name: "sharetrail_sink_dead_letter_rows",
        kind: Kind::Gauge,
        labels: OF_SINK,
        about: "Rows that a sink refused (`dead-letters list`).",
        values: |state, _, values| of_sinks(state, values, |sink, _| Some(sink.dead_letters as f64)),
    },
    Metric {
        name: "sharetrail_sink_failing_seconds",
        kind: Kind::Gauge,
        labels: OF_SINK,
        about: "For how long deliveries to a sink have been failing; 0 while they do not.",
        values: |state, now, values| {
            of_sinks(state, values, |sink, _| {
                let since = sink.failing_since.as_deref().and_then(TimeMs::parse);
                Some(since.map_or(0.0, |since| (now.millis() - since.millis()).max(0) as f64 / 1000.0))
            });
        },
    },
    Metric {
        name: "sharetrail_sink_delivered_rows_total",
        kind: Kind::Counter,
        labels: OF_SINK,
        about: "Rows that a sink confirmed since the program started.",
        values: |state, _, values| {
            of_sinks(state, values, |sink, tenant| {
                Some(tenant.delivered_rows.get(&sink.name).copied().unwrap_or(0) as f64)
            });
        },
    },
    Metric {
        name: "sharetrail_store_bytes",
        kind: Kind::Gauge,
        labels: OF_TENANT,
        about: "Size of a tenant's store.",
        values: |state, _, values| of_tenants(state, values, |tenant| Some(tenant.pulse.as_ref()?.bytes as f64)),
    },
    Metric {
        name: "sharetrail_store_max_bytes",
        kind: Kind::Gauge,
        labels: OF_TENANT,
        about: "Size at which collection pauses.",
        values: |state, _, values| of_tenants(state, values, |tenant| Some(tenant.store_bytes_max as f64)),
    },
    Metric {
        name: "sharetrail_recompute_backlog",
        kind: Kind::Gauge,
        labels: OF_TENANT,
        about: "People and items whose conclusions are behind.",
        values: |state, _, values| {
            of_tenants(state, values, |tenant| Some(tenant.pulse.as_ref()?.recompute_backlog as f64));
        },
    },
    Metric {
        name: "sharetrail_gaps",
        kind: Kind::Gauge,
        labels: OF_TENANT,
        about: "Spans that can no longer be had (`report gaps`).",
        values: |state, _, values| of_tenants(state, values, |tenant| Some(tenant.pulse.as_ref()?.gaps as f64)),
    },
];

fn of_tenants(state: &State, values: &mut Values<'_>, value: impl Fn(&TenantState) -> Option<f64>) {
    for (name, tenant) in &state.tenants {
        if let Some(value) = value(tenant) {
            values.add(&[name], value);
        }
    }
}

fn of_feeds(state: &State, values: &mut Values<'_>, value: impl Fn(&FeedStatus) -> Option<f64>) {
    for (name, tenant) in &state.tenants {
        for feed in tenant.pulse.iter().flat_map(|pulse| &pulse.feeds) {
            if let Some(value) = value(feed) {
                values.add(&[name, &feed.name], value);
            }
        }
    }
}

/// Of the feeds that are planned: how often each has failed in a row, and when it is due.
fn of_planned(state: &State, values: &mut Values<'_>, value: impl Fn(u32, TimeMs) -> f64) {
    for (name, tenant) in &state.tenants {
        for (feed, (failures, at)) in &tenant.planned {
            values.add(&[name, feed], value(*failures, *at));
        }
    }
}

/// Of the sinks that are configured.
fn of_sinks(state: &State, values: &mut Values<'_>, value: impl Fn(&SinkStatus, &TenantState) -> Option<f64>) {
    for (name, tenant) in &state.tenants {
        for sink in tenant.pulse.iter().flat_map(|pulse| &pulse.sinks).filter(|sink| sink.active) {
            if let Some(value) = value(sink, tenant) {
                values.add(&[name, &sink.name], value);
            }
        }
    }
}

fn seconds(time: TimeMs) -> f64 {
    time.millis() as f64 / 1000.0
}

fn flag(is_so: bool) -> f64 {
    if is_so { 1.0 } else { 0.0 }
}

/// The values of one metric on their way into the text.
struct Values<'a> {
    metric: &'a Metric,
    text: &'a mut String,
}

impl Values<'_> {
    /// Writing into a `String` cannot fail, so results of `write!` are dropped here and below.
    fn add(&mut self, labels: &[&str], value: f64) {
        self.text.push_str(self.metric.name);
        for (place, (name, label)) in self.metric.labels.iter().zip(labels).enumerate() {
            let open = if place == 0 { '{' } else { ',' };
            let label = label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(self.text, "{open}{name}=\"{label}\"");
        }
        let close = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.text, "{close} {value}");
    }
}

/// All of it.
pub fn text(state: &State, now: TimeMs) -> String {
    let mut text = String::new();
    for metric in METRICS {
        let Metric { name, kind, about, .. } = metric;
        let _ = writeln!(text, "# HELP {name} {about}\n# TYPE {name} {}", kind.as_str());
        (metric.values)(state, now, &mut Values { metric, text: &mut text });
    }
    text
}
