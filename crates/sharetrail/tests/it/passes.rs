//! One pass after another: nothing twice, and what comes late corrects what was said.

use emulator::story::truth::TrueAccess;
use emulator::story::{StoredActivity, Tenant};
use serde_json::Value;

use crate::support::{Lab, held_back, now_ms, record, seeded, standing, stored_at, tenant_of};

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
    let is_about =
        |row: &&Value| row["EvidenceIds"].as_array().unwrap().iter().any(|id| records.iter().any(|r| id == r));
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

    lab.collect().with_code(0).printing(" 1 stored").printing("1 row delivered");
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
    let at = |number, minutes_ago| record(number, "FileDownloaded", minutes_ago, |_| {});
    let lab = Lab::of(tenant_of(vec![at(1, 100), at(3, 92)]));
    lab.collect().with_code(0);
    let [first, second] = &lab.arrived()[..] else { panic!("eight minutes apart are two accesses") };
    let (first, second) = (first.clone(), second.clone());
    lab.emulator.append(vec![stored_at(&at(2, 96), now_ms() - 6 * MINUTE_MS)]);

    lab.collect().with_code(0).printing("2 rows delivered");
    let rows = standing(&lab.arrived());
    let [joined] = &rows[..] else { panic!("{rows:#?}") };
    assert_eq!((&joined["AccessId"], &joined["Records"]), (&first["AccessId"], &3.into()));
    assert_eq!(joined["LastAt"], second["LastAt"]);
    let report = lab.folder.report("access");
    assert_eq!(report.len(), 1);
    assert_eq!(report[0]["records"], 3);
}

#[test]
fn a_gap_is_told_and_delivered_when_the_program_was_away_for_too_long() {
    let lab = Lab::of(tenant_of(vec![record(1, "FileDownloaded", 100, |_| {})]));
    lab.collect().with_code(0);
    assert!(lab.folder.report("gaps").is_empty());
    // As if the last pass had been six weeks ago.
    let store = rusqlite::Connection::open(lab.folder.at("sharetrail.db")).unwrap();
    store.execute("UPDATE feed SET position = position - 42 * 86400000", []).unwrap();
    drop(store);
    lab.collect().saying("gap");
    let gaps = lab.folder.report("gaps");
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert_eq!(gaps[0]["feed"], "defender");
    let delivered = lab.rows("ShareTrailGap_CL");
    assert_eq!(delivered.len(), 1, "{delivered:?}");
    assert_eq!(delivered[0]["GapId"], gaps[0]["gap_id"]);
}

#[test]
fn an_event_category_that_the_tenant_does_not_know_is_told_with_those_that_it_knows() {
    let lab = Lab::seeded(15, 2_000);
    let names = |second: &str| vec!["EVENT_CATEGORY_ACCEPT_SHARE_FILE".to_owned(), second.to_owned()];
    lab.configure(|it| it.set("tenant.defender.event_types", names("EVENT_CATEGORY_ACCEPT_SHARE_FIEL")));
    lab.collect()
        .with_code(0)
        .saying("names EVENT_CATEGORY_ACCEPT_SHARE_FIEL, which")
        .saying("EVENT_CATEGORY_ACCEPT_SHARE_FILE");
    lab.configure(|it| it.set("tenant.defender.event_types", names("EVENT_CATEGORY_UNSPECIFIED")));
    let ended = lab.collect().with_code(0);
    assert!(!ended.stderr.contains("event_types"), "{ended}");
}
