//! What the fuzz target `cursor` reaches: a scan of a window against answers that the service never gave. In no other
//! build.

use std::cell::{Cell, RefCell};

use futures_util::FutureExt;
use trail::TimeMs;

use super::answer::ListAnswer;
use super::client::body;
use super::scan::{ListRequest, Lists, Scan};
use crate::config::settings::{Defender, DefenderCredential, ScanOrder, Selection};
use crate::http::{Answer, Failure};
use crate::sources::Window;
use crate::store::Advance;

/// What a scan asked and where it moved the position to.
#[derive(Debug, Default)]
pub struct Scanned {
    /// The body of each request.
    pub bodies: Vec<Vec<u8>>,
    /// The cursor of each answer that had one.
    pub cursors: Vec<String>,
    /// Positions beyond which nothing was asked for.
    pub reached: Vec<TimeMs>,
    /// Whether it came to its end, not to a failure.
    pub is_through: bool,
}

/// Scans the window with these answers, each the body of one; behind them, there is nothing more.
pub fn scan(answers: &[&[u8]], order: ScanOrder, from: TimeMs, to: TimeMs) -> Option<Scanned> {
    let settings = Defender {
        url: "https://defender.example/api/v1/".parse().ok()?,
        credential: DefenderCredential::Application,
        select: Selection::Services(vec![20892, 15600]),
        order,
        page_records: 100,
        overlap_minutes: 60,
        lag_minutes: 5,
        look_back_days: 30,
        requests_per_minute_max: 25,
        files_refresh_hours: None,
    };
    let script = Script { answers, next: Cell::new(0), told: RefCell::default() };
    let mut scan = Scan::over(&script, &settings, Window { from, to });
    let mut reached = Vec::new();
    // A script has its answer at once, so that nothing is ever waited for.
    let is_through = loop {
        match scan.next().now_or_never()? {
            Ok(Some(page)) => {
                if let Advance::To(position) = page.advance {
                    reached.push(position);
                }
            }
            Ok(None) => break true,
            Err(_) => break false,
        }
    };
    Some(Scanned { reached, is_through, ..script.told.into_inner() })
}

struct Script<'a> {
    answers: &'a [&'a [u8]],
    next: Cell<usize>,
    told: RefCell<Scanned>,
}

impl Lists for &Script<'_> {
    async fn list(&self, request: &ListRequest) -> Result<ListAnswer, Failure> {
        let mut told = self.told.borrow_mut();
        told.bodies.push(body(request));
        let answer = self.answers.get(self.next.get()).copied().unwrap_or(br#"{"data":[],"hasNext":false}"#);
        self.next.set(self.next.get() + 1);
        let answer = ListAnswer::read(&Answer::of(200, answer.to_vec()))?;
        told.cursors.extend(answer.cursor.clone());
        Ok(answer)
    }
}
