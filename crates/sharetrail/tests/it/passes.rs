//! One pass after another: nothing twice, and what comes late corrects what was said.

use emulator::story::truth::TrueAccess;
use emulator::story::{StoredActivity, Tenant};
use serde_json::Value;

use crate::support::{Lab, held_back, now_ms, seeded, stored_at};

const MINUTE_MS: i64 = 60_000;

/// An access of at least three records, as an example.
fn long_access(tenant: &Tenant) -> TrueAccess {
    tenant.truth.accesses.iter().find(|access| access.records.len() >= 3).unwrap().clone()
}

/// Defender stores the activities now: within what a pass reads again, and behind where it ends.
fn arriving_now(activities: &[StoredActivity]) -> Vec<StoredActivity> {
    activities.iter().map(|activity| stored_at(activity, now_ms() - 6 * MINUTE_MS)).collect()
}

/// Rows that bear one of the records as evidence.
fn rows_about(rows: &[Value], records: &[String]) -> Vec<Value> {
    let is_about = |row: &&Value| row["EvidenceIds"].as_array().unwrap().iter().any(|id| records.iter().any(|r| id == r));
    rows.iter().filter(is_about).cloned().collect()
}

#[test]
fn a_second_pass_stores_nothing_and_delivers_nothing() {
    let lab = Lab::seeded(12, 3_000);
    lab.collect().with_code(0);
    let arrived = lab.arrived().len();
    let activities = lab.folder.status()["activities"].clone();
    lab.collect().with_code(0).printing(" 0 stored").printing("0 rows delivered");
    assert_eq!(lab.arrived().len(), arrived);
    let status = lab.folder.status();
    assert_eq!(status["activities"], activities);
    assert_eq!(status["sinks"][0]["outbox"], 0);
    assert_eq!(status["recompute_backlog"], 0);
    lab.assert_all_is_told();
}

#[test]
fn a_late_record_changes_its_access_under_the_same_id_and_a_higher_revision() {
    let mut tenant = seeded(13, 3_000, now_ms());
    let access = long_access(&tenant);
    let late = held_back(&mut tenant, &[access.records.last().unwrap()]);
    let lab = Lab::of(tenant);
    lab.collect().with_code(0);
    lab.collect().with_code(0).printing("0 rows delivered");
    let [before] = &rows_about(&lab.arrived(), &access.records)[..] else { panic!("one access") };
    let before = before.clone();
    lab.emulator.append(arriving_now(&late));

    lab.collect().with_code(0).printing(" 1 stored").printing("1 rows delivered");
    let [_, after] = &rows_about(&lab.arrived(), &access.records)[..] else { panic!("two revisions") };
    assert_eq!(after["AccessId"], before["AccessId"]);
    assert!(after["Revision"].as_i64() > before["Revision"].as_i64());
    assert_eq!(after["Records"].as_i64(), before["Records"].as_i64().map(|records| records + 1));
    lab.assert_all_is_told();
}

#[test]
fn an_access_that_an_earlier_record_joins_is_withdrawn_and_replaced() {
    let mut tenant = seeded(14, 3_000, now_ms());
    let access = long_access(&tenant);
    let late = held_back(&mut tenant, &[access.records.first().unwrap()]);
    let lab = Lab::of(tenant);
    lab.collect().with_code(0);
    let first_pass = lab.arrived();
    lab.emulator.append(arriving_now(&late));

    lab.collect().with_code(0).printing(" 1 stored").printing("2 rows delivered");
    let rows = lab.arrived();
    let second_pass = &rows[first_pass.len()..];
    let [old] = &rows_about(&first_pass, &access.records)[..] else { panic!("one access") };
    let withdrawn = second_pass.iter().find(|row| row["Withdrawn"] == true).unwrap();
    let replacing = second_pass.iter().find(|row| row["Withdrawn"] != true).unwrap();
    assert_eq!(withdrawn["AccessId"], old["AccessId"]);
    assert!(withdrawn["Revision"].as_i64() > old["Revision"].as_i64());
    assert_ne!(replacing["AccessId"], old["AccessId"]);
    lab.assert_all_is_told();
}

#[test]
fn two_accesses_become_one_when_the_record_between_them_comes_late() {
    let mut tenant = seeded(15, 3_000, now_ms());
    let gap_ms = 5 * MINUTE_MS;
    let times = |tenant: &Tenant, id: &str| {
        tenant.activities.iter().find(|activity| activity.id.ends_with(id)).map(|activity| activity.timestamp_ms).unwrap()
    };
    // An access that falls in two without one of its inner records.
    let Some((access, middle)) = tenant.truth.accesses.iter().find_map(|access| {
        let at: Vec<i64> = access.records.iter().map(|id| times(&tenant, id)).collect();
        let falls = at.windows(3).position(|three| three[2] - three[0] > gap_ms && three[2] - three[1] <= gap_ms)?;
        Some((access.clone(), access.records[falls + 1].clone()))
    }) else {
        panic!("the story has no such access: choose another seed")
    };
    let late = held_back(&mut tenant, &[&middle]);
    let lab = Lab::of(tenant);
    lab.collect().with_code(0);
    assert_eq!(rows_about(&lab.arrived(), &access.records).len(), 2);
    lab.emulator.append(arriving_now(&late));
    lab.collect().with_code(0);
    lab.assert_all_is_told();
}
