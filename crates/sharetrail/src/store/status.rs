//! The state of a store, for `status`.

use serde::Serialize;
use trail::TimeMs;

use super::{Reader, StoreError};
use crate::rows::Arrived;

/// How many days of arrivals are part of the state.
const ARRIVED_DAYS: i64 = 31;

/// The state of a store. Times are RFC 3339 texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Whose it is.
    pub tenant: String,
    /// Size of the file.
    pub bytes: i64,
    /// The size at which collection pauses, where the configuration is known.
    pub bytes_max: Option<u64>,
    /// Kept activities.
    pub activities: i64,
    /// Live accesses.
    pub accesses: i64,
    /// Ways in, insiders' and outsiders'.
    pub shares: i64,
    /// Keys whose conclusions are to be worked out again.
    pub recompute_backlog: i64,
    /// Streams that are read.
    pub feeds: Vec<FeedStatus>,
    /// What Graph is asked of the tenant itself.
    pub directory: Vec<DirectoryStatus>,
    /// Places where rows go.
    pub sinks: Vec<SinkStatus>,
    /// Spans that can no longer be had.
    pub gaps: i64,
    /// What each feed brought in the last 31 days, the latest first.
    pub arrived: Vec<Arrived>,
}

/// The state of a feed. Counts are of everything that ever arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FeedStatus {
    /// Name.
    pub name: String,
    /// Up to where it has been stored, on the service's clock.
    pub position: Option<String>,
    /// Behind now by, in seconds.
    pub lag_seconds: Option<i64>,
    /// When it was last read.
    pub last_pass_at: Option<String>,
    /// How that ended, when not well.
    pub last_error: Option<String>,
    /// Records that arrived.
    pub listed: i64,
    /// Of these, new and kept.
    pub stored: i64,
    /// Known before.
    pub known: i64,
    /// New and not kept.
    pub not_kept: i64,
    /// Not readable.
    pub rejected: i64,
    /// Blobs that were listed and not yet read.
    pub waiting_blobs: i64,
    /// What was odd about records that were taken, by kind.
    pub problems: std::collections::BTreeMap<String, i64>,
}

/// The state of something that Graph is asked of the tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DirectoryStatus {
    /// `labels` or `domains`.
    pub name: String,
    /// When it was last told; what was told then holds.
    pub last_answered_at: Option<String>,
    /// When it was last asked for.
    pub last_asked_at: String,
    /// Why that was not answered, when it was not.
    pub last_error: Option<String>,
}

/// The state of a sink.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SinkStatus {
    /// Name.
    pub name: String,
    /// Whether it is configured now.
    pub active: bool,
    /// Rows that it has not confirmed.
    pub outbox: i64,
    /// When it last confirmed rows.
    pub last_confirmed_at: Option<String>,
    /// Since when deliveries fail, when the latest one did.
    pub failing_since: Option<String>,
    /// Why the latest one failed.
    pub last_error: Option<String>,
    /// Rows that it refused.
    pub dead_letters: i64,
    /// Why the latest of them was refused.
    pub last_dead_letter: Option<String>,
}

impl Reader {
    /// The state of the store.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn status(&self, now: TimeMs) -> Result<Status, StoreError> {
        let count = |sql: &str| -> Result<i64, StoreError> { Ok(self.db.query_row(sql, [], |row| row.get(0))?) };
        Ok(Status {
            tenant: self.tenant.to_string(),
            bytes: count("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")?,
            bytes_max: None,
            activities: count("SELECT count(*) FROM activity")?,
            accesses: count("SELECT count(*) FROM access WHERE withdrawn = 0")?,
            shares: count("SELECT count(*) FROM share WHERE withdrawn = 0")?,
            recompute_backlog: self.recompute_backlog()?,
            feeds: self.feeds(now)?,
            directory: self.directory()?,
            sinks: self.sinks()?,
            gaps: count("SELECT count(*) FROM gap")?,
            arrived: self.arrived(Some(now.plus(-ARRIVED_DAYS * 86_400_000)), None)?,
        })
    }

    /// Keys whose conclusions are to be worked out again.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn recompute_backlog(&self) -> Result<i64, StoreError> {
        Ok(self.db.query_row(
            "SELECT (SELECT count(*) FROM dirty_gesture) + (SELECT count(*) FROM dirty_link)
                 + (SELECT count(*) FROM dirty) + (SELECT count(*) FROM dirty_share)",
            [],
            |row| row.get(0),
        )?)
    }

    pub(super) fn feeds(&self, now: TimeMs) -> Result<Vec<FeedStatus>, StoreError> {
        let mut statement = self.db.prepare(
            "SELECT id, name, position, last_pass_at, last_error, listed, stored, known, not_kept, rejected,
                 (SELECT count(*) FROM blob WHERE blob.feed = feed.id AND state = 0)
             FROM feed ORDER BY id",
        )?;
        let rows = statement.query_map([], |row| {
            let position = row.get::<_, Option<i64>>(2)?.map(TimeMs);
            let feed: i64 = row.get(0)?;
            Ok((
                feed,
                FeedStatus {
                    name: row.get(1)?,
                    position: position.map(|time| time.to_string()),
                    lag_seconds: position.map(|time| (now.millis() - time.millis()) / 1000),
                    last_pass_at: row.get::<_, Option<i64>>(3)?.map(|time| TimeMs(time).to_string()),
                    last_error: row.get(4)?,
                    listed: row.get(5)?,
                    stored: row.get(6)?,
                    known: row.get(7)?,
                    not_kept: row.get(8)?,
                    rejected: row.get(9)?,
                    waiting_blobs: row.get(10)?,
                    problems: std::collections::BTreeMap::new(),
                },
            ))
        })?;
        let mut feeds = Vec::new();
        for row in rows {
            let (id, mut feed) = row?;
            let mut statement = self.db.prepare_cached("SELECT kind, records FROM problem WHERE feed = ?1")?;
            feed.problems =
                statement.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
            feeds.push(feed);
        }
        Ok(feeds)
    }

    fn directory(&self) -> Result<Vec<DirectoryStatus>, StoreError> {
        let mut statement =
            self.db.prepare("SELECT what, read_at, asked_at, error FROM directory_read ORDER BY what DESC")?;
        let rows = statement.query_map([], |row| {
            Ok(DirectoryStatus {
                name: row.get(0)?,
                last_answered_at: row.get::<_, Option<i64>>(1)?.map(|at| TimeMs(at).to_string()),
                last_asked_at: TimeMs(row.get(2)?).to_string(),
                last_error: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(super) fn sinks(&self) -> Result<Vec<SinkStatus>, StoreError> {
        let mut statement = self.db.prepare(
            "SELECT name, active,
                 (SELECT count(*) FROM outbox WHERE outbox.sink = sink.id),
                 (SELECT count(*) FROM dead_letter WHERE dead_letter.sink = sink.id),
                 (SELECT reason FROM dead_letter WHERE dead_letter.sink = sink.id ORDER BY set_aside_at DESC LIMIT 1),
                 last_confirmed_at, failing_since, last_error
             FROM sink ORDER BY id",
        )?;
        let rows = statement.query_map([], |row| {
            let time =
                |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(|at| TimeMs(at).to_string()));
            Ok(SinkStatus {
                name: row.get(0)?,
                active: row.get(1)?,
                outbox: row.get(2)?,
                dead_letters: row.get(3)?,
                last_dead_letter: row.get(4)?,
                last_confirmed_at: time(5)?,
                failing_since: time(6)?,
                last_error: row.get(7)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
