//! All blobs of the feed, and the records that they are made of.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use crate::options::{ContentType, ManagementOptions, SyntheticFeed};
use crate::services::management::blob::{Blob, Content, Fate, Piece};
use crate::services::management::plan::{Arrival, plan};
use crate::services::management::reordered::reordered;
use crate::services::management::synthetic::{NoTemplates, Templates};
use crate::story::clock::{DAY, HOUR, MINUTE};
use crate::story::{StoredActivity, feed_json};

/// An audit record, shared with the Defender activity around it.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    json: Arc<str>,
    audit: Range<usize>,
}

impl Record {
    pub(crate) fn of(activity: &StoredActivity) -> Record {
        Record { json: Arc::clone(&activity.json), audit: activity.audit.clone() }
    }

    /// In the copy that Defender keeps.
    pub(crate) fn audit_json(&self) -> &str {
        &self.json[self.audit.clone()]
    }
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Stock {
    records: Vec<Record>,
    /// Places in `records` by Defender's `_id`, which ends with the audit record's.
    known: HashMap<String, u32>,
    blobs: Vec<Blob>,
    /// Blobs by (`created_ms`, serial), ascending.
    order: Vec<(i64, u32)>,
    templates: Option<Arc<Templates>>,
}

impl Stock {
    /// The feed of a tenant.
    pub(crate) fn of(activities: &[StoredActivity], options: &ManagementOptions) -> Stock {
        let mut stock = Stock::default();
        let mut arrivals = Vec::with_capacity(activities.len());
        for activity in activities {
            // Defender's enriched second copies hold the same audit record, which the feed delivers once.
            if !stock.known.contains_key(&activity.id) {
                arrivals.extend(stock.arrival(activity));
            }
        }
        stock.add(&arrivals, options);
        stock
    }

    /// A feed of generated records.
    pub(crate) fn synthetic(
        feed: &SyntheticFeed,
        options: &ManagementOptions,
        activities: &[StoredActivity],
        now_ms: i64,
    ) -> Result<Stock, NoTemplates> {
        let templates = Templates::of(activities, feed.relevant_per_mille)?;
        let mut stock = Stock { templates: Some(Arc::new(templates)), ..Stock::default() };
        let (blobs, span_ms) = (u64::from(feed.blobs.max(1)), i64::from(feed.hours.max(1)) * HOUR - 5 * MINUTE);
        for number in 0..blobs {
            let first = feed.records * number / blobs;
            let count = feed.records * (number + 1) / blobs - first;
            let before_last = (blobs - 1 - number) as i64;
            let created_ms = now_ms - MINUTE - span_ms * before_last / blobs as i64;
            let content = Content::Generated { first, count };
            stock.push(ContentType::SharePoint, created_ms, Fate::Served, content, options);
        }
        stock.order.sort_unstable();
        Ok(stock)
    }

    /// Adds records that arrive while running: a record that is known comes a second time.
    pub(crate) fn append(&mut self, activities: &[StoredActivity], options: &ManagementOptions) {
        let arrivals: Vec<Arrival> = activities.iter().filter_map(|activity| self.arrival(activity)).collect();
        self.add(&arrivals, options);
    }

    /// Takes a record in. `None` for an activity without one, such as a sign-in.
    fn arrival(&mut self, activity: &StoredActivity) -> Option<Arrival> {
        if activity.audit.is_empty() {
            return None;
        }
        let next = self.records.len() as u32;
        let record = *self.known.entry(activity.id.clone()).or_insert(next);
        if record == next {
            self.records.push(Record::of(activity));
        }
        let content_type = match activity.app_id {
            20_892 | 15_600 => ContentType::SharePoint,
            _ => ContentType::General,
        };
        Some(Arrival { record, content_type, at_ms: activity.created_ms })
    }

    fn add(&mut self, arrivals: &[Arrival], options: &ManagementOptions) {
        for draft in plan(arrivals, options, self.blobs.len() as u64 + 1) {
            self.push(draft.content_type, draft.created_ms, draft.fate, Content::Pieces(draft.pieces), options);
        }
        self.order.sort_unstable();
    }

    fn push(
        &mut self,
        content_type: ContentType,
        created_ms: i64,
        fate: Fate,
        content: Content,
        options: &ManagementOptions,
    ) {
        let serial = self.blobs.len() as u32;
        let life_ms = if fate == Fate::Expired { 0 } else { options.blob_days * DAY };
        self.order.push((created_ms, serial));
        let expires_ms = created_ms + life_ms;
        self.blobs.push(Blob { serial, content_type, created_ms, expires_ms, fate, content });
    }

    /// All blobs.
    pub(crate) fn blobs(&self) -> &[Blob] {
        &self.blobs
    }

    /// The blobs that were created in `[from, to)`, in order, from the one at `(created_ms, serial)` on.
    pub(crate) fn created(&self, from: (i64, u32), to_ms: i64) -> impl Iterator<Item = &Blob> {
        let start = self.order.partition_point(|place| *place < from);
        let end = self.order.partition_point(|(created_ms, _)| *created_ms < to_ms).max(start);
        self.order[start..end].iter().filter_map(|(_, serial)| self.blobs.get(*serial as usize))
    }

    /// The blob with this id.
    pub(crate) fn find(&self, id: &str) -> Option<&Blob> {
        self.blobs.get(Blob::serial_of(id)? as usize).filter(|blob| blob.id() == id)
    }

    /// The text of a blob, in parts of moderate size.
    pub(crate) fn text(&self, blob: &Blob) -> Box<dyn Iterator<Item = Bytes> + Send> {
        match (&blob.content, &self.templates) {
            (Content::Generated { first, count }, Some(templates)) => {
                let created_ms = blob.created_ms;
                Box::new(Templates::parts(Arc::clone(templates), *first..first + count, created_ms))
            }
            (Content::Generated { .. }, None) => Box::new(std::iter::once(Bytes::from_static(b"[]"))),
            (Content::Pieces(pieces), _) => Box::new(std::iter::once(Bytes::from(self.array(pieces)))),
        }
    }

    fn array(&self, pieces: &[Piece]) -> String {
        let mut out = "[".to_owned();
        for Piece { record, reordered: other_order } in pieces {
            let Some(record) = self.records.get(*record as usize) else { continue };
            if out.len() > 1 {
                out.push(',');
            }
            let text = feed_json(record.audit_json());
            out.push_str(&if *other_order { reordered(&text) } else { text });
        }
        out.push(']');
        out
    }
}
