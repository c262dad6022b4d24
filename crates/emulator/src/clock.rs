//! The one clock of an emulator: it runs, or it stands until a test moves it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Clones share the same time.
#[derive(Debug, Clone)]
pub struct Clock {
    runs: bool,
    /// What is added to the machine's time when the clock runs, else the time itself; milliseconds.
    base_ms: Arc<AtomicI64>,
}

impl Clock {
    /// The machine's time.
    pub fn system() -> Clock {
        Clock { runs: true, base_ms: Arc::new(AtomicI64::new(0)) }
    }

    /// Starts at `now_ms` (milliseconds since 1970-01-01 UTC) and runs on from there.
    pub fn running_from(now_ms: i64) -> Clock {
        Clock { runs: true, base_ms: Arc::new(AtomicI64::new(now_ms.saturating_sub(machine_ms()))) }
    }

    /// Stands at `now_ms` until [`Clock::advance`].
    pub fn standing_at(now_ms: i64) -> Clock {
        Clock { runs: false, base_ms: Arc::new(AtomicI64::new(now_ms)) }
    }

    /// Milliseconds since 1970-01-01 UTC.
    pub fn now_ms(&self) -> i64 {
        let base_ms = self.base_ms.load(Ordering::SeqCst);
        if self.runs { machine_ms().saturating_add(base_ms) } else { base_ms }
    }

    /// Moves the clock forward by so many milliseconds (back, when negative).
    pub fn advance(&self, by_ms: i64) {
        self.base_ms.fetch_add(by_ms, Ordering::SeqCst);
    }

    /// The time as RFC 3339 with milliseconds: `2026-11-24T03:00:00.000Z`.
    pub(crate) fn now_text(&self) -> String {
        text(self.now_ms())
    }
}

impl Default for Clock {
    fn default() -> Clock {
        Clock::system()
    }
}

/// A time as RFC 3339 with milliseconds. Times outside the years -9999 to 9999 are written as the nearest of them.
pub(crate) fn text(at_ms: i64) -> String {
    let limit = if at_ms < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
    let at = jiff::Timestamp::from_millisecond(at_ms).unwrap_or(limit);
    format!("{at:.3}")
}

/// The only place in the crate that reads the machine's clock.
#[allow(clippy::disallowed_methods)]
fn machine_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standing_clock_moves_only_when_told() {
        let clock = Clock::standing_at(1_795_489_200_000);
        let shared = clock.clone();
        assert_eq!(clock.now_text(), "2026-11-24T03:00:00.000Z");
        shared.advance(1_500);
        assert_eq!(clock.now_ms(), 1_795_489_201_500);
    }

    #[test]
    fn a_running_clock_starts_where_it_was_set() {
        let clock = Clock::running_from(1_000);
        assert!((1_000..61_000).contains(&clock.now_ms()));
    }
}
