//! Killed at any moment, the next instance goes on where the state was put last.

use emulator::faults::Route;

use super::{assert_nothing_is_lost_or_doubled, blob, in_many_steps, lab, repeats};
use crate::support::{Instance, Lab, until};

fn all_calls(lab: &Lab) -> u64 {
    lab.emulator.counters().routes.values().map(|route| route.requests).sum()
}

#[test]
fn killed_after_any_number_of_calls_it_ends_with_the_truth() {
    let Some((lab, blobs)) = lab("killed", 99, 4_000, in_many_steps) else { return };
    let mut killed = 0;
    for more in [1, 3, 6, 8, 10, 12, 15, 25, 40] {
        let before = all_calls(&lab);
        let mut instance = Instance::start(&lab.folder, &blobs);
        let tick = instance.begin_tick();
        until("so many calls were made", || tick.is_finished() || all_calls(&lab) >= before + more);
        if !tick.is_finished() {
            instance.running.kill();
            killed += 1;
        }
        drop(instance);
        tick.join().unwrap();
        blobs.let_the_lease_run_out(&blob(&lab));
    }
    assert!(killed >= 5, "killed only {killed} times");
    Instance::start(&lab.folder, &blobs).tick().fine();
    assert_nothing_is_lost_or_doubled(&lab, &blobs);
    // What a process that was killed left in the temporary folder is gone.
    let left = std::fs::read_dir(lab.folder.at("tmp")).unwrap().count();
    assert!(left <= 1, "{left} folders are left");
}

#[test]
fn killed_while_it_delivers_it_sends_no_more_again_than_it_had_sent() {
    let Some((lab, blobs)) = lab("delivering", 100, 4_000, in_many_steps) else { return };
    let mut instance = Instance::start(&lab.folder, &blobs);
    let tick = instance.begin_tick();
    until("rows arrive", || lab.traffic(Route::Ingestion).requests >= 3);
    instance.running.kill();
    tick.join().unwrap();
    let sent = lab.arrived().len();
    assert!(sent > 0);
    blobs.let_the_lease_run_out(&blob(&lab));
    let next = Instance::start(&lab.folder, &blobs);
    // The state was put before the first row went out: nothing is read again.
    next.tick().fine().saying("0 new");
    assert_nothing_is_lost_or_doubled(&lab, &blobs);
    assert!(repeats(&lab) <= sent, "{} of {sent}", repeats(&lab));
}
