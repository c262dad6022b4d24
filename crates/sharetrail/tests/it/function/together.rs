//! Two instances at once, and a lease that is lost.

use emulator::faults::Route;

use super::{assert_nothing_is_lost_or_doubled, blob, calls, in_many_steps, lab, repeats, with_long_pauses};
use crate::support::{Instance, until};

#[test]
fn of_two_at_once_one_works_and_the_other_says_so() {
    let Some((lab, blobs)) = lab("two", 101, 1_500, with_long_pauses) else { return };
    lab.play(&["defender:after=1:502"]);
    let (one, other) = (Instance::start(&lab.folder, &blobs), Instance::start(&lab.folder, &blobs));
    let working = one.begin_tick();
    until("it waits for the service", || lab.traffic(Route::Defender).faults > 0);
    let before = calls(&lab, Route::Defender);
    other.tick().fine().saying("another instance works on it");
    assert_eq!(calls(&lab, Route::Defender), before);
    one.stop();
    working.join().unwrap().unwrap();
    lab.play(&[]);
    other.tick().fine();
    assert_nothing_is_lost_or_doubled(&lab, &blobs);
}

#[test]
fn both_again_and_again_end_with_the_truth() {
    let Some((lab, blobs)) = lab("both", 102, 3_000, in_many_steps) else { return };
    let instances = [Instance::start(&lab.folder, &blobs), Instance::start(&lab.folder, &blobs)];
    for _ in 0..4 {
        let ticks: Vec<_> = instances.iter().map(Instance::begin_tick).collect();
        for tick in ticks {
            tick.join().unwrap().unwrap().fine();
        }
    }
    assert_nothing_is_lost_or_doubled(&lab, &blobs);
    assert_eq!(repeats(&lab), 0);
}

#[test]
fn after_a_lost_lease_nothing_is_overwritten_or_sent_and_the_pass_is_made_again() {
    let Some((lab, blobs)) = lab("lost", 103, 1_500, |configuration| {
        with_long_pauses(configuration).set("http.retry_delay_ms", 1_500).set("http.retry_delay_ms_max", 1_500)
    }) else {
        return;
    };
    lab.play(&["defender:calls=2-2:502"]);
    let instance = Instance::start(&lab.folder, &blobs);
    let tick = instance.begin_tick();
    until("it waits for the service", || lab.traffic(Route::Defender).faults > 0);
    // It sleeps too long, somebody else takes over and writes.
    let name = blob(&lab);
    blobs.let_the_lease_run_out(&name);
    let lease = blobs.lease(&name);
    let theirs = [("x-ms-lease-id", lease.as_str())];
    assert_eq!(
        blobs.ask("PUT", &format!("{name}?comp=metadata"), &[theirs[0], ("x-ms-meta-by", "us")], b"").status,
        200
    );
    let written = blobs.etag(&name);
    let told = tick.join().unwrap().unwrap().saying("taken over by somebody else").logs();
    assert!(!told.contains("delivered"), "{told}");
    assert_eq!((blobs.etag(&name), lab.arrived().len()), (written, 0));
    // And when the other is done, all is done.
    blobs.let_the_lease_run_out(&name);
    instance.tick().fine();
    assert_nothing_is_lost_or_doubled(&lab, &blobs);
    assert_eq!(repeats(&lab), 0);
}
