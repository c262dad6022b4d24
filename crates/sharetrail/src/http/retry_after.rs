//! How long a service asks us to wait. Three forms are in use; the header wins.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

/// The pause asked for: the `Retry-After` header in seconds or as an HTTP date (RFC 9110, 10.2.3), else the number before
/// the word "second" in the body ("Expected available in 50 seconds."), else the last word but one of `error.message`.
pub(super) fn stated_pause(header: Option<&str>, body: &str, now: Timestamp) -> Option<Duration> {
    header.and_then(|value| from_header(value, now)).or_else(|| before_second(body)).or_else(|| last_but_one(body))
}

fn from_header(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    if let Ok(seconds) = value.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = Timestamp::try_from(httpdate::parse_http_date(value).ok()?).ok()?;
    // A date in the past means "now".
    Some(Duration::try_from(date.duration_since(now)).unwrap_or(Duration::ZERO))
}

fn before_second(body: &str) -> Option<Duration> {
    let words: Vec<&str> = body.split_whitespace().collect();
    let at = words.iter().position(|word| word.trim_start_matches('"').to_ascii_lowercase().starts_with("second"))?;
    number(words.get(at.checked_sub(1)?)?)
}

fn last_but_one(body: &str) -> Option<Duration> {
    let value: Value = serde_json::from_str(body).ok()?;
    let message = value.get("error")?.get("message")?.as_str()?;
    number(message.split_whitespace().rev().nth(1)?)
}

fn number(word: &str) -> Option<Duration> {
    let digits = word.trim_matches(|letter: char| !letter.is_ascii_digit());
    digits.parse::<u32>().ok().map(|seconds| Duration::from_secs(seconds.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_stated_pause_is_understood() {
        let now: Timestamp = "2026-11-24T03:00:00Z".parse().unwrap();
        let table: [(Option<&str>, &str, Option<u64>); 11] = [
            (Some("7"), "", Some(7)),
            (Some(" 7 "), "wait 9 seconds", Some(7)),
            (Some("1.0"), "", Some(1)),
            (Some("Tue, 24 Nov 2026 03:01:30 GMT"), "", Some(90)),
            (Some("Tue, 24 Nov 2026 02:00:00 GMT"), "", Some(0)),
            (Some("soon"), "", None),
            (Some("-3"), "", None),
            (None, r#"{"detail":"Request was throttled. Expected available in 50 seconds."}"#, Some(50)),
            (None, r#"{"error":{"code":"429","message":"Too many calls, try again in 12 s"}}"#, Some(12)),
            (None, r#"{"detail":"Request was throttled."}"#, None),
            (None, "", None),
        ];
        for (header, body, seconds) in table {
            assert_eq!(stated_pause(header, body, now), seconds.map(Duration::from_secs), "{header:?} {body}");
        }
    }
}
