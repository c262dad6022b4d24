//! Cuts a stream of bytes into its JSON objects without building trees, whatever the layout: one object, a list,
//! objects after each other (one a line or not), list answers (`{"data":[…]}`, also under `value`, `records`, `results`),
//! in any mix.
//!
//! It looks at braces, brackets and quotation marks only; whether an object is valid JSON is for its reader to say.
//! Memory is bounded by one record. A broken record costs itself, not its neighbours:
//!
//! * A line break inside a text is never valid JSON, so a record that was cut inside a text ends at its line.
//! * Where every record has a line of its own, a line that opens an object ends a record that was cut on the line before.
//! * After a break inside a list the next line that opens an object starts the next record.

/// What the stream holds, in order.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// From an opening brace to its closing one, as it came.
    Object {
        /// The bytes.
        text: &'a [u8],
        /// Line on which it starts, from 1.
        line: u64,
    },
    /// Something that is no whole object.
    Broken {
        /// Line on which it starts, from 1.
        line: u64,
        /// In words.
        reason: &'static str,
        /// What there is of it, up to [`BROKEN_BYTES_MAX`].
        text: &'a [u8],
    },
}

/// So much is kept of what is no whole object.
pub const BROKEN_BYTES_MAX: usize = 64 * 1024;

/// Lists within lists within list answers: more than this is no export.
const LEVELS_MAX: usize = 8;

/// Names under which an answer holds its list: Defender, Graph, the streaming API, advanced hunting; with the quotation
/// mark that ends them.
const LIST_KEYS: [&[u8]; 4] = [b"data\"", b"value\"", b"records\"", b"results\""];
const LIST_KEY_BYTES_MAX: usize = 8;

const TOO_LONG: &str = "the record is longer than a record may be";
const TEXT_NOT_CLOSED: &str = "the record is cut: a text in it is not closed at the end of its line";
const CUT_AT_LINE: &str = "the record is cut at the end of its line";
const NO_OBJECT: &str = "this is no JSON object";
const ENDS_IN_RECORD: &str = "the file ends in the middle of a record";
const ENDS_IN_LIST: &str = "the file ends before its list is closed: it may be cut";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between records.
    Between,
    /// In something that is no object, to the end of the line (in a list: of the element); `true` when it is to be told.
    Junk(bool),
    /// In a record, outside its texts.
    Record,
    /// In a text of a record; `true` after a backslash.
    Text(bool),
    /// After the list of a list answer, outside texts.
    Tail,
    /// In a text there; `true` after a backslash.
    TailText(bool),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    List,
    Envelope,
}

/// How much of `"data":[` (or another list's name) has been seen, directly inside a record's outer braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    No,
    Named,
    Colon,
    List,
}

/// The cutter. Feed it with [`push`](Self::push), end with [`finish`](Self::finish).
pub struct Splitter {
    record_bytes_max: usize,
    state: State,
    levels: Vec<Level>,
    /// A record of the present list was broken: brackets no longer tell where the list ends.
    damaged: bool,
    /// The junk before was reported, and nothing good has come since.
    junk_reported: bool,
    line: u64,
    /// The record (or what is none) so far, without what is in the present chunk.
    record: Vec<u8>,
    record_line: u64,
    too_long: bool,
    depth: usize,
    key: Key,
    /// The first bytes of the present text, where it could be a key.
    key_text: Vec<u8>,
    /// The record has had a line break.
    broke_line: bool,
    /// The byte before was the record's first line break.
    at_second_line: bool,
}

impl Splitter {
    /// A cutter that refuses records of more bytes than this.
    pub fn new(record_bytes_max: usize) -> Self {
        Self {
            record_bytes_max,
            state: State::Between,
            levels: Vec::new(),
            damaged: false,
            junk_reported: false,
            line: 1,
            record: Vec::new(),
            record_line: 1,
            too_long: false,
            depth: 0,
            key: Key::No,
            key_text: Vec::new(),
            broke_line: false,
            at_second_line: false,
        }
    }

    /// The line reached, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The beginning of a record that has begun and not ended.
    pub fn begun(&self) -> &[u8] {
        let is_open = matches!(self.state, State::Record | State::Text(_));
        let record = if is_open { self.record.as_slice() } else { &[] };
        record.get(..BROKEN_BYTES_MAX).unwrap_or(record)
    }

    /// Takes the next bytes; hands on what became complete.
    ///
    /// # Errors
    /// Those of `on_piece`.
    pub fn push<E>(&mut self, chunk: &[u8], on_piece: &mut impl FnMut(Piece<'_>) -> Result<(), E>) -> Result<(), E> {
        // Where in this chunk the present record starts or goes on.
        let mut from = 0;
        let mut at = 0;
        while let Some(&byte) = chunk.get(at) {
            match self.state {
                State::Between => {
                    if self.between(byte) {
                        from = at;
                    }
                    at += 1;
                }
                State::Junk(is_told) => {
                    let is_end =
                        byte == b'\n' || (!self.levels.is_empty() && !self.damaged && matches!(byte, b',' | b']'));
                    if is_end {
                        self.state = State::Between;
                        if is_told {
                            self.keep_junk(chunk.get(from..at).unwrap_or_default());
                            self.tell(NO_OBJECT, on_piece)?;
                        }
                    } else {
                        at += 1;
                    }
                }
                State::Record => {
                    let second_line = std::mem::take(&mut self.at_second_line);
                    if second_line && byte == b'{' {
                        self.keep(chunk.get(from..at).unwrap_or_default());
                        self.broken(CUT_AT_LINE, on_piece)?;
                        continue;
                    }
                    at += 1;
                    self.structure(byte);
                    if self.depth == 0 {
                        self.keep(chunk.get(from..at).unwrap_or_default());
                        self.complete(on_piece)?;
                    } else if self.key == Key::List && self.depth != 2 && self.open_envelope() {
                        // What came before the first record belongs to the list answer; the brace is the record's.
                        from = at - 1;
                    }
                }
                State::Text(escaped) => {
                    if byte == b'\n' {
                        self.keep(chunk.get(from..at).unwrap_or_default());
                        self.broken(TEXT_NOT_CLOSED, on_piece)?;
                        continue;
                    }
                    let rest = chunk.get(at..).unwrap_or_default();
                    let (length, next) = text_step(rest, escaped);
                    if self.depth == 1 && self.key_text.len() < LIST_KEY_BYTES_MAX {
                        self.key_text.extend(rest.iter().take(length.min(LIST_KEY_BYTES_MAX)));
                    }
                    at += length;
                    self.state = next.map_or(State::Record, State::Text);
                    if next.is_none() && self.depth == 1 {
                        let is_list_key = LIST_KEYS.contains(&self.key_text.as_slice());
                        self.key = if is_list_key { Key::Named } else { Key::No };
                    }
                }
                State::Tail => {
                    at += 1;
                    match byte {
                        b'\n' => self.line += 1,
                        b'"' => self.state = State::TailText(false),
                        b'{' | b'[' => self.depth += 1,
                        b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                        _ => {}
                    }
                    if self.depth == 0 {
                        self.levels.pop();
                        self.state = State::Between;
                    }
                }
                State::TailText(escaped) => {
                    let rest = chunk.get(at..).unwrap_or_default();
                    let (length, next) = if byte == b'\n' {
                        self.line += 1;
                        (1, Some(false))
                    } else {
                        text_step(rest, escaped)
                    };
                    at += length;
                    self.state = next.map_or(State::Tail, State::TailText);
                }
            }
        }
        let rest = chunk.get(from..).unwrap_or_default();
        match self.state {
            State::Record | State::Text(_) => self.keep(rest),
            State::Junk(true) => self.keep_junk(rest),
            _ => {}
        }
        Ok(())
    }

    /// Says what was left open.
    ///
    /// # Errors
    /// Those of `on_piece`.
    pub fn finish<E>(mut self, on_piece: &mut impl FnMut(Piece<'_>) -> Result<(), E>) -> Result<(), E> {
        match self.state {
            State::Record | State::Text(_) => return self.broken(ENDS_IN_RECORD, on_piece),
            State::Junk(true) => self.tell(NO_OBJECT, on_piece)?,
            _ => {}
        }
        if !self.levels.is_empty() && !self.damaged {
            return on_piece(Piece::Broken { line: self.line, reason: ENDS_IN_LIST, text: &[] });
        }
        Ok(())
    }

    /// One byte between records; whether something starts with it whose bytes are wanted.
    fn between(&mut self, byte: u8) -> bool {
        match byte {
            b'\n' => self.line += 1,
            // Commas, also between objects that stand in no list, and the byte order marks of joined files.
            b' ' | b'\t' | b'\r' | b',' | 0xEF | 0xBB | 0xBF => {}
            b'{' => {
                self.start_record();
                return true;
            }
            b'[' if self.levels.len() < LEVELS_MAX && !self.damaged => self.levels.push(Level::List),
            b']' if self.levels.last() == Some(&Level::List) && !self.damaged => {
                self.levels.pop();
                if self.levels.last() == Some(&Level::Envelope) {
                    self.depth = 1;
                    self.state = State::Tail;
                }
            }
            _ => {
                // In a damaged list the rest of the broken record was reported with it.
                let is_told = !self.damaged && !std::mem::replace(&mut self.junk_reported, true);
                self.state = State::Junk(is_told);
                self.record.clear();
                self.record_line = self.line;
                return is_told;
            }
        }
        false
    }

    fn start_record(&mut self) {
        self.record.clear();
        self.record_line = self.line;
        self.too_long = false;
        self.depth = 1;
        self.key = Key::No;
        self.broke_line = false;
        self.at_second_line = false;
        self.state = State::Record;
    }

    /// One byte of a record outside its texts.
    fn structure(&mut self, byte: u8) {
        match byte {
            b'"' => {
                self.key_text.clear();
                self.key = Key::No;
                self.state = State::Text(false);
            }
            b'{' | b'[' => {
                let is_list = byte == b'[' && self.depth == 1 && self.key == Key::Colon;
                // The first element decides: a list of objects is a list answer's.
                let is_first_object = byte == b'{' && self.depth == 2 && self.key == Key::List;
                self.key = if is_list || is_first_object { Key::List } else { Key::No };
                self.depth += 1;
            }
            b'}' | b']' => {
                let is_empty_list = byte == b']' && self.depth == 2 && self.key == Key::List;
                self.key = if is_empty_list { Key::List } else { Key::No };
                self.depth -= 1;
            }
            b'\n' => {
                self.line += 1;
                let is_first = !std::mem::replace(&mut self.broke_line, true);
                self.at_second_line = is_first && self.levels.is_empty();
            }
            b' ' | b'\t' | b'\r' => {}
            b':' if self.key == Key::Named && !self.levels.contains(&Level::Envelope) => self.key = Key::Colon,
            _ => self.key = Key::No,
        }
    }

    /// The record turned out to be a list answer: at its first element, or at the end of its empty list. Not so where
    /// it would lie too deep.
    fn open_envelope(&mut self) -> bool {
        self.key = Key::No;
        if self.levels.len() + 2 > LEVELS_MAX {
            return false;
        }
        self.levels.push(Level::Envelope);
        self.junk_reported = false;
        if self.depth == 1 {
            self.state = State::Tail;
        } else {
            self.levels.push(Level::List);
            self.start_record();
        }
        true
    }

    fn keep(&mut self, part: &[u8]) {
        if self.too_long || self.record.len() + part.len() > self.record_bytes_max {
            // Only its beginning is still wanted.
            self.too_long = true;
            self.keep_junk(part);
            self.record.shrink_to(BROKEN_BYTES_MAX);
        } else {
            self.record.extend_from_slice(part);
        }
    }

    /// Keeps the beginning of what is no whole object.
    fn keep_junk(&mut self, part: &[u8]) {
        let room = BROKEN_BYTES_MAX.saturating_sub(self.record.len());
        self.record.extend(part.iter().take(room));
        self.record.truncate(BROKEN_BYTES_MAX);
    }

    fn complete<E>(&mut self, on_piece: &mut impl FnMut(Piece<'_>) -> Result<(), E>) -> Result<(), E> {
        self.state = State::Between;
        self.junk_reported = false;
        let line = self.record_line;
        if self.too_long {
            return self.tell(TOO_LONG, on_piece);
        }
        on_piece(Piece::Object { text: &self.record, line })
    }

    /// Gives the present record up; the byte at hand is read again between records.
    fn broken<E>(
        &mut self,
        reason: &'static str,
        on_piece: &mut impl FnMut(Piece<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.state = State::Between;
        self.damaged = !self.levels.is_empty();
        self.junk_reported = true;
        self.tell(reason, on_piece)
    }

    /// Hands on what is no whole object.
    fn tell<E>(&self, reason: &'static str, on_piece: &mut impl FnMut(Piece<'_>) -> Result<(), E>) -> Result<(), E> {
        let text = self.record.get(..BROKEN_BYTES_MAX).unwrap_or(&self.record);
        on_piece(Piece::Broken { line: self.record_line, reason, text })
    }
}

/// How far a text goes on in `rest` (which does not start with a line break), and whether it ends (`None`), or goes on
/// and the next byte is escaped. Stops before a line break.
fn text_step(rest: &[u8], escaped: bool) -> (usize, Option<bool>) {
    if escaped {
        return (1, Some(false));
    }
    match rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | b'\n')) {
        None => (rest.len(), Some(false)),
        Some(length) => match rest.get(length) {
            Some(b'"') => (length + 1, None),
            Some(b'\\') => (length + 1, Some(true)),
            _ => (length, Some(false)),
        },
    }
}

#[cfg(test)]
mod tests;
