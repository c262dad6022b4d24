//! One click of a person writes many records: which belong together.

use std::collections::HashMap;

use crate::operation::Class;
use crate::{Record, TimeMs};

/// Records of one `CorrelationId` further apart than this are several gestures: real clicks write for some seconds, while
/// an application may use one correlation for hours.
pub const CORRELATED_SPAN_MS: i64 = 60_000;

/// Without a `CorrelationId`, records of one actor about one object further apart than this are several gestures.
pub const GESTURE_SPAN_MS: i64 = 2_000;

/// By what records are put together.
#[derive(PartialEq, Eq, Hash)]
enum Tie<'a> {
    Correlation(&'a str),
    ActorAndObject(&'a str, &'a str),
    Listing(&'a str),
}

/// The records of one gesture each, as positions in `records`: those with one `CorrelationId`, each at most
/// [`CORRELATED_SPAN_MS`] after the one before; those without one by actor and object, at most [`GESTURE_SPAN_MS`] apart.
/// What inventories list of one item is no gesture of anybody, and belongs together however far apart.
///
/// Positions are in order of (time, id), gestures in the order of their first record, whatever the order of `records`.
/// A caller that has the records in parts must give all records of a gesture at once.
pub fn gestures(records: &[Record]) -> Vec<Vec<usize>> {
    let mut order: Vec<(usize, &Record)> = records.iter().enumerate().collect();
    order.sort_by_key(|(_, record)| (record.time, record.id));
    let mut found: Vec<Vec<usize>> = Vec::new();
    // The gesture that each tie was last seen in, and when.
    let mut last: HashMap<Tie<'_>, (usize, TimeMs)> = HashMap::new();
    for (index, record) in order {
        let Some((tie, span_ms)) = tie(record) else {
            found.push(vec![index]);
            continue;
        };
        let (gesture, seen_at) = last.entry(tie).or_insert((found.len(), record.time));
        if record.time.millis().saturating_sub(seen_at.millis()) > span_ms {
            *gesture = found.len();
        }
        *seen_at = record.time;
        match found.get_mut(*gesture) {
            Some(members) => members.push(index),
            None => found.push(vec![index]),
        }
    }
    found
}

fn tie(record: &Record) -> Option<(Tie<'_>, i64)> {
    if record.class == Class::Listing {
        return record.item.as_deref().map(|item| (Tie::Listing(item), i64::MAX));
    }
    // The empty GUID correlates nothing.
    let correlation = record.correlation.as_deref().filter(|id| id.bytes().any(|byte| !matches!(byte, b'0' | b'-')));
    match (correlation, &record.item) {
        (Some(correlation), _) => Some((Tie::Correlation(correlation), CORRELATED_SPAN_MS)),
        (None, Some(item)) => Some((Tie::ActorAndObject(&record.person, item), GESTURE_SPAN_MS)),
        (None, None) => None,
    }
}
