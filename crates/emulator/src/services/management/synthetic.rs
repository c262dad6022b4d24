//! Records without end: those of the tenant with new ids and times, written while they are sent.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use serde::Deserialize;

use crate::services::management::stock::Record;
use crate::story::StoredActivity;
use crate::story::clock::{MINUTE, push_second};
use crate::story::dice::Dice;

/// About the size of one part of an answer.
const PART_BYTES: usize = 64 * 1_024;
/// Text of an audit record up to its time, and from there to its id; both have a fixed length.
const BEFORE_TIME: &str = "{\"CreationTime\":\"";
const BEFORE_ID: &str = ".0000000Z\",\"Id\":\"";
const TIME_BYTES: usize = "2026-11-24T03:00:00".len();
const ID_BYTES: usize = 36;

/// What people do with files all day long; every other operation may be worth keeping whoever did it.
const EVERYDAY: [&str; 6] =
    ["FileAccessed", "FileModified", "FilePreviewed", "FileDownloaded", "FileUploaded", "FileSyncDownloadedFull"];

/// The tenant has no records that a synthetic feed could be made of.
#[derive(Debug, thiserror::Error)]
#[error("the tenant is too small to make a feed of: it needs files reached by employees and by outsiders")]
pub struct NoTemplates;

/// Records to be copied.
#[derive(Debug)]
pub(crate) struct Templates {
    /// Somebody outside reaches a file.
    outside: Vec<Record>,
    /// An employee does.
    inside: Vec<Record>,
    relevant_per_mille: u64,
}

impl Templates {
    /// Sorts out the tenant's records.
    pub(crate) fn of(activities: &[StoredActivity], relevant_per_mille: u64) -> Result<Templates, NoTemplates> {
        let (mut outside, mut inside) = (Vec::new(), Vec::new());
        for activity in activities {
            match is_outside(activity.audit_json()) {
                Some(true) => outside.push(Record::of(activity)),
                Some(false) => inside.push(Record::of(activity)),
                None => {}
            }
        }
        let enough = |pool: &[Record], unused: bool| unused || !pool.is_empty();
        if enough(&outside, relevant_per_mille == 0) && enough(&inside, relevant_per_mille >= 1_000) {
            Ok(Templates { outside, inside, relevant_per_mille })
        } else {
            Err(NoTemplates)
        }
    }

    /// A JSON array of the records with these numbers, part by part.
    pub(crate) fn parts(
        templates: Arc<Templates>,
        numbers: Range<u64>,
        created_ms: i64,
    ) -> impl Iterator<Item = Bytes> + Send {
        let mut next = Some(numbers.start);
        std::iter::from_fn(move || {
            let mut number = next.take()?;
            let mut out = String::with_capacity(PART_BYTES + 8 * 1_024);
            if number == numbers.start {
                out.push('[');
            }
            while number < numbers.end && out.len() < PART_BYTES {
                if number > numbers.start {
                    out.push(',');
                }
                templates.push_record(&mut out, number, created_ms);
                number += 1;
            }
            if number < numbers.end {
                next = Some(number);
            } else {
                out.push(']');
            }
            Some(Bytes::from(out))
        })
    }

    /// The record with this number: the same one whenever it is asked for.
    fn push_record(&self, out: &mut String, number: u64, created_ms: i64) {
        let mut dice = Dice::new(number);
        // Spread evenly, so that of N records exactly N · share are relevant, wherever they are cut into blobs.
        let relevant_until = |count: u64| count * self.relevant_per_mille / 1_000;
        let relevant = relevant_until(number + 1) > relevant_until(number);
        let record = dice.pick(if relevant { &self.outside } else { &self.inside });
        let rest = BEFORE_TIME.len() + TIME_BYTES + BEFORE_ID.len() + ID_BYTES;
        out.push_str(BEFORE_TIME);
        push_second(out, created_ms - dice.between(MINUTE, 10 * MINUTE));
        out.push_str("\",\"Id\":\"");
        dice.guid().push_to(out);
        // Only records that are this long were taken.
        out.push_str(record.audit_json().get(rest..).unwrap_or("\"}"));
    }
}

/// Who reaches a file in this record; `None` if it is anything else, or not written as the story writes.
fn is_outside(audit: &str) -> Option<bool> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Head<'a> {
        record_type: i64,
        #[serde(borrow)]
        operation: Cow<'a, str>,
        #[serde(borrow)]
        user_id: Cow<'a, str>,
        user_type: i64,
        #[serde(borrow)]
        source_file_extension: Cow<'a, str>,
    }
    let after_time = audit.strip_prefix(BEFORE_TIME)?.get(TIME_BYTES..)?;
    after_time.strip_prefix(BEFORE_ID)?.get(ID_BYTES..)?;
    let head: Head<'_> = serde_json::from_str(audit).ok()?;
    let file = head.record_type == 6 && EVERYDAY.contains(&&*head.operation);
    // Pages and pictures of the interface are reached by everybody and kept by nobody.
    if !file || matches!(&*head.source_file_extension, "aspx" | "jpg" | "png") {
        return None;
    }
    let outside = head.user_id.contains("#EXT#") || head.user_id.starts_with("urn:spo:guest#");
    let employee = head.user_type == 0 && !head.user_id.contains('#') && head.user_id.contains('@');
    if outside { Some(true) } else { employee.then_some(false) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::story::{StoryOptions, tell};

    fn templates(relevant_per_mille: u64) -> Arc<Templates> {
        let tenant = tell(&StoryOptions { seed: 5, records: 2_000, days: 6, now_ms: 1_795_489_200_000 });
        Arc::new(Templates::of(&tenant.activities, relevant_per_mille).unwrap())
    }

    fn records(templates: &Arc<Templates>, numbers: Range<u64>) -> Vec<Value> {
        let parts = Templates::parts(Arc::clone(templates), numbers, 1_795_489_200_000);
        serde_json::from_slice(&parts.collect::<Vec<Bytes>>().concat()).unwrap()
    }

    #[test]
    fn every_record_has_its_own_id_and_the_share_of_outsiders_is_exact() {
        let templates = templates(50);
        let all = records(&templates, 0..1_000);
        let ids: BTreeSet<&str> = all.iter().map(|record| record["Id"].as_str().unwrap()).collect();
        assert_eq!((all.len(), ids.len()), (1_000, 1_000));
        let outside = all.iter().filter(|record| record["UserId"].as_str().unwrap().contains('#')).count();
        assert_eq!(outside, 50);
        assert_eq!(records(&templates, 300..500), all[300..500], "blobs cut them anywhere");
        assert_eq!(records(&templates, 7..7), Vec::<Value>::new());
    }

    #[test]
    fn times_are_minutes_before_the_blob_and_have_no_zone() {
        for record in records(&templates(1_000), 0..20) {
            let time = record["CreationTime"].as_str().unwrap();
            assert!(("2026-11-24T02:50:00".."2026-11-24T02:59:01").contains(&time), "{time}");
        }
    }

    #[test]
    fn a_long_blob_is_made_in_parts_of_moderate_size() {
        let templates = templates(50);
        let parts: Vec<usize> = Templates::parts(templates, 0..2_000, 0).map(|part| part.len()).collect();
        assert!(parts.len() > 20 && parts.iter().all(|bytes| *bytes < PART_BYTES + 8 * 1_024), "{parts:?}");
    }
}
