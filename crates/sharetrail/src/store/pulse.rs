//! What a running program tells of a store after each pass. Counts nothing that grows with the store.

use trail::TimeMs;

use super::status::{FeedStatus, SinkStatus};
use super::{Reader, StoreError};

/// How far a store had come at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulse {
    /// The moment; lags are counted from it.
    pub taken_at: TimeMs,
    /// Size of the file.
    pub bytes: i64,
    /// Keys whose conclusions are to be worked out again.
    pub recompute_backlog: i64,
    /// Spans that can no longer be had.
    pub gaps: i64,
    /// Streams that are read.
    pub feeds: Vec<FeedStatus>,
    /// Places where rows go.
    pub sinks: Vec<SinkStatus>,
}

impl Pulse {
    /// Whether conclusions or rows wait that no feed has to be read for.
    pub fn has_leftovers(&self) -> bool {
        self.recompute_backlog > 0 || self.sinks.iter().any(|sink| sink.active && sink.outbox > 0)
    }
}

/// How the latest pass over a feed ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedEnd {
    /// The feed's name.
    pub feed: String,
    /// When; `None`: none has.
    pub ended_at: Option<TimeMs>,
    /// Not well.
    pub failed: bool,
}

impl Reader {
    /// How far the store has come.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn pulse(&self, now: TimeMs) -> Result<Pulse, StoreError> {
        let count = |sql: &str| -> Result<i64, StoreError> { Ok(self.db.query_row(sql, [], |row| row.get(0))?) };
        Ok(Pulse {
            taken_at: now,
            bytes: count("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")?,
            recompute_backlog: self.recompute_backlog()?,
            gaps: count("SELECT count(*) FROM gap")?,
            feeds: self.feeds(now)?,
            sinks: self.sinks()?,
        })
    }

    /// How the latest pass over each feed ended.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn feed_ends(&self) -> Result<Vec<FeedEnd>, StoreError> {
        let mut statement = self.db.prepare("SELECT name, ended_at, last_error IS NOT NULL FROM feed ORDER BY id")?;
        let rows = statement.query_map([], |row| {
            Ok(FeedEnd { feed: row.get(0)?, ended_at: row.get::<_, Option<i64>>(1)?.map(TimeMs), failed: row.get(2)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
