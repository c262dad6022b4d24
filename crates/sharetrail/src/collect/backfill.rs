//! Which source reads which part of an older range.
//!
//! Sources reach back differently, and only the tenant's configuration says which there are. Here it is decided, as a
//! pure function; `read/older.rs` does it.

use trail::TimeMs;

use crate::config::settings::Tenant;
use crate::sources::{Window, audit, defender, hunting};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// What happened later is not all there yet.
const LAG_MS: i64 = 5 * MINUTE_MS;
/// The archive begins somewhere about here; both lists are asked for the last of the days that the other one may lack.
const ARCHIVE_BEGINS_MS: i64 = (defender::REACH_DAYS as i64 - 1) * DAY_MS;
/// Kept clear of the border beyond which a service has nothing, since that moves while we ask.
const MARGIN_MS: i64 = HOUR_MS;

/// Where an older range can be read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum BackfillSource {
    /// Defender for Cloud Apps: the last 30 days, and its archive for what is older
    Defender,
    /// Audit-log queries of Microsoft Graph, as far back as the tenant keeps its audit log
    Graph,
    /// Advanced hunting: the last 30 days
    Hunting,
    /// The archive of Defender for Cloud Apps alone: 30 to 180 days back
    Archive,
    /// The audit feed: lists the last 7 days again, by when records became available
    Audit,
}

/// A span to be read from one list of one service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) list: List,
    pub(super) span: Window,
}

/// One list of one service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum List {
    Defender,
    Archive,
    Graph,
    Hunting,
    Audit,
}

impl List {
    /// To follow "from".
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Defender => "Defender",
            Self::Archive => "Defender's archive",
            Self::Graph => "audit-log queries of Graph",
            Self::Hunting => "advanced hunting",
            Self::Audit => "the audit feed",
        }
    }
}

/// How an older range is read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// In order of time.
    pub(super) parts: Vec<Part>,
    /// What lies beyond the reach of the source: the feed that it is a gap of, and why.
    pub(super) gap: Option<(Part, String)>,
    /// What is not read though it could be had from elsewhere, in words.
    pub(super) note: Option<String>,
}

/// Decides how `range` is read for `tenant`.
///
/// Unless one is asked for: the source that reaches back to the beginning of the range and is best suited, else the one
/// that reaches farthest.
///
/// # Errors
/// In words, when the tenant has no such source.
pub(super) fn plan(
    tenant: &Tenant,
    range: Window,
    asked_for: Option<BackfillSource>,
    now: TimeMs,
) -> Result<Plan, String> {
    let available = available(tenant);
    let source = match asked_for {
        Some(source) if available.contains(&source) => source,
        Some(source) => return Err(missing(tenant, source)),
        None => chosen(tenant, &available, range, now).ok_or_else(|| {
            format!(
                "tenant {} has no source for an older range: configure [tenant.graph], [tenant.defender], \
                 [tenant.hunting] or [tenant.audit]",
                tenant.name
            )
        })?,
    };
    Ok(parts(tenant, source, range, now))
}

/// The sources that the tenant has, those first that are best suited for older ranges: the audit log itself, filtered by
/// the service and without a limit of calls; then Defender's own lists. The audit feed comes last: `collect` has read all
/// that it lists.
fn available(tenant: &Tenant) -> Vec<BackfillSource> {
    use BackfillSource::{Archive, Audit, Defender, Graph, Hunting};
    let mut available = Vec::new();
    available.extend(tenant.graph.is_some().then_some(Graph));
    available.extend(tenant.hunting.is_some().then_some(Hunting));
    available.extend(tenant.defender.is_some().then_some([Defender, Archive]).into_iter().flatten());
    available.extend(tenant.audit.is_some().then_some(Audit));
    available
}

fn missing(tenant: &Tenant, source: BackfillSource) -> String {
    let table = match source {
        BackfillSource::Defender | BackfillSource::Archive => "[tenant.defender]",
        BackfillSource::Graph => "[tenant.graph]",
        BackfillSource::Hunting => "[tenant.hunting]",
        BackfillSource::Audit => "[tenant.audit]",
    };
    format!("tenant {} has no {table} in the configuration; add it, or read from another --source", tenant.name)
}

fn chosen(tenant: &Tenant, available: &[BackfillSource], range: Window, now: TimeMs) -> Option<BackfillSource> {
    let reaches = available.iter().copied().find(|source| reach(tenant, *source, now) <= range.from);
    // Of two that reach as far, the one better suited.
    reaches.or_else(|| available.iter().copied().min_by_key(|source| reach(tenant, *source, now)))
}

/// What happened before this, the source does not have.
fn reach(tenant: &Tenant, source: BackfillSource, now: TimeMs) -> TimeMs {
    let days = match source {
        BackfillSource::Audit => return now.plus(-audit::REACH_MS),
        BackfillSource::Defender | BackfillSource::Archive => defender::ARCHIVE_DAYS,
        BackfillSource::Hunting => hunting::REACH_DAYS,
        BackfillSource::Graph => tenant.graph.as_ref().map_or(0, |graph| graph.retention_days),
    };
    now.plus(MARGIN_MS - i64::from(days) * DAY_MS)
}

fn parts(tenant: &Tenant, source: BackfillSource, range: Window, now: TimeMs) -> Plan {
    let mut plan = Plan::default();
    let span = Window { to: range.to.min(now.plus(-LAG_MS)), ..range };
    let reach = reach(tenant, source, now);
    let (list, reason) = match source {
        BackfillSource::Defender | BackfillSource::Archive => {
            (List::Archive, format!("Defender keeps activities for {} days", defender::ARCHIVE_DAYS))
        }
        BackfillSource::Graph => {
            (List::Graph, "the tenant keeps its audit log for so long only (tenant.graph.retention_days)".to_owned())
        }
        BackfillSource::Hunting => {
            (List::Hunting, format!("advanced hunting keeps the activities of {} days", hunting::REACH_DAYS))
        }
        BackfillSource::Audit => (List::Audit, "the audit feed lists the content of the last 7 days".to_owned()),
    };
    if span.from < reach {
        let span = Window { from: span.from, to: reach.min(span.to) };
        plan.gap = Some((Part { list, span }, reason));
    }
    let span = Window { from: span.from.max(reach), ..span };
    let before = |time: TimeMs| Window { to: span.to.min(time), ..span };
    let since = |time: TimeMs| Window { from: span.from.max(time), ..span };
    let archived = Part { list: List::Archive, span: before(now.plus(-ARCHIVE_BEGINS_MS)) };
    let recent = since(now.plus(MARGIN_MS - i64::from(defender::REACH_DAYS) * DAY_MS));
    match source {
        BackfillSource::Graph | BackfillSource::Hunting | BackfillSource::Audit => plan.parts.push(Part { list, span }),
        BackfillSource::Defender => plan.parts.extend([archived, Part { list: List::Defender, span: recent }]),
        BackfillSource::Archive => {
            plan.parts.push(archived);
            if archived.span.to < span.to {
                plan.note = Some(format!(
                    "Defender's archive holds what is older than {} days; for what is younger than {} use --source defender",
                    defender::REACH_DAYS,
                    archived.span.to
                ));
            }
        }
    }
    plan.parts.retain(|part| part.span.from < part.span.to);
    // Where all of the range lies within the last days, the archive has nothing to add.
    if source == BackfillSource::Defender && recent.from == span.from {
        plan.parts.retain(|part| part.list != List::Archive);
    }
    plan
}

#[cfg(test)]
#[path = "backfill_tests.rs"]
mod tests;
