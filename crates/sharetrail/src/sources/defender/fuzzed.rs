//! What the fuzz target `cursor` reaches: a scan of a window against answers that the service never gave. In no other
//! build.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::sync::LazyLock;

use futures_util::FutureExt;
use trail::TimeMs;

use super::answer::ListAnswer;
use super::client::body;
use super::scan::{ListRequest, Lists, Scan};
use crate::config::{
    self,
    settings::{Defender, ScanOrder},
};
use crate::http::{Answer, Failure};
use crate::sources::Window;
use crate::store::Advance;

/// As a configuration has them that says nothing about the scan; read once, since inputs are many.
static SETTINGS: LazyLock<Option<Defender>> = LazyLock::new(|| {
    let text = r#"
        [[tenant]]
        name = "contoso"
        tenant_id = "5d3a7d1e-0000-4000-8000-000000000001"
        internal_domains = ["contoso.example"]
        [tenant.defender]
        url = "https://contoso.eu.portal.cloudappsecurity.com"
        token = "env:TOKEN"
    "#;
    config::parse(text, PathBuf::new()).ok()?.tenants.into_iter().next()?.defender
});

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
    let settings = Defender { order, ..SETTINGS.clone()? };
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
