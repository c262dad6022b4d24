//! The one loop that decides: which tenant is read now, what its pass came to, when it is read again.
//!
//! Passes run beside each other as tasks of their own, at most `tenants_at_once_max`, and a tenant has one at a time. A task
//! decides nothing; it hands back how the pass ended and how far the store has come.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{self, JoinSet};
use tracing::Instrument as _;
use trail::TimeMs;

use super::board::{BEAT_SECONDS_MAX, Board};
use super::plan::Plan;
use super::signals::{Request, Signals};
use super::telling::{end_of, tell};
use super::{Loaded, notify};
use crate::collect::{Bound, Collector, Stop, StopSwitch, TenantPass, Wanted};
use crate::config::settings::Run;
use crate::exit::Failure;
use crate::http::Clock;
use crate::progress;
use crate::report::counted;
use crate::store::{FeedEnd, Pulse, Reader};

/// A pass reads for two thirds of its time, so that it can conclude from what it read and deliver it.
const READING_SHARE: (u32, u32) = (2, 3);

/// What supervises the passes.
pub struct Supervisor<L> {
    /// Reads configuration and stores' places anew.
    load: L,
    clock: Clock,
    board: Board,
    collector: Arc<Collector>,
    tenants: BTreeMap<String, Slot>,
    passes: JoinSet<Ended>,
    /// The passes under way.
    running: HashMap<task::Id, Begun>,
    switch: StopSwitch,
    stop: Stop,
    /// Passes begun so far: the number of the latest.
    begun: u64,
}

/// A tenant's place.
struct Slot {
    /// Its place in the configuration.
    index: usize,
    store: PathBuf,
    plan: Plan,
    is_running: bool,
}

/// A pass under way.
struct Begun {
    tenant: String,
    wanted: Wanted,
    at: Duration,
    /// Lines about it are said in it.
    span: tracing::Span,
}

/// What a task hands back.
struct Ended {
    pass: TenantPass,
    pulse: Option<Pulse>,
}

impl<L: Fn() -> Result<Loaded, Failure>> Supervisor<L> {
    /// A supervisor under the configuration that `load` gives now.
    ///
    /// # Errors
    /// The configuration's, and those of what it names.
    pub async fn new(load: L, clock: Clock, board: Board) -> Result<Self, Failure> {
        let loaded = load()?;
        let collector = Arc::new(Collector::new(loaded.settings).await?);
        let (switch, stop) = Stop::new();
        let mut supervisor = Self {
            load,
            clock,
            board,
            collector,
            tenants: BTreeMap::new(),
            passes: JoinSet::new(),
            running: HashMap::new(),
            switch,
            stop,
            begun: 0,
        };
        supervisor.plan_tenants(loaded.stores);
        Ok(supervisor)
    }

    /// Works until it is asked to stop, then lets the passes under way come to their end.
    pub async fn run(mut self, mut signals: Signals) {
        notify::ready(&self.status());
        let watchdog = notify::watchdog();
        loop {
            self.begin_what_is_due();
            self.board.beat(self.clock.monotonic());
            notify::alive(&self.status());
            let wait = self.wait(watchdog);
            tokio::select! {
                biased;
                request = signals.next() => match request {
                    Request::Stop => break,
                    Request::Reload => self.reload().await,
                },
                Some(ended) = self.passes.join_next_with_id() => self.take(ended),
                () = self.clock.pause(wait) => {}
            }
        }
        self.come_to_an_end(signals).await;
    }

    /// Begins the passes that are due, the longest overdue first, as many as may run at one time.
    fn begin_what_is_due(&mut self) {
        let now = self.now();
        let mut due: Vec<(TimeMs, String)> = self
            .tenants
            .iter()
            .filter(|(_, slot)| !slot.is_running)
            .filter_map(|(name, slot)| Some((slot.plan.next_at(now).filter(|at| *at <= now)?, name.clone())))
            .collect();
        due.sort();
        let free = self.settings().tenants_at_once_max.saturating_sub(self.running.len());
        for (_, name) in due.into_iter().take(free) {
            self.begin(&name, now);
        }
    }

    fn begin(&mut self, name: &str, now: TimeMs) {
        let bound = self.bound();
        let Some(slot) = self.tenants.get_mut(name) else { return };
        let Some(wanted) = slot.plan.wanted(now) else { return };
        slot.is_running = true;
        self.begun += 1;
        // Of a level that is always told: every line about a pass bears its number and its tenant.
        let span = tracing::warn_span!("pass", pass = self.begun, tenant = name);
        let at = self.clock.monotonic();
        let begun = Begun { tenant: name.to_owned(), wanted: wanted.clone(), at, span: span.clone() };
        let (collector, clock) = (self.collector.clone(), self.clock.clone());
        let pass = pass(collector, clock, slot.index, slot.store.clone(), wanted, bound);
        let id = self.passes.spawn(pass.instrument(span)).id();
        self.running.insert(id, begun);
        self.board.note(name, |state| state.is_running = true);
    }

    fn bound(&self) -> Bound {
        let whole = Duration::from_secs(u64::from(self.settings().pass_minutes_max) * 60);
        let (part, of) = READING_SHARE;
        Bound { stop: Some(self.stop.clone()), reading_max: Some(whole * part / of), whole_max: Some(whole) }
    }

    /// How long nothing is due; never so long that nobody notices that we live, or that the clock was set.
    fn wait(&self, watchdog: Option<Duration>) -> Duration {
        let beat = Duration::from_secs(BEAT_SECONDS_MAX);
        let longest = watchdog.map_or(beat, |watchdog| beat.min(watchdog / 2));
        if self.running.len() >= self.settings().tenants_at_once_max {
            return longest;
        }
        let now = self.now();
        let waiting = self.tenants.values().filter(|slot| !slot.is_running);
        let next = waiting.filter_map(|slot| slot.plan.next_at(now)).min();
        next.map_or(longest, |next| {
            let left_ms = (next.millis() - now.millis()).max(0);
            longest.min(Duration::from_millis(left_ms.unsigned_abs()))
        })
    }

    /// Takes in how a pass ended.
    fn take(&mut self, ended: Result<(task::Id, Ended), task::JoinError>) {
        let (id, ended) = match ended {
            Ok((id, ended)) => (id, Some(ended)),
            Err(error) => {
                // A pass that was broken off is no news; one that panicked is a fault of ours, told with its place.
                if error.is_panic() {
                    tracing::error!("a pass ended by a fault of the program; its tenant is tried again later");
                }
                (error.id(), None)
            }
        };
        let Some(Begun { tenant, wanted, at, span }) = self.running.remove(&id) else { return };
        let (now, took) = (self.now(), self.clock.monotonic().saturating_sub(at));
        let (pass, pulse) = ended.map_or((None, None), |ended| (Some(ended.pass), ended.pulse));
        span.in_scope(|| tell(pass.as_ref(), took));
        self.board.note(&tenant, |state| {
            state.is_running = false;
            *state.passes.entry(end_of(pass.as_ref())).or_default() += 1;
            state.pass_seconds += took.as_secs_f64();
            state.failure = pass.as_ref().and_then(|pass| pass.result.as_ref().err()).map(ToString::to_string);
            state.pulse = pulse.or_else(|| state.pulse.take());
            for sink in pass.iter().filter_map(|pass| pass.result.as_ref().ok()).flat_map(|summary| &summary.sinks) {
                let rows: u64 = sink.delivered.iter().map(|(_, rows)| rows).sum();
                *state.delivered_rows.entry(sink.sink.clone()).or_default() += rows;
            }
        });
        if let Some(slot) = self.tenants.get_mut(&tenant) {
            slot.is_running = false;
            slot.plan.ended(&wanted, pass.as_ref(), now);
            self.board.plan(&tenant, &slot.plan);
        }
    }

    /// Takes a new configuration. Passes under way end under the old one, so no page is lost; one that is wrong changes
    /// nothing.
    async fn reload(&mut self) {
        notify::reloading();
        match self.load_again().await {
            Ok((collector, stores)) => {
                if collector.settings().run.listen != self.settings().listen {
                    tracing::warn!("run.listen has changed, which takes effect when the program is started again");
                }
                if collector.settings().telemetry != self.collector.settings().telemetry {
                    tracing::warn!("[telemetry] has changed, which takes effect when the program is started again");
                }
                self.collector = Arc::new(collector);
                self.plan_tenants(stores);
                progress::tell("the configuration was read again and is in force");
            }
            Err(failure) => {
                let why = failure.to_string();
                progress::tell(&format!("the configuration was read again and not taken; the one before stays: {why}"));
                self.board.read().reload_failure = Some(why);
            }
        }
        notify::ready(&self.status());
    }

    async fn load_again(&self) -> Result<(Collector, Vec<PathBuf>), Failure> {
        let loaded = (self.load)()?;
        Ok((Collector::new(loaded.settings).await?, loaded.stores))
    }

    /// Plans the tenants of the configuration in force, each by what its store says of its feeds.
    fn plan_tenants(&mut self, stores: Vec<PathBuf>) {
        let (now, collector) = (self.now(), self.collector.clone());
        let settings = collector.settings();
        self.board.configure(settings, now);
        self.tenants.clear();
        for (index, (tenant, store)) in settings.tenants.iter().zip(stores).enumerate() {
            let (ends, pulse) = look(&store, now);
            let has_leftovers = pulse.as_ref().is_some_and(Pulse::has_leftovers);
            let plan = Plan::new(tenant, &settings.run, &ends, has_leftovers, now);
            self.board.note(&tenant.name, |state| state.pulse = pulse.or_else(|| state.pulse.take()));
            self.board.plan(&tenant.name, &plan);
            // Perhaps under the configuration before, and perhaps as a tenant that had been taken out of it.
            let is_running = self.running.values().any(|begun| begun.tenant == tenant.name);
            self.tenants.insert(tenant.name.clone(), Slot { index, store, plan, is_running });
        }
    }

    /// Asks the passes under way to end and waits for them, within the bound; a second request ends them at once. Either
    /// way each transaction is whole.
    async fn come_to_an_end(mut self, mut signals: Signals) {
        notify::stopping();
        self.switch.ask();
        let limit = Duration::from_secs(u64::from(self.settings().stop_seconds_max));
        let time_is_up = self.clock.clone();
        let time_is_up = time_is_up.pause(limit);
        tokio::pin!(time_is_up);
        while !self.running.is_empty() {
            tokio::select! {
                Some(ended) = self.passes.join_next_with_id() => self.take(ended),
                () = &mut time_is_up => break,
                request = signals.next() => if request == Request::Stop { break },
            }
        }
        if !self.running.is_empty() {
            let passes = counted(self.running.len() as u64, "pass", "passes");
            tracing::warn!("{passes} broken off; what was being sent may be sent once more, with the same ids");
        }
        self.passes.shutdown().await;
    }

    fn settings(&self) -> &Run {
        &self.collector.settings().run
    }

    fn status(&self) -> String {
        let tenants = counted(self.tenants.len() as u64, "tenant", "tenants");
        let late = self.board.read().lateness(self.now()).len();
        let late = if late == 0 { "all fresh".to_owned() } else { format!("{late} behind or failing") };
        format!("{tenants}, {} being read, {late}", self.running.len())
    }

    fn now(&self) -> TimeMs {
        TimeMs(self.clock.now().as_millisecond())
    }
}

/// A pass, and how far the store has come after it.
async fn pass(
    collector: Arc<Collector>,
    clock: Clock,
    index: usize,
    store: PathBuf,
    wanted: Wanted,
    bound: Bound,
) -> Ended {
    // The index is one of this configuration.
    let tenant = &collector.settings().tenants[index];
    let pass = collector.pass(tenant, &store, &wanted, bound).await;
    let now = TimeMs(clock.now().as_millisecond());
    let pulse = task::spawn_blocking(move || look(&store, now).1).await.unwrap_or_default();
    Ended { pass, pulse }
}

/// What a store says of itself. One that is not there yet, or cannot be read, says nothing; the pass will say why.
fn look(store: &Path, now: TimeMs) -> (Vec<FeedEnd>, Option<Pulse>) {
    let Ok(reader) = Reader::open(store) else { return (Vec::new(), None) };
    (reader.feed_ends().unwrap_or_default(), reader.pulse(now).ok())
}
