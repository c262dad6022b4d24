//! The answer in three sentences: who reached how much, how much of it was classified, and what stands open.

use maud::{Markup, html};

use super::words::{count, number};
use super::{Links, links::address};
use crate::store::{Doors, Picture};

/// The sentences. `span` is when, as in "In the last 30 days"; `query` what links of the dashboard keep.
pub fn sentences(picture: &Picture, doors: Doors, span: &str, links: Links, query: &[(&str, &str)]) -> Markup {
    let link = |page: &str, text: String| match links {
        Links::File => html! { strong { (text) } },
        Links::Live => html! { a href=(address(page, query)) { strong { (text) } } },
    };
    html! {
        div.answer {
            p { (who(picture, span, &link)) }
            p { (classified(picture, &link)) }
            p { (open(doors, &link)) " " (unexplained(picture, &link)) }
        }
    }
}

fn who(picture: &Picture, span: &str, link: &impl Fn(&str, String) -> Markup) -> Markup {
    if picture.accesses.all() == 0 {
        return html! { (span) " " strong { "nobody outside" } " is known to have reached anything we shared." };
    }
    let people = count(picture.people, "person", "people");
    let visitors = count(picture.visitors, "visitor", "visitors");
    html! {
        (span) ", "
        @if picture.people > 0 {
            (link("people", people)) " from " (link("domains", count(picture.organisations, "organisation", "organisations")))
        }
        @if picture.people > 0 && picture.visitors > 0 { " and " }
        @if picture.visitors > 0 { (link("access", visitors)) " without a name" }
        " reached " (link("items", count(picture.items, "item", "items"))) "."
    }
}

fn classified(picture: &Picture, link: &impl Fn(&str, String) -> Markup) -> Markup {
    let verdicts = picture.accesses;
    if verdicts.all() == 0 {
        return html! { "So nothing classified was reached, as far as the records tell." };
    }
    if verdicts.classified + verdicts.not_classified == 0 {
        return html! {
            "Whether any of it was classified is " strong { "not known" } ": no label or place says so. "
            "The configuration can name what counts ([tenant.classification])."
        };
    }
    html! {
        @if picture.classified_items == 0 { strong { "None" } " of them was classified" }
        @else {
            (link("classified", number(picture.classified_items))) " of them "
            (if picture.classified_items == 1 { "was" } else { "were" }) " classified"
        }
        @if verdicts.unknown > 0 {
            "; for " (number(verdicts.unknown)) " of " (count(verdicts.all(), "access", "accesses"))
            " no label or place says so or otherwise."
        } @else { "." }
    }
}

fn open(doors: Doors, link: &impl Fn(&str, String) -> Markup) -> Markup {
    match (doors.unused_by_anyone, doors.unused) {
        (_, 0) => html! { "Every way in that stands open was used." },
        (0, unused) => html! {
            (link("unused", count(unused, "way in", "ways in"))) (if unused == 1 { " stands" } else { " stand" })
            " open and nobody has used " (if unused == 1 { "it" } else { "them" }) "."
        },
        (anyone, unused) => html! {
            (link("unused", count(anyone, "link", "links")))
            (if anyone == 1 { " is open to anyone and was" } else { " are open to anyone and were" }) " never used"
            @if unused > anyone { ", and " (count(unused - anyone, "other way in is", "other ways in are")) " unused, too" }
            "."
        },
    }
}

fn unexplained(picture: &Picture, link: &impl Fn(&str, String) -> Markup) -> Markup {
    html! {
        @if picture.unexplained > 0 {
            (link("unexplained", count(picture.unexplained, "access", "accesses")))
            (if picture.unexplained == 1 { " has" } else { " have" }) " no share that explains "
            (if picture.unexplained == 1 { "it" } else { "them" }) "."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Verdicts;

    fn told(picture: &Picture, doors: Doors) -> String {
        let markup = sentences(picture, doors, "In the last 30 days", Links::File, &[]).into_string();
        let mut text = String::new();
        let mut in_tag = false;
        for letter in markup.chars() {
            match letter {
                '<' => in_tag = true,
                '>' => in_tag = false,
                _ if !in_tag => text.push(letter),
                _ => {}
            }
        }
        text
    }

    #[test]
    fn the_answer_is_three_sentences() {
        let picture = Picture {
            accesses: Verdicts { classified: 12, not_classified: 300, unknown: 188 },
            people: 41,
            organisations: 12,
            items: 318,
            classified_items: 9,
            ..Picture::default()
        };
        assert_eq!(
            told(&picture, Doors { unused: 3, unused_by_anyone: 3 }),
            "In the last 30 days, 41 people from 12 organisations reached 318 items.\
             9 of them were classified; for 188 of 500 accesses no label or place says so or otherwise.\
             3 links are open to anyone and were never used. "
        );
    }

    #[test]
    fn what_is_not_known_is_not_called_none() {
        let picture = Picture {
            accesses: Verdicts { unknown: 1, ..Verdicts::default() },
            visitors: 1,
            items: 1,
            unexplained: 1,
            ..Picture::default()
        };
        let answer = told(&picture, Doors::default());
        assert!(answer.contains("1 visitor without a name reached 1 item."), "{answer}");
        assert!(answer.contains("classified is not known"), "{answer}");
        assert!(answer.contains("1 access has no share that explains it."), "{answer}");
        assert!(told(&Picture::default(), Doors::default()).contains("nobody outside"));
    }
}
