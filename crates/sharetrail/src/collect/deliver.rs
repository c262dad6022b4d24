//! Delivery: rows leave the outbox when a sink has confirmed them, or are set aside with a reason.

use std::collections::VecDeque;

use tracing::Instrument as _;

use super::sink::{self, Open};
use super::{CollectError, Pass, SinkSummary, Wanted};
use crate::config::settings;
use crate::crash;
use crate::progress::Progress;
use crate::sinks::Delivery;
use crate::sinks::batch::{Batch, Limits, Packer};
use crate::store::{Entry, StoreThread, Table, Waiting};

/// Rows read from the outbox at once, and how much JSON they may make: what is in memory on the way to a batch.
pub(super) const ROWS_AT_ONCE: usize = 5_000;
pub(super) const BYTES_AT_ONCE: usize = 4 * 1024 * 1024;

/// So many rows refused one by one, with none taken in between, are not the rows' fault but the table's or the rule's.
const REFUSED_ROWS_MAX: usize = 20;

impl Pass<'_> {
    /// Delivers to every wanted sink what it has not confirmed. One that fails does not hold up the others.
    pub(super) async fn deliver(&self, store: &StoreThread, wanted: &Wanted) -> Result<Vec<SinkSummary>, CollectError> {
        let mut summaries = Vec::new();
        for (sink, (name, tables)) in self.tenant.sinks.iter().zip(sink::tables(self.tenant)) {
            if !wanted.has_sink(&name) {
                continue;
            }
            let id = {
                let name = name.clone();
                store.call(move |store| Ok(store.sink_id(&name))).await?
            };
            let mut summary =
                SinkSummary { sink: name, delivered: Vec::new(), dead_letters: 0, failure: None, stopped: false };
            if let Some(id) = id {
                let span = tracing::info_span!("sink", sink = summary.sink);
                self.deliver_to(store, id, sink, &tables, &mut summary).instrument(span).await?;
                let (error, now) = (summary.failure.clone(), self.now());
                let confirmed_any = summary.delivered.iter().any(|(_, rows)| *rows > 0);
                // One that was stopped before it took anything says nothing of the sink.
                if confirmed_any || !summary.stopped {
                    store.call(move |store| store.note_delivery(id, error.as_deref(), confirmed_any, now)).await?;
                }
            }
            summaries.push(summary);
        }
        Ok(summaries)
    }

    async fn deliver_to(
        &self,
        store: &StoreThread,
        id: i64,
        settings: &settings::Sink,
        tables: &[Table],
        summary: &mut SinkSummary,
    ) -> Result<(), CollectError> {
        let waiting = store.call(move |store| store.has_waiting(id)).await?;
        if !waiting {
            return Ok(());
        }
        if self.is_over() {
            summary.stopped = true;
            return Ok(());
        }
        let sink = match self.open_sink(settings).await {
            Ok(sink) => sink,
            Err(failure) => {
                summary.failure = Some(failure.to_string());
                return Ok(());
            }
        };
        for table in tables {
            let mut outgoing = Outgoing {
                pass: self,
                store,
                id,
                sink: &sink,
                limits: sink::limits(settings),
                table: *table,
                entries: VecDeque::new(),
                first_tag: 0,
                refused: Vec::new(),
                delivered: 0,
                dead_letters: 0,
            };
            let halt = outgoing.send_all().await?;
            summary.dead_letters += outgoing.dead_letters;
            summary.delivered.push((*table, outgoing.delivered));
            match halt {
                None => {}
                Some(Halt::PassEnds) => {
                    summary.stopped = true;
                    break;
                }
                Some(Halt::Failed { why, is_passing }) => {
                    // The first trouble is the one to mend.
                    summary.failure.get_or_insert(why);
                    // What a person must mend may concern this table alone, as a stream that is misspelt.
                    if is_passing {
                        break;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Why a table's rows have to wait.
enum Halt {
    Failed {
        /// In words.
        why: String,
        /// Time alone may cure it; otherwise a person has to act.
        is_passing: bool,
    },
    /// The pass was asked to end, or its time is up.
    PassEnds,
}

/// One table on its way to one sink.
struct Outgoing<'a> {
    pass: &'a Pass<'a>,
    store: &'a StoreThread,
    id: i64,
    sink: &'a Open<'a>,
    /// What a batch for it may hold.
    limits: Limits,
    table: Table,
    /// Entries whose rows are in the packer or being sent, oldest first; they leave with their batch.
    entries: VecDeque<Entry>,
    /// The tag under which the first of them went into the packer.
    first_tag: u64,
    /// Rows that were refused one by one since the sink last took any, with the reason: they become dead letters only when
    /// it takes another one, because a sink that takes none says nothing about a row.
    refused: Vec<Refusal>,
    delivered: u64,
    dead_letters: u64,
}

/// A row that was refused alone.
struct Refusal {
    entry: Entry,
    /// What the service says.
    why: String,
    /// It was called too large, although it is within what the service takes.
    by_size: bool,
}

impl Outgoing<'_> {
    /// Sends until the outbox is empty; returns why it had to stop before.
    async fn send_all(&mut self) -> Result<Option<Halt>, CollectError> {
        let progress = Progress::count(&format!("rows to {}", self.table.as_str()));
        let mut packer = Packer::new(self.limits);
        let mut after = i64::MIN;
        loop {
            let (json, waiting) = self.fetch(after).await?;
            let Some(last) = waiting.last() else { break };
            after = last.entry.row;
            for Waiting { entry, json: range } in &waiting {
                let Some(row) = json.get(range.clone()) else { continue };
                self.entries.push_back(*entry);
                let tag = self.first_tag + self.entries.len() as u64 - 1;
                if let Some(batch) = packer.push(row, tag) {
                    progress.inc(batch.len() as u64);
                    if let Some(halt) = self.settle(batch).await? {
                        return Ok(Some(halt));
                    }
                }
            }
        }
        while let Some(batch) = packer.finish() {
            progress.inc(batch.len() as u64);
            if let Some(halt) = self.settle(batch).await? {
                return Ok(Some(halt));
            }
        }
        if self.delivered > 0 {
            let refused = std::mem::take(&mut self.refused);
            self.set_aside(refused).await?;
        }
        Ok(self.refuses_all())
    }

    async fn fetch(&self, after: i64) -> Result<(Vec<u8>, Vec<Waiting>), CollectError> {
        let (id, table) = (self.id, self.table);
        Ok(self
            .store
            .call(move |store| {
                let mut json = Vec::with_capacity(BYTES_AT_ONCE);
                let waiting = store.waiting(id, table, after, ROWS_AT_ONCE, BYTES_AT_ONCE, &mut json)?;
                Ok((json, waiting))
            })
            .await?)
    }

    /// Sends a batch and does what the answer asks for; returns why delivery has to stop.
    async fn settle(&mut self, batch: Batch) -> Result<Option<Halt>, CollectError> {
        let last_tag = batch.tags().last();
        // Halves wait here; each split makes them smaller, so the stack is bounded by the batch's rows.
        let mut to_send = vec![batch];
        while let Some(batch) = to_send.pop() {
            if self.pass.is_over() {
                return Ok(Some(Halt::PassEnds));
            }
            crash::point(crash::BEFORE_SEND);
            let answer = self.sink.send(self.table, &batch).await;
            crash::point(crash::AFTER_ANSWER);
            let (why, whole_batch_refused) = match answer {
                Delivery::Done => {
                    self.confirm(&batch).await?;
                    let refused = std::mem::take(&mut self.refused);
                    self.set_aside(refused).await?;
                    continue;
                }
                Delivery::Retry { why, .. } => return Ok(Some(Halt::Failed { why, is_passing: true })),
                Delivery::Stop { why } => return Ok(Some(Halt::Failed { why, is_passing: false })),
                Delivery::Split { why } => (why, false),
                Delivery::Reject { why } => (why, true),
            };
            match batch.halves() {
                Ok((first, second)) => {
                    tracing::debug!(rows = first.len() + second.len(), whole_batch_refused, "sending in halves: {why}");
                    to_send.push(second);
                    to_send.push(first);
                }
                Err(lone) => {
                    let by_size = !whole_batch_refused;
                    let refusal = |entry| Refusal { entry, why: why.clone(), by_size };
                    let rows: Vec<_> = self.entries_of(&lone).into_iter().map(refusal).collect();
                    if by_size && !self.is_within_limits(&lone) {
                        // A row that is too large is so by itself.
                        self.set_aside(rows).await?;
                        continue;
                    }
                    self.refused.extend(rows);
                    if self.refused.len() >= REFUSED_ROWS_MAX {
                        return Ok(self.refuses_all());
                    }
                }
            }
        }
        while last_tag.is_some_and(|last| self.first_tag <= last) {
            self.entries.pop_front();
            self.first_tag += 1;
        }
        Ok(None)
    }

    async fn confirm(&mut self, batch: &Batch) -> Result<(), CollectError> {
        let confirmed = self.entries_of(batch);
        self.delivered += confirmed.len() as u64;
        let (id, table, now) = (self.id, self.table, self.pass.now());
        Ok(self.store.call(move |store| store.confirm(id, table, &confirmed, now)).await?)
    }

    fn is_within_limits(&self, batch: &Batch) -> bool {
        batch.body().len() <= self.limits.wire_bytes_max && batch.raw().len() <= self.limits.raw_bytes_max
    }

    async fn set_aside(&mut self, rows: Vec<Refusal>) -> Result<(), CollectError> {
        for Refusal { entry, why, .. } in rows {
            tracing::warn!(table = self.table.as_str(), row = entry.row, "dead letter: {why}");
            self.dead_letters += 1;
            let (id, table, now) = (self.id, self.table, self.pass.now());
            self.store.call(move |store| store.set_aside(id, table, entry, &why, now)).await?;
        }
        Ok(())
    }

    /// Rows were refused and none was taken since: they stay in the outbox.
    fn refuses_all(&self) -> Option<Halt> {
        let last = self.refused.last()?;
        let (rows, table, said) = (self.refused.len(), self.table.as_str(), &last.why);
        let remedy = if last.by_size {
            "each is within what the service takes, so look for something on the way, such as a proxy, that takes less"
                .to_owned()
        } else {
            format!(
                "compare the columns of the stream, of the rule's transformation and of the table with those of {table} in \
                 docs/reference/columns.md"
            )
        };
        let why = format!(
            "{table}: {rows} rows were refused, each by itself, and none was taken, so the fault is the destination's rather \
             than the rows': {remedy}. The service says: {said}"
        );
        Some(Halt::Failed { why, is_passing: false })
    }

    fn entries_of(&self, batch: &Batch) -> Vec<Entry> {
        let place = |tag: u64| usize::try_from(tag.checked_sub(self.first_tag)?).ok();
        batch.tags().filter_map(|tag| self.entries.get(place(tag)?).copied()).collect()
    }
}
