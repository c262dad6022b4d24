//! A list answer, cut into its records without reading them.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use trail::TimeMs;

use crate::http::{Answer, Failure};
use crate::sources::elements;

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
    /// How many rows match, as the service guesses; `None` when there are more than it counts.
    pub(super) total: Option<u64>,
    /// How many rows a page may hold, where the service says so.
    pub(super) page_records_max: Option<u64>,
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
    #[serde(default)]
    total: Option<u64>,
    #[serde(default)]
    more_than_total: Option<bool>,
    #[serde(default)]
    max: Option<u64>,
}

impl ListAnswer {
    /// Reads an answer.
    pub(super) fn read(answer: &Answer) -> Result<Self, Failure> {
        let body = answer.body();
        let text = elements::masked(body);
        let envelope: Envelope<'_> = answer.json_of(&text)?;
        Ok(Self {
            elements: elements::cut(body, &text, &envelope.data),
            has_next: envelope.has_next.unwrap_or(false),
            cursor: envelope.next_query_filters.map(|filters| filters.get().to_owned()).filter(|text| text != "null"),
            total: envelope.total.filter(|_| envelope.more_than_total != Some(true)),
            page_records_max: envelope.max,
            answered_at: answer.date().map(|date| TimeMs(date.as_millisecond())),
        })
    }
}

#[cfg(test)]
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
