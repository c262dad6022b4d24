//! What is known of a running program: written by the supervisor, read by whoever asks over HTTP. Nothing is looked up when
//! somebody asks, so asking costs nothing and never waits for a store.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use trail::TimeMs;

use super::plan::Plan;
use crate::collect::feeds_of;
use crate::config::settings::{Settings, Tenant};
use crate::store::Pulse;

/// The supervisor looks around at least this often; silence for three times as long means that it hangs.
pub const BEAT_SECONDS_MAX: u64 = 30;
const SILENCE: Duration = Duration::from_secs(3 * BEAT_SECONDS_MAX);

/// Grace of a feed for which no bound is configured, beyond the longest pause of its schedule.
const LAG_GRACE_MS: i64 = 3_600_000;

/// The board; clones show the same.
#[derive(Debug, Clone)]
pub struct Board(Arc<Mutex<State>>);

/// What stands on it.
#[derive(Debug)]
pub struct State {
    /// When the program started.
    pub started_at: TimeMs,
    /// When the supervisor last looked around, on the clock that only goes forward.
    beat: Duration,
    /// When the configuration in force was read.
    pub configured_at: TimeMs,
    /// Why the latest one was not taken, if it was not.
    pub reload_failure: Option<String>,
    /// By name.
    pub tenants: BTreeMap<String, TenantState>,
}

/// What is known of a tenant.
#[derive(Debug, Default)]
pub struct TenantState {
    /// How far each feed may be behind, in milliseconds.
    pub lag_ms_max: BTreeMap<String, i64>,
    /// Size at which collection pauses.
    pub store_bytes_max: u64,
    /// How far its store had come after the latest pass; `None`: there is none yet.
    pub pulse: Option<Pulse>,
    /// Why the latest pass could not go on at all, if it could not.
    pub failure: Option<String>,
    /// Whether a pass is under way.
    pub is_running: bool,
    /// Passes by how they ended, since the program started.
    pub passes: BTreeMap<PassEnd, u64>,
    /// How long they took altogether.
    pub pass_seconds: f64,
    /// Rows that each sink confirmed since the program started.
    pub delivered_rows: BTreeMap<String, u64>,
    /// Of each feed, how often it has failed in a row, and when it is read next.
    pub planned: BTreeMap<String, (u32, TimeMs)>,
}

/// How a pass over a tenant ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PassEnd {
    /// All is done.
    Done,
    /// A feed or a sink failed, or a record was rejected.
    Partly,
    /// Its time was up, or it was asked to end.
    Stopped,
    /// It could not go on at all.
    Failed,
}

impl PassEnd {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Done, Self::Partly, Self::Stopped, Self::Failed];

    /// As metrics call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Partly => "partly",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        }
    }
}

impl Board {
    /// A board on which nothing stands yet.
    pub fn new(now: TimeMs, beat: Duration) -> Self {
        Self(Arc::new(Mutex::new(State {
            started_at: now,
            beat,
            configured_at: now,
            reload_failure: None,
            tenants: BTreeMap::new(),
        })))
    }

    /// What stands on it.
    pub fn read(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that the supervisor looks around.
    pub fn beat(&self, monotonic: Duration) {
        self.read().beat = monotonic;
    }

    /// Takes a configuration in force: tenants that are gone leave the board, counters of the others stay.
    pub fn configure(&self, settings: &Settings, now: TimeMs) {
        let mut state = self.read();
        state.configured_at = now;
        state.reload_failure = None;
        let mut before = std::mem::take(&mut state.tenants);
        for tenant in &settings.tenants {
            let mut of_tenant = before.remove(&tenant.name).unwrap_or_default();
            of_tenant.lag_ms_max = lag_ms_max(tenant, settings.run.lag_minutes_max);
            of_tenant.store_bytes_max = settings.store.store_bytes_max;
            state.tenants.insert(tenant.name.clone(), of_tenant);
        }
    }

    /// Notes something of a tenant; of one that is gone nothing is.
    pub fn note(&self, tenant: &str, change: impl FnOnce(&mut TenantState)) {
        if let Some(state) = self.read().tenants.get_mut(tenant) {
            change(state);
        }
    }

    /// Notes when a tenant's feeds are read next.
    pub fn plan(&self, tenant: &str, plan: &Plan) {
        self.note(tenant, |state| {
            state.planned = plan.feeds().map(|(feed, failures, at)| (feed.to_owned(), (failures, at))).collect();
        });
    }
}

/// How far each feed may be behind.
fn lag_ms_max(tenant: &Tenant, minutes_max: Option<u32>) -> BTreeMap<String, i64> {
    let bound = |pause_ms: i64| match minutes_max {
        Some(minutes) => i64::from(minutes) * 60_000,
        None => pause_ms.saturating_add(LAG_GRACE_MS),
    };
    let feeds = feeds_of(tenant).into_iter().filter(|feed| feed.has_lag);
    feeds.map(|feed| (feed.name.to_owned(), bound(feed.schedule.longest_pause_ms()))).collect()
}

impl State {
    /// Why the program is not alive, if it is not.
    pub fn illness(&self, monotonic: Duration) -> Option<String> {
        let silent = monotonic.saturating_sub(self.beat);
        (silent > SILENCE).then(|| format!("nothing has been looked after for {} s: restart it", silent.as_secs()))
    }

    /// Why the data is not to be relied upon: each feed that is too far behind, each sink that has failed for too long, each
    /// tenant that cannot be worked on. Empty: it is.
    pub fn lateness(&self, now: TimeMs) -> Vec<String> {
        self.tenants.iter().flat_map(|(name, tenant)| tenant.lateness(name, now)).collect()
    }
}

impl TenantState {
    fn lateness(&self, name: &str, now: TimeMs) -> Vec<String> {
        let mut reasons: Vec<String> = self.failure.iter().map(|failure| format!("{name}: {failure}")).collect();
        for (feed, lag_ms_max) in &self.lag_ms_max {
            let known = self.pulse.as_ref().and_then(|pulse| pulse.feeds.iter().find(|known| known.name == *feed));
            let why = known.and_then(|known| known.last_error.as_ref());
            let why = why.map(|error| format!(": {error}")).unwrap_or_default();
            match self.lag_ms(feed, now) {
                None => reasons.push(format!("{name}: {feed} has not been read to its end yet{why}")),
                Some(lag_ms) if lag_ms > *lag_ms_max => {
                    let (lag, bound) = (lag_ms / 60_000, lag_ms_max / 60_000);
                    reasons.push(format!("{name}: {feed} is {lag} min behind, more than {bound}{why}"));
                }
                Some(_) => {}
            }
        }
        // A sink may be away for as long as a feed may be behind.
        let bound_ms = self.lag_ms_max.values().copied().max().unwrap_or(LAG_GRACE_MS);
        for sink in self.pulse.iter().flat_map(|pulse| &pulse.sinks).filter(|sink| sink.active) {
            let since = sink.failing_since.as_deref().and_then(TimeMs::parse);
            if since.is_some_and(|since| now.millis() - since.millis() > bound_ms) {
                let why = sink.last_error.as_deref().unwrap_or_default();
                reasons.push(format!(
                    "{name}: {} has taken nothing for more than {} min: {why}",
                    sink.name,
                    bound_ms / 60_000
                ));
            }
        }
        reasons
    }

    /// How far a feed is behind; `None`: it has no position yet.
    pub fn lag_ms(&self, feed: &str, now: TimeMs) -> Option<i64> {
        let pulse = self.pulse.as_ref()?;
        let lag_seconds = pulse.feeds.iter().find(|known| known.name == feed)?.lag_seconds?;
        Some(lag_seconds * 1_000 + (now.millis() - pulse.taken_at.millis()).max(0))
    }
}

#[cfg(test)]
#[path = "board_tests.rs"]
mod tests;
