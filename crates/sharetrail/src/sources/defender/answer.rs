//! A list answer, cut into its records without reading them.

use std::borrow::Cow;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use trail::TimeMs;

use crate::http::{Answer, Failure};

/// A page as the service sent it.
#[derive(Debug, Clone, Default)]
pub(super) struct ListAnswer {
    /// Elements of `data`, byte for byte; they share the answer's memory.
    pub(super) elements: Vec<Bytes>,
    /// Whether more rows match.
    pub(super) has_next: bool,
    /// What to send as the next `filters`, verbatim.
    pub(super) cursor: Option<String>,
    /// When the service answered, on its own clock; whole seconds.
    pub(super) answered_at: Option<TimeMs>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
    #[serde(default)]
    has_next: Option<bool>,
    #[serde(borrow, default)]
    next_query_filters: Option<&'a RawValue>,
}

impl ListAnswer {
    /// Reads an answer.
    pub(super) fn read(answer: &Answer) -> Result<Self, Failure> {
        let body = answer.body();
        let text = masked(body);
        let envelope: Envelope<'_> = answer.json_of(&text)?;
        // Every element borrows from `text`, so its place in it is its place in the body.
        let bytes_of = |element: &&RawValue| {
            let begin = element.get().as_ptr().addr() - text.as_ptr().addr();
            body.slice(begin..begin + element.get().len())
        };
        Ok(Self {
            elements: envelope.data.iter().map(bytes_of).collect(),
            has_next: envelope.has_next.unwrap_or(false),
            cursor: envelope.next_query_filters.map(|filters| filters.get().to_owned()).filter(|text| text != "null"),
            answered_at: answer.date().map(|date| TimeMs(date.as_millisecond())),
        })
    }
}

/// The body with a `?` for every byte that is not UTF-8, so that one bad record costs itself and not its page. Places
/// stay the same: elements are taken from the body as it came.
fn masked(body: &[u8]) -> Cow<'_, [u8]> {
    if std::str::from_utf8(body).is_ok() {
        return Cow::Borrowed(body);
    }
    let mut masked = Vec::with_capacity(body.len());
    for chunk in body.utf8_chunks() {
        masked.extend_from_slice(chunk.valid().as_bytes());
        masked.resize(masked.len() + chunk.invalid().len(), b'?');
    }
    Cow::Owned(masked)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_is_not_utf8_costs_itself_and_not_its_page() {
        let body = b"{\"data\":[{\"a\":\"\xC3\xA9\"},{\"b\":\"\xFF\xC3\"},{\"c\":1}],\"hasNext\":false}";
        let page = ListAnswer::read(&Answer::of(200, &body[..])).unwrap();
        let elements: Vec<&[u8]> = page.elements.iter().map(|element| &element[..]).collect();
        assert_eq!(elements, [&b"{\"a\":\"\xC3\xA9\"}"[..], b"{\"b\":\"\xFF\xC3\"}", b"{\"c\":1}"]);
    }
}
