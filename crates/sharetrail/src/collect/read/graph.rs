//! Audit-log queries of Graph: begun, waited for and read; their ids are remembered while the service works on them.

use super::super::CollectError;
use super::Reading;
use crate::config::settings::Graph;
use crate::http::Failure;
use crate::progress::Progress;
use crate::sources::graph::{GraphClient, GraphReading, KnownQuery, Step};
use crate::sources::{Page, Window};
use crate::store::StoreError;

/// Name of the feed in the store.
pub(super) const FEED: &str = "graph";

/// Reads what happened within `span`.
pub(super) async fn read_span(reading: &mut Reading<'_>, settings: &Graph, span: Window) -> Result<(), CollectError> {
    let progress = Progress::count("records from audit-log queries of Graph");
    let known = known(reading).await?;
    let mut queries = GraphReading::over(client(reading, settings)?, settings, span, known);
    let mut next = queries.next().await?;
    while let Some(step) = next {
        let is_begun = matches!(step, Step::Begun(_));
        let settled = settle(reading, step, &progress);
        if is_begun {
            // Killed now, the service would work for nobody.
            settled.await?;
            next = queries.next().await?;
        } else {
            let (settled, fetched) = tokio::join!(settled, queries.next());
            settled?;
            next = fetched?;
        }
    }
    Ok(())
}

fn client(reading: &Reading<'_>, settings: &Graph) -> Result<GraphClient, Failure> {
    let pass = reading.pass;
    let credential = pass.secrets.credential(pass.tenant.identity.as_ref())?;
    Ok(GraphClient::new(&pass.http, &pass.settings.cloud, &credential, settings.api))
}

/// The queries that earlier runs left behind.
async fn known(reading: &Reading<'_>) -> Result<Vec<KnownQuery>, StoreError> {
    let (feed, now) = (reading.feed.clone(), reading.pass.now());
    let queries = reading.store.call(move |store| store.queries(&feed, now)).await?;
    Ok(queries.into_iter().map(|(key, id)| KnownQuery { key, id }).collect())
}

async fn settle(reading: &mut Reading<'_>, step: Step, progress: &Progress) -> Result<(), CollectError> {
    let (feed, now) = (reading.feed.clone(), reading.pass.now());
    match step {
        Step::Begun(KnownQuery { key, id }) => {
            reading.store.call(move |store| store.keep_query(&feed, key, &id, now)).await?;
        }
        Step::Page(elements) if elements.is_empty() => {}
        Step::Page(elements) => {
            let count = reading.store_page(Page { elements, ..Page::default() }).await?;
            progress.inc(count.records);
            reading.summary.count.add(&count);
        }
        Step::Over { key, .. } => reading.store.call(move |store| store.forget_query(&feed, key, now)).await?,
    }
    Ok(())
}
