//! The `timespan` of a request: a duration back from now, or a start and an end.

use jiff::{Span, SpanRelativeTo, Timestamp, Unit};

/// First and last moment, both inclusive, in milliseconds.
pub(crate) type Bounds = (i64, i64);

/// What all of the given spans have in common; `None` if there are none.
pub(crate) fn read(texts: &[String], now_ms: i64) -> Result<Option<Bounds>, String> {
    let mut bounds = None;
    for text in texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
        let (start, end) = one(text, now_ms).ok_or_else(|| format!("'{text}' is no ISO 8601 time span."))?;
        let (low, high) = bounds.unwrap_or((i64::MIN, i64::MAX));
        bounds = Some((start.max(low), end.min(high)));
    }
    Ok(bounds)
}

/// `PT1H`, `start/end`, `start/PT1H` or `PT1H/end`.
fn one(text: &str, now_ms: i64) -> Option<Bounds> {
    match text.split_once('/') {
        None => Some((now_ms.checked_sub(duration_ms(text)?)?, now_ms)),
        Some((start, end)) => match (time_ms(start), time_ms(end)) {
            (Some(start), Some(end)) => Some((start, end)),
            (Some(start), None) => Some((start, start.checked_add(duration_ms(end)?)?)),
            (None, Some(end)) => Some((end.checked_sub(duration_ms(start)?)?, end)),
            (None, None) => None,
        },
    }
}

fn time_ms(text: &str) -> Option<i64> {
    crate::services::query::lexer::datetime(text).map(Timestamp::as_millisecond)
}

fn duration_ms(text: &str) -> Option<i64> {
    let span: Span = text.parse().ok()?;
    let milliseconds = span.total((Unit::Millisecond, SpanRelativeTo::days_are_24_hours())).ok()?;
    Some(milliseconds as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_in_all_forms() {
        let now_ms = 1_795_489_200_000; // 2026-11-24T03:00:00Z
        let cases = [
            ("PT1H", Some((now_ms - 3_600_000, now_ms))),
            ("PT3600.0S", Some((now_ms - 3_600_000, now_ms))),
            ("P1D", Some((now_ms - 86_400_000, now_ms))),
            ("2026-11-24T02:00:00Z/2026-11-24T03:00:00Z", Some((now_ms - 3_600_000, now_ms))),
            ("2026-11-24T02:00:00Z/PT1H", Some((now_ms - 3_600_000, now_ms))),
            ("PT1H/2026-11-24T03:00:00Z", Some((now_ms - 3_600_000, now_ms))),
            ("an hour", None),
        ];
        for (text, expected) in cases {
            assert_eq!(one(text, now_ms), expected, "{text}");
        }
        let both = ["PT2H".to_owned(), "2026-11-24T02:00:00Z/2026-11-24T09:00:00Z".to_owned()];
        assert_eq!(read(&both, now_ms), Ok(Some((now_ms - 3_600_000, now_ms))));
        assert_eq!(read(&[], now_ms), Ok(None));
    }
}
