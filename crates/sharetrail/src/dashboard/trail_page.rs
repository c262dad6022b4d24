//! The page of one person, item or share: what happened, part by part, as an activity log has it.

use std::sync::Arc;

use axum::extract::{Extension, RawQuery, State};
use maud::{Markup, html};

use super::error::Refusal;
use super::frame::frame;
use super::list::no_such_place;
use super::pages::{Answer, as_page, parameter};
use super::readers::{Open, Readers};
use super::view::View;
use super::visit::Visit;
use crate::cli::ReportKind as Question;
use crate::commands::now;
use crate::html::links::address;
use crate::html::table::{Headings, Rows};
use crate::html::{Links, moments, words};
use crate::report::{Part, Subject, Take, Trail};
use crate::rows::Row;

/// Accesses of a part, and rows of each of its tables.
const PART_ROWS: usize = 100;

/// `GET /person?id=`.
pub(super) async fn person(
    State(readers): State<Arc<Readers>>,
    Extension(visit): Extension<Visit>,
    RawQuery(query): RawQuery,
) -> Answer {
    let asked = Asked::of(query.as_deref())?;
    let page = readers.read(move |open| trail_page(open, &visit, Subject::Person(&asked.id), "person", &asked));
    Ok(as_page(&page.await?))
}

/// `GET /item?id=`.
pub(super) async fn item(
    State(readers): State<Arc<Readers>>,
    Extension(visit): Extension<Visit>,
    RawQuery(query): RawQuery,
) -> Answer {
    let asked = Asked::of(query.as_deref())?;
    let page = readers.read(move |open| trail_page(open, &visit, Subject::Item(&asked.id), "item", &asked));
    Ok(as_page(&page.await?))
}

/// `GET /share?id=`.
pub(super) async fn share(
    State(readers): State<Arc<Readers>>,
    Extension(visit): Extension<Visit>,
    RawQuery(query): RawQuery,
) -> Answer {
    let asked = Asked::of(query.as_deref())?;
    let page = readers.read(move |open| trail_page(open, &visit, Subject::Share(&asked.id), "share", &asked));
    Ok(as_page(&page.await?))
}

/// Whose trail, and which part of it.
struct Asked {
    id: String,
    /// Accesses before this place.
    cursor: Option<String>,
}

impl Asked {
    fn of(query: Option<&str>) -> Result<Self, Refusal> {
        Ok(Self { id: parameter(query, "id")?, cursor: parameter(query, "cursor").ok() })
    }
}

/// `kind` is the page's name, and the name of the filter that asks lists for the same.
fn trail_page(
    open: &mut Open,
    visit: &Visit,
    subject: Subject<'_>,
    kind: &str,
    asked: &Asked,
) -> Result<Markup, Refusal> {
    let inside = open.inside.clone();
    let (now, cursor) = (now(), asked.cursor.as_deref());
    let part = Part::of(&mut open.reader, subject, now, &inside, cursor, PART_ROWS)?.map_err(|_| no_such_place())?;
    let trail = &part.trail;
    let key = trail.key.as_str();
    let all_of = |question: Question| address(question.name(), &[(kind, key), ("days", "all")]);
    let here = |cursor: &str| address(kind, &[("id", &asked.id), ("cursor", cursor)]);
    let (accesses, shares) = (trail.accesses.len() as i64, trail.shares.len() as i64);
    let body = html! {
        section {
            h2 { "What happened" }
            p.about { "Shared, accepted, reached, ended: in order, each with the rule, how sure it is, and its records." }
            @if let Some(earlier) = &part.earlier {
                p.earlier { a href=(here(earlier)) rel="prev" { "Earlier" } span.faint { " These are "
                    (words::number(accesses)) " of " (words::count(part.accesses_all, "access", "accesses")) } }
            }
            (moments::time_line(&part.events(), now, Links::Live))
            @if asked.cursor.is_some() { p.later { a href=(here("")) { "To the latest" } } }
        }
        (table(Question::People, &trail.people, trail.people.len() as i64, None)?)
        (table(Question::Shares, &trail.shares, shares, Some(&all_of(Question::Shares)))?)
        (table(Question::Access, &trail.accesses, part.accesses_all, Some(&all_of(Question::Access)))?)
    };
    let title = title(trail, subject);
    let subtitle = html! {
        (kind_word(kind)) @if let Some(place) = &trail.place { " · " span.path { (words::text(place, 500)) } }
        " · " (words::count(shares, "share", "shares"))
        " · " (words::count(part.accesses_all, "access", "accesses"))
    };
    Ok(frame(open, visit, &title, subtitle, "", &View::default(), body))
}

fn kind_word(kind: &str) -> &'static str {
    match kind {
        "person" => "Person",
        "item" => "Item",
        _ => "Share",
    }
}

/// What a person would call it.
fn title(trail: &Trail, subject: Subject<'_>) -> String {
    let reached = trail.accesses.iter().rev().find_map(|access| access.item_name.clone());
    let name = reached.or_else(|| trail.shares.iter().rev().find_map(|share| share.item_name.clone()));
    match (subject, name) {
        (Subject::Person(person), _) => person.to_owned(),
        (_, Some(name)) => name.to_string(),
        _ => trail.title.clone(),
    }
}

/// The rows of a part; where there are others, a way to the list that has them all.
fn table<R: Row>(question: Question, rows: &[R], all: i64, list: Option<&str>) -> Result<Markup, Refusal> {
    if rows.is_empty() {
        return Ok(html! {});
    }
    let mut table = Rows::new(question, Links::Live, PART_ROWS);
    for row in rows {
        table.take(row)?;
    }
    let shown = rows.len().min(PART_ROWS) as i64;
    Ok(html! {
        section {
            h2 { (question.title()) }
            div.tools {
                p.shown { @if all > shown { (words::number(shown)) " of " } (words::count(all, "row", "rows")) }
                @if let Some(list) = list { p.downloads { a href=(list) { "All of them, to filter, sort and download" } } }
            }
            (table.into_sheet(&format!("table-{}", question.name()), &Headings::Sort))
        }
    })
}
