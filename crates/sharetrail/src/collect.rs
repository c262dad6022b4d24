//! The story of a pass. It alone decides what is stored, sent, repeated or given up; sources, sinks and the store
//! only do as they are told.
//!
//! For each tenant: read its feeds page by page, each page and the feed's new position in one transaction; work off
//! what the new records can change; deliver what the sinks have not confirmed. A feed that fails keeps its position,
//! a sink that fails keeps its outbox, and neither stops the other.

mod backfill;
mod deliver;
mod dry_run;
mod learn;
mod read;
mod sink;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use trail::TimeMs;

pub use self::backfill::BackfillSource;
use self::backfill::Plan;
pub use self::dry_run::{DryRun, Weight, dry_run};
use crate::azure::SecretResolver;
use crate::config::settings::{Settings, StoreSettings, Tenant};
use crate::http::{Client, Failure};
use crate::places::{Places, PlacesUnreadable};
use crate::policy::{self, LabelsUnreadable};
use crate::progress::{Progress, tell};
use crate::sources::Window;
use crate::store::{PageCount, Store, StoreError, StoreThread, Table};

/// How often it is looked whether another writer has ended.
const WRITER_POLL: Duration = Duration::from_millis(200);

/// What became of a pass over one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantSummary {
    /// Which.
    pub tenant: String,
    /// Its store.
    pub store: PathBuf,
    /// Its feeds.
    pub feeds: Vec<FeedSummary>,
    /// Its sinks.
    pub sinks: Vec<SinkSummary>,
}

impl TenantSummary {
    /// Nothing is behind and nothing was refused.
    pub fn is_complete(&self) -> bool {
        self.feeds.iter().all(|feed| feed.failure.is_none() && feed.count.rejected == 0)
            && self.sinks.iter().all(|sink| sink.failure.is_none() && sink.dead_letters == 0)
    }

    /// Every feed and every sink failed before it did anything.
    pub fn did_nothing(&self) -> bool {
        let nothing_read = self.feeds.iter().all(|feed| feed.failure.is_some() && feed.count.records == 0);
        let nothing_sent = self.sinks.iter().all(|sink| sink.delivered.iter().all(|(_, rows)| *rows == 0));
        !self.is_complete() && nothing_read && nothing_sent
    }
}

/// What became of a pass over one feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedSummary {
    /// Which.
    pub feed: String,
    /// What arrived.
    pub count: PageCount,
    /// Spans that turned out not to be had.
    pub gaps: u64,
    /// Why it ended early.
    pub failure: Option<Failure>,
}

/// What became of a delivery to one sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkSummary {
    /// Which.
    pub sink: String,
    /// Rows that it confirmed, by table.
    pub delivered: Vec<(Table, u64)>,
    /// Rows that it will never take.
    pub dead_letters: u64,
    /// Why it ended early, in words.
    pub failure: Option<String>,
}

/// A pass over one tenant: what became of it, or why it could not go on.
#[derive(Debug)]
pub struct TenantPass<Summary = TenantSummary> {
    /// Which.
    pub tenant: String,
    /// How it ended.
    pub result: Result<Summary, CollectError>,
}

/// A pass that could not go on at all.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something that the whole pass needs: the HTTP client, the vault.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// The file of labels cannot be read.
    #[error(transparent)]
    Labels(#[from] LabelsUnreadable),
    /// The file of places cannot be read.
    #[error(transparent)]
    Places(#[from] PlacesUnreadable),
    /// The system has no thread to give.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
    /// The tenant has no source for what is asked for.
    #[error("{0}")]
    NoSource(String),
    /// No such tenant in the configuration.
    #[error("the configuration has no tenant `{wanted}`; it has {known}")]
    NoSuchTenant {
        /// What was asked for.
        wanted: String,
        /// What there is.
        known: String,
    },
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
    each_tenant(settings, stores, only, async |pass, path| pass.run(path, &Work::Collect).await).await
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
    each_tenant(settings, stores, only, async |pass, path| pass.run(path, &Work::Backfill(wanted)).await).await
}

/// What a pass reads.
enum Work<'a> {
    /// Every feed, from its position on.
    Collect,
    /// An older range.
    Backfill(&'a Backfill),
}

/// Does `work` for one tenant after the other.
async fn each_tenant<Summary>(
    settings: &Settings,
    stores: &[PathBuf],
    only: &[String],
    work: impl AsyncFn(Pass<'_>, PathBuf) -> Result<Summary, CollectError>,
) -> Result<Vec<TenantPass<Summary>>, CollectError> {
    check_names(settings, only)?;
    let places = policy::places(settings)?;
    let http = Client::new(&settings.http)?;
    let secrets = SecretResolver::new(&http, &settings.cloud, settings.identity.as_ref()).await?;
    let mut passes = Vec::new();
    for (tenant, store) in settings.tenants.iter().zip(stores) {
        if !only.is_empty() && !only.contains(&tenant.name) {
            continue;
        }
        let (http, places) = (http.clone(), places.clone());
        let pass = Pass { settings, tenant, http, secrets: &secrets, places, limit: None };
        passes.push(TenantPass { tenant: tenant.name.clone(), result: work(pass, store.clone()).await });
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
    async fn run(&self, path: PathBuf, work: &Work<'_>) -> Result<TenantSummary, CollectError> {
        let plan = match work {
            Work::Collect => None,
            Work::Backfill(wanted) => Some(self.plan(wanted)?),
        };
        let store = self.open(&path).await?;
        let feeds = match &plan {
            None => self.read_feeds(&store).await?,
            Some(plan) => self.read_older(&store, plan).await?,
        };
        self.recompute(&store).await?;
        let sinks = self.deliver(&store).await?;
        Ok(TenantSummary { tenant: self.tenant.name.clone(), store: path, feeds, sinks })
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
    async fn recompute(&self, store: &StoreThread) -> Result<(), CollectError> {
        let progress = Progress::count("steps of reading again under the new domains");
        loop {
            let now = self.now();
            if !store.call(move |store| store.reread(now)).await? {
                break;
            }
            progress.inc(1);
        }
        loop {
            let now = self.now();
            if !store.call(move |store| store.recompute(now)).await? {
                return Ok(());
            }
        }
    }

    fn now(&self) -> TimeMs {
        TimeMs(self.http.clock().now().as_millisecond())
    }
}
