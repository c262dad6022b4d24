//! The pages, one function each.

use std::sync::Arc;

use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{Markup, PreEscaped, html};

use super::download::{self, Form};
use super::error::Refusal;
use super::list;
use super::readers::{Open, Readers};
use super::view::{RANGES, Range, View};
use super::visit::Visit;
use crate::cli::ReportKind as Question;
use crate::commands::now;
use crate::html::answer::sentences;
use crate::html::links::address;
use crate::html::shell::Shell;
use crate::html::table::Rows;
use crate::html::{Links, json, moments, words};
use crate::report::{Scope, Subject, Take, Trail, WHOLE_ANSWER, charts};
use crate::rows::Row;
use crate::store::Overview;

/// Rows of a list's page.
const PAGE_ROWS: usize = 50;
/// Rows of the tables on the overview.
const TOP_ROWS: usize = 8;
/// Rows of a trail's tables.
const TRAIL_ROWS: usize = 500;
/// People and items that a search shows.
const FOUND_MAX: usize = 50;
/// Characters of a filter that is shown.
const FILTER_CHARS_MAX: usize = 300;
/// Characters of a record that a page shows.
const RECORD_CHARS_MAX: usize = 200_000;

/// Either way it is a page.
type Answer = Result<Response, ForPeople>;

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
                    (rows.into_sheet(&format!("table-{}", question.name())))
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
        let scope = view.scope(open)?;
        let mut rows = Rows::new(question, Links::Live, PAGE_ROWS);
        let next = list::page(question, open, &scope, view.cursor.as_deref(), PAGE_ROWS, &mut rows)?;
        let pairs = view.query();
        let mut pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
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
                div.tools { p.shown { (words::count(rows.all() as i64, "row", "rows")) " on this page" } (downloads) }
                @if rows.all() == 0 { p.empty { (empty(question, &view)) } }
                @else { (rows.into_sheet("rows")) }
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

/// `GET /person?id=`.
pub(super) async fn person(
    State(readers): State<Arc<Readers>>,
    Extension(visit): Extension<Visit>,
    RawQuery(query): RawQuery,
) -> Answer {
    let id = parameter(query.as_deref(), "id")?;
    let page = readers.read(move |open| trail_page(open, &visit, Subject::Person(&id), "Person"));
    Ok(as_page(&page.await?))
}

/// `GET /item?id=`.
pub(super) async fn item(
    State(readers): State<Arc<Readers>>,
    Extension(visit): Extension<Visit>,
    RawQuery(query): RawQuery,
) -> Answer {
    let id = parameter(query.as_deref(), "id")?;
    let page = readers.read(move |open| trail_page(open, &visit, Subject::Item(&id), "Item"));
    Ok(as_page(&page.await?))
}

/// `GET /share?id=`.
pub(super) async fn share(
    State(readers): State<Arc<Readers>>,
    Extension(visit): Extension<Visit>,
    RawQuery(query): RawQuery,
) -> Answer {
    let id = parameter(query.as_deref(), "id")?;
    let page = readers.read(move |open| trail_page(open, &visit, Subject::Share(&id), "Share"));
    Ok(as_page(&page.await?))
}

fn trail_page(open: &mut Open, visit: &Visit, subject: Subject<'_>, kind: &str) -> Result<Markup, Refusal> {
    let inside = open.inside.clone();
    let now = now();
    let trail = Trail::of(&mut open.reader, subject, now, &inside)?;
    let body = html! {
        section {
            h2 { "What happened" }
            p.about { "Shared, accepted, reached, ended: in order, each with the rule, how sure it is, and its records." }
            (moments::time_line(&trail.events(), now, Links::Live))
        }
        (part(Question::People, &trail.people)?)
        (part(Question::Shares, &trail.shares)?)
        (part(Question::Access, &trail.accesses)?)
    };
    let title = title(&trail, subject);
    let subtitle = html! {
        (kind) @if let Some(place) = &trail.place { " · " span.path { (words::text(place, 500)) } }
        " · " (words::count(trail.shares.len() as i64, "share", "shares"))
        " · " (words::count(trail.accesses.len() as i64, "access", "accesses"))
    };
    Ok(frame(open, visit, &title, subtitle, "", &View::default(), body))
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

fn table_of<R: Row>(question: Question, rows: &[R]) -> Result<Rows, Refusal> {
    let mut table = Rows::new(question, Links::Live, TRAIL_ROWS);
    for row in rows {
        table.take(row)?;
    }
    Ok(table)
}

fn part<R: Row>(question: Question, rows: &[R]) -> Result<Markup, Refusal> {
    let table = table_of(question, rows)?;
    Ok(html! {
        @if table.all() > 0 { section { h2 { (question.title()) } (table.table()) } }
    })
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

/// `GET /status`: feeds, sinks, gaps.
pub(super) async fn status(State(readers): State<Arc<Readers>>, Extension(visit): Extension<Visit>) -> Answer {
    let page = readers.read(move |open| {
        let status = open.reader.status(now())?;
        let scope = View { range: Range::All, ..View::default() }.scope(open)?;
        let mut lists = Vec::new();
        for question in [Question::Gaps, Question::Excluded] {
            let mut rows = Rows::new(question, Links::Live, TRAIL_ROWS);
            question.answer(&mut open.reader, &scope, &mut rows)?;
            lists.push((question, rows));
        }
        let figure = |what: &str, count: i64| html! { div { dt { (what) } dd { (words::number(count)) } } };
        let body = html! {
            dl.figures {
                (figure("activities kept", status.activities))
                (figure("accesses", status.accesses))
                (figure("shares, insiders' too", status.shares))
                (figure("still to conclude", status.recompute_backlog))
                (figure("gaps", status.gaps))
            }
            section {
                h2 { "Feeds" }
                p.about { "Each stream that is read, and up to where it has been stored on the service's own clock." }
                @if status.feeds.is_empty() { p.empty { "Nothing was collected or imported yet." } }
                @else { div.sheet tabindex="0" role="region" aria-label="Feeds" { table {
                    thead { tr {
                        th scope="col" { "feed" } th scope="col" { "stored up to (UTC)" } th.number scope="col" { "arrived" }
                        th.number scope="col" { "stored" } th.number scope="col" { "known before" }
                        th.number scope="col" { "not kept" } th.number scope="col" { "rejected" } th scope="col" { "last pass" }
                    } }
                    tbody { @for feed in &status.feeds { tr {
                        th scope="row" { (words::text(&feed.name, 120)) }
                        td { (feed.position.as_deref().unwrap_or("–")) }
                        td.number { (words::number(feed.listed)) } td.number { (words::number(feed.stored)) }
                        td.number { (words::number(feed.known)) } td.number { (words::number(feed.not_kept)) }
                        td.number { (words::number(feed.rejected)) }
                        td { (words::text(feed.last_error.as_deref().unwrap_or("well"), 300)) }
                    } } }
                } } }
            }
            @if !status.sinks.is_empty() { section {
                h2 { "Sinks" }
                div.sheet tabindex="0" role="region" aria-label="Sinks" { table {
                    thead { tr { th scope="col" { "sink" } th.number scope="col" { "rows waiting" } th.number scope="col" { "dead letters" } th scope="col" { "latest reason" } } }
                    tbody { @for sink in &status.sinks { tr {
                        th scope="row" { (words::text(&sink.name, 120)) } td.number { (words::number(sink.outbox)) }
                        td.number { (words::number(sink.dead_letters)) } td { (words::text(sink.last_dead_letter.as_deref().unwrap_or("–"), 300)) }
                    } } }
                } }
            } }
            @for (question, rows) in lists { section { h2 { (question.title()) } p.about { (question.about()) } (rows.table()) } }
        };
        Ok(frame(open, &visit, "Feeds and gaps", html! { "What is known, how far it reaches, and what is missing." }, "status", &View::default(), body))
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

fn subtitle(scope: &Scope) -> Markup {
    html! {
        @match (scope.filter.since, scope.filter.until) {
            (Some(since), Some(until)) => { (words::day(since)) " to " (words::day(until.plus(-1))) }
            (Some(since), None) => { "Since " (words::day(since)) }
            (None, Some(until)) => { "Before " (words::day(until)) }
            (None, None) => { "All the time that is stored" }
        }
    }
}

/// Range and filters of a page at `action`; a form without script.
fn filters(action: &str, view: &View) -> Markup {
    let (since, until) = match view.range {
        Range::Between(since, until) => (since.map(words::iso_day), until.map(words::iso_day)),
        _ => (None, None),
    };
    let with = |range: Range| {
        let pairs = View { range, cursor: None, ..view.clone() }.query();
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        address(action.trim_start_matches('/'), &pairs)
    };
    let texts =
        [("domain", "Organisation", &view.domain), ("person", "Person", &view.person), ("site", "Site", &view.site)];
    let is_narrowed = view.only_classified || texts.iter().any(|(_, _, value)| value.is_some());
    html! {
        form.filters method="get" action=(action) aria-label="Filters" {
            ul.ranges {
                @for days in RANGES {
                    li { a href=(with(Range::Days(days))) aria-current=[(view.range == Range::Days(days)).then_some("true")] { (days) " days" } }
                }
                li { a href=(with(Range::All)) aria-current=[(view.range == Range::All).then_some("true")] { "All" } }
            }
            label { "From" input type="date" name="since" value=[since]; }
            label { "Before" input type="date" name="until" value=[until]; }
            @for (name, label, value) in texts {
                label { (label) input type="text" name=(name) value=[value.as_deref().map(|value| words::text(value, FILTER_CHARS_MAX))] autocomplete="off"; }
            }
            @match view.range {
                Range::Days(_) | Range::All => { @for (name, value) in view.range.query() { input type="hidden" name=(name) value=(value); } }
                Range::Between(..) => {}
            }
            label.check { input type="checkbox" name="classified" value="true" checked[view.only_classified]; "Only classified" }
            button.main type="submit" { "Show" }
            @if is_narrowed || view.range != Range::default() { a href=(action) { "Clear" } }
        }
    }
}

/// The frame of every page.
fn frame(
    open: &Open,
    visit: &Visit,
    title: &str,
    subtitle: Markup,
    current: &str,
    view: &View,
    body: Markup,
) -> Markup {
    let pairs = view.query();
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let link = |page: &str, title: &str| {
        html! { li { a href=(address(page, &pairs)) aria-current=[(page == current).then_some("page")] { (title) } } }
    };
    let is_overview = title == "Who outside reached what we shared";
    let navigation = html! {
        nav aria-label="Pages" { ul {
            li { a href=(address("", &pairs)) aria-current=[is_overview.then_some("page")] { "Overview" } }
            @for question in WHOLE_ANSWER.into_iter().filter(|question| !matches!(question, Question::Gaps | Question::Excluded)) {
                (link(question.name(), question.title()))
            }
            li { a href="/status" aria-current=[(current == "status").then_some("page")] { "Feeds and gaps" } }
        } }
        form.find method="get" action="/search" role="search" {
            label { span.hidden { "Search people and paths" } input type="search" name="q" placeholder="Search people and paths"; }
        }
        (visit.shown())
    };
    Shell { tenant: open.reader.tenant(), title, subtitle, navigation, body }.live()
}

fn as_page(page: &Markup) -> Response {
    let PreEscaped(text) = page;
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], text.clone()).into_response()
}
