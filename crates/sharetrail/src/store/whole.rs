//! Which span holds whole accesses: one that is to be concluded again is widened until no access, as it was or as it will
//! be, reaches over its ends.

use rusqlite::Connection;
use trail::TimeMs;
use trail::access::{EXTENDED_GAP_MS_MAX, GAP_MS_MAX, starts_anew};

use super::StoreError;
use super::dirty::Span;

/// The least span around `span` in which every access of this person on this item lies wholly or not at all.
pub(super) fn widened(db: &Connection, person: i64, item: i64, span: Span) -> Result<Span, StoreError> {
    let mut whole = span;
    loop {
        let records =
            Span { from: first_record(db, person, item, whole.from)?, to: last_record(db, person, item, whole.to)? };
        // Records that have gone may have held an access together; it ends up in parts, and all of them are looked at.
        let concluded: Span = db
            .prepare_cached(
                "SELECT coalesce(min(first_at), ?3), coalesce(max(last_at), ?4) FROM access
                 WHERE person = ?1 AND item = ?2 AND last_at >= ?3 AND first_at <= ?4 AND withdrawn = 0",
            )?
            .query_row((person, item, records.from, records.to), |row| {
                Ok(Span { from: row.get(0)?, to: row.get(1)? })
            })?;
        let next = Span { from: records.from.min(concluded.from), to: records.to.max(concluded.to) };
        if next == whole {
            return Ok(whole);
        }
        whole = next;
    }
}

/// The time of the earliest record that may share an access with one at `from` or after.
fn first_record(db: &Connection, person: i64, item: i64, from: i64) -> Result<i64, StoreError> {
    if from == i64::MIN {
        return Ok(from);
    }
    let continues: bool = db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM activity
             WHERE person = ?1 AND item = ?2 AND action IS NOT NULL AND time BETWEEN ?3 AND ?4 AND extended)",
        )?
        .query_row((person, item, from, from.saturating_add(EXTENDED_GAP_MS_MAX)), |row| row.get(0))?;
    let mut first = TimeMs(from);
    let mut extended_at = continues.then_some(first);
    let mut statement = db.prepare_cached(
        "SELECT time, extended FROM activity WHERE person = ?1 AND item = ?2 AND action IS NOT NULL AND time < ?3
         ORDER BY time DESC",
    )?;
    let mut rows = statement.query((person, item, from))?;
    while let Some(row) = rows.next()? {
        let at = TimeMs(row.get(0)?);
        if starts_anew(at, first, extended_at) {
            break;
        }
        first = at;
        if row.get(1)? {
            extended_at = Some(at);
        }
    }
    Ok(first.millis())
}

/// The time of the latest record that may share an access with one at `to` or before.
fn last_record(db: &Connection, person: i64, item: i64, to: i64) -> Result<i64, StoreError> {
    if to == i64::MAX {
        return Ok(to);
    }
    let mut last = to;
    let mut statement = db.prepare_cached(
        "SELECT time, extended FROM activity WHERE person = ?1 AND item = ?2 AND action IS NOT NULL AND time > ?3
         ORDER BY time",
    )?;
    let mut rows = statement.query((person, item, to))?;
    while let Some(row) = rows.next()? {
        let (at, extended): (i64, bool) = (row.get(0)?, row.get(1)?);
        if at > last.saturating_add(EXTENDED_GAP_MS_MAX) {
            break;
        }
        // One that does not belong to it is passed over: what continues the access may come behind it.
        if extended || at <= last.saturating_add(GAP_MS_MAX) {
            last = at;
        }
    }
    Ok(last)
}
