//! Charts as SVG, drawn here: bars over time and bars beside names are all that the answer needs. Each has its numbers
//! as text as well, for those who do not see it. Colours are the style sheet's.

use maud::{Markup, html};
use trail::TimeMs;

use super::links::address;
use super::words::{count, number, short_day, text};
use super::{Links, words};
use crate::store::{Day, Part, Verdicts};

const DAY_MS: i64 = 86_400_000;
/// More days than this become weeks, so that bars stay wide enough to be seen.
const DAY_BARS_MAX: i64 = 92;
/// More bars than this are no picture: spans get longer instead.
const BARS_MAX: i64 = 120;
/// Parts that have a bar; the others are one.
const PARTS_MAX: usize = 8;
/// Characters of a part's name.
const NAME_CHARS_MAX: usize = 40;

/// Accesses over time. Days without any are there, and empty.
pub fn over_time(days: &[Day]) -> Markup {
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return html! {} };
    let spans = spans(days, first.begin, last.begin);
    let highest = spans.iter().map(|(_, accesses)| accesses.all()).max().unwrap_or(1).max(1);
    let days_a_span = span_days(first.begin, last.begin);
    let unit = if days_a_span == 1 { "day".to_owned() } else { format!("{days_a_span} days") };
    let middle = spans.get(spans.len() / 2).map(|(begin, _)| *begin).filter(|_| spans.len() > 6);
    let label = format!(
        "Accesses a {unit} from {} to {}, at most {}",
        words::day(first.begin),
        words::day(last.begin),
        number(highest)
    );
    html! {
        figure.chart {
            figcaption { h3 { "Accesses over time" } (legend()) }
            div.plot {
                span.highest { (number(highest)) " a " (unit) }
                svg viewBox={ "0 0 " (spans.len() * 10) " 100" } preserveAspectRatio="none" role="img" aria-label=(label) {
                    line.grid x1="0" x2=(spans.len() * 10) y1="0.5" y2="0.5" {}
                    line.grid x1="0" x2=(spans.len() * 10) y1="50" y2="50" {}
                    @for (place, (begin, accesses)) in spans.iter().enumerate() {
                        (bar(place, *begin, *accesses, highest))
                    }
                }
            }
            div.axis aria-hidden="true" {
                span { (short_day(first.begin)) }
                @if let Some(middle) = middle { span { (short_day(middle)) } }
                span { (short_day(last.begin)) }
            }
            details.numbers {
                summary { "As a table" }
                div.sheet tabindex="0" role="region" aria-label="Accesses over time" {
                    table {
                        thead { tr {
                            th scope="col" { "From" } th.number scope="col" { "Classified" }
                            th.number scope="col" { "Not classified" } th.number scope="col" { "Not known" }
                        } }
                        tbody { @for (begin, accesses) in &spans { tr {
                            th scope="row" { (words::iso_day(*begin)) } td.number { (number(accesses.classified)) }
                            td.number { (number(accesses.not_classified)) } td.number { (number(accesses.unknown)) }
                        } } }
                    }
                }
            }
        }
    }
}

fn bar(place: usize, begin: TimeMs, accesses: Verdicts, highest: i64) -> Markup {
    let height = |count: i64| 100.0 * count as f64 / highest as f64;
    let (classified, not, unknown) =
        (height(accesses.classified), height(accesses.not_classified), height(accesses.unknown));
    let x = place * 10 + 1;
    html! {
        g {
            title {
                (words::day(begin)) ": " (count(accesses.all(), "access", "accesses"))
                @if accesses.classified > 0 { ", " (number(accesses.classified)) " classified" }
            }
            // The whole height, so that the tip shows wherever one points.
            rect.tip x=(place * 10) y="0" width="10" height="100" {}
            (piece("unknown", x, 100.0 - unknown, unknown))
            (piece("not", x, 100.0 - unknown - not, not))
            (piece("classified", x, 100.0 - unknown - not - classified, classified))
        }
    }
}

fn piece(class: &str, x: usize, y: f64, height: f64) -> Markup {
    html! {
        @if height > 0.0 {
            rect class=(class) x=(x) y=(format!("{y:.2}")) width="8" height=(format!("{height:.2}")) {}
        }
    }
}

/// How many days a bar is.
fn span_days(first: TimeMs, last: TimeMs) -> i64 {
    let days = (last.millis() - first.millis()) / DAY_MS + 1;
    match days {
        days if days <= DAY_BARS_MAX => 1,
        days if days <= 7 * BARS_MAX => 7,
        days => 28 * (days / (28 * BARS_MAX) + 1),
    }
}

fn spans(days: &[Day], first: TimeMs, last: TimeMs) -> Vec<(TimeMs, Verdicts)> {
    let span_ms = span_days(first, last) * DAY_MS;
    let spans = (last.millis() - first.millis()) / span_ms + 1;
    let mut bars: Vec<_> = (0..spans).map(|span| (first.plus(span * span_ms), Verdicts::default())).collect();
    for day in days {
        let span = usize::try_from((day.begin.millis() - first.millis()) / span_ms).unwrap_or_default();
        if let Some((_, accesses)) = bars.get_mut(span) {
            *accesses = *accesses + day.accesses;
        }
    }
    bars
}

/// Bars beside names, most first. `unknown` names what has no name; `page` is where a name leads, as the value of `key`.
pub fn by_part(title: &str, parts: &[Part], unknown: &str, links: Links, page: Option<(&str, &str)>) -> Markup {
    if parts.is_empty() {
        return html! {};
    }
    let (shown, others) = parts.split_at(parts.len().min(PARTS_MAX));
    let highest = shown.first().map_or(1, |part| part.accesses.all()).max(1);
    let rest = others.iter().fold(Verdicts::default(), |rest, part| rest + part.accesses);
    html! {
        figure.chart {
            figcaption { h3 { (title) } }
            table.bars {
                thead.hidden { tr { th scope="col" { "Name" } th scope="col" { "Share" } th scope="col" { "Accesses" } } }
                tbody {
                    @for part in shown {
                        tr {
                            th scope="row" { (name(part, unknown, links, page)) }
                            td { (beam(part.accesses, highest)) }
                            td.number { (number(part.accesses.all())) }
                        }
                    }
                    @if !others.is_empty() {
                        tr.others {
                            th scope="row" { (count(others.len() as i64, "other", "others")) }
                            td { (beam(rest, highest.max(rest.all()))) }
                            td.number { (number(rest.all())) }
                        }
                    }
                }
            }
        }
    }
}

fn name(part: &Part, unknown: &str, links: Links, page: Option<(&str, &str)>) -> Markup {
    match (&part.name, page, links) {
        (Some(name), Some((page, key)), Links::Live) => {
            html! { a href=(address(page, &[(key, name)])) { (text(name, NAME_CHARS_MAX)) } }
        }
        (Some(name), _, _) => html! { (text(name, NAME_CHARS_MAX)) },
        (None, _, _) => html! { span.faint { (unknown) } },
    }
}

fn beam(accesses: Verdicts, highest: i64) -> Markup {
    let length = |count: i64| 100.0 * count as f64 / highest as f64;
    let (classified, not, unknown) =
        (length(accesses.classified), length(accesses.not_classified), length(accesses.unknown));
    let piece = |class: &str, x: f64, width: f64| {
        html! { @if width > 0.0 { rect class=(class) x=(format!("{x:.2}")) y="0" width=(format!("{width:.2}")) height="10" {} } }
    };
    html! {
        svg.beam viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" {
            (piece("classified", 0.0, classified))
            (piece("not", classified, not))
            (piece("unknown", classified + not, unknown))
        }
    }
}

/// Classified against not, and against what nobody knows.
pub fn verdicts(accesses: Verdicts) -> Markup {
    let all = accesses.all().max(1);
    let share = |count: i64| format!("{:.0} %", 100.0 * count as f64 / all as f64);
    html! {
        figure.chart {
            figcaption { h3 { "Classified or not" } }
            (beam(accesses, all))
            table.bars {
                tbody {
                    @for (class, words, count) in [
                        ("classified", "Classified at that moment", accesses.classified),
                        ("not", "Known not to be", accesses.not_classified),
                        ("unknown", "Nothing known", accesses.unknown),
                    ] {
                        tr { th scope="row" { (key(class)) (words) } td.number { (number(count)) } td.number { (share(count)) } }
                    }
                }
            }
        }
    }
}

fn legend() -> Markup {
    html! {
        ul.legend {
            li { (key("classified")) "classified" }
            li { (key("not")) "not classified" }
            li { (key("unknown")) "not known" }
        }
    }
}

fn key(class: &str) -> Markup {
    html! { svg.key viewBox="0 0 10 10" aria-hidden="true" { rect class=(class) width="10" height="10" rx="2" {} } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: i64, classified: i64) -> Day {
        Day { begin: TimeMs(number * DAY_MS), accesses: Verdicts { classified, ..Verdicts::default() } }
    }

    #[test]
    fn days_without_access_are_there_and_long_times_become_weeks() {
        let bars = |days: &[Day]| spans(days, days[0].begin, days[days.len() - 1].begin);
        let short = bars(&[day(20_000, 1), day(20_003, 2)]);
        assert_eq!(short.iter().map(|(_, accesses)| accesses.all()).collect::<Vec<_>>(), [1, 0, 0, 2]);
        let long = bars(&[day(20_000, 1), day(20_006, 1), day(20_150, 3)]);
        assert_eq!(long.len(), 22);
        assert_eq!((long[0].1.all(), long[21].1.all()), (2, 3));
        assert!(bars(&[day(0, 1), day(30_000, 1)]).len() as i64 <= BARS_MAX + 1);
    }

    #[test]
    fn a_name_from_a_record_is_no_markup() {
        let part = Part { name: Some("<img src=x onerror=alert(1)>".into()), ..Part::default() };
        let drawn = by_part("x", &[part], "nobody", Links::Live, Some(("people", "domain"))).into_string();
        assert!(!drawn.contains("<img") && drawn.contains("&lt;img"), "{drawn}");
    }
}
