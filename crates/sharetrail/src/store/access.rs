//! The accesses of one person on one item, concluded again from the activities.

use rusqlite::Connection;
use trail::access::{self, Fact, Zip};
use trail::{Record, TimeMs, operation};

use super::fact::Facts;
use super::matched::Concluded;
use super::rows::{self, Context};
use super::text::Decoder;
use super::{Store, StoreError, codes, dirty, outbox};
use crate::rows::delivered_json;

impl Store {
    /// Concludes the accesses of one person on one item again; tells how many rows it wrote.
    pub(super) fn conclude_accesses(&mut self, person: i64, item: i64, now: TimeMs) -> Result<usize, StoreError> {
        let records = self.access_records(person, item)?;
        let mut before = concluded(&self.db, person, item)?;
        let facts: Vec<Fact> = records.iter().map(fact).collect();
        let mut written = 0;
        for group in access::group(&facts) {
            let members: Vec<&(i64, Record, operation::Action)> =
                group.members.iter().filter_map(|index| records.get(*index)).collect();
            let Some(((first_activity, first, _), (_, last, _))) = members.first().zip(members.last()) else {
                continue;
            };
            let only_records: Vec<&Record> = members.iter().map(|(_, record, _)| record).collect();
            let concluded = self.match_access(person, item, group.action, &only_records)?;
            let head = rows::AccessHead {
                access_id: access::access_id(&self.tenant, first.id),
                person,
                item,
                action: codes::action(group.action),
                first_activity: *first_activity,
                first_at: first.time,
                last_at: last.time,
                records: members.len() as i64,
                matched: concluded.matched.clone(),
                revision: 0,
                concluded_at: TimeMs(0),
                withdrawn: false,
            };
            let digest = self.access_digest(&head)?;
            let known = before.iter().position(|known| known.access_id == head.access_id);
            let known = known.map(|index| before.swap_remove(index));
            if known.as_ref().is_some_and(|known| known.digest == digest && !known.withdrawn) {
                continue;
            }
            self.mark_shares(known.as_ref().and_then(|known| known.share), concluded.share)?;
            if known.as_ref().is_none_or(|known| known.withdrawn || known.first_at != head.first_at.millis()) {
                dirty::seen_earlier(&self.db, item, head.first_at.millis())?;
            }
            self.write_access(known.map(|known| known.id), &head, &concluded, digest, now)?;
            written += 1;
        }
        for gone in before.into_iter().filter(|known| !known.withdrawn) {
            self.mark_shares(gone.share, None)?;
            dirty::seen_earlier(&self.db, item, gone.first_at)?;
            self.withdraw_access(gone.id, now)?;
            written += 1;
        }
        Ok(written)
    }

    /// Records that make accesses, with what they did.
    fn access_records(&mut self, person: i64, item: i64) -> Result<Vec<(i64, Record, operation::Action)>, StoreError> {
        let mut facts = Facts { db: &self.db, texts: &mut self.decoder, domains: &self.policy.domains };
        let records = facts.records("activity.person = ?1 AND item = ?2 AND action IS NOT NULL", (person, item))?;
        let mut statement = self.db.prepare_cached("SELECT action, own_zip FROM activity WHERE id = ?1")?;
        let mut kept = Vec::with_capacity(records.len());
        for (id, record) in records {
            let (action, own_zip): (i64, bool) = statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
            // The record of a zip itself counts only while none of its files has one.
            if !own_zip || !is_superseded(&self.db, &mut self.decoder, id)? {
                kept.push((id, record, codes::action_of(action)));
            }
        }
        Ok(kept)
    }

    /// A digest of the row as it would be delivered, its revision aside.
    fn access_digest(&mut self, head: &rows::AccessHead) -> Result<[u8; 16], StoreError> {
        let row = rows::access(&mut Context { db: &self.db, texts: &mut self.decoder, tenant: &self.tenant }, head)?;
        let mut json = Vec::with_capacity(2048);
        delivered_json(&row, &mut json);
        Ok(trail::id::hash16(&json))
    }

    fn write_access(
        &mut self,
        id: Option<i64>,
        head: &rows::AccessHead,
        concluded: &Concluded,
        digest: [u8; 16],
        now: TimeMs,
    ) -> Result<(), StoreError> {
        let matched =
            serde_json::to_vec(&concluded.matched).map_err(|_| StoreError::Damaged("a match cannot be written"))?;
        self.db
            .prepare_cached(
                "INSERT OR REPLACE INTO access (id, access_id, person, item, action, first_activity, first_at, last_at,
                     records, share, match, unexplained, classified, digest, revision, concluded_at, withdrawn)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, 0)",
            )?
            .execute(rusqlite::params![
                id,
                head.access_id,
                head.person,
                head.item,
                head.action,
                head.first_activity,
                head.first_at.millis(),
                head.last_at.millis(),
                head.records,
                concluded.share,
                matched,
                concluded.unexplained,
                concluded.matched.classified,
                digest,
                self.revision,
                now.millis(),
            ])?;
        let id = id.unwrap_or_else(|| self.db.last_insert_rowid());
        outbox::offer_access(&self.db, &self.sinks, id, self.revision)
    }

    fn withdraw_access(&mut self, id: i64, now: TimeMs) -> Result<(), StoreError> {
        self.db
            .prepare_cached("UPDATE access SET withdrawn = 1, revision = ?2, concluded_at = ?3 WHERE id = ?1")?
            .execute((id, self.revision, now.millis()))?;
        outbox::offer_access(&self.db, &self.sinks, id, self.revision)
    }

    /// The rows of the shares that an access came through, before and now: their uses have changed.
    fn mark_shares(&self, before: Option<i64>, now: Option<i64>) -> Result<(), StoreError> {
        let mut mark = self.db.prepare_cached("INSERT OR IGNORE INTO dirty_share (share) VALUES (?1)")?;
        for share in before.into_iter().chain(now) {
            mark.execute([share])?;
        }
        Ok(())
    }
}

fn fact((_, record, action): &(i64, Record, operation::Action)) -> Fact {
    Fact { id: record.id, time: record.time, action: *action, extended: operation::is_extended(&record.operation) }
}

/// Whether files of the zip that this activity downloaded have records of their own.
fn is_superseded(db: &Connection, texts: &mut Decoder, activity: i64) -> Result<bool, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT other.id = own.id, other.zip, other.session, other.correlation, other.time, other.own_zip
         FROM activity AS own JOIN activity AS other ON other.person = own.person AND other.zip = own.zip
         WHERE own.id = ?1 AND other.action IS NOT NULL",
    )?;
    let mut rows = statement.query([activity])?;
    let (mut own, mut others) = (None, Vec::new());
    while let Some(row) = rows.next()? {
        let mut lower = |id| Ok::<_, StoreError>(texts.optional(db, id)?.map(|text| text.to_lowercase()));
        let zip = Zip {
            name: lower(row.get(1)?)?.unwrap_or_default(),
            session_id: lower(row.get(2)?)?,
            correlation_id: lower(row.get(3)?)?,
            time: TimeMs(row.get(4)?),
            is_own_record: row.get(5)?,
        };
        if row.get(0)? { own = Some(zip) } else { others.push(zip) }
    }
    Ok(own.is_some_and(|own| own.is_superseded_by(&others)))
}

/// What was concluded before.
struct Known {
    id: i64,
    access_id: [u8; 16],
    share: Option<i64>,
    digest: [u8; 16],
    withdrawn: bool,
    first_at: i64,
}

fn concluded(db: &Connection, person: i64, item: i64) -> Result<Vec<Known>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT id, access_id, share, digest, withdrawn, first_at FROM access WHERE person = ?1 AND item = ?2",
    )?;
    let rows = statement.query_map((person, item), |row| {
        Ok(Known {
            id: row.get(0)?,
            access_id: row.get(1)?,
            share: row.get(2)?,
            digest: row.get(3)?,
            withdrawn: row.get(4)?,
            first_at: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
