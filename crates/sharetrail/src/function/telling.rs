//! What became of an invocation, in lines: they stand in the invocation's log and in that of the app.

use crate::collect::{TenantPass, TenantSummary};
use crate::report::counted;
use crate::store::PageCount;

/// Lines about an invocation, each told on standard error as it is added.
#[derive(Debug, Default)]
pub struct Lines(Vec<String>);

impl Lines {
    /// Something that went as it should.
    pub fn say(&mut self, line: impl Into<String>) {
        let line = line.into();
        tracing::info!("{line}");
        self.0.push(line);
    }

    /// Something that somebody should look at. The invocation is a success for the host all the same, so the line says what
    /// it is.
    pub fn warn(&mut self, line: impl Into<String>) {
        let line = line.into();
        tracing::warn!("{line}");
        self.0.push(format!("warning: {line}"));
    }

    /// The lines.
    pub fn into_vec(self) -> Vec<String> {
        self.0
    }

    /// What was read.
    pub fn gathered(&mut self, pass: &TenantPass) {
        let TenantPass { tenant, result } = pass;
        let summary = match result {
            Ok(summary) => summary,
            Err(error) => return self.warn(format!("{tenant}: {error}; the next tick tries again")),
        };
        let feeds = &summary.feeds;
        let sum = |count: fn(&PageCount) -> u64| feeds.iter().map(|feed| count(&feed.count)).sum::<u64>();
        let left = if summary.was_stopped() { "; partial: the next tick goes on" } else { "" };
        self.say(format!(
            "{tenant}: {} read: {} arrived, {} new{left}",
            counted(feeds.len() as u64, "feed", "feeds"),
            counted(sum(|count| count.records), "record", "records"),
            sum(|count| count.stored),
        ));
        if summary.alerts.found > 0 {
            self.say(format!("{tenant}: {}", counted(summary.alerts.found, "new finding", "new findings")));
        }
        for feed in feeds {
            if let Some(failure) = &feed.failure {
                self.warn(format!("{tenant}: {}: {failure}", feed.feed));
            }
            for (reason, times) in &feed.count.reasons {
                self.warn(format!("{tenant}: {}: {times} × rejected: {reason}", feed.feed));
            }
            if feed.gaps > 0 {
                self.warn(format!(
                    "{tenant}: {}: {} that can no longer be had",
                    feed.feed,
                    counted(feed.gaps, "gap", "gaps")
                ));
            }
        }
    }

    /// What was delivered, in one or several goes.
    pub fn sent(&mut self, tenant: &str, goes: &[TenantSummary]) {
        let Some(last) = goes.last() else { return };
        for sink in &last.sinks {
            let of_sink = goes.iter().flat_map(|go| &go.sinks).filter(|one| one.sink == sink.sink);
            let (mut rows, mut dead_letters) = (0, 0);
            for go in of_sink {
                rows += go.delivered.iter().map(|(_, rows)| rows).sum::<u64>();
                dead_letters += go.dead_letters;
            }
            let left = if sink.stopped { "; partial: the next tick goes on" } else { "" };
            self.say(format!("{tenant}: {}: {} delivered{left}", sink.sink, counted(rows, "row", "rows")));
            if dead_letters > 0 {
                let rows = counted(dead_letters, "row", "rows");
                self.warn(format!("{tenant}: {}: {rows} set aside, which the service refuses", sink.sink));
            }
            if let Some(failure) = &sink.failure {
                self.warn(format!("{tenant}: {}: {failure}; the rows wait", sink.sink));
            }
        }
        for failure in last.alerts.webhooks.iter().filter_map(|webhook| webhook.failure.as_ref()) {
            self.warn(format!("{tenant}: {failure}; what waits is told by the next tick"));
        }
    }
}
