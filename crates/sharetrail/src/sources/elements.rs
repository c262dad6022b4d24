//! A list in an answer, cut into its elements without reading them: each stays the bytes that came.

use std::borrow::Cow;

use bytes::Bytes;
use serde_json::value::RawValue;

/// The body with a `?` for every byte that is not UTF-8, so that one bad record costs itself and not its page. Places
/// stay the same: elements are taken from the body as it came.
pub(super) fn masked(body: &[u8]) -> Cow<'_, [u8]> {
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

/// The bytes of `body` for elements that were read from `text`, its [`masked`] form; they share the body's memory.
pub(super) fn cut(body: &Bytes, text: &[u8], elements: &[&RawValue]) -> Vec<Bytes> {
    let bytes_of = |element: &&RawValue| {
        // Every element borrows from `text`, so its place in it is its place in the body.
        let begin = element.get().as_ptr().addr() - text.as_ptr().addr();
        body.slice(begin..begin + element.get().len())
    };
    elements.iter().map(bytes_of).collect()
}
