//! What arrived, day by day and feed by feed, and what became of it: everything listed is stored, known, not kept or
//! rejected, so that nothing can be missing without a difference.

use rusqlite::Connection;
use trail::TimeMs;

use super::page::PageCount;
use super::{Feed, Reader, StoreError, key};
use crate::rows::Arrived;

/// Adds a page's counts to the day on which it arrived.
pub(super) fn add(db: &Connection, feed: &Feed, count: &PageCount, now: TimeMs) -> Result<(), StoreError> {
    if count.records == 0 && count.rejected == 0 {
        return Ok(());
    }
    db.prepare_cached(
        "INSERT INTO arrived (day, feed, listed, stored, known, not_kept, rejected)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT DO UPDATE SET listed = listed + excluded.listed, stored = stored + excluded.stored,
             known = known + excluded.known, not_kept = not_kept + excluded.not_kept,
             rejected = rejected + excluded.rejected",
    )?
    .execute((
        key::day(now),
        feed.id,
        (count.records + count.rejected) as i64,
        count.stored as i64,
        count.known as i64,
        count.not_kept as i64,
        count.rejected as i64,
    ))?;
    Ok(())
}

impl Reader {
    /// What arrived on each day by each feed, the latest day first.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn arrived(&self, since: Option<TimeMs>, until: Option<TimeMs>) -> Result<Vec<Arrived>, StoreError> {
        let mut statement = self.db.prepare(
            "SELECT day, name, arrived.listed, arrived.stored, arrived.known, arrived.not_kept, arrived.rejected
             FROM arrived JOIN feed ON feed.id = arrived.feed
             WHERE day BETWEEN ?1 AND ?2 ORDER BY day DESC, feed.id",
        )?;
        let first = since.map_or(i64::MIN, key::day);
        // A time without its last millisecond is the end before it.
        let last = until.map_or(i64::MAX, |until| key::day(until.plus(-1)));
        let rows = statement.query_map((first, last), |row| {
            Ok(Arrived {
                day: key::end_of_day(row.get(0)?).to_string().chars().take("YYYY-MM-DD".len()).collect(),
                feed: row.get(1)?,
                listed: row.get(2)?,
                stored: row.get(3)?,
                known: row.get(4)?,
                not_kept: row.get(5)?,
                rejected: row.get(6)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
