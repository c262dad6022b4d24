//! What must not be kept of a record: the secrets that data loss prevention found in a file.
//!
//! `DetectedValues` holds them in clear (card numbers, passwords), inside `PolicyDetails` of records of data loss
//! prevention; files of Defender's inventory may hold the like in `dlpScanResults`. They answer none of our questions, and
//! a store, a report or a backup is no place for them.

use std::borrow::Cow;

const KEYS: [&str; 2] = ["DetectedValues", "dlpScanResults"];

/// How deep JSON may stand as text in JSON: `AuditData` in an export is one level, an envelope around it two.
const LEVELS_MAX: u32 = 4;

/// The same text with `null` in place of every value of these keys; the text itself when there is none.
///
/// Works on the text and not on what it means, so that everything else stays byte for byte, and so that a record inside a
/// text inside another is found too.
pub fn redact(raw: &str) -> Cow<'_, str> {
    let mut kept = String::new();
    let mut done = 0;
    while let Some(value) = next_value(raw, done) {
        // Both ends stand beside ASCII characters.
        kept.push_str(raw.get(done..value.start).unwrap_or_default());
        kept.push_str("null");
        done = value.end;
    }
    if done == 0 {
        return Cow::Borrowed(raw);
    }
    kept.push_str(raw.get(done..).unwrap_or_default());
    Cow::Owned(kept)
}

/// Where the next value of one of the keys stands, from `from` on.
fn next_value(raw: &str, from: usize) -> Option<std::ops::Range<usize>> {
    KEYS.iter().filter_map(|key| next_value_of(key, raw, from)).min_by_key(|value| value.start)
}

fn next_value_of(key: &str, raw: &str, from: usize) -> Option<std::ops::Range<usize>> {
    let mut at = from;
    loop {
        at += raw.get(at..)?.find(key)? + key.len();
        if let Some(value) = value_after_key(raw.as_bytes(), at) {
            return Some(value);
        }
    }
}

/// The value of a member whose name ends at `at`, if its quote and a colon follow.
fn value_after_key(bytes: &[u8], at: usize) -> Option<std::ops::Range<usize>> {
    let slashes = bytes.get(at..)?.iter().take_while(|byte| **byte == b'\\').count();
    let level = (0..=LEVELS_MAX).find(|level| slashes + 1 == 1 << level)?;
    let quote = at + slashes;
    let colon = after_blanks(bytes, quote + 1)?;
    if bytes.get(quote) != Some(&b'"') || bytes.get(colon) != Some(&b':') {
        return None;
    }
    let start = after_blanks(bytes, colon + 1)?;
    Some(start..end_of_value(bytes, start, level))
}

fn after_blanks(bytes: &[u8], at: usize) -> Option<usize> {
    Some(at + bytes.get(at..)?.iter().take_while(|byte| byte.is_ascii_whitespace()).count())
}

/// The end of the value that starts at `start`: the bracket or quote that closes it, else what ends a bare one. A value
/// that is cut off ends with the text.
fn end_of_value(bytes: &[u8], start: usize, level: u32) -> usize {
    let (mut depth, mut in_text, mut slashes) = (0_usize, false, 0_usize);
    for (at, byte) in bytes.iter().enumerate().skip(start) {
        match byte {
            b'\\' => {
                slashes += 1;
                continue;
            }
            b'"' if is_delimiter(slashes, level) => {
                in_text = !in_text;
                if !in_text && depth == 0 {
                    return at + 1;
                }
            }
            b'[' | b'{' if !in_text => depth += 1,
            b']' | b'}' if !in_text && depth <= 1 => {
                return if depth == 1 { at + 1 } else { before_blanks(bytes, start, at) };
            }
            b']' | b'}' if !in_text => depth -= 1,
            b',' if !in_text && depth == 0 => return before_blanks(bytes, start, at - slashes),
            _ => {}
        }
        slashes = 0;
    }
    bytes.len()
}

/// Blanks between a bare value and what ends it are not the value's.
fn before_blanks(bytes: &[u8], start: usize, end: usize) -> usize {
    let value = bytes.get(start..end).unwrap_or_default();
    start + value.trim_ascii_end().len()
}

/// Whether a quote behind so many backslashes begins or ends a text at this level of JSON within JSON.
fn is_delimiter(slashes: usize, level: u32) -> bool {
    let even = slashes.is_multiple_of(2);
    if level == 0 { even } else { !even && is_delimiter((slashes - 1) / 2, level - 1) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn record(found: Value) -> Value {
        json!({"Id": "1", "PolicyDetails": [{"PolicyName": "Cards", "Rules": [{"Found": {"DetectedValues": found, "Count": 2}}]}],
               "UserId": "ana@contoso.example"})
    }

    /// The record as text, inside as many texts.
    fn nested(record: &Value, levels: usize) -> String {
        (0..levels)
            .fold(record.to_string(), |inner, _| json!({"AuditData": inner, "Operation": "DlpRuleMatch"}).to_string())
    }

    #[test]
    fn what_was_detected_is_taken_out_at_any_depth_and_nothing_else() {
        for found in [
            json!([{"Name": "4111 1111", "Value": "card \" \\ ] } 4111"}, {"Name": "x\\"}]),
            json!("4111"),
            json!(4111),
            json!({"a": ["4111", {"b": []}]}),
            json!([]),
            Value::Null,
        ] {
            for levels in 0..4 {
                let redacted = redact(&nested(&record(found.clone()), levels)).into_owned();
                assert_eq!(redacted, nested(&record(Value::Null), levels), "{found} at {levels}");
            }
        }
    }

    #[test]
    fn what_defender_found_in_a_file_is_taken_out_as_well() {
        let raw = r#"{"_id":"1","dlpScanResults":[{"matches":["4111"]}],"name":"a","x":{"DetectedValues":"4111"}}"#;
        assert_eq!(redact(raw), r#"{"_id":"1","dlpScanResults":null,"name":"a","x":{"DetectedValues":null}}"#);
    }

    #[test]
    fn a_text_without_it_stays_the_same_and_is_not_copied() {
        for text in ["", "{}", r#"{"Id":"1"}"#, r#"{"Name":"DetectedValues"}"#, "DetectedValues", "DetectedValues\""] {
            assert!(matches!(redact(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn the_blanks_around_a_value_stay_so_that_nothing_is_left_to_redact() {
        for (raw, redacted) in [
            ("{\"DetectedValues\": [\"x\"\n]\n}", "{\"DetectedValues\": null\n}"),
            ("{\"DetectedValues\": 4111 \n, \"a\": 1}", "{\"DetectedValues\": null \n, \"a\": 1}"),
        ] {
            assert_eq!(redact(raw), redacted);
            assert_eq!(redact(redacted), redacted, "once more");
        }
    }

    #[test]
    fn a_value_that_is_cut_off_is_taken_out_to_the_end() {
        assert_eq!(redact(r#"{"DetectedValues":[{"Name":"4111 11"#), r#"{"DetectedValues":null"#);
    }

    proptest! {
        #[test]
        fn whatever_was_detected_leaves_no_trace(text in ".{0,40}", levels in 0_usize..4) {
            let secret = format!("S3CRET{text}S3CRET");
            let redacted = redact(&nested(&record(json!([{"Value": secret}])), levels)).into_owned();
            prop_assert_eq!(redacted, nested(&record(Value::Null), levels));
        }

        #[test]
        fn any_text_is_taken(text in "\\PC{0,60}", tail in "[\\\\\":\\[\\]{},a]{0,40}") {
            let _ = redact(&format!("{text}DetectedValues{tail}"));
        }
    }
}
