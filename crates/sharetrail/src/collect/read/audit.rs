//! The audit feed: list what there is, then fetch what waits. The list and the blobs are read apart because either can
//! fail alone: what was listed is fetched even when the list breaks off, and what cannot be fetched stays on the list.

use trail::{TimeMs, fold};

use super::super::{CollectError, FeedSummary, Pass, Wanted};
use super::Reading;
use crate::config::settings::{Audit, ContentType};
use crate::http::Failure;
use crate::progress::Progress;
use crate::sources::audit::{AuditClient, BlobScan, Listing, windows};
use crate::sources::{Scan, Window};
use crate::store::{BlobBacklog, Store, StoreThread, WorkList};

/// Blobs taken from the work list at once.
const BLOBS_TAKEN_MAX: usize = 1_000;

/// Reads every wanted content type, one after another.
pub(super) async fn read(
    pass: &Pass<'_>,
    store: &StoreThread,
    settings: &Audit,
    wanted: &Wanted,
) -> Result<Vec<FeedSummary>, CollectError> {
    let types: Vec<ContentType> =
        settings.content_types.iter().copied().filter(|content_type| wanted.has_feed(content_type.name())).collect();
    if types.is_empty() {
        return Ok(Vec::new());
    }
    let client = client(pass, settings);
    let subscribed = match &client {
        // Stopped here, every feed is about to be.
        Ok(client) => pass.while_reading(client.subscriptions()).await.unwrap_or(Ok(Vec::new())),
        Err(failure) => Err(failure.clone()),
    };
    let mut summaries = Vec::new();
    for content_type in types {
        let read = async |reading: &mut Reading<'_>| {
            pass.while_reading(std::future::ready(())).await?;
            let content = Content { client: client.clone()?, settings, content_type };
            content.read(reading, subscribed.clone()).await
        };
        summaries.push(pass.read_feed(store, content_type.name(), fold::Source::AuditFeed, read).await?);
    }
    Ok(summaries)
}

/// The settings under which a pass lists again all that became available from `from` on: one list, in which what is known
/// already costs a line. A feed that was never read still looks back as far as it is told to.
pub(super) fn listed_again(settings: &Audit, from: TimeMs, now: TimeMs) -> Audit {
    const HOUR_MS: i64 = 3_600_000;
    let hours = (now.millis() - from.millis()).max(0).div_euclid(HOUR_MS) + 1;
    let hours = u32::try_from(hours).unwrap_or(u32::MAX);
    Audit {
        overlap_hours: settings.overlap_hours.max(hours),
        look_back_days: settings.look_back_days.max(hours.div_ceil(24)),
        ..settings.clone()
    }
}

fn client(pass: &Pass<'_>, settings: &Audit) -> Result<AuditClient, Failure> {
    let credential = pass.secrets.credential(pass.tenant.identity.as_ref())?;
    AuditClient::new(pass.http.clone(), settings, &pass.tenant.tenant_id, credential)
}

/// One content type.
struct Content<'a> {
    client: AuditClient,
    settings: &'a Audit,
    content_type: ContentType,
}

impl Content<'_> {
    async fn read(
        &self,
        reading: &mut Reading<'_>,
        subscribed: Result<Vec<ContentType>, Failure>,
    ) -> Result<(), CollectError> {
        let (feed, now) = (reading.feed.clone(), reading.pass.now());
        let list = reading.store.call(move |store| store.open_work_list(&feed, now)).await?;
        reading.summary.gaps += list.given_up;
        let listed = self.subscribe_and_list(reading, subscribed, &list, now).await;
        if let Err(error @ CollectError::Store(_)) = listed {
            return Err(error);
        }
        let fetched = self.fetch(reading, &list).await;
        self.observe(reading, &list, now).await?;
        listed.and(fetched)
    }

    async fn subscribe_and_list(
        &self,
        reading: &mut Reading<'_>,
        subscribed: Result<Vec<ContentType>, Failure>,
        list: &WorkList,
        now: TimeMs,
    ) -> Result<(), CollectError> {
        if !subscribed?.contains(&self.content_type) {
            self.start(reading).await?;
            return self.list(reading, list, now).await;
        }
        match self.list(reading, list, now).await {
            Err(CollectError::Failed(failure)) if AuditClient::is_without_subscription(&failure) => {
                self.start(reading).await?;
                self.list(reading, list, now).await
            }
            listed => listed,
        }
    }

    /// Without a subscription the service makes no content.
    async fn start(&self, reading: &Reading<'_>) -> Result<(), CollectError> {
        let name = self.content_type.name();
        if reading.pass.limit.is_some() {
            return Err(CollectError::Failed(Failure::stop(format!(
                "the subscription to {name} is not started, so there is no content yet; a dry run starts none, `collect` does, \
                 and its first content may take hours"
            ))));
        }
        if !self.settings.start_subscriptions {
            return Err(CollectError::Failed(Failure::stop(format!(
                "the subscription to {name} is not started, so no content is made of it, and start_subscriptions = false \
                 forbids to start it: allow it, or start it by other means"
            ))));
        }
        let (feed, now) = (reading.feed.clone(), reading.pass.now());
        if reading.store.call(move |store| store.may_start(&feed, now)).await? {
            self.client.start(self.content_type).await?;
            tracing::info!("the subscription to {name} is started; its first content may take hours");
        }
        Ok(())
    }

    async fn list(&self, reading: &mut Reading<'_>, list: &WorkList, now: TimeMs) -> Result<(), CollectError> {
        let (windows, unreachable) = windows(self.settings, list.listed_to, now);
        if let Some(span) = unreachable {
            let reason = "the audit feed lists the content of the last 7 days, and this feed was last read before";
            reading.add_gap(span, reason.into()).await?;
        }
        let listing = Listing::over(self.client.clone(), self.content_type, windows, now);
        reading.pages(Scan::AuditList(listing), &Progress::count("records listed")).await
    }

    /// Fetches every blob that waits, once.
    async fn fetch(&self, reading: &mut Reading<'_>, list: &WorkList) -> Result<(), CollectError> {
        let progress = Progress::count(&format!("records from {}", self.content_type.name()));
        loop {
            let (feed, list) = (reading.feed.clone(), *list);
            let take = move |store: &mut Store| store.waiting_blobs(&feed, &list, BLOBS_TAKEN_MAX);
            let blobs = reading.store.call(take).await?;
            if blobs.is_empty() {
                break;
            }
            let scan = BlobScan::over(&self.client, blobs, self.settings.blobs_at_once_max);
            reading.pages(Scan::AuditBlobs(scan), &progress).await?;
        }
        let feed = reading.feed.clone();
        let BlobBacklog { blobs, last_error } = reading.store.call(move |store| store.blob_backlog(&feed)).await?;
        if blobs == 0 {
            return Ok(());
        }
        let blobs = if blobs == 1 { "1 blob".to_owned() } else { format!("{blobs} blobs") };
        let why = last_error.unwrap_or_default();
        Err(CollectError::Failed(Failure::retry(format!(
            "{blobs} could not be read, to be tried again in the next pass: {why}"
        ))))
    }

    /// What was listed, up to the position, was read.
    async fn observe(&self, reading: &mut Reading<'_>, list: &WorkList, now: TimeMs) -> Result<(), CollectError> {
        let (name, source) = (reading.feed.name.clone(), fold::Source::AuditFeed);
        reading.feed = reading.store.call(move |store| store.feed(&name, source, now)).await?;
        let (windows, _) = windows(self.settings, list.listed_to, now);
        match (windows.first(), reading.feed.position) {
            (Some(first), Some(position)) if first.from < position => {
                reading.observe(Window { from: first.from, to: position }).await
            }
            _ => Ok(()),
        }
    }
}
