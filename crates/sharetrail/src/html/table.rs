//! A table of rows, each of which unfolds in place to everything that is known of it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use maud::{Markup, html};

use super::words::number;
use super::{Fields, Links};
use crate::cli::ReportKind as Question;
use crate::report::{ReportError, Shown, Take};
use crate::rows::{Cell, Kind, Row};
use crate::store::Order;

/// The rows of an answer that a page has room for, rendered: those that matter most.
pub struct Rows {
    question: Question,
    links: Links,
    rows_max: usize,
    as_they_come: bool,
    /// By what they are ordered, least first, so that it gives way to a better one.
    kept: BinaryHeap<Reverse<(i64, Reverse<u64>, String)>>,
    all: u64,
}

impl Rows {
    /// Keeps `rows_max` rows of the answer to `question`.
    pub fn new(question: Question, links: Links, rows_max: usize) -> Self {
        Self { question, links, rows_max, as_they_come: false, kept: BinaryHeap::new(), all: 0 }
    }

    /// Keeps the first `rows_max` rows, in the order in which they come.
    pub fn as_they_come(question: Question, links: Links, rows_max: usize) -> Self {
        Self { as_they_come: true, ..Self::new(question, links, rows_max) }
    }

    /// How many there were.
    pub fn all(&self) -> u64 {
        self.all
    }

    /// The table, or a sentence where there is nothing. Sorting and searching is the script's.
    pub fn table(self) -> Markup {
        if self.kept.is_empty() {
            return html! { p.empty { (self.question.empty()) } };
        }
        let (question, kept, all) = (self.question, self.kept.len(), self.all);
        let rows: Vec<String> = self.kept.into_sorted_vec().into_iter().map(|Reverse((_, _, row))| row).collect();
        let id = format!("table-{}", question.name());
        html! {
            div.tools {
                label.search { span.hidden { "Search in " (question.title()) }
                    input type="search" placeholder="Search in this table" data-search=(id) autocomplete="off";
                }
                p.shown role="status" data-status=(id) {
                    @if all > kept as u64 { (number(kept as i64)) " of " (number(all as i64)) " shown; the spreadsheet has all" }
                    @else { (number(kept as i64)) " shown" }
                }
            }
            (sheet(question, &id, &Headings::Sort, &rows))
        }
    }

    /// Just the rows, in order, for a page that has its own table around them.
    pub fn into_sheet(self, id: &str, headings: &Headings<'_>) -> Markup {
        let rows: Vec<String> = self.kept.into_sorted_vec().into_iter().map(|Reverse((_, _, row))| row).collect();
        sheet(self.question, id, headings, &rows)
    }
}

impl Take for Rows {
    fn take<R: Row>(&mut self, row: &R) -> Result<(), ReportError> {
        self.all += 1;
        let fields = Fields::new(R::COLUMNS, row.cells());
        let key = match fields.get(self.question.ordered_by()) {
            _ if self.as_they_come => 0,
            Cell::Time(time) => time.millis(),
            Cell::Integer(number) => number,
            _ => 0,
        };
        let is_full = self.kept.len() >= self.rows_max;
        if is_full && self.kept.peek().is_none_or(|Reverse((least, _, _))| key <= *least) {
            return Ok(());
        }
        if is_full {
            self.kept.pop();
        }
        let rendered = one(self.question, &fields, self.links, self.all).into_string();
        self.kept.push(Reverse((key, Reverse(self.all), rendered)));
        Ok(())
    }
}

/// What the headings of a table do.
pub enum Headings<'a> {
    /// Nothing.
    Plain,
    /// The script sorts the rows that are there.
    Sort,
    /// They lead to all rows in another order.
    Lead {
        /// The order in which the rows are.
        order: Order,
        /// Where those in another order are.
        to: &'a dyn Fn(Order) -> String,
    },
}

fn sheet(question: Question, id: &str, headings: &Headings<'_>, rows: &[String]) -> Markup {
    html! {
        div.sheet tabindex="0" role="region" aria-label=(question.title()) {
            table id=(id) {
                thead { tr {
                    th.fold scope="col" { span.hidden { "Details" } }
                    @for shown in shown(question) {
                        th scope="col" class=(class(question, shown.key))
                            aria-sort=[sorted(question, shown.key, headings)] title=[about(question, shown.key)] {
                            @match headings {
                                Headings::Plain => { (shown.heading) }
                                Headings::Sort => { button type="button" data-sort=(id) { (shown.heading) } }
                                Headings::Lead { order, to } => { a.sort href=(to(turned(question, shown.key, *order))) { (shown.heading) } }
                            }
                        }
                    }
                } }
                @for row in rows { (maud::PreEscaped(row)) }
            }
        }
    }
}

/// How rows are ordered by a column, if they are.
fn sorted(question: Question, key: &str, headings: &Headings<'_>) -> Option<&'static str> {
    match headings {
        Headings::Sort if key == question.ordered_by() => Some("descending"),
        Headings::Lead { order, .. } if order.column == key => {
            Some(if order.falling { "descending" } else { "ascending" })
        }
        _ => None,
    }
}

/// The order that a heading stands for: numbers and times begin with the most, texts with A; again turns it round.
fn turned(question: Question, key: &'static str, now: Order) -> Order {
    let is_text =
        question.columns().iter().any(|column| column.key == key && matches!(column.kind, Kind::Text | Kind::List));
    Order { column: key, falling: if now.column == key { !now.falling } else { !is_text } }
}

/// One row and, folded away, all of it.
fn one(question: Question, fields: &Fields<'_>, links: Links, place: u64) -> Markup {
    let id = format!("{}-{place}", question.name());
    html! {
        tbody {
            tr {
                td.fold {
                    button type="button" aria-expanded="false" aria-controls=(id) { span.hidden { "Details" } }
                }
                @for shown in shown(question) {
                    td class=(class(question, shown.key)) data-key=[sort_key(fields.get(shown.key))] {
                        (fields.shown(shown.key, links))
                    }
                }
            }
            tr.unfolded id=(id) hidden { td colspan=(shown(question).len() + 1) { (fields.unfolded(links)) } }
        }
    }
}

/// What a column is sorted by where its text does not tell.
fn sort_key(cell: Cell<'_>) -> Option<i64> {
    match cell {
        Cell::Time(time) => Some(time.millis()),
        Cell::Integer(number) => Some(number),
        Cell::Boolean(truth) => Some(i64::from(truth)),
        _ => None,
    }
}

/// The columns of a page: of those that answer, the ones that are not a second line of another.
fn shown(question: Question) -> Vec<&'static Shown> {
    const BELOW: [&str; 5] = ["person_kind", "site_url", "permission", "match_rule", "classification_level"];
    question.shown().iter().filter(|shown| !BELOW.contains(&shown.key)).collect()
}

fn class(question: Question, key: &str) -> &'static str {
    // What a narrow screen can do without: the row unfolds to it.
    const SECOND: [&str; 9] = [
        "country",
        "shared_by",
        "confidence",
        "countries",
        "first_seen",
        "person_kinds",
        "shares",
        "classified_items",
        "share_kind",
    ];
    const WIDE: [&str; 4] = ["person", "item_name", "recipient", "reason"];
    let is_number = question.columns().iter().any(|column| column.key == key && column.kind == Kind::Integer);
    match (is_number, SECOND.contains(&key)) {
        (true, true) => "number second",
        (true, false) => "number",
        (false, true) if key == "shared_by" => "second mail",
        (false, true) => "second",
        (false, false) if WIDE.contains(&key) => "text",
        (false, false) => "",
    }
}

fn about(question: Question, key: &str) -> Option<&'static str> {
    question.columns().iter().find(|column| column.key == key).map(|column| column.about)
}
