//! What was listed and served, to be compared with what a client says that it has.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use crate::options::ContentType;
use crate::services::management::blob::{Blob, Content};
use crate::services::management::stock::Stock;

/// What was counted at the Management Activity API.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ManagementCounters {
    /// Calls that did not name a publisher.
    pub without_publisher: u64,
    /// Calls that start a subscription.
    pub starts: u64,
    /// Those among them that came within 15 minutes of the one before.
    pub starts_too_early: u64,
    /// By content type; one without blobs is not here.
    pub content: BTreeMap<ContentType, ContentCounters>,
}

/// What there is of one content type, and what of it was listed and served.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ContentCounters {
    /// Blobs that can be had: neither expired when listed nor lost.
    pub blobs: u64,
    /// Records in them, repeated ones counted again.
    pub records: u64,
    /// Different records in them.
    pub distinct_records: u64,
    /// Descriptions of blobs on the pages of lists.
    pub descriptions: u64,
    /// Different blobs among them.
    pub blobs_listed: u64,
    /// Blobs that were sent, repeated ones counted again.
    pub fetches: u64,
    /// Different blobs among them.
    pub blobs_served: u64,
    /// Records that were sent, repeated ones counted again.
    pub records_served: u64,
    /// Different records among them.
    pub distinct_records_served: u64,
}

/// What happened so far.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) without_publisher: u64,
    pub(crate) starts: u64,
    pub(crate) starts_too_early: u64,
    /// By serial: how often a blob was listed and sent.
    blobs: BTreeMap<u32, Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    listed: u64,
    served: u64,
    failures: u32,
}

impl Ledger {
    pub(crate) fn listed(&mut self, blobs: &[&Blob]) {
        blobs.iter().for_each(|blob| self.blobs.entry(blob.serial).or_default().listed += 1);
    }

    pub(crate) fn served(&mut self, blob: &Blob) {
        self.blobs.entry(blob.serial).or_default().served += 1;
    }

    /// Whether a blob that fails at first has done so; counts a failure if not.
    pub(crate) fn has_failed_enough(&mut self, blob: &Blob, failures_max: u32) -> bool {
        let seen = self.blobs.entry(blob.serial).or_default();
        let enough = seen.failures >= failures_max;
        seen.failures += u32::from(!enough);
        enough
    }

    pub(crate) fn counters(&self, stock: &Stock) -> ManagementCounters {
        let mut content: BTreeMap<ContentType, ContentCounters> = BTreeMap::new();
        let (mut held, mut served) = (Distinct::default(), Distinct::default());
        for blob in stock.blobs() {
            let counters = content.entry(blob.content_type).or_default();
            let seen = self.blobs.get(&blob.serial);
            let (times_listed, times_served) = seen.map_or((0, 0), |seen| (seen.listed, seen.served));
            counters.descriptions += times_listed;
            counters.blobs_listed += u64::from(times_listed > 0);
            if blob.is_served() {
                counters.blobs += 1;
                counters.records += blob.records();
                counters.distinct_records += held.add(blob);
            }
            if times_served > 0 {
                counters.fetches += times_served;
                counters.blobs_served += 1;
                counters.records_served += times_served * blob.records();
                counters.distinct_records_served += served.add(blob);
            }
        }
        let Ledger { without_publisher, starts, starts_too_early, .. } = *self;
        ManagementCounters { without_publisher, starts, starts_too_early, content }
    }
}

/// Records met so far. Generated ones are all different, so they need no memory.
#[derive(Default)]
struct Distinct(HashSet<u32>);

impl Distinct {
    /// How many records of a blob are met for the first time.
    fn add(&mut self, blob: &Blob) -> u64 {
        match &blob.content {
            Content::Pieces(pieces) => pieces.iter().map(|piece| u64::from(self.0.insert(piece.record))).sum(),
            Content::Generated { count, .. } => *count,
        }
    }
}
