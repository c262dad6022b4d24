//! A dry run: a pass into a store that is thrown away, whose outbox is weighed instead of sent.
//!
//! It goes by a copy of the store, so that what is known already counts as known, and reads, judges and concludes as a real
//! pass does: there is no second way of counting that could disagree with it. It asks services only what reading needs.
//! Why so: `docs/decisions/0048-a-dry-run-is-a-pass-into-a-copy.md`.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::deliver::{BYTES_AT_ONCE, ROWS_AT_ONCE};
use super::{CollectError, FeedSummary, Limit, Pass, TenantPass, Wanted, each_tenant, sink};
use crate::config::settings::Settings;
use crate::config::{RAW_BYTES_MAX, WIRE_BYTES_MAX};
use crate::disk;
use crate::http::Failure;
use crate::sinks::batch::{Batch, Limits, Packer};
use crate::store::{self, Hours, Spread, Store, StoreError, StoreThread, Table, Waiting};

const MINUTE_MS: i64 = 60_000;
const DAY_HOURS: f64 = 24.0;

/// Beside the copy of the store there has to be so much room, for what is read.
const ROOM_BYTES_MIN: u64 = 64 * 1024 * 1024;

/// What stands for a sink where none is configured: every table, as the Logs Ingestion API takes it.
const IMAGINED_SINK: &str = "(none configured)";
const IMAGINED_TABLES: [Table; 4] = [Table::Gap, Table::Share, Table::Access, Table::Activity];

/// What a pass over one tenant would do.
#[derive(Debug)]
pub struct DryRun {
    /// Whose.
    pub tenant: String,
    /// The store that would be written to.
    pub store: PathBuf,
    /// Its feeds.
    pub feeds: Vec<FeedSummary>,
    /// By how much the store would grow.
    pub store_bytes: u64,
    /// What would be sent, by sink and table.
    pub tables: Vec<Weight>,
    /// When the records that are new happened; `None` where none are.
    pub spread: Option<Spread>,
}

impl DryRun {
    /// Everything that is to be read was read.
    pub fn is_complete(&self) -> bool {
        self.feeds.iter().all(|feed| feed.failure.is_none() && feed.count.rejected == 0)
    }

    /// Every feed failed before it brought anything.
    pub fn did_nothing(&self) -> bool {
        !self.is_complete() && self.feeds.iter().all(|feed| feed.failure.is_some() && feed.count.records == 0)
    }
}

/// What would be sent of one table to one sink.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Weight {
    /// Which sink, by its name in the configuration.
    pub sink: String,
    /// Which table.
    pub table: &'static str,
    /// Rows that wait for it, those of earlier passes included.
    pub rows: u64,
    /// Their size as JSON.
    pub bytes: u64,
    /// Their size as sent.
    pub wire_bytes: u64,
    /// Requests that they make.
    pub requests: u64,
    /// Bytes a day of such rows, as JSON: what follows from the records that are new, by the span in which these happened.
    /// `None` without new records.
    pub bytes_per_day: Option<u64>,
}

/// A dry run over every tenant, or over those named in `only`, each feed for about `minutes_max` at most. `stores` tells
/// where each tenant's store is, in the order of the configuration; none is made and none is changed.
///
/// # Errors
/// As [`collect`](super::collect).
pub async fn dry_run(
    settings: &Settings,
    stores: &[PathBuf],
    only: &[String],
    minutes_max: u32,
) -> Result<Vec<TenantPass<DryRun>>, CollectError> {
    each_tenant(settings, stores, only, async |mut pass, path| {
        let ends_at = pass.now().plus(i64::from(minutes_max) * MINUTE_MS);
        pass.limit = Some(Limit { minutes_max, ends_at });
        pass.try_out(path).await
    })
    .await
}

impl Pass<'_> {
    async fn try_out(&self, path: PathBuf) -> Result<DryRun, CollectError> {
        // Goes last of all, when the store in it is closed.
        let folder = throw_away_folder()?;
        let copy = folder.path().join("store.db");
        copy_of(&path, &copy)?;
        let store = self.open(&copy).await?;
        let (before, bytes_before) = store.call(|store| Ok((store.revision(), store.bytes()?))).await?;
        let feeds = self.read_feeds(&store, &Wanted::All).await?;
        self.recompute(&store).await?;
        let bytes_after = store.call(|store| store.bytes()).await?;
        let spread = spread(&feeds);
        let tables = self.weigh(&store, before, spread).await?;
        let tenant = self.tenant.name.clone();
        Ok(DryRun { tenant, store: path, feeds, store_bytes: bytes_after.saturating_sub(bytes_before), tables, spread })
    }

    /// Weighs what waits for each sink. What came after the revision `before` follows from new records.
    async fn weigh(
        &self,
        store: &StoreThread,
        before: i64,
        spread: Option<Spread>,
    ) -> Result<Vec<Weight>, CollectError> {
        let limits: Vec<Limits> = self.tenant.sinks.iter().map(sink::limits).collect();
        let mut sinks: Vec<(String, Vec<Table>, Limits)> = sink::tables(self.tenant)
            .into_iter()
            .zip(limits)
            .map(|((name, tables), limits)| (name, tables, limits))
            .collect();
        if sinks.is_empty() {
            let sink = (IMAGINED_SINK.to_owned(), IMAGINED_TABLES.to_vec());
            let (offered, now) = (vec![sink.clone()], self.now());
            store.call(move |store| store.use_sinks(&offered, now)).await?;
            let limits =
                Limits { wire_bytes_max: WIRE_BYTES_MAX as usize, raw_bytes_max: RAW_BYTES_MAX as usize, gzip: true };
            sinks.push((sink.0, sink.1, limits));
        }
        let days = spread.map(|spread| spread.hours() as f64 / DAY_HOURS);
        let mut weights = Vec::new();
        for (sink, tables, limits) in sinks {
            for table in tables {
                let name = sink.clone();
                let weighed = store.call(move |store| Scales::of(store, &name, table, limits, before)).await?;
                weights.push(weighed.weight(&sink, table, days));
            }
        }
        Ok(weights)
    }
}

/// The rows of one table on the scales.
#[derive(Debug, Default)]
struct Scales {
    rows: u64,
    bytes: u64,
    new_bytes: u64,
    wire_bytes: u64,
    requests: u64,
}

impl Scales {
    fn of(store: &mut Store, sink: &str, table: Table, limits: Limits, before: i64) -> Result<Self, StoreError> {
        let mut scales = Self::default();
        let Some(sink) = store.sink_id(sink) else { return Ok(scales) };
        let mut packer = Packer::new(limits);
        let mut after = i64::MIN;
        loop {
            let mut json = Vec::new();
            let waiting = store.waiting(sink, table, after, ROWS_AT_ONCE, BYTES_AT_ONCE, &mut json)?;
            let Some(last) = waiting.last() else { break };
            after = last.entry.row;
            for Waiting { entry, json: range } in &waiting {
                let Some(row) = json.get(range.clone()) else { continue };
                scales.rows += 1;
                scales.bytes += row.len() as u64;
                scales.new_bytes += if entry.revision > before { row.len() as u64 } else { 0 };
                // Nobody asks for these rows again, so nothing has to tell them apart.
                packer.push(row, 0).iter().for_each(|batch| scales.add(batch));
            }
        }
        while let Some(batch) = packer.finish() {
            scales.add(&batch);
        }
        Ok(scales)
    }

    fn add(&mut self, batch: &Batch) {
        self.requests += 1;
        self.wire_bytes += batch.body().len() as u64;
    }

    fn weight(&self, sink: &str, table: Table, days: Option<f64>) -> Weight {
        Weight {
            sink: sink.to_owned(),
            table: table.as_str(),
            rows: self.rows,
            bytes: self.bytes,
            wire_bytes: self.wire_bytes,
            requests: self.requests,
            bytes_per_day: days.map(|days| (self.new_bytes as f64 / days).round() as u64),
        }
    }
}

/// The span of everything that is new, whichever feed brought it.
fn spread(feeds: &[FeedSummary]) -> Option<Spread> {
    let mut hours = Hours::default();
    feeds.iter().for_each(|feed| hours.merge(&feed.count.hours));
    hours.spread()
}

/// In the system's folder for such things, for its owner only.
fn throw_away_folder() -> Result<tempfile::TempDir, Failure> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("sharetrail-dry-run-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir().map_err(|cause| {
        let place = std::env::temp_dir();
        Failure::stop(format!(
            "no folder for the dry run can be made in {}: {cause}; the variable TMPDIR names another place",
            place.display()
        ))
    })
}

/// A new store where there is none yet.
fn copy_of(path: &Path, copy: &Path) -> Result<(), CollectError> {
    let file = match std::fs::metadata(path) {
        // What is wrong with any other is told by whoever copies it.
        Ok(file) if file.len() > 0 => file,
        _ => return Ok(()),
    };
    let (needed, free) = (file.len().saturating_add(ROOM_BYTES_MIN), disk::free_bytes(copy));
    if free.is_some_and(|free| free < needed) {
        return Err(CollectError::Failed(Failure::stop(format!(
            "a dry run works on a copy of the store, and {} has no room for its {} MB; the variable TMPDIR names another place",
            std::env::temp_dir().display(),
            file.len() / 1_000_000
        ))));
    }
    Ok(store::backup(path, copy, false)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_takes_what_is_new_by_the_days_in_which_it_happened() {
        let scales = Scales { rows: 3, bytes: 3_000, new_bytes: 2_000, wire_bytes: 400, requests: 1 };
        let per_day = |days| scales.weight("logs", Table::Access, days).bytes_per_day;
        assert_eq!((per_day(Some(0.5)), per_day(Some(30.0)), per_day(None)), (Some(4_000), Some(67), None));
    }

    #[test]
    fn a_store_that_is_not_there_or_holds_nothing_needs_no_copy() {
        let folder = throw_away_folder().unwrap();
        let copy = folder.path().join("store.db");
        copy_of(&folder.path().join("nowhere.db"), &copy).unwrap();
        let empty = folder.path().join("empty.db");
        std::fs::write(&empty, "").unwrap();
        copy_of(&empty, &copy).unwrap();
        assert!(!copy.exists());
    }
}
