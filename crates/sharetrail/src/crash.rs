//! Named points at which the program can be made to die, for the crash harness. Only a build with the feature
//! `crash-points` has them; in every other one a point is nothing.
//!
//! `SHARETRAIL_CRASH_AT=NAME:N` kills the process when it passes point NAME for the N-th time, as `kill -9` does: nothing is
//! flushed, no destructor runs. `SHARETRAIL_PANIC_AT=NAME:N` makes it panic there, as a mistake of ours would.

#[cfg(feature = "crash-points")]
use std::sync::LazyLock;
#[cfg(feature = "crash-points")]
use std::sync::atomic::{AtomicU64, Ordering};

/// A page of records has been fetched and not been stored.
pub const PAGE_FETCHED: &str = "page-fetched";
/// A transaction has done its work and is about to be committed.
pub const BEFORE_COMMIT: &str = "before-commit";
/// A transaction has been committed, and nobody has been told.
pub const AFTER_COMMIT: &str = "after-commit";
/// A batch is about to be sent.
pub const BEFORE_SEND: &str = "before-send";
/// A sink has answered, and the answer has not been acted upon.
pub const AFTER_ANSWER: &str = "after-answer";

/// All of them.
pub const POINTS: [&str; 5] = [PAGE_FETCHED, BEFORE_COMMIT, AFTER_COMMIT, BEFORE_SEND, AFTER_ANSWER];

/// Passes a point.
#[cfg(not(feature = "crash-points"))]
#[inline(always)]
pub fn point(_: &'static str) {}

/// Passes a point, perhaps for the last time.
#[cfg(feature = "crash-points")]
pub fn point(name: &'static str) {
    static CRASH_AT: LazyLock<Option<Aim>> = LazyLock::new(|| Aim::of("SHARETRAIL_CRASH_AT"));
    static PANIC_AT: LazyLock<Option<Aim>> = LazyLock::new(|| Aim::of("SHARETRAIL_PANIC_AT"));
    if CRASH_AT.as_ref().is_some_and(|aim| aim.is_met(name)) {
        // It cannot be refused: a process may always kill itself.
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    }
    assert!(!PANIC_AT.as_ref().is_some_and(|aim| aim.is_met(name)), "wanted at {name}");
}

/// A point, and how often it may still be passed.
#[cfg(feature = "crash-points")]
struct Aim(String, AtomicU64);

#[cfg(feature = "crash-points")]
impl Aim {
    fn of(variable: &str) -> Option<Self> {
        let wanted = std::env::var(variable).ok()?;
        let (name, times) = wanted.split_once(':')?;
        Some(Self(name.to_owned(), AtomicU64::new(times.parse().ok()?)))
    }

    fn is_met(&self, name: &str) -> bool {
        self.0 == name && self.1.fetch_sub(1, Ordering::SeqCst) == 1
    }
}
