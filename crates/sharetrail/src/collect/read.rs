//! Reading the feeds of a tenant: while a page is stored, the next one is fetched.
//!
//! What all feeds have in common is here: position, pages, gaps, what was observed, and how a pass ended. Which window
//! is read, and how the service is reached, is told by one file a source.
//!
//! Sources are read side by side, because one that asks us to wait must not hold up the others; what they read goes
//! through the one thread of the store. The feeds of one source share its quota and are read one after another.

mod audit;
mod defender;
mod graph;
mod hunting;
mod older;

use futures_util::future::try_join_all;
use tracing::Instrument as _;
use trail::fold;

use super::{CollectError, FeedSummary, Limit, Pass, Wanted};
use crate::config::settings::{Audit, Defender, Hunting, Tenant};
use crate::crash;
use crate::http::Failure;
use crate::progress::Progress;
use crate::schedule::Schedule;
use crate::sources::{Page, Scan, Window};
use crate::store::{Advance, Feed, PageCount, Store, StoreError, StoreThread};

/// Where a tenant's records come from, as configured.
enum Source<'a> {
    Audit(&'a Audit),
    Defender(&'a Defender),
    Hunting(&'a Hunting),
}

/// The sources of a tenant, in the order of its feeds' summaries.
fn sources(tenant: &Tenant) -> Vec<Source<'_>> {
    let audit = tenant.audit.iter().map(Source::Audit);
    let defender = tenant.defender.iter().map(Source::Defender);
    let hunting = tenant.hunting.iter().map(Source::Hunting);
    audit.chain(defender).chain(hunting).collect()
}

/// A feed as configured.
#[derive(Debug, Clone, Copy)]
pub struct ConfiguredFeed<'a> {
    /// Its name in the store.
    pub name: &'static str,
    /// When it is read.
    pub schedule: &'a Schedule,
    /// Whether its position follows the clock. That of an inventory does not: it is read once in a while.
    pub has_lag: bool,
}

/// The feeds of a tenant, in the order of their summaries.
pub fn feeds_of(tenant: &Tenant) -> Vec<ConfiguredFeed<'_>> {
    let feed = |name, schedule| ConfiguredFeed { name, schedule, has_lag: true };
    let mut feeds = Vec::new();
    for source in sources(tenant) {
        match source {
            Source::Audit(audit) => {
                let types = audit.content_types.iter();
                feeds.extend(types.map(|content_type| feed(content_type.name(), &audit.schedule)));
            }
            Source::Defender(defender) => {
                feeds.push(feed(defender::FEED, &defender.schedule));
                let inventory = ConfiguredFeed { has_lag: false, ..feed(defender::FILES_FEED, &defender.schedule) };
                feeds.extend(defender.files_refresh_hours.map(|_| inventory));
            }
            Source::Hunting(hunting) => feeds.push(feed(hunting::FEED, &hunting.schedule)),
        }
    }
    feeds
}

impl Pass<'_> {
    /// Reads every wanted feed of the tenant. One that fails says so in its summary and stops no other; an error is one of
    /// the store.
    pub(super) async fn read_feeds(
        &self,
        store: &StoreThread,
        wanted: &Wanted,
    ) -> Result<Vec<FeedSummary>, CollectError> {
        let reading = sources(self.tenant).into_iter().map(|source| self.read_source(store, source, wanted));
        Ok(try_join_all(reading).await?.concat())
    }

    async fn read_source(
        &self,
        store: &StoreThread,
        source: Source<'_>,
        wanted: &Wanted,
    ) -> Result<Vec<FeedSummary>, CollectError> {
        let mut summaries = Vec::new();
        match source {
            Source::Audit(settings) => summaries = audit::read(self, store, settings, wanted).await?,
            Source::Defender(settings) => {
                if wanted.has_feed(defender::FEED) {
                    summaries.push(defender::read(self, store, settings).await?);
                }
                if wanted.has_feed(defender::FILES_FEED) {
                    summaries.extend(defender::read_inventory(self, store, settings).await?);
                }
            }
            Source::Hunting(settings) => {
                if wanted.has_feed(hunting::FEED) {
                    summaries.push(hunting::read(self, store, settings).await?);
                }
            }
        }
        Ok(summaries)
    }

    /// Reads one feed as `read` says.
    async fn read_feed(
        &self,
        store: &StoreThread,
        name: &str,
        source: fold::Source,
        read: impl AsyncFnOnce(&mut Reading<'_>) -> Result<(), CollectError>,
    ) -> Result<FeedSummary, CollectError> {
        let (name, now) = (name.to_owned(), self.now());
        let feed = store.call(move |store| store.feed(&name, source, now)).await?;
        let summary = FeedSummary {
            feed: feed.name.clone(),
            count: PageCount::default(),
            gaps: 0,
            failure: None,
            stopped: false,
        };
        let mut reading = Reading { pass: self, store, feed, summary, moves_position: true };
        let span = tracing::info_span!("feed", feed = reading.feed.name);
        let failure = match read(&mut reading).instrument(span).await {
            Ok(()) => None,
            // Nothing is noted: this pass over the feed has not come to its end.
            Err(CollectError::Stopped) => return Ok(FeedSummary { stopped: true, ..reading.summary }),
            Err(CollectError::Failed(failure)) => Some(failure),
            // Reading pauses; what is stored already goes on to the sinks.
            Err(CollectError::Store(full @ StoreError::Full { .. })) => Some(Failure::stop(full.to_string())),
            Err(error) => return Err(error),
        };
        reading.end(failure).await
    }
}

/// A feed while it is read. [`CollectError::Failed`] out of it is the feed's own failure, not the pass's.
struct Reading<'a> {
    pass: &'a Pass<'a>,
    store: &'a StoreThread,
    feed: Feed,
    summary: FeedSummary,
    /// Not while an older range is read.
    moves_position: bool,
}

impl Reading<'_> {
    /// Reads a scan to its end, page by page, each with the move of the position in one transaction.
    async fn pages(&mut self, mut scan: Scan, progress: &Progress) -> Result<(), CollectError> {
        let mut next = self.pass.while_reading(scan.next()).await??;
        while let Some(mut page) = next {
            if let Some((span, reason)) = page.gap.take() {
                self.add_gap(span, reason).await?;
            }
            let (count, fetched) = tokio::join!(self.store_page(page), self.pass.while_reading(scan.next()));
            let count = count?;
            progress.inc(count.records);
            self.summary.gaps += count.gaps;
            self.summary.count.add(&count);
            next = fetched??;
            if next.is_some() {
                self.keep_to_limit()?;
            }
        }
        Ok(())
    }

    /// A dry run that has read for long enough ends here, and says so.
    fn keep_to_limit(&self) -> Result<(), Failure> {
        match self.pass.limit {
            Some(Limit { minutes_max, ends_at }) if self.pass.now() >= ends_at => Err(Failure::retry(format!(
                "the dry run has read for {minutes_max} min and stops here; the numbers are of what it has read, and a higher \
                 --minutes-max lets it read on"
            ))),
            _ => Ok(()),
        }
    }

    async fn store_page(&self, page: Page) -> Result<PageCount, CollectError> {
        crash::point(crash::PAGE_FETCHED);
        let (feed, now) = (self.feed.clone(), self.pass.now());
        let advance = if self.moves_position { page.advance } else { Advance::Stay };
        let take = move |store: &mut Store| store.take_page_of_blobs(&feed, page.arrivals(), advance, &page.blobs, now);
        Ok(self.store.call(take).await?)
    }

    /// Says what the feed is asked for; asking for more than before begins it anew.
    async fn ask_for(&mut self, scope: Vec<String>) -> Result<(), CollectError> {
        let (feed, now) = (self.feed.clone(), self.pass.now());
        self.feed = self.store.call(move |store| store.ask_for(feed, &scope, now)).await?;
        Ok(())
    }

    /// Remembers that a window was read to its end.
    async fn observe(&self, window: Window) -> Result<(), CollectError> {
        let (feed, now) = (self.feed.clone(), self.pass.now());
        Ok(self.store.call(move |store| store.observe(&feed, window.from, window.to, now)).await?)
    }

    /// Lists a span that can no longer be had.
    async fn add_gap(&mut self, span: Window, reason: String) -> Result<(), CollectError> {
        let feed = self.feed.clone();
        tracing::warn!(feed = feed.name, from = %span.from, to = %span.to, "gap: {reason}");
        let now = self.pass.now();
        let is_news = self.store.call(move |store| store.add_gap(&feed, span.from, span.to, &reason, now)).await?;
        self.summary.gaps += u64::from(is_news);
        Ok(())
    }

    /// Remembers how it ended.
    async fn end(self, failure: Option<Failure>) -> Result<FeedSummary, CollectError> {
        let Self { pass, store, feed, summary, .. } = self;
        let (error, now) = (failure.as_ref().map(ToString::to_string), pass.now());
        store.call(move |store| store.note_pass(&feed, error.as_deref(), now)).await?;
        Ok(FeedSummary { failure, ..summary })
    }
}
