//! The right to write a tenant's state, kept for as long as the work takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::azure::{LeasedBlob, is_lost};
use crate::collect::StopSwitch;
use crate::http::{Clock, Failure};

/// How long a lease lasts that nobody renews: the longest that the service gives for a time. After a sudden death the others
/// wait for so long.
const LEASE_SECONDS: u8 = 60;
/// How often it is renewed: three attempts fit into its life.
const RENEW_EVERY: Duration = Duration::from_secs(15);
/// How long one attempt may take.
const RENEWAL_MAX: Duration = Duration::from_secs(10);
/// We count from before the request, the service from after it; and its clock may be faster.
const TRUSTED: Duration = Duration::from_secs(LEASE_SECONDS as u64 - 10);

/// A lease that is renewed until it is released, or dropped.
#[derive(Debug)]
pub struct Lease {
    id: String,
    clock: Clock,
    standing: Arc<Standing>,
    renewing: JoinHandle<()>,
}

/// What is known of it.
#[derive(Debug)]
struct Standing {
    lost: AtomicBool,
    /// When it was asked for last with success, in milliseconds of the clock that only goes forward.
    asked_at_ms: AtomicU64,
}

impl Standing {
    fn is_good(&self, clock: &Clock) -> bool {
        let asked_at = Duration::from_millis(self.asked_at_ms.load(Ordering::SeqCst));
        !self.lost.load(Ordering::SeqCst) && clock.monotonic().saturating_sub(asked_at) < TRUSTED
    }

    fn renewed(&self, asked_at: Duration) {
        self.asked_at_ms.store(u64::try_from(asked_at.as_millis()).unwrap_or(u64::MAX), Ordering::SeqCst);
    }
}

impl Lease {
    /// Takes the lease; `None`: another has it. When it is lost later, `stop` is asked.
    ///
    /// # Errors
    /// Those of the service.
    pub async fn take(blob: &LeasedBlob, clock: &Clock, stop: Arc<StopSwitch>) -> Result<Option<Self>, Failure> {
        let asked_at = clock.monotonic();
        let Some(id) = blob.acquire(LEASE_SECONDS).await? else { return Ok(None) };
        let standing = Arc::new(Standing { lost: AtomicBool::new(false), asked_at_ms: AtomicU64::new(0) });
        standing.renewed(asked_at);
        let renewing = tokio::spawn(renew(blob.clone(), id.clone(), clock.clone(), standing.clone(), stop));
        Ok(Some(Self { id, clock: clock.clone(), standing, renewing }))
    }

    /// Its id, while we may rely on it.
    pub fn id(&self) -> Option<&str> {
        self.standing.is_good(&self.clock).then_some(self.id.as_str())
    }

    /// Gives it back.
    pub async fn release(self, blob: &LeasedBlob) {
        self.renewing.abort();
        if self.id().is_some()
            && let Err(failure) = blob.release(&self.id).await
        {
            tracing::warn!("{failure}; the lease runs out by itself within {LEASE_SECONDS} s");
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.renewing.abort();
    }
}

async fn renew(blob: LeasedBlob, id: String, clock: Clock, standing: Arc<Standing>, stop: Arc<StopSwitch>) {
    loop {
        clock.pause(RENEW_EVERY).await;
        let asked_at = clock.monotonic();
        let renewed = tokio::select! {
            renewed = blob.renew(&id) => renewed,
            () = clock.pause(RENEWAL_MAX) => Err(Failure::retry("the storage account does not answer")),
        };
        match renewed {
            Ok(()) => standing.renewed(asked_at),
            Err(failure) if is_lost(&failure) || !standing.is_good(&clock) => {
                tracing::warn!("the lease is lost, so the work stops: {failure}");
                standing.lost.store(true, Ordering::SeqCst);
                stop.ask();
                return;
            }
            Err(failure) => tracing::warn!("{failure}; renewing the lease is tried again"),
        }
    }
}
