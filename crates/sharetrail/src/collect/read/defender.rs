//! The feed of Defender for Cloud Apps: one window, from the position less an overlap to a little before now.

use trail::fold;

use super::super::{CollectError, FeedSummary, Pass};
use super::Reading;
use crate::config::settings::{Defender, DefenderCredential, ScanOrder, Selection};
use crate::http::Failure;
use crate::progress::{Progress, tell};
use crate::sources::defender::{Authentication, DefenderClient, FILES_MAX, scope, unknown_types, window};
use crate::sources::{Scan, Window};
use crate::store::{PageCount, StoreThread};

/// Name of the feed in the store.
pub(super) const FEED: &str = "defender";
/// What is archived is a feed of its own: it reaches back differently, and has other gaps.
pub(super) const ARCHIVE_FEED: &str = "defender-archive";
/// The inventory of shared files, whose position is when it was last read to its end.
pub(super) const FILES_FEED: &str = "defender-files";

pub(super) async fn read(
    pass: &Pass<'_>,
    store: &StoreThread,
    settings: &Defender,
) -> Result<FeedSummary, CollectError> {
    pass.read_feed(store, FEED, fold::Source::Defender, async |reading| read_window(reading, settings).await).await
}

async fn read_window(reading: &mut Reading<'_>, settings: &Defender) -> Result<(), CollectError> {
    let now = reading.pass.now();
    let (_, unreachable) = window(settings, reading.feed.position, now);
    if let Some(span) = unreachable {
        let reason = "Defender lists the activities of the last 30 days, and this feed was last read before";
        reading.add_gap(span, reason.into()).await?;
    }
    reading.ask_for(scope(&settings.select)).await?;
    let (window, _) = window(settings, reading.feed.position, now);
    let client = client(reading.pass, settings)?;
    if let Selection::EventTypes(wanted) = &settings.select {
        tell_of_unknown_types(reading, &client, wanted).await;
    }
    let scan = Scan::Defender(client.scan(settings, window));
    reading.pages(scan, &Progress::count("records from Defender")).await?;
    reading.observe(window).await
}

/// Reads the inventory of shared files, if it is asked for and due.
pub(super) async fn read_inventory(
    pass: &Pass<'_>,
    store: &StoreThread,
    settings: &Defender,
) -> Result<Option<FeedSummary>, CollectError> {
    let Some(refresh_hours) = settings.files_refresh_hours else { return Ok(None) };
    let now = pass.now();
    let known = store.call(move |store| store.feed(FILES_FEED, fold::Source::Defender, now)).await?;
    let refresh_ms = i64::from(refresh_hours) * 3_600_000;
    if known.position.is_some_and(|read_at| now.millis() - read_at.millis() < refresh_ms) {
        return Ok(None);
    }
    let read = pass.read_feed(store, FILES_FEED, fold::Source::Defender, async |reading| {
        let scan = Scan::Inventory(client(pass, settings)?.inventory_scan());
        reading.pages(scan, &Progress::count("files from Defender")).await?;
        if reading.summary.count.records == 0 {
            tell(&format!(
                "{}: Defender lists no file that is shared outside; it does so only while file monitoring is on and a file \
                 policy is active",
                pass.tenant.name
            ));
        }
        let feed = reading.feed.clone();
        // As old as the beginning of what was read. Also of a part: to begin again with each pass would read no more.
        store.call(move |store| store.reach(&feed, now, now)).await?;
        whole(&reading.summary.count).map_err(CollectError::from)
    });
    Ok(Some(read.await?))
}

/// What is left out is said with each reading, and stays in `status` until the next.
fn whole(count: &PageCount) -> Result<(), Failure> {
    if count.records + count.rejected < FILES_MAX {
        return Ok(());
    }
    Err(Failure::stop(format!(
        "Defender lists {FILES_MAX} or more files that are shared outside; those that were modified last have been read, and \
         shares of the others are known from records alone"
    )))
}

/// A category that does not exist selects nothing, and nobody would notice.
async fn tell_of_unknown_types(reading: &Reading<'_>, client: &DefenderClient, wanted: &[String]) {
    match client.event_types().await {
        Ok(known) => {
            if let Some(sentence) = unknown_types(wanted, &known) {
                tell(&format!("{}: {sentence}", reading.pass.tenant.name));
            }
        }
        // It is the portal's list, not promised to us; nothing else depends on it.
        Err(failure) => tracing::info!("{failure}; whether tenant.defender.event_types exist is not known"),
    }
}

/// Reads what happened within `span`, which has to lie within reach, whenever Defender stored it.
pub(super) async fn read_span(
    reading: &mut Reading<'_>,
    settings: &Defender,
    span: Window,
) -> Result<(), CollectError> {
    let by_event = Defender { order: ScanOrder::Date, ..settings.clone() };
    let scan = Scan::Defender(client(reading.pass, settings)?.scan(&by_event, span));
    reading.pages(scan, &Progress::count("records from Defender")).await
}

/// Reads what happened within `span`, out of the archive.
pub(super) async fn read_archived(
    reading: &mut Reading<'_>,
    settings: &Defender,
    span: Window,
) -> Result<(), CollectError> {
    let scan = Scan::Archive(client(reading.pass, settings)?.archive_scan(settings, span));
    reading.pages(scan, &Progress::count("records from Defender's archive")).await
}

fn client(pass: &Pass<'_>, settings: &Defender) -> Result<DefenderClient, Failure> {
    let authentication = match &settings.credential {
        DefenderCredential::LegacyToken(reference) => Authentication::LegacyToken(pass.secrets.hold(reference)),
        DefenderCredential::Application => Authentication::Application {
            credential: pass.secrets.credential(pass.tenant.identity.as_ref())?,
            scope: pass.settings.cloud.defender_scope.clone(),
        },
    };
    Ok(DefenderClient::new(pass.http.clone(), settings, authentication))
}
