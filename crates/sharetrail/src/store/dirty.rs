//! What a new or changed fact can change. Keys are marked in the transaction that stores the fact, and worked off in
//! bounded transactions afterwards ([`Store::recompute`]).

use rusqlite::Connection;

use trail::item;

use super::row::{Roles, Touched};
use super::{Store, StoreError};

impl Store {
    /// Marks what an activity can change.
    pub(super) fn mark(&mut self, id: i64, touched: Touched) -> Result<(), StoreError> {
        let db = &self.db;
        if let Some(gesture) = touched.gesture {
            db.prepare_cached("INSERT OR IGNORE INTO dirty_gesture (gesture) VALUES (?1)")?.execute([gesture])?;
        }
        let path = self.decoder.optional(db, touched.path)?;
        if let Some(item) = touched.item.filter(|_| touched.makes_access) {
            access(db, touched.person, item)?;
            if let Some(path) = &path {
                db.prepare_cached("INSERT OR IGNORE INTO place (path, item) VALUES (?1, ?2)")?
                    .execute((path.as_ref(), item))?;
            }
            if let Some(zip) = touched.zip {
                own_zip(db, touched.person, zip)?;
            }
            if let Some(at) = touched.time.filter(|_| touched.anonymous) {
                let window = self.policy.matching.anonymous_session_ms_max;
                same_visitor(db, touched.person, at.saturating_sub(window), at.saturating_add(window))?;
            }
        }
        if let (Some(site), Some(label), Some(at)) = (touched.site, touched.site_label, touched.time)
            && let Some(until) = site_label_span(db, id, site, label, at)?
        {
            let site = item::normalise_url(&self.decoder.text(db, site)?);
            below_between(db, &site, at, until)?;
            if until == i64::MAX {
                shares_below(db, &site)?;
            }
        }
        if touched.labelled || touched.roles.has(Roles::LABEL) || touched.roles.has(Roles::CONTENT) {
            // A label says something of the item at other moments as well, and of everything below when it is a site.
            if let Some(item) = touched.item {
                item_accesses(db, item)?;
                item_shares(db, item)?;
            }
            if let Some(path) = path.as_deref().filter(|_| touched.roles.has(Roles::LABEL)) {
                below(db, path)?;
                shares_below(db, path)?;
            }
        }
        if touched.roles.has(Roles::ITEM_CHANGE) {
            let destination = self.decoder.optional(db, touched.destination)?;
            for path in [path.as_deref(), destination.as_deref()].into_iter().flatten() {
                below(db, path)?;
                links_below(db, path)?;
            }
            if let Some(item) = touched.item {
                item_accesses(db, item)?;
                item_links(db, item)?;
            }
        }
        if touched.roles.has(Roles::CREATION)
            && let Some(item) = touched.item
        {
            item_accesses(db, item)?;
        }
        Ok(())
    }
}

/// The accesses of one person on one item.
pub(super) fn access(db: &Connection, person: i64, item: i64) -> Result<(), StoreError> {
    db.prepare_cached("INSERT OR IGNORE INTO dirty (person, item) VALUES (?1, ?2)")?.execute((person, item))?;
    Ok(())
}

/// The archive's own record, which counts only while none of its files has one.
fn own_zip(db: &Connection, person: i64, zip: i64) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT OR IGNORE INTO dirty (person, item)
         SELECT person, item FROM activity
         WHERE person = ?1 AND zip = ?2 AND own_zip = 1 AND action IS NOT NULL AND item IS NOT NULL",
    )?
    .execute((person, zip))?;
    Ok(())
}

/// The accesses of one anonymous visitor in a span: each record tells from where the visitor came.
fn same_visitor(db: &Connection, person: i64, from: i64, to: i64) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT OR IGNORE INTO dirty (person, item)
         SELECT person, item FROM access WHERE person = ?1 AND first_at BETWEEN ?2 AND ?3",
    )?
    .execute((person, from, to))?;
    Ok(())
}

/// Until when a site's label on one record says something new: up to the next word on it. `None` when the last word
/// before was the same.
fn site_label_span(db: &Connection, id: i64, site: i64, label: i64, at: i64) -> Result<Option<i64>, StoreError> {
    let is_known: bool = db
        .prepare_cached(
            "SELECT coalesce((
                 SELECT roles & 4 = 0 AND site_label = ?4 FROM activity
                 WHERE site = ?2 AND (site_label IS NOT NULL OR roles & 4) AND time < ?3 AND id <> ?1
                 ORDER BY time DESC, record_id DESC LIMIT 1), 0)",
        )?
        .query_row((id, site, at, label), |row| row.get(0))?;
    if is_known {
        return Ok(None);
    }
    let next: Option<i64> = db
        .prepare_cached(
            "SELECT min(time) FROM activity
             WHERE site = ?1 AND (site_label IS NOT NULL OR roles & 4) AND time > ?2",
        )?
        .query_row((site, at), |row| row.get(0))?;
    Ok(Some(next.unwrap_or(i64::MAX)))
}

/// Everybody's accesses below a path in a span.
fn below_between(db: &Connection, path: &str, from: i64, to: i64) -> Result<(), StoreError> {
    let (first, last) = range(path);
    db.prepare_cached(
        "INSERT OR IGNORE INTO dirty (person, item)
         SELECT access.person, access.item FROM place JOIN access ON access.item = place.item
         WHERE (place.path = ?1 OR (place.path >= ?2 AND place.path < ?3)) AND first_at BETWEEN ?4 AND ?5",
    )?
    .execute((path, first, last, from, to))?;
    Ok(())
}

/// Accesses of which it is open whether a share was overlooked, where an earlier access shows that the item was there
/// before it seemed to be made.
pub(super) fn seen_earlier(db: &Connection, item: i64, at: i64) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT OR IGNORE INTO dirty (person, item)
         SELECT person, item FROM access WHERE item = ?1 AND unexplained > 0
           AND EXISTS (SELECT 1 FROM activity WHERE activity.item = ?1 AND roles > 1 AND roles & 8 AND time > ?2)",
    )?
    .execute((item, at))?;
    Ok(())
}

/// Everybody's accesses on an item.
pub(super) fn item_accesses(db: &Connection, item: i64) -> Result<(), StoreError> {
    db.prepare_cached("INSERT OR IGNORE INTO dirty (person, item) SELECT person, item FROM access WHERE item = ?1")?
        .execute([item])?;
    Ok(())
}

/// The rows of the shares of an item.
pub(super) fn item_shares(db: &Connection, item: i64) -> Result<(), StoreError> {
    db.prepare_cached("INSERT OR IGNORE INTO dirty_share (share) SELECT id FROM share WHERE item = ?1")?
        .execute([item])?;
    Ok(())
}

/// The links of an item.
fn item_links(db: &Connection, item: i64) -> Result<(), StoreError> {
    db.prepare_cached("INSERT OR IGNORE INTO dirty_link (link) SELECT link FROM share WHERE item = ?1")?
        .execute([item])?;
    Ok(())
}

/// Everybody's accesses at a path and below it.
pub(super) fn below(db: &Connection, path: &str) -> Result<(), StoreError> {
    let (first, last) = range(path);
    db.prepare_cached(
        "INSERT OR IGNORE INTO dirty (person, item)
         SELECT access.person, access.item FROM place JOIN access ON access.item = place.item
         WHERE place.path = ?1 OR (place.path >= ?2 AND place.path < ?3)",
    )?
    .execute((path, first, last))?;
    Ok(())
}

/// One person's accesses on an item.
pub(super) fn item_accesses_of(db: &Connection, item: i64, person: i64) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT OR IGNORE INTO dirty (person, item) SELECT person, item FROM access WHERE person = ?2 AND item = ?1",
    )?
    .execute((item, person))?;
    Ok(())
}

/// One person's accesses at a path and below it.
pub(super) fn below_of(db: &Connection, path: &str, person: i64) -> Result<(), StoreError> {
    let (first, last) = range(path);
    db.prepare_cached(
        "INSERT OR IGNORE INTO dirty (person, item)
         SELECT access.person, access.item FROM access JOIN place ON place.item = access.item
         WHERE access.person = ?4 AND (place.path = ?1 OR (place.path >= ?2 AND place.path < ?3))",
    )?
    .execute((path, first, last, person))?;
    Ok(())
}

/// The links of shares at a path and below it.
fn links_below(db: &Connection, path: &str) -> Result<(), StoreError> {
    let (first, last) = range(path);
    db.prepare_cached(
        "INSERT OR IGNORE INTO dirty_link (link)
         SELECT share.link FROM share_place JOIN share ON share.id = share_place.share
         WHERE path = ?1 OR (path >= ?2 AND path < ?3)",
    )?
    .execute((path, first, last))?;
    Ok(())
}

/// The rows of shares at a path and below it.
fn shares_below(db: &Connection, path: &str) -> Result<(), StoreError> {
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
