//! What is told of a pass when it has ended: in which way, for metrics, and in words, for the log.

use std::time::Duration;

use super::board::PassEnd;
use crate::collect::{TenantPass, TenantSummary};
use crate::report::counted;
use crate::store::PageCount;

/// In which way a pass ended; `None`: it broke off.
pub(super) fn end_of(pass: Option<&TenantPass>) -> PassEnd {
    match pass.map(|pass| &pass.result) {
        None => PassEnd::Stopped,
        Some(Err(_)) => PassEnd::Failed,
        Some(Ok(summary)) if summary.is_complete() => PassEnd::Done,
        Some(Ok(summary)) if summary.was_stopped() => PassEnd::Stopped,
        Some(Ok(_)) => PassEnd::Partly,
    }
}

/// Says what became of a pass, within its span: in one line what it brought, and what failed, each with its reason.
pub(super) fn tell(pass: Option<&TenantPass>, took: Duration) {
    let Some(pass) = pass else { return };
    let summary = match &pass.result {
        Ok(summary) => summary,
        Err(error) => {
            tracing::warn!("{error}; the tenant is tried again later");
            return;
        }
    };
    let TenantSummary { feeds, sinks, alerts, .. } = summary;
    for feed in feeds {
        if let Some(failure) = &feed.failure {
            tracing::warn!(feed = feed.feed, "{}: {failure}", feed.feed);
        }
        for (reason, times) in &feed.count.reasons {
            tracing::warn!(feed = feed.feed, "{}: {times} × rejected: {reason}", feed.feed);
        }
    }
    for sink in sinks {
        if let Some(failure) = &sink.failure {
            tracing::warn!(sink = sink.sink, "{}: {failure}; the rows wait", sink.sink);
        }
    }
    for webhook in &alerts.webhooks {
        if let Some(failure) = &webhook.failure {
            tracing::warn!(webhook = webhook.webhook, "{failure}; what waits is told by the next pass");
        }
    }
    if alerts.found > 0 {
        tracing::info!(findings = alerts.found, "{}", counted(alerts.found, "new finding", "new findings"));
    }
    let sum = |count: fn(&PageCount) -> u64| feeds.iter().map(|feed| count(&feed.count)).sum::<u64>();
    let (records, stored) = (sum(|count| count.records), sum(|count| count.stored));
    let rows: u64 = sinks.iter().flat_map(|sink| &sink.delivered).map(|(_, rows)| rows).sum();
    let (read, left) = (feeds.len(), if summary.was_stopped() { "; more is left for the next pass" } else { "" });
    tracing::info!(
        feeds = read,
        records,
        stored,
        rows,
        took_ms = took.as_millis(),
        "{} read: {} arrived, {stored} new; {} delivered{left}",
        counted(read as u64, "feed", "feeds"),
        counted(records, "record", "records"),
        counted(rows, "row", "rows"),
    );
}
