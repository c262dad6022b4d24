//! A window read page by page.
//!
//! The service ends a page before the last rows that share a time, so that no row is listed twice, and returns the
//! filters of the next page, which are sent back as they came (Microsoft: Activities API, scan mode). When more
//! rows share one millisecond than fit a page, it makes no progress: then the largest page is asked for, then the
//! millisecond is asked for in parts (by service, by category), and what is still too large is listed as a gap and
//! stepped over. When it says that there are no more rows and counts more than it has listed, what lies behind the last
//! one is asked for once more. It never loops for ever and never skips in silence.

use std::collections::VecDeque;

use trail::TimeMs;

use super::answer::ListAnswer;
use super::filters::{Filters, SPLITS_MAX, lower_bound};
use crate::config::settings::{Defender, ScanOrder};
use crate::http::Failure;
use crate::sources::{Page, Window};
use crate::store::Advance;

/// The largest page that the service documents.
const PAGE_RECORDS_MAX: u32 = 5000;
/// Pages of one window: far above what 30 days of the largest tenant hold, and an end to any loop.
const PAGES_MAX: u32 = 1_000_000;

/// How often a service is asked again that counts rows and lists none: its count is approximate.
const DOUBTS_MAX: usize = 1;

/// The header `Date` leaves out the milliseconds.
const DATE_PRECISION_MS: i64 = 999;

/// One list request.
#[derive(Debug, Clone)]
pub(super) struct ListRequest {
    /// `filters` as JSON text.
    pub(super) filters: String,
    /// Which clock sorts.
    pub(super) order: ScanOrder,
    /// `limit`.
    pub(super) page_records: u32,
}

/// Whoever answers list requests: the service, or a script in tests.
pub(super) trait Lists {
    async fn list(&self, request: &ListRequest) -> Result<ListAnswer, Failure>;
}

/// What is still to be asked.
#[derive(Debug, Clone)]
struct Query {
    /// What this query stands for, as we wrote it.
    asked: Filters,
    window: Window,
    /// What to send: the filters themselves, then the service's cursor.
    filters: String,
    page_records: u32,
    /// How often a burst was split to come here; 0 for the window itself.
    splits: usize,
    /// How often it was asked because the count did not fit.
    doubts: usize,
    /// Whether pages of this query move the position.
    moves: bool,
}

/// A window being read.
#[derive(Debug)]
pub struct Scan<C> {
    client: C,
    order: ScanOrder,
    page_records: u32,
    window: Window,
    lag_ms: i64,
    queries: VecDeque<Query>,
    pages: u32,
}

impl<C: Lists> Scan<C> {
    /// A scan of `window`.
    pub(super) fn over(client: C, settings: &Defender, window: Window) -> Self {
        let Defender { order, page_records, .. } = *settings;
        let asked = Filters::new(&settings.select, order, window);
        let first = Query { filters: asked.text(), asked, window, page_records, splits: 0, doubts: 0, moves: true };
        let lag_ms = i64::from(settings.lag_minutes) * 60_000;
        Self { client, order, page_records, window, lag_ms, queries: VecDeque::from([first]), pages: 0 }
    }

    /// The next page; `None` when the window has been read.
    ///
    /// # Errors
    /// The service's refusal; the scan can be asked again and goes on where it was.
    pub(super) async fn next(&mut self) -> Result<Option<Page>, Failure> {
        let Some(query) = self.queries.front() else { return Ok(None) };
        if self.pages >= PAGES_MAX {
            return Err(Failure::stop(format!(
                "Defender sent {PAGES_MAX} pages for one window and no end; this pass stops, and the next one goes on \
                 from the position"
            )));
        }
        self.pages += 1;
        let request =
            ListRequest { filters: query.filters.clone(), order: self.order, page_records: query.page_records };
        let answer = self.client.list(&request).await?;
        // There was a front before the call, and only this function takes queries away.
        let Some(mut query) = self.queries.pop_front() else { return Ok(None) };
        if !answer.has_next {
            if let Some(rest) = self.unlisted(&query, &answer) {
                self.queries.push_front(rest);
                return Ok(Some(Page { elements: answer.elements, ..Page::default() }));
            }
            let advance = self.behind_the_end_of(&query, answer.answered_at);
            return Ok(Some(Page { elements: answer.elements, advance, ..Page::default() }));
        }
        let Some(cursor) = answer.cursor else {
            self.queries.push_front(query);
            return Err(Failure::retry(
                "Defender says that there are more activities but not where (no nextQueryFilters); the next pass \
                 starts again from the position",
            ));
        };
        let before = lower_bound(&query.filters, self.order);
        let after = lower_bound(&cursor, self.order);
        let went_back = after.is_some() && after < before;
        if answer.elements.is_empty() || cursor == query.filters || went_back {
            let stuck_at = after.max(before).unwrap_or(query.window.from);
            let gap = self.unstick(query, stuck_at);
            return Ok(Some(Page { elements: answer.elements, gap, ..Page::default() }));
        }
        let moves = query.moves && after > before && self.order == ScanOrder::Created;
        query.filters = cursor;
        query.doubts = 0;
        query.page_records = self.page_records;
        self.queries.push_front(query);
        let advance = if moves { Advance::ToLastIfAscending } else { Advance::Stay };
        Ok(Some(Page { elements: answer.elements, advance, ..Page::default() }))
    }

    /// What to ask for when a last page has fewer rows than the service counts: what lies behind its last row.
    fn unlisted(&self, query: &Query, answer: &ListAnswer) -> Option<Query> {
        let listed = answer.elements.len() as u64;
        if answer.total.is_none_or(|total| total <= listed) || query.doubts >= DOUBTS_MAX {
            return None;
        }
        let (from, doubts) = match answer.elements.last() {
            Some(last) => (time_of(last, self.order)?.plus(1), 0),
            None => (lower_bound(&query.filters, self.order).unwrap_or(query.window.from), query.doubts + 1),
        };
        if from > query.window.to {
            return None;
        }
        tracing::debug!(total = answer.total, listed, %from, "Defender counts more activities than it lists: asking again");
        let window = Window { from, to: query.window.to };
        let asked = query.asked.clone().within(window);
        Some(Query { filters: asked.text(), asked, window, doubts, ..query.clone() })
    }

    /// How the position moves behind the last page of a query: to the window's end, but never beyond what the service
    /// could have listed. The window was reckoned by this machine's clock, and if that is ahead, records of a time
    /// beyond the service's now are still to come.
    fn behind_the_end_of(&self, query: &Query, answered_at: Option<TimeMs>) -> Advance {
        if !query.moves || !self.queries.is_empty() {
            return Advance::Stay;
        }
        let listed_to = answered_at.map(|at| at.plus(DATE_PRECISION_MS - self.lag_ms));
        Advance::To(listed_to.map_or(self.window.to, |listed_to| listed_to.min(self.window.to)))
    }

    /// The service makes no progress at `stuck_at`: ask otherwise. Returns the span that has to be given up.
    fn unstick(&mut self, mut query: Query, stuck_at: TimeMs) -> Option<(Window, String)> {
        if query.page_records < PAGE_RECORDS_MAX {
            query.page_records = PAGE_RECORDS_MAX;
            self.queries.push_front(query);
            return None;
        }
        let burst = Window { from: stuck_at, to: stuck_at };
        if stuck_at < query.window.to {
            let rest = Window { from: stuck_at.plus(1), to: query.window.to };
            let asked = query.asked.clone().within(rest);
            self.queries.push_front(Query {
                filters: asked.text(),
                asked,
                window: rest,
                page_records: self.page_records,
                ..query
            });
        }
        if query.splits == SPLITS_MAX {
            return Some((
                burst,
                format!(
                    "more than {PAGE_RECORDS_MAX} activities of one kind share the millisecond {stuck_at}, more than Defender lists at once"
                ),
            ));
        }
        let parts = query.asked.clone().within(burst).split(query.splits);
        for asked in parts.into_iter().rev() {
            self.queries.push_front(Query {
                filters: asked.text(),
                asked,
                window: burst,
                page_records: PAGE_RECORDS_MAX,
                splits: query.splits + 1,
                doubts: 0,
                moves: false,
            });
        }
        None
    }
}

/// The time of an activity on the clock that sorts the list.
fn time_of(activity: &[u8], order: ScanOrder) -> Option<TimeMs> {
    #[derive(serde::Deserialize)]
    struct Times {
        created: Option<i64>,
        timestamp: Option<i64>,
    }
    let times: Times = serde_json::from_slice(activity).ok()?;
    match order {
        ScanOrder::Created => times.created,
        ScanOrder::Date => times.timestamp,
    }
    .map(TimeMs)
}

#[cfg(test)]
#[path = "scan_tests.rs"]
mod tests;
