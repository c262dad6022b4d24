//! The dictionary: every string once, by number.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};

use super::StoreError;

/// Entries of one cache; when it is full it is emptied, which costs less than deciding what to forget.
const CACHE_ENTRIES_MAX: usize = 64 * 1024;
/// Longer strings are looked up in the table every time.
const CACHED_BYTES_MAX: usize = 512;

/// String → number, for writing.
#[derive(Debug, Default)]
pub(super) struct Encoder {
    cache: HashMap<Box<str>, i64>,
}

impl Encoder {
    /// The number of `value`, which is added to the dictionary if it is new.
    pub(super) fn number(&mut self, db: &Connection, value: &str) -> Result<i64, StoreError> {
        if let Some(id) = self.cache.get(value) {
            return Ok(*id);
        }
        let id = match find(db, value)? {
            Some(id) => id,
            None => {
                db.prepare_cached("INSERT INTO text (value) VALUES (?1)")?.execute([value])?;
                let id = db.last_insert_rowid();
                db.prepare_cached("INSERT INTO text_hash (hash, text) VALUES (?1, ?2)")?.execute((hash(value), id))?;
                id
            }
        };
        if value.len() <= CACHED_BYTES_MAX {
            if self.cache.len() >= CACHE_ENTRIES_MAX {
                self.cache.clear();
            }
            self.cache.insert(value.into(), id);
        }
        Ok(id)
    }

    /// As [`Encoder::number`], for what may be absent.
    pub(super) fn optional(&mut self, db: &Connection, value: Option<&str>) -> Result<Option<i64>, StoreError> {
        value.map(|value| self.number(db, value)).transpose()
    }

    /// Forgets everything: after a transaction was rolled back its numbers mean nothing.
    pub(super) fn clear(&mut self) {
        self.cache.clear();
    }
}

/// Number → string, for reading.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    cache: HashMap<i64, Arc<str>>,
    /// Names by set of feed ids; there are a few sets, and a feed keeps its name.
    feeds: HashMap<i64, Arc<[String]>>,
}

impl Decoder {
    /// The string with this number.
    pub(super) fn text(&mut self, db: &Connection, id: i64) -> Result<Arc<str>, StoreError> {
        if let Some(text) = self.cache.get(&id) {
            return Ok(Arc::clone(text));
        }
        let text: Arc<str> = db
            .prepare_cached("SELECT value FROM text WHERE id = ?1")?
            .query_row([id], |row| Ok(Arc::from(row.get_ref(0)?.as_str()?)))?;
        if self.cache.len() >= CACHE_ENTRIES_MAX {
            self.cache.clear();
        }
        self.cache.insert(id, Arc::clone(&text));
        Ok(text)
    }

    /// As [`Decoder::text`], for what may be absent.
    pub(super) fn optional(&mut self, db: &Connection, id: Option<i64>) -> Result<Option<Arc<str>>, StoreError> {
        id.map(|id| self.text(db, id)).transpose()
    }

    /// The names of the feeds in a set.
    pub(super) fn feed_names(&mut self, db: &Connection, bits: i64) -> Result<Arc<[String]>, StoreError> {
        if let Some(names) = self.feeds.get(&bits) {
            return Ok(Arc::clone(names));
        }
        let mut statement = db.prepare_cached("SELECT name FROM feed WHERE (?1 >> id) & 1 ORDER BY name")?;
        let names: Arc<[String]> = statement.query_map([bits], |row| row.get(0))?.collect::<Result<_, _>>()?;
        if self.feeds.len() >= CACHE_ENTRIES_MAX {
            self.feeds.clear();
        }
        self.feeds.insert(bits, Arc::clone(&names));
        Ok(names)
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.cache.clear();
        self.feeds.clear();
    }
}

/// The number of `value`, if the dictionary has it.
pub(super) fn find(db: &Connection, value: &str) -> Result<Option<i64>, StoreError> {
    Ok(db
        .prepare_cached("SELECT text FROM text_hash WHERE hash = ?1")?
        .query_row([hash(value)], |row| row.get(0))
        .optional()?)
}

fn hash(value: &str) -> [u8; 16] {
    trail::id::hash16(value.as_bytes())
}
