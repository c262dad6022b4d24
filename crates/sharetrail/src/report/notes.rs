//! What every report ends with: the unit that it counts, how far its conclusions reach, and what it left out.

use super::{ReportError, Scope, counted};
use crate::cli::ReportKind as Question;
use crate::store::Reader;

/// The unit that is counted, stated in every report of accesses.
const UNIT: &str =
    "An access is one outside person, one item and one kind of action, with at most 5 minutes between its records.";

/// The sentences below the answer to `question`; none for what is itself a list of such sentences.
///
/// # Errors
/// Those of reading the store.
pub fn notes(question: Question, reader: &Reader, scope: &Scope) -> Result<Vec<String>, ReportError> {
    if matches!(
        question,
        Question::Accepts | Question::Findings | Question::Gaps | Question::Excluded | Question::Reconciliation
    ) {
        return Ok(Vec::new());
    }
    let mut notes = Vec::new();
    if !matches!(question, Question::Shares | Question::Unused) {
        notes.push(UNIT.to_owned());
    }
    notes.extend(backlog(reader)?);
    notes.extend(inferred(&scope.inside));
    for excluded in reader.excluded(scope.filter.since, scope.filter.until, &scope.inside)? {
        notes.push(format!("left out: records that {}: {}", excluded.reason, excluded.records));
    }
    Ok(notes)
}

/// What a page or a workbook says of its answers as a whole; what was left out has a table of its own there.
///
/// # Errors
/// Those of reading the store.
pub fn general_notes(reader: &Reader, scope: &Scope) -> Result<Vec<String>, ReportError> {
    let mut notes = vec![UNIT.to_owned(), "Times are UTC.".to_owned()];
    notes.extend(backlog(reader)?);
    notes.extend(inferred(&scope.inside));
    Ok(notes)
}

fn backlog(reader: &Reader) -> Result<Option<String>, ReportError> {
    let backlog = reader.recompute_backlog()?;
    Ok((backlog > 0).then(|| {
        format!(
            "{} still to be worked out again; the next pass does it",
            counted(backlog, "conclusion is", "conclusions are")
        )
    }))
}

fn inferred(inside: &[String]) -> Option<String> {
    (!inside.is_empty()).then(|| {
        format!(
            "no internal domains are configured; from the records these are taken to be ours: {} (--internal-domain says it for sure)",
            inside.join(", ")
        )
    })
}
