//! Cuts a JSON list into its elements while it arrives, in memory for one element and what was not yet taken.
//!
//! It looks at quotation marks, braces and brackets only; whether an element is a record is for its reader to say. It is
//! stricter than the splitter of files: a list that is not closed was not read to its end, and must be asked for again.

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use memchr::memchr2;

/// The body is no list, or no whole one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoList {
    /// Something else was sent, such as a web page.
    #[error("it is no JSON list")]
    Other,
    /// It ended too early.
    #[error("it ends in the middle")]
    Cut,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the list.
    Before,
    /// In the list, between two elements.
    Between,
    /// In an element, outside its texts.
    Element,
    /// In a text of an element.
    Text,
    /// Behind a backslash there.
    Escaped,
    /// Behind the list.
    Behind,
}

/// The cutter. Feed it with [`push`](Self::push), [`take`](Self::take) what is whole, end with
/// [`finish`](Self::finish).
#[derive(Debug)]
pub(super) struct Cutter {
    element_bytes_max: usize,
    /// Whole elements that were not taken, and the present one so far.
    buffer: BytesMut,
    /// Bytes of it that were looked at.
    looked_at: usize,
    /// Where the present element begins.
    begin: usize,
    /// How many braces and brackets of the present element are open.
    depth: usize,
    state: State,
    whole: Vec<Range<usize>>,
    /// The present element is longer than an element may be, and is not kept.
    dropping: bool,
    dropped: usize,
}

impl Cutter {
    /// A cutter that drops elements of more bytes than this.
    pub(super) fn new(element_bytes_max: usize) -> Self {
        Self {
            element_bytes_max,
            buffer: BytesMut::new(),
            looked_at: 0,
            begin: 0,
            depth: 0,
            state: State::Before,
            whole: Vec::new(),
            dropping: false,
            dropped: 0,
        }
    }

    /// Bytes of whole elements that were not taken.
    pub(super) fn ready_bytes(&self) -> usize {
        self.whole.last().map_or(0, |last| last.end)
    }

    /// Takes the next bytes of the body.
    pub(super) fn push(&mut self, chunk: &[u8]) -> Result<(), NoList> {
        self.buffer.extend_from_slice(chunk);
        while let Some(&byte) = self.buffer.get(self.looked_at) {
            match self.state {
                State::Before => match byte {
                    b'[' => self.state = State::Between,
                    // Blanks and a byte order mark.
                    b' ' | b'\t' | b'\r' | b'\n' | 0xEF | 0xBB | 0xBF => {}
                    _ => return Err(NoList::Other),
                },
                State::Between => match byte {
                    b' ' | b'\t' | b'\r' | b'\n' | b',' => {}
                    b']' => self.state = State::Behind,
                    _ => {
                        self.begin = self.looked_at;
                        self.depth = 0;
                        self.state = State::Element;
                        // This byte is the element's first.
                        continue;
                    }
                },
                State::Element => match byte {
                    b'"' => self.state = State::Text,
                    b'{' | b'[' => self.depth += 1,
                    b'}' | b']' if self.depth > 0 => {
                        self.depth -= 1;
                        if self.depth == 0 {
                            self.complete(self.looked_at + 1);
                        }
                    }
                    // What is neither object nor list ends before the comma or the list's bracket.
                    b',' | b']' if self.depth == 0 => {
                        self.complete(self.looked_at);
                        continue;
                    }
                    _ => {}
                },
                State::Text => {
                    let rest = self.buffer.get(self.looked_at..).unwrap_or_default();
                    match memchr2(b'"', b'\\', rest) {
                        None => {
                            self.looked_at = self.buffer.len();
                            break;
                        }
                        Some(plain) => {
                            self.looked_at += plain;
                            let is_end = self.buffer.get(self.looked_at) == Some(&b'"');
                            self.state = if is_end { State::Element } else { State::Escaped };
                        }
                    }
                }
                State::Escaped => self.state = State::Text,
                State::Behind => match byte {
                    b' ' | b'\t' | b'\r' | b'\n' => {}
                    _ => return Err(NoList::Other),
                },
            }
            self.looked_at += 1;
        }
        self.drop_what_is_too_long();
        Ok(())
    }

    /// The elements that are whole. They share one piece of memory.
    pub(super) fn take(&mut self) -> Vec<Bytes> {
        let is_inside = matches!(self.state, State::Element | State::Text | State::Escaped);
        let end = if is_inside { self.begin } else { self.looked_at };
        let taken = self.buffer.split_to(end).freeze();
        self.looked_at -= end;
        self.begin = 0;
        self.whole.drain(..).map(|range| taken.slice(range)).collect()
    }

    /// How many elements were dropped since this was last asked.
    pub(super) fn take_dropped(&mut self) -> usize {
        std::mem::take(&mut self.dropped)
    }

    /// Whether the list was closed.
    pub(super) fn finish(&self) -> Result<(), NoList> {
        if self.state == State::Behind { Ok(()) } else { Err(NoList::Cut) }
    }

    fn complete(&mut self, end: usize) {
        self.state = State::Between;
        if std::mem::take(&mut self.dropping) || end - self.begin > self.element_bytes_max {
            self.dropped += 1;
        } else {
            self.whole.push(self.begin..end);
        }
    }

    fn drop_what_is_too_long(&mut self) {
        let is_inside = matches!(self.state, State::Element | State::Text | State::Escaped);
        if is_inside && (self.dropping || self.buffer.len() - self.begin > self.element_bytes_max) {
            self.dropping = true;
            self.buffer.truncate(self.begin);
            self.looked_at = self.begin;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(body: &[u8], chunk_bytes: usize, element_bytes_max: usize) -> (Vec<Bytes>, usize, Result<(), NoList>) {
        let mut cutter = Cutter::new(element_bytes_max);
        let mut elements = Vec::new();
        for chunk in body.chunks(chunk_bytes) {
            if let Err(error) = cutter.push(chunk) {
                return (elements, 0, Err(error));
            }
            elements.extend(cutter.take());
        }
        (elements, cutter.take_dropped(), cutter.finish())
    }

    #[test]
    fn elements_come_back_byte_for_byte_however_the_body_was_cut() {
        let body = b"\xEF\xBB\xBF [ {\"a\":\"x]}\\\"\\\\\",\"b\":[1,{}]} ,null,\"t,\" ,\n[2],{} ] \n";
        let expected: [&[u8]; 5] = [b"{\"a\":\"x]}\\\"\\\\\",\"b\":[1,{}]}", b"null", b"\"t,\" ", b"[2]", b"{}"];
        for chunk_bytes in 1..body.len() + 1 {
            let (elements, dropped, end) = cut(body, chunk_bytes, 100);
            assert_eq!(elements, expected, "{chunk_bytes}");
            assert_eq!((dropped, end), (0, Ok(())));
        }
    }

    #[test]
    fn an_empty_list_is_whole_and_half_a_list_is_not() {
        assert_eq!(cut(b"[]", 1, 9), (vec![], 0, Ok(())));
        for half in ["", "[", "[{}", "[{\"a\":\"]", "[1"] {
            assert_eq!(cut(half.as_bytes(), 2, 9).2, Err(NoList::Cut), "{half}");
        }
        for other in ["<html>", "{\"error\":1}", "[] []"] {
            assert_eq!(cut(other.as_bytes(), 2, 9).2, Err(NoList::Other), "{other}");
        }
    }

    #[test]
    fn an_element_that_is_too_long_costs_itself_alone() {
        let body = format!("[{{\"a\":1}},{{\"b\":\"{}\"}},{{\"c\":3}}]", "x".repeat(5_000));
        for chunk_bytes in [1, 7, 10_000] {
            let (elements, dropped, end) = cut(body.as_bytes(), chunk_bytes, 50);
            assert_eq!(elements, ["{\"a\":1}", "{\"c\":3}"]);
            assert_eq!((dropped, end), (1, Ok(())), "{chunk_bytes}");
        }
    }

    #[test]
    fn memory_is_that_of_one_element_and_a_chunk() {
        let mut cutter = Cutter::new(1_000);
        cutter.push(b"[{\"a\":\"").unwrap();
        for _ in 0..1_000 {
            cutter.push(&[b'x'; 1_000]).unwrap();
            assert!(cutter.buffer.len() <= 2_000);
        }
    }

    proptest! {
        #[test]
        fn any_list_of_json_comes_back(values in prop::collection::vec(json(), 0..8), chunk_bytes in 1_usize..40) {
            let texts: Vec<String> = values.iter().map(ToString::to_string).collect();
            let body = format!("[{}]", texts.join(","));
            let (elements, dropped, end) = cut(body.as_bytes(), chunk_bytes, 1 << 20);
            prop_assert_eq!(elements, texts);
            prop_assert_eq!((dropped, end), (0, Ok(())));
        }

        #[test]
        fn any_bytes_end_without_panic(body in prop::collection::vec(any::<u8>(), 0..200), chunk_bytes in 1_usize..40) {
            let _ = cut(&body, chunk_bytes, 20);
        }
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            ".*".prop_map(Into::into)
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::vec((".*", inner), 0..4)
                    .prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
            ]
        })
    }
}
