//! Dead letters: rows that a sink will never take. Like the outbox, an entry names its row and holds no copy, so what is
//! tried again is the row as it is now.

use std::sync::Arc;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row as SqlRow};
use trail::{RecordId, TimeMs};

use super::{Reader, Store, StoreError, Table};
use crate::rows::DeadLetter;

/// Which dead letters are meant; an absent condition is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeadLetterFilter {
    /// The sink's name.
    pub sink: Option<String>,
    /// The table.
    pub table: Option<Table>,
    /// Part of the reason, in whatever case.
    pub reason: Option<String>,
    /// Ids of rows; empty for all.
    pub row_ids: Vec<String>,
}

/// What became of dead letters that were to be tried again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retried {
    /// Rows that wait for their sink again.
    pub waiting: u64,
    /// Rows that are no more: there is nothing to send.
    pub gone: u64,
}

/// A dead letter and where it is.
struct Letter {
    sink: i64,
    table: Table,
    row: i64,
    /// The row's revision now; absent when there is no such row any more.
    latest: Option<i64>,
    shown: DeadLetter,
}

impl Reader {
    /// Calls `each` with every dead letter that `filter` means, oldest first.
    ///
    /// # Errors
    /// Those of reading the store and of `each`.
    pub fn dead_letters<E: From<StoreError>>(
        &self,
        filter: &DeadLetterFilter,
        mut each: impl FnMut(&DeadLetter) -> Result<(), E>,
    ) -> Result<(), E> {
        letters(&self.db, &self.tenant, filter, |letter| each(&letter.shown))
    }
}

impl Store {
    /// Gives dead letters back to the outbox, each in its latest revision. Returns what became of them.
    ///
    /// # Errors
    /// They all stay where they are.
    pub fn retry_dead_letters(&mut self, filter: &DeadLetterFilter, now: TimeMs) -> Result<Retried, StoreError> {
        self.transaction(now, |store| {
            let mut retried = Retried::default();
            store.take_dead_letters(filter, |db, letter| {
                let Some(latest) = letter.latest else {
                    retried.gone += 1;
                    return Ok(());
                };
                retried.waiting += 1;
                // One that waits already is at least as new.
                db.prepare_cached("INSERT OR IGNORE INTO outbox (sink, tab, row, revision) VALUES (?1, ?2, ?3, ?4)")?
                    .execute((letter.sink, letter.table.code(), letter.row, latest))?;
                Ok(())
            })?;
            Ok(retried)
        })
    }

    /// Gives dead letters up; their rows stay in the store and in reports. Returns how many.
    ///
    /// # Errors
    /// They all stay where they are.
    pub fn drop_dead_letters(&mut self, filter: &DeadLetterFilter, now: TimeMs) -> Result<u64, StoreError> {
        self.transaction(now, |store| store.take_dead_letters(filter, |_, _| Ok(())))
    }

    /// Takes dead letters away, and does something with each before.
    fn take_dead_letters(
        &mut self,
        filter: &DeadLetterFilter,
        mut each: impl FnMut(&Connection, &Letter) -> Result<(), StoreError>,
    ) -> Result<u64, StoreError> {
        // Three numbers each: a table must not be changed while it is read.
        let mut taken: Vec<(i64, i64, i64)> = Vec::new();
        letters(&self.db, &self.tenant, filter, |letter| {
            taken.push((letter.sink, letter.table.code(), letter.row));
            each(&self.db, letter)
        })?;
        let mut delete = self.db.prepare_cached("DELETE FROM dead_letter WHERE sink = ?1 AND tab = ?2 AND row = ?3")?;
        for key in &taken {
            delete.execute(*key)?;
        }
        Ok(taken.len() as u64)
    }
}

fn letters<E: From<StoreError>>(
    db: &Connection,
    tenant: &Arc<str>,
    filter: &DeadLetterFilter,
    mut each: impl FnMut(&Letter) -> Result<(), E>,
) -> Result<(), E> {
    let mut statement = db.prepare(&query()).map_err(StoreError::from)?;
    let parameters = (&filter.sink, filter.table.map(Table::code), &filter.reason);
    let mut rows = statement.query(parameters).map_err(StoreError::from)?;
    while let Some(row) = rows.next().map_err(StoreError::from)? {
        let letter = letter(row, tenant)?;
        if filter.means(letter.shown.row_id.as_deref()) {
            each(&letter)?;
        }
    }
    Ok(())
}

impl DeadLetterFilter {
    fn means(&self, row_id: Option<&str>) -> bool {
        let is_named = |named: &String| row_id.is_some_and(|id| id.eq_ignore_ascii_case(named));
        self.row_ids.is_empty() || self.row_ids.iter().any(is_named)
    }
}

/// Dead letters with the id and the revision of their rows, which are in a table each.
fn query() -> String {
    let [access, share, gap] = [Table::Access, Table::Share, Table::Gap].map(Table::code);
    format!(
        "SELECT dead_letter.sink, tab, row, sink.name, dead_letter.revision, reason, set_aside_at,
             CASE tab
                 WHEN {access} THEN (SELECT access_id FROM access WHERE id = row)
                 WHEN {share} THEN (SELECT value FROM share JOIN text ON text.id = share_id WHERE share.id = row)
                 WHEN {gap} THEN (SELECT gap_id FROM gap WHERE id = row)
                 ELSE (SELECT coalesce((SELECT value FROM text WHERE text.id = id_text), record_id)
                       FROM activity WHERE id = row)
             END,
             CASE tab
                 WHEN {access} THEN (SELECT revision FROM access WHERE id = row)
                 WHEN {share} THEN (SELECT revision FROM share WHERE id = row)
                 WHEN {gap} THEN (SELECT revision FROM gap WHERE id = row)
                 ELSE (SELECT revision FROM activity WHERE id = row)
             END
         FROM dead_letter JOIN sink ON sink.id = dead_letter.sink
         WHERE (?1 IS NULL OR sink.name = ?1) AND (?2 IS NULL OR tab = ?2)
           AND (?3 IS NULL OR instr(lower(reason), lower(?3)) > 0)
         ORDER BY set_aside_at, dead_letter.sink, tab, row"
    )
}

fn letter(row: &SqlRow<'_>, tenant: &Arc<str>) -> Result<Letter, StoreError> {
    let table = Table::of_code(row.get(1)?).ok_or(StoreError::Damaged("a dead letter is of no table"))?;
    let row_id = match row.get_ref(7)? {
        ValueRef::Blob(bytes) => bytes.try_into().ok().map(|bytes| RecordId(bytes).to_string()),
        ValueRef::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
        _ => None,
    };
    Ok(Letter {
        sink: row.get(0)?,
        table,
        row: row.get(2)?,
        latest: row.get(8)?,
        shown: DeadLetter {
            set_aside_at: TimeMs(row.get(6)?),
            tenant_name: Arc::clone(tenant),
            sink: row.get(3)?,
            table: table.as_str(),
            row_id,
            revision: row.get(4)?,
            reason: row.get(5)?,
        },
    })
}
