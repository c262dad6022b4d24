//! What reading a file hands on: records that are JSON objects in UTF-8, and rejections with their place and reason.

use std::io;

use serde::de::IgnoredAny;

/// One thing found in a file.
#[derive(Debug, PartialEq, Eq)]
pub enum Entry<'a> {
    /// A JSON object, byte for byte as it stood there. Whether it is an audit record is for the caller to say.
    Record {
        /// The object.
        text: &'a str,
        /// Line on which it starts, from 1.
        line: u64,
    },
    /// Something that is no JSON object.
    Rejected {
        /// Line on which it starts, from 1.
        line: u64,
        /// In words.
        reason: String,
    },
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
    summary: Summary,
}

impl<'a, E> Output<'a, E> {
    /// An output that hands on to `on_entry`.
    pub fn new(record_bytes_max: usize, on_entry: &'a mut dyn FnMut(Entry<'_>) -> Result<(), E>) -> Self {
        Self { on_entry, record_bytes_max, summary: Summary::default() }
    }

    /// Bytes that a record may have.
    pub fn record_bytes_max(&self) -> usize {
        self.record_bytes_max
    }

    /// Hands on what should be a JSON object.
    ///
    /// # Errors
    /// Those of the caller.
    pub fn object(&mut self, line: u64, bytes: &[u8]) -> Result<(), E> {
        if bytes.len() > self.record_bytes_max {
            return self.reject(line, format!("the record is longer than {} bytes", self.record_bytes_max));
        }
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(_) => return self.reject(line, "the record is not valid UTF-8".to_owned()),
        };
        match serde_json::from_str::<IgnoredAny>(text) {
            Ok(IgnoredAny) => {
                self.summary.records += 1;
                (self.on_entry)(Entry::Record { text, line })
            }
            Err(error) => self.reject(line, format!("the record is not valid JSON: {error} of it")),
        }
    }

    /// Hands on a rejection.
    ///
    /// # Errors
    /// Those of the caller.
    pub fn reject(&mut self, line: u64, reason: String) -> Result<(), E> {
        self.summary.rejected += 1;
        (self.on_entry)(Entry::Rejected { line, reason })
    }

    /// Notes something about the file as a whole.
    pub fn remark(&mut self, remark: String) {
        self.summary.remarks.push(remark);
    }

    /// Ends the file. One that held nothing at all is a rejection.
    ///
    /// # Errors
    /// Those of the caller.
    pub fn finish(mut self) -> Result<Summary, E> {
        if self.summary.records == 0 && self.summary.rejected == 0 {
            self.reject(1, "it holds no records".to_owned())?;
        }
        Ok(self.summary)
    }
}

/// Why a file cannot be read to its end.
pub fn broken_off(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "the file breaks off: its compressed data is not complete".to_owned(),
        _ => format!("reading stopped: {error}"),
    }
}
