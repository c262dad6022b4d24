//! An older range is read without disturbing the positions, once, and goes on where it was interrupted.

use emulator::faults::Route;
use serde_json::Value;
use trail::TimeMs;

use crate::support::{Ended, Lab, now_ms, until};

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
fn what_was_read_later_makes_an_unknown_match_a_certain_one() {
    let lab = lately_collected(52);
    let unknown = |lab: &Lab| lab.folder.report("access").iter().filter(|row| row["confidence"] == "unknown").count();
    let before = unknown(&lab);
    assert!(before > 0, "three days explain everything: take another seed");
    backfill(&lab, &days_ago(29), &days_ago(2)).with_code(0);
    let since = days_ago(3);
    let lately = lab.folder.run(["report", "access", "--since", &since, "--format", "json"]).with_code(0).json();
    let still = lately.as_array().unwrap().iter().filter(|row| row["confidence"] == "unknown").count();
    assert!(still < before, "{still} of {before}");
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
