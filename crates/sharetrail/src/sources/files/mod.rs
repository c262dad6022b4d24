//! Exported audit files: JSON in any layout or a table, plain or gzip, read as a stream in bounded memory.
//!
//! * `content.rs`: what a file is, by its content; compression and encodings undone.
//! * [`splitter`]: JSON objects out of a stream; `table.rs`: records out of a table.
//! * `output.rs`: what is handed on.
//!
//! Reading blocks: call it on a thread that may wait.

mod content;
mod output;
pub mod splitter;
mod table;

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

pub use self::output::{Entry, Summary};

use self::content::{Content, recognise};
use self::output::{Output, broken_off};
use self::splitter::{Piece, Splitter};

/// A longer record is rejected.
pub const RECORD_BYTES_MAX: usize = 16 * 1024 * 1024;
const CHUNK_BYTES: usize = 64 * 1024;

/// A file to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Standard input, written `-`.
    Stdin,
    /// A file.
    File(PathBuf),
}

impl Input {
    /// As typed: `-` is standard input.
    pub fn typed(path: PathBuf) -> Self {
        if path.as_os_str() == "-" { Self::Stdin } else { Self::File(path) }
    }

    /// Size of the file in bytes, where it has one.
    pub fn bytes(&self) -> Option<u64> {
        match self {
            Self::Stdin => None,
            Self::File(path) => std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).map(|file| file.len()),
        }
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => f.write_str("-"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// A file that cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("{input} cannot be read: {source}")]
pub struct FileError {
    /// Which one.
    pub input: Input,
    /// The system's reason.
    pub source: io::Error,
}

/// Whether a file can be opened, so that a mistyped name is told before anything is begun.
///
/// # Errors
/// The file cannot be opened, or is a folder.
pub fn check(input: &Input) -> Result<(), FileError> {
    open(input).map(drop)
}

/// Reads a file from end to end. `on_bytes` is told how many bytes of the file (as it lies on disk) were read since it
/// was last told; `on_entry` gets what is in it, in order, and can stop the reading with an error of its own.
///
/// A file that breaks off (half a gzip, a cut list) gives what came before the break, and then one rejection.
///
/// # Errors
/// The file cannot be opened, or `on_entry` failed.
pub fn read<E: From<FileError>>(
    input: &Input,
    on_bytes: &mut dyn FnMut(u64),
    on_entry: &mut dyn FnMut(Entry<'_>) -> Result<(), E>,
) -> Result<Summary, E> {
    let source = open(input)?;
    let mut output = Output::new(RECORD_BYTES_MAX, on_entry);
    read_from(Box::new(Counted { source, on_bytes }), CHUNK_BYTES, &mut output)?;
    output.finish()
}

fn open(input: &Input) -> Result<Box<dyn Read>, FileError> {
    let failed = |source| FileError { input: input.clone(), source };
    match input {
        Input::Stdin => Ok(Box::new(io::stdin().lock())),
        Input::File(path) => {
            let file = File::open(path).map_err(failed)?;
            if file.metadata().map_err(failed)?.is_dir() {
                return Err(failed(io::Error::other("it is a folder; name the files in it")));
            }
            Ok(Box::new(file))
        }
    }
}

fn read_from<E>(source: Box<dyn Read + '_>, chunk_bytes: usize, output: &mut Output<'_, E>) -> Result<(), E> {
    match recognise(source) {
        Content::Json(source) => read_json(source, chunk_bytes, output),
        Content::Table(source, layout) => table::read(source, &layout, chunk_bytes, output),
        Content::Empty => output.reject(1, "it is empty".to_owned()),
        Content::Refused(reason) => output.reject(1, reason),
    }
}

fn read_json<E>(mut source: impl Read, chunk_bytes: usize, output: &mut Output<'_, E>) -> Result<(), E> {
    let mut splitter = Splitter::new(output.record_bytes_max());
    let mut on_piece = |piece: Piece<'_>| match piece {
        Piece::Object { text, line } => output.object(line, text),
        Piece::Broken { line, reason } => output.reject(line, reason.to_owned()),
    };
    let mut chunk = vec![0; chunk_bytes];
    loop {
        match source.read(&mut chunk) {
            Ok(0) => return splitter.finish(&mut on_piece),
            Ok(read) => splitter.push(chunk.get(..read).unwrap_or_default(), &mut on_piece)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // The record that was being read is gone with it: one rejection for both.
            Err(error) => return output.reject(splitter.line(), broken_off(&error)),
        }
    }
}

/// Tells how far reading has come.
struct Counted<'a> {
    source: Box<dyn Read + 'a>,
    on_bytes: &'a mut dyn FnMut(u64),
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        (self.on_bytes)(read as u64);
        Ok(read)
    }
}

#[cfg(test)]
mod tests;
