//! When a pass has to end before all is done: because it is asked to, or because its time is up.
//!
//! Ending is not breaking off. A page that is being stored is stored, a batch that is being sent is sent and confirmed;
//! what was only being fetched is fetched again by the next pass.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::watch;

use super::{CollectError, Pass};

/// What a pass does: everything, or parts of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Every feed and every sink.
    All,
    /// Those that are named.
    Some {
        /// Feeds to be read.
        feeds: BTreeSet<String>,
        /// Sinks to be delivered to.
        sinks: BTreeSet<String>,
    },
}

impl Wanted {
    /// Whether this feed is to be read.
    pub fn has_feed(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Some { feeds, .. } => feeds.contains(name),
        }
    }

    /// Whether this sink is to be delivered to.
    pub fn has_sink(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Some { sinks, .. } => sinks.contains(name),
        }
    }
}

/// Until when a pass may go on.
#[derive(Debug, Clone, Default)]
pub struct Bound {
    /// Says when it is asked to end; `None`: nobody does.
    pub stop: Option<Stop>,
    /// How long it may read; what is read is then concluded from and delivered.
    pub reading_max: Option<Duration>,
    /// How long it may take altogether.
    pub whole_max: Option<Duration>,
}

/// A request to end, heard by any number of passes.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

/// Where the request is made.
#[derive(Debug)]
pub struct StopSwitch(watch::Sender<bool>);

impl Stop {
    /// A request that is not made yet.
    pub fn new() -> (StopSwitch, Self) {
        let (sender, receiver) = watch::channel(false);
        (StopSwitch(sender), Self(receiver))
    }

    /// Whether it has been made.
    pub fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when it has been made.
    pub(crate) async fn asked(mut self) {
        if self.0.wait_for(|asked| *asked).await.is_err() {
            // Whoever could ask is gone.
            std::future::pending::<()>().await;
        }
    }
}

impl StopSwitch {
    /// Asks everybody to end.
    pub fn ask(&self) {
        self.0.send_replace(true);
    }
}

impl Pass<'_> {
    /// Does something that may be broken off at any moment, as fetching may.
    ///
    /// # Errors
    /// [`CollectError::Stopped`] as soon as the pass has to stop reading.
    pub(super) async fn while_reading<T>(&self, fetching: impl Future<Output = T>) -> Result<T, CollectError> {
        tokio::select! {
            biased;
            () = self.reading_ends() => Err(CollectError::Stopped),
            fetched = fetching => Ok(fetched),
        }
    }

    async fn reading_ends(&self) {
        let asked = async {
            match self.bound.stop.clone() {
                Some(stop) => stop.asked().await,
                None => std::future::pending().await,
            }
        };
        let time_is_up = async {
            match self.bound.reading_max.map(|max| self.left_of(max)) {
                Some(Duration::ZERO) => {}
                Some(left) => self.http.clock().pause(left).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = asked => {}
            () = time_is_up => {}
        }
    }

    /// Whether the pass has to end. Looked at between two steps of concluding and between two batches.
    pub(super) fn is_over(&self) -> bool {
        self.bound.stop.as_ref().is_some_and(Stop::is_asked)
            || self.bound.whole_max.is_some_and(|max| self.left_of(max) == Duration::ZERO)
    }

    fn left_of(&self, max: Duration) -> Duration {
        (self.begun + max).saturating_sub(self.http.clock().monotonic())
    }
}
