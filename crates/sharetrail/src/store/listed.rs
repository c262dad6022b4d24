//! Ways in that an inventory lists give way to what is known of them otherwise ([`trail::share::beyond`]).
//!
//! Which shares those are depends on other links, so each of both finds the other: a listed link asks for shares on its
//! item and above it, and a share that is told otherwise marks what is listed on its item and below it. `listed` holds
//! what was listed, whether or not it made a share.

use std::collections::BTreeSet;
use std::sync::Arc;

use rusqlite::Connection;
use trail::identity::RecipientKind;
use trail::share::{Change, LinkEvent, Share};

use super::matched::covering;
use super::sharing::{aliases, invited_as};
use super::{Store, StoreError, dirty};

/// Recipient (none: anyone), item and path, as an inventory listed them.
type Listed = (Option<Arc<str>>, Arc<str>, Option<Arc<str>>);

impl Store {
    /// Shares that may explain what an inventory lists as this link: for the same recipient, under whatever address that
    /// one was invited, on the item and above it. Remembers where the link is listed.
    pub(super) fn known_otherwise(&mut self, link: i64, events: &[LinkEvent]) -> Result<Vec<Arc<Share>>, StoreError> {
        let listings = events.iter().filter(|event| event.change == Change::Listed);
        let listings: BTreeSet<Listed> = listings
            .filter_map(|event| {
                let recipient = event.recipient.as_ref().map(|recipient| Arc::clone(&recipient.canonical));
                Some((recipient, event.item.clone()?, event.path.clone()))
            })
            .collect();
        let mut ids = BTreeSet::new();
        for (recipient, item, path) in listings {
            let item_number = self.texts.number(&self.db, &item)?;
            let recipient = recipient.map(|name| self.texts.number(&self.db, &name)).transpose()?.unwrap_or_default();
            self.db
                .prepare_cached("INSERT OR IGNORE INTO listed (recipient, path, link, item) VALUES (?1, ?2, ?3, ?4)")?
                .execute((recipient, path.as_ref().unwrap_or(&item).as_ref(), link, item_number))?;
            let mut recipients = if recipient == 0 { Vec::new() } else { invited_as(&self.db, recipient)? };
            recipients.push(recipient);
            ids.extend(covering(&self.db, item_number, path.as_deref(), &recipients)?);
        }
        let mut known = Vec::with_capacity(ids.len());
        for id in ids {
            let of: i64 =
                self.db.prepare_cached("SELECT link FROM share WHERE id = ?1")?.query_row([id], |row| row.get(0))?;
            if of != link {
                known.push(self.known_shares.get(&self.db, id)?);
            }
        }
        Ok(known)
    }

    /// Marks what is listed where this share, which is told otherwise than before, may explain it.
    pub(super) fn mark_listed(&mut self, link: i64, share: &Share) -> Result<(), StoreError> {
        let recipients = match (&share.recipient, share.recipient_kind) {
            (Some(recipient), RecipientKind::Person(_)) => {
                let person = self.texts.number(&self.db, recipient)?;
                aliases(&self.db, person)?.into_iter().chain([person]).collect()
            }
            _ => vec![0],
        };
        let item = self.texts.number(&self.db, &share.item)?;
        let db = &self.db;
        for recipient in recipients {
            db.prepare_cached(
                "INSERT OR IGNORE INTO dirty_link (link)
                 SELECT link FROM listed WHERE item = ?1 AND recipient = ?2 AND link != ?3",
            )?
            .execute((item, recipient, link))?;
            for place in &share.places {
                let (first, last) = dirty::range(&place.path);
                db.prepare_cached(
                    "INSERT OR IGNORE INTO dirty_link (link)
                     SELECT link FROM listed WHERE recipient = ?1 AND path = ?2 AND link != ?5
                     UNION SELECT link FROM listed WHERE recipient = ?1 AND path >= ?3 AND path < ?4 AND link != ?5",
                )?
                .execute((recipient, place.path.as_ref(), first, last, link))?;
            }
        }
        Ok(())
    }
}

/// Marks what is listed for a person whose other addresses became known, or are no longer believed.
pub(super) fn mark_for(db: &Connection, person: i64) -> Result<(), StoreError> {
    db.prepare_cached("INSERT OR IGNORE INTO dirty_link (link) SELECT link FROM listed WHERE recipient = ?1")?
        .execute([person])?;
    Ok(())
}
