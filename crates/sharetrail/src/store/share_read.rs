//! Shares out of the store, for reports and for `show`.

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, ToSql};
use trail::TimeMs;
use trail::share::State;

use super::read::{AccessFilter, Reader};
use super::rows::Context;
use super::share_row::{self, ShareHead};
use super::{StoreError, text};
use crate::rows;

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
        for id in self.share_numbers(filter)? {
            let Some(head) = self.share_head(id)? else { continue };
            if !is_reported(filter, inside, &head) {
                continue;
            }
            let mut context = Context { db: &self.db, texts: &mut self.texts, tenant: &self.tenant };
            each(share_row::share(&mut context, &head, Some(now))?)?;
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
        self.shares(filter, now, inside, |share| {
            if share.state != State::Live.as_str() {
                return Ok(());
            }
            each(rows::Unused::of(share, now))
        })
    }

    pub(super) fn share_numbers(&self, filter: &AccessFilter) -> Result<Vec<i64>, StoreError> {
        let mut conditions = vec!["withdrawn = 0 AND digest <> x''".to_owned()];
        let mut values: Vec<Value> = Vec::new();
        let mut add = |condition: &str, value: Value| {
            values.push(value);
            conditions.push(condition.replace("?1", &format!("?{}", values.len())));
        };
        if let Some(since) = filter.since {
            add("first_sign_at >= ?1", since.millis().into());
        }
        if let Some(until) = filter.until {
            add("first_sign_at < ?1", until.millis().into());
        }
        if let Some(item) = &filter.item {
            add("item IN (SELECT id FROM text WHERE value = ?1)", Value::Text(item.to_lowercase()));
        }
        if let Some(share) = &filter.share {
            add("share_id IN (SELECT id FROM text WHERE value = ?1)", Value::Text(share.to_lowercase()));
        }
        if let Some(person) = &filter.person {
            add("recipient IN (SELECT id FROM text WHERE value = ?1)", Value::Text(person.to_lowercase()));
        }
        let mut statement = self.db.prepare(&format!(
            "SELECT share.id FROM share JOIN text AS name ON name.id = share_id WHERE {} ORDER BY first_sign_at, name.value",
            conditions.join(" AND ")
        ))?;
        let values: Vec<&dyn ToSql> = values.iter().map(|value| value as &dyn ToSql).collect();
        Ok(statement.query_map(values.as_slice(), |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    pub(super) fn share_head(&self, id: i64) -> Result<Option<ShareHead>, StoreError> {
        let mut statement =
            self.db.prepare_cached(&format!("SELECT {} FROM share WHERE id = ?1", ShareHead::COLUMNS))?;
        let mut rows = statement.query([id])?;
        rows.next()?.map(ShareHead::read).transpose()
    }

    /// Whether an item is classified now, its level and its label, as its latest share says; `None` if it is not shared
    /// itself.
    #[expect(clippy::type_complexity, reason = "three columns of one row")]
    pub(super) fn classified_now(
        &mut self,
        item: i64,
    ) -> Result<Option<(Option<bool>, Option<std::sync::Arc<str>>, Option<std::sync::Arc<str>>)>, StoreError> {
        let id: Option<i64> = self
            .db
            .prepare_cached(
                "SELECT id FROM share WHERE item = ?1 AND withdrawn = 0 ORDER BY first_sign_at DESC, id DESC LIMIT 1",
            )?
            .query_row([item], |row| row.get(0))
            .optional()?;
        let Some(head) = id.map(|id| self.share_head(id)).transpose()?.flatten() else { return Ok(None) };
        let mut context = Context { db: &self.db, texts: &mut self.texts, tenant: &self.tenant };
        let row = share_row::share(&mut context, &head, None)?;
        Ok(Some((row.classified_now, row.classification_level, row.label_name)))
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

/// Whether it is a way in for outsiders that `filter` asks for.
pub(super) fn is_reported(filter: &AccessFilter, inside: &[String], head: &ShareHead) -> bool {
    let is_ours = head.share.domain.as_deref().is_some_and(|domain| inside.iter().any(|ours| ours == domain));
    head.is_for_outsiders() && !is_ours && asked(filter, head)
}

/// Conditions that the table does not know.
fn asked(filter: &AccessFilter, head: &ShareHead) -> bool {
    let share = &head.share;
    let domain =
        filter.domain.as_ref().is_none_or(|wanted| share.domain.as_deref() == Some(wanted.to_lowercase().as_str()));
    let site = filter.site.as_ref().is_none_or(|wanted| {
        let wanted = wanted.trim_end_matches('/').to_lowercase();
        let site = share.site.as_deref().unwrap_or_default().to_lowercase();
        site == wanted || ["/sites/", "/teams/"].iter().any(|kind| site.ends_with(&format!("{kind}{wanted}")))
    });
    domain && site
}
