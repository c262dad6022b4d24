//! The accesses of one person on one item, concluded again from the activities.

use rusqlite::{Connection, OptionalExtension};
use trail::access::{self, Fact, Zip};
use trail::{Record, TimeMs, operation};

use super::dirty::Span;
use super::matched::Concluded;
use super::rows::{self, Context};
use super::text::Decoder;
use super::{Store, StoreError, codes, dirty, mark, outbox, whole};
use crate::rows::delivered_json;

impl Store {
    /// Concludes the accesses of one person on one item again that began in a span; tells how many there are.
    pub(super) fn conclude_accesses(
        &mut self,
        person: i64,
        item: i64,
        span: Span,
        now: TimeMs,
    ) -> Result<usize, StoreError> {
        let span = whole::widened(&self.db, person, item, span)?;
        let records = self.access_records(person, item, span)?;
        let mut before = concluded(&self.db, person, item, span)?;
        let facts: Vec<Fact> = records.iter().map(fact).collect();
        let mut looked_at = before.len();
        for group in access::group(&facts) {
            looked_at += 1;
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
            self.mark_shares(self.share_of_access(head.access_id)?, concluded.share)?;
            if known.as_ref().is_none_or(|known| known.withdrawn || known.first_at != head.first_at.millis()) {
                mark::seen_earlier(&self.db, item, head.first_at.millis())?;
            }
            self.write_access(&head, &concluded, digest, now)?;
        }
        for gone in before.into_iter().filter(|known| !known.withdrawn) {
            self.mark_shares(gone.share, None)?;
            mark::seen_earlier(&self.db, item, gone.first_at)?;
            self.withdraw_access(gone.id, now)?;
        }
        Ok(looked_at)
    }

    /// Records that make accesses, with what they did.
    fn access_records(
        &mut self,
        person: i64,
        item: i64,
        span: Span,
    ) -> Result<Vec<(i64, Record, operation::Action)>, StoreError> {
        let records = self.facts().records(
            "activity.person = ?1 AND item = ?2 AND action IS NOT NULL AND time BETWEEN ?3 AND ?4",
            (person, item, span.from, span.to),
        )?;
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

    /// The share that an access came through before, whosever it was then.
    fn share_of_access(&self, access_id: [u8; 16]) -> Result<Option<i64>, StoreError> {
        let mut statement = self.db.prepare_cached("SELECT share FROM access WHERE access_id = ?1")?;
        Ok(statement.query_row([access_id], |row| row.get(0)).optional()?.flatten())
    }

    /// Writes an access. One that was of another person or item before keeps its row: outboxes know it by its number.
    fn write_access(
        &mut self,
        head: &rows::AccessHead,
        concluded: &Concluded,
        digest: [u8; 16],
        now: TimeMs,
    ) -> Result<(), StoreError> {
        let matched =
            serde_json::to_vec(&concluded.matched).map_err(|_| StoreError::Damaged("a match cannot be written"))?;
        let (kind, domain, site, country) = self.seen_of(head.first_activity)?;
        let values = rusqlite::params![
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
            kind,
            domain,
            site,
            country,
        ];
        // Two plain statements: for one that does both, SQLite copies every page that it touches, so as to take it back.
        let id = if self.db.prepare_cached(UPDATE)?.execute(values)? == 0 {
            self.db.prepare_cached(INSERT)?.execute(values)?;
            self.db.last_insert_rowid()
        } else {
            let mut statement = self.db.prepare_cached("SELECT id FROM access WHERE access_id = ?1")?;
            statement.query_row([head.access_id], |row| row.get(0))?
        };
        outbox::offer_access(&self.db, &self.sinks, id, self.revision)
    }

    /// What an access shows of its first record, for those who count: the kind of person, domain, site, country. All of
    /// it is in the row, and so in its digest.
    fn seen_of(&self, first_activity: i64) -> Result<Seen, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT kind, domain, site, country FROM activity JOIN actor ON actor.id = activity.actor WHERE activity.id = ?1",
        )?;
        Ok(statement.query_row([first_activity], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?)
    }

    fn withdraw_access(&mut self, id: i64, now: TimeMs) -> Result<(), StoreError> {
        self.db
            .prepare_cached("UPDATE access SET withdrawn = 1, revision = ?2, concluded_at = ?3 WHERE id = ?1")?
            .execute((id, self.revision, now.millis()))?;
        outbox::offer_access(&self.db, &self.sinks, id, self.revision)
    }

    /// The rows of the shares that an access came through, before and now: their uses have changed.
    fn mark_shares(&self, before: Option<i64>, now: Option<i64>) -> Result<(), StoreError> {
        before.into_iter().chain(now).try_for_each(|share| dirty::share(&self.db, share))
    }
}

/// Kind of person, domain, site, country; the last three by number.
type Seen = (i64, Option<i64>, Option<i64>, Option<i64>);

const UPDATE: &str = "UPDATE access SET person = ?2, item = ?3, action = ?4, first_activity = ?5, first_at = ?6,
    last_at = ?7, records = ?8, share = ?9, match = ?10, unexplained = ?11, classified = ?12, digest = ?13,
    revision = ?14, concluded_at = ?15, kind = ?16, domain = ?17, site = ?18, country = ?19, withdrawn = 0
    WHERE access_id = ?1";

const INSERT: &str = "INSERT INTO access (access_id, person, item, action, first_activity, first_at, last_at, records,
    share, match, unexplained, classified, digest, revision, concluded_at, kind, domain, site, country, withdrawn)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, 0)";

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

fn concluded(db: &Connection, person: i64, item: i64, span: Span) -> Result<Vec<Known>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT id, access_id, share, digest, withdrawn, first_at FROM access
         WHERE person = ?1 AND item = ?2 AND last_at >= ?3 AND first_at <= ?4",
    )?;
    let rows = statement.query_map((person, item, span.from, span.to), |row| {
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

#[cfg(test)]
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
