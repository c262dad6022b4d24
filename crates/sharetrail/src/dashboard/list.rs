//! A page of a list: the same rows for pages, for programs, and for whatever else takes them.

use super::error::Refusal;
use super::readers::Open;
use crate::cli::ReportKind as Question;
use crate::report::{Scope, Take};
use crate::rows::{Row, Share};
use crate::store::{FindingFilter, NoSuchPlace, Page};

/// Hands the rows behind `cursor` to `taker`, `rows_max` at most; tells where the next page begins.
pub(super) fn page(
    question: Question,
    open: &mut Open,
    scope: &Scope,
    cursor: Option<&str>,
    rows_max: usize,
    taker: &mut impl Take,
) -> Result<Option<String>, Refusal> {
    let filter = question.filter(scope);
    let (now, inside) = (scope.now, scope.inside.as_slice());
    let wanted = |share: &Share| !scope.only_classified || share.classified_now == Some(true);
    let reader = &mut open.reader;
    match question {
        Question::Access | Question::Classified | Question::Unexplained => {
            hand_over(reader.accesses_page(&filter, inside, cursor, rows_max)?, taker)
        }
        Question::Shares => hand_over(reader.shares_page(&filter, now, inside, cursor, rows_max, wanted)?, taker),
        Question::Unused => hand_over(reader.unused_page(&filter, now, inside, cursor, rows_max, wanted)?, taker),
        Question::People => {
            let skip = place(cursor)?;
            ranked(reader.people_with_most(&filter, inside, skip, rows_max)?, skip, taker)
        }
        Question::Domains => counted(reader.domains(&filter, inside)?, |row| row.accesses, cursor, rows_max, taker),
        Question::Items => {
            let skip = place(cursor)?;
            ranked(reader.items_with_most(&filter, inside, skip, rows_max)?, skip, taker)
        }
        Question::Findings => {
            let rows = reader.findings(&FindingFilter::of(&filter))?;
            counted(rows, |row| row.time_generated.millis(), cursor, rows_max, taker)
        }
        Question::Gaps => counted(reader.gaps()?, |row| row.from_time.millis(), cursor, rows_max, taker),
        Question::Excluded => {
            let rows = reader.excluded(filter.since, filter.until, inside)?;
            counted(rows, |row| row.records, cursor, rows_max, taker)
        }
        Question::Reconciliation => {
            counted(reader.arrived(filter.since, filter.until)?, |_| 0, cursor, rows_max, taker)
        }
        Question::Accepts => counted(reader.accepts(filter.since, filter.until)?, |_| 0, cursor, rows_max, taker),
    }
}

fn hand_over<R: Row>(page: Result<Page<R>, NoSuchPlace>, taker: &mut impl Take) -> Result<Option<String>, Refusal> {
    let page = page.map_err(|NoSuchPlace| no_such_place())?;
    for row in &page.rows {
        taker.take(row)?;
    }
    Ok(page.next)
}

/// Rows that count most, of those that are counted from all accesses each time.
fn ranked<R: Row>(
    (rows, is_more): (Vec<R>, bool),
    skip: usize,
    taker: &mut impl Take,
) -> Result<Option<String>, Refusal> {
    for row in &rows {
        taker.take(row)?;
    }
    Ok(is_more.then(|| skip.saturating_add(rows.len()).to_string()))
}

/// There, a page begins at a number.
fn place(cursor: Option<&str>) -> Result<usize, Refusal> {
    cursor.map_or(Ok(0), |cursor| cursor.parse().map_err(|_| no_such_place()))
}

/// The same of lists that are short.
fn counted<R: Row>(
    mut rows: Vec<R>,
    key: impl Fn(&R) -> i64,
    cursor: Option<&str>,
    rows_max: usize,
    taker: &mut impl Take,
) -> Result<Option<String>, Refusal> {
    let begin = place(cursor)?;
    rows.sort_by_key(|row| std::cmp::Reverse(key(row)));
    for row in rows.iter().skip(begin).take(rows_max) {
        taker.take(row)?;
    }
    let end = begin.saturating_add(rows_max);
    Ok((end < rows.len()).then(|| end.to_string()))
}

fn no_such_place() -> Refusal {
    Refusal::NotUnderstood("“cursor” is no place in this list; take it from “next” of the page before.".to_owned())
}
