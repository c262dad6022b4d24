//! Dirty keys are worked off: the accesses of one person on one item are concluded again from the activities, and
//! only what differs is written, with a new revision.

use rusqlite::Connection;
use trail::access::{self, Fact, Zip};
use trail::{RecordId, TimeMs};

use super::rows::{self, Context};
use super::text::Decoder;
use super::{Store, StoreError, codes, outbox};
use crate::rows::delivered_json;

/// Dirty keys fetched at once.
const KEYS_AT_ONCE: usize = 256;

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
                let keys = dirty_keys(&store.db)?;
                if keys.is_empty() {
                    return Ok(false);
                }
                for (person, item) in keys {
                    rows += store.conclude(person, item, now)?.max(1);
                    store
                        .db
                        .prepare_cached("DELETE FROM dirty WHERE person = ?1 AND item = ?2")?
                        .execute((person, item))?;
                    if rows >= rows_max {
                        break;
                    }
                }
            }
            Ok(true)
        })
    }

    /// Concludes the accesses of one person on one item; tells how many rows it wrote.
    fn conclude(&mut self, person: i64, item: i64, now: TimeMs) -> Result<usize, StoreError> {
        let facts = facts(&self.db, &mut self.decoder, person, item)?;
        let mut before = concluded(&self.db, person, item)?;
        let mut written = 0;
        let only_facts: Vec<Fact> = facts.iter().map(|(_, fact)| *fact).collect();
        for group in access::group(&only_facts) {
            let Some(((first, first_fact), (_, last_fact))) = group
                .members
                .first()
                .zip(group.members.last())
                .and_then(|(first, last)| facts.get(*first).zip(facts.get(*last)))
            else {
                continue;
            };
            let conclusion = Conclusion {
                access_id: access::access_id(&self.tenant, first_fact.id),
                action: codes::action(group.action),
                first_activity: *first,
                first_at: first_fact.time,
                last_at: last_fact.time,
                records: group.members.len() as i64,
            };
            let digest = self.digest(&conclusion, person, item)?;
            let known = before.iter().position(|known| known.access_id == conclusion.access_id);
            let known = known.map(|index| before.swap_remove(index));
            if known.as_ref().is_some_and(|known| known.digest == digest && !known.withdrawn) {
                continue;
            }
            self.write_access(&conclusion, person, item, digest, now)?;
            written += 1;
        }
        for gone in before.into_iter().filter(|known| !known.withdrawn) {
            self.withdraw(gone.id, now)?;
            written += 1;
        }
        Ok(written)
    }

    /// A digest of the row as it would be delivered, its revision aside.
    fn digest(&mut self, conclusion: &Conclusion, person: i64, item: i64) -> Result<[u8; 16], StoreError> {
        let head = rows::AccessHead {
            access_id: conclusion.access_id,
            person,
            item,
            action: conclusion.action,
            first_activity: conclusion.first_activity,
            first_at: conclusion.first_at,
            last_at: conclusion.last_at,
            records: conclusion.records,
            revision: 0,
            concluded_at: TimeMs(0),
            withdrawn: false,
        };
        let row = rows::access(&mut Context { db: &self.db, texts: &mut self.decoder, tenant: &self.tenant }, &head)?;
        let mut json = Vec::with_capacity(2048);
        delivered_json(&row, &mut json);
        Ok(trail::id::hash16(&json))
    }

    /// Writes an access. One that was of another person or item before keeps its row: outboxes know it by its number.
    fn write_access(
        &mut self,
        conclusion: &Conclusion,
        person: i64,
        item: i64,
        digest: [u8; 16],
        now: TimeMs,
    ) -> Result<(), StoreError> {
        let id = self
            .db
            .prepare_cached(
                "INSERT INTO access (access_id, person, item, action, first_activity, first_at, last_at, records,
                     digest, revision, concluded_at, withdrawn)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0)
                 ON CONFLICT (access_id) DO UPDATE SET person = excluded.person, item = excluded.item,
                     action = excluded.action, first_activity = excluded.first_activity, first_at = excluded.first_at,
                     last_at = excluded.last_at, records = excluded.records, digest = excluded.digest,
                     revision = excluded.revision, concluded_at = excluded.concluded_at, withdrawn = 0
                 RETURNING id",
            )?
            .query_row(
                rusqlite::params![
                    conclusion.access_id,
                    person,
                    item,
                    conclusion.action,
                    conclusion.first_activity,
                    conclusion.first_at.millis(),
                    conclusion.last_at.millis(),
                    conclusion.records,
                    digest,
                    self.revision,
                    now.millis(),
                ],
                |row| row.get(0),
            )?;
        outbox::offer_access(&self.db, &self.sinks, id, self.revision)
    }

    fn withdraw(&mut self, id: i64, now: TimeMs) -> Result<(), StoreError> {
        self.db
            .prepare_cached("UPDATE access SET withdrawn = 1, revision = ?2, concluded_at = ?3 WHERE id = ?1")?
            .execute((id, self.revision, now.millis()))?;
        outbox::offer_access(&self.db, &self.sinks, id, self.revision)
    }
}

/// An access as concluded, in the store's numbers.
struct Conclusion {
    access_id: [u8; 16],
    action: i64,
    first_activity: i64,
    first_at: TimeMs,
    last_at: TimeMs,
    records: i64,
}

/// What was concluded before.
struct Known {
    id: i64,
    access_id: [u8; 16],
    digest: [u8; 16],
    withdrawn: bool,
}

fn dirty_keys(db: &Connection) -> Result<Vec<(i64, i64)>, StoreError> {
    let mut statement = db.prepare_cached("SELECT person, item FROM dirty LIMIT ?1")?;
    let keys = statement.query_map([KEYS_AT_ONCE as i64], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(keys.collect::<Result<_, _>>()?)
}

/// The facts under a key, with their activities' numbers.
fn facts(db: &Connection, texts: &mut Decoder, person: i64, item: i64) -> Result<Vec<(i64, Fact)>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT id, record_id, time, action, extended, own_zip FROM activity
         WHERE person = ?1 AND item = ?2 AND action IS NOT NULL ORDER BY time, record_id",
    )?;
    let mut rows = statement.query((person, item))?;
    let mut facts = Vec::new();
    while let Some(row) = rows.next()? {
        let activity = row.get(0)?;
        // The record of a zip itself counts only while none of its files has one.
        if row.get(5)? && is_superseded(db, texts, activity)? {
            continue;
        }
        let fact = Fact {
            id: RecordId(row.get(1)?),
            time: TimeMs(row.get(2)?),
            action: codes::action_of(row.get(3)?),
            extended: row.get(4)?,
        };
        facts.push((activity, fact));
    }
    Ok(facts)
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

fn concluded(db: &Connection, person: i64, item: i64) -> Result<Vec<Known>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT id, access_id, digest, withdrawn FROM access WHERE person = ?1 AND item = ?2")?;
    let rows = statement.query_map((person, item), |row| {
        Ok(Known { id: row.get(0)?, access_id: row.get(1)?, digest: row.get(2)?, withdrawn: row.get(3)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::{Advance, Arrival, Table};
    use super::*;
    use crate::config::settings::StoreSettings;
    use trail::fold::Source;

    /// A download by a guest, with the ids of its item or without.
    fn record(ids: &str) -> String {
        format!(
            r#"{{"Id":"97ee2049-893e-4c9d-a312-08d82b46faf7","CreationTime":"2026-11-20T10:00:00","RecordType":6,{ids}
            "Operation":"FileDownloaded","UserType":0,"Workload":"SharePoint",
            "UserId":"li_fabrikam.example#EXT#@contoso.onmicrosoft.com",
            "SiteUrl":"https://contoso.sharepoint.com/sites/Legal/",
            "ObjectId":"https://contoso.sharepoint.com/sites/Legal/Docs/a.docx"}}"#
        )
    }

    #[test]
    fn an_access_that_moves_to_another_item_keeps_its_row_and_can_be_delivered() {
        let folder = tempfile::tempdir().unwrap();
        let now = TimeMs(1_795_500_000_000);
        let mut store = Store::open(&folder.path().join("store.db"), None, &StoreSettings::default()).unwrap();
        let sink = store.use_sinks(&[("logs".to_owned(), vec![Table::Access])], now).unwrap()[0].id;
        let import = store.feed("import", Source::Import, now).unwrap();
        let ids = r#""Site":"5bd6b4d6-5b3c-4f9a-8c9b-9a1c6f1d2e3f","ListItemUniqueId":"0a1b2c3d-1111-2222-3333-444455556666","#;
        for record in [record(""), record(ids)] {
            store.take_page(&import, [Arrival::Record(&record)], Advance::Stay, now).unwrap();
            while store.recompute(now).unwrap() {}
        }
        let mut json = Vec::new();
        let waiting = store.waiting(sink, Table::Access, i64::MIN, 10, 1 << 20, &mut json).unwrap();
        assert_eq!(waiting.len(), 1, "{}", String::from_utf8_lossy(&json));
        let row: serde_json::Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(row["Withdrawn"], false);
        assert!(row["ItemId"].as_str().unwrap().contains("0a1b2c3d"), "{row}");
    }
}
