//! Reading a feed: while a page is stored, the next one is fetched.

use trail::fold::Source;

use super::{CollectError, FeedSummary, Pass};
use crate::config::settings::{Defender, DefenderCredential};
use crate::http::Failure;
use crate::progress::Progress;
use crate::sources::defender::{Authentication, DefenderClient, ScanPage, Window, scope, window};
use crate::store::{Feed, PageCount, StoreError, StoreThread};

/// Name of the feed in the store.
const FEED: &str = "defender";

impl Pass<'_> {
    /// Reads the Defender feed from its position to now. What it fails with stands in the summary; an error is one
    /// of the store.
    pub(super) async fn read_defender(
        &self,
        store: &StoreThread,
        settings: &Defender,
    ) -> Result<FeedSummary, CollectError> {
        let now = self.now();
        let scope = scope(&settings.select);
        let feed = store
            .call(move |store| {
                let feed = store.feed(FEED, Source::Defender, now)?;
                store.ask_for(feed, &scope, now)
            })
            .await?;
        let (window, unreachable) = window(settings, feed.position, now);
        let mut summary = FeedSummary { feed: FEED.into(), count: PageCount::default(), gaps: 0, failure: None };
        if let Some(span) = unreachable {
            let reason = "Defender lists the activities of the last 30 days, and this feed was last read before";
            self.add_gap(store, &feed, span, reason.into(), &mut summary).await?;
        }
        summary.failure = match self.defender_client(settings) {
            Ok(client) => self.read_window(store, &feed, client, settings, window, &mut summary).await?,
            Err(failure) => Some(failure),
        };
        let error = summary.failure.as_ref().map(ToString::to_string);
        let now = self.now();
        store.call(move |store| store.note_pass(&feed, error.as_deref(), now)).await?;
        Ok(summary)
    }

    fn defender_client(&self, settings: &Defender) -> Result<DefenderClient, Failure> {
        let authentication = match &settings.credential {
            DefenderCredential::LegacyToken(reference) => Authentication::LegacyToken(self.secrets.hold(reference)),
            DefenderCredential::Application => Authentication::Application {
                credential: self.secrets.credential(self.tenant.identity.as_ref())?,
                scope: self.settings.cloud.defender_scope.clone(),
            },
        };
        DefenderClient::new(self.http.clone(), settings, authentication)
    }

    /// Reads a window to its end, or to the service's refusal, which is returned.
    async fn read_window(
        &self,
        store: &StoreThread,
        feed: &Feed,
        client: DefenderClient,
        settings: &Defender,
        window: Window,
        summary: &mut FeedSummary,
    ) -> Result<Option<Failure>, CollectError> {
        let progress = Progress::count("records from Defender");
        let mut scan = client.scan(settings, window);
        let mut page = match scan.next().await {
            Ok(page) => page,
            Err(failure) => return Ok(Some(failure)),
        };
        while let Some(ScanPage { gap, .. }) = &mut page {
            if let Some((span, reason)) = gap.take() {
                self.add_gap(store, feed, span, reason, summary).await?;
            }
            let Some(stored) = page.take().map(|page| self.store_page(store, feed, page)) else { break };
            let (count, next) = tokio::join!(stored, scan.next());
            let count = match count {
                // Reading pauses; what is stored already goes on to the sinks.
                Err(CollectError::Store(full @ StoreError::Full { .. })) => {
                    return Ok(Some(Failure::stop(full.to_string())));
                }
                count => count?,
            };
            progress.inc(count.records);
            summary.count.add(&count);
            page = match next {
                Ok(next) => next,
                Err(failure) => return Ok(Some(failure)),
            };
        }
        let (feed, now) = (feed.clone(), self.now());
        store.call(move |store| store.observe(&feed, window.from, window.to, now)).await?;
        Ok(None)
    }

    async fn store_page(&self, store: &StoreThread, feed: &Feed, page: ScanPage) -> Result<PageCount, CollectError> {
        let (feed, now) = (feed.clone(), self.now());
        Ok(store.call(move |store| store.take_page(&feed, page.arrivals(), page.advance, now)).await?)
    }

    async fn add_gap(
        &self,
        store: &StoreThread,
        feed: &Feed,
        span: Window,
        reason: String,
        summary: &mut FeedSummary,
    ) -> Result<(), CollectError> {
        tracing::warn!(feed = feed.name, from = %span.from, to = %span.to, "gap: {reason}");
        summary.gaps += 1;
        let (feed, now) = (feed.clone(), self.now());
        Ok(store.call(move |store| store.add_gap(&feed, span.from, span.to, &reason, now)).await?)
    }
}
