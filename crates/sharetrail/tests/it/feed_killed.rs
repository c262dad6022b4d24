//! The audit feed, killed at any moment: during a listing, during a blob, between blobs.

use emulator::faults::Route;

use crate::feed::{assert_counts_agree, counters, feed_of};
use crate::support::until;

#[test]
fn killed_after_any_number_of_calls_the_feed_is_complete_and_nothing_is_there_twice() {
    let lab = feed_of(81, 3_000, |management| {
        management.page_blobs_max = 3;
        management.blob_records_max = 25;
    });
    let calls = || lab.traffic(Route::Management).requests;
    let mut killed = 0;
    for more in [1, 2, 3, 5, 8, 12, 20, 30, 45, 60] {
        let before = calls();
        let mut running = lab.folder.program().start(["collect"]);
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
    assert!(killed >= 5, "killed only {killed} times");
    lab.collect().with_code(0);
    lab.assert_all_is_told();
    assert_counts_agree(&lab);
    assert!(counters(&lab).starts_too_early == 0, "a process that dies does not make the next one start again");
    let status = lab.folder.status();
    let stored: u64 = status["feeds"].as_array().unwrap().iter().map(|feed| feed["stored"].as_u64().unwrap()).sum();
    assert_eq!(stored, status["activities"].as_u64().unwrap());
}
