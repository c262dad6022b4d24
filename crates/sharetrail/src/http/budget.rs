//! How many calls a minute a service allows us, shared by all who call it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::{Clock, Failure, Next};

/// The span that the budget counts over.
const WINDOW: Duration = Duration::from_secs(60);

/// At most so many calls in any 60 seconds; they may come in a burst. Clones share it.
#[derive(Debug, Clone)]
pub struct RequestBudget(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    requests_per_minute_max: usize,
    /// When each call of the last minute was admitted; never longer than the budget.
    admitted: VecDeque<Duration>,
    /// The service told one of us to pause: all do.
    blocked_until: Duration,
}

/// How long a call has to wait, and why.
#[derive(Debug, Clone, Copy)]
enum Wait {
    /// The minute is full.
    Pace(Duration),
    /// The service asked for it.
    AskedFor(Duration),
}

impl RequestBudget {
    /// A budget of so many calls in any 60 seconds; 0 counts as 1, or nothing would ever pass.
    pub fn new(requests_per_minute_max: u32) -> Self {
        Self(Arc::new(Mutex::new(State {
            requests_per_minute_max: usize::try_from(requests_per_minute_max.max(1)).unwrap_or(usize::MAX),
            admitted: VecDeque::new(),
            blocked_until: Duration::ZERO,
        })))
    }

    /// Waits until a call may be made, and counts it. Our own pace is always waited for: that is never longer than the
    /// window.
    ///
    /// # Errors
    /// `Later` when a pause that the service asked for would take longer than `wait_max`.
    pub(super) async fn admit(&self, clock: &Clock, wait_max: Duration) -> Result<(), Failure> {
        let mut waited = Duration::ZERO;
        loop {
            let (wait, longest) = match self.try_admit(clock.monotonic()) {
                Ok(()) => return Ok(()),
                Err(Wait::AskedFor(wait)) => (wait, wait_max),
                Err(Wait::Pace(wait)) => (wait, wait_max.max(WINDOW)),
            };
            if waited + wait > longest {
                return Err(Failure::new(
                    Next::Later { until: clock.now().checked_add(wait).unwrap_or(Timestamp::MAX) },
                    format!("a pause of {} s is due, longer than we wait; goes on later", wait.as_secs()),
                ));
            }
            clock.pause(wait).await;
            waited += wait;
        }
    }

    /// Lets nobody pass for this long.
    pub(super) fn block(&self, clock: &Clock, span: Duration) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.blocked_until = state.blocked_until.max(clock.monotonic() + span);
    }

    /// Counts the call, or says how long to wait.
    fn try_admit(&self, now: Duration) -> Result<(), Wait> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.blocked_until > now {
            return Err(Wait::AskedFor(state.blocked_until - now));
        }
        while state.admitted.front().is_some_and(|at| *at + WINDOW <= now) {
            state.admitted.pop_front();
        }
        match state.admitted.front() {
            Some(oldest) if state.admitted.len() >= state.requests_per_minute_max => {
                Err(Wait::Pace(*oldest + WINDOW - now))
            }
            _ => {
                state.admitted.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn clock() -> Clock {
        Clock::scripted("2026-11-24T03:00:00Z".parse().unwrap())
    }

    #[tokio::test]
    async fn a_burst_passes_and_the_next_call_waits_for_the_window() {
        let (clock, budget) = (clock(), RequestBudget::new(3));
        for _ in 0..4 {
            budget.clone().admit(&clock, WINDOW).await.unwrap();
        }
        assert_eq!(clock.pauses(), [WINDOW]);
    }

    #[tokio::test]
    async fn a_pause_asked_of_one_holds_for_all() {
        let (clock, budget) = (clock(), RequestBudget::new(30));
        budget.block(&clock, Duration::from_secs(50));
        budget.clone().admit(&clock, WINDOW).await.unwrap();
        assert_eq!(clock.pauses(), [Duration::from_secs(50)]);
    }

    #[tokio::test]
    async fn a_pause_longer_than_we_wait_is_left_to_the_schedule() {
        let (clock, budget) = (clock(), RequestBudget::new(30));
        budget.block(&clock, Duration::from_secs(3600));
        let failure = budget.admit(&clock, WINDOW).await.unwrap_err();
        assert_eq!(failure.next, Next::Later { until: "2026-11-24T04:00:00Z".parse().unwrap() });
        assert!(clock.pauses().is_empty());
    }

    #[tokio::test]
    async fn our_own_pace_is_kept_even_by_those_who_wait_for_nobody() {
        let (clock, budget) = (clock(), RequestBudget::new(1));
        for _ in 0..3 {
            budget.admit(&clock, Duration::ZERO).await.unwrap();
        }
        assert_eq!(clock.pauses(), [WINDOW, WINDOW]);
        budget.block(&clock, Duration::from_secs(1));
        assert!(budget.admit(&clock, Duration::ZERO).await.is_err());
    }

    proptest! {
        #[test]
        fn no_minute_ever_holds_more_calls_than_allowed(max in 1_u32..8, gaps in prop::collection::vec(0_u64..40, 1..60)) {
            let budget = RequestBudget::new(max);
            let (mut now, mut passed) = (Duration::ZERO, Vec::new());
            for gap in gaps {
                now += Duration::from_secs(gap);
                match budget.try_admit(now) {
                    Ok(()) => passed.push(now),
                    Err(Wait::AskedFor(wait)) => prop_assert!(false, "nobody asked for {wait:?}"),
                    Err(Wait::Pace(wait)) => {
                        prop_assert!(wait > Duration::ZERO && wait <= WINDOW);
                        now += wait;
                        prop_assert!(budget.try_admit(now).is_ok());
                        passed.push(now);
                    }
                }
            }
            for window in passed.windows(max as usize + 1) {
                prop_assert!(window[max as usize] - window[0] >= WINDOW);
            }
        }
    }
}
