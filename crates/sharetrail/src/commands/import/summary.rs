//! What became of one file: a line for people, an object for programs.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::progress::tell;
use crate::report::{counted, plain};
use crate::sources::files::{Input, Place};
use crate::stdout::print_line;
use crate::store::PageCount;

/// How a problem begins for which something was not taken.
const REJECTED: &str = "rejected: ";

/// What became of one file, as `--json` prints it.
#[derive(Debug, Serialize)]
pub(super) struct FileSummary {
    file: String,
    records: u64,
    distinct: u64,
    stored: u64,
    known: u64,
    not_kept: u64,
    pub(super) rejected: u64,
    problems: BTreeMap<String, u64>,
    #[serde(skip)]
    pub(super) organizations: BTreeSet<String>,
}

impl FileSummary {
    /// From what the store counted and where each reason was met first.
    pub(super) fn new(input: &Input, count: PageCount, first_places: &BTreeMap<String, Place>) -> Self {
        let told = |reason: &String, times: u64| match first_places.get(reason) {
            None => format!("{REJECTED}{reason}"),
            Some(place) if times == 1 => format!("{REJECTED}{place}: {reason}"),
            Some(place) => format!("{REJECTED}{reason}; first in {place}"),
        };
        let mut problems: BTreeMap<String, u64> =
            count.problems.iter().map(|(kind, times)| ((*kind).to_owned(), *times)).collect();
        problems.extend(count.reasons.iter().map(|(reason, times)| (told(reason, *times), *times)));
        Self {
            file: input.to_string(),
            records: count.records,
            distinct: count.distinct,
            stored: count.stored,
            known: count.known,
            not_kept: count.not_kept,
            rejected: count.rejected,
            problems,
            organizations: count.organizations,
        }
    }

    /// What was rejected is no result: it is told on standard error, whoever takes the summary.
    pub(super) fn warn(&self) {
        for (problem, times) in self.problems.iter().filter(|(problem, _)| problem.starts_with(REJECTED)) {
            tell(&format!("{}: {times} × {}", plain(&self.file), plain(problem)));
        }
    }

    pub(super) fn print(&self) -> std::io::Result<()> {
        print_line(&format!(
            "{}: {}, {} different: {} stored, {} known before, {} not kept; {} rejected",
            plain(&self.file),
            counted(self.records, "record", "records"),
            self.distinct,
            self.stored,
            self.known,
            self.not_kept,
            self.rejected
        ))?;
        for (problem, times) in self.problems.iter().filter(|(problem, _)| !problem.starts_with(REJECTED)) {
            print_line(&format!("    {times} × {}", plain(problem)))?;
        }
        Ok(())
    }
}
