//! What the emulator knows to be true, held against the store and the workspace.

use std::collections::{BTreeMap, BTreeSet};

use emulator::story::{StoredActivity, Tenant};
use serde_json::Value;

use crate::support::{Lab, as_reported, now_ms, reported, standing, told};

/// The services that the tests ask Defender for.
pub const SERVICES: [u32; 4] = [20_892, 15_600, 28_375, 11_161];

/// Tables with rows that have an id of their own, and the column that it is in.
pub const TABLES: [(&str, &str); 4] = [
    ("ShareTrailAccess_CL", "AccessId"),
    ("ShareTrailShare_CL", "ShareId"),
    ("ShareTrailGap_CL", "GapId"),
    ("ShareTrailActivity_CL", "ActivityId"),
];

/// What is wrong in the end; all empty when nothing is.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Wrong {
    /// Records that are in the service and not in the store.
    pub lost: u64,
    /// Records that are in the store twice.
    pub stored_twice: u64,
    /// Accesses of the story that the report or the workspace does not have, or has otherwise.
    pub untold: u64,
    /// Accesses that are not in the story.
    pub invented: u64,
    /// Rows of the reports that the workspace does not have in their latest revision.
    pub undelivered: u64,
    /// Rows that arrived again under the same id and revision with another content.
    pub contradicted: u64,
}

/// Compares all of it. `records` is how many different records the service has.
pub fn wrong(lab: &Lab, records: u64) -> Wrong {
    let status = lab.folder.status();
    let feed = &status["feeds"][0];
    let number = |value: &Value| value.as_u64().unwrap_or(0);
    let (stored, not_kept) = (number(&feed["stored"]), number(&feed["not_kept"]));
    let activities = number(&status["activities"]);
    let (expected, workspace) = (told(&lab.truth), lab.arrived());
    let delivered: Vec<Value> = standing(&workspace).iter().map(as_reported).collect();
    let mut wrong = Wrong {
        lost: records.saturating_sub(activities + not_kept),
        stored_twice: stored.saturating_sub(activities) + (activities + not_kept).saturating_sub(records),
        ..Wrong::default()
    };
    for found in [reported(&lab.folder.report("access")), reported(&delivered)] {
        let (found, expected): (BTreeSet<_>, BTreeSet<_>) =
            (found.into_iter().collect(), expected.iter().cloned().collect());
        wrong.untold = wrong.untold.max(expected.difference(&found).count() as u64);
        wrong.invented = wrong.invented.max(found.difference(&expected).count() as u64);
    }
    for (kind, table, column, key) in [
        ("access", "ShareTrailAccess_CL", "AccessId", "access_id"),
        ("shares", "ShareTrailShare_CL", "ShareId", "share_id"),
        ("gaps", "ShareTrailGap_CL", "GapId", "gap_id"),
    ] {
        let arrived: BTreeSet<(String, i64)> =
            lab.rows(table).iter().map(|row| (row[column].to_string(), row["Revision"].as_i64().unwrap())).collect();
        let is_missing =
            |row: &&Value| !arrived.contains(&(row[key].to_string(), row["revision"].as_i64().unwrap_or_default()));
        wrong.undelivered += lab.folder.report(kind).iter().filter(is_missing).count() as u64;
    }
    wrong.contradicted = repeats(lab).1;
    wrong
}

/// Rows that arrived again under the same id and revision, and how many of them with another content.
pub fn repeats(lab: &Lab) -> (u64, u64) {
    let (mut again, mut otherwise) = (0, 0);
    for (table, column) in TABLES {
        let mut seen: BTreeMap<(String, String), Value> = BTreeMap::new();
        for row in lab.rows(table) {
            let key = (row[column].to_string(), row["Revision"].to_string());
            match seen.get(&key) {
                Some(first) => {
                    again += 1;
                    otherwise += u64::from(*first != row);
                }
                None => drop(seen.insert(key, row)),
            }
        }
    }
    (again, otherwise)
}

/// How many different records a pass that begins now can have: those of the services it asks for, less what Defender
/// stored in the last minutes, which is left for the next pass.
pub fn records_within_reach(tenant: &Tenant) -> u64 {
    let now_ms = now_ms();
    let is_within_reach =
        |activity: &&StoredActivity| SERVICES.contains(&activity.app_id) && activity.created_ms < now_ms - 6 * 60_000;
    let ids: BTreeSet<String> = tenant.activities.iter().filter(is_within_reach).map(audit_id).collect();
    ids.len() as u64
}

fn audit_id(activity: &StoredActivity) -> String {
    let record: Value = serde_json::from_str(activity.audit_json()).unwrap();
    record["Id"].as_str().unwrap().to_owned()
}
