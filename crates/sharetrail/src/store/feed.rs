//! Feeds: streams to be read, with position, counts and gaps.

use rusqlite::OptionalExtension;
use trail::TimeMs;
use trail::fold::Source;

use super::dirty::{self, Span};
use super::page::PageCount;
use super::{Store, StoreError, Table, codes, outbox, reconcile};

/// Feeds a store can have: their ids are bits of a 63-bit set.
const FEEDS_MAX: i64 = 62;

/// A stream to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// Number in the store.
    pub id: i64,
    /// Name for people: `defender`, `import`.
    pub name: String,
    /// Up to where it has been stored, on the service's own clock.
    pub position: Option<TimeMs>,
}

impl Feed {
    /// This feed as a bit of a set.
    pub(super) fn bit(&self) -> i64 {
        1 << self.id
    }
}

impl Store {
    /// The feed of this name, made if it is new.
    ///
    /// # Errors
    /// Those of the store; and a limit of 62 feeds a store.
    pub fn feed(&mut self, name: &str, source: Source, now: TimeMs) -> Result<Feed, StoreError> {
        self.transaction(now, |store| {
            store.db.execute(
                "INSERT OR IGNORE INTO feed (name, source) SELECT ?1, ?2 WHERE (SELECT count(*) FROM feed) < ?3",
                (name, codes::source(source), FEEDS_MAX),
            )?;
            let feed = store
                .db
                .query_row("SELECT id, position FROM feed WHERE name = ?1", [name], |row| {
                    Ok(Feed {
                        id: row.get(0)?,
                        name: name.to_owned(),
                        position: row.get::<_, Option<i64>>(1)?.map(TimeMs),
                    })
                })
                .optional()?;
            feed.ok_or(StoreError::Damaged("it has more feeds than fit"))
        })
    }

    /// Remembers what a feed is asked for. Where that is more than before, its position says nothing of what was added: it
    /// is forgotten, so that the feed is read again as far back as at first, and what is known is not stored twice.
    ///
    /// # Errors
    /// Nothing changes.
    pub fn ask_for(&mut self, feed: Feed, scope: &[String], now: TimeMs) -> Result<Feed, StoreError> {
        self.transaction(now, |store| {
            let before: Option<String> =
                store.db.query_row("SELECT scope FROM feed WHERE id = ?1", [feed.id], |row| row.get(0))?;
            let before: Option<Vec<String>> = before.and_then(|json| serde_json::from_str(&json).ok());
            let added: Vec<&str> = match &before {
                Some(before) => scope.iter().filter(|part| !before.contains(part)).map(String::as_str).collect(),
                None => Vec::new(),
            };
            if !added.is_empty() && feed.position.is_some() {
                tracing::warn!(
                    feed = feed.name,
                    "{} is asked for more than before ({}): it is read again as far back as at first, so that nothing older of that \
                     is missing",
                    feed.name,
                    added.join(", ")
                );
                store.db.execute("UPDATE feed SET position = NULL WHERE id = ?1", [feed.id])?;
            }
            let json = serde_json::to_string(scope).map_err(|_| StoreError::Damaged("a scope cannot be written"))?;
            store.db.execute("UPDATE feed SET scope = ?2 WHERE id = ?1", (feed.id, json))?;
            let position = feed.position.filter(|_| added.is_empty());
            Ok(Feed { position, ..feed })
        })
    }

    /// Remembers that a span of a feed was read to its end. Where that closes what was open, accesses of which it was
    /// unknown whether a share had been overlooked are concluded again.
    ///
    /// # Errors
    /// Nothing changes.
    pub fn observe(&mut self, feed: &Feed, from: TimeMs, to: TimeMs, now: TimeMs) -> Result<(), StoreError> {
        self.transaction(now, |store| {
            let seen_from = from.millis();
            let (from, to): (i64, i64) = store.db.query_row(
                "SELECT min(coalesce(min(from_time), ?2), ?2), max(coalesce(max(to_time), ?3), ?3) FROM observed
                 WHERE feed = ?1 AND from_time <= ?3 AND to_time >= ?2",
                (feed.id, from.millis(), to.millis()),
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            store.db.execute(
                "DELETE FROM observed WHERE feed = ?1 AND from_time <= ?3 AND to_time >= ?2",
                (feed.id, from, to),
            )?;
            store
                .db
                .execute("INSERT INTO observed (feed, from_time, to_time) VALUES (?1, ?2, ?3)", (feed.id, from, to))?;
            // Whatever this closes, only accesses in it, or in what it now joins behind it, can be told more of.
            dirty::unexplained(&store.db, 2, Span { from: seen_from, to })
        })
    }

    /// Moves a feed's position forward: all up to there has been stored.
    ///
    /// # Errors
    /// The position stays.
    pub fn reach(&mut self, feed: &Feed, position: TimeMs, now: TimeMs) -> Result<(), StoreError> {
        self.transaction(now, |store| store.note_feed(feed, &PageCount::default(), Some(position), now))
    }

    /// Remembers how the latest pass over a feed ended, in words; `None`: well.
    ///
    /// # Errors
    /// Nothing changes.
    pub fn note_pass(&mut self, feed: &Feed, error: Option<&str>, now: TimeMs) -> Result<(), StoreError> {
        self.transaction(now, |store| {
            store.db.execute(
                "UPDATE feed SET last_pass_at = ?2, ended_at = ?2, last_error = ?3 WHERE id = ?1",
                (feed.id, now.millis(), error),
            )?;
            Ok(())
        })
    }

    /// Lists a span of a feed that can no longer be had. What begins at the same time for the same reason is one gap,
    /// which grows: a feed that stays unread loses more from pass to pass. `false` when it was listed already.
    ///
    /// # Errors
    /// Nothing changes.
    pub fn add_gap(
        &mut self,
        feed: &Feed,
        from: TimeMs,
        to: TimeMs,
        reason: &str,
        now: TimeMs,
    ) -> Result<bool, StoreError> {
        self.transaction(now, |store| store.write_gap(feed, from, to, reason))
    }

    /// As [`add_gap`](Self::add_gap), within a transaction.
    pub(super) fn write_gap(
        &mut self,
        feed: &Feed,
        from: TimeMs,
        to: TimeMs,
        reason: &str,
    ) -> Result<bool, StoreError> {
        let id = trail::id::hash16(format!("{}\n{}\n{}\n{from}", self.tenant, feed.name, reason).as_bytes());
        let changed: Option<i64> = self
            .db
            .query_row(
                "INSERT INTO gap (gap_id, feed, from_time, to_time, reason, revision) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (gap_id) DO UPDATE SET to_time = excluded.to_time, revision = excluded.revision
                     WHERE excluded.to_time > to_time
                 RETURNING id",
                (id, feed.id, from.millis(), to.millis(), reason, self.revision),
                |row| row.get(0),
            )
            .optional()?;
        if let Some(row) = changed {
            // What lies in a gap was not observed after all.
            dirty::unexplained(&self.db, 1, Span::since(from.millis()))?;
            outbox::offer(&self.db, &self.sinks, Table::Gap, row, self.revision)?;
        }
        Ok(changed.is_some())
    }

    /// Adds a page's counts to its feed; moves the position, never back.
    pub(super) fn note_feed(
        &mut self,
        feed: &Feed,
        count: &PageCount,
        position: Option<TimeMs>,
        now: TimeMs,
    ) -> Result<(), StoreError> {
        self.db
            .prepare_cached(
                "UPDATE feed SET listed = listed + ?2, stored = stored + ?3, known = known + ?4,
                     not_kept = not_kept + ?5, rejected = rejected + ?6, last_pass_at = ?7,
                     position = max(coalesce(position, ?8), coalesce(?8, position))
                 WHERE id = ?1",
            )?
            .execute((
                feed.id,
                (count.records + count.rejected) as i64,
                count.stored as i64,
                count.known as i64,
                count.not_kept as i64,
                count.rejected as i64,
                now.millis(),
                position.map(TimeMs::millis),
            ))?;
        reconcile::add(&self.db, feed, count, now)?;
        for (kind, records) in &count.problems {
            self.db
                .prepare_cached(
                    "INSERT INTO problem (feed, kind, records) VALUES (?1, ?2, ?3)
                     ON CONFLICT DO UPDATE SET records = records + excluded.records",
                )?
                .execute((feed.id, kind, *records as i64))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Reader;
    use super::*;
    use crate::config::settings::StoreSettings;

    #[test]
    fn a_gap_that_grows_from_pass_to_pass_is_one_gap_with_a_higher_revision() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let now = TimeMs(1_795_500_000_000);
        let mut store = Store::open(&path, None, &StoreSettings::default()).unwrap();
        let sinks = store.use_sinks(&[("logs".to_owned(), vec![Table::Gap])], now).unwrap();
        let feed = store.feed("defender", Source::Defender, now).unwrap();
        let mut add = |to, now| store.add_gap(&feed, TimeMs(1000), TimeMs(to), "away", now).unwrap();
        add(2000, now);
        let first = Reader::open(&path).unwrap().gaps().unwrap();
        for to in [3000, 3000, 1500] {
            add(to, now.plus(to));
        }
        let gaps = Reader::open(&path).unwrap().gaps().unwrap();
        assert_eq!(gaps.len(), 1);
        assert_eq!((&gaps[0].gap_id, gaps[0].to_time), (&first[0].gap_id, TimeMs(3000)));
        assert!(gaps[0].revision > first[0].revision);
        let waiting = store.waiting(sinks[0].id, Table::Gap, 0, 10, 1 << 20, &mut Vec::new()).unwrap();
        assert_eq!(waiting.len(), 1);
    }
}
