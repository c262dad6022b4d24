//! The outbox: rows that a sink has not confirmed. An entry names the row and its revision and holds no copy, so a
//! newer revision replaces a waiting one, and what is sent is always the latest.

use rusqlite::Connection;
use trail::TimeMs;

use super::rows::{self, Context};
use super::{Store, StoreError, share_row};
use crate::rows::{
    self as row_types, COLLECTOR_FIELD_BYTES_MAX, Declared, declared, delivered_json, delivered_json_within,
};

/// Which kind of row an entry names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Table {
    /// `ShareTrailAccess_CL`
    Access,
    /// `ShareTrailShare_CL`
    Share,
    /// `ShareTrailActivity_CL`
    Activity,
    /// `ShareTrailGap_CL`
    Gap,
    /// The `MCAS_CL` share report.
    Accept,
}

impl Table {
    /// Every table, in the order in which they are delivered.
    pub const ALL: [Self; 5] = [Self::Gap, Self::Share, Self::Access, Self::Accept, Self::Activity];

    /// Every column that its delivered rows may have.
    pub fn columns(self) -> Vec<Declared> {
        match self {
            Self::Access => declared::<row_types::Access>(),
            Self::Share => declared::<row_types::Share>(),
            Self::Activity => declared::<row_types::Activity>(),
            Self::Gap => declared::<row_types::Gap>(),
            Self::Accept => declared::<row_types::Accept>(),
        }
    }

    /// Number in the store.
    pub(super) fn code(self) -> i64 {
        match self {
            Self::Access => 1,
            Self::Activity => 2,
            Self::Gap => 3,
            Self::Accept => 4,
            Self::Share => 5,
        }
    }

    pub(super) fn of_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.code() == code)
    }

    fn bit(self) -> i64 {
        1 << self.code()
    }

    /// Name for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Access => "ShareTrailAccess_CL",
            Self::Activity => "ShareTrailActivity_CL",
            Self::Gap => "ShareTrailGap_CL",
            Self::Accept => "MCAS_CL",
            Self::Share => "ShareTrailShare_CL",
        }
    }
}

/// A sink as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkEntry {
    /// Number in the outbox.
    pub id: i64,
    /// Name in the configuration.
    pub name: String,
    /// Tables that it takes.
    pub tables: Vec<Table>,
}

/// An entry of the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Entry {
    /// The row's number.
    pub row: i64,
    /// Its revision.
    pub revision: i64,
}

/// An entry with its row as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Which.
    pub entry: Entry,
    /// Where its JSON is in the buffer that came with it.
    pub json: std::ops::Range<usize>,
}

pub(super) fn offer_access(db: &Connection, sinks: &[SinkEntry], id: i64, revision: i64) -> Result<(), StoreError> {
    offer(db, sinks, Table::Access, id, revision)
}

pub(super) fn offer_activity(
    db: &Connection,
    sinks: &[SinkEntry],
    id: i64,
    accept: bool,
    revision: i64,
) -> Result<(), StoreError> {
    offer(db, sinks, Table::Activity, id, revision)?;
    if accept {
        offer(db, sinks, Table::Accept, id, revision)?;
    }
    Ok(())
}

pub(super) fn offer(
    db: &Connection,
    sinks: &[SinkEntry],
    table: Table,
    id: i64,
    revision: i64,
) -> Result<(), StoreError> {
    for sink in sinks.iter().filter(|sink| sink.tables.contains(&table)) {
        db.prepare_cached("INSERT OR REPLACE INTO outbox (sink, tab, row, revision) VALUES (?1, ?2, ?3, ?4)")?
            .execute((sink.id, table.code(), id, revision))?;
    }
    Ok(())
}

impl Store {
    /// Makes the configured sinks known. A new one, or one that was away, is offered all that it has not been
    /// offered; one that is no longer configured keeps its waiting rows and gets no new ones.
    ///
    /// # Errors
    /// Nothing changes.
    pub fn use_sinks(&mut self, wanted: &[(String, Vec<Table>)], now: TimeMs) -> Result<Vec<SinkEntry>, StoreError> {
        self.transaction(now, |store| {
            let db = &store.db;
            db.execute(
                "UPDATE sink SET active = 0,
                     revision_enqueued = (SELECT coalesce(max(value), 0) FROM meta WHERE name = 'revision')
                 WHERE active = 1",
                [],
            )?;
            let mut sinks = Vec::new();
            for (name, tables) in wanted {
                db.execute("INSERT OR IGNORE INTO sink (name, active) VALUES (?1, 0)", [name])?;
                let id: i64 = db.query_row("SELECT id FROM sink WHERE name = ?1", [name], |row| row.get(0))?;
                catch_up(db, id, tables)?;
                let bits: i64 = tables.iter().map(|table| table.bit()).sum();
                db.execute("UPDATE sink SET active = 1, tables = ?2 WHERE id = ?1", (id, bits))?;
                sinks.push(SinkEntry { id, name: name.clone(), tables: tables.clone() });
            }
            store.sinks.clone_from(&sinks);
            Ok(sinks)
        })
    }

    /// The number of a sink in use.
    pub fn sink_id(&self, name: &str) -> Option<i64> {
        self.sinks.iter().find(|sink| sink.name == name).map(|sink| sink.id)
    }

    /// Whether rows wait for a sink.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn has_waiting(&self, sink: i64) -> Result<bool, StoreError> {
        Ok(self.db.query_row("SELECT EXISTS (SELECT 1 FROM outbox WHERE sink = ?1)", [sink], |row| row.get(0))?)
    }

    /// The next waiting rows of a sink after row number `after`, oldest first: at most `rows_max` of them and about
    /// `bytes_max` of JSON, appended to `json`.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn waiting(
        &mut self,
        sink: i64,
        table: Table,
        after: i64,
        rows_max: usize,
        bytes_max: usize,
        json: &mut Vec<u8>,
    ) -> Result<Vec<Waiting>, StoreError> {
        // One read transaction: each look-up would otherwise lock and unlock the file.
        let reading = self.db.unchecked_transaction()?;
        let entries: Vec<Entry> = {
            let mut statement = self.db.prepare_cached(
                "SELECT row, revision FROM outbox WHERE sink = ?1 AND tab = ?2 AND row > ?3 ORDER BY row LIMIT ?4",
            )?;
            let rows = statement.query_map((sink, table.code(), after, rows_max as i64), |row| {
                Ok(Entry { row: row.get(0)?, revision: row.get(1)? })
            })?;
            rows.collect::<Result<_, _>>()?
        };
        let mut context = Context { db: &self.db, texts: &mut self.decoder, tenant: &self.tenant };
        let mut waiting = Vec::with_capacity(entries.len());
        for entry in entries {
            let start = json.len();
            match table {
                Table::Access => delivered_json(&rows::access_numbered(&mut context, entry.row)?, json),
                Table::Activity => delivered_json(&rows::activity(&mut context, entry.row)?, json),
                Table::Gap => delivered_json(&rows::gap(&mut context, entry.row)?, json),
                Table::Accept => {
                    delivered_json_within(COLLECTOR_FIELD_BYTES_MAX, &rows::accept(&mut context, entry.row)?, json);
                }
                Table::Share => delivered_json(&share_row::share_numbered(&mut context, entry.row)?, json),
            }
            waiting.push(Waiting { entry, json: start..json.len() });
            if json.len() >= bytes_max {
                break;
            }
        }
        reading.finish()?;
        Ok(waiting)
    }

    /// The sink has these rows: they leave the outbox, unless a newer revision came meanwhile. One that was refused in
    /// an older revision is no dead letter any more.
    ///
    /// # Errors
    /// The entries stay, and the rows may be sent again.
    pub fn confirm(&mut self, sink: i64, table: Table, entries: &[Entry], now: TimeMs) -> Result<(), StoreError> {
        self.transaction(now, |store| {
            let mut statement = store
                .db
                .prepare_cached("DELETE FROM outbox WHERE sink = ?1 AND tab = ?2 AND row = ?3 AND revision = ?4")?;
            let mut revived = store.db.prepare_cached(
                "DELETE FROM dead_letter WHERE sink = ?1 AND tab = ?2 AND row = ?3 AND revision <= ?4",
            )?;
            for entry in entries {
                statement.execute((sink, table.code(), entry.row, entry.revision))?;
                revived.execute((sink, table.code(), entry.row, entry.revision))?;
            }
            Ok(())
        })
    }

    /// The sink will never take this row: it is set aside with the reason.
    ///
    /// # Errors
    /// The entry stays.
    pub fn set_aside(
        &mut self,
        sink: i64,
        table: Table,
        entry: Entry,
        reason: &str,
        now: TimeMs,
    ) -> Result<(), StoreError> {
        self.transaction(now, |store| {
            store.db.execute(
                "INSERT OR REPLACE INTO dead_letter (sink, tab, row, revision, reason, set_aside_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                (sink, table.code(), entry.row, entry.revision, reason, now.millis()),
            )?;
            store.db.execute(
                "DELETE FROM outbox WHERE sink = ?1 AND tab = ?2 AND row = ?3 AND revision = ?4",
                (sink, table.code(), entry.row, entry.revision),
            )?;
            Ok(())
        })
    }
}

/// Offers a sink what it has not been offered: everything to a new one, the rest to one that comes back.
fn catch_up(db: &Connection, sink: i64, tables: &[Table]) -> Result<(), StoreError> {
    let (had, revision): (i64, i64) =
        db.query_row("SELECT tables, revision_enqueued FROM sink WHERE id = ?1", [sink], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    for table in tables {
        let source = match table {
            Table::Access => "access WHERE",
            Table::Share => "share WHERE digest <> x'' AND",
            Table::Gap => "gap WHERE",
            Table::Activity => "activity WHERE",
            Table::Accept => "activity WHERE accept = 1 AND",
        };
        // A table that this sink did not take before starts from the beginning.
        let revision = if had & table.bit() == 0 { 0 } else { revision };
        db.execute(
            &format!(
                "INSERT OR REPLACE INTO outbox (sink, tab, row, revision) SELECT ?2, ?3, id, revision FROM {source} revision > ?1"
            ),
            (revision, sink, table.code()),
        )?;
    }
    Ok(())
}

/// The sinks that take rows.
pub(super) fn active(db: &Connection) -> Result<Vec<SinkEntry>, StoreError> {
    let mut statement = db.prepare("SELECT id, name, tables FROM sink WHERE active = 1 ORDER BY id")?;
    let sinks = statement.query_map([], |row| {
        let bits: i64 = row.get(2)?;
        let tables = Table::ALL.into_iter().filter(|table| bits & table.bit() != 0).collect();
        Ok(SinkEntry { id: row.get(0)?, name: row.get(1)?, tables })
    })?;
    Ok(sinks.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::super::{Advance, Arrival, Reader};
    use super::*;
    use crate::config::settings::StoreSettings;
    use trail::fold::Source;

    #[test]
    fn a_row_that_was_refused_and_is_taken_in_a_newer_revision_is_no_dead_letter() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let now = TimeMs(1_795_500_000_000);
        let mut store = Store::open(&path, None, &StoreSettings::default()).unwrap();
        let sink = store.use_sinks(&[("logs".to_owned(), vec![Table::Gap])], now).unwrap()[0].id;
        let feed = store.feed("defender", Source::Defender, now).unwrap();
        let dead_letters = || Reader::open(&path).unwrap().status(now).unwrap().sinks[0].dead_letters;
        let next = |store: &mut Store, to| {
            store.add_gap(&feed, TimeMs(0), TimeMs(to), "away", now).unwrap();
            store.waiting(sink, Table::Gap, i64::MIN, 10, 1 << 20, &mut Vec::new()).unwrap()[0].entry
        };
        let entry = next(&mut store, 1);
        store.set_aside(sink, Table::Gap, entry, "413", now).unwrap();
        assert_eq!(dead_letters(), 1);
        let entry = next(&mut store, 2);
        store.confirm(sink, Table::Gap, &[entry], now).unwrap();
        assert_eq!(dead_letters(), 0);
    }
    #[test]
    fn a_sink_that_comes_back_is_offered_activities_that_changed_while_it_was_away() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let now = TimeMs(1_795_500_000_000);
        let mut store = Store::open(&path, None, &StoreSettings::default()).unwrap();
        let sinks = [("logs".to_owned(), vec![Table::Activity])];
        let sink = store.use_sinks(&sinks, now).unwrap()[0].id;
        let feed = store.feed("import", Source::Import, now).unwrap();
        let take = |store: &mut Store, number: u8, file: &str| {
            let record = format!(
                r#"{{"Id":"00000000-0000-4000-8000-00000000000{number}","CreationTime":"2026-10-01T10:00:00","RecordType":6,
                "Operation":"FileMoved","Workload":"SharePoint","UserId":"li@fabrikam.example","ObjectId":"https://c/{file}"}}"#
            );
            store.take_page(&feed, [Arrival::Record(&record)], Advance::Stay, now).unwrap()
        };
        let waiting = |store: &mut Store| -> Vec<Entry> {
            let waiting = store.waiting(sink, Table::Activity, i64::MIN, 10, 1 << 20, &mut Vec::new()).unwrap();
            waiting.iter().map(|waiting| waiting.entry).collect()
        };
        take(&mut store, 1, "a");
        take(&mut store, 2, "b");
        let entries = waiting(&mut store);
        store.confirm(sink, Table::Activity, &entries, now).unwrap();

        store.use_sinks(&[], now).unwrap();
        assert_eq!(take(&mut store, 1, "another").updated, 1);
        take(&mut store, 3, "c");
        store.use_sinks(&sinks, now).unwrap();
        let rows: Vec<i64> = waiting(&mut store).iter().map(|entry| entry.row).collect();
        assert_eq!(rows, [1, 3], "the one that changed and the one that is new");
    }
}
