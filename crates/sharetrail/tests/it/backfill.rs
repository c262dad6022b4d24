//! An older range is read without disturbing the positions, once, and goes on where it was interrupted.

use emulator::QueryLife;
use emulator::faults::Route;
use serde_json::Value;
use trail::TimeMs;

use crate::feed::feed_of;
use crate::support::{Configuration, Ended, Lab, now_ms, record, tenant_of, until};

const DAY_MS: i64 = 86_400_000;

/// So many days ago, as people type it.
fn days_ago(days: i64) -> String {
    TimeMs(now_ms() - days * DAY_MS).to_string()
}

/// A lab whose feed begins three days ago, though the tenant has records of four weeks.
fn lately_collected(seed: u64) -> Lab {
    let lab = Lab::seeded(seed, 3_000);
    lab.configure(|it| it.set("tenant.defender.look_back_days", 3).set("tenant.defender.page_records", 500));
    lab.collect().with_code(0);
    lab
}

fn backfill(lab: &Lab, from: &str, to: &str) -> Ended {
    lab.folder.run(["backfill", "--from", from, "--to", to])
}

fn position(lab: &Lab) -> Value {
    lab.folder.status()["feeds"][0]["position"].clone()
}

#[test]
fn an_older_range_completes_the_answer_and_moves_no_position() {
    let lab = lately_collected(51);
    let (before, known) = (position(&lab), lab.folder.status()["activities"].as_i64().unwrap());
    let (from, to) = (days_ago(29), days_ago(2));
    backfill(&lab, &from, &to).with_code(0).saying("reading").printing("rows delivered");
    assert_eq!(position(&lab), before);
    assert!(lab.folder.status()["activities"].as_i64().unwrap() > known);
    lab.assert_all_is_told();

    backfill(&lab, &from, &to).with_code(0).printing(" 0 stored").printing(" 0 rows delivered");
    assert_eq!(position(&lab), before);
}

#[test]
fn a_share_that_was_read_later_explains_the_access_that_had_been_unknown() {
    let ten_days = 10 * 24 * 60;
    let shared = record(1, "AddedToSecureLink", ten_days, |audit| {
        audit["UserId"] = "anna@contoso.example".into();
        audit["RecordType"] = 14.into();
        audit["UniqueSharingId"] = "dddddddd-0000-4000-8000-000000000001".into();
        audit["TargetUserOrGroupName"] = "li.wang@fabrikam.example".into();
        audit["TargetUserOrGroupType"] = "Guest".into();
    });
    let lab = Lab::of(tenant_of(vec![shared, record(2, "FileDownloaded", 60, |_| {})]));
    lab.configure(|it| it.set("tenant.defender.look_back_days", 3));
    lab.collect().with_code(0);
    let told = || {
        let access = &lab.folder.report("access")[0];
        (access["match_rule"].clone(), access["confidence"].clone())
    };
    assert_eq!(told(), ("none".into(), "unknown".into()));
    backfill(&lab, &days_ago(12), &days_ago(2)).with_code(0).printing("1 row delivered");
    assert_eq!(told(), ("recipient_item".into(), "certain".into()));
}

#[test]
fn what_another_source_has_read_closes_the_gap_of_a_feed() {
    let made = record(1, "FileUploaded", 10 * 24 * 60, |audit| audit["UserId"] = "anna@contoso.example".into());
    let lab = Lab::with(tenant_of(vec![made, record(2, "FileDownloaded", 60, |_| {})]), |options| {
        options.graph.query_life = QueryLife::Polls { running: 0, succeeded: 1 };
    });
    // What employees do to their own files is kept, too: that the file was made is to be seen.
    lab.configure(|it| it.set("tenant.keep", "all").set("tenant.graph.page_records", 500));
    lab.collect().with_code(0);
    let confidence = || lab.folder.report("access")[0]["confidence"].clone();
    assert_eq!(confidence(), "none", "all of the file's life was observed");
    // As if Defender could not give some hour of it.
    let store = rusqlite::Connection::open(lab.folder.at("sharetrail.db")).unwrap();
    let hour = [now_ms() - 5 * DAY_MS, now_ms() - 5 * DAY_MS + 3_600_000];
    store
        .execute(
            "INSERT INTO gap (gap_id, feed, from_time, to_time, reason, revision) VALUES (zeroblob(16), 1, ?1, ?2, 'lost', 1)",
            hour,
        )
        .unwrap();
    store.execute("INSERT INTO dirty SELECT person, item, first_at, last_at FROM access", []).unwrap();
    drop(store);
    lab.collect().with_code(0);
    assert_eq!(confidence(), "unknown");
    backfill(&lab, &days_ago(12), &days_ago(2)).with_code(0).saying("from audit-log queries");
    assert_eq!(confidence(), "none");
}

#[test]
fn an_interrupted_backfill_goes_on_behind_the_last_day_that_it_read() {
    let lab = lately_collected(53);
    let (from, to) = (days_ago(29), days_ago(2));
    lab.play(&["defender:after=8:403"]);
    backfill(&lab, &from, &to).with_code(3).saying("Defender");
    lab.play(&[]);
    let asked = lab.traffic(Route::Defender).requests;
    backfill(&lab, &from, &to).with_code(0).saying("going on from there");
    assert!(lab.traffic(Route::Defender).requests - asked < 29, "it began anew");
    lab.assert_all_is_told();
}

#[test]
fn killed_at_any_call_a_backfill_ends_with_the_truth_and_nothing_twice() {
    let lab = lately_collected(54);
    let (from, to) = (days_ago(29), days_ago(2));
    let calls = || lab.traffic(Route::Defender).requests;
    let mut killed = 0;
    for more in [1, 3, 4, 6] {
        let before = calls();
        let mut running = lab.folder.program().start(["backfill", "--from", &from, "--to", &to]);
        let mut ended = false;
        until("so many calls were made", || {
            ended = running.has_ended();
            ended || calls() >= before + more
        });
        if !ended {
            running.kill();
            killed += 1;
        }
    }
    assert!(killed > 1, "killed only {killed} times");
    backfill(&lab, &from, &to).with_code(0);
    lab.assert_all_is_told();
    let status = lab.folder.status();
    assert_eq!(status["feeds"][0]["stored"], status["activities"], "stored twice: {status}");
}

#[test]
fn the_audit_feed_is_listed_again_from_where_it_is_wanted() {
    let lab = feed_of(57, 2_000, |_| {});
    let days =
        |days: i64| move |it: Configuration| it.with_only_the_audit_feed().set("tenant.audit.look_back_days", days);
    lab.configure(days(2));
    lab.collect().with_code(0);
    let collected = lab.folder.status()["activities"].as_i64().unwrap();
    let week = days_ago(7);
    let again = || lab.folder.run(["backfill", "--from", &week, "--source", "audit"]);
    again().saying("gap from").saying("last 7 days").saying("from the audit feed");
    assert!(lab.folder.status()["activities"].as_i64().unwrap() > collected);
    lab.assert_all_is_told();
    again().printing(" 0 stored");
    lab.collect().with_code(0).printing(" 0 stored").printing(" 0 rows delivered");
}

#[test]
fn a_first_backfill_of_the_audit_feed_leaves_nothing_out_that_collect_would_have_read() {
    let lab = feed_of(58, 2_000, |_| {});
    lab.folder.run(["backfill", "--from", &days_ago(1), "--source", "audit"]).with_code(0);
    lab.collect().with_code(0);
    lab.assert_all_is_told();
}

#[test]
fn what_no_source_reaches_is_a_gap_in_words() {
    let lab = lately_collected(55);
    backfill(&lab, &days_ago(400), &days_ago(300)).saying("gap").saying("180 days");
    let gaps = lab.folder.report("gaps");
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert_eq!(gaps[0]["feed"], "defender-archive");
    assert!(gaps[0]["reason"].as_str().unwrap().contains("180 days"), "{gaps:?}");
}

#[test]
fn a_source_that_is_not_configured_and_a_range_that_is_empty_are_mistakes_of_usage() {
    let lab = lately_collected(56);
    let from = days_ago(9);
    lab.folder.run(["backfill", "--from", &from, "--source", "graph"]).with_code(2).saying("[tenant.graph]");
    backfill(&lab, &from, &from).with_code(2).saying("empty");
    lab.folder.run(["backfill", "--from", &days_ago(-1)]).with_code(2).saying("empty");
    lab.folder.run(["backfill", "--from", &from, "--tenant", "nobody"]).with_code(2).saying("nobody");
}
