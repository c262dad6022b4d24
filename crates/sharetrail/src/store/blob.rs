//! The work list of the audit feed: blobs that were listed, and what became of each.
//!
//! A blob waits from the moment it is listed until the transaction that stores the last of its records; one that cannot
//! be read is tried again in later passes, and becomes a gap when its service no longer has it. Blobs that were read are
//! remembered for as long as they can be listed again, so that listing a span twice costs nothing.
//!
//! The feed's position follows from the list: up to where content was listed, but not beyond the oldest blob that waits.

use rusqlite::OptionalExtension;
use trail::TimeMs;

use super::{Feed, Store, StoreError};

/// How long a blob that was read is remembered after it was made: content can be listed for seven days, and a day more
/// is for clocks that differ.
const REMEMBERED_MS: i64 = 8 * 24 * 3_600_000;
/// A subscription is not started again before this (Microsoft: Start a subscription).
const START_AGAIN_MS: i64 = 15 * 60_000;

/// What stands for a blob's id, which is long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobKey([u8; 16]);

impl BlobKey {
    /// The key of the blob with this id.
    pub fn of(content_id: &str) -> Self {
        Self(trail::id::hash16(content_id.as_bytes()))
    }
}

/// A blob as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// Which.
    pub key: BlobKey,
    /// Where it is fetched.
    pub uri: String,
    /// When the service made it available.
    pub created: TimeMs,
    /// Until when it has it.
    pub expires: TimeMs,
}

/// How reading a blob ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlobEnd {
    /// To its end: the last of its records is in this page.
    Read,
    /// It could not be read now, in words.
    Failed(String),
    /// It can no longer be had, with the reason of the gap.
    Lost(String),
}

/// What a page tells of blobs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BlobChanges {
    /// Blobs that are there; known ones among them change nothing.
    pub listed: Vec<Blob>,
    /// With them, all up to this time have been listed.
    pub listed_to: Option<TimeMs>,
    /// Blobs that were tried.
    pub ended: Vec<(BlobKey, BlobEnd)>,
}

/// The work list as a pass finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkList {
    /// Up to where content was listed.
    pub listed_to: Option<TimeMs>,
    /// Gaps that blobs left which had to be given up.
    pub given_up: u64,
    /// Tells blobs tried in this pass from those still to be tried.
    begun: i64,
}

/// Blobs that wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobBacklog {
    /// How many.
    pub blobs: u64,
    /// Why the one that was tried last could not be read.
    pub last_error: Option<String>,
}

/// States of a blob beside 0, in which it waits.
const READ: i64 = 1;
const LOST: i64 = 2;

impl Store {
    /// Opens the work list of a feed for a pass: what its service no longer has becomes a gap, what can no longer be
    /// listed is forgotten.
    ///
    /// # Errors
    /// Nothing changes.
    pub fn open_work_list(&mut self, feed: &Feed, now: TimeMs) -> Result<WorkList, StoreError> {
        self.transaction(now, |store| {
            store.db.execute(
                "DELETE FROM blob WHERE feed = ?1 AND state <> 0 AND created_at < ?2",
                (feed.id, now.millis() - REMEMBERED_MS),
            )?;
            let given_up = store.give_up_expired(feed, now)?;
            let listed_to: Option<Option<i64>> = store
                .db
                .query_row("SELECT listed_to FROM audit_feed WHERE feed = ?1", [feed.id], |row| row.get(0))
                .optional()?;
            Ok(WorkList { listed_to: listed_to.flatten().map(TimeMs), given_up, begun: store.revision })
        })
    }

    fn give_up_expired(&mut self, feed: &Feed, now: TimeMs) -> Result<u64, StoreError> {
        let expired: Vec<(Vec<u8>, i64, Option<String>)> = {
            let mut statement = self.db.prepare_cached(
                "SELECT key, created_at, error FROM blob WHERE feed = ?1 AND state = 0 AND expires_at <= ?2",
            )?;
            let rows =
                statement.query_map((feed.id, now.millis()), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            rows.collect::<Result<_, _>>()?
        };
        let mut gaps = 0;
        for (key, created, error) in &expired {
            let last = error.as_deref().unwrap_or("it was never tried");
            let reason = format!("content expired before it could be read; the last try: {last}");
            gaps += u64::from(self.lose(feed, key, TimeMs(*created), &reason)?);
        }
        self.settle(feed)?;
        Ok(gaps)
    }

    /// Blobs of the list that were not tried since it was opened: those first that never failed, then the oldest.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn waiting_blobs(&self, feed: &Feed, list: &WorkList, blobs_max: usize) -> Result<Vec<Blob>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT key, uri, created_at, expires_at FROM blob
             WHERE feed = ?1 AND state = 0 AND tried < ?2 ORDER BY failures, created_at LIMIT ?3",
        )?;
        let rows = statement.query_map((feed.id, list.begun, blobs_max as i64), |row| {
            Ok(Blob {
                key: BlobKey(row.get(0)?),
                uri: row.get(1)?,
                created: TimeMs(row.get(2)?),
                expires: TimeMs(row.get(3)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many blobs wait, and why.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn blob_backlog(&self, feed: &Feed) -> Result<BlobBacklog, StoreError> {
        Ok(self.db.query_row(
            "SELECT count(*), (SELECT error FROM blob WHERE feed = ?1 AND state = 0 ORDER BY tried DESC LIMIT 1)
             FROM blob WHERE feed = ?1 AND state = 0",
            [feed.id],
            |row| Ok(BlobBacklog { blobs: row.get::<_, i64>(0)?.unsigned_abs(), last_error: row.get(1)? }),
        )?)
    }

    /// Whether a subscription may be started, which is noted as done: before it is done, since a process that dies in
    /// between must not be followed by one that starts it again.
    ///
    /// # Errors
    /// Nothing changes.
    pub fn may_start(&mut self, feed: &Feed, now: TimeMs) -> Result<bool, StoreError> {
        self.transaction(now, |store| {
            let noted = store.db.execute(
                "INSERT INTO audit_feed (feed, started_at) VALUES (?1, ?2)
                 ON CONFLICT (feed) DO UPDATE SET started_at = excluded.started_at
                     WHERE coalesce(started_at, 0) NOT BETWEEN ?2 - ?3 + 1 AND ?2",
                (feed.id, now.millis(), START_AGAIN_MS),
            )?;
            Ok(noted == 1)
        })
    }

    /// Writes what a page tells, within its transaction. Returns how many gaps it left: blobs that were made at the same
    /// time and are lost for the same reason are one.
    pub(super) fn change_blobs(&mut self, feed: &Feed, changes: &BlobChanges) -> Result<u64, StoreError> {
        let mut gaps = 0;
        for blob in &changes.listed {
            self.db
                .prepare_cached(
                    "INSERT INTO blob (feed, key, uri, created_at, expires_at, state) VALUES (?1, ?2, ?3, ?4, ?5, 0)
                     ON CONFLICT (feed, key) DO UPDATE SET uri = excluded.uri, expires_at = excluded.expires_at
                         WHERE state = 0",
                )?
                .execute((feed.id, blob.key.0, &blob.uri, blob.created.millis(), blob.expires.millis()))?;
        }
        for (key, end) in &changes.ended {
            match end {
                BlobEnd::Read => self.end_blob(feed, &key.0, READ)?,
                BlobEnd::Failed(why) => {
                    self.db
                        .prepare_cached(
                            "UPDATE blob SET failures = failures + 1, error = ?3, tried = ?4
                             WHERE feed = ?1 AND key = ?2 AND state = 0",
                        )?
                        .execute((feed.id, key.0, why, self.revision))?;
                }
                BlobEnd::Lost(reason) => {
                    let created: Option<i64> = self
                        .db
                        .query_row(
                            "SELECT created_at FROM blob WHERE feed = ?1 AND key = ?2 AND state = 0",
                            (feed.id, key.0),
                            |row| row.get(0),
                        )
                        .optional()?;
                    if let Some(created) = created {
                        gaps += u64::from(self.lose(feed, &key.0, TimeMs(created), reason)?);
                    }
                }
            }
        }
        if let Some(listed_to) = changes.listed_to {
            self.db.execute(
                "INSERT INTO audit_feed (feed, listed_to) VALUES (?1, ?2)
                 ON CONFLICT (feed) DO UPDATE SET listed_to = max(coalesce(listed_to, 0), excluded.listed_to)",
                (feed.id, listed_to.millis()),
            )?;
        }
        if changes.listed_to.is_some() || !changes.ended.is_empty() {
            self.settle(feed)?;
        }
        Ok(gaps)
    }

    /// A blob that is never to be had is a gap at the time it was made.
    fn lose(&mut self, feed: &Feed, key: &[u8], created: TimeMs, reason: &str) -> Result<bool, StoreError> {
        self.end_blob(feed, key, LOST)?;
        self.write_gap(feed, created, created, reason)
    }

    fn end_blob(&mut self, feed: &Feed, key: &[u8], state: i64) -> Result<(), StoreError> {
        self.db
            .prepare_cached("UPDATE blob SET state = ?3, uri = '', error = NULL WHERE feed = ?1 AND key = ?2")?
            .execute((feed.id, key, state))?;
        Ok(())
    }

    /// Moves the position to where it belongs.
    fn settle(&mut self, feed: &Feed) -> Result<(), StoreError> {
        self.db
            .prepare_cached(
                "UPDATE feed SET position = max(coalesce(position, reached), reached)
                 FROM (SELECT min(listed_to, coalesce((SELECT min(created_at) FROM blob
                           WHERE feed = ?1 AND state = 0), listed_to)) AS reached
                       FROM audit_feed WHERE feed = ?1 AND listed_to IS NOT NULL)
                 WHERE id = ?1",
            )?
            .execute([feed.id])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use trail::fold::Source;

    use super::super::{Advance, Arrival, Reader};
    use super::*;
    use crate::config::settings::StoreSettings;

    const NOW: TimeMs = TimeMs(1_795_500_000_000);
    const HOUR: i64 = 3_600_000;

    struct Work {
        store: Store,
        feed: Feed,
        _folder: tempfile::TempDir,
    }

    impl Work {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let mut store = Store::open(&folder.path().join("store.db"), None, &StoreSettings::default()).unwrap();
            let feed = store.feed("Audit.SharePoint", Source::AuditFeed, NOW).unwrap();
            Self { store, feed, _folder: folder }
        }

        fn change(&mut self, changes: BlobChanges) {
            let none: [Arrival<'_>; 0] = [];
            self.store.take_page_of_blobs(&self.feed, none, Advance::Stay, &changes, NOW).unwrap();
        }

        fn list(&mut self, ages_hours: &[i64]) {
            let listed = ages_hours.iter().map(|age| blob(*age)).collect();
            self.change(BlobChanges { listed, listed_to: Some(NOW), ..BlobChanges::default() });
        }

        fn end(&mut self, age_hours: i64, end: BlobEnd) {
            let ended = vec![(blob(age_hours).key, end)];
            self.change(BlobChanges { ended, ..BlobChanges::default() });
        }

        fn waiting(&mut self, now: TimeMs) -> Vec<BlobKey> {
            let list = self.store.open_work_list(&self.feed, now).unwrap();
            let blobs = self.store.waiting_blobs(&self.feed, &list, 100).unwrap();
            blobs.into_iter().map(|blob| blob.key).collect()
        }

        fn position(&mut self) -> Option<TimeMs> {
            self.store.feed("Audit.SharePoint", Source::AuditFeed, NOW).unwrap().position
        }
    }

    fn blob(age_hours: i64) -> Blob {
        let created = NOW.plus(-age_hours * HOUR);
        let key = BlobKey::of(&age_hours.to_string());
        Blob { key, uri: format!("https://x/{age_hours}"), created, expires: created.plus(7 * 24 * HOUR) }
    }

    fn keys<const N: usize>(ages_hours: [i64; N]) -> Vec<BlobKey> {
        ages_hours.map(|age| blob(age).key).to_vec()
    }

    #[test]
    fn the_position_stands_at_the_oldest_blob_that_waits() {
        let mut work = Work::new();
        work.list(&[5, 3, 1]);
        assert_eq!(work.position(), Some(NOW.plus(-5 * HOUR)));
        work.end(3, BlobEnd::Read);
        assert_eq!(work.position(), Some(NOW.plus(-5 * HOUR)));
        work.end(5, BlobEnd::Failed("no".into()));
        assert_eq!(work.position(), Some(NOW.plus(-5 * HOUR)), "it is tried again");
        work.end(5, BlobEnd::Read);
        assert_eq!(work.position(), Some(NOW.plus(-HOUR)));
        work.end(1, BlobEnd::Lost("gone".into()));
        assert_eq!(work.position(), Some(NOW));
    }

    #[test]
    fn a_blob_that_is_listed_again_is_not_read_again() {
        let mut work = Work::new();
        work.list(&[5, 3]);
        work.end(5, BlobEnd::Read);
        work.list(&[5, 3]);
        assert_eq!(work.waiting(NOW), keys([3]));
    }

    #[test]
    fn what_failed_before_comes_last_and_once_a_pass() {
        let mut work = Work::new();
        work.list(&[5, 3, 1]);
        work.end(5, BlobEnd::Failed("no".into()));
        assert_eq!(work.waiting(NOW), keys([3, 1, 5]));
        let list = work.store.open_work_list(&work.feed, NOW).unwrap();
        work.end(5, BlobEnd::Failed("no".into()));
        let again = work.store.waiting_blobs(&work.feed, &list, 100).unwrap();
        assert!(again.iter().all(|waiting| waiting.key != blob(5).key));
    }

    #[test]
    fn a_blob_that_expires_while_it_waits_is_a_gap_with_the_last_reason() {
        let mut work = Work::new();
        work.list(&[150, 1]);
        work.end(150, BlobEnd::Failed("the service has a cold".into()));
        let later = NOW.plus(20 * HOUR);
        assert_eq!(work.waiting(later), keys([1]));
        let gaps = Reader::open(work.store.path()).unwrap().gaps().unwrap();
        assert_eq!(gaps.len(), 1);
        assert!(gaps[0].reason.contains("the service has a cold"), "{}", gaps[0].reason);
        assert_eq!(gaps[0].from_time, blob(150).created);
    }

    #[test]
    fn two_blobs_of_one_time_that_are_lost_for_one_reason_are_counted_as_the_one_gap_that_is_listed() {
        let mut work = Work::new();
        let twin = Blob { key: BlobKey::of("twin"), ..blob(5) };
        work.change(BlobChanges { listed: vec![blob(5), twin.clone(), blob(3)], ..BlobChanges::default() });
        let lost = |key| (key, BlobEnd::Lost("gone".into()));
        let ended = vec![lost(blob(5).key), lost(twin.key), lost(blob(3).key)];
        let none: [Arrival<'_>; 0] = [];
        let changes = BlobChanges { ended, ..BlobChanges::default() };
        let count = work.store.take_page_of_blobs(&work.feed, none, Advance::Stay, &changes, NOW).unwrap();
        assert_eq!(count.gaps, 2);
        assert_eq!(Reader::open(work.store.path()).unwrap().gaps().unwrap().len(), 2);
    }

    #[test]
    fn what_was_read_is_remembered_as_long_as_it_can_be_listed_again() {
        let mut work = Work::new();
        work.list(&[5]);
        work.end(5, BlobEnd::Read);
        work.waiting(NOW.plus(7 * 24 * HOUR));
        work.list(&[5]);
        assert_eq!(work.waiting(NOW), vec![], "seven days later it could still be listed");
        work.waiting(NOW.plus(8 * 24 * HOUR));
        let remembered: i64 = work.store.db.query_row("SELECT count(*) FROM blob", [], |row| row.get(0)).unwrap();
        assert_eq!(remembered, 0);
    }

    #[test]
    fn a_subscription_is_not_started_twice_within_a_quarter_of_an_hour() {
        let mut work = Work::new();
        let mut may = |minutes: i64| work.store.may_start(&work.feed, NOW.plus(minutes * 60_000)).unwrap();
        assert!(may(0));
        assert!(!may(14));
        assert!(may(15));
        assert!(!may(16));
        // A clock that was set back must not forbid it for ever.
        assert!(may(-60));
    }
}
