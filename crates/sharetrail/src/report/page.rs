//! The report as one HTML file: the answer, its charts, every question's table. It opens offline and prints well.

use std::io::Write;

use maud::{Markup, html};
use trail::TimeMs;

use super::{ReportError, Scope, WHOLE_ANSWER, general_notes};
use crate::cli::ReportKind as Question;
use crate::html::answer::sentences;
use crate::html::shell::Shell;
use crate::html::table::Rows;
use crate::html::{Links, chart, words};
use crate::store::{Picture, Reader};

/// Rows of a table; whoever wants more wants a spreadsheet. It bounds the file to some 10 MB.
const ROWS_MAX: usize = 1_000;
/// Without a time, these are the days that count, up to the last access.
const DAYS_DEFAULT: i64 = 30;
const DAY_MS: i64 = 86_400_000;

/// Writes the page, with the table of `first` before the others.
///
/// # Errors
/// Those of the store and of the output.
pub fn write_page(first: Question, reader: &mut Reader, scope: &Scope, mut out: impl Write) -> Result<(), ReportError> {
    let (scope, span) = within_days(reader, scope)?;
    let picture = reader.picture(&Question::Access.filter(&scope), &scope.inside)?;
    let doors = reader.doors(&scope.filter, scope.now, &scope.inside)?;
    let others = WHOLE_ANSWER.into_iter().filter(|question| *question != first);
    let questions: Vec<Question> = std::iter::once(first).chain(others).collect();
    let mut tables = Vec::with_capacity(questions.len());
    for question in &questions {
        let mut rows = Rows::new(*question, Links::File, ROWS_MAX);
        question.answer(reader, &scope, &mut rows)?;
        tables.push((*question, rows));
    }
    let notes = general_notes(reader, &scope)?;
    let body = html! {
        (sentences(&picture, doors, &span, Links::File, &[]))
        (charts(&picture, Links::File))
        nav.contents aria-label="On this page" { ul {
            @for (question, rows) in &tables {
                li { a href={ "#" (question.name()) } { (question.title()) " " span.faint { (words::number(rows.all() as i64)) } } }
            }
        } }
        @for (question, rows) in tables {
            section id=(question.name()) {
                h2 { (question.title()) }
                p.about { (question.about()) }
                (rows.table())
            }
        }
        section { h2 { "How to read this" } ul.notes { @for note in &notes { li { (words::text(note, 2_000)) } } } }
    };
    let tenant = reader.tenant().to_owned();
    let shell = Shell {
        tenant: &tenant,
        title: "Who outside reached what we shared",
        subtitle: subtitle(&scope),
        navigation: html! {},
        body,
    };
    out.write_all(shell.file().into_string().as_bytes())?;
    Ok(out.flush()?)
}

/// The charts of an answer.
pub fn charts(picture: &Picture, links: Links) -> Markup {
    html! {
        @if picture.accesses.all() > 0 {
            (chart::over_time(&picture.days))
            div.charts {
                (chart::by_part("By organisation", &picture.by_domain, "no address", links, Some(("access", "domain"))))
                (chart::by_part("By country", &picture.by_country, "not known", links, None))
                (chart::verdicts(picture.accesses))
                (chart::by_part("By action", &picture.by_action, "not known", links, None))
            }
        }
    }
}

/// The scope with its time, and that time in words that begin a sentence.
fn within_days(reader: &Reader, scope: &Scope) -> Result<(Scope, String), ReportError> {
    let mut scope = scope.clone();
    let span = match (scope.filter.since, scope.filter.until) {
        (Some(since), Some(until)) => format!("From {} to {}", words::day(since), words::day(until.plus(-1))),
        (Some(since), None) => format!("Since {}", words::day(since)),
        (None, Some(until)) => format!("Before {}", words::day(until)),
        (None, None) => {
            let last = reader.latest_access()?.unwrap_or(scope.now);
            scope.filter.since = Some(days_before(last));
            let is_now = scope.now.millis() - last.millis() < DAY_MS;
            if is_now {
                format!("In the last {DAYS_DEFAULT} days")
            } else {
                format!("In the {DAYS_DEFAULT} days up to {}", words::day(last))
            }
        }
    };
    Ok((scope, span))
}

/// The begin of the day from which on `last` and the days before it make thirty.
fn days_before(last: TimeMs) -> TimeMs {
    TimeMs((last.millis().div_euclid(DAY_MS) - (DAYS_DEFAULT - 1)) * DAY_MS)
}

fn subtitle(scope: &Scope) -> Markup {
    let filter = &scope.filter;
    let narrowed = [("person", &filter.person), ("organisation", &filter.domain), ("site", &filter.site)];
    html! {
        @if let Some(since) = filter.since { "From " (words::day(since)) }
        @if let Some(until) = filter.until { " until before " (words::day(until)) }
        @for (what, value) in narrowed {
            @if let Some(value) = value { " · only " (what) " " strong { (words::text(value, 200)) } }
        }
        @if scope.only_classified { " · only what was classified" }
        " · made " (words::moment(scope.now))
    }
}
