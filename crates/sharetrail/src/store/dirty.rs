//! Dirty keys: what is to be concluded again. They are marked in the transaction that stores the fact (or the conclusion)
//! that makes them so, and worked off in bounded transactions afterwards ([`super::Store::recompute`]).
//!
//! Accesses are marked by (person, item) with the [`Span`] of those that can differ: the others of the key are neither
//! read nor made again. Where something concerns whatever lies below a folder, the accesses are looked for from whichever
//! side has fewer: the places below, or what was reached in the span.

use rusqlite::{Connection, Statement};

use super::StoreError;

/// Accesses by when they began, both ends included: milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: i64,
    pub(super) to: i64,
}

impl Span {
    /// All of them.
    pub(super) const EVER: Self = Self { from: i64::MIN, to: i64::MAX };

    /// From a moment on.
    pub(super) fn since(from: i64) -> Self {
        Self { from, to: i64::MAX }
    }

    /// One moment.
    pub(super) fn at(at: i64) -> Self {
        Self { from: at, to: at }
    }
}

/// Up to so many candidates are as good as none: the side that has fewer is taken.
const FEW: i64 = 500;

/// Every marking of accesses: each as a span of its own, since those that lie far apart shall not be told again with all
/// that lies between them.
macro_rules! mark_accesses {
    ($source:literal) => {
        concat!(
            "INSERT INTO dirty (person, item, from_at, to_at) SELECT access.person, access.item, first_at, first_at FROM ",
            $source,
            " ON CONFLICT DO UPDATE SET to_at = max(to_at, excluded.to_at)"
        )
    };
}

/// Whether a place is `?1` or lies below it.
macro_rules! at_or_below {
    () => {
        "(place.path = ?1 OR (place.path >= ?2 AND place.path < ?3))"
    };
}

/// The accesses of one person on one item.
pub(super) fn access(db: &Connection, person: i64, item: i64, span: Span) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO dirty (person, item, from_at, to_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET to_at = max(to_at, excluded.to_at)",
    )?
    .execute((person, item, span.from, span.to))?;
    Ok(())
}

/// All accesses.
pub(super) fn all_accesses(db: &Connection) -> Result<(), StoreError> {
    db.execute(mark_accesses!("access WHERE true"), [])?;
    Ok(())
}

/// Everybody's accesses on an item.
pub(super) fn item_accesses(db: &Connection, item: i64, span: Span) -> Result<(), StoreError> {
    db.prepare_cached(mark_accesses!("access WHERE item = ?1 AND first_at BETWEEN ?2 AND ?3"))?
        .execute((item, span.from, span.to))?;
    Ok(())
}

/// One person's accesses on an item.
pub(super) fn item_accesses_of(db: &Connection, item: i64, person: i64, span: Span) -> Result<(), StoreError> {
    db.prepare_cached(mark_accesses!(
        "access WHERE person = ?1 AND item = ?2 AND last_at >= ?3 AND first_at BETWEEN ?3 AND ?4"
    ))?
    .execute((person, item, span.from, span.to))?;
    Ok(())
}

/// One person's accesses, wherever.
pub(super) fn accesses_of(db: &Connection, person: i64, span: Span) -> Result<(), StoreError> {
    db.prepare_cached(mark_accesses!("access WHERE person = ?1 AND first_at BETWEEN ?2 AND ?3"))?
        .execute((person, span.from, span.to))?;
    Ok(())
}

/// Accesses without a known share: 1 where there is none, 2 where there may have been one before we looked.
pub(super) fn unexplained(db: &Connection, kind: i64, span: Span) -> Result<(), StoreError> {
    db.prepare_cached(mark_accesses!(
        "access WHERE unexplained = ?1 AND unexplained > 0 AND first_at BETWEEN ?2 AND ?3"
    ))?
    .execute((kind, span.from, span.to))?;
    Ok(())
}

/// Everybody's accesses at a path and below it.
pub(super) fn below(db: &Connection, path: &str, span: Span) -> Result<(), StoreError> {
    let (first, last) = range(path);
    let reached = is_many(
        db,
        "SELECT count(*) FROM (SELECT 1 FROM access WHERE first_at BETWEEN ?1 AND ?2 LIMIT ?3)",
        |statement| Ok(statement.query_row((span.from, span.to, FEW), |row| row.get(0))?),
    )?;
    let by_place = mark_accesses!(
        "place CROSS JOIN access ON access.item = place.item
         WHERE (place.path = ?1 OR (place.path >= ?2 AND place.path < ?3)) AND first_at BETWEEN ?4 AND ?5"
    );
    let by_time = mark_accesses!(
        "access WHERE first_at BETWEEN ?4 AND ?5 AND EXISTS (SELECT 1 FROM place WHERE place.item = access.item
             AND (place.path = ?1 OR (place.path >= ?2 AND place.path < ?3)))"
    );
    db.prepare_cached(if reached { by_place } else { by_time })?.execute((path, first, last, span.from, span.to))?;
    Ok(())
}

/// One person's accesses at a path and below it.
pub(super) fn below_of(db: &Connection, path: &str, person: i64, span: Span) -> Result<(), StoreError> {
    let (first, last) = range(path);
    let places = is_many(
        db,
        concat!("SELECT count(*) FROM (SELECT 1 FROM place WHERE ", at_or_below!(), " LIMIT ?4)"),
        |statement| Ok(statement.query_row((path, &first, &last, FEW), |row| row.get(0))?),
    )?;
    let by_place = mark_accesses!(
        "place CROSS JOIN access ON access.item = place.item AND access.person = ?6
         WHERE (place.path = ?1 OR (place.path >= ?2 AND place.path < ?3)) AND last_at >= ?4 AND first_at BETWEEN ?4 AND ?5"
    );
    let by_person = mark_accesses!(
        "access WHERE person = ?6 AND first_at BETWEEN ?4 AND ?5 AND EXISTS (SELECT 1 FROM place WHERE place.item = access.item
             AND (place.path = ?1 OR (place.path >= ?2 AND place.path < ?3)))"
    );
    db.prepare_cached(if places { by_person } else { by_place })?
        .execute((path, first, last, span.from, span.to, person))?;
    Ok(())
}

/// Whether a bounded count reaches its bound.
fn is_many(
    db: &Connection,
    sql: &str,
    count: impl FnOnce(&mut Statement<'_>) -> Result<i64, StoreError>,
) -> Result<bool, StoreError> {
    Ok(count(&mut *db.prepare_cached(sql)?)? >= FEW)
}

/// What a click of records says of links.
pub(super) fn gesture(db: &Connection, gesture: i64) -> Result<(), StoreError> {
    db.prepare_cached("INSERT OR IGNORE INTO dirty_gesture (gesture) VALUES (?1)")?.execute([gesture])?;
    Ok(())
}

/// All clicks about an item.
pub(super) fn gestures_about(db: &Connection, item: i64) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT OR IGNORE INTO dirty_gesture (gesture)
         SELECT gesture FROM activity WHERE item = ?1 AND roles & 1 AND gesture IS NOT NULL",
    )?
    .execute([item])?;
    Ok(())
}

/// The shares of a link.
pub(super) fn link(db: &Connection, link: i64) -> Result<(), StoreError> {
    db.prepare_cached("INSERT OR IGNORE INTO dirty_link (link) VALUES (?1)")?.execute([link])?;
    Ok(())
}

/// The links of an item: of one recipient (0: of anyone or a group), or all.
pub(super) fn item_links(db: &Connection, item: i64, recipient: Option<i64>) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT OR IGNORE INTO dirty_link (link)
         SELECT link FROM share WHERE item = ?1 AND (?2 IS NULL OR recipient = ?2)",
    )?
    .execute((item, recipient))?;
    Ok(())
}

/// The links of shares at a path, and below it if `below`: of one recipient (0: of anyone or a group), or all.
pub(super) fn links_at(db: &Connection, path: &str, below: bool, recipient: Option<i64>) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT OR IGNORE INTO dirty_link (link)
         SELECT link FROM share_place CROSS JOIN share ON share.id = share_place.share
         WHERE path = ?1 AND (?2 IS NULL OR share_place.recipient = ?2)",
    )?
    .execute((path, recipient))?;
    if below {
        let (first, last) = range(path);
        db.prepare_cached(
            "INSERT OR IGNORE INTO dirty_link (link)
             SELECT link FROM share_place CROSS JOIN share ON share.id = share_place.share
             WHERE path >= ?1 AND path < ?2 AND (?3 IS NULL OR share_place.recipient = ?3)",
        )?
        .execute((first, last, recipient))?;
    }
    Ok(())
}

/// The row of a share.
pub(super) fn share(db: &Connection, share: i64) -> Result<(), StoreError> {
    db.prepare_cached("INSERT OR IGNORE INTO dirty_share (share) VALUES (?1)")?.execute([share])?;
    Ok(())
}

/// The rows of the shares of an item.
pub(super) fn item_shares(db: &Connection, item: i64) -> Result<(), StoreError> {
    db.prepare_cached("INSERT OR IGNORE INTO dirty_share (share) SELECT id FROM share WHERE item = ?1")?
        .execute([item])?;
    Ok(())
}

/// The rows of shares at a path and below it.
pub(super) fn shares_below(db: &Connection, path: &str) -> Result<(), StoreError> {
    let (first, last) = range(path);
    db.prepare_cached(
        "INSERT OR IGNORE INTO dirty_share (share)
         SELECT share FROM share_place WHERE path = ?1 OR (path >= ?2 AND path < ?3)",
    )?
    .execute((path, first, last))?;
    Ok(())
}

/// What lies below a path, on segment borders: from `path/` to before `path0`, the character after `/`.
pub(super) fn range(path: &str) -> (String, String) {
    (format!("{path}/"), format!("{path}0"))
}
