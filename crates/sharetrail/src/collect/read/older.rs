//! An older range, step by step, without disturbing the positions of the feeds.
//!
//! Each step is observed when it has been read, and remembered, so that an interrupted run goes on behind it. A range
//! that is read a second time stores nothing new.

use trail::{TimeMs, fold};

use super::super::backfill::{List, Part, Plan};
use super::super::{CollectError, FeedSummary, Pass, Wanted};
use super::{Reading, audit, defender, graph, hunting};
use crate::progress::tell;
use crate::sources::Window;
use crate::store::{Store, StoreThread};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

impl Pass<'_> {
    /// Reads an older range as planned. What one part fails with stands in its summary and stops no other part.
    pub(in crate::collect) async fn read_older(
        &self,
        store: &StoreThread,
        plan: &Plan,
    ) -> Result<Vec<FeedSummary>, CollectError> {
        let mut summaries = Vec::new();
        if let Some((part, reason)) = &plan.gap {
            self.note_gap(store, part, reason).await?;
        }
        for part in &plan.parts {
            let (name, Window { from, to }) = (&self.tenant.name, part.span);
            tell(&format!("{name}: reading {from} to {to} from {}", part.list.words()));
            if let (List::Audit, Some(settings)) = (part.list, &self.tenant.audit) {
                // Read as it always is, from an earlier beginning on: its position tells the truth wherever it is.
                let again = audit::listed_again(settings, from, self.now());
                summaries.extend(audit::read(self, store, &again, &Wanted::All).await?);
                continue;
            }
            for (name, source) in self.feeds(part.list) {
                let read = async |reading: &mut Reading<'_>| {
                    reading.moves_position = false;
                    self.read_part(reading, part).await
                };
                summaries.push(self.read_feed(store, name, source, read).await?);
            }
        }
        Ok(summaries)
    }

    /// Lists what lies beyond the reach of a source.
    async fn note_gap(&self, store: &StoreThread, part: &Part, reason: &str) -> Result<(), CollectError> {
        let (name, Window { from, to }) = (&self.tenant.name, part.span);
        let list = part.list.words();
        tell(&format!("{name}: gap from {from} to {to}, which cannot be had from {list}: {reason}"));
        for (name, source) in self.feeds(part.list) {
            let (now, reason) = (self.now(), reason.to_owned());
            let add = move |store: &mut Store| {
                let feed = store.feed(name, source, now)?;
                store.add_gap(&feed, from, to, &reason, now)
            };
            store.call(add).await?;
        }
        Ok(())
    }

    async fn read_part(&self, reading: &mut Reading<'_>, part: &Part) -> Result<(), CollectError> {
        let begin = part.span.from;
        let reached = reading.backfilled_to(begin).await?;
        if reached > begin {
            tell(&format!("{}: an earlier run has read up to {reached}; going on from there", self.tenant.name));
        }
        let rest = Window { from: reached.min(part.span.to), to: part.span.to };
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

    /// Names of the feeds in the store, and what their records count for.
    fn feeds(&self, list: List) -> Vec<(&'static str, fold::Source)> {
        match list {
            List::Defender => vec![(defender::FEED, fold::Source::Defender)],
            List::Archive => vec![(defender::ARCHIVE_FEED, fold::Source::Defender)],
            List::Graph => vec![(graph::FEED, fold::Source::Graph)],
            List::Hunting => vec![(hunting::FEED, fold::Source::Hunting)],
            List::Audit => {
                let types = self.tenant.audit.iter().flat_map(|audit| audit.content_types.iter());
                types.map(|content_type| (content_type.name(), fold::Source::AuditFeed)).collect()
            }
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
