//! Waiting for what another process does.

use std::time::{Duration, Instant};

const SECONDS_MAX: u64 = 30;

/// Looks until it is so; fails the test when it takes too long.
#[track_caller]
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed().as_secs() < SECONDS_MAX, "waited in vain until {what}");
        pause();
    }
}

#[allow(clippy::disallowed_methods, reason = "nobody tells us what another process has done")]
fn pause() {
    std::thread::sleep(Duration::from_micros(500));
}

/// Looks for so long whether it is so, and returns whether it was.
pub fn after(span: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let begun = Instant::now();
    loop {
        if is_so() {
            return true;
        }
        if begun.elapsed() >= span {
            return false;
        }
        pause();
    }
}
