//! Killed at any moment, the program goes on where it was: nothing lost, nothing stored twice.

use std::collections::BTreeMap;

use emulator::faults::Route;

use crate::support::{Lab, until};

/// Calls that all services have seen.
fn calls(lab: &Lab) -> u64 {
    lab.emulator.counters().routes.values().map(|route| route.requests).sum()
}

#[test]
fn killed_after_any_number_of_calls_it_ends_with_the_truth() {
    let lab = Lab::seeded(26, 4_000);
    lab.configure(|configuration| {
        configuration
            .set("tenant.defender.page_records", 500)
            .set("tenant.sink.logs_ingestion.batch_raw_bytes_max", 20_000)
    });
    let mut killed = 0;
    for more in [1, 2, 4, 5, 6, 7, 9, 11, 14, 18, 22] {
        let before = calls(&lab);
        let mut running = lab.folder.program().start(["collect"]);
        let mut ended = false;
        until("so many calls were made", || {
            ended = running.has_ended();
            ended || calls(&lab) >= before + more
        });
        if !ended {
            running.kill();
            killed += 1;
        }
    }
    assert!(killed >= 5, "killed only {killed} times");
    lab.collect().with_code(0);
    lab.assert_all_is_told();

    let status = lab.folder.status();
    assert_eq!(status["feeds"][0]["stored"], status["activities"], "stored twice: {status}");
    assert_eq!(status["sinks"][0]["outbox"], 0);
    let mut contents: BTreeMap<(String, i64), String> = BTreeMap::new();
    for row in lab.arrived() {
        let key = (row["AccessId"].as_str().unwrap().to_owned(), row["Revision"].as_i64().unwrap());
        let content = row.to_string();
        assert_eq!(contents.entry(key).or_insert_with(|| content.clone()), &content, "same revision, other content");
    }

    let whole = Lab::seeded(26, 4_000);
    whole.collect().with_code(0);
    assert_eq!(whole.folder.status()["activities"], status["activities"]);
}

#[test]
#[cfg(unix)]
fn asked_to_stop_it_saves_its_state_and_the_next_pass_goes_on() {
    let lab = Lab::seeded(27, 3_000);
    lab.configure(|configuration| {
        configuration
            .set("tenant.defender.page_records", 500)
            .set("http.retry_delay_ms", 60_000)
            .set("http.retry_delay_ms_max", 60_000)
    });
    // It would wait a minute before it tries again: long enough to be asked.
    lab.play(&["defender:after=3:502"]);
    let mut running = lab.folder.program().start(["collect"]);
    until("the service has failed", || lab.traffic(Route::Defender).faults > 0);
    assert_eq!(running.terminate(), Some(130));
    let said = running.said();
    assert!(said.contains("interrupted; what was stored stays"), "{said}");
    assert!(lab.folder.status()["activities"].as_i64() > Some(0));
    lab.play(&[]);
    lab.collect().with_code(0);
    lab.assert_all_is_told();
    let status = lab.folder.status();
    assert_eq!(status["feeds"][0]["stored"], status["activities"], "stored twice: {status}");
}
