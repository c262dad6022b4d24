//! Activities older than 30 days (`archived_activities`), by the time of the event.
//!
//! The archive has no scan mode: it pages by `skip`, up to 5,000 rows in all, and the portal asks it for a week at most.
//! So a window that holds more is read in halves; what is read twice is recognised. What cannot be halved any more is
//! listed as a gap and stepped over. It is slow: a page holds 100 rows, and the budget of calls is the tenant's.

use std::collections::VecDeque;

use serde_json::json;
use trail::TimeMs;

use super::answer::ListAnswer;
use super::client::{DefenderClient, Route};
use super::filters::selected;
use crate::config::settings::{Defender, Selection};
use crate::http::Failure;
use crate::sources::{Page, Window};

/// How far back the archive reaches (Microsoft: Defender for Cloud Apps, data retention).
pub const ARCHIVE_DAYS: u32 = 180;

/// What the portal asks for at once.
const WINDOW_MS_MAX: i64 = 7 * 86_400_000;
/// Rows a page.
const PAGE_RECORDS: u64 = 100;
/// Where paging ends: `skip` and `limit` together.
const SKIP_RECORDS_MAX: u64 = 5_000;

/// Whoever answers: the service, or a list in tests.
pub(super) trait Archive {
    async fn list(&self, select: &Selection, window: Window, skip: u64) -> Result<ListAnswer, Failure>;
}

impl Archive for DefenderClient {
    async fn list(&self, select: &Selection, window: Window, skip: u64) -> Result<ListAnswer, Failure> {
        let mut filters = selected(select);
        let range = json!([{ "start": window.from.millis(), "end": window.to.millis() }]);
        filters.insert("date".into(), json!({ "range": range }));
        let body = json!({
            "filters": filters, "skip": skip, "limit": PAGE_RECORDS, "sortField": "date", "sortDirection": "asc",
        });
        self.ask(Route::Archive, body.to_string().into_bytes()).await
    }
}

/// A window of the archive being read.
#[derive(Debug)]
pub struct ArchiveScan<C = DefenderClient> {
    client: C,
    select: Selection,
    /// Still to be read; the first from `skip` on.
    windows: VecDeque<Window>,
    skip: u64,
}

impl<C> ArchiveScan<C> {
    pub(super) fn over(client: C, settings: &Defender, window: Window) -> Self {
        Self { client, select: settings.select.clone(), windows: window.steps(WINDOW_MS_MAX).collect(), skip: 0 }
    }
}

#[allow(private_bounds, reason = "who else answers than the service is a matter of tests")]
impl<C: Archive> ArchiveScan<C> {
    /// The next page; `None` when the window has been read.
    ///
    /// # Errors
    /// The service's refusal; the scan can be asked again and goes on where it was.
    pub async fn next(&mut self) -> Result<Option<Page>, Failure> {
        loop {
            let Some(window) = self.windows.front().copied() else { return Ok(None) };
            let answer = self.client.list(&self.select, window, self.skip).await?;
            let returned = answer.elements.len() as u64;
            let is_too_large = answer.has_next
                && (answer.total.is_some_and(|total| total > SKIP_RECORDS_MAX)
                    || self.skip + returned + PAGE_RECORDS > SKIP_RECORDS_MAX
                    || returned == 0);
            let mut gap = None;
            if !answer.has_next {
                self.windows.pop_front();
                self.skip = 0;
            } else if !is_too_large {
                self.skip += returned;
            } else if let Some([first, second]) = halves(window) {
                self.windows.pop_front();
                self.windows.push_front(second);
                self.windows.push_front(first);
                self.skip = 0;
                // These rows come again.
                continue;
            } else if self.skip + returned + PAGE_RECORDS <= SKIP_RECORDS_MAX && returned > 0 {
                // As much of it as can be had.
                self.skip += returned;
            } else {
                self.windows.pop_front();
                self.skip = 0;
                let at = window.from;
                gap = Some((
                    window,
                    format!(
                        "more than {SKIP_RECORDS_MAX} activities share the millisecond {at}, more than Defender's archive lists"
                    ),
                ));
            }
            return Ok(Some(Page { elements: answer.elements, gap, ..Page::default() }));
        }
    }
}

/// Both halves of a closed window; nothing of a single millisecond.
fn halves(Window { from, to }: Window) -> Option<[Window; 2]> {
    let middle = TimeMs(from.millis() + (to.millis() - from.millis()) / 2);
    (from < to).then(|| [Window { from, to: middle }, Window { from: middle.plus(1), to }])
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeSet;

    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;

    /// Rows by time, in whatever order they are listed.
    struct Shelf {
        rows: Vec<(i64, u32)>,
        /// Whether the answers say how many rows there are.
        counts: bool,
        asked: RefCell<Vec<(Window, u64)>>,
    }

    impl Archive for &Shelf {
        async fn list(&self, _: &Selection, window: Window, skip: u64) -> Result<ListAnswer, Failure> {
            self.asked.borrow_mut().push((window, skip));
            assert!(
                skip + PAGE_RECORDS <= SKIP_RECORDS_MAX && window.to.millis() - window.from.millis() <= WINDOW_MS_MAX
            );
            let within = |row: &&(i64, u32)| row.0 >= window.from.millis() && row.0 <= window.to.millis();
            let rows: Vec<_> = self.rows.iter().filter(within).collect();
            let page = rows.iter().skip(skip as usize).take(PAGE_RECORDS as usize);
            Ok(ListAnswer {
                elements: page.map(|row| Bytes::from(row.1.to_string())).collect(),
                has_next: rows.len() as u64 > skip + PAGE_RECORDS,
                total: self.counts.then_some(rows.len() as u64),
                ..ListAnswer::default()
            })
        }
    }

    fn shelf(times: Vec<i64>, counts: bool) -> Shelf {
        Shelf { rows: times.into_iter().zip(0..).collect(), counts, asked: RefCell::default() }
    }

    /// The different ids, and how many gaps.
    fn read(shelf: &Shelf, to: i64) -> (BTreeSet<u32>, usize) {
        let windows = Window { from: TimeMs(0), to: TimeMs(to) }.steps(WINDOW_MS_MAX).collect();
        let mut scan = ArchiveScan { client: shelf, select: Selection::Services(vec![1]), windows, skip: 0 };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (mut ids, mut gaps) = (BTreeSet::new(), 0);
        while let Some(page) = runtime.block_on(scan.next()).unwrap() {
            ids.extend(page.elements.iter().map(|id| std::str::from_utf8(id).unwrap().parse::<u32>().unwrap()));
            gaps += usize::from(page.gap.is_some());
        }
        (ids, gaps)
    }

    #[test]
    fn a_month_is_asked_for_in_weeks() {
        let day = 86_400_000;
        let shelf = shelf((0..30).map(|number| number * day).collect(), true);
        assert_eq!(read(&shelf, 30 * day).0.len(), 30);
        assert_eq!(shelf.asked.borrow().len(), 5);
    }

    #[test]
    fn a_window_that_holds_too_much_is_halved_before_it_is_read_when_the_service_counts() {
        let shelf = shelf((0..9_000).collect(), true);
        assert_eq!(read(&shelf, 8_999), ((0..9_000).collect(), 0));
        assert!(shelf.asked.borrow().len() < 95, "one question too many, then pages of 100");
    }

    #[test]
    fn more_rows_in_one_millisecond_than_can_be_listed_are_a_gap_and_the_rest_is_read() {
        let shelf = shelf([vec![5; 6_000], vec![6]].concat(), true);
        let (ids, gaps) = read(&shelf, 10);
        assert_eq!((ids.len(), gaps), (5_001, 1));
        assert!(ids.contains(&6_000));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20))]
        #[test]
        fn every_row_is_read_whether_or_not_the_service_counts(
            times in prop::collection::vec(0_i64..20_000, 0..12_000), counts: bool
        ) {
            let shelf = shelf(times, counts);
            prop_assert_eq!(read(&shelf, 20_000), ((0..shelf.rows.len() as u32).collect(), 0));
        }
    }
}
