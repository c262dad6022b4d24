//! What was delivered: rows by table, in order of arrival, with what is worth counting.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::services::data_collector::Schema;
use crate::world::locked;

/// What was counted at one table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TableCounters {
    /// Deliveries that were accepted.
    pub requests: u64,
    /// Bytes of their bodies as sent.
    pub wire_bytes: u64,
    /// Bytes of their bodies after decompression.
    pub raw_bytes: u64,
    /// Rows that were accepted.
    pub rows: u64,
    /// Rows whose id and revision had arrived before.
    pub duplicates: u64,
    /// Rows with neither an id nor a record's id, which cannot be told apart.
    pub without_id: u64,
}

#[derive(Debug, Default)]
struct Table {
    rows: Vec<Box<str>>,
    /// How many rows each delivery had, while rows are kept.
    batches: Vec<usize>,
    counters: TableCounters,
    /// Hashes of (id, revision). 128 bits: two of a hundred million rows are mistaken once in 10^22 cases.
    seen: HashSet<u128>,
}

/// All tables of the workspace.
#[derive(Debug)]
pub(crate) struct Tables {
    keep_rows: bool,
    tables: Mutex<BTreeMap<String, Table>>,
    /// Columns that the Data Collector has made, by table.
    schemas: Mutex<BTreeMap<String, Schema>>,
}

impl Tables {
    pub(crate) fn new(keep_rows: bool) -> Tables {
        Tables { keep_rows, tables: Mutex::default(), schemas: Mutex::default() }
    }

    /// Adds the rows of one delivery.
    pub(crate) fn add(&self, table: &str, rows: Vec<Box<str>>, wire_bytes: usize, raw_bytes: usize) {
        let mut tables = locked(&self.tables);
        let table = tables.entry(table.to_owned()).or_default();
        table.counters.requests += 1;
        table.counters.wire_bytes += wire_bytes as u64;
        table.counters.raw_bytes += raw_bytes as u64;
        table.counters.rows += rows.len() as u64;
        for row in &rows {
            match identity(row) {
                Some(identity) => table.counters.duplicates += u64::from(!table.seen.insert(identity)),
                None => table.counters.without_id += 1,
            }
        }
        if self.keep_rows {
            table.batches.push(rows.len());
            table.rows.extend(rows);
        }
    }

    /// The columns of the Data Collector's tables.
    pub(crate) fn schemas(&self) -> MutexGuard<'_, BTreeMap<String, Schema>> {
        locked(&self.schemas)
    }

    /// Whether the table has had a delivery.
    pub(crate) fn exists(&self, table: &str) -> bool {
        locked(&self.tables).contains_key(table)
    }

    /// The rows of a table, in order.
    pub(crate) fn rows(&self, table: &str) -> Vec<String> {
        locked(&self.tables)
            .get(table)
            .map(|table| table.rows.iter().map(|row| row.to_string()).collect())
            .unwrap_or_default()
    }

    /// How many rows each delivery to a table had, in order.
    pub(crate) fn batches(&self, table: &str) -> Vec<usize> {
        locked(&self.tables).get(table).map(|table| table.batches.clone()).unwrap_or_default()
    }

    pub(crate) fn counters(&self) -> BTreeMap<String, TableCounters> {
        locked(&self.tables).iter().map(|(name, table)| (name.clone(), table.counters.clone())).collect()
    }
}

/// What makes a row the same as another: its id and revision.
fn identity(row: &str) -> Option<u128> {
    #[derive(Deserialize)]
    struct Ids<'a> {
        #[serde(rename = "AccessId", borrow)]
        access: Option<&'a RawValue>,
        #[serde(rename = "GapId", borrow)]
        gap: Option<&'a RawValue>,
        #[serde(rename = "ActivityId", borrow)]
        activity: Option<&'a RawValue>,
        /// Last: an access names its share, too.
        #[serde(rename = "ShareId", borrow)]
        share: Option<&'a RawValue>,
        #[serde(rename = "Revision", borrow)]
        revision: Option<&'a RawValue>,
    }
    let ids: Ids<'_> = serde_json::from_str(row).ok()?;
    let id = ids.access.or(ids.gap).or(ids.activity).or(ids.share)?.get();
    let revision = ids.revision.map(RawValue::get);
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, id, revision).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    Some(half(0) << 64 | half(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(texts: &[&str]) -> Vec<Box<str>> {
        texts.iter().map(|text| (*text).into()).collect()
    }

    #[test]
    fn a_row_is_a_duplicate_only_with_the_same_id_and_revision() {
        let tables = Tables::new(true);
        let first = rows(&[
            r#"{"AccessId":"a","Revision":1,"ShareId":"s"}"#,
            r#"{"AccessId":"a","Revision":2,"ShareId":"s"}"#,
            r#"{"AccessId":"b","Revision":1,"ShareId":"s"}"#,
        ]);
        tables.add("T", first, 10, 20);
        tables.add("T", rows(&[r#"{"Revision":2,"AccessId":"a"}"#, r#"{"Other":1}"#]), 1, 2);
        let counters = tables.counters().remove("T").unwrap_or_default();
        let expected =
            TableCounters { requests: 2, wire_bytes: 11, raw_bytes: 22, rows: 5, duplicates: 1, without_id: 1 };
        assert_eq!(counters, expected);
        assert_eq!(tables.rows("T").len(), 5);
        assert!(tables.exists("T") && !tables.exists("U"));
    }

    #[test]
    fn a_load_run_counts_without_keeping() {
        let tables = Tables::new(false);
        tables.add("T", rows(&[r#"{"AccessId":"a"}"#]), 1, 1);
        assert_eq!(tables.counters().get("T").map(|counters| counters.rows), Some(1));
        assert!(tables.rows("T").is_empty());
    }
}
