//! One click of a person writes many records: which belong together.

use std::collections::HashMap;

use crate::Record;

/// Without a `CorrelationId`, records of one actor about one object at most this far apart are one gesture.
pub const GESTURE_SPAN_MS: i64 = 2_000;

/// The records of one gesture each, as positions in `records`: those with one `CorrelationId`; those without one by
/// actor and object, each at most [`GESTURE_SPAN_MS`] after the one before.
///
/// Positions are in order of (time, id), gestures in the order of their first record, whatever the order of `records`.
/// A caller that has the records in parts must give all records of a gesture at once.
pub fn gestures(records: &[Record]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..records.len()).collect();
    let key = |index: &usize| records.get(*index).map(|record| (record.time, record.id));
    order.sort_by_key(key);
    let mut found: Vec<Vec<usize>> = Vec::new();
    let mut by_correlation: HashMap<&str, usize> = HashMap::new();
    let mut by_object = HashMap::new();
    for index in order {
        let Some(record) = records.get(index) else { continue };
        let (gesture, is_new) = match (correlation(record), &record.item) {
            (Some(correlation), _) => match by_correlation.get(correlation) {
                Some(gesture) => (*gesture, false),
                None => {
                    by_correlation.insert(correlation, found.len());
                    (found.len(), true)
                }
            },
            (None, Some(item)) => {
                let last = by_object.insert((&record.person, item), (found.len(), record.time));
                match last {
                    Some((gesture, time)) if record.time.millis() - time.millis() <= GESTURE_SPAN_MS => {
                        by_object.insert((&record.person, item), (gesture, record.time));
                        (gesture, false)
                    }
                    _ => (found.len(), true),
                }
            }
            (None, None) => (found.len(), true),
        };
        if is_new {
            found.push(Vec::new());
        }
        if let Some(members) = found.get_mut(gesture) {
            members.push(index);
        }
    }
    found
}

/// The correlation, unless it is the empty GUID, which correlates nothing.
fn correlation(record: &Record) -> Option<&str> {
    record.correlation.as_deref().filter(|id| id.bytes().any(|byte| !matches!(byte, b'0' | b'-')))
}
