//! The page of feeds, sinks and gaps: what is known, how far it reaches, and what is missing.

use std::sync::Arc;

use axum::extract::{Extension, State};
use maud::html;

use super::frame::frame;
use super::pages::{Answer, as_page};
use super::readers::Readers;
use super::view::View;
use super::visit::Visit;
use crate::cli::ReportKind as Question;
use crate::commands::now;
use crate::html::table::Rows;
use crate::html::{Links, words};

/// Rows of its tables.
const ROWS_MAX: usize = 500;

/// `GET /status`: feeds, sinks, gaps.
pub(super) async fn status(State(readers): State<Arc<Readers>>, Extension(visit): Extension<Visit>) -> Answer {
    let page = readers.read(move |open| {
        let status = open.reader.status(now())?;
        // Of the last days: to count what was left out of years of records takes longer than anybody waits for a page.
        let view = View::default();
        let scope = view.scope(open)?;
        let mut lists = Vec::new();
        for question in [Question::Gaps, Question::Excluded] {
            let mut rows = Rows::new(question, Links::Live, ROWS_MAX);
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
            @for (question, rows) in lists { section {
                h2 { (question.title()) }
                p.about {
                    (question.about())
                    @if question == Question::Excluded {
                        " " (view.span(&scope)) "; " a href="/excluded?days=all" { "those of all the time" } "."
                    }
                }
                (rows.table())
            } }
        };
        Ok(frame(open, &visit, "Feeds and gaps", html! { "What is known, how far it reaches, and what is missing." }, "status", &View::default(), body))
    });
    Ok(as_page(&page.await?))
}
