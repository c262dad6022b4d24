//! Lists page by page, latest first, for whoever looks at them while they grow: a page begins behind a row, not at a
//! number, so that new rows shift nothing.

use rusqlite::OptionalExtension;
use trail::share::State;
use trail::{RecordId, TimeMs};

use super::read::{AccessFilter, Reader};
use super::rows::{self, AccessHead};
use super::{StoreError, share_read, share_row, text};
use crate::rows as row;

/// Rows of a list, and where the next page begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<R> {
    /// The rows.
    pub rows: Vec<R>,
    /// What to ask for to get the next page; `None` at the end.
    pub next: Option<String>,
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
        let inside = self.numbers(inside)?;
        let (mut condition, mut values) = filter.sql();
        if let Some(place) = after {
            let bound = values.len();
            condition.push_str(&format!(" AND (first_at, access.access_id) < (?{}, ?{})", bound + 1, bound + 2));
            values.push(place.first_at.millis().into());
            values.push(place.access_id.to_vec().into());
        }
        let mut heads: Vec<AccessHead> = Vec::new();
        let mut is_more = false;
        {
            let columns = AccessHead::COLUMNS.split(", ").map(|name| format!("access.{name}")).collect::<Vec<_>>();
            let mut statement = self.db.prepare_cached(&format!(
                "SELECT {}, actor.domain FROM access
                 JOIN activity AS first ON first.id = access.first_activity JOIN actor ON actor.id = first.actor
                 WHERE {condition} ORDER BY first_at DESC, access.access_id DESC",
                columns.join(", ")
            ))?;
            let domain_place = columns.len();
            let mut found = statement.query(rusqlite::params_from_iter(values))?;
            while let Some(row) = found.next()? {
                let domain: Option<i64> = row.get(domain_place)?;
                if domain.is_some_and(|domain| inside.contains(&domain)) {
                    continue;
                }
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

    /// Ways in for outsiders, latest first, behind the share `after`; only those that `is_wanted`.
    ///
    /// # Errors
    /// As [`Reader::accesses_page`].
    pub fn shares_page(
        &mut self,
        filter: &AccessFilter,
        now: TimeMs,
        inside: &[String],
        after: Option<&str>,
        rows_max: usize,
        is_wanted: impl Fn(&row::Share) -> bool,
    ) -> Result<Result<Page<row::Share>, NoSuchPlace>, StoreError> {
        let mut numbers = self.share_numbers(filter)?;
        numbers.reverse();
        let mut begin = 0;
        if let Some(after) = after {
            let share: Option<i64> = match text::find(&self.db, after)? {
                Some(name) => {
                    let mut statement = self.db.prepare_cached("SELECT id FROM share WHERE share_id = ?1")?;
                    statement.query_row([name], |row| row.get(0)).optional()?
                }
                None => None,
            };
            match share.and_then(|share| numbers.iter().position(|number| *number == share)) {
                Some(position) => begin = position + 1,
                None => return Ok(Err(NoSuchPlace)),
            }
        }
        let mut rows: Vec<row::Share> = Vec::new();
        for number in numbers.into_iter().skip(begin) {
            let Some(head) = self.share_head(number)? else { continue };
            if !share_read::is_reported(filter, inside, &head) {
                continue;
            }
            let share = share_row::share(&mut self.context(), &head, Some(now))?;
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

    /// As [`Reader::shares_page`], those that are open and were never used.
    ///
    /// # Errors
    /// As [`Reader::accesses_page`].
    pub fn unused_page(
        &mut self,
        filter: &AccessFilter,
        now: TimeMs,
        inside: &[String],
        after: Option<&str>,
        rows_max: usize,
        is_wanted: impl Fn(&row::Share) -> bool,
    ) -> Result<Result<Page<row::Unused>, NoSuchPlace>, StoreError> {
        let is_unused = |share: &row::Share| share.state == State::Live.as_str() && is_wanted(share);
        let page = self.shares_page(filter, now, inside, after, rows_max, is_unused)?;
        Ok(page.map(|page| Page {
            rows: page.rows.into_iter().map(|share| row::Unused::of(share, now)).collect(),
            next: page.next,
        }))
    }
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
