//! The tenant's activities on two shelves: by when they were stored, and by when they happened.

use std::ops::Range;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::story::StoredActivity;

/// Which time orders a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SortKey {
    /// `created`: when Defender stored it.
    Created,
    /// `date`: when it happened (`timestamp` in the record).
    Date,
}

impl SortKey {
    /// The time of an activity that this key looks at.
    pub(crate) fn of(self, activity: &StoredActivity) -> i64 {
        match self {
            SortKey::Created => activity.created_ms,
            SortKey::Date => activity.timestamp_ms,
        }
    }

    /// The filter field of this time.
    pub(crate) fn field(self) -> &'static str {
        match self {
            SortKey::Created => "created",
            SortKey::Date => "date",
        }
    }
}

/// All activities, in both orders.
pub(crate) struct Shelf {
    /// Ascending by (`created_ms`, `id`).
    activities: Vec<StoredActivity>,
    /// Places in `activities`, ascending by (`timestamp_ms`, `id`).
    by_date: Vec<usize>,
}

impl Shelf {
    pub(crate) fn new(activities: Vec<StoredActivity>) -> Shelf {
        let mut shelf = Shelf { activities, by_date: Vec::new() };
        shelf.arrange();
        shelf
    }

    pub(crate) fn insert(&mut self, more: Vec<StoredActivity>) {
        self.activities.extend(more);
        self.arrange();
    }

    /// Sorting what is sorted already costs one pass.
    fn arrange(&mut self) {
        self.activities.sort_by(|a, b| (a.created_ms, &a.id).cmp(&(b.created_ms, &b.id)));
        let mut by_date: Vec<(i64, &str, usize)> = self
            .activities
            .iter()
            .enumerate()
            .map(|(place, activity)| (activity.timestamp_ms, activity.id.as_str(), place))
            .collect();
        by_date.sort_unstable();
        self.by_date = by_date.into_iter().map(|(_, _, place)| place).collect();
    }

    pub(crate) fn len(&self) -> usize {
        self.activities.len()
    }

    /// The activity at a place of an order.
    fn at(&self, key: SortKey, place: usize) -> Option<&StoredActivity> {
        match key {
            SortKey::Created => self.activities.get(place),
            SortKey::Date => self.activities.get(*self.by_date.get(place)?),
        }
    }

    /// The places whose time lies in `[low_ms, high_ms]`, both inclusive.
    pub(crate) fn places(&self, key: SortKey, low_ms: i64, high_ms: i64) -> Range<usize> {
        let start = self.first_place_not(key, |at_ms| at_ms < low_ms);
        let end = self.first_place_not(key, |at_ms| at_ms <= high_ms);
        start..end.max(start)
    }

    /// Binary search for the first place where `before` no longer holds.
    fn first_place_not(&self, key: SortKey, before: impl Fn(i64) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.at(key, middle) {
                Some(activity) if before(key.of(activity)) => low = middle + 1,
                _ => high = middle,
            }
        }
        low
    }

    /// The activities at these places, in either direction.
    pub(crate) fn walk(
        &self,
        key: SortKey,
        places: Range<usize>,
        ascending: bool,
    ) -> impl Iterator<Item = &StoredActivity> {
        let Range { start, end } = places;
        // `step < end - start`, so neither place leaves the range.
        let place = move |step: usize| if ascending { start + step } else { end - 1 - step };
        (0..end.saturating_sub(start)).filter_map(move |step| self.at(key, place(step)))
    }

    /// The activity with this `_id`; the last stored one, should there be several.
    pub(crate) fn find(&self, id: &str) -> Option<&StoredActivity> {
        self.activities.iter().rev().find(|activity| activity.id == id)
    }
}

/// A text that is no activity.
#[derive(Debug, thiserror::Error)]
#[error("this is no Defender activity (an object with `_id`, `created`, `timestamp` and `appId`): {0}")]
pub struct NotAnActivity(#[from] serde_json::Error);

/// Reads an activity as a list answer holds it, for [`crate::Emulator::append`].
pub fn activity_from_json(text: &str) -> Result<StoredActivity, NotAnActivity> {
    #[derive(Deserialize)]
    struct Head<'a> {
        #[serde(rename = "_id")]
        id: String,
        created: i64,
        timestamp: i64,
        #[serde(rename = "appId")]
        app_id: u32,
        #[serde(rename = "rawDataJson", borrow)]
        audit: Option<&'a RawValue>,
    }
    let head: Head<'_> = serde_json::from_str(text)?;
    // A borrowed raw value is a part of `text`, so the distance of their addresses is its place in it.
    let audit = head.audit.map_or(0..0, |raw| {
        let start = raw.get().as_ptr() as usize - text.as_ptr() as usize;
        start..start + raw.get().len()
    });
    Ok(StoredActivity {
        id: head.id,
        created_ms: head.created,
        timestamp_ms: head.timestamp,
        app_id: head.app_id,
        json: text.into(),
        audit,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn activity(id: &str, created: i64, timestamp: i64) -> StoredActivity {
        let text = format!(
            r#"{{"_id":"{id}","created":{created},"timestamp":{timestamp},"appId":15600,"rawDataJson":{{"Id":"{id}"}}}}"#
        );
        activity_from_json(&text).unwrap()
    }

    fn ids(shelf: &Shelf, key: SortKey, low_ms: i64, high_ms: i64, ascending: bool) -> String {
        let places = shelf.places(key, low_ms, high_ms);
        shelf.walk(key, places, ascending).map(|activity| activity.id.as_str()).collect()
    }

    #[test]
    fn both_orders_are_kept_when_activities_come_late() {
        let mut shelf = Shelf::new(vec![activity("a", 10, 9), activity("b", 20, 1), activity("c", 20, 5)]);
        shelf.insert(vec![activity("d", 15, 0)]);
        assert_eq!(ids(&shelf, SortKey::Created, 0, 99, true), "adbc");
        assert_eq!(ids(&shelf, SortKey::Created, 0, 99, false), "cbda");
        assert_eq!(ids(&shelf, SortKey::Date, 0, 99, true), "dbca");
        assert_eq!(ids(&shelf, SortKey::Created, 15, 20, true), "dbc", "both bounds are inclusive");
        assert_eq!(ids(&shelf, SortKey::Date, 1, 5, true), "bc");
        assert_eq!(ids(&shelf, SortKey::Date, 6, 8, true), "");
        assert_eq!(ids(&shelf, SortKey::Date, 8, 2, true), "");
    }

    #[test]
    fn the_audit_record_is_found_inside_the_activity() {
        assert_eq!(activity("a", 1, 1).audit_json(), r#"{"Id":"a"}"#);
        assert!(activity_from_json("null").is_err());
        assert!(activity_from_json(r#"{"_id":"a"}"#).unwrap_err().to_string().contains("created"));
    }
}
