//! What is asked for: filters as Defender spells them.

use serde_json::{Map, Value, json};
use trail::TimeMs;

use crate::config::settings::{ScanOrder, Selection};
use crate::sources::Window;

/// Event categories that public clients attest; used only to split a burst, together with "none of these".
const EVENT_CATEGORIES: [&str; 4] = [
    "EVENT_CATEGORY_UNSPECIFIED",
    "EVENT_CATEGORY_DOWNLOAD_FILE",
    "EVENT_CATEGORY_UPLOAD_FILE",
    "EVENT_CATEGORY_ACCEPT_SHARE_FILE",
];
const SERVICES: [u32; 3] = [20892, 15600, 28375];

/// `activity.eventType` is the older documented name of the filter and the one that every known client sends.
const EVENT_TYPE: &str = "activity.eventType";
const SERVICE: &str = "service";

/// How many times a burst can be split by another field.
pub(super) const SPLITS_MAX: usize = 2;

/// A filter object that can be narrowed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Filters {
    fields: Map<String, Value>,
    clock: &'static str,
}

impl Filters {
    /// The selection within a window on the clock that orders the scan.
    pub(super) fn new(select: &Selection, order: ScanOrder, window: Window) -> Self {
        Self { fields: selected(select), clock: clock_name(order) }.within(window)
    }

    /// The same within another window. Bounds are absolute, since relative ones move while scanning.
    pub(super) fn within(mut self, window: Window) -> Self {
        self.fields.insert(self.clock.into(), json!({ "gte": window.from.millis(), "lte": window.to.millis() }));
        self
    }

    /// Parts that together ask for the same rows: split number `split` (from 0) by another field.
    pub(super) fn split(&self, split: usize) -> Vec<Self> {
        let (field, values): (&str, Vec<Value>) = match split {
            0 => (SERVICE, self.asked(SERVICE).unwrap_or_else(|| SERVICES.iter().map(|id| json!(id)).collect())),
            _ => (
                EVENT_TYPE,
                self.asked(EVENT_TYPE).unwrap_or_else(|| EVENT_CATEGORIES.iter().map(|name| json!(name)).collect()),
            ),
        };
        let complete = self.asked(field).is_some();
        let mut parts: Vec<Self> = values.iter().map(|value| self.with(field, json!({ "eq": [value] }))).collect();
        if !complete {
            parts.push(self.with(field, json!({ "neq": values })));
        }
        parts
    }

    /// As JSON text.
    pub(super) fn text(&self) -> String {
        Value::Object(self.fields.clone()).to_string()
    }

    /// The values of `field` that are asked for, when it is narrowed by a list.
    fn asked(&self, field: &str) -> Option<Vec<Value>> {
        self.fields.get(field)?.get("eq")?.as_array().cloned()
    }

    fn with(&self, field: &str, condition: Value) -> Self {
        let mut part = self.clone();
        part.fields.insert(field.into(), condition);
        part
    }
}

/// The filters that a selection amounts to.
pub(super) fn selected(select: &Selection) -> Map<String, Value> {
    let mut fields = Map::new();
    match select {
        Selection::Services(services) => fields.insert(SERVICE.into(), json!({ "eq": services })),
        Selection::EventTypes(types) => fields.insert(EVENT_TYPE.into(), json!({ "eq": types })),
    };
    fields
}

/// The lower bound that a filter object sets on the clock of the scan: `{"created": {"gte": …}}`, or a range. A
/// cursor is echoed as it came; this only looks whether it moved.
pub(super) fn lower_bound(filters: &str, order: ScanOrder) -> Option<TimeMs> {
    let filters: Value = serde_json::from_str(filters).ok()?;
    let clock = filters.get(clock_name(order))?;
    let bound = |value: &Value| value.as_i64().or_else(|| value.as_str()?.parse().ok());
    let gte = clock.get("gte").and_then(bound);
    let start = clock.get("range").and_then(|ranges| ranges.get(0)).and_then(|range| bound(range.get("start")?));
    gte.into_iter().chain(start).max().map(TimeMs)
}

/// Name of the filter that bounds the clock, and of the sort field.
pub(super) fn clock_name(order: ScanOrder) -> &'static str {
    match order {
        ScanOrder::Created => "created",
        ScanOrder::Date => "date",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filters(select: &Selection) -> Filters {
        Filters::new(select, ScanOrder::Created, Window { from: TimeMs(5), to: TimeMs(9) })
    }

    #[test]
    fn a_selection_is_written_with_absolute_bounds() {
        assert_eq!(
            filters(&Selection::Services(vec![20892, 15600])).text(),
            r#"{"created":{"gte":5,"lte":9},"service":{"eq":[20892,15600]}}"#
        );
    }

    #[test]
    fn the_parts_of_a_split_ask_for_the_same_rows() {
        let texts = |parts: Vec<Filters>| parts.iter().map(Filters::text).collect::<Vec<_>>();
        assert_eq!(
            texts(filters(&Selection::Services(vec![20892, 15600])).split(0)),
            [
                r#"{"created":{"gte":5,"lte":9},"service":{"eq":[20892]}}"#,
                r#"{"created":{"gte":5,"lte":9},"service":{"eq":[15600]}}"#,
            ]
        );
        let by_type = texts(filters(&Selection::Services(vec![20892])).split(1));
        assert_eq!(by_type.len(), EVENT_CATEGORIES.len() + 1);
        assert!(by_type.last().unwrap().contains("neq"), "what has another category is asked for as well");
    }

    #[test]
    fn a_cursor_is_only_looked_at_for_its_lower_bound() {
        for cursor in [
            r#"{"created":{"gte":7,"lte":9}}"#,
            r#"{"created":{"gte":"7"}}"#,
            r#"{"created":{"range":[{"start":7,"end":9}]}}"#,
            r#"{"created":{"gte":7,"range":[{"start":5,"end":9}]}}"#,
        ] {
            assert_eq!(lower_bound(cursor, ScanOrder::Created), Some(TimeMs(7)), "{cursor}");
        }
        assert_eq!(lower_bound(r#"{"date":{"gte":7}}"#, ScanOrder::Created), None);
        assert_eq!(lower_bound("[]", ScanOrder::Created), None);
    }
}
