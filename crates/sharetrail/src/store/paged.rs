//! Lists page by page, latest first, for whoever looks at them while they grow: a page begins behind a row, not at a
//! number, so that new rows shift nothing.

use rusqlite::OptionalExtension;
use trail::{RecordId, TimeMs};

use super::read::{AccessFilter, Reader};
use super::rows::{self, AccessHead, Context};
use super::share_read::{Asked, Which, shares_sql};
use super::share_row::{self, ShareHead};
use super::{StoreError, text};
use crate::rows as row;

/// Rows of a list, and where the next page begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<R> {
    /// The rows.
    pub rows: Vec<R>,
    /// What to ask for to get the next page; `None` at the end.
    pub next: Option<String>,
}

impl<R> Page<R> {
    /// The same page of other rows.
    pub fn map<T>(self, row: impl FnMut(R) -> T) -> Page<T> {
        Page { rows: self.rows.into_iter().map(row).collect(), next: self.next }
    }
}

/// A text that is no place in this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoSuchPlace;

impl Reader {
    /// Accesses, latest first, behind the place `after`.
    ///
    /// # Errors
    /// Those of reading the store; [`NoSuchPlace`] inside where `after` was not given by an earlier page.
    pub fn accesses_page(
        &mut self,
        filter: &AccessFilter,
        inside: &[String],
        after: Option<&str>,
        rows_max: usize,
    ) -> Result<Result<Page<row::Access>, NoSuchPlace>, StoreError> {
        let after = match after.map(AccessPlace::parse) {
            Some(None) => return Ok(Err(NoSuchPlace)),
            after => after.flatten(),
        };
        let (mut condition, mut values) = filter.sql(&self.db, inside)?;
        if let Some(place) = after {
            let bound = values.len();
            condition.push_str(&format!(" AND (first_at, access_id) < (?{}, ?{})", bound + 1, bound + 2));
            values.push(place.first_at.millis().into());
            values.push(place.access_id.to_vec().into());
        }
        let mut heads: Vec<AccessHead> = Vec::new();
        let mut is_more = false;
        {
            let mut statement = self.db.prepare_cached(&format!(
                "SELECT {} FROM access WHERE {condition} ORDER BY first_at DESC, access_id DESC",
                AccessHead::COLUMNS
            ))?;
            let mut found = statement.query(rusqlite::params_from_iter(values))?;
            while let Some(row) = found.next()? {
                if heads.len() == rows_max {
                    is_more = true;
                    break;
                }
                heads.push(AccessHead::read(row)?);
            }
        }
        let next = heads.last().filter(|_| is_more).map(|head| AccessPlace::of(head).to_string());
        let mut rows = Vec::with_capacity(heads.len());
        for head in &heads {
            rows.push(rows::access(&mut self.context(), head)?);
        }
        Ok(Ok(Page { rows, next }))
    }

    /// How many accesses `filter` asks for.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn count_accesses(&self, filter: &AccessFilter, inside: &[String]) -> Result<i64, StoreError> {
        let (condition, values) = filter.sql(&self.db, inside)?;
        let mut statement = self.db.prepare_cached(&format!("SELECT count(*) FROM access WHERE {condition}"))?;
        Ok(statement.query_row(rusqlite::params_from_iter(values), |row| row.get(0))?)
    }

    /// Ways in for outsiders behind the share `after`; only those that `is_wanted`. All are told latest first, those that
    /// nobody used longest open first.
    ///
    /// # Errors
    /// As [`Reader::accesses_page`].
    pub fn shares_page(
        &mut self,
        asked: &Asked<'_>,
        is_wanted: impl Fn(&row::Share) -> bool,
        after: Option<&str>,
        rows_max: usize,
    ) -> Result<Result<Page<row::Share>, NoSuchPlace>, StoreError> {
        let (mut condition, mut values) = shares_sql(&self.db, asked.filter, asked.inside, asked.which)?;
        let (beyond, order) = match asked.which {
            Which::All => ("<", "DESC"),
            Which::Unused => (">", "ASC"),
        };
        if let Some(after) = after {
            let Some((first_sign_at, id)) = self.place_of_share(after)? else { return Ok(Err(NoSuchPlace)) };
            let bound = values.len();
            condition.push_str(&format!(" AND (first_sign_at, id) {beyond} (?{}, ?{})", bound + 1, bound + 2));
            values.extend([first_sign_at.into(), id.into()]);
        }
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT {} FROM share WHERE {condition} ORDER BY first_sign_at {order}, id {order}",
            ShareHead::COLUMNS
        ))?;
        let mut found = statement.query(rusqlite::params_from_iter(values))?;
        let mut rows: Vec<row::Share> = Vec::new();
        while let Some(sql_row) = found.next()? {
            let head = ShareHead::read(sql_row)?;
            if !asked.is_met_by(&head) {
                continue;
            }
            let mut context = Context { db: &self.db, texts: &mut self.texts, tenant: &self.tenant };
            let share = share_row::share(&mut context, &head, Some(asked.now))?;
            if !is_wanted(&share) {
                continue;
            }
            if rows.len() == rows_max {
                let next = rows.last().map(|share| share.share_id.to_string());
                return Ok(Ok(Page { rows, next }));
            }
            rows.push(share);
        }
        Ok(Ok(Page { rows, next: None }))
    }

    /// Where a share stands in the lists: when it was first seen, and its number.
    pub(super) fn place_of_share(&self, share_id: &str) -> Result<Option<(i64, i64)>, StoreError> {
        let Some(name) = text::find(&self.db, share_id)? else { return Ok(None) };
        let mut statement = self.db.prepare_cached("SELECT first_sign_at, id FROM share WHERE share_id = ?1")?;
        Ok(statement.query_row([name], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }
}

/// When the access began behind which a page of accesses begins.
pub fn begin_of(cursor: &str) -> Option<TimeMs> {
    AccessPlace::parse(cursor).map(|place| place.first_at)
}

/// An access's place in the list.
struct AccessPlace {
    first_at: TimeMs,
    access_id: [u8; 16],
}

impl AccessPlace {
    fn of(head: &AccessHead) -> Self {
        Self { first_at: head.first_at, access_id: head.access_id }
    }

    fn parse(text: &str) -> Option<Self> {
        let (first_at, access_id) = text.split_once('.')?;
        let id = RecordId::from_text(access_id);
        // Any text makes some id; only a printed one makes itself.
        (id.to_string() == access_id).then_some(())?;
        Some(Self { first_at: TimeMs(first_at.parse().ok()?), access_id: id.0 })
    }
}

impl std::fmt::Display for AccessPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.first_at.millis(), RecordId(self.access_id))
    }
}
