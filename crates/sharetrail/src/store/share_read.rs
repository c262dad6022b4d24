//! Shares out of the store, for reports and for `show`.

use rusqlite::Connection;
use rusqlite::types::Value;
use trail::TimeMs;
use trail::share::{ShareKind, State};

use super::read::{self, AccessFilter, Reader};
use super::share_row::{self, ShareHead};
use super::{StoreError, text};
use crate::rows;

/// Ways in that stand open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Doors {
    /// Open and never used.
    pub unused: i64,
    /// Of these, open to anyone who has the link.
    pub unused_by_anyone: i64,
}

impl Reader {
    /// Calls `each` with every way in for outsiders, for anyone or for groups of unknown members that `filter` asks for,
    /// in the order in which they were made. `now` tells which have run out. `filter`'s times are those of the share.
    ///
    /// # Errors
    /// Those of reading the store and of `each`.
    pub fn shares<E: From<StoreError>>(
        &mut self,
        filter: &AccessFilter,
        now: TimeMs,
        inside: &[String],
        mut each: impl FnMut(rows::Share) -> Result<(), E>,
    ) -> Result<(), E> {
        for id in self.share_numbers(filter, inside, Which::All)? {
            let Some(head) = self.share_head(id)? else { continue };
            if is_at_site(filter, &head) {
                each(share_row::share(&mut self.context(), &head, Some(now))?)?;
            }
        }
        Ok(())
    }

    /// As [`Reader::shares`], those that are open and were never used.
    ///
    /// # Errors
    /// Those of reading the store and of `each`.
    pub fn unused<E: From<StoreError>>(
        &mut self,
        filter: &AccessFilter,
        now: TimeMs,
        inside: &[String],
        mut each: impl FnMut(rows::Unused) -> Result<(), E>,
    ) -> Result<(), E> {
        let asked = Asked { filter, which: Which::Unused, now, inside };
        for id in self.share_numbers(filter, inside, asked.which)? {
            let Some(head) = self.share_head(id)? else { continue };
            if asked.is_met_by(&head) {
                let share = share_row::share(&mut self.context(), &head, Some(now))?;
                each(rows::Unused::of(share, now))?;
            }
        }
        Ok(())
    }

    /// How many ways in are open and were never used.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn doors(&self, filter: &AccessFilter, now: TimeMs, inside: &[String]) -> Result<Doors, StoreError> {
        let mut doors = Doors::default();
        let asked = Asked { filter, which: Which::Unused, now, inside };
        let (condition, values) = shares_sql(&self.db, filter, inside, Which::Unused)?;
        let mut statement =
            self.db.prepare_cached(&format!("SELECT {} FROM share WHERE {condition}", ShareHead::COLUMNS))?;
        let mut found = statement.query(rusqlite::params_from_iter(values))?;
        while let Some(row) = found.next()? {
            let head = ShareHead::read(row)?;
            if asked.is_met_by(&head) {
                doors.unused += 1;
                doors.unused_by_anyone += i64::from(head.share.kind == ShareKind::Anyone);
            }
        }
        Ok(doors)
    }

    /// In the order in which they were made.
    fn share_numbers(&self, filter: &AccessFilter, inside: &[String], which: Which) -> Result<Vec<i64>, StoreError> {
        let (condition, values) = shares_sql(&self.db, filter, inside, which)?;
        let mut statement = self.db.prepare(&format!(
            "SELECT share.id FROM share JOIN text AS name ON name.id = share_id
             WHERE {condition} ORDER BY first_sign_at, name.value"
        ))?;
        let numbers = statement.query_map(rusqlite::params_from_iter(values), |row| row.get(0))?;
        Ok(numbers.collect::<Result<_, _>>()?)
    }

    pub(super) fn share_head(&self, id: i64) -> Result<Option<ShareHead>, StoreError> {
        let mut statement =
            self.db.prepare_cached(&format!("SELECT {} FROM share WHERE id = ?1", ShareHead::COLUMNS))?;
        let mut rows = statement.query([id])?;
        rows.next()?.map(ShareHead::read).transpose()
    }

    /// Keys of the items whose key, URL or name is `wanted`, in any case.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn items_named(&mut self, wanted: &str) -> Result<Vec<String>, StoreError> {
        let normal = trail::item::normalise_url(wanted);
        let mut numbers: Vec<i64> = Vec::new();
        for value in [wanted.to_lowercase(), normal] {
            let Some(number) = text::find(&self.db, &value)? else { continue };
            let mut statement = self.db.prepare_cached(
                "SELECT item FROM access WHERE item = ?1 UNION SELECT item FROM share WHERE item = ?1
                 UNION SELECT item FROM place WHERE path = ?2",
            )?;
            numbers.extend(
                statement.query_map((number, &value), |row| row.get::<_, i64>(0))?.collect::<Result<Vec<_>, _>>()?,
            );
        }
        if numbers.is_empty() {
            let mut statement = self.db.prepare(
                "SELECT DISTINCT item FROM text CROSS JOIN activity ON activity.name = text.id
                 WHERE value = ?1 COLLATE NOCASE AND (action IS NOT NULL OR roles & 1) AND item IS NOT NULL LIMIT 50",
            )?;
            numbers = statement.query_map([wanted], |row| row.get(0))?.collect::<Result<_, _>>()?;
        }
        numbers.sort_unstable();
        numbers.dedup();
        let mut keys = Vec::with_capacity(numbers.len());
        for number in numbers {
            keys.push(self.texts.text(&self.db, number)?.to_string());
        }
        keys.sort_unstable();
        Ok(keys)
    }
}

/// What is asked of ways in.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Times are those of the share.
    pub filter: &'a AccessFilter,
    /// All, or some.
    pub which: Which,
    /// Tells which have run out.
    pub now: TimeMs,
    /// Recipients of these domains are left out.
    pub inside: &'a [String],
}

impl Asked<'_> {
    /// What [`shares_sql`] cannot tell.
    pub(super) fn is_met_by(&self, head: &ShareHead) -> bool {
        let is_open = || head.state(Some(self.now)) == State::Live;
        is_at_site(self.filter, head) && (self.which == Which::All || is_open())
    }
}

/// Which ways in for outsiders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All.
    All,
    /// Those that are open and that nobody has used.
    Unused,
}

/// What `filter` asks of ways in for outsiders, as a condition on `share` with the values that it binds; recipients of the
/// domains `inside` are left out. Of the site only the share itself tells ([`is_at_site`]), and of whether it is open,
/// which is a matter of time, its state.
pub(super) fn shares_sql(
    db: &Connection,
    filter: &AccessFilter,
    inside: &[String],
    which: Which,
) -> Result<(String, Vec<Value>), StoreError> {
    let mut conditions = vec!["withdrawn = 0 AND outside = 1 AND digest <> x''".to_owned()];
    if which == Which::Unused {
        conditions.push("used = 0".to_owned());
    }
    conditions.extend(read::not_of_domains(db, inside)?);
    let mut values: Vec<Value> = Vec::new();
    let mut add = |condition: &str, value: Value| {
        values.push(value);
        conditions.push(format!("{condition} ?{}", values.len()));
    };
    if let Some(since) = filter.since {
        add("first_sign_at >=", since.millis().into());
    }
    if let Some(until) = filter.until {
        add("first_sign_at <", until.millis().into());
    }
    let texts = [
        ("item =", &filter.item),
        ("share_id =", &filter.share),
        ("recipient =", &filter.person),
        ("domain =", &filter.domain),
    ];
    for (condition, wanted) in texts {
        if let Some(wanted) = wanted {
            add(condition, read::number(db, wanted)?);
        }
    }
    Ok((conditions.join(" AND "), values))
}

/// Whether it lies at the site that `filter` asks for.
pub(super) fn is_at_site(filter: &AccessFilter, head: &ShareHead) -> bool {
    filter.site.as_ref().is_none_or(|wanted| {
        let wanted = wanted.trim_end_matches('/').to_lowercase();
        let site = head.share.site.as_deref().unwrap_or_default().to_lowercase();
        site == wanted || ["/sites/", "/teams/"].iter().any(|kind| site.ends_with(&format!("{kind}{wanted}")))
    })
}
