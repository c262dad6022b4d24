//! A few readers of the store, each on a thread of its own while it reads; whoever finds all busy waits a while.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

use super::error::Refusal;
use crate::http::Clock;
use crate::store::Reader;

/// Questions that are answered at once: more only make each other slower.
const READERS_MAX: usize = 4;
/// How long a question waits for its turn.
const WAIT_SECONDS_MAX: u64 = 20;
/// A reader knows the store's settings as they were when it was opened, so it is not kept for longer.
const READER_SECONDS_MAX: u64 = 60;

/// The readers of one store.
pub(super) struct Readers {
    store: PathBuf,
    idle: Mutex<Vec<Open>>,
    places: Semaphore,
}

/// A reader, and which domains it took to be ours when it was opened.
pub(super) struct Open {
    pub(super) reader: Reader,
    pub(super) inside: Vec<String>,
    opened: Duration,
}

impl Readers {
    pub(super) fn new(store: PathBuf) -> Self {
        Self { store, idle: Mutex::new(Vec::new()), places: Semaphore::new(READERS_MAX) }
    }

    /// Does `work` with a reader that sees the store as it is at one moment.
    pub(super) async fn read<T: Send + 'static>(
        self: std::sync::Arc<Self>,
        work: impl FnOnce(&mut Open) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let readers = std::sync::Arc::clone(&self);
        let wait = Duration::from_secs(WAIT_SECONDS_MAX);
        let Ok(Ok(_place)) = tokio::time::timeout(wait, self.places.acquire()).await else {
            return Err(Refusal::Busy);
        };
        let done = tokio::task::spawn_blocking(move || {
            let mut open = readers.take()?;
            open.reader.hold()?;
            let result = work(&mut open)?;
            // A reader whose work failed is not used again.
            open.reader.release()?;
            readers.idle().push(open);
            Ok(result)
        });
        done.await.unwrap_or_else(|cause| {
            let cause = std::io::Error::other(format!("a reader stopped: {cause}"));
            Err(Refusal::Failed(crate::report::ReportError::Output(cause)))
        })
    }

    fn take(&self) -> Result<Open, Refusal> {
        let now = Clock::System.monotonic();
        let is_fresh = |open: &Open| now.saturating_sub(open.opened).as_secs() < READER_SECONDS_MAX;
        let mut idle = self.idle();
        idle.retain(is_fresh);
        if let Some(open) = idle.pop() {
            return Ok(open);
        }
        drop(idle);
        let reader = Reader::open(&self.store)?;
        let inside = reader.inferred_internal_domains()?;
        Ok(Open { reader, inside, opened: now })
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Open>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
