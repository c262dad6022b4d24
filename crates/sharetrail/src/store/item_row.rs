//! What lists of items say of one beside counts: what it is called, where it lies, and whether it is classified now.

use std::sync::Arc;

use rusqlite::OptionalExtension;

use super::StoreError;
use super::matched::Matched;
use super::read::Reader;
use super::share_row::Extra;

/// Whether an item is classified, its level and its label.
#[derive(Debug, Clone, Default)]
pub(super) struct Verdict {
    pub(super) classified: Option<bool>,
    pub(super) level: Option<Arc<str>>,
    pub(super) label_name: Option<Arc<str>>,
}

/// What an access calls its item.
pub(super) struct Called {
    pub(super) url: Option<Arc<str>>,
    pub(super) name: Option<Arc<str>>,
    pub(super) item_type: Option<Arc<str>>,
    pub(super) site: Option<Arc<str>>,
}

impl Reader {
    /// What access number `access` calls its item.
    pub(super) fn called(&mut self, access: i64) -> Result<Called, StoreError> {
        let (url, name, item_type, site) = self
            .db
            .prepare_cached(
                "SELECT url, name, item_type, activity.site
                 FROM access JOIN activity ON activity.id = first_activity WHERE access.id = ?1",
            )?
            .query_row([access], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
        Ok(Called {
            url: self.texts.optional(&self.db, url)?,
            name: self.texts.optional(&self.db, name)?,
            item_type: self.texts.optional(&self.db, item_type)?,
            site: self.texts.optional(&self.db, site)?,
        })
    }

    /// Whether item number `item` is classified now, as its latest share says; of one that is not shared itself, whether
    /// it was at `access`.
    pub(super) fn verdict(&self, item: i64, access: i64) -> Result<Verdict, StoreError> {
        let share: Option<Option<Vec<u8>>> = self
            .db
            .prepare_cached(
                "SELECT extra FROM share WHERE item = ?1 AND withdrawn = 0 ORDER BY first_sign_at DESC, id DESC LIMIT 1",
            )?
            .query_row([item], |row| row.get(0))
            .optional()?;
        if let Some(extra) = share {
            return Ok(extra.map(|json| Extra::read(&json).verdict()).unwrap_or_default());
        }
        let mut statement = self.db.prepare_cached("SELECT match FROM access WHERE id = ?1")?;
        let Matched { classified, level, label_name, .. } =
            statement.query_row([access], |row| Matched::read(row, 0))?;
        Ok(Verdict { classified, level, label_name })
    }
}
