//! An older range, step by step, without disturbing the positions of the feeds.
//!
//! Each step is observed when it has been read, and remembered, so that an interrupted run goes on behind it. A range
//! that is read a second time stores nothing new.

use trail::{TimeMs, fold};

use super::super::backfill::{List, Part, Plan};
use super::super::{CollectError, FeedSummary, Pass};
use super::{Reading, defender, graph, hunting};
use crate::progress::tell;
use crate::sources::Window;
use crate::store::StoreThread;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

impl Pass<'_> {
    /// Reads an older range as planned. What one part fails with stands in its summary and stops no other part.
    pub(in crate::collect) async fn read_older(
        &self,
        store: &StoreThread,
        plan: &Plan,
    ) -> Result<Vec<FeedSummary>, CollectError> {
        let mut summaries: Vec<FeedSummary> = Vec::new();
        let none_read = plan.gap.iter().filter(|_| plan.parts.is_empty()).map(|(part, _)| part);
        for part in plan.parts.iter().chain(none_read) {
            let gap = plan.gap.as_ref().filter(|(of, _)| of.list == part.list);
            let (name, source) = feed(part.list);
            let read = async |reading: &mut Reading<'_>| {
                reading.moves_position = false;
                if let Some((Part { span, .. }, reason)) = gap {
                    reading.add_gap(*span, reason.clone()).await?;
                }
                if plan.parts.is_empty() { Ok(()) } else { self.read_part(reading, part).await }
            };
            summaries.push(self.read_feed(store, name, source, read).await?);
        }
        Ok(summaries)
    }

    async fn read_part(&self, reading: &mut Reading<'_>, part: &Part) -> Result<(), CollectError> {
        let begin = part.span.from;
        let reached = reading.backfilled_to(begin).await?;
        if reached > begin {
            tell(&format!("{}: an earlier run has read up to {reached}; going on from there", self.tenant.name));
        }
        let rest = Window { from: reached.min(part.span.to), to: part.span.to };
        tell(&format!("{}: reading {} to {} from {}", self.tenant.name, rest.from, rest.to, part.list.words()));
        for step in rest.steps(self.step_ms(part.list)) {
            self.read_step(reading, part.list, step).await?;
            reading.observe(step).await?;
            reading.note_backfill(begin, Some(step.to)).await?;
        }
        reading.note_backfill(begin, None).await
    }

    async fn read_step(&self, reading: &mut Reading<'_>, list: List, step: Window) -> Result<(), CollectError> {
        let tenant = self.tenant;
        // The plan has only lists that are configured.
        match (list, &tenant.defender, &tenant.graph, &tenant.hunting) {
            (List::Defender, Some(settings), _, _) => defender::read_span(reading, settings, step).await,
            (List::Archive, Some(settings), _, _) => defender::read_archived(reading, settings, step).await,
            (List::Graph, _, Some(settings), _) => graph::read_span(reading, settings, step).await,
            (List::Hunting, _, _, Some(settings)) => hunting::read_span(reading, settings, step).await,
            _ => Ok(()),
        }
    }

    /// How much is read before it is remembered: of Graph, as many queries as are worked on at once.
    fn step_ms(&self, list: List) -> i64 {
        match (list, &self.tenant.graph) {
            (List::Graph, Some(graph)) => {
                let services = graph.service_filters.len().max(1);
                let queries = (graph.queries_at_once_max / services).max(1);
                i64::try_from(queries).unwrap_or(1) * i64::from(graph.query_hours) * HOUR_MS
            }
            (List::Archive, _) => 7 * DAY_MS,
            _ => DAY_MS,
        }
    }
}

impl Reading<'_> {
    async fn backfilled_to(&self, begin: TimeMs) -> Result<TimeMs, CollectError> {
        let feed = self.feed.clone();
        Ok(self.store.call(move |store| store.backfilled_to(&feed, begin)).await?)
    }

    async fn note_backfill(&self, begin: TimeMs, reached: Option<TimeMs>) -> Result<(), CollectError> {
        let (feed, now) = (self.feed.clone(), self.pass.now());
        Ok(self.store.call(move |store| store.note_backfill(&feed, begin, reached, now)).await?)
    }
}

/// Name of the feed in the store, and what its records count for.
fn feed(list: List) -> (&'static str, fold::Source) {
    match list {
        List::Defender => (defender::FEED, fold::Source::Defender),
        List::Archive => (defender::ARCHIVE_FEED, fold::Source::Defender),
        List::Graph => (graph::FEED, fold::Source::Graph),
        List::Hunting => (hunting::FEED, fold::Source::Hunting),
    }
}
