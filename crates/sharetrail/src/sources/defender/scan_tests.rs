//! The scan against scripted answers, and against a small service that follows the vendor's page rule.

use std::cell::RefCell;

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::config::settings::{DefenderCredential, Selection};

/// Rows as (created, id, service), listed by the rule of the scan mode.
struct Service {
    rows: Vec<(i64, u32, u32)>,
    asked: RefCell<Vec<ListRequest>>,
    /// Pages never hold more, whatever is asked.
    page_records_max: usize,
    /// What its clock says, if it does.
    now: Option<TimeMs>,
}

impl Lists for &Service {
    async fn list(&self, request: &ListRequest) -> Result<ListAnswer, Failure> {
        self.asked.borrow_mut().push(request.clone());
        let filters: Value = serde_json::from_str(&request.filters).unwrap();
        let limit = (request.page_records as usize).min(self.page_records_max);
        let wants = |row: &(i64, u32, u32)| {
            let created = &filters["created"];
            let eq = &filters["service"]["eq"];
            let none_of_types = filters["activity.eventType"]["eq"].is_null();
            row.0 >= created["gte"].as_i64().unwrap()
                && row.0 <= created["lte"].as_i64().unwrap()
                && (eq.is_null() || eq.as_array().unwrap().contains(&row.2.into()))
                // Every row is of a category that nobody has heard of.
                && none_of_types
        };
        let rows: Vec<_> = self.rows.iter().filter(|row| wants(row)).collect();
        let page: Vec<_> = if rows.len() <= limit {
            rows.clone()
        } else {
            let border = rows[limit - 1].0;
            rows[..limit].iter().filter(|row| row.0 != border).copied().collect()
        };
        let cursor = (rows.len() > limit).then(|| {
            let mut next = filters.clone();
            next["created"]["gte"] = rows[limit - 1].0.into();
            next.to_string()
        });
        Ok(ListAnswer {
            elements: page.iter().map(|row| Bytes::from(row.1.to_string())).collect(),
            has_next: cursor.is_some(),
            cursor,
            answered_at: self.now,
            total: None,
            page_records_max: None,
        })
    }
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}

fn settings(services: &[u32], page_records: u32) -> Defender {
    Defender {
        schedule: crate::schedule::Schedule::minutes(5),
        url: "https://x.example/api/v1/".parse().unwrap(),
        credential: DefenderCredential::Application,
        select: Selection::Services(services.to_vec()),
        order: ScanOrder::Created,
        page_records,
        overlap_minutes: 60,
        lag_minutes: 5,
        look_back_days: 30,
        requests_per_minute_max: 25,
        files_refresh_hours: None,
    }
}

/// Reads everything; ids in order of arrival, gaps, and the last stated position.
fn read(service: &Service, page_records: u32) -> (Vec<u32>, Vec<Window>, Vec<Advance>) {
    let window = Window { from: TimeMs(0), to: TimeMs(1000) };
    let mut scan = Scan::over(service, &settings(&[1, 2], page_records), window);
    let (mut ids, mut gaps, mut advances) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(page) = block_on(scan.next()).unwrap() {
        ids.extend(page.elements.iter().map(|id| std::str::from_utf8(id).unwrap().parse::<u32>().unwrap()));
        gaps.extend(page.gap.map(|(span, _)| span));
        advances.push(page.advance);
    }
    (ids, gaps, advances)
}

fn service(times: &[(i64, u32)], page_records_max: usize) -> Service {
    let mut rows: Vec<_> = times.iter().enumerate().map(|(id, (time, app))| (*time, id as u32, *app)).collect();
    rows.sort_unstable();
    Service { rows, asked: RefCell::default(), page_records_max, now: None }
}

#[test]
fn a_window_is_read_to_its_end_and_the_position_follows() {
    let service = service(&[(1, 1), (2, 1), (3, 2), (3, 2), (4, 1), (5, 1)], 5000);
    let (ids, gaps, advances) = read(&service, 3);
    assert_eq!(ids, [0, 1, 2, 3, 4, 5]);
    assert_eq!(gaps, []);
    assert_eq!(advances.first(), Some(&Advance::ToLastIfAscending));
    assert_eq!(advances.last(), Some(&Advance::To(TimeMs(1000))));
}

#[test]
fn a_clock_that_is_ahead_does_not_move_the_position_beyond_what_the_service_could_list() {
    let mut service = service(&[(1, 1), (2, 1)], 5000);
    for (now, position) in [(300_500, 1000), (300_000, 999), (100_000, -199_001), (9_000_000, 1000)] {
        service.now = Some(TimeMs(now));
        let (_, _, advances) = read(&service, 500);
        assert_eq!(advances, [Advance::To(TimeMs(position))], "the service's clock says {now}");
    }
}

#[test]
fn the_cursor_is_sent_back_as_it_came() {
    let service = service(&[(1, 1), (2, 1), (3, 1)], 5000);
    read(&service, 2);
    let asked = service.asked.borrow();
    assert_eq!(asked[1].filters, r#"{"created":{"gte":2,"lte":1000},"service":{"eq":[1,2]}}"#);
}

#[test]
fn a_burst_larger_than_the_page_is_asked_for_with_the_largest_page() {
    let service = service(&[(7, 1), (7, 1), (7, 1), (8, 1)], 5000);
    let (ids, gaps, _) = read(&service, 2);
    assert_eq!((ids, gaps), (vec![0, 1, 2, 3], vec![]));
    assert_eq!(service.asked.borrow()[1].page_records, 5000);
}

#[test]
fn a_burst_larger_than_the_largest_page_is_asked_for_in_parts() {
    let service = service(&[(7, 1), (7, 1), (7, 2), (7, 2), (9, 1)], 3);
    let (mut ids, gaps, advances) = read(&service, 3);
    ids.sort_unstable();
    assert_eq!((ids, gaps), (vec![0, 1, 2, 3, 4], vec![]));
    assert_eq!(advances.last(), Some(&Advance::To(TimeMs(1000))));
}

#[test]
fn a_burst_that_cannot_be_split_is_a_gap_and_the_scan_goes_on() {
    let service = service(&[(7, 1), (7, 1), (7, 1), (9, 2)], 2);
    let (ids, gaps, _) = read(&service, 2);
    assert_eq!(ids, [3]);
    assert_eq!(gaps, [Window { from: TimeMs(7), to: TimeMs(7) }]);
}

/// Answers the same page with the same cursor for ever.
struct Stuck;

impl Lists for &Stuck {
    async fn list(&self, request: &ListRequest) -> Result<ListAnswer, Failure> {
        let cursor = Some(request.filters.clone());
        Ok(ListAnswer {
            elements: vec![Bytes::from_static(b"1")],
            has_next: true,
            cursor,
            answered_at: None,
            total: None,
            page_records_max: None,
        })
    }
}

#[test]
fn a_service_that_stalls_for_ever_does_not_hold_the_scan_for_ever() {
    let window = Window { from: TimeMs(0), to: TimeMs(3) };
    let mut scan = Scan::over(&Stuck, &settings(&[1], 500), window);
    let mut gaps = 0;
    while let Some(page) = block_on(scan.next()).unwrap() {
        gaps += usize::from(page.gap.is_some());
        assert_ne!(page.advance, Advance::ToLastIfAscending);
    }
    assert!(gaps >= 4, "every millisecond that could not be read is listed");
}

/// Says that there is more and not where.
struct Silent;

impl Lists for &Silent {
    async fn list(&self, _: &ListRequest) -> Result<ListAnswer, Failure> {
        Ok(ListAnswer { has_next: true, ..ListAnswer::default() })
    }
}

#[test]
fn more_without_a_cursor_is_an_error_in_words() {
    let window = Window { from: TimeMs(0), to: TimeMs(3) };
    let mut scan = Scan::over(&Silent, &settings(&[1], 500), window);
    let failure = block_on(scan.next()).unwrap_err();
    assert!(failure.to_string().contains("nextQueryFilters"), "{failure}");
}

proptest! {
    /// Whatever the times and the page size: every row once, or within a listed gap.
    #[test]
    fn every_row_is_read_once_or_lies_in_a_listed_gap(
        times in prop::collection::vec((0i64..40, 1u32..3), 0..120),
        page in 2usize..12,
    ) {
        let service = service(&times, page);
        let (mut ids, gaps, _) = read(&service, page as u32);
        ids.sort_unstable();
        let readable: Vec<u32> = service.rows.iter()
            .filter(|row| !ids.contains(&row.1) && !gaps.iter().any(|gap| gap.from.millis() == row.0))
            .map(|row| row.1).collect();
        prop_assert_eq!(readable, Vec::<u32>::new(), "a row is missing and no gap says so");
        let mut once = ids.clone();
        once.dedup();
        prop_assert_eq!(once, ids);
    }
}

/// Lists two rows a page, and says after the first page that there is no more; `counts` is what it counts beyond what
/// there is.
struct Hasty {
    rows: Vec<i64>,
    counts: u64,
    asked: RefCell<usize>,
}

impl Lists for &Hasty {
    async fn list(&self, request: &ListRequest) -> Result<ListAnswer, Failure> {
        *self.asked.borrow_mut() += 1;
        let from = lower_bound(&request.filters, ScanOrder::Created).unwrap();
        let rows: Vec<_> = self.rows.iter().filter(|created| TimeMs(**created) >= from).collect();
        let page = rows.iter().take(2).map(|created| Bytes::from(format!(r#"{{"created":{created}}}"#)));
        Ok(ListAnswer {
            elements: page.collect(),
            total: Some(rows.len() as u64 + self.counts),
            ..ListAnswer::default()
        })
    }
}

#[test]
fn a_list_that_ends_before_what_it_counts_is_asked_for_the_rest() {
    let window = Window { from: TimeMs(0), to: TimeMs(1000) };
    for (counts, asked) in [(0, 3), (7, 5)] {
        let service = Hasty { rows: vec![1, 2, 3, 4, 5], counts, asked: RefCell::default() };
        let mut scan = Scan::over(&service, &settings(&[1], 500), window);
        let (mut elements, mut advances) = (Vec::new(), Vec::new());
        while let Some(page) = block_on(scan.next()).unwrap() {
            elements.extend(page.elements);
            advances.push(page.advance);
        }
        assert_eq!(elements.len(), 5, "each once");
        assert_eq!(*service.asked.borrow(), asked, "a count that is too high is believed twice and not for ever");
        let (last, before) = advances.split_last().unwrap();
        assert_eq!(last, &Advance::To(window.to));
        assert!(before.iter().all(|advance| *advance == Advance::Stay), "{before:?}");
    }
}
