//! Numbers, times and texts as people read them.

use jiff::Timestamp;
use maud::{Markup, html};
use trail::TimeMs;

use crate::report::plain;

/// Digits in groups of three.
pub fn number(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        grouped.push('−');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// How many of what: `1 person`, `12 people`.
pub fn count(how_many: i64, one: &str, several: &str) -> String {
    format!("{} {}", number(how_many), if how_many == 1 { one } else { several })
}

/// A day: `24 November 2026`.
pub fn day(time: TimeMs) -> String {
    written(time, "%-d %B %Y")
}

/// A day on an axis: `24 Nov`.
pub fn short_day(time: TimeMs) -> String {
    written(time, "%-d %b")
}

/// A day as forms and addresses have it: `2026-11-24`.
pub fn iso_day(time: TimeMs) -> String {
    written(time, "%Y-%m-%d")
}

/// An instant that reads easily, with the exact one on hover.
pub fn moment(time: TimeMs) -> Markup {
    html! {
        time datetime=(time.to_string()) title=(written(time, "%A, %Y-%m-%d %H:%M:%S%.3f UTC")) {
            (written(time, "%-d %b %Y, %H:%M"))
        }
    }
}

/// `time` in UTC by a strftime format.
fn written(time: TimeMs, format: &str) -> String {
    match Timestamp::from_millisecond(time.millis()) {
        Ok(timestamp) => timestamp.strftime(format).to_string(),
        // Beyond the years that calendars know.
        Err(_) => time.to_string(),
    }
}

/// A stranger's text: nothing in it steers, and it is not longer than `chars_max`.
pub fn text(text: &str, chars_max: usize) -> String {
    let text = plain(text);
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    }
}

/// A site's address without scheme and host, which are the same in nearly every row; the root site keeps its own.
pub fn within_host(url: &str) -> &str {
    let path = url.strip_prefix("https://").and_then(|rest| rest.split_once('/')).map(|(_, path)| path);
    path.filter(|path| !path.is_empty()).unwrap_or(url).trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_are_read_easily() {
        assert_eq!(number(0), "0");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(number(-1_000), "−1,000");
        assert_eq!(count(1, "person", "people"), "1 person");
        assert_eq!(count(0, "person", "people"), "0 people");
        let time = TimeMs(1_795_500_000_123);
        assert_eq!(day(time), "24 November 2026");
        assert_eq!(short_day(time), "24 Nov");
        let moment = moment(time).into_string();
        assert!(moment.contains("24 Nov 2026, 06:00<"), "{moment}");
        assert!(moment.contains("title=\"Tuesday, 2026-11-24 06:00:00.123 UTC\""), "{moment}");
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        assert_eq!(text("é漢字", 2), "é漢…");
        assert_eq!(text("é漢", 2), "é漢");
        assert_eq!(text("a\u{202E}b", 9), "a\u{FFFD}b");
    }
}
