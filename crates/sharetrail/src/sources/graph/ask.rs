//! What a query asks for, and how a range becomes queries that stay small.

use serde_json::{Map, Value, json};
use trail::TimeMs;
use trail::operation;

use crate::config::settings::{Graph, Operations};
use crate::sources::Window;

const SECOND_MS: i64 = 1000;
const HOUR_MS: i64 = 3600 * SECOND_MS;

/// A query that fails is asked again in halves, down to this.
const SPLIT_MS_MIN: i64 = HOUR_MS;

/// One query: a span of event time, of one service where the queries are kept apart by service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// From when to when the events happened.
    pub span: Window,
    /// `serviceFilter`; `None` asks for what the application may see.
    pub service: Option<String>,
}

impl Ask {
    /// The request's body, without the name that people see. Equal texts ask for the same, so that a query that was
    /// begun before a crash is found again by it.
    pub(super) fn filters(&self, settings: &Graph) -> Map<String, Value> {
        // The service keeps seconds; what both ends share is recognised by its id.
        let (from, to) = (self.span.from.millis(), self.span.to.millis());
        let from = TimeMs(from - from.rem_euclid(SECOND_MS));
        let to = TimeMs(to + (-to).rem_euclid(SECOND_MS));
        let mut filters = Map::new();
        filters.insert("filterStartDateTime".into(), json!(from.to_string()));
        filters.insert("filterEndDateTime".into(), json!(to.to_string()));
        if let Some(service) = &self.service {
            filters.insert("serviceFilter".into(), json!(service));
        }
        match settings.operations {
            Operations::Known => {
                filters.insert("operationFilters".into(), operation::needed().collect());
            }
            Operations::All => {}
        }
        filters
    }

    /// The key under which the query's id is remembered.
    pub(super) fn key(&self, settings: &Graph) -> [u8; 16] {
        trail::id::hash16(Value::Object(self.filters(settings)).to_string().as_bytes())
    }

    /// The two halves of its span; nothing when it is small already.
    pub(super) fn halves(&self) -> Option<[Self; 2]> {
        let Window { from, to } = self.span;
        let middle = from.plus((to.millis() - from.millis()) / 2);
        let of = |from, to| Self { span: Window { from, to }, service: self.service.clone() };
        (to.millis() - from.millis() >= 2 * SPLIT_MS_MIN).then(|| [of(from, middle), of(middle, to)])
    }
}

/// The queries that together ask for a range, earliest first. They are cut where the clock shows a multiple of
/// `query_hours`, so that a range that is asked for again, from later on, is cut in the same places.
pub fn asks(settings: &Graph, range: Window) -> Vec<Ask> {
    let step = i64::from(settings.query_hours.max(1)) * HOUR_MS;
    let services: Vec<Option<String>> = match settings.service_filters.as_slice() {
        [] => vec![None],
        services => services.iter().cloned().map(Some).collect(),
    };
    let of_step = |span| services.iter().cloned().map(move |service| Ask { span, service }).collect::<Vec<_>>();
    range.steps(step).flat_map(of_step).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sources::graph::reading::tests::settings;

    fn window(from: i64, to: i64) -> Window {
        Window { from: TimeMs(from), to: TimeMs(to) }
    }

    #[test]
    fn a_range_is_cut_at_whole_days_and_each_service_is_asked_by_itself() {
        let mut settings = settings();
        settings.service_filters = vec!["SharePoint".into(), "OneDrive".into()];
        let told: Vec<_> = asks(&settings, window(30 * HOUR_MS, 50 * HOUR_MS))
            .into_iter()
            .map(|ask| (ask.span.from.millis() / HOUR_MS, ask.span.to.millis() / HOUR_MS, ask.service.unwrap()))
            .collect();
        let ask = |from, to, service: &str| (from, to, service.to_owned());
        assert_eq!(
            told,
            [ask(30, 48, "SharePoint"), ask(30, 48, "OneDrive"), ask(48, 50, "SharePoint"), ask(48, 50, "OneDrive")]
        );
    }

    #[test]
    fn bounds_are_whole_seconds_that_leave_nothing_out() {
        let filters = Ask { span: window(1500, 2500), service: None }.filters(&settings());
        assert_eq!(filters["filterStartDateTime"], "1970-01-01T00:00:01.000Z");
        assert_eq!(filters["filterEndDateTime"], "1970-01-01T00:00:03.000Z");
    }

    #[test]
    fn the_operations_that_we_need_are_asked_for_by_name_and_side_effects_are_not() {
        let ask = Ask { span: window(0, HOUR_MS), service: None };
        let filters = ask.filters(&settings());
        let operations = filters["operationFilters"].as_array().unwrap();
        for needed in ["FileAccessed", "AnonymousLinkUsed", "FileRenamed", "AddedToSecureLink"] {
            assert!(operations.contains(&needed.into()), "{needed}");
        }
        assert!(!operations.contains(&"ListUpdated".into()));
        let all = ask.filters(&Graph { operations: Operations::All, ..settings() });
        assert!(!all.contains_key("operationFilters"));
        assert_ne!(ask.key(&settings()), ask.key(&Graph { operations: Operations::All, ..settings() }));
    }

    proptest! {
        #[test]
        fn queries_cover_their_range_without_holes_and_halves_cover_their_whole(
            from in 0_i64..1_000_000_000, length in 1_i64..1_000_000_000
        ) {
            let range = window(from, from + length);
            let asks = asks(&settings(), range);
            let mut reached = range.from;
            for ask in &asks {
                prop_assert_eq!(ask.span.from, reached);
                prop_assert!(ask.span.to > ask.span.from);
                if let Some([first, second]) = ask.halves() {
                    prop_assert_eq!((first.span.from, second.span.to), (ask.span.from, ask.span.to));
                    prop_assert_eq!(first.span.to, second.span.from);
                }
                reached = ask.span.to;
            }
            prop_assert_eq!(reached, range.to);
        }
    }
}
