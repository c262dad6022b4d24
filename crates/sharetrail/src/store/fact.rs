//! Activities as `trail` concludes from them, out of the store's columns.

use std::sync::Arc;

use rusqlite::{Connection, Params, Row as SqlRow};
use trail::identity::{self, Domains};
use trail::record::lower_id;
use trail::{Record, RecordId, Target, TimeMs, operation};

use super::text::Decoder;
use super::{StoreError, codes};

/// What reading facts needs.
pub(super) struct Facts<'a> {
    pub(super) db: &'a Connection,
    pub(super) texts: &'a mut Decoder,
    pub(super) domains: &'a Domains,
}

const COLUMNS: &str =
    "activity.id, record_id, time, operation, activity.person, kind, item, path, url, name, item_type,
    site, destination, link, scope, event_data, correlation, session, activity.ip, client_kind, label, site_label, policies,
    EXISTS (SELECT 1 FROM target WHERE target.activity = activity.id)";

impl Facts<'_> {
    /// The records for which `condition` holds on `activity`, in order of (time, id), with their activities' numbers.
    /// What does not say when it happened concludes nothing and is left out.
    pub(super) fn records(
        &mut self,
        condition: &str,
        parameters: impl Params,
    ) -> Result<Vec<(i64, Record)>, StoreError> {
        let mut records = Vec::new();
        self.each(&format!("({condition}) ORDER BY time, record_id"), parameters, |id, record| {
            records.push((id, record));
            true
        })?;
        Ok(records)
    }

    /// Calls `take` with the records for which `condition` holds, in the order that it names, until it answers `false`.
    pub(super) fn each(
        &mut self,
        condition: &str,
        parameters: impl Params,
        mut take: impl FnMut(i64, Record) -> bool,
    ) -> Result<(), StoreError> {
        // The planner shall begin with the activities, whatever it thinks of actors.
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM activity CROSS JOIN actor ON actor.id = activity.actor
             WHERE time IS NOT NULL AND {condition}"
        ))?;
        let mut rows = statement.query(parameters)?;
        while let Some(row) = rows.next()? {
            if !take(row.get(0)?, self.record(row)?) {
                break;
            }
        }
        Ok(())
    }

    fn record(&mut self, row: &SqlRow<'_>) -> Result<Record, StoreError> {
        let operation = self.optional(row, 3)?.unwrap_or_default();
        Ok(Record {
            id: RecordId(row.get(1)?),
            time: TimeMs(row.get(2)?),
            class: operation::classify(&operation),
            operation,
            person: self.texts.text(self.db, row.get(4)?)?,
            person_kind: codes::person_kind_of(row.get(5)?),
            item: self.optional(row, 6)?,
            path: self.optional(row, 7)?,
            url: self.optional(row, 8)?,
            name: self.optional(row, 9)?,
            item_type: self.optional(row, 10)?,
            site: self.optional(row, 11)?,
            destination: self.optional(row, 12)?,
            link: self.optional(row, 13)?,
            scope: self.optional(row, 14)?,
            event_data: self.optional(row, 15)?,
            correlation: self.id(row, 16)?,
            session: self.id(row, 17)?,
            ip: self.optional(row, 18)?,
            client: codes::client_kind_of(row.get(19)?),
            label: self.id(row, 20)?,
            site_label: self.id(row, 21)?,
            policies: self.optional(row, 22)?,
            targets: if row.get(23)? { self.targets(row.get(0)?)? } else { Vec::new() },
        })
    }

    fn targets(&mut self, activity: i64) -> Result<Vec<(Arc<str>, identity::Recipient)>, StoreError> {
        let mut statement = self.db.prepare_cached("SELECT name, kind FROM target WHERE activity = ?1")?;
        let mut rows = statement.query([activity])?;
        let mut targets = Vec::new();
        while let Some(row) = rows.next()? {
            let name = self.texts.text(self.db, row.get(0)?)?;
            let kind = self.texts.text(self.db, row.get(1)?)?;
            let target = Target {
                name: name.to_string().into(),
                kind: Some(kind.to_string().into()).filter(|_| !kind.is_empty()),
            };
            targets.push((name, identity::recipient(&target, self.domains)));
        }
        // By name, as folding leaves them: numbers depend on the order of arrival.
        targets.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(targets)
    }

    fn optional(&mut self, row: &SqlRow<'_>, column: usize) -> Result<Option<Arc<str>>, StoreError> {
        self.texts.optional(self.db, row.get(column)?)
    }

    fn id(&mut self, row: &SqlRow<'_>, column: usize) -> Result<Option<Arc<str>>, StoreError> {
        Ok(self.optional(row, column)?.as_deref().map(lower_id))
    }
}
