//! A list answer, cut into its records without reading them.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

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
        let envelope: Envelope<'_> = answer.json()?;
        let body = answer.body();
        Ok(Self {
            elements: envelope.data.iter().map(|element| body.slice_ref(element.get().as_bytes())).collect(),
            has_next: envelope.has_next.unwrap_or(false),
            cursor: envelope.next_query_filters.map(|filters| filters.get().to_owned()).filter(|text| text != "null"),
        })
    }
}
