//! A page of a list: the same rows for pages, for programs, and for whatever else takes them.

use super::error::Refusal;
use super::readers::Open;
use crate::cli::ReportKind as Question;
use crate::report::{Scope, Take};
use crate::rows::{Row, Share, Unused};
use crate::store::{Asked, FindingFilter, NoSuchPlace, Order, Page, Reader, StoreError, Which};

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
    match (question, scope.order) {
        (Question::Access | Question::Classified | Question::Unexplained, None) => {
            hand_over(reader.accesses_page(&filter, inside, cursor, rows_max)?, taker)
        }
        (Question::Access | Question::Classified | Question::Unexplained, Some(order)) => {
            hand_over(reader.accesses_page_in_order(&filter, inside, order, cursor, rows_max)?, taker)
        }
        (Question::Shares, order) => {
            let asked = Asked { filter: &filter, which: Which::All, now, inside };
            hand_over(shares(reader, &asked, order, wanted, cursor, rows_max)?, taker)
        }
        (Question::Unused, order) => {
            let asked = Asked { filter: &filter, which: Which::Unused, now, inside };
            let page = shares(reader, &asked, order, wanted, cursor, rows_max)?;
            hand_over(page.map(|page| page.map(|share| Unused::of(share, now))), taker)
        }
        (Question::People, None) => {
            let skip = place(cursor)?;
            ranked(reader.people_with_most(&filter, inside, skip, rows_max)?, skip, taker)
        }
        (Question::Items, None) => {
            let skip = place(cursor)?;
            ranked(reader.items_with_most(&filter, inside, skip, rows_max)?, skip, taker)
        }
        (Question::People, Some(_)) => {
            counted(question, reader.people(&filter, inside)?, scope, cursor, rows_max, taker)
        }
        (Question::Items, Some(_)) => counted(question, reader.items(&filter, inside)?, scope, cursor, rows_max, taker),
        (Question::Domains, _) => counted(question, reader.domains(&filter, inside)?, scope, cursor, rows_max, taker),
        (Question::Findings, _) => {
            let findings = reader.findings(&FindingFilter::of(&filter))?;
            counted(question, findings, scope, cursor, rows_max, taker)
        }
        (Question::Gaps, _) => counted(question, reader.gaps()?, scope, cursor, rows_max, taker),
        (Question::Excluded, _) => {
            counted(question, reader.excluded(filter.since, filter.until, inside)?, scope, cursor, rows_max, taker)
        }
        (Question::Reconciliation, _) => {
            counted(question, reader.arrived(filter.since, filter.until)?, scope, cursor, rows_max, taker)
        }
        (Question::Accepts, _) => {
            counted(question, reader.accepts(filter.since, filter.until)?, scope, cursor, rows_max, taker)
        }
    }
}

/// In the order that is asked for, or else in the list's own.
fn shares(
    reader: &mut Reader,
    asked: &Asked<'_>,
    order: Option<Order>,
    is_wanted: impl Fn(&Share) -> bool,
    cursor: Option<&str>,
    rows_max: usize,
) -> Result<Result<Page<Share>, NoSuchPlace>, StoreError> {
    match order {
        None => reader.shares_page(asked, is_wanted, cursor, rows_max),
        Some(order) => reader.shares_page_in_order(asked, order, is_wanted, cursor, rows_max),
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

/// The same of lists that are short, or that are ordered by what only a row has.
fn counted<R: Row>(
    question: Question,
    rows: Vec<R>,
    scope: &Scope,
    cursor: Option<&str>,
    rows_max: usize,
    taker: &mut impl Take,
) -> Result<Option<String>, Refusal> {
    let begin = place(cursor)?;
    let order = scope.order.unwrap_or(Order { column: question.ordered_by(), falling: true });
    let rows = order.sorted(rows);
    for row in rows.iter().skip(begin).take(rows_max) {
        taker.take(row)?;
    }
    let end = begin.saturating_add(rows_max);
    Ok((end < rows.len()).then(|| end.to_string()))
}

pub(super) fn no_such_place() -> Refusal {
    Refusal::NotUnderstood("“cursor” is no place in this list; take it from “next” of the page before.".to_owned())
}
