//! The feed of advanced hunting: one window, from the position less a long overlap to a little before now.

use trail::fold;

use super::super::{CollectError, FeedSummary, Pass};
use super::Reading;
use crate::config::settings::Hunting;
use crate::progress::Progress;
use crate::sources::hunting::{HuntingClient, HuntingScan, REACH_DAYS, scope, window};
use crate::sources::{Scan, Window};
use crate::store::StoreThread;

/// Name of the feed in the store.
pub(super) const FEED: &str = "hunting";

pub(super) async fn read(
    pass: &Pass<'_>,
    store: &StoreThread,
    settings: &Hunting,
) -> Result<FeedSummary, CollectError> {
    pass.read_feed(store, FEED, fold::Source::Hunting, async |reading| read_window(reading, settings).await).await
}

async fn read_window(reading: &mut Reading<'_>, settings: &Hunting) -> Result<(), CollectError> {
    let now = reading.pass.now();
    let (_, unreachable) = window(settings, reading.feed.position, now);
    if let Some(span) = unreachable {
        let reason =
            format!("advanced hunting keeps the activities of {REACH_DAYS} days, and this feed was last read before");
        reading.add_gap(span, reason).await?;
    }
    reading.ask_for(scope(settings)).await?;
    let (window, _) = window(settings, reading.feed.position, now);
    read_span(reading, settings, window).await?;
    reading.observe(window).await
}

/// Reads what happened within `span`, which has to lie within reach.
pub(super) async fn read_span(reading: &mut Reading<'_>, settings: &Hunting, span: Window) -> Result<(), CollectError> {
    let pass = reading.pass;
    let credential = pass.secrets.credential(pass.tenant.identity.as_ref())?;
    let client = HuntingClient::new(&pass.http, &pass.settings.cloud, &credential, settings);
    let scan = Scan::Hunting(HuntingScan::over(client, settings, span));
    reading.pages(scan, &Progress::count("records from advanced hunting")).await
}
