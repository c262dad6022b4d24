//! Time and pauses of everything that talks to a service, so that tests need neither.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

/// Where "now" comes from and how a pause is made.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine's.
    #[default]
    System,
    /// Stands still except when somebody pauses: a pause takes no time, moves the clock, and is noted.
    Scripted(Arc<Mutex<Script>>),
}

/// State of a scripted clock.
#[derive(Debug)]
pub struct Script {
    begun: Timestamp,
    now: Timestamp,
    pauses: Vec<Duration>,
}

/// Monotonic time counts from here.
static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);

impl Clock {
    /// A clock that stands at `now`.
    pub fn scripted(now: Timestamp) -> Self {
        Self::Scripted(Arc::new(Mutex::new(Script { begun: now, now, pauses: Vec::new() })))
    }

    /// The time of day.
    #[allow(clippy::disallowed_methods)] // the one place that asks the machine
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Scripted(script) => script.lock().unwrap_or_else(PoisonError::into_inner).now,
        }
    }

    /// Time that only goes forward, for measuring spans.
    pub fn monotonic(&self) -> Duration {
        match self {
            Self::System => BEGUN.elapsed(),
            Self::Scripted(script) => {
                let script = script.lock().unwrap_or_else(PoisonError::into_inner);
                script.now.duration_since(script.begun).unsigned_abs()
            }
        }
    }

    /// Waits.
    #[allow(clippy::disallowed_methods)] // the one place that sleeps
    pub async fn pause(&self, span: Duration) {
        match self {
            Self::System => tokio::time::sleep(span).await,
            Self::Scripted(script) => {
                {
                    let mut script = script.lock().unwrap_or_else(PoisonError::into_inner);
                    script.now = script.now.checked_add(span).unwrap_or(Timestamp::MAX);
                    script.pauses.push(span);
                }
                tokio::task::yield_now().await;
            }
        }
    }

    /// The pauses made so far; none on the machine's clock.
    pub fn pauses(&self) -> Vec<Duration> {
        match self {
            Self::System => Vec::new(),
            Self::Scripted(script) => script.lock().unwrap_or_else(PoisonError::into_inner).pauses.clone(),
        }
    }
}
