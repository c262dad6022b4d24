//! Older ranges being read: how far each has come, and the queries that a service works on meanwhile.
//!
//! Both are memories of work under way, so that an interrupted run goes on. Nothing is concluded from them.

use rusqlite::OptionalExtension;
use trail::TimeMs;

use super::{Feed, Store, StoreError};

/// How long a service keeps what a query found; Graph says 30 days.
const QUERY_LIFE_MS: i64 = 29 * 86_400_000;

impl Store {
    /// Up to where an older range of a feed that begins at `from` was read before it was interrupted; `from` if it was
    /// not.
    ///
    /// # Errors
    /// Those of the store.
    pub fn backfilled_to(&mut self, feed: &Feed, from: TimeMs) -> Result<TimeMs, StoreError> {
        let reached: Option<i64> = self
            .db
            .query_row(
                "SELECT reached FROM backfill WHERE feed = ?1 AND from_time = ?2",
                (feed.id, from.millis()),
                |row| row.get(0),
            )
            .optional()?;
        Ok(reached.map_or(from, TimeMs))
    }

    /// Remembers that the range that begins at `from` has been read up to `reached`; `None`: it is done.
    ///
    /// # Errors
    /// Nothing changes.
    pub fn note_backfill(
        &mut self,
        feed: &Feed,
        from: TimeMs,
        reached: Option<TimeMs>,
        now: TimeMs,
    ) -> Result<(), StoreError> {
        self.transaction(now, |store| {
            match reached {
                Some(reached) => store.db.execute(
                    "INSERT INTO backfill (feed, from_time, reached) VALUES (?1, ?2, ?3)
                     ON CONFLICT DO UPDATE SET reached = max(reached, excluded.reached)",
                    (feed.id, from.millis(), reached.millis()),
                )?,
                None => store
                    .db
                    .execute("DELETE FROM backfill WHERE feed = ?1 AND from_time = ?2", (feed.id, from.millis()))?,
            };
            Ok(())
        })
    }

    /// The queries that a service works on for a feed, or has done: what each asks for, in short, and its id there.
    /// Those that the service has forgotten by now are left out.
    ///
    /// # Errors
    /// Those of the store.
    pub fn queries(&mut self, feed: &Feed, now: TimeMs) -> Result<Vec<([u8; 16], String)>, StoreError> {
        let oldest = now.plus(-QUERY_LIFE_MS).millis();
        self.transaction(now, |store| {
            store.db.execute("DELETE FROM query WHERE feed = ?1 AND begun_at < ?2", (feed.id, oldest))?;
            let mut statement = store.db.prepare("SELECT key, query_id FROM query WHERE feed = ?1")?;
            let rows = statement.query_map([feed.id], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Remembers that a service has begun a query.
    ///
    /// # Errors
    /// Nothing changes.
    pub fn keep_query(&mut self, feed: &Feed, key: [u8; 16], query_id: &str, now: TimeMs) -> Result<(), StoreError> {
        self.transaction(now, |store| {
            store.db.execute(
                "INSERT OR REPLACE INTO query (feed, key, query_id, begun_at) VALUES (?1, ?2, ?3, ?4)",
                (feed.id, key, query_id, now.millis()),
            )?;
            Ok(())
        })
    }

    /// Forgets a query: all that it found is stored, or the service has lost it.
    ///
    /// # Errors
    /// Nothing changes.
    pub fn forget_query(&mut self, feed: &Feed, key: [u8; 16], now: TimeMs) -> Result<(), StoreError> {
        self.transaction(now, |store| {
            store.db.execute("DELETE FROM query WHERE feed = ?1 AND key = ?2", (feed.id, key))?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use trail::fold::Source;

    use super::*;
    use crate::config::settings::StoreSettings;

    const NOW: TimeMs = TimeMs(1_795_500_000_000);

    fn with_feed(check: impl FnOnce(&mut Store, &Feed)) {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("store.db"), None, &StoreSettings::default()).unwrap();
        let feed = store.feed("graph", Source::Graph, NOW).unwrap();
        check(&mut store, &feed);
    }

    #[test]
    fn an_interrupted_range_goes_on_and_one_that_is_done_begins_anew() {
        with_feed(|store, feed| {
            let from = TimeMs(1000);
            assert_eq!(store.backfilled_to(feed, from).unwrap(), from);
            store.note_backfill(feed, from, Some(TimeMs(3000)), NOW).unwrap();
            store.note_backfill(feed, from, Some(TimeMs(2000)), NOW).unwrap();
            assert_eq!(store.backfilled_to(feed, from).unwrap(), TimeMs(3000));
            store.note_backfill(feed, from, None, NOW).unwrap();
            assert_eq!(store.backfilled_to(feed, from).unwrap(), from);
        });
    }

    #[test]
    fn a_query_is_remembered_until_it_is_over_or_too_old() {
        with_feed(|store, feed| {
            store.keep_query(feed, [1; 16], "a", NOW).unwrap();
            store.keep_query(feed, [2; 16], "b", NOW).unwrap();
            store.forget_query(feed, [1; 16], NOW).unwrap();
            assert_eq!(store.queries(feed, NOW).unwrap(), [([2; 16], "b".to_owned())]);
            assert_eq!(store.queries(feed, NOW.plus(QUERY_LIFE_MS + 1)).unwrap(), []);
        });
    }
}
