//! Shares as they were concluded, by their numbers: many accesses ask for the same few.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::Connection;
use trail::share::Share;

use super::StoreError;

/// Entries of the cache; when it is full it is emptied. A share has about a kilobyte.
const CACHE_ENTRIES_MAX: usize = 4 * 1024;

/// Number → share.
#[derive(Debug, Default)]
pub(super) struct KnownShares {
    cache: HashMap<i64, Arc<Share>>,
}

impl KnownShares {
    /// The share with this number.
    pub(super) fn get(&mut self, db: &Connection, id: i64) -> Result<Arc<Share>, StoreError> {
        if let Some(share) = self.cache.get(&id) {
            return Ok(Arc::clone(share));
        }
        let share = db.prepare_cached("SELECT body FROM share WHERE id = ?1")?.query_row([id], |row| {
            let body = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            Ok(parse_share(body))
        })??;
        if self.cache.len() >= CACHE_ENTRIES_MAX {
            self.cache.clear();
        }
        let share = Arc::new(share);
        self.cache.insert(id, Arc::clone(&share));
        Ok(share)
    }

    /// It is about to be told otherwise.
    pub(super) fn forget(&mut self, id: i64) {
        self.cache.remove(&id);
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.cache.clear();
    }
}

/// A share out of its stored form.
pub(super) fn parse_share(body: &[u8]) -> Result<Share, StoreError> {
    serde_json::from_slice(body).map_err(|_| StoreError::Damaged("a share cannot be read"))
}
