//! Writing JSON into a `String` by hand: a million records of 3 KB are rendered in seconds.
//!
//! Every function appends one member to an object that is open at the end of `out`; the comma is written when the
//! text does not end with an opening bracket. (A value never ends with one: strings end with their quote.)

use super::guid::Guid;

/// Appends `"key":`, with a comma before it when needed.
pub(crate) fn key(out: &mut String, name: &str) {
    comma(out);
    out.push('"');
    out.push_str(name);
    out.push_str("\":");
}

/// Appends a comma unless the text ends with an opening bracket.
pub(crate) fn comma(out: &mut String) {
    if !out.ends_with(['{', '[']) {
        out.push(',');
    }
}

/// Appends a text member.
pub(crate) fn text(out: &mut String, name: &str, value: &str) {
    key(out, name);
    string(out, value);
}

/// Appends a text member when there is a value.
pub(crate) fn text_if(out: &mut String, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        text(out, name, value);
    }
}

/// Appends a whole number.
pub(crate) fn number(out: &mut String, name: &str, value: i64) {
    key(out, name);
    integer(out, value);
}

/// Appends `true` or `false`.
pub(crate) fn boolean(out: &mut String, name: &str, value: bool) {
    raw(out, name, if value { "true" } else { "false" });
}

/// Appends a GUID in lower case.
pub(crate) fn guid(out: &mut String, name: &str, value: Guid) {
    key(out, name);
    out.push('"');
    value.push_to(out);
    out.push('"');
}

/// Appends a member whose value is JSON text already.
pub(crate) fn raw(out: &mut String, name: &str, value: &str) {
    key(out, name);
    out.push_str(value);
}

/// Appends a quoted and escaped string (RFC 8259, section 7).
pub(crate) fn string(out: &mut String, value: &str) {
    out.push('"');
    let mut plain_from = 0;
    for (position, byte) in value.bytes().enumerate() {
        if byte != b'"' && byte != b'\\' && byte >= 0x20 {
            continue;
        }
        // Both ends stand beside ASCII bytes and so on character borders.
        out.push_str(&value[plain_from..position]);
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            other => out.push_str(&format!("\\u{other:04x}")),
        }
        plain_from = position + 1;
    }
    out.push_str(&value[plain_from..]);
    out.push('"');
}

/// Appends the digits of a whole number.
pub(crate) fn integer(out: &mut String, value: i64) {
    let mut digits = [b'0'; 20];
    let mut rest = value.unsigned_abs();
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push('-');
    }
    // Nothing but digits was written, so this is always text.
    out.push_str(std::str::from_utf8(&digits[start..]).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_and_number_comes_back_as_written() {
        for value in ["", "plain", "a \"b\" \\ c", "line\nbreak\t\u{1}", "é 漢 🎉", "\u{7f}"] {
            let mut out = String::new();
            string(&mut out, value);
            assert_eq!(serde_json::from_str::<String>(&out).unwrap(), value);
        }
        for value in [0, 7, -1, 1_595_096_313_000, i64::MIN, i64::MAX] {
            let mut out = String::new();
            integer(&mut out, value);
            assert_eq!(out, value.to_string());
        }
    }
}
