//! Dirty keys are worked off in bounded transactions, in the order in which conclusions rest on each other: gestures,
//! the shares of links, accesses, the rows of shares. Only what differs is written, with a new revision.

use rusqlite::{Connection, OptionalExtension};
use trail::TimeMs;

use super::dirty::Span;
use super::{Store, StoreError};

impl Store {
    /// Works off a bounded part of the dirty keys in one transaction; `true` while there are more.
    ///
    /// # Errors
    /// The transaction is taken back as a whole.
    pub fn recompute(&mut self, now: TimeMs) -> Result<bool, StoreError> {
        let rows_max = self.recompute_rows_max;
        self.transaction(now, |store| {
            let mut rows = 0;
            while rows < rows_max {
                rows += match store.next_dirty()? {
                    None => return Ok(false),
                    Some(Dirty::Gesture(gesture)) => store.read_gesture(gesture)?,
                    Some(Dirty::Link(link)) => store.conclude_link(link, now)?,
                    Some(Dirty::Access { person, item, span }) => store.conclude_accesses(person, item, span, now)?,
                    Some(Dirty::Share(share)) => store.conclude_share_row(share, now)?,
                }
                .max(1);
            }
            Ok(true)
        })
    }

    /// Takes the next key off: what others rest on comes first.
    fn next_dirty(&self) -> Result<Option<Dirty>, StoreError> {
        let one = |sql: &str| -> Result<Option<i64>, StoreError> {
            Ok(self.db.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?)
        };
        if let Some(gesture) =
            one("DELETE FROM dirty_gesture WHERE gesture = (SELECT min(gesture) FROM dirty_gesture) RETURNING gesture")?
        {
            return Ok(Some(Dirty::Gesture(gesture)));
        }
        if let Some(link) =
            one("DELETE FROM dirty_link WHERE link = (SELECT min(link) FROM dirty_link) RETURNING link")?
        {
            return Ok(Some(Dirty::Link(link)));
        }
        if let Some(access) = next_access(&self.db)? {
            return Ok(Some(access));
        }
        Ok(one("DELETE FROM dirty_share WHERE share = (SELECT min(share) FROM dirty_share) RETURNING share")?
            .map(Dirty::Share))
    }
}

/// A key to be worked off.
enum Dirty {
    Gesture(i64),
    Link(i64),
    Access { person: i64, item: i64, span: Span },
    Share(i64),
}

/// Spans of one key that lie no further apart than this are worked off as one: six hours, in milliseconds.
const NEAR_MS: i64 = 6 * 60 * 60 * 1000;
/// So many of them at once, which bounds a step.
const SPANS_MAX: i64 = 1_000;

/// Takes off the next key, with its first spans as far as they lie near each other.
fn next_access(db: &Connection) -> Result<Option<Dirty>, StoreError> {
    let key: Option<(i64, i64)> = db
        .prepare_cached("SELECT person, item FROM dirty ORDER BY person, item LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((person, item)) = key else { return Ok(None) };
    let mut statement = db.prepare_cached(
        "SELECT from_at, to_at FROM dirty WHERE person = ?1 AND item = ?2 ORDER BY person, item, from_at LIMIT ?3",
    )?;
    let spans =
        statement.query_map((person, item, SPANS_MAX), |row| Ok(Span { from: row.get(0)?, to: row.get(1)? }))?;
    let mut whole: Option<(Span, i64)> = None;
    for span in spans {
        let span = span?;
        let (first, last) = whole.get_or_insert((span, span.from));
        if span.from > first.to.saturating_add(NEAR_MS) {
            break;
        }
        first.to = first.to.max(span.to);
        *last = span.from;
    }
    let Some((span, last)) = whole else { return Ok(None) };
    db.prepare_cached("DELETE FROM dirty WHERE person = ?1 AND item = ?2 AND from_at <= ?3")?
        .execute((person, item, last))?;
    Ok(Some(Dirty::Access { person, item, span }))
}
