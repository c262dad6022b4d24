//! `EventData`: sibling elements without a root, which are no XML.
//!
//! Names may hold blanks (`<Permissions granted>`), values may be localised or escaped, dates are in US order or ISO. So:
//! `<name>value</name>` where a name is anything up to `>`, and never an XML parser.

use std::borrow::Cow;

use crate::TimeMs;

/// What is read of one text at most; real ones are a few hundred bytes.
const READ_BYTES_MAX: usize = 16 * 1024;

/// The elements in order. An element that holds others is passed over in favour of those; a value without a closing tag
/// ends at the next tag. Names as written, values unescaped and trimmed.
pub fn fields(text: &str) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
    let mut rest = cut(text);
    std::iter::from_fn(move || {
        loop {
            rest = rest.get(rest.find('<')? + 1..)?;
            let (name, after) = rest.split_once('>')?;
            if name.starts_with('/') || name.is_empty() {
                rest = after;
                continue;
            }
            if let Some(inside) = before_close(after, name) {
                if holds_elements(inside) {
                    rest = after;
                    continue;
                }
                rest = after.get(inside.len()..).unwrap_or_default();
                return Some((name.trim(), unescape(inside)));
            }
            let value = after.split('<').next().unwrap_or_default();
            rest = after.get(value.len()..).unwrap_or_default();
            return Some((name.trim(), unescape(value)));
        }
    })
}

/// The value of the first element with one of these names, asked for in order of `names`. Case, blanks and signs in names
/// do not matter: `Permissions granted` is `PermissionsGranted`. Empty values are absent.
pub fn value<'a>(text: &'a str, names: &[&str]) -> Option<Cow<'a, str>> {
    let all: Vec<_> = fields(text).filter(|(_, value)| !value.is_empty()).collect();
    names.iter().find_map(|wanted| all.iter().find(|(name, _)| is_name(name, wanted)).map(|(_, value)| value.clone()))
}

/// `View`, `Edit`, `Contribute`, … as written, perhaps in the user's language.
pub fn permission(text: &str) -> Option<Cow<'_, str>> {
    value(text, &["Type", "PermissionsGranted", "Permission", "SharingLevel"])
}

/// The SharePoint group that somebody was put into or taken out of.
pub fn group(text: &str) -> Option<Cow<'_, str>> {
    value(text, &["Group", "GroupName"])
}

/// When the share runs out; UTC, as all times of the schema are.
pub fn expires_at(text: &str) -> Option<TimeMs> {
    let text =
        value(text, &["NewExpirationDate", "ExpirationDate", "ExpirationDateTime", "ExpirationTime", "Expiration"])?;
    // Dates of the year 1 and the like say that there is no expiry.
    TimeMs::parse(&text).filter(|at| at.millis() > 0)
}

fn is_name(name: &str, wanted: &str) -> bool {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .eq(wanted.chars().map(|c| c.to_ascii_lowercase()))
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(READ_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// What stands before `</name>`.
fn before_close<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut from = 0;
    while let Some(found) = text.get(from..)?.find("</") {
        let start = from + found;
        let tail = text.get(start + 2..)?;
        if tail.strip_prefix(name).is_some_and(|tail| tail.trim_start().starts_with('>')) {
            return text.get(..start);
        }
        from = start + 2;
    }
    None
}

fn holds_elements(inside: &str) -> bool {
    inside
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .is_some_and(|(name, after)| before_close(after, name).is_some())
}

fn unescape(value: &str) -> Cow<'_, str> {
    let value = value.trim();
    if !value.contains('&') {
        return Cow::Borrowed(value);
    }
    let mut plain = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        match after.split_once(';').and_then(|(name, tail)| Some((entity(name)?, tail))) {
            Some((character, tail)) => {
                plain.push(character);
                rest = tail;
            }
            None => {
                plain.push('&');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        fields(text).map(|(name, value)| (name.to_owned(), value.into_owned())).collect()
    }

    #[test]
    fn elements_are_read_whatever_their_names() {
        for (text, expected) in [
            (
                "<Type>Edit</Type><MembersCanShareApplied>False</MembersCanShareApplied>",
                vec![("Type", "Edit"), ("MembersCanShareApplied", "False")],
            ),
            (
                "<Permissions granted>Limited Access</Permissions granted>",
                vec![("Permissions granted", "Limited Access")],
            ),
            ("<Group>A &amp; B &lt;x&gt; &#233;&#x2713; &nbsp; &</Group>", vec![("Group", "A & B <x> é✓ &nbsp; &")]),
            ("<SharingLevel>Contrôle total</SharingLevel>", vec![("SharingLevel", "Contrôle total")]),
            ("<Event><Type>View</Type><A>1</A></Event>", vec![("Type", "View"), ("A", "1")]),
            (
                "<Type>View<ExpirationDate>2024-12-03</ExpirationDate>",
                vec![("Type", "View"), ("ExpirationDate", "2024-12-03")],
            ),
            ("<Group>a < b</Group><B></B>", vec![("Group", "a < b"), ("B", "")]),
            ("no elements", vec![]),
            ("<Type", vec![]),
            ("<>x</>", vec![]),
            ("", vec![]),
        ] {
            let expected: Vec<_> =
                expected.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn permissions_are_found_under_their_several_names() {
        for (text, expected) in [
            ("<Type>Edit</Type>", Some("Edit")),
            ("<Permissions granted>Contribute</Permissions granted><Type>View</Type>", Some("View")),
            ("<Permissions granted>Contribute</Permissions granted>", Some("Contribute")),
            ("<PermissionsGranted>Contribute</PermissionsGranted>", Some("Contribute")),
            ("<SharingLevel>Lecture</SharingLevel>", Some("Lecture")),
            ("<Type></Type>", None),
            ("<Group>Site Members</Group>", None),
        ] {
            assert_eq!(permission(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn expiry_is_read_in_us_order_and_in_iso_as_utc() {
        let expected = TimeMs::parse("2024-12-03T09:43:15Z");
        for text in [
            "<Type>View</Type><ExpirationDate>12/03/2024 09:43:15</ExpirationDate>",
            "<ExpirationDate>2024-12-03T09:43:15</ExpirationDate>",
            "<Expiration date>12/3/2024 9:43:15 AM</Expiration date>",
            "<OldExpirationDate>11/03/2024 09:43:15</OldExpirationDate><NewExpirationDate>12/03/2024 09:43:15</NewExpirationDate>",
        ] {
            assert_eq!(expires_at(text), expected, "{text}");
        }
        for text in [
            "<ExpirationDate>soon</ExpirationDate>",
            "<ExpirationDate>0001-01-01T00:00:00</ExpirationDate>",
            "<Type>View</Type>",
        ] {
            assert_eq!(expires_at(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_or_go_on_for_ever(text in "\\PC*", near in "[<>/a&;#x1é ]{0,200}") {
            for text in [&text, &near] {
                prop_assert!(fields(text).count() <= text.len());
                let _ = (permission(text), expires_at(text), group(text));
            }
        }
    }
}
