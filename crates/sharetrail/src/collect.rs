//! The story of a pass. It alone decides what is stored, sent, repeated or given up; sources, sinks and the store
//! only do as they are told.
//!
//! For each tenant: read its feeds page by page, each page and the feed's new position in one transaction; work off
//! what the new records can change; deliver what the sinks have not confirmed. A feed that fails keeps its position,
//! a sink that fails keeps its outbox, and neither stops the other.

mod alert;
mod backfill;
mod bound;
mod deliver;
mod dry_run;
mod learn;
mod read;
mod sink;
mod summary;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use trail::TimeMs;

pub use self::alert::{AlertSummary, WebhookSummary};
pub use self::backfill::BackfillSource;
use self::backfill::Plan;
pub use self::bound::{Bound, Stop, StopSwitch, Wanted};
pub use self::dry_run::{DryRun, Weight, dry_run};
pub use self::read::{ConfiguredFeed, feeds_of};
pub use self::summary::{CollectError, FeedSummary, SinkSummary, TenantPass, TenantSummary};
use crate::azure::SecretResolver;
use crate::config::settings::{Settings, StoreSettings, Tenant};
use crate::http::Client;
use crate::places::Places;
use crate::policy;
use crate::progress::{Progress, tell};
use crate::sources::Window;
use crate::store::{Store, StoreError, StoreThread};

/// How often it is looked whether another writer has ended.
const WRITER_POLL: Duration = Duration::from_millis(200);

/// What passes are made with, built once from a configuration for any number of them: connections, tokens and secrets are
/// kept from pass to pass.
#[derive(Debug)]
pub struct Collector {
    settings: Settings,
    http: Client,
    secrets: SecretResolver,
    places: Option<Arc<Places>>,
}

impl Collector {
    /// A collector under this configuration.
    ///
    /// # Errors
    /// A file that it names cannot be read, or the installation's own secret cannot be had.
    pub async fn new(settings: Settings) -> Result<Self, CollectError> {
        let places = policy::places(&settings)?;
        let http = Client::new(&settings.http)?;
        let secrets = SecretResolver::new(&http, &settings.cloud, settings.identity.as_ref()).await?;
        Ok(Self { settings, http, secrets, places })
    }

    /// The configuration.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// One pass over a tenant of the configuration, whose store is at `store`: reads what is wanted, concludes, delivers,
    /// within `bound`. What failed stands in the summary.
    pub async fn pass(&self, tenant: &Tenant, store: &Path, wanted: &Wanted, bound: Bound) -> TenantPass {
        let result = self.begin(tenant, bound).collect(store.to_owned(), wanted).await;
        TenantPass { tenant: tenant.name.clone(), result }
    }

    /// The first half of a pass over a tenant: reads and concludes. Nothing is delivered, and the store is closed at the end.
    pub async fn gather(&self, tenant: &Tenant, store: &Path, bound: Bound) -> TenantPass {
        let result = self.begin(tenant, bound).gather(store.to_owned()).await;
        TenantPass { tenant: tenant.name.clone(), result }
    }

    /// The other half: delivers what waits in the store and concludes nothing new.
    pub async fn send(&self, tenant: &Tenant, store: &Path, bound: Bound) -> TenantPass {
        let result = self.begin(tenant, bound).send(store.to_owned()).await;
        TenantPass { tenant: tenant.name.clone(), result }
    }

    fn begin<'a>(&'a self, tenant: &'a Tenant, bound: Bound) -> Pass<'a> {
        Pass {
            settings: &self.settings,
            tenant,
            http: self.http.clone(),
            secrets: &self.secrets,
            places: self.places.clone(),
            bound,
            begun: self.http.clock().monotonic(),
            limit: None,
        }
    }
}

/// One pass over every tenant, or over those named in `only`. `stores` tells where each tenant's store is, in the
/// order of the configuration.
///
/// # Errors
/// When nothing can be done for any tenant; what a single one failed with stands in its place, and does not hold up the
/// others.
pub async fn collect(
    settings: &Settings,
    stores: &[PathBuf],
    only: &[String],
) -> Result<Vec<TenantPass>, CollectError> {
    let work = async |pass: Pass<'_>, path| pass.collect(path, &Wanted::All).await;
    each_tenant(settings, stores, only, work).await
}

/// An older range.
#[derive(Debug, Clone, Copy)]
pub struct Backfill {
    /// From when to when the events happened.
    pub range: Window,
    /// Where it is read from; `None`: wherever it is best had.
    pub source: Option<BackfillSource>,
}

/// Reads an older range for every tenant, or for those named in `only`, and delivers what follows from it. Positions stay
/// where they are.
///
/// # Errors
/// As [`collect`].
pub async fn backfill(
    settings: &Settings,
    stores: &[PathBuf],
    only: &[String],
    wanted: &Backfill,
) -> Result<Vec<TenantPass>, CollectError> {
    each_tenant(settings, stores, only, async |pass, path| pass.backfill(path, wanted).await).await
}

/// Does `work` for one tenant after the other.
async fn each_tenant<Summary>(
    settings: &Settings,
    stores: &[PathBuf],
    only: &[String],
    work: impl AsyncFn(Pass<'_>, PathBuf) -> Result<Summary, CollectError>,
) -> Result<Vec<TenantPass<Summary>>, CollectError> {
    check_names(settings, only)?;
    let collector = Collector::new(settings.clone()).await?;
    let mut passes = Vec::new();
    for (tenant, store) in settings.tenants.iter().zip(stores) {
        if only.is_empty() || only.contains(&tenant.name) {
            let pass = collector.begin(tenant, Bound::default());
            passes.push(TenantPass { tenant: tenant.name.clone(), result: work(pass, store.clone()).await });
        }
    }
    Ok(passes)
}

fn check_names(settings: &Settings, only: &[String]) -> Result<(), CollectError> {
    match only.iter().find(|name| settings.tenants.iter().all(|tenant| tenant.name != **name)) {
        None => Ok(()),
        Some(wanted) => Err(CollectError::NoSuchTenant {
            wanted: wanted.clone(),
            known: settings.tenants.iter().map(|tenant| tenant.name.as_str()).collect::<Vec<_>>().join(", "),
        }),
    }
}

/// A pass over one tenant.
struct Pass<'a> {
    settings: &'a Settings,
    tenant: &'a Tenant,
    http: Client,
    secrets: &'a SecretResolver,
    places: Option<Arc<Places>>,
    bound: Bound,
    /// When it began, on the clock that only goes forward.
    begun: Duration,
    /// Of a dry run, which also changes nothing in a service.
    limit: Option<Limit>,
}

/// How long a dry run reads.
#[derive(Debug, Clone, Copy)]
struct Limit {
    minutes_max: u32,
    ends_at: TimeMs,
}

impl Pass<'_> {
    async fn collect(&self, path: PathBuf, wanted: &Wanted) -> Result<TenantSummary, CollectError> {
        let store = self.open(&path).await?;
        let feeds = self.read_feeds(&store, wanted).await?;
        self.conclude(path, store, feeds, wanted).await
    }

    async fn gather(&self, path: PathBuf) -> Result<TenantSummary, CollectError> {
        let store = self.open(&path).await?;
        let feeds = self.read_feeds(&store, &Wanted::All).await?;
        let conclusions_stopped = self.recompute(&store).await? == Recomputed::Partly;
        let found = if conclusions_stopped { 0 } else { self.judge(&store).await? };
        let (sinks, alerts) = (Vec::new(), AlertSummary { found, webhooks: Vec::new() });
        Ok(TenantSummary { tenant: self.tenant.name.clone(), store: path, feeds, sinks, alerts, conclusions_stopped })
    }

    async fn send(&self, path: PathBuf) -> Result<TenantSummary, CollectError> {
        let store = StoreThread::start(self.open_for_writing(&path).await?).map_err(CollectError::Thread)?;
        let sinks = self.deliver(&store, &Wanted::All).await?;
        let alerts = AlertSummary { found: 0, webhooks: self.tell_webhooks(&store).await? };
        let (tenant, feeds) = (self.tenant.name.clone(), Vec::new());
        Ok(TenantSummary { tenant, store: path, feeds, sinks, alerts, conclusions_stopped: false })
    }

    async fn backfill(&self, path: PathBuf, wanted: &Backfill) -> Result<TenantSummary, CollectError> {
        let plan = self.plan(wanted)?;
        let store = self.open(&path).await?;
        let feeds = self.read_older(&store, &plan).await?;
        self.conclude(path, store, feeds, &Wanted::All).await
    }

    /// Draws conclusions from what was read, delivers, and tells of what the rules find.
    async fn conclude(
        &self,
        path: PathBuf,
        store: StoreThread,
        feeds: Vec<FeedSummary>,
        wanted: &Wanted,
    ) -> Result<TenantSummary, CollectError> {
        let conclusions_stopped = self.recompute(&store).await? == Recomputed::Partly;
        let sinks = self.deliver(&store, wanted).await?;
        // What is still to be worked out again could be told otherwise a moment later.
        let alerts = if conclusions_stopped { AlertSummary::default() } else { self.alert(&store).await? };
        Ok(TenantSummary { tenant: self.tenant.name.clone(), store: path, feeds, sinks, alerts, conclusions_stopped })
    }

    fn plan(&self, wanted: &Backfill) -> Result<Plan, CollectError> {
        let plan = backfill::plan(self.tenant, wanted.range, wanted.source, self.now());
        let plan = plan.map_err(CollectError::NoSource)?;
        if let Some(note) = &plan.note {
            tell(&format!("{}: {note}", self.tenant.name));
        }
        Ok(plan)
    }

    async fn open(&self, path: &Path) -> Result<StoreThread, CollectError> {
        let mut store = self.open_for_writing(path).await?;
        let now = self.now();
        store.forget_unkept(self.settings.store.dedup_days, now)?;
        self.learn(&mut store).await?;
        let learnt = store.learnt()?;
        store.set_policy(policy::policy(self.tenant, &learnt, self.places.clone())?, now)?;
        store.use_sinks(&sink::tables(self.tenant), now)?;
        StoreThread::start(store).map_err(CollectError::Thread)
    }

    /// Opens the store when no other process writes to it any more. Waits here and not in the store, which blocks: a
    /// request to stop would not be heard.
    async fn open_for_writing(&self, path: &Path) -> Result<Store, StoreError> {
        let wait_max = Duration::from_secs(self.settings.store.lock_wait_seconds_max);
        let at_once = StoreSettings { lock_wait_seconds_max: 0, ..self.settings.store.clone() };
        let mut waited = Duration::ZERO;
        loop {
            match Store::open(path, Some(&self.tenant.name), &at_once) {
                Err(StoreError::Busy { .. }) if waited < wait_max => {
                    self.http.clock().pause(WRITER_POLL).await;
                    waited += WRITER_POLL;
                }
                Err(StoreError::Busy { path, .. }) => {
                    return Err(StoreError::Busy { path, waited_seconds: wait_max.as_secs() });
                }
                opened => return opened,
            }
        }
    }

    /// Works off what new records, or a new policy, can change.
    async fn recompute(&self, store: &StoreThread) -> Result<Recomputed, CollectError> {
        let progress = Progress::count("steps of reading again under the new domains");
        while !self.is_over() {
            let now = self.now();
            if store.call(move |store| store.reread(now)).await? {
                progress.inc(1);
            } else if !store.call(move |store| store.recompute(now)).await? {
                return Ok(Recomputed::Wholly);
            }
        }
        Ok(Recomputed::Partly)
    }

    fn now(&self) -> TimeMs {
        TimeMs(self.http.clock().now().as_millisecond())
    }
}

/// How far conclusions have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Recomputed {
    Wholly,
    /// The pass has to end; the rest waits for the next one.
    Partly,
}
