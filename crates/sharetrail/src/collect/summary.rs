//! What became of a pass.

use std::path::PathBuf;

use super::AlertSummary;
use crate::http::Failure;
use crate::places::PlacesUnreadable;
use crate::policy::LabelsUnreadable;
use crate::store::{PageCount, StoreError, Table};

/// What became of a pass over one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantSummary {
    /// Which.
    pub tenant: String,
    /// Its store.
    pub store: PathBuf,
    /// Its feeds.
    pub feeds: Vec<FeedSummary>,
    /// Its sinks.
    pub sinks: Vec<SinkSummary>,
    /// Its alerts.
    pub alerts: AlertSummary,
    /// The pass was asked to end, or its time was up, before all conclusions were drawn.
    pub conclusions_stopped: bool,
}

impl TenantSummary {
    /// Nothing is behind and nothing was refused.
    pub fn is_complete(&self) -> bool {
        self.feeds.iter().all(|feed| feed.failure.is_none() && feed.count.rejected == 0)
            && self.sinks.iter().all(|sink| sink.failure.is_none() && sink.dead_letters == 0)
            && self.alerts.webhooks.iter().all(|webhook| webhook.failure.is_none())
            && !self.was_stopped()
    }

    /// Every feed and every sink failed before it did anything.
    pub fn did_nothing(&self) -> bool {
        let nothing_read = self.feeds.iter().all(|feed| feed.failure.is_some() && feed.count.records == 0);
        let nothing_sent = self.sinks.iter().all(|sink| sink.delivered.iter().all(|(_, rows)| *rows == 0));
        !self.is_complete() && nothing_read && nothing_sent
    }

    /// It ended before all was done, because it was asked to or its time was up; what is left waits for the next pass.
    pub fn was_stopped(&self) -> bool {
        self.conclusions_stopped
            || self.feeds.iter().any(|feed| feed.stopped)
            || self.sinks.iter().any(|sink| sink.stopped)
    }
}

/// What became of a pass over one feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedSummary {
    /// Which.
    pub feed: String,
    /// What arrived.
    pub count: PageCount,
    /// Spans that turned out not to be had.
    pub gaps: u64,
    /// Why it ended early.
    pub failure: Option<Failure>,
    /// It ended early because the pass was to end.
    pub stopped: bool,
}

/// What became of a delivery to one sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkSummary {
    /// Which.
    pub sink: String,
    /// Rows that it confirmed, by table.
    pub delivered: Vec<(Table, u64)>,
    /// Rows that it will never take.
    pub dead_letters: u64,
    /// Why it ended early, in words.
    pub failure: Option<String>,
    /// It ended early because the pass was to end.
    pub stopped: bool,
}

/// A pass over one tenant: what became of it, or why it could not go on.
#[derive(Debug)]
pub struct TenantPass<Summary = TenantSummary> {
    /// Which.
    pub tenant: String,
    /// How it ended.
    pub result: Result<Summary, CollectError>,
}

/// A pass that could not go on at all.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something that the whole pass needs: the HTTP client, the vault.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// The file of labels cannot be read.
    #[error(transparent)]
    Labels(#[from] LabelsUnreadable),
    /// The file of places cannot be read.
    #[error(transparent)]
    Places(#[from] PlacesUnreadable),
    /// The system has no thread to give.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
    /// The pass was asked to end, or its time was up.
    #[error("it was to end before it was done; what is left waits for the next pass")]
    Stopped,
    /// The tenant has no source for what is asked for.
    #[error("{0}")]
    NoSource(String),
    /// No such tenant in the configuration.
    #[error("the configuration has no tenant `{wanted}`; it has {known}")]
    NoSuchTenant {
        /// What was asked for.
        wanted: String,
        /// What there is.
        known: String,
    },
}
