//! The time line of a person, an item or a share: what happened, in order, each with what it rests on.

use maud::{Markup, html};
use trail::TimeMs;

use super::Links;
use super::words::{count, moment, text, within_host};
use crate::report::Event;
use crate::rows::{Access, Share};

/// Characters of a name.
const NAME_CHARS_MAX: usize = 160;
/// Moments that a page has room for.
const MOMENTS_MAX: usize = 500;

/// The time line, in order of time.
pub fn time_line(events: &[(TimeMs, Event<'_>)], now: TimeMs, links: Links) -> Markup {
    let left_out = events.len().saturating_sub(MOMENTS_MAX);
    html! {
        @if left_out > 0 {
            p.faint { (count(left_out as i64, "earlier moment is", "earlier moments are")) " not shown; the tables below and the files have them." }
        }
        ol.moments {
            @for (at, event) in events.iter().skip(left_out) {
                li class=(class(event)) {
                    div.when { (moment(*at)) @if *at > now { " " span.badge { "ahead" } } }
                    div.what { (what(event, links)) }
                }
            }
        }
    }
}

fn class(event: &Event<'_>) -> &'static str {
    match event {
        Event::Shared(_) => "shared",
        Event::Accepted(_) => "accepted",
        Event::Ended(_) => "ended",
        Event::Access(access) if access.action == "redeem" => "accepted",
        Event::Access(_) => "reached",
    }
}

fn what(event: &Event<'_>, links: Links) -> Markup {
    match event {
        Event::Shared(share) => html! {
            p {
                strong { "Shared" } " " (item(share, links)) " with " (recipient(share, links))
                @match &share.shared_by {
                    Some(by) => { " by " (text(by, NAME_CHARS_MAX)) }
                    None => { " by somebody, before the records begin" }
                }
            }
            p.basis {
                span.badge { (share.share_kind) } " "
                @if let Some(permission) = &share.permission { span.badge { (text(permission, NAME_CHARS_MAX)) } " " }
                "now " span.badge data-value=(share.state) { (share.state) } " "
                (verdict(share.classified_now, share.classification_level.as_deref()))
                (links.to("share", &share.share_id, &html! { "this share" }))
            }
            (records(&share.evidence_ids, links))
        },
        Event::Accepted(share) => html! {
            p { strong { "Accepted" } " " (item(share, links)) " by " (recipient(share, links)) }
        },
        Event::Ended(share) => html! {
            p {
                strong { "Ended" } " " (item(share, links)) " for " (recipient(share, links))
                @if let Some(reason) = share.end_reason { ": " (reason) }
            }
        },
        Event::Access(access) => reached(access, links),
    }
}

fn reached(access: &Access, links: Links) -> Markup {
    let name = access.item_name.as_deref().or(access.item_url.as_deref().map(within_host)).unwrap_or(&access.item_id);
    html! {
        p {
            strong { (access.action) } " "
            (links.to("item", &access.item_id, &html! { (text(name, NAME_CHARS_MAX)) })) " by "
            (links.to("person", &access.person, &html! { (text(&access.person, NAME_CHARS_MAX)) }))
            @if let Some(country) = &access.country { " from " (text(country, NAME_CHARS_MAX)) }
        }
        p.basis {
            @match &access.share_id {
                Some(share) => {
                    "through " (links.to("share", share, &html! { "a share" })) " by the rule " span.badge { (access.match_rule) } " "
                }
                None => { "through no known share " }
            }
            span.badge data-value=(access.confidence) { (access.confidence) } " "
            (verdict(access.classified, access.classification_level.as_deref()))
        }
        (records(&access.evidence_ids, links))
    }
}

fn item(share: &Share, links: Links) -> Markup {
    let name = share.item_name.as_deref().or(share.item_url.as_deref().map(within_host)).unwrap_or(&share.item_id);
    links.to("item", &share.item_id, &html! { (text(name, NAME_CHARS_MAX)) })
}

fn recipient(share: &Share, links: Links) -> Markup {
    match &share.recipient {
        Some(person) => links.to("person", person, &html! { (text(person, NAME_CHARS_MAX)) }),
        None => html! { span.anyone { "anyone" } },
    }
}

fn verdict(classified: Option<bool>, level: Option<&str>) -> Markup {
    let level = level.map(|level| text(level, NAME_CHARS_MAX)).unwrap_or_default();
    match classified {
        Some(true) => html! { span.badge.classified { "classified" } " " (level) " " },
        Some(false) => html! { "not classified " @if !level.is_empty() { "(" (level) ") " } },
        None => html! {},
    }
}

fn records(ids: &[String], links: Links) -> Markup {
    html! {
        details.evidence {
            summary { (count(ids.len() as i64, "record", "records")) }
            ul.records {
                @for id in ids.iter().take(100) {
                    li {
                        (links.to("record", id, &html! { (text(id, NAME_CHARS_MAX)) }))
                        @if links == Links::Live { " " button.quiet type="button" data-record=(id) { "show here" } }
                    }
                }
            }
        }
    }
}
