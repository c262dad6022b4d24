//! Advanced hunting as the only feed.

use emulator::Options;
use emulator::faults::Route;

use crate::support::{Configuration, Lab, held_back, now_ms, seeded};

/// Collects by hunting alone.
fn hunting(it: Configuration) -> Configuration {
    it.without("tenant.defender")
        .set("tenant.hunting.requests_per_minute_max", 10_000)
        .set("tenant.hunting.query_rows", 500)
}

fn lab(seed: u64, change: impl FnOnce(&mut Options)) -> Lab {
    let lab = Lab::with(seeded(seed, 3_000, now_ms()), |options| {
        options.graph.hunting.calls_per_minute = None;
        change(options);
    });
    lab.configure(hunting);
    lab
}

#[test]
fn what_hunting_tells_is_the_truth_and_a_second_pass_stores_nothing() {
    let lab = lab(71, |_| {});
    lab.collect().with_code(0);
    lab.assert_all_is_told();
    lab.collect().with_code(0).printing(" 0 stored").printing("0 rows delivered");
    let feed = &lab.folder.status()["feeds"][0];
    assert_eq!(feed["name"], "hunting");
    assert!(feed["lag_seconds"].as_i64().unwrap() < 3600, "{feed}");
}

#[test]
fn numbers_for_booleans_text_for_objects_and_capitals_in_the_answer_are_all_the_same() {
    let lab = lab(72, |options| {
        options.graph.hunting.booleans_as_numbers = true;
        options.graph.hunting.dynamic_as_text = true;
        options.graph.hunting.capitals = true;
    });
    lab.collect().with_code(0);
    lab.assert_all_is_told();
}

#[test]
fn an_answer_beyond_the_limit_of_size_is_asked_for_in_smaller_ones() {
    let lab = lab(73, |options| options.graph.hunting.result_bytes_max = 400_000);
    lab.configure(|it| hunting(it).set("tenant.hunting.query_rows", 5_000));
    lab.collect().with_code(0);
    lab.assert_all_is_told();
}

#[test]
fn a_row_that_appears_hours_late_is_found_by_the_next_pass() {
    let mut tenant = seeded(74, 3_000, now_ms());
    let last = tenant.truth.accesses.last().unwrap().clone();
    let late = held_back(&mut tenant, &last.records.iter().map(String::as_str).collect::<Vec<_>>());
    let lab = Lab::with(tenant, |options| options.graph.hunting.calls_per_minute = None);
    lab.configure(hunting);
    lab.collect().with_code(0);
    lab.emulator.append(late);
    lab.collect().with_code(0);
    lab.assert_all_is_told();
}

#[test]
fn failures_of_hunting_change_nothing_in_the_end() {
    let lab = lab(75, |_| {});
    lab.play(&["graph:every=3:429:retry-after=0", "graph:every=4:502", "graph:every=7:reset", "graph:every=11:401"]);
    lab.configure(|it| hunting(it).set("http.attempts_max", 10));
    lab.collect().with_code(0);
    assert!(lab.traffic(Route::Graph).faults > 0);
    lab.assert_all_is_told();
}

#[test]
fn a_missing_role_is_told_with_its_name() {
    let lab = lab(76, |_| {});
    lab.play(&["graph:first=1:403"]);
    lab.collect().with_code(1).saying("ThreatHunting.Read.All");
    lab.play(&[]);
    lab.collect().with_code(0);
    lab.assert_all_is_told();
}

#[test]
fn what_lies_before_the_reach_of_hunting_is_a_gap_when_the_program_was_away() {
    let lab = lab(77, |_| {});
    lab.collect().with_code(0);
    // As if the last pass had been six weeks ago.
    let store = rusqlite::Connection::open(lab.folder.at("sharetrail.db")).unwrap();
    store.execute("UPDATE feed SET position = position - 42 * 86400000", []).unwrap();
    drop(store);
    lab.collect().saying("gap");
    let gaps = lab.folder.report("gaps");
    assert!(gaps[0]["reason"].as_str().unwrap().contains("30 days"), "{gaps:?}");
}
