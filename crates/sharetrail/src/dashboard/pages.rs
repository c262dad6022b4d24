//! The pages, one function each.

use std::sync::Arc;

use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{Markup, PreEscaped, html};

use super::download::{self, Form};
use super::error::Refusal;
use super::frame::{filters, frame, subtitle};
use super::list;
use super::readers::Readers;
use super::view::View;
use super::visit::Visit;
use crate::cli::ReportKind as Question;
use crate::html::answer::sentences;
use crate::html::links::address;
use crate::html::table::{Headings, Rows};
use crate::html::{Links, json, words};
use crate::report::{Scope, Take, WHOLE_ANSWER, charts};
use crate::rows::Row;
use crate::store::{Order, Overview};

/// Rows of a list's page.
const PAGE_ROWS: usize = 50;
/// Rows of the tables on the overview.
const TOP_ROWS: usize = 8;
/// People and items that a search shows.
const FOUND_MAX: usize = 50;
/// Characters of a record that a page shows.
const RECORD_CHARS_MAX: usize = 200_000;

/// Either way it is a page.
pub(super) type Answer = Result<Response, ForPeople>;

/// A refusal, told to a person.
pub(super) struct ForPeople(Refusal);

impl From<Refusal> for ForPeople {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl IntoResponse for ForPeople {
    fn into_response(self) -> Response {
        self.0.response(false)
    }
}

/// `GET /`: the answer.
pub(super) async fn overview(
    State(readers): State<Arc<Readers>>,
    Extension(visit): Extension<Visit>,
    RawQuery(query): RawQuery,
) -> Answer {
    let query = query.map(|query| without_token(&query));
    let view = View::of(query.as_deref())?;
    let page = readers.read(move |open| {
        let scope = view.scope(open)?;
        let filter = Question::Access.filter(&scope);
        let Overview { picture, people, items } = open.reader.overview(&filter, &scope.inside, TOP_ROWS)?;
        let doors = open.reader.doors(&scope.filter, scope.now, &scope.inside)?;
        let mut unexplained = Rows::new(Question::Unexplained, Links::Live, TOP_ROWS);
        let next = list::page(Question::Unexplained, open, &scope, None, TOP_ROWS, &mut unexplained)?;
        let tops = [
            (Question::People, table_of(Question::People, &people.0)?, people.1),
            (Question::Items, table_of(Question::Items, &items.0)?, items.1),
            (Question::Unexplained, unexplained, next.is_some()),
        ];
        let tops = tops.into_iter().filter(|(_, rows, _)| rows.all() > 0);
        let pairs = view.query();
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let body = html! {
            (filters("/", &view))
            (sentences(&picture, doors, &view.span(&scope), Links::Live, &pairs))
            (charts(&picture, Links::Live))
            @if picture.accesses.all() == 0 { (nothing_yet()) }
            @for (question, rows, is_more) in tops {
                section {
                    h2 { (heading(question)) }
                    p.about { (question.about()) }
                    (rows.into_sheet(&format!("table-{}", question.name()), &Headings::Plain))
                    @if is_more { p.more { a href=(address(question.name(), &pairs)) { "All of them" } } }
                }
            }
        };
        let title = "Who outside reached what we shared";
        Ok(frame(open, &visit, title, subtitle(&scope), "", &view, body))
    });
    Ok(as_page(&page.await?))
}

/// `GET /{question}`, `/{question}.csv`, `.xlsx`, `.parquet`: a list, or all of it as a file.
pub(super) async fn list_or_file(
    State(readers): State<Arc<Readers>>,
    Extension(visit): Extension<Visit>,
    Path(page): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer {
    let view = View::of(query.as_deref())?;
    match page.split_once('.') {
        None => list_page(readers, visit, question_of(&page)?, view).await,
        Some((name, ending)) => {
            let question = question_of(name)?;
            let form = Form::of(ending).ok_or_else(|| unknown_page(&page))?;
            let file = readers.read(move |open| download::make(question, form, &view, open)).await?;
            Ok(download::send(question, form, file)?)
        }
    }
}

async fn list_page(readers: Arc<Readers>, visit: Visit, question: Question, view: View) -> Answer {
    let page = readers.read(move |open| {
        let order = view.order(question)?;
        let scope = Scope { order, ..view.scope(open)? };
        let mut rows = Rows::as_they_come(question, Links::Live, PAGE_ROWS);
        let next = list::page(question, open, &scope, view.cursor.as_deref(), PAGE_ROWS, &mut rows)?;
        let pairs = view.query();
        let mut pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let own = Order { column: question.ordered_by(), falling: true };
        let in_order = |order: Order| {
            let sort = if order == own { String::new() } else { order.to_string() };
            let pairs: Vec<(&str, &str)> = pairs.iter().copied().chain([("sort", sort.as_str())]).collect();
            address(question.name(), &pairs)
        };
        let headings = Headings::Lead { order: order.unwrap_or(own), to: &in_order };
        let shown = rows.all() as i64;
        let table = html! {
            @if shown == 0 { p.empty { (empty(question, &view)) } } @else { (rows.into_sheet("rows", &headings)) }
        };
        pairs.push(("sort", view.sort.as_deref().unwrap_or_default()));
        let file = |ending: &str| address(&format!("{}.{ending}", question.name()), &pairs);
        let first = address(question.name(), &pairs);
        let downloads = html! {
            p.downloads {
                span.faint { "All of it as" }
                a href=(file("csv")) download { "CSV" }
                a href=(file("xlsx")) download { "XLSX" }
                a href=(file("parquet")) download { "Parquet" }
            }
        };
        pairs.push(("cursor", next.as_deref().unwrap_or_default()));
        let body = html! {
            (filters(&format!("/{}", question.name()), &view))
            section {
                div.tools { p.shown { (words::count(shown, "row", "rows")) " on this page" } (downloads) }
                (table)
            }
            nav.pager aria-label="Pages" {
                @if view.cursor.is_some() { a href=(first) { "To the first page" } }
                @if next.is_some() { a.next href=(address(question.name(), &pairs)) rel="next" { "Next page" } }
            }
        };
        let about = html! { (question.about()) " " (subtitle(&scope)) };
        Ok(frame(open, &visit, question.title(), about, question.name(), &view, body))
    });
    Ok(as_page(&page.await?))
}

fn table_of<R: Row>(question: Question, rows: &[R]) -> Result<Rows, Refusal> {
    let mut table = Rows::new(question, Links::Live, TOP_ROWS);
    for row in rows {
        table.take(row)?;
    }
    Ok(table)
}

/// `GET /record?id=`.
pub(super) async fn record(
    State(readers): State<Arc<Readers>>,
    Extension(visit): Extension<Visit>,
    RawQuery(query): RawQuery,
) -> Answer {
    let id = parameter(query.as_deref(), "id")?;
    let page = readers.read(move |open| {
        let records = open.reader.record(&id)?;
        if records.is_empty() {
            return Err(Refusal::NotFound(format!(
                "There is no record {id} in the store. Records that do not matter to the question are counted, not kept."
            )));
        }
        let body = html! {
            @for record in &records {
                @let raw = String::from_utf8_lossy(&record.raw);
                section {
                    h2 { "As it came by " (words::text(&record.feeds, 200)) }
                    p.about { (words::count(record.raw.len() as i64, "byte", "bytes")) ", as the service sent them." }
                    pre.pretty tabindex="0" { (lines(&json::indented(&raw))) }
                    details { summary { "Raw, byte for byte" } pre.raw tabindex="0" { (lines(&raw)) } }
                }
            }
        };
        Ok(frame(open, &visit, &format!("Record {id}"), html! { "An audit record" }, "", &View::default(), body))
    });
    Ok(as_page(&page.await?))
}

/// A record's text: line breaks stay, all else that steers does not.
fn lines(text: &str) -> Markup {
    html! { @for line in text.lines() { (words::text(line, RECORD_CHARS_MAX)) "\n" } }
}

/// `GET /search?q=`.
pub(super) async fn search(
    State(readers): State<Arc<Readers>>,
    Extension(visit): Extension<Visit>,
    RawQuery(query): RawQuery,
) -> Answer {
    let words = parameter(query.as_deref(), "q").unwrap_or_default();
    let page = readers.read(move |open| {
        let found = open.reader.search(&words, FOUND_MAX)?;
        let body = html! {
            @if words.trim().is_empty() { p.empty { "Type a part of a person's address, a file name or a path above." } }
            @else if found.people.is_empty() && found.items.is_empty() {
                p.empty { "Nobody outside and no item that was shared or reached is named so. Fewer letters find more." }
            }
            @if !found.people.is_empty() { section { h2 { "People" } ul.found {
                @for person in &found.people { li { (Links::Live.to("person", person, &html! { (words::text(person, 200)) })) } }
            } } }
            @if !found.items.is_empty() { section { h2 { "Items" } ul.found {
                @for (item, path) in &found.items { li { (Links::Live.to("item", item, &html! { (words::text(path, 300)) })) } }
            } } }
            @if found.is_more { p.faint { "There is more; another word narrows it." } }
        };
        Ok(frame(open, &visit, "Search", html! { "People and paths with “" (words::text(&words, 200)) "”" }, "search", &View::default(), body))
    });
    Ok(as_page(&page.await?))
}

/// Any other address.
pub(super) async fn no_such_page(uri: axum::http::Uri) -> Response {
    unknown_page(uri.path()).response(uri.path().starts_with("/api/"))
}

/// The question that an address names.
pub(super) fn question_of(name: &str) -> Result<Question, Refusal> {
    let mut questions = WHOLE_ANSWER.into_iter().chain([Question::Accepts]);
    questions.find(|question| question.name() == name).ok_or_else(|| unknown_page(name))
}

/// A parameter that an address must have.
pub(super) fn parameter(query: Option<&str>, name: &str) -> Result<String, Refusal> {
    let mut pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let value = pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    value.ok_or_else(|| Refusal::NotUnderstood(format!("The address lacks “{name}”.")))
}

fn unknown_page(name: &str) -> Refusal {
    Refusal::NotFound(format!("There is no page {}.", words::text(name, 100)))
}

/// Whoever comes in by cookie may still have an address with a token.
fn without_token(query: &str) -> String {
    query.split('&').filter(|pair| !pair.starts_with("token=")).collect::<Vec<_>>().join("&")
}

fn heading(question: Question) -> &'static str {
    match question {
        Question::People => "Who came most",
        Question::Items => "What was reached most",
        question => question.title(),
    }
}

/// An empty list says what would fill it.
fn empty(question: Question, view: &View) -> String {
    if *view == View::default() {
        return question.empty().to_owned();
    }
    format!("{} A longer time or fewer filters may show more.", question.empty().split(" `").next().unwrap_or_default())
}

fn nothing_yet() -> Markup {
    html! {
        p.empty {
            "Nothing was reached in this time, as far as the records tell. Look at a longer time above; or, if nothing was "
            "collected yet, run " code { "sharetrail collect" } " or " code { "sharetrail import FILE" } "; "
            a href="/status" { "feeds and gaps" } " says what there is."
        }
    }
}

pub(super) fn as_page(page: &Markup) -> Response {
    let PreEscaped(text) = page;
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], text.clone()).into_response()
}
