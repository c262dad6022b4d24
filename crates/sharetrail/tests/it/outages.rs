//! What is away for long: a sink that is down for days, a store that has no room, a feed that was not read.

use emulator::story::StoredActivity;
use rusqlite::Connection;

use crate::support::{Lab, now_ms, record, stored_at, tenant_of};

const DAY_MS: i64 = 86_400_000;

/// A record that Defender lists only now.
fn late(number: u32, minutes_ago: i64) -> StoredActivity {
    stored_at(&record(number, "FileDownloaded", minutes_ago, |_| {}), now_ms() - 360_000)
}

fn store(lab: &Lab) -> Connection {
    Connection::open(lab.folder.at("sharetrail.db")).unwrap()
}

#[test]
fn a_sink_that_is_down_for_days_costs_nothing_and_then_gets_the_latest_revisions_only() {
    let lab = Lab::of(tenant_of(vec![record(1, "FileDownloaded", 100, |_| {})]));
    lab.play(&["ingestion:always:503"]);
    lab.collect().with_code(3).saying("the rows wait for the next pass");
    // Three days of it.
    store(&lab).execute("UPDATE sink SET failing_since = failing_since - ?1", [3 * DAY_MS]).unwrap();
    for (number, minutes_ago) in [(2, 98), (3, 96), (4, 40)] {
        lab.emulator.append(vec![late(number, minutes_ago)]);
        lab.collect().with_code(3).printing("1 stored");
    }
    let status = lab.folder.status();
    let sink = &status["sinks"][0];
    assert_eq!((&sink["outbox"], &sink["dead_letters"]), (&2.into(), &0.into()), "{status}");
    let since: jiff::Timestamp = sink["failing_since"].as_str().unwrap().parse().unwrap();
    assert!(now_ms() - since.as_millisecond() > 2 * DAY_MS, "the first failure counts: {status}");
    assert!(sink["last_confirmed_at"].is_null());
    lab.folder.run(["status"]).with_code(0).printing("2 rows waiting").printing("failing since").printing("503");

    lab.play(&[]);
    lab.collect().with_code(0).printing("2 rows delivered");
    let revisions: Vec<_> = lab.folder.report("access").iter().map(|access| access["revision"].clone()).collect();
    let mut arrived: Vec<_> = lab.arrived().iter().map(|row| row["Revision"].clone()).collect();
    arrived.sort_by_key(|revision| revisions.iter().position(|known| known == revision));
    assert_eq!(arrived, revisions, "each access once, as it is now");
    let sink = lab.folder.status()["sinks"][0].clone();
    assert!(sink["failing_since"].is_null() && sink["last_error"].is_null(), "{sink}");
    assert!(sink["last_confirmed_at"].is_string(), "{sink}");
}

/// As if the store had grown by so much.
fn grow(lab: &Lab, bytes: i64) {
    let sql = "INSERT INTO block (id, raw_bytes, data) SELECT min(min(id), 0) - 1, 0, zeroblob(?1) FROM block";
    store(lab).execute(sql, [bytes]).unwrap();
}

#[test]
fn a_store_warns_at_four_fifths_of_its_limit_pauses_at_the_limit_and_goes_on_when_that_is_raised() {
    const LIMIT: i64 = 16 * 1024 * 1024;
    let lab = Lab::of(tenant_of(vec![record(1, "FileDownloaded", 100, |_| {})]));
    lab.configure(|configuration| configuration.set("store.store_bytes_max", LIMIT));
    let quiet = lab.collect().with_code(0);
    assert!(!quiet.stderr.contains("store_bytes_max"), "{quiet}");
    assert!(!lab.folder.run(["status"]).stdout.contains("store_bytes_max"));

    grow(&lab, 14_000_000);
    lab.emulator.append(vec![late(2, 70)]);
    lab.collect().with_code(0).saying("four fifths of store.store_bytes_max").printing("1 stored");
    lab.folder.run(["status"]).with_code(0).printing("% of store.store_bytes_max").printing("collection pauses");
    assert_eq!(lab.folder.status()["bytes_max"], LIMIT);

    grow(&lab, 4_000_000);
    lab.emulator.append(vec![late(3, 40)]);
    // Nothing waits for the sink either, so this pass could do nothing at all.
    lab.collect().with_code(1).saying("collection pauses and nothing is lost").saying("raise the limit");
    let status = lab.folder.status();
    assert_eq!(status["activities"], 2, "nothing more is stored: {status}");
    assert!(status["feeds"][0]["last_error"].as_str().unwrap().contains("store_bytes_max"), "{status}");

    lab.configure(|configuration| configuration.set("store.store_bytes_max", 4 * LIMIT));
    lab.collect().with_code(0).printing("1 stored");
    assert_eq!(lab.arrived().len(), 3);
}

#[test]
fn a_gap_waits_for_a_sink_that_is_down_and_is_delivered_with_its_words() {
    let lab = Lab::of(tenant_of(vec![record(1, "FileDownloaded", 100, |_| {})]));
    lab.collect().with_code(0);
    // As if the last pass had been six weeks ago.
    store(&lab).execute("UPDATE feed SET position = position - ?1", [42 * DAY_MS]).unwrap();
    lab.play(&["ingestion:always:503"]);
    lab.collect().with_code(3).saying("`report gaps` lists them");
    lab.folder.run(["status"]).with_code(0).printing("gaps: 1 (`report gaps` lists them)");
    lab.play(&[]);
    lab.collect().with_code(0);
    let [gap] = &lab.folder.report("gaps")[..] else { panic!("one gap") };
    let [delivered] = &lab.rows("ShareTrailGap_CL")[..] else { panic!("one row") };
    for (column, key) in
        [("GapId", "gap_id"), ("FromTime", "from_time"), ("ToTime", "to_time"), ("Reason", "reason"), ("Feed", "feed")]
    {
        assert_eq!(delivered[column], gap[key], "{column}");
    }
    assert!(gap["reason"].as_str().unwrap().contains("30 days"), "{gap}");
}
