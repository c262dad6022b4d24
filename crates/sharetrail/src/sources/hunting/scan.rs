//! A window read query by query.
//!
//! The service has no pages: an answer holds at most 100,000 rows, and what is beyond is not there. So each question asks
//! for the earliest rows of a span, at most so many. An answer that is full may have been cut within one instant; its
//! last instant is left out and asked for again as the beginning of the next question. When more rows share an instant
//! than were asked for, more are asked for; what is still too much is listed as a gap and stepped over.

use jiff::{SignedDuration, Timestamp};
use trail::TimeMs;

use super::query::{HuntingClient, Rowed, Rows, RowsRequest};
use crate::config::settings::Hunting;
use crate::http::{Failure, Next};
use crate::sources::{Page, Window};
use crate::store::Advance;

/// What one answer may hold (Microsoft: Advanced hunting, quotas and usage parameters).
const ROWS_MAX: u32 = 100_000;
/// Fewer are not asked for when an answer is too large.
const ROWS_MIN: u32 = 100;
/// The resolution of `Timestamp`.
const TICK: SignedDuration = SignedDuration::from_nanos(100);

/// A window being read.
#[derive(Debug)]
pub struct HuntingScan<C = HuntingClient> {
    client: C,
    /// As configured; `rows_max` is what the next question asks for.
    query_rows: u32,
    rows_max: u32,
    query_span: SignedDuration,
    from: Timestamp,
    to: Timestamp,
}

impl<C> HuntingScan<C> {
    /// A scan of `window`, its end excluded.
    pub fn over(client: C, settings: &Hunting, window: Window) -> Self {
        Self {
            client,
            query_rows: settings.query_rows,
            rows_max: settings.query_rows,
            query_span: SignedDuration::from_hours(i64::from(settings.query_hours.max(1))),
            from: instant(window.from),
            to: instant(window.to),
        }
    }
}

#[allow(private_bounds, reason = "who else answers than the service is a matter of tests")]
impl<C: Rowed> HuntingScan<C> {
    /// The next rows; `None` when the window has been read.
    ///
    /// # Errors
    /// The service's refusal; the scan can be asked again and goes on where it was.
    pub async fn next(&mut self) -> Result<Option<Page>, Failure> {
        loop {
            if self.from >= self.to {
                return Ok(None);
            }
            let to = self.from.checked_add(self.query_span).unwrap_or(self.to).min(self.to);
            let request = RowsRequest { from: self.from, to, rows_max: self.rows_max };
            match self.client.rows(&request).await {
                Ok(rows) => {
                    if let Some(page) = self.take(rows, to) {
                        return Ok(Some(page));
                    }
                }
                Err(failure) if failure.next == Next::TooLarge && self.rows_max > ROWS_MIN => {
                    self.rows_max = (self.rows_max / 2).max(ROWS_MIN);
                    tracing::info!(rows_max = self.rows_max, "{failure}; asking for fewer rows");
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    /// What an answer gives; `None`: ask again for more rows.
    fn take(&mut self, Rows { mut rows }: Rows, to: Timestamp) -> Option<Page> {
        let mut gap = None;
        if rows.len() < self.rows_max as usize {
            self.from = to;
        } else {
            let last = rows.iter().filter_map(|(at, _)| *at).max().unwrap_or(self.from).max(self.from);
            if rows.iter().any(|(at, _)| at.is_some_and(|at| at < last)) {
                // Rows without a time have been seen now and would not be found again by time.
                rows.retain(|(at, _)| at.is_none_or(|at| at < last));
                self.from = last;
            } else if self.rows_max < ROWS_MAX {
                self.rows_max = self.rows_max.saturating_mul(4).min(ROWS_MAX);
                return None;
            } else {
                let at = TimeMs(last.as_millisecond());
                gap = Some((
                    Window { from: at, to: at },
                    format!(
                        "more than {ROWS_MAX} activities share the instant {last}, more than advanced hunting lists"
                    ),
                ));
                self.from = last.checked_add(TICK).unwrap_or(self.to);
            }
        }
        self.rows_max = self.query_rows;
        // Everything before this instant has been returned.
        let advance = Advance::To(TimeMs(self.from.min(self.to).as_millisecond()));
        Some(Page { elements: rows.into_iter().map(|(_, row)| row).collect(), advance, gap, ..Page::default() })
    }
}

fn instant(time: TimeMs) -> Timestamp {
    Timestamp::from_millisecond(time.millis()).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;

    /// Rows by time in ticks, each with a number.
    struct Table {
        rows: Vec<(i64, u32)>,
        asked: RefCell<Vec<RowsRequest>>,
        /// An answer with more rows is refused as too large.
        answer_rows_max: usize,
    }

    fn at(ticks: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_nanos(100 * ticks)
    }

    impl Rowed for &Table {
        async fn rows(&self, request: &RowsRequest) -> Result<Rows, Failure> {
            self.asked.borrow_mut().push(request.clone());
            let within = self.rows.iter().filter(|(ticks, _)| at(*ticks) >= request.from && at(*ticks) < request.to);
            let rows: Vec<_> = within.take(request.rows_max as usize).collect();
            if rows.len() > self.answer_rows_max {
                return Err(Failure::new(Next::TooLarge, "too large"));
            }
            let rows = rows.into_iter().map(|(ticks, id)| (Some(at(*ticks)), Bytes::from(id.to_string()))).collect();
            Ok(Rows { rows })
        }
    }

    fn table(mut ticks: Vec<i64>) -> Table {
        ticks.sort_unstable();
        Table { rows: ticks.into_iter().zip(0..).collect(), asked: RefCell::default(), answer_rows_max: usize::MAX }
    }

    /// Ids in order of arrival, the times reached, and gaps.
    fn read(table: &Table, query_rows: u32) -> (Vec<u32>, Vec<TimeMs>, usize) {
        let settings = Hunting {
            schedule: crate::schedule::Schedule::minutes(5),
            services: vec![1],
            query_rows,
            query_hours: 1,
            overlap_minutes: 0,
            lag_minutes: 0,
            look_back_days: 30,
            requests_per_minute_max: 45,
        };
        // Two hours and a half.
        let mut scan = HuntingScan::over(table, &settings, Window { from: TimeMs(0), to: TimeMs(9_000_000) });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (mut ids, mut reached, mut gaps) = (Vec::new(), Vec::new(), 0);
        while let Some(page) = runtime.block_on(scan.next()).unwrap() {
            ids.extend(page.elements.iter().map(|id| std::str::from_utf8(id).unwrap().parse::<u32>().unwrap()));
            let Advance::To(time) = page.advance else { unreachable!("{:?}", page.advance) };
            reached.push(time);
            gaps += usize::from(page.gap.is_some());
        }
        (ids, reached, gaps)
    }

    #[test]
    fn a_window_is_read_hour_by_hour_to_its_end() {
        let hour = 36_000_000_000;
        let table = table(vec![1, hour - 1, hour, 2 * hour + 5]);
        let (ids, reached, gaps) = read(&table, 100);
        assert_eq!((ids, gaps), (vec![0, 1, 2, 3], 0));
        assert_eq!(reached, [TimeMs(3_600_000), TimeMs(7_200_000), TimeMs(9_000_000)]);
    }

    #[test]
    fn more_rows_in_one_instant_than_were_asked_for_are_asked_for_again() {
        let table = table([vec![5; 250], vec![6]].concat());
        let (ids, _, gaps) = read(&table, 100);
        assert_eq!((ids.len(), gaps), (251, 0));
        assert_eq!(table.asked.borrow()[1].rows_max, 400);
    }

    #[test]
    fn more_rows_in_one_instant_than_the_service_lists_are_a_gap_and_the_scan_goes_on() {
        let table = table([vec![5; 100_001], vec![6]].concat());
        let (ids, _, gaps) = read(&table, 100);
        assert_eq!((ids.len(), gaps), (100_001, 1), "what was listed, and what came after");
        assert_eq!(ids.last(), Some(&100_001));
    }

    #[test]
    fn an_answer_that_is_too_large_is_asked_for_in_smaller_ones() {
        let table = Table { answer_rows_max: 150, ..table((0..1000).collect()) };
        let (ids, _, _) = read(&table, 800);
        assert_eq!(ids, (0..1000).collect::<Vec<_>>());
    }

    proptest! {
        #[test]
        fn every_row_is_returned_once_and_what_was_reached_never_lies_beyond_it(
            ticks in prop::collection::vec(0_i64..60, 0..800)
        ) {
            let table = table(ticks);
            let (ids, reached, gaps) = read(&table, 100);
            prop_assert_eq!(ids, (0..table.rows.len() as u32).collect::<Vec<_>>());
            prop_assert_eq!(gaps, 0);
            prop_assert!(reached.is_sorted());
        }
    }
}
