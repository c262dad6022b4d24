//! The same call again, a bounded number of times, with pauses that grow or that the service asked for.

use std::future::Future;
use std::time::Duration;

use jiff::Timestamp;

use super::{Answer, Client, Failure, Next, Request, RequestBudget};

/// The pause after "too many requests" without a stated pause, as Microsoft's own clients do it; no longer than
/// `retry_delay_ms_max`.
const THROTTLED_PAUSE: Duration = Duration::from_secs(30);

impl Client {
    /// Sends until the answer is 2xx, the attempts are used up, or trying again would not help.
    ///
    /// # Errors
    /// The last failure. `Later` when the service asks for a longer pause than `retry_after_seconds_max`.
    pub async fn send(&self, request: &Request) -> Result<Answer, Failure> {
        self.attempt(None, || async { self.exchange(request).await?.accepted() }).await
    }

    /// As `send`, within a budget of calls a minute.
    ///
    /// # Errors
    /// As `send`.
    pub async fn send_within(&self, request: &Request, budget: &RequestBudget) -> Result<Answer, Failure> {
        self.attempt(Some(budget), || async { self.exchange(request).await?.accepted() }).await
    }

    /// As `send`, for requests that must be built anew each time (those that sign the time of day).
    pub(crate) async fn send_fresh(&self, build: impl Fn() -> Request) -> Result<Answer, Failure> {
        let exchange = || {
            let request = build();
            async move { self.exchange(&request).await?.accepted() }
        };
        self.attempt(None, exchange).await
    }

    /// Makes a call until it succeeds, within the bounds of the settings.
    pub(crate) async fn attempt<T, F, R>(&self, budget: Option<&RequestBudget>, call: F) -> Result<T, Failure>
    where
        F: Fn() -> R,
        R: Future<Output = Result<T, Failure>>,
    {
        let wait_max = Duration::from_secs(self.settings.retry_after_seconds_max);
        let mut made = 0;
        loop {
            if let Some(budget) = budget {
                budget.admit(&self.clock, wait_max).await?;
            }
            let failure = match call().await {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            made += 1;
            let Next::Retry { after, throttled } = failure.next else { return Err(failure) };
            let pause = self.pause_before_next(made, after, throttled);
            if let Some(budget) = budget
                && throttled
            {
                budget.block(&self.clock, pause);
            }
            if pause > wait_max {
                let until = self.clock.now().checked_add(pause).unwrap_or(Timestamp::MAX);
                let why = format!("{}; it asks to wait until {until}, and the work goes on then", failure.why);
                return Err(Failure { next: Next::Later { until }, why, ..failure });
            }
            if made >= self.settings.attempts_max {
                return Err(Failure { why: format!("{} ({made} attempts)", failure.why), ..failure });
            }
            tracing::warn!(attempt = made, pause_ms = pause.as_millis(), "{failure}; trying again");
            self.clock.pause(pause).await;
        }
    }

    fn pause_before_next(&self, made: u32, stated: Option<Duration>, throttled: bool) -> Duration {
        let longest = Duration::from_millis(self.settings.retry_delay_ms_max);
        match stated {
            Some(stated) => stated,
            None if throttled => THROTTLED_PAUSE.min(longest),
            None => {
                let doubled = 2_u32.saturating_pow(made.saturating_sub(1));
                let delay = Duration::from_millis(self.settings.retry_delay_ms).saturating_mul(doubled).min(longest);
                // Between half and the whole, so that many clients do not come back together.
                delay.div_f64(2.0) + delay.div_f64(2.0).mul_f64(chance())
            }
        }
    }
}

/// A random number from 0 up to, not including, 1.
fn chance() -> f64 {
    // The lowest 48 bits of a version 4 UUID are random (RFC 9562, 5.4), and exact in an f64.
    let bits = uuid::Uuid::new_v4().as_u128() & 0xFFFF_FFFF_FFFF;
    bits as f64 / (1_u64 << 48) as f64
}
