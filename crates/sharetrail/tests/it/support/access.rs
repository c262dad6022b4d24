//! Accesses, from wherever they are told, in one form that can be compared.

use std::collections::BTreeMap;

use emulator::story::Truth;
use serde_json::Value;
use sharetrail::rows::{self, Row};
use trail::TimeMs;

/// What is compared of an access, field by field. The first three fields bring two lists into the same order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Access {
    pub first_at: String,
    pub records: Vec<String>,
    pub item_id: String,
    pub person: String,
    pub person_kind: String,
    pub action: String,
    pub item_url: String,
    pub last_at: String,
}

/// As the tenant's story tells them.
pub fn told(truth: &Truth) -> Vec<Access> {
    let accesses = truth.accesses.iter().map(|access| Access {
        first_at: TimeMs(access.first_at_ms).to_string(),
        records: access.records.clone(),
        item_id: access.item_id.clone(),
        person: access.person.clone(),
        person_kind: access.person_kind.clone(),
        action: access.action.clone(),
        item_url: access.item_url.clone(),
        last_at: TimeMs(access.last_at_ms).to_string(),
    });
    sorted(accesses.collect())
}

/// As a JSON report has them.
pub fn reported(rows: &[Value]) -> Vec<Access> {
    let accesses = rows.iter().map(|row| {
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        Access {
            first_at: text("time_generated"),
            records: row["evidence_ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect(),
            item_id: text("item_id"),
            person: text("person"),
            person_kind: text("person_kind"),
            action: text("action"),
            item_url: text("item_url"),
            last_at: text("last_at"),
        }
    });
    sorted(accesses.collect())
}

fn sorted(mut accesses: Vec<Access>) -> Vec<Access> {
    accesses.sort();
    accesses
}

/// Delivered rows as readers of the table take them: the latest revision of each id, without the withdrawn ones.
pub fn standing(rows: &[Value]) -> Vec<Value> {
    let mut latest: BTreeMap<&str, &Value> = BTreeMap::new();
    for row in rows {
        let known = latest.entry(row["AccessId"].as_str().unwrap()).or_insert(row);
        if row["Revision"].as_i64().unwrap() >= known["Revision"].as_i64().unwrap() {
            *known = row;
        }
    }
    latest.into_values().filter(|row| row["Withdrawn"] != true).cloned().collect()
}

/// A delivered row under the names of a report, without what only delivered rows bear.
pub fn as_reported(row: &Value) -> Value {
    let columns = rows::Access::COLUMNS.iter().filter(|column| column.reported);
    columns.map(|column| (column.key.to_owned(), row[column.name].clone())).collect::<serde_json::Map<_, _>>().into()
}
