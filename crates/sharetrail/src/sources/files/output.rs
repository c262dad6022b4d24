//! What reading a file hands on: records that are JSON objects in UTF-8, and rejections with their place and reason.

use std::fmt;
use std::io;
use std::sync::Arc;

use serde::de::IgnoredAny;

use super::splitter::BROKEN_BYTES_MAX;

/// Where the portal and `Search-UnifiedAuditLog` cut an export (Microsoft: Export, configure, and view audit log
/// records; Search-UnifiedAuditLog, `SessionCommand`).
const EXPORT_RECORDS_MAX: u64 = 50_000;

/// One thing found in a file.
#[derive(Debug, PartialEq, Eq)]
pub enum Entry<'a> {
    /// A JSON object: byte for byte as it stood there, or a row of a table as an object of its columns. Whether it is an
    /// audit record is for the caller to say.
    Record {
        /// The object.
        text: &'a str,
        /// Where it starts.
        place: Place,
    },
    /// Something that is no JSON object.
    Rejected {
        /// Where it starts.
        place: Place,
        /// In words.
        reason: String,
        /// What there is of it, up to 64 KiB.
        raw: &'a [u8],
    },
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Line, from 1.
    pub line: u64,
    /// Name of the file within an archive.
    pub member: Option<Arc<str>>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        self.member.as_ref().map_or(Ok(()), |member| write!(f, " of {member}"))
    }
}

/// What a file came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Records handed on.
    pub records: u64,
    /// Rejections handed on.
    pub rejected: u64,
    /// What a person should know about the file as a whole.
    pub remarks: Vec<String>,
}

/// The way out of the readers: checks, counts, hands on.
pub struct Output<'a, E> {
    on_entry: &'a mut dyn FnMut(Entry<'_>) -> Result<(), E>,
    record_bytes_max: usize,
    member: Option<Arc<str>>,
    /// What came of the member (or of the file that has none) so far.
    entries: u64,
    summary: Summary,
}

impl<'a, E> Output<'a, E> {
    /// An output that hands on to `on_entry`.
    pub fn new(record_bytes_max: usize, on_entry: &'a mut dyn FnMut(Entry<'_>) -> Result<(), E>) -> Self {
        Self { on_entry, record_bytes_max, member: None, entries: 0, summary: Summary::default() }
    }

    /// Bytes that a record may have.
    pub fn record_bytes_max(&self) -> usize {
        self.record_bytes_max
    }

    /// What follows is of this file of an archive, until [`end_part`](Self::end_part).
    pub fn begin_member(&mut self, name: &str) {
        self.member = Some(name.into());
    }

    /// Hands on what should be a JSON object.
    ///
    /// # Errors
    /// Those of the caller.
    pub fn object(&mut self, line: u64, bytes: &[u8]) -> Result<(), E> {
        if bytes.len() > self.record_bytes_max {
            return self.reject(line, format!("the record is longer than {} bytes", self.record_bytes_max), bytes);
        }
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(_) => return self.reject(line, "the record is not valid UTF-8".to_owned(), bytes),
        };
        match serde_json::from_str::<IgnoredAny>(text) {
            Ok(IgnoredAny) => {
                self.summary.records += 1;
                self.entries += 1;
                let place = self.place(line);
                (self.on_entry)(Entry::Record { text, place })
            }
            Err(error) => {
                // Without its position: reasons are counted, and a file can be broken in thousands of positions.
                let error = error.to_string();
                let what = error.rsplit_once(" at line ").map_or(error.as_str(), |(what, _)| what);
                self.reject(line, format!("the record is not valid JSON: {what}"), bytes)
            }
        }
    }

    /// Hands on a rejection, with what there is of the rejected.
    ///
    /// # Errors
    /// Those of the caller.
    pub fn reject(&mut self, line: u64, reason: String, raw: &[u8]) -> Result<(), E> {
        self.summary.rejected += 1;
        self.entries += 1;
        let place = self.place(line);
        (self.on_entry)(Entry::Rejected { place, reason, raw: raw.get(..BROKEN_BYTES_MAX).unwrap_or(raw) })
    }

    fn place(&self, line: u64) -> Place {
        Place { line, member: self.member.clone() }
    }

    /// Ends the file, or the member of an archive. One that held nothing at all is a rejection.
    ///
    /// # Errors
    /// Those of the caller.
    pub fn end_part(&mut self) -> Result<(), E> {
        if self.entries == EXPORT_RECORDS_MAX {
            let part = self.member.as_ref().map_or("it".to_owned(), |member| format!("{member} in it"));
            self.summary.remarks.push(format!(
                "{part} has exactly {EXPORT_RECORDS_MAX} records, where the portal and Search-UnifiedAuditLog cut an export: \
                 there may be more. Export the same time again in narrower ranges and import those as well; what is \
                 known already is not counted twice"
            ));
        }
        if self.entries == 0 {
            self.reject(1, "it holds no records".to_owned(), b"")?;
        }
        self.entries = 0;
        self.member = None;
        Ok(())
    }

    /// What it all came to.
    pub fn into_summary(self) -> Summary {
        self.summary
    }
}

/// Why a file cannot be read to its end.
pub fn broken_off(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "the file breaks off: its compressed data is not complete".to_owned(),
        _ => format!("reading stopped: {error}"),
    }
}
