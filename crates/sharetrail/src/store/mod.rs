//! The store: one SQLite file a tenant. It keeps facts, works out conclusions, and knows what is still to be sent.
//!
//! A page of records is taken in one transaction ([`Store::take_page`]): records, activities, de-duplication keys,
//! the feed's position, dirty keys and outbox entries change together or not at all. Dirty keys are worked off in
//! bounded transactions ([`Store::recompute`]) in the order in which conclusions rest on each other: gestures, links with
//! their shares, accesses, rows of shares. Conclusions are recomputed from facts and never patched. A sink's
//! answer is written by [`Store::confirm`] or [`Store::set_aside`]. One writer a file, readers ([`Reader`]) at any
//! time. Tables: `schema/1.sql`.

mod access;
mod actor;
mod archive;
mod backfill;
mod blob;
mod care;
mod codes;
mod dead_letter;
mod delivery;
mod directory;
mod dirty;
mod error;
mod fact;
mod feed;
mod file;
mod finding;
mod hours;
mod infer;
mod item_row;
mod judged;
mod key;
mod known_shares;
mod label;
mod listed;
mod mark;
mod matched;
pub mod mounted;
mod notice;
mod order;
mod outbox;
mod page;
mod paged;
mod picture;
mod policy;
mod pulse;
mod read;
mod recompute;
mod reconcile;
mod rejected;
mod row;
mod rows;
mod schema;
mod search;
mod share_read;
mod share_row;
mod sharing;
mod status;
mod summary;
mod text;
mod thread;
mod whole;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;
use trail::TimeMs;

pub use blob::{Blob, BlobBacklog, BlobChanges, BlobEnd, BlobKey, WorkList};
pub use care::{Compacted, backup, compact, restore, settle};
pub use dead_letter::{DeadLetterFilter, Retried};
pub use directory::{Learnt, Told};
pub use error::StoreError;
pub use feed::Feed;
pub use finding::{FindingFilter, Telling};
pub use hours::{Hours, Spread};
pub use judged::{Judged, Judging};
pub use notice::{Digest, Notice, NoticeKind};
pub use order::Order;
pub use outbox::{Entry, SinkEntry, Table, Waiting};
pub use page::{Advance, Arrival, PageCount, Place};
pub use paged::{NoSuchPlace, Page, begin_of};
pub use picture::{Day, Overview, Part, Picture, Verdicts};
pub use policy::Policy;
pub use pulse::{FeedEnd, Pulse};
pub use read::{AccessFilter, Only, Reader, ShownRecord};
pub use rejected::{REJECTED_RAW_BYTES_MAX, ShownRejected};
pub use search::Found;
pub use share_read::{Asked, Doors, Which};
pub use status::{DirectoryStatus, FeedStatus, SinkStatus, Status};
pub use thread::StoreThread;

use crate::config::settings::StoreSettings;
use crate::crash;

/// The one writer of a store.
#[derive(Debug)]
pub struct Store {
    db: Connection,
    path: PathBuf,
    tenant: Arc<str>,
    policy: Policy,
    sinks: Vec<SinkEntry>,
    /// Revision of the transaction under way.
    revision: i64,
    texts: text::Encoder,
    decoder: text::Decoder,
    actors: actor::Actors,
    known_shares: known_shares::KnownShares,
    archive: archive::Archive,
    /// Whether records of one file are being counted.
    in_file: bool,
    recompute_rows_max: usize,
    store_bytes_max: u64,
    warned_of_size: bool,
    _lock: file::WriteLock,
}

impl Store {
    /// Opens the store at `path` for writing, or makes it. `tenant` is whose it is; `None` takes the name that the
    /// file bears (a new one is called `default`).
    ///
    /// # Errors
    /// In words: another writer, a newer schema, another tenant's file, another program's file, the disk.
    pub fn open(path: &Path, tenant: Option<&str>, settings: &StoreSettings) -> Result<Self, StoreError> {
        mounted::refuse_network(path)?;
        file::create(path)?;
        let db = Connection::open(path)?;
        // Before the lock, which would leave a file beside one that is not ours.
        schema::check(&db, path)?;
        let lock = file::lock(path, settings.lock_wait_seconds_max)?;
        db.set_prepared_statement_cache_capacity(256);
        schema::prepare(&db, path)?;
        db.execute_batch("CREATE TEMP TABLE met (key BLOB PRIMARY KEY) WITHOUT ROWID")?;
        let tenant = policy::tenant(&db, path, tenant)?;
        let policy = policy::load(&db)?;
        let sinks = outbox::active(&db)?;
        Ok(Self {
            db,
            path: path.to_owned(),
            tenant,
            policy,
            sinks,
            revision: 0,
            texts: text::Encoder::default(),
            decoder: text::Decoder::default(),
            actors: actor::Actors::default(),
            known_shares: known_shares::KnownShares::default(),
            archive: archive::Archive::default(),
            in_file: false,
            recompute_rows_max: settings.recompute_rows_max,
            store_bytes_max: settings.store_bytes_max,
            warned_of_size: false,
            _lock: lock,
        })
    }

    /// Where the store is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whose it is.
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// Revision of the latest transaction; what follows has higher ones.
    pub fn revision(&self) -> i64 {
        self.revision
    }

    /// Size of the store, pages of its file that are in use.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn bytes(&self) -> Result<u64, StoreError> {
        let pragma = |sql: &str| self.db.prepare_cached(sql)?.query_row([], |row| row.get::<_, i64>(0));
        Ok((pragma("PRAGMA page_count")? * pragma("PRAGMA page_size")?).unsigned_abs())
    }

    /// Begins counting the different records of one file.
    ///
    /// # Errors
    /// Those of the store.
    pub fn begin_file(&mut self) -> Result<(), StoreError> {
        self.db.execute("DELETE FROM temp.met", [])?;
        self.in_file = true;
        Ok(())
    }

    /// Forgets the ids of unkept records that arrived more than `days` ago: they can no longer be listed again.
    ///
    /// # Errors
    /// Nothing is forgotten.
    pub fn forget_unkept(&mut self, days: u32, now: TimeMs) -> Result<(), StoreError> {
        let last_day = key::day(now) - i64::from(days);
        // A record arrives after its event, so only hours before that day need to be looked at.
        let hour = key::Key::new(Some(TimeMs(last_day * 86_400_000)), trail::RecordId::default());
        self.transaction(now, |store| {
            store.db.execute("DELETE FROM seen WHERE key < ?1 AND day < ?2", (hour.0, last_day))?;
            Ok(())
        })
    }

    /// Runs `work` in one transaction with a revision of its own: max(previous + 1, now in milliseconds).
    fn transaction<T>(
        &mut self,
        now: TimeMs,
        work: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.db.execute_batch("BEGIN IMMEDIATE")?;
        let result = self.revise(now).and_then(|()| work(self)).and_then(|done| {
            self.archive.close(&self.db)?;
            crash::point(crash::BEFORE_COMMIT);
            self.db.execute_batch("COMMIT")?;
            crash::point(crash::AFTER_COMMIT);
            Ok(done)
        });
        if result.is_err() {
            // Numbers handed out in a transaction that is taken back mean nothing.
            self.texts.clear();
            self.decoder.clear();
            self.actors.clear();
            self.known_shares.clear();
            self.archive.forget();
            if !self.db.is_autocommit() {
                self.db.execute_batch("ROLLBACK")?;
            }
        }
        result
    }

    fn revise(&mut self, now: TimeMs) -> Result<(), StoreError> {
        self.revision = self
            .db
            .prepare_cached(
                "INSERT INTO meta (name, value) VALUES ('revision', ?1)
                 ON CONFLICT DO UPDATE SET value = max(value + 1, excluded.value) RETURNING value",
            )?
            .query_row([now.millis()], |row| row.get(0))?;
        Ok(())
    }

    /// Collection pauses, in words, when the store has reached its limit; a warning comes at 80 %.
    fn check_size(&mut self) -> Result<(), StoreError> {
        let (bytes, bytes_max) = (self.bytes()?, self.store_bytes_max);
        if bytes >= bytes_max {
            return Err(StoreError::Full { bytes, bytes_max });
        }
        if bytes >= bytes_max / 5 * 4 && !std::mem::replace(&mut self.warned_of_size, true) {
            tracing::warn!(
                bytes,
                bytes_max,
                "the store has reached four fifths of store.store_bytes_max; when it reaches all of it, collection pauses \
                 until the limit is raised"
            );
        }
        Ok(())
    }
}
