//! What every page has around it: the way to the others, range and filters.

use maud::{Markup, html};

use super::readers::Open;
use super::view::{RANGES, Range, View};
use super::visit::Visit;
use crate::cli::ReportKind as Question;
use crate::html::links::address;
use crate::html::shell::Shell;
use crate::html::{Links, words};
use crate::report::{Scope, WHOLE_ANSWER};

/// Characters of a filter that is shown.
const FILTER_CHARS_MAX: usize = 300;

pub(super) fn subtitle(scope: &Scope) -> Markup {
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
pub(super) fn filters(action: &str, view: &View) -> Markup {
    let (since, until) = match view.range {
        Range::Between(since, until) => (since.map(words::iso_day), until.map(words::iso_day)),
        _ => (None, None),
    };
    let with = |range: Range| {
        let pairs = View { range, cursor: None, ..view.clone() }.query();
        let mut pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        pairs.push(("sort", view.sort.as_deref().unwrap_or_default()));
        address(action.trim_start_matches('/'), &pairs)
    };
    let texts =
        [("domain", "Organisation", &view.domain), ("person", "Person", &view.person), ("site", "Site", &view.site)];
    // One item or share is come to from its page, and not typed.
    let ids = [("item", "item", &view.item), ("share", "share", &view.share)];
    let is_narrowed = view.only_classified || texts.iter().chain(&ids).any(|(_, _, value)| value.is_some());
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
            @for (name, _, value) in ids { @if let Some(value) = value { input type="hidden" name=(name) value=(value); } }
            @if let Some(sort) = &view.sort { input type="hidden" name="sort" value=(sort); }
            label.check { input type="checkbox" name="classified" value="true" checked[view.only_classified]; "Only classified" }
            button.main type="submit" { "Show" }
            @if is_narrowed || view.range != Range::default() { a href=(action) { "Clear" } }
            @for (name, what, value) in ids { @if let Some(value) = value {
                p.only { "Only of one " (what) ": " (Links::Live.to(name, value, &html! { (words::text(value, FILTER_CHARS_MAX)) })) }
            } }
        }
    }
}

/// The frame of every page.
pub(super) fn frame(
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
