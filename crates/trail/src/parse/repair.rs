//! A copy of JSON text in which what stops a strict parser, but is no fault of the structure, is replaced.
//!
//! File names that a service cut at a fixed length may end in half a UTF-16 pair (`\ud83d` alone), and exports that
//! went through a spreadsheet may hold bare control characters inside texts. Both are rare; the copy is made only
//! after the strict parser has refused.

use std::fmt::Write as _;

/// The mended copy, or `None` when there was nothing of the kind to mend.
pub(super) fn repair(json: &str) -> Option<String> {
    let mut mended = String::with_capacity(json.len() + 16);
    let mut changed = false;
    let mut inside_text = false;
    let mut rest = json;
    while let Some(character) = rest.chars().next() {
        let taken = if inside_text && character == '\\' {
            let (replacement, taken) = escape(rest);
            changed |= replacement.is_some();
            mended.push_str(replacement.unwrap_or(&rest[..taken]));
            taken
        } else {
            inside_text ^= character == '"';
            if inside_text && character.is_ascii_control() && character != '\u{7f}' {
                changed = true;
                // Writing to a `String` cannot fail.
                let _ = write!(mended, "\\u{:04x}", u32::from(character));
            } else {
                mended.push(character);
            }
            character.len_utf8()
        };
        rest = &rest[taken..];
    }
    changed.then_some(mended)
}

/// The escape at the beginning of `rest`: what replaces it, if anything must, and its length in bytes.
///
/// The length always ends on a character: an escape is `\` and one character, or ASCII throughout.
fn escape(rest: &str) -> (Option<&'static str>, usize) {
    match unit(rest) {
        Some(0xd800..=0xdbff) => match rest.get(6..).and_then(unit) {
            Some(0xdc00..=0xdfff) => (None, 12),
            _ => (Some("\\ufffd"), 6),
        },
        Some(0xdc00..=0xdfff) => (Some("\\ufffd"), 6),
        Some(_) => (None, 6),
        None => (None, 1 + rest.chars().nth(1).map_or(0, char::len_utf8)),
    }
}

/// The UTF-16 unit of a `\uXXXX` at the beginning of `text`.
fn unit(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn halves_of_pairs_and_control_characters_are_replaced_and_nothing_else() {
        for (json, expected) in [
            (r#"{"a":"x\ud83d"}"#, Some(r#"{"a":"x\ufffd"}"#)),
            (r#"{"a":"\ud83d\ud83d\ude00"}"#, Some(r#"{"a":"\ufffd\ud83d\ude00"}"#)),
            (r#"{"a":"\ude00x"}"#, Some(r#"{"a":"\ufffdx"}"#)),
            (r#"{"a":"\\ud83d"}"#, None),
            (r#"{"a":"\ud83d\ude00 \" é"}"#, None),
            ("{\"a\":\"x\ny\"}", Some(r#"{"a":"x\u000ay"}"#)),
            ("{\n\"a\":1}", None),
            (r#"{"a":"\"#, None),
            (r#"{"a":"\é"#, None),
        ] {
            assert_eq!(repair(json).as_deref(), expected, "{json}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_looked_at(text in "(\\PC|[\"\\\\u]|\\\\ud83d|[\u{0}-\u{1f}]){0,40}") {
            if let Some(mended) = repair(&text) {
                prop_assert_eq!(repair(&mended), None);
            }
        }
    }
}
