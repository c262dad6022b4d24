//! Lists in another order than their own: by any column that they show.
//!
//! Whatever is empty counts as the least. Of texts, the case of A to Z does not matter. Equals have an
//! order, too, so that pages do not overlap; and falling is rising turned round.

use std::fmt;

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, params_from_iter};
use trail::RecordId;

use super::paged::{NoSuchPlace, Page};
use super::read::{AccessFilter, Reader};
use super::rows::{self, Context};
use super::share_read::{Asked, Which, shares_sql};
use super::share_row::{self, ShareHead};
use super::{StoreError, codes};
use crate::rows as row;
use crate::rows::{Cell, Row};

/// By which column a list is ordered, and in which direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// The column, by its name in JSON.
    pub column: &'static str,
    /// From the most to the least.
    pub falling: bool,
}

impl fmt::Display for Order {
    /// As in addresses: the column, `-` before it for falling.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.falling { "-" } else { "" }, self.column)
    }
}

/// What a row is ordered by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    /// Nothing is known.
    Empty,
    Number(i64),
    /// With A to Z in lower case, as the database compares them, too.
    Text(String),
}

impl Key {
    /// The key of `row` where it is ordered by `column`.
    pub(crate) fn of<R: Row>(row: &R, column: &str) -> Self {
        let place = R::COLUMNS.iter().position(|known| known.key == column);
        match place.and_then(|place| row.cells().get(place).copied()).unwrap_or(Cell::Empty) {
            Cell::Empty => Self::Empty,
            Cell::Integer(number) => Self::Number(number),
            Cell::Time(time) => Self::Number(time.millis()),
            Cell::Boolean(truth) => Self::Number(i64::from(truth)),
            Cell::Text(text) => Self::Text(text.to_ascii_lowercase()),
            Cell::List(elements) => Self::Text(elements.join(", ").to_ascii_lowercase()),
        }
    }
}

impl Order {
    /// These rows in this order.
    pub(crate) fn sorted<R: Row>(self, mut rows: Vec<R>) -> Vec<R> {
        rows.sort_by_cached_key(|row| Key::of(row, self.column));
        if self.falling {
            rows.reverse();
        }
        rows
    }

    fn word(self) -> &'static str {
        if self.falling { "DESC" } else { "ASC" }
    }
}

impl Reader {
    /// As [`Reader::accesses`], in `order`. The database sorts, on disk where there are many.
    ///
    /// # Errors
    /// As there.
    pub fn accesses_in_order<E: From<StoreError>>(
        &mut self,
        filter: &AccessFilter,
        inside: &[String],
        order: Order,
        mut each: impl FnMut(row::Access) -> Result<(), E>,
    ) -> Result<(), E> {
        let wrong = |cause: rusqlite::Error| E::from(StoreError::from(cause));
        let (condition, values) = filter.sql(&self.db, inside)?;
        let (key, word) = (access_key(order.column), order.word());
        let mut statement = self
            .db
            .prepare(&format!(
                "SELECT access.id FROM access WHERE {condition} ORDER BY {key} COLLATE NOCASE {word}, access_id {word}"
            ))
            .map_err(wrong)?;
        let mut found = statement.query(params_from_iter(values)).map_err(wrong)?;
        while let Some(row) = found.next().map_err(wrong)? {
            let mut context = Context { db: &self.db, texts: &mut self.texts, tenant: &self.tenant };
            each(rows::access_numbered(&mut context, row.get(0).map_err(wrong)?)?)?;
        }
        Ok(())
    }

    /// As [`Reader::accesses_page`], in `order`.
    ///
    /// # Errors
    /// As there.
    pub fn accesses_page_in_order(
        &mut self,
        filter: &AccessFilter,
        inside: &[String],
        order: Order,
        after: Option<&str>,
        rows_max: usize,
    ) -> Result<Result<Page<row::Access>, NoSuchPlace>, StoreError> {
        let (mut condition, mut values) = filter.sql(&self.db, inside)?;
        let (key, word) = (access_key(order.column), order.word());
        if let Some(after) = after {
            let Some((at, access_id)) = self.key_of_access(after, &key)? else { return Ok(Err(NoSuchPlace)) };
            let beyond = if order.falling { "<" } else { ">" };
            let bound = values.len();
            condition.push_str(&format!(
                " AND ({key} COLLATE NOCASE, access_id) {beyond} (?{}, ?{})",
                bound + 1,
                bound + 2
            ));
            values.extend([at, access_id]);
        }
        let ids: Vec<i64> = {
            let mut statement = self.db.prepare_cached(&format!(
                "SELECT access.id FROM access WHERE {condition}
                 ORDER BY {key} COLLATE NOCASE {word}, access_id {word} LIMIT {}",
                rows_max + 1
            ))?;
            statement.query_map(params_from_iter(values), |row| row.get(0))?.collect::<Result<_, _>>()?
        };
        let mut rows = Vec::with_capacity(rows_max);
        for id in ids.iter().take(rows_max) {
            rows.push(rows::access_numbered(&mut self.context(), *id)?);
        }
        let next = rows.last().filter(|_| ids.len() > rows_max).map(|access: &row::Access| access.access_id.clone());
        Ok(Ok(Page { rows, next }))
    }

    /// The key and the id of the access that a page ends with.
    fn key_of_access(&self, access_id: &str, key: &str) -> Result<Option<(Value, Value)>, StoreError> {
        let id = RecordId::from_text(access_id);
        let mut statement =
            self.db.prepare_cached(&format!("SELECT {key}, access_id FROM access WHERE access_id = ?1"))?;
        Ok(statement.query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    /// The ways in that `which` names and that `is_wanted`, in `order`.
    ///
    /// # Errors
    /// As of [`Reader::shares`].
    pub fn shares_in_order<E: From<StoreError>>(
        &mut self,
        asked: &Asked<'_>,
        order: Order,
        is_wanted: impl Fn(&row::Share) -> bool,
        mut each: impl FnMut(row::Share) -> Result<(), E>,
    ) -> Result<(), E> {
        for id in self.ordered_shares(asked, order, is_wanted)? {
            if let Some(head) = self.share_head(id)? {
                each(share_row::share(&mut self.context(), &head, Some(asked.now))?)?;
            }
        }
        Ok(())
    }

    /// A page of the same, behind the share `after`.
    ///
    /// # Errors
    /// As of [`Reader::shares_page`].
    pub fn shares_page_in_order(
        &mut self,
        asked: &Asked<'_>,
        order: Order,
        is_wanted: impl Fn(&row::Share) -> bool,
        after: Option<&str>,
        rows_max: usize,
    ) -> Result<Result<Page<row::Share>, NoSuchPlace>, StoreError> {
        let shares = self.ordered_shares(asked, order, is_wanted)?;
        let begin = match after {
            None => 0,
            Some(after) => {
                let place = self.place_of_share(after)?;
                match place.and_then(|(_, number)| shares.iter().position(|other| *other == number)) {
                    Some(position) => position + 1,
                    None => return Ok(Err(NoSuchPlace)),
                }
            }
        };
        let mut rows = Vec::with_capacity(rows_max);
        for id in shares.iter().skip(begin).take(rows_max) {
            if let Some(head) = self.share_head(*id)? {
                rows.push(share_row::share(&mut self.context(), &head, Some(asked.now))?);
            }
        }
        let is_more = shares.len() > begin + rows_max;
        let next = rows.last().filter(|_| is_more).map(|share: &row::Share| share.share_id.to_string());
        Ok(Ok(Page { rows, next }))
    }

    /// Numbers alone: a share's row has a thousand bytes, and there are a hundred thousands.
    fn ordered_shares(
        &mut self,
        asked: &Asked<'_>,
        order: Order,
        is_wanted: impl Fn(&row::Share) -> bool,
    ) -> Result<Vec<i64>, StoreError> {
        let (condition, values) = shares_sql(&self.db, asked.filter, asked.inside, asked.which)?;
        let mut statement =
            self.db.prepare_cached(&format!("SELECT {}, id FROM share WHERE {condition}", ShareHead::COLUMNS))?;
        let mut found = statement.query(params_from_iter(values))?;
        let mut shares: Vec<(Key, i64)> = Vec::new();
        while let Some(sql_row) = found.next()? {
            let mut head = ShareHead::read(sql_row)?;
            if !asked.is_met_by(&head) {
                continue;
            }
            // Nothing is ordered by its records, and each of them takes a look-up.
            head.share.evidence.clear();
            let mut context = Context { db: &self.db, texts: &mut self.texts, tenant: &self.tenant };
            let share = share_row::share(&mut context, &head, Some(asked.now))?;
            if is_wanted(&share) {
                let key = match asked.which {
                    Which::All => Key::of(&share, order.column),
                    Which::Unused => Key::of(&row::Unused::of(share, asked.now), order.column),
                };
                shares.push((key, sql_row.get(5)?));
            }
        }
        shares.sort_unstable();
        if order.falling {
            shares.reverse();
        }
        Ok(shares.into_iter().map(|(_, id)| id).collect())
    }
}

/// What accesses are ordered by: an expression over `access` that is never NULL, since nothing compares with that. Fields
/// of `match` are those of [`Matched`](super::matched::Matched).
fn access_key(column: &str) -> String {
    let text = |number: &str| format!("coalesce((SELECT value FROM text WHERE text.id = {number}), '')");
    let matched = |field: &str| format!("coalesce(CAST(\"match\" AS TEXT) ->> '{field}', '')");
    match column {
        "person" | "domain" | "country" => text(column),
        "site_url" => text("site"),
        "item_name" => text("(SELECT name FROM activity WHERE activity.id = first_activity)"),
        "person_kind" => words("kind", 9, |code| codes::person_kind_of(code).as_str()),
        "action" => words("action", 7, |code| codes::action_of(code).as_str()),
        "classified" => "coalesce(classified, -1)".to_owned(),
        "classification_level" => matched("level"),
        "shared_by" => matched("shared_by"),
        "match_rule" => matched("rule"),
        "confidence" => matched("confidence"),
        _ => "first_at".to_owned(),
    }
}

/// The words of a column of small numbers.
fn words(column: &str, last: i64, word: impl Fn(i64) -> &'static str) -> String {
    let cases: Vec<String> = (1..=last).map(|code| format!("WHEN {code} THEN '{}'", word(code))).collect();
    format!("CASE {column} {} ELSE '' END", cases.join(" "))
}
