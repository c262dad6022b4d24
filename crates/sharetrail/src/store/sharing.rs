//! What gestures say of links is read again, and the shares of those links are concluded again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rusqlite::Connection;
use trail::identity::RecipientKind;
use trail::record::self_and_ancestors;
use trail::share::{self, ItemChange, ItemEvent, LinkEvent, Share};
use trail::{Record, TimeMs};

use super::dirty::Span;
use super::fact::Facts;
use super::known_shares::parse_share;
use super::{Store, StoreError, dirty, listed, mark, share_row, text};

/// How often the places of an item are followed through moves: a bound for histories that move things to and fro.
const PLACES_MAX: usize = 256;

impl Store {
    /// The activities as conclusions see them.
    pub(super) fn facts(&mut self) -> Facts<'_> {
        Facts { db: &self.db, texts: &mut self.decoder, domains: &self.policy.domains }
    }

    /// Reads a gesture again: the links it tells of, the aliases it ties, the doors it opened.
    pub(super) fn read_gesture(&mut self, gesture: i64) -> Result<usize, StoreError> {
        let records = self.gesture_records(gesture)?;
        let events = events(&records);
        let mut told: BTreeMap<i64, Vec<&LinkEvent>> = BTreeMap::new();
        for event in &events {
            told.entry(self.texts.number(&self.db, &event.link_id)?).or_default().push(event);
        }
        let db = &self.db;
        // Links that it told of before are affected as well.
        db.prepare_cached("INSERT OR IGNORE INTO dirty_link (link) SELECT link FROM link_gesture WHERE gesture = ?1")?
            .execute([gesture])?;
        db.prepare_cached("DELETE FROM link_gesture WHERE gesture = ?1")?.execute([gesture])?;
        for (link, of_link) in &told {
            let of_link =
                serde_json::to_vec(of_link).map_err(|_| StoreError::Damaged("what a click says cannot be written"))?;
            db.prepare_cached("INSERT INTO link_gesture (link, gesture, events) VALUES (?1, ?2, ?3)")?
                .execute((link, gesture, of_link))?;
            dirty::link(db, *link)?;
        }
        self.write_aliases(gesture, &events)?;
        self.count_excluded(gesture, &events)?;
        let rules = self.policy.matching;
        for record in &records {
            if record.class.action() == Some(trail::operation::Action::Redeem) {
                let user = self.texts.number(&self.db, &record.person)?;
                mark::behind_door(&self.db, record, user, &rules)?;
            }
        }
        Ok(told.len())
    }

    fn gesture_records(&mut self, gesture: i64) -> Result<Vec<Record>, StoreError> {
        let records = self.facts().records("gesture = ?1", [gesture])?;
        Ok(records.into_iter().map(|(_, record)| record).collect())
    }

    /// Grants to insiders, company links and the like: no way in for outsiders, but countable.
    fn count_excluded(&self, gesture: i64, events: &[LinkEvent]) -> Result<(), StoreError> {
        self.db.prepare_cached("DELETE FROM excluded_share WHERE gesture = ?1")?.execute([gesture])?;
        let mut count = self.db.prepare_cached(
            "INSERT INTO excluded_share (gesture, reason, time, records) VALUES (?1, ?2, ?3, 1)
             ON CONFLICT DO UPDATE SET records = records + 1",
        )?;
        for event in events {
            if let Some(reason) = event.excluded {
                count.execute((gesture, reason.words(), event.at.millis()))?;
            }
        }
        Ok(())
    }

    fn write_aliases(&mut self, gesture: i64, events: &[LinkEvent]) -> Result<(), StoreError> {
        let Self { db, texts, .. } = self;
        let mut persons = BTreeSet::new();
        {
            let mut statement = db.prepare_cached("SELECT invited, accepted FROM alias WHERE gesture = ?1")?;
            let mut rows = statement.query([gesture])?;
            while let Some(row) = rows.next()? {
                persons.extend([row.get::<_, i64>(0)?, row.get(1)?]);
            }
        }
        db.prepare_cached("DELETE FROM alias WHERE gesture = ?1")?.execute([gesture])?;
        for alias in share::aliases(events) {
            let (invited, accepted) = (texts.number(db, &alias.invited)?, texts.number(db, &alias.accepted)?);
            db.prepare_cached("INSERT OR IGNORE INTO alias (gesture, invited, accepted) VALUES (?1, ?2, ?3)")?
                .execute((gesture, invited, accepted))?;
            persons.extend([invited, accepted]);
        }
        for person in persons {
            dirty::accesses_of(db, person, Span::EVER)?;
            listed::mark_for(db, person)?;
        }
        Ok(())
    }

    /// Concludes the shares of a link again and marks the accesses that they can change; tells how many rows changed.
    pub(super) fn conclude_link(&mut self, link: i64, now: TimeMs) -> Result<usize, StoreError> {
        let link_id = self.decoder.text(&self.db, link)?;
        let events = told_of(&self.db, link)?;
        let known = self.known_otherwise(link, &events)?;
        let events = share::beyond(events, &known);
        let changes = self.item_changes(&events)?;
        let shares = share::shares(&link_id, &events, &changes);
        let mut before = stored(&self.db, link)?;
        let mut written = 0;
        for share in shares {
            let share_id = self.texts.number(&self.db, &share.share_id)?;
            let body = serde_json::to_vec(&share).map_err(|_| StoreError::Damaged("a share cannot be written"))?;
            let known = before.iter().position(|known| known.share_id == share_id);
            let known = known.map(|index| before.swap_remove(index));
            if known.as_ref().is_some_and(|known| known.body == body && !known.withdrawn) {
                continue;
            }
            let former = known.as_ref().filter(|known| !known.withdrawn).map(Stored::share).transpose()?;
            self.mark_affected(link, former.as_ref(), Some(&share))?;
            self.write_share(known.map(|known| known.id), share_id, link, &share, &body, now)?;
            written += 1;
        }
        for gone in before.into_iter().filter(|known| !known.withdrawn) {
            self.mark_affected(link, Some(&gone.share()?), None)?;
            self.withdraw_share(gone.id, now)?;
            written += 1;
        }
        Ok(written)
    }

    /// Changes of the shared item and of what lies or lay above it, wherever it was.
    fn item_changes(&mut self, events: &[LinkEvent]) -> Result<Vec<ItemChange>, StoreError> {
        let items: BTreeSet<Arc<str>> = events.iter().filter_map(|event| event.item.clone()).collect();
        let mut waiting: Vec<Arc<str>> = events.iter().filter_map(|event| event.path.clone()).collect();
        let (mut places, mut looked_at) = (BTreeSet::new(), BTreeSet::new());
        let mut changes: Vec<ItemChange> = Vec::new();
        for item in &items {
            let Some(item) = text::find(&self.db, item)? else { continue };
            changes.extend(self.changes("item = ?1 AND roles & 2", item)?);
        }
        let recipients: BTreeSet<&str> =
            events.iter().filter_map(|event| Some(&*event.recipient.as_ref()?.canonical)).collect();
        for recipient in recipients {
            let Some(recipient) = text::find(&self.db, recipient)? else { continue };
            changes.extend(self.changes("target = ?1 AND roles & 32", recipient)?);
        }
        waiting.extend(changes.iter().filter_map(moved_to));
        while let Some(place) = waiting.pop() {
            if places.len() >= PLACES_MAX || !places.insert(Arc::clone(&place)) {
                continue;
            }
            for above in self_and_ancestors(&place) {
                if !looked_at.insert(above.to_owned()) {
                    continue;
                }
                let Some(path) = text::find(&self.db, above)? else { continue };
                for change in self.changes("path = ?1 AND roles & 2", path)? {
                    waiting.extend(moved_below(&change, &place));
                    changes.push(change);
                }
            }
        }
        changes.sort_by_key(|change| (change.at, change.record));
        changes.dedup();
        Ok(changes)
    }

    fn changes(&mut self, condition: &str, number: i64) -> Result<Vec<ItemChange>, StoreError> {
        let records = self.facts().records(condition, [number])?;
        Ok(records.iter().filter_map(|(_, record)| share::item_change(record)).collect())
    }

    /// Marks the accesses to which it makes a difference that a share is told otherwise than before.
    fn mark_affected(&mut self, link: i64, before: Option<&Share>, after: Option<&Share>) -> Result<(), StoreError> {
        let Some(moment) = share::differs_from(before, after) else { return Ok(()) };
        // Who names the link came through it, whether or not we think that it was open then.
        let named: Option<i64> = self
            .db
            .prepare_cached("SELECT min(time) FROM activity WHERE link = ?1 AND action IS NOT NULL")?
            .query_row([link], |row| row.get(0))?;
        let is_of_all_its_life = |share: Option<&Share>| share.is_none_or(|share| moment <= share.first_sign_at);
        let named = named.filter(|_| is_of_all_its_life(before) || is_of_all_its_life(after));
        let moment = moment.plus(-self.policy.matching.early_ms_max).millis();
        let span = Span::since(moment.min(named.unwrap_or(i64::MAX)));
        for share in before.into_iter().chain(after) {
            self.mark_let_in(share, span)?;
            self.mark_listed(link, share)?;
        }
        self.db
            .prepare_cached(
                "INSERT INTO dirty (person, item, from_at, to_at)
                 SELECT person, item, time, time FROM activity
                 WHERE link = ?1 AND time >= ?2 AND action IS NOT NULL AND item IS NOT NULL
                 ON CONFLICT DO UPDATE SET to_at = max(to_at, excluded.to_at)",
            )?
            .execute((link, span.from))?;
        Ok(())
    }

    /// Marks the accesses in a span that a share can let in.
    fn mark_let_in(&mut self, share: &Share, span: Span) -> Result<(), StoreError> {
        let persons = match (&share.recipient, share.recipient_kind) {
            (Some(recipient), RecipientKind::Person(_)) => {
                let person = self.texts.number(&self.db, recipient)?;
                Some(aliases(&self.db, person)?.into_iter().chain([person]).collect::<Vec<_>>())
            }
            _ => None,
        };
        // The item itself may have been reached where the share was never seen to lie.
        if let Some(item) = text::find(&self.db, &share.item)? {
            match &persons {
                None => dirty::item_accesses(&self.db, item, span)?,
                Some(persons) => {
                    persons.iter().try_for_each(|person| dirty::item_accesses_of(&self.db, item, *person, span))?;
                }
            }
        }
        let paths: BTreeSet<&str> = share.places.iter().map(|place| &*place.path).collect();
        for path in paths {
            match &persons {
                None => dirty::below(&self.db, path, span)?,
                Some(persons) => {
                    persons.iter().try_for_each(|person| dirty::below_of(&self.db, path, *person, span))?;
                }
            }
        }
        Ok(())
    }

    fn write_share(
        &mut self,
        id: Option<i64>,
        share_id: i64,
        link: i64,
        share: &Share,
        body: &[u8],
        now: TimeMs,
    ) -> Result<(), StoreError> {
        let recipient = match (&share.recipient, share.recipient_kind) {
            (Some(recipient), RecipientKind::Person(_)) => self.texts.number(&self.db, recipient)?,
            _ => 0,
        };
        let item = self.texts.number(&self.db, &share.item)?;
        let domain = self.texts.optional(&self.db, share.domain.as_deref())?;
        if let Some(id) = id {
            self.known_shares.forget(id);
        }
        let db = &self.db;
        // No digest yet: the row itself is made when everything that it shows has been concluded.
        db.prepare_cached(
            "INSERT INTO share (id, share_id, link, item, recipient, domain, outside, body, digest, first_sign_at, revision, concluded_at, withdrawn)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, x'', ?9, ?10, ?11, 0)
             ON CONFLICT (id) DO UPDATE SET item = ?4, recipient = ?5, domain = ?6, outside = ?7, body = ?8, first_sign_at = ?9, withdrawn = 0",
        )?
        .execute(rusqlite::params![
            id,
            share_id,
            link,
            item,
            recipient,
            domain,
            share_row::is_for_outsiders(share),
            body,
            share.first_sign_at.millis(),
            self.revision,
            now.millis(),
        ])?;
        let id = id.unwrap_or_else(|| db.last_insert_rowid());
        db.prepare_cached("DELETE FROM share_place WHERE share = ?1")?.execute([id])?;
        for place in &share.places {
            db.prepare_cached("INSERT OR IGNORE INTO share_place (path, recipient, share) VALUES (?1, ?2, ?3)")?
                .execute((place.path.as_ref(), recipient, id))?;
        }
        dirty::share(db, id)
    }

    fn withdraw_share(&mut self, id: i64, now: TimeMs) -> Result<(), StoreError> {
        self.db.prepare_cached("DELETE FROM share_place WHERE share = ?1")?.execute([id])?;
        self.db
            .prepare_cached(
                "UPDATE share SET withdrawn = 1, digest = x'', revision = ?2, concluded_at = ?3 WHERE id = ?1",
            )?
            .execute((id, self.revision, now.millis()))?;
        super::outbox::offer(&self.db, &self.sinks, super::Table::Share, id, self.revision)
    }
}

/// What the records of one gesture key say; more than one gesture where records bear no correlation.
fn events(records: &[Record]) -> Vec<LinkEvent> {
    let read = |members: Vec<usize>| {
        let gesture: Vec<&Record> = members.into_iter().filter_map(|index| records.get(index)).collect();
        share::link_events(&gesture)
    };
    share::gestures(records).into_iter().flat_map(read).collect()
}

fn moved_to(change: &ItemChange) -> Option<Arc<str>> {
    match &change.what {
        ItemEvent::Moved { to, .. } => Some(Arc::clone(to)),
        _ => None,
    }
}

/// Where `place` came to lie when it, or a folder above it, moved.
fn moved_below(change: &ItemChange, place: &str) -> Option<Arc<str>> {
    let ItemEvent::Moved { from, to } = &change.what else { return None };
    let rest = place.strip_prefix(from.as_ref())?;
    (rest.is_empty() || rest.starts_with('/')).then(|| Arc::from(format!("{to}{rest}")))
}

/// What gestures tell of a link, in their order.
fn told_of(db: &Connection, link: i64) -> Result<Vec<LinkEvent>, StoreError> {
    let mut statement = db.prepare_cached("SELECT events FROM link_gesture WHERE link = ?1 ORDER BY gesture")?;
    let mut rows = statement.query([link])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        let told = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
        let told: Vec<LinkEvent> =
            serde_json::from_slice(told).map_err(|_| StoreError::Damaged("what a click says cannot be read"))?;
        events.extend(told);
    }
    Ok(events)
}

/// Other addresses of a person.
pub(super) fn aliases(db: &Connection, person: i64) -> Result<Vec<i64>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT accepted FROM alias WHERE invited = ?1 UNION SELECT invited FROM alias WHERE accepted = ?1",
    )?;
    Ok(statement.query_map([person], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// Addresses in whose place a person accepted invitations: their shares are this person's as well.
pub(super) fn invited_as(db: &Connection, person: i64) -> Result<Vec<i64>, StoreError> {
    let mut statement = db.prepare_cached("SELECT DISTINCT invited FROM alias WHERE accepted = ?1")?;
    Ok(statement.query_map([person], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// A share as it was concluded before.
struct Stored {
    id: i64,
    share_id: i64,
    body: Vec<u8>,
    withdrawn: bool,
}

impl Stored {
    fn share(&self) -> Result<Share, StoreError> {
        parse_share(&self.body)
    }
}

fn stored(db: &Connection, link: i64) -> Result<Vec<Stored>, StoreError> {
    let mut statement = db.prepare_cached("SELECT id, share_id, body, withdrawn FROM share WHERE link = ?1")?;
    let rows = statement.query_map([link], |row| {
        Ok(Stored { id: row.get(0)?, share_id: row.get(1)?, body: row.get(2)?, withdrawn: row.get(3)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
