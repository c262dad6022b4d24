//! `ClientIP` without the port and the brackets that some workloads add.

use std::borrow::Cow;

/// `1.2.3.4:5678` → `1.2.3.4`, `[::1]:5678` → `::1`, `::ffff:1.2.3.4` → `1.2.3.4`; anything else stays.
pub(super) fn bare_ip(text: Cow<'_, str>) -> Cow<'_, str> {
    // The ordinary case by far: nothing to take off.
    if !text.contains([':', '[']) {
        return text;
    }
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(bare(text)),
        Cow::Owned(text) => Cow::Owned(bare(&text).to_owned()),
    }
}

fn bare(text: &str) -> &str {
    let unbracketed = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((inside, _)) => inside,
        // One colon only: a port. An IPv6 address has at least two.
        None => match text.split_once(':') {
            Some((before, after)) if !after.contains(':') && after.bytes().all(|byte| byte.is_ascii_digit()) => before,
            _ => text,
        },
    };
    let mapped =
        unbracketed.get(..7).filter(|prefix| prefix.eq_ignore_ascii_case("::ffff:")).and_then(|_| unbracketed.get(7..));
    mapped.filter(|v4| v4.contains('.') && !v4.contains(':')).unwrap_or(unbracketed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_brackets_and_mapped_prefixes_are_taken_off() {
        for (text, expected) in [
            ("1.2.3.4", "1.2.3.4"),
            ("1.2.3.4:5678", "1.2.3.4"),
            ("[::1]:5678", "::1"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("2001:db8::7", "2001:db8::7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("[::FFFF:203.0.113.7]:443", "203.0.113.7"),
            ("::ffff:cb00:7107", "::ffff:cb00:7107"),
            ("<null>", "<null>"),
            ("host:name", "host:name"),
        ] {
            assert_eq!(bare_ip(Cow::Borrowed(text)), expected, "{text}");
            assert_eq!(bare_ip(Cow::Owned(text.to_owned())), expected, "{text}");
        }
    }
}
