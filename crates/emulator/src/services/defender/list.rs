//! Lists of activities: ordinary paging, and scan mode.

use serde_json::{Map, Value, json};

use crate::options::DefenderOptions;
use crate::services::defender::carrier::Parameters;
use crate::services::defender::filter::Filter;
use crate::services::defender::quirks::Quirks;
use crate::services::defender::store::{Shelf, SortKey};
use crate::story::StoredActivity;

const DAY_MS: i64 = 86_400_000;
/// Page of an ordinary list, and of a scan, that names no limit.
const LIST_RECORDS_DEFAULT: usize = 100;
const SCAN_RECORDS_DEFAULT: usize = 500;

/// Activities that happened before this are in the archive, which is another endpoint.
pub(crate) fn retained_since_ms(options: &DefenderOptions, now_ms: i64) -> i64 {
    days_before(now_ms, options.retention_days)
}

pub(crate) fn days_before(now_ms: i64, days: i64) -> i64 {
    now_ms.saturating_sub(days.saturating_mul(DAY_MS))
}

/// The body of a list answer.
pub(crate) fn page(
    shelf: &Shelf,
    parameters: &Parameters,
    filter: &Filter,
    options: &DefenderOptions,
    served: Served,
    quirks: Quirks,
) -> String {
    let found = Found::new(shelf, parameters, filter, served, quirks);
    let records_max = quirks.page_records(options.scan_page_records_max);
    let (mut page, mut next) =
        if parameters.is_scan { scan(&found, parameters, records_max) } else { ordinary(&found, parameters, options) };
    quirks.bend(&mut page, &mut next, parameters);
    written(&page, &next, quirks.total(found.places.len()), options.page_records_max, quirks)
}

/// First and last moment at which an activity happened that an endpoint serves.
pub(crate) type Served = std::ops::RangeInclusive<i64>;

/// How many activities match.
pub(crate) fn count(shelf: &Shelf, filter: &Filter, served: &Served) -> usize {
    let (low_ms, high_ms) = filter.span(SortKey::Created);
    let places = shelf.places(SortKey::Created, low_ms, high_ms);
    let all = shelf.walk(SortKey::Created, places, true);
    all.filter(|activity| served.contains(&activity.timestamp_ms) && filter.matches(activity)).count()
}

/// What comes after a page.
pub(super) enum Next {
    Nothing,
    /// More rows, to be had with `skip`.
    More,
    /// More rows, to be had with these filters.
    Cursor(Map<String, Value>),
}

/// The matching activities in the order asked for, not yet walked.
struct Found<'a> {
    shelf: &'a Shelf,
    filter: &'a Filter,
    key: SortKey,
    ascending: bool,
    /// What the filter leaves of the order; only here has a page to look.
    places: std::ops::Range<usize>,
    served: Served,
    quirks: Quirks,
}

impl<'a> Found<'a> {
    fn new(shelf: &'a Shelf, parameters: &Parameters, filter: &'a Filter, served: Served, quirks: Quirks) -> Found<'a> {
        let (low_ms, high_ms) = filter.span(parameters.sort);
        let places = shelf.places(parameters.sort, low_ms, high_ms);
        Found { shelf, filter, key: parameters.sort, ascending: parameters.ascending, places, served, quirks }
    }

    fn rows(&self) -> impl Iterator<Item = &'a StoredActivity> {
        let (filter, served, quirks) = (self.filter, self.served.clone(), self.quirks);
        let walk = self.shelf.walk(self.key, self.places.clone(), self.ascending);
        walk.filter(move |activity| {
            served.contains(&activity.timestamp_ms) && filter.matches(activity) && !quirks.hides(activity)
        })
    }
}

/// `skip` and `limit` over a live set; ends at `skip_records_max` without saying that there was more.
fn ordinary<'a>(
    found: &Found<'a>,
    parameters: &Parameters,
    options: &DefenderOptions,
) -> (Vec<&'a StoredActivity>, Next) {
    let limit = parameters.limit.unwrap_or(LIST_RECORDS_DEFAULT).min(options.page_records_max);
    let left = options.skip_records_max.saturating_sub(parameters.skip);
    let mut rows = found.rows().skip(parameters.skip);
    let page: Vec<_> = rows.by_ref().take(limit.min(left)).collect();
    let more = limit < left && rows.next().is_some();
    (page, if more { Next::More } else { Next::Nothing })
}

/// Scan mode: the cursor is the filter itself with its bound moved to the time of the page's last row, and the rows of
/// that time are left for the next page, so that none is listed twice (Microsoft: "Investigate activities using the API";
/// the form of the cursor is what clients reveal of it). More rows of one time than a page holds: an empty page, and a
/// cursor that stands still.
fn scan<'a>(found: &Found<'a>, parameters: &Parameters, records_max: usize) -> (Vec<&'a StoredActivity>, Next) {
    let limit = parameters.limit.unwrap_or(SCAN_RECORDS_DEFAULT).min(records_max);
    let mut rows = found.rows();
    let mut page: Vec<_> = rows.by_ref().take(limit).collect();
    if rows.next().is_none() {
        return (page, Next::Nothing);
    }
    let key = parameters.sort;
    let Some(bound_ms) = page.last().map(|last| key.of(last)) else { return (page, Next::Nothing) };
    page.retain(|activity| key.of(activity) != bound_ms);
    (page, Next::Cursor(narrowed(&parameters.filters, key, parameters.ascending, bound_ms)))
}

/// The filters with the bound of `key` moved to `bound_ms`; a `range` is narrowed alike.
pub(super) fn narrowed(
    filters: &Map<String, Value>,
    key: SortKey,
    ascending: bool,
    bound_ms: i64,
) -> Map<String, Value> {
    let mut filters = filters.clone();
    let conditions = filters.entry(key.field()).or_insert_with(|| json!({}));
    let (operator, edge) = if ascending { ("gte", "start") } else { ("lte", "end") };
    if let Value::Object(conditions) = conditions {
        conditions.insert(operator.to_owned(), json!(bound_ms));
        for range in conditions.get_mut("range").and_then(Value::as_array_mut).into_iter().flatten() {
            let edge_ms = range.get(edge).and_then(Value::as_i64);
            let lies_outside = edge_ms.is_some_and(|at_ms| if ascending { at_ms < bound_ms } else { at_ms > bound_ms });
            if lies_outside && let Value::Object(range) = range {
                range.insert(edge.to_owned(), json!(bound_ms));
            }
        }
    }
    filters
}

/// Joins the stored texts; nothing is parsed or written anew. `total` is approximate, as the service's is: it counts what
/// lies within the time bounds.
fn written(page: &[&StoredActivity], next: &Next, total: usize, page_records_max: usize, quirks: Quirks) -> String {
    let bytes: usize = page.iter().map(|activity| activity.json.len() + 1).sum();
    let mut body = String::with_capacity(bytes + 1_024);
    body.push_str(r#"{"data":["#);
    for (place, activity) in page.iter().enumerate() {
        if place > 0 {
            body.push(',');
        }
        body.push_str(&activity.json);
        if let Some(again) = quirks.repeated(place, activity) {
            body.push(',');
            body.push_str(&again);
        }
    }
    let has_next = !matches!(next, Next::Nothing);
    let rest = format!(r#"],"hasNext":{has_next},"max":{page_records_max},"total":{total},"moreThanTotal":false"#);
    body.push_str(&rest);
    if let Next::Cursor(filters) = next {
        body.push_str(r#","nextQueryFilters":"#);
        body.push_str(&Value::Object(filters.clone()).to_string());
    }
    body.push('}');
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::defender::store::activity_from_json;
    use proptest::prelude::*;

    const NOW_MS: i64 = 30 * DAY_MS;

    /// Follows a scan to its end; the ids in the order in which they were listed.
    fn scanned(shelf: &Shelf, key: SortKey, ascending: bool, limit: usize) -> Vec<String> {
        let options = DefenderOptions::default();
        let mut filters = json!({"service": {"eq": [15600]}}).as_object().unwrap().clone();
        let mut ids = Vec::new();
        for _ in 0..100 {
            let parameters = Parameters { filters, limit: Some(limit), skip: 0, sort: key, ascending, is_scan: true };
            let filter = Filter::read(&parameters.filters, NOW_MS).unwrap();
            let body = page(shelf, &parameters, &filter, &options, 0..=NOW_MS, Quirks::default());
            let answer: Value = serde_json::from_str(&body).unwrap();
            let data = answer["data"].as_array().unwrap();
            ids.extend(data.iter().map(|one| one["_id"].as_str().unwrap().to_owned()));
            match answer.get("nextQueryFilters") {
                Some(next) => filters = next.as_object().unwrap().clone(),
                None => return ids,
            }
        }
        panic!("the scan does not end");
    }

    proptest! {
        #[test]
        fn a_scan_lists_every_match_once_and_in_order(
            times in prop::collection::vec((0_i64..40, 0_i64..40, any::<bool>()), 0..60),
            by_created: bool,
            ascending: bool,
            extra in 1_usize..10,
        ) {
            let activities: Vec<StoredActivity> = times
                .iter()
                .enumerate()
                .map(|(n, (created, timestamp, wanted))| {
                    let app = if *wanted { 15_600 } else { 20_892 };
                    let text = format!(
                        r#"{{"_id":"{n:02}","created":{created},"timestamp":{timestamp},"appId":{app}}}"#
                    );
                    activity_from_json(&text).unwrap()
                })
                .collect();
            let key = if by_created { SortKey::Created } else { SortKey::Date };
            let mut expected: Vec<(i64, String)> = activities
                .iter()
                .filter(|activity| activity.app_id == 15_600)
                .map(|activity| (key.of(activity), activity.id.clone()))
                .collect();
            expected.sort();
            if !ascending {
                expected.reverse();
            }
            // A page must hold one more than the most rows of one time; fewer is the stall that clients must notice.
            let ties = |at: i64| expected.iter().filter(|(time, _)| *time == at).count();
            let limit = expected.iter().map(|(at, _)| ties(*at)).max().unwrap_or(0) + extra;
            let expected: Vec<String> = expected.into_iter().map(|(_, id)| id).collect();
            prop_assert_eq!(scanned(&Shelf::new(activities), key, ascending, limit), expected);
        }
    }
}
