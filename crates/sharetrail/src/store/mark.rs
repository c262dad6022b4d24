//! What a new or changed activity can change: the keys that it makes dirty.
//!
//! Only what the record says something of is marked. That a record with a label comes is no news while the label was known;
//! that a folder moves concerns the shares in it, and accesses only where a share turns out to differ.

use trail::matching::MatchRules;
use trail::share::{ItemChange, ItemEvent, item_change};

use rusqlite::Connection;

use super::dirty::{self, Span};
use super::row::{Roles, Touched};
use super::{Store, StoreError, text};

impl Store {
    /// Marks what an activity can change that has been written, or that is about to be written otherwise: `touched` and
    /// what the store holds of it say the same.
    pub(super) fn mark(&mut self, id: i64, touched: Touched) -> Result<(), StoreError> {
        if let Some(gesture) = touched.gesture {
            dirty::gesture(&self.db, gesture)?;
        }
        let Some(at) = touched.time else { return Ok(()) };
        if touched.makes_access {
            self.mark_access(&touched, at)?;
        }
        if let Some(item) = touched.item {
            if touched.labelled || touched.roles.has(Roles::LABEL) {
                self.mark_label(id, item, at)?;
            }
            if touched.roles.has(Roles::CONTENT) {
                dirty::item_accesses(&self.db, item, Span::since(at))?;
                dirty::item_shares(&self.db, item)?;
            }
            if touched.labelled || touched.roles != Roles::default() {
                seen_earlier(&self.db, item, at)?;
            }
            if touched.roles.has(Roles::CREATION) {
                // Whether somebody may have shared it before we looked is open no more.
                dirty::item_accesses(&self.db, item, Span::since(at))?;
            }
        }
        if let Some(site) =
            touched.site.filter(|_| touched.site_label.is_some() || touched.roles.has(Roles::SITE_LABEL))
        {
            self.mark_site_label(id, site, at)?;
        }
        if touched.roles.has(Roles::ITEM_CHANGE) || touched.roles.has(Roles::NAMED_CHANGE) {
            let changed = self.facts().records("activity.id = ?1", [id])?;
            for change in changed.iter().filter_map(|(_, record)| item_change(record)) {
                self.mark_change(touched.item, &change)?;
            }
        }
        Ok(())
    }

    fn mark_access(&mut self, touched: &Touched, at: i64) -> Result<(), StoreError> {
        let Some(item) = touched.item else { return Ok(()) };
        let db = &self.db;
        dirty::access(db, touched.person, item, Span::at(at))?;
        if let Some(path) = self.decoder.optional(db, touched.path)? {
            db.prepare_cached("INSERT OR IGNORE INTO place (path, item) VALUES (?1, ?2)")?
                .execute((path.as_ref(), item))?;
        }
        if let Some(zip) = touched.zip {
            own_zip(db, touched.person, zip)?;
        }
        if touched.anonymous {
            // Each record of a visitor tells from where the visitor came.
            let window = self.policy.matching.anonymous_session_ms_max;
            let span = Span { from: at.saturating_sub(window), to: at.saturating_add(window) };
            dirty::accesses_of(db, touched.person, span)?;
        }
        Ok(())
    }

    /// The links that a change of an item concerns.
    fn mark_change(&mut self, item: Option<i64>, change: &ItemChange) -> Result<(), StoreError> {
        let recipients: Vec<Option<i64>> = match change.what.recipients() {
            None => vec![None],
            // What is shared with a group bears no recipient's number.
            Some(named) => {
                let numbers = named.iter().filter_map(|name| text::find(&self.db, name).transpose());
                numbers.chain([Ok(0)]).map(|number| number.map(Some)).collect::<Result<_, _>>()?
            }
        };
        for recipient in recipients {
            if let Some(item) = item {
                dirty::item_links(&self.db, item, recipient)?;
            }
            if let Some(path) = &change.path {
                dirty::links_at(&self.db, path, change.what.reaches_below(), recipient)?;
            }
        }
        // Who was only asked for access has no share yet.
        if let (ItemEvent::RequestGranted, Some(item)) = (&change.what, item) {
            dirty::gestures_about(&self.db, item)?;
        }
        Ok(())
    }
}

/// The archive's own record, which counts only while none of its files has one.
fn own_zip(db: &Connection, person: i64, zip: i64) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO dirty (person, item, from_at, to_at)
         SELECT person, item, time, time FROM activity
         WHERE person = ?1 AND zip = ?2 AND own_zip = 1 AND action IS NOT NULL AND item IS NOT NULL
         ON CONFLICT DO UPDATE SET to_at = max(to_at, excluded.to_at)",
    )?
    .execute((person, zip))?;
    Ok(())
}

/// Accesses of which it is open whether a share was overlooked, where this shows that the item was there before it seemed
/// to be made.
pub(super) fn seen_earlier(db: &Connection, item: i64, at: i64) -> Result<(), StoreError> {
    let made: Option<i64> = db
        .prepare_cached("SELECT min(time) FROM activity WHERE item = ?1 AND roles & 8 AND time >= ?2")?
        .query_row((item, at), |row| row.get(0))?;
    match made {
        Some(made) => dirty::item_accesses(db, item, Span::since(made)),
        None => Ok(()),
    }
}

/// Accesses that the use of a link can explain: of its user, or of any visitor if the user is none that has a name; on the
/// item behind it wherever that was, and below its place; in the windows of the rules.
pub(super) fn behind_door(
    db: &Connection,
    door: &trail::Record,
    user: i64,
    rules: &MatchRules,
) -> Result<(), StoreError> {
    let window = rules.anonymous_session_ms_max.max(rules.link_used_before_ms_max);
    let span = Span { from: door.time.plus(-rules.early_ms_max).millis(), to: door.time.plus(window).millis() };
    let is_anonymous = door.person_kind == trail::identity::PersonKind::Anonymous;
    let item = door.item.as_deref().map(|item| text::find(db, item)).transpose()?.flatten();
    if let Some(item) = item {
        if is_anonymous {
            dirty::item_accesses(db, item, span)?
        } else {
            dirty::item_accesses_of(db, item, user, span)?
        }
    }
    if let Some(path) = &door.path {
        if is_anonymous { dirty::below(db, path, span)? } else { dirty::below_of(db, path, user, span)? }
    }
    Ok(())
}
