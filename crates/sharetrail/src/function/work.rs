//! The work of one invocation: a pass over each tenant, in the order that keeps its state safe.
//!
//! Hold the state, read and conclude, put the state back, then deliver what it says is waiting, and put again. Rows go out
//! only when the state that remembers them is put, so whatever happens, a repeat sends the same rows with the same
//! revisions, and no more of them than were sent since the last put.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt, stream};
use tokio::sync::Mutex;

use super::lease::Lease;
use super::scratch::Scratch;
use super::state::{Held, PutError, State};
use super::telling::Lines;
use crate::azure::{Credential, LeasedBlob, SecretResolver, StorageAccess, StorageAccount};
use crate::collect::{Bound, Collector, Stop, StopSwitch};
use crate::config::settings::{AssignedIdentity, Identity, Settings, Tenant};
use crate::exit::Failure as End;
use crate::http::{Client, Clock, Failure};

/// Reading takes at most this part of the time that is left, so that what was read can be delivered.
const READING_SHARE: (u32, u32) = (2, 3);
/// After so much delivering the state is put back: a repeat sends no more than this again.
const SENDING_MAX: Duration = Duration::from_secs(120);

/// Does the work, invocation after invocation: connections, tokens and copies of states are kept.
pub struct Worker {
    collector: Collector,
    clock: Clock,
    /// In the order of the tenants.
    states: Vec<Mutex<State>>,
    _scratch: Scratch,
}

impl Worker {
    /// A worker under this configuration, whose copies are in a folder in `temporary`.
    ///
    /// # Errors
    /// What the configuration names cannot be had; no storage account is named; the folder cannot be made.
    pub async fn new(mut settings: Settings, temporary: &Path) -> Result<Self, End> {
        let bytes_max = settings.function.state_bytes_max;
        // The copy is the store, and it has to be fetched again some day: collection pauses before it cannot be, since the page
        // with which it reaches the limit is still stored.
        let limit = bytes_max / 10 * 9;
        settings.store.store_bytes_max = settings.store.store_bytes_max.min(limit);
        let blobs = blobs(&settings).await?;
        let scratch = Scratch::new(temporary)
            .map_err(|error| End::failed(format!("no folder can be made in {}: {error}", temporary.display())))?;
        let states = settings.tenants.iter().zip(blobs);
        let states = states.map(|(tenant, blob)| State::new(blob, scratch.copy_of(&tenant.name), bytes_max));
        let states = states.map(Mutex::new).collect();
        Ok(Self { collector: Collector::new(settings).await?, clock: Clock::System, states, _scratch: scratch })
    }

    /// The configuration.
    pub fn settings(&self) -> &Settings {
        self.collector.settings()
    }

    /// One invocation, which may take `work_max`, and ends early when `stop` is asked.
    pub async fn tick(&self, work_max: Duration, stop: &Stop) -> Vec<String> {
        let ends_at = self.clock.monotonic() + work_max;
        let tenants = &self.settings().tenants;
        let at_once = self.settings().run.tenants_at_once_max;
        // Wherever time runs out, it is not always the same tenants that are left.
        let chance = uuid::Uuid::new_v4().as_u128() % tenants.len().max(1) as u128;
        let first = usize::try_from(chance).unwrap_or(0);
        let order = (first..tenants.len()).chain(0..first);
        let told = stream::iter(order).map(|place| {
            // A lease that is lost ends the work on its tenant alone.
            let (own, heard) = Stop::new();
            let own = Arc::new(own);
            let mut work = self.tenant(place, ends_at, own.clone(), heard).boxed();
            async move {
                tokio::select! {
                    lines = &mut work => return lines,
                    () = stop.clone().asked() => own.ask(),
                }
                work.await
            }
            .boxed()
        });
        let told: Vec<Lines> = told.buffer_unordered(at_once).collect().await;
        told.into_iter().flat_map(Lines::into_vec).collect()
    }

    async fn tenant(&self, place: usize, ends_at: Duration, switch: Arc<StopSwitch>, stop: Stop) -> Lines {
        let mut lines = Lines::default();
        let (Some(tenant), Some(state)) = (self.settings().tenants.get(place), self.states.get(place)) else {
            return lines;
        };
        let name = &tenant.name;
        if self.left(ends_at).is_zero() || stop.is_asked() {
            lines.say(format!("{name}: partial: no time was left; the next tick goes on"));
            return lines;
        }
        let mut state = state.lock().await;
        match state.hold(&self.clock, switch).await {
            Ok(Held::Ours(lease)) => {
                let worked = self.work(tenant, &mut state, &lease, ends_at, &stop, &mut lines).await;
                if let Err(error) = worked {
                    lines.warn(format!("{name}: {error}"));
                }
                state.release(lease).await;
            }
            Ok(Held::Elsewhere) => lines.say(format!("{name}: another instance works on it; nothing to do here")),
            Err(failure) => lines.warn(format!("{name}: {failure}; the next tick tries again")),
        }
        lines
    }

    async fn work(
        &self,
        tenant: &Tenant,
        state: &mut State,
        lease: &Lease,
        ends_at: Duration,
        stop: &Stop,
        lines: &mut Lines,
    ) -> Result<(), PutError> {
        let whole = self.left(ends_at);
        let (part, of) = READING_SHARE;
        let bound = Bound { stop: Some(stop.clone()), reading_max: Some(whole * part / of), whole_max: Some(whole) };
        let gathered = self.collector.gather(tenant, state.path(), bound).await;
        lines.gathered(&gathered);
        if gathered.result.is_err() {
            state.distrust();
            return Ok(());
        }
        let mut blocks = state.put(lease).await?;
        let mut goes = Vec::new();
        loop {
            let left = self.left(ends_at).min(SENDING_MAX);
            let bound = Bound { stop: Some(stop.clone()), reading_max: None, whole_max: Some(left) };
            let sent = match self.collector.send(tenant, state.path(), bound).await.result {
                Ok(sent) => sent,
                Err(error) => {
                    lines.warn(format!("{}: {error}; the next tick tries again", tenant.name));
                    state.distrust();
                    break;
                }
            };
            let goes_on = sent.was_stopped() && !self.left(ends_at).is_zero() && !stop.is_asked();
            goes.push(sent);
            // What was sent is told even if it has to be sent again.
            match state.put(lease).await {
                Ok(travelled) => blocks += travelled,
                Err(error) => {
                    lines.sent(&tenant.name, &goes);
                    return Err(error);
                }
            }
            if !goes_on {
                break;
            }
        }
        lines.sent(&tenant.name, &goes);
        tracing::debug!(blocks, "{}: the state was put", tenant.name);
        Ok(())
    }

    fn left(&self, ends_at: Duration) -> Duration {
        ends_at.saturating_sub(self.clock.monotonic())
    }
}

/// The blob of each tenant, in their order.
///
/// # Errors
/// No storage account is named, or it cannot be opened.
pub async fn blobs(settings: &Settings) -> Result<Vec<LeasedBlob>, Failure> {
    let setting = |name: &str| std::env::var(name).ok();
    let account = StorageAccount::from_settings(&settings.function.storage, setting)?;
    let client = Client::new(&settings.http)?;
    let credential = credential(settings, &client, &account).await?;
    let container = &settings.function.container;
    let blob = |tenant: &Tenant| {
        LeasedBlob::new(&client, &account, credential.as_ref(), container, &format!("{}.db", tenant.name))
    };
    settings.tenants.iter().map(blob).collect()
}

/// Who opens the account, where no key does: the identity that the settings name, else the installation's, else the app's own.
async fn credential(
    settings: &Settings,
    client: &Client,
    account: &StorageAccount,
) -> Result<Option<Credential>, Failure> {
    let StorageAccess::Identity { client_id } = &account.access else { return Ok(None) };
    let assigned = |id: &String| Identity::ManagedIdentity { assigned: Some(AssignedIdentity::Client(id.clone())) };
    let app = Identity::ManagedIdentity { assigned: None };
    let identity = client_id.as_ref().map(assigned).or_else(|| settings.identity.clone()).unwrap_or(app);
    let resolver = SecretResolver::new(client, &settings.cloud, Some(&identity)).await?;
    Ok(resolver.installation().cloned())
}
