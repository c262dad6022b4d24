//! Exported audit files: JSON in any layout or a table, plain, gzip or zip, read as a stream in bounded memory.
//!
//! * `walk.rs`: which files there are.
//! * `content.rs`: what a file is, by its content; compression and encodings undone. `archive.rs`: the files within a zip
//!   archive; `unpacked.rs`: how much may come out of what is compressed.
//! * [`splitter`]: JSON objects out of a stream; `table.rs`: records out of a table.
//! * `output.rs`: what is handed on.
//!
//! Reading blocks: call it on a thread that may wait.

mod archive;
mod content;
#[cfg(fuzzing)]
pub mod fuzzed;
mod output;
pub mod splitter;
mod table;
mod unpacked;
mod walk;

use std::fmt;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek};
use std::path::PathBuf;

pub use self::output::{Entry, Place, Summary};
pub use self::walk::inputs;

use self::content::{Content, recognise};
use self::output::{Output, broken_off};
use self::splitter::{Piece, Splitter};
use self::unpacked::Allowance;

/// A longer record is rejected.
pub const RECORD_BYTES_MAX: usize = 16 * 1024 * 1024;
const CHUNK_BYTES: usize = 64 * 1024;
/// An archive that comes through a pipe takes this much room on disk at most.
const SPOOLED_BYTES_MAX: u64 = 16 * 1024 * 1024 * 1024;

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

/// Is told how many bytes were read since it was last told.
type OnBytes<'a> = &'a mut dyn FnMut(u64);

/// Whether a file can be opened, so that a mistyped name is told before anything is begun.
fn check(input: &Input) -> Result<(), FileError> {
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
    on_bytes: OnBytes<'_>,
    on_entry: &mut dyn FnMut(Entry<'_>) -> Result<(), E>,
) -> Result<Summary, E> {
    let failed = |source| FileError { input: input.clone(), source };
    let mut output = Output::new(RECORD_BYTES_MAX, on_entry);
    match open(input)? {
        Source::Archive(file) => archive::read(file, on_bytes, CHUNK_BYTES, &mut output)?,
        Source::Stream(source) => read_source(source, on_bytes, CHUNK_BYTES, &mut output).map_err(failed)??,
    }
    Ok(output.into_summary())
}

/// Reads whatever comes from `source`. Outside the failure to put an archive on disk, inside those of the output.
fn read_source<E>(
    source: Box<dyn Read + '_>,
    on_bytes: OnBytes<'_>,
    chunk_bytes: usize,
    output: &mut Output<'_, E>,
) -> io::Result<Result<(), E>> {
    let allowance = Allowance::default();
    let counted = Box::new(Counted { source, on_bytes, allowance: &allowance });
    Ok(match unseekable_archive(counted)? {
        Spooled::Archive(file) => archive::read(file, &mut |_| {}, chunk_bytes, output),
        Spooled::No(stream) => read_stream(stream, &allowance, chunk_bytes, output).and_then(|()| output.end_part()),
    })
}

/// A file as it is to be read.
enum Source {
    /// A zip archive, whose directory stands at its end.
    Archive(File),
    /// Anything else: from its beginning to its end.
    Stream(Box<dyn Read>),
}

fn open(input: &Input) -> Result<Source, FileError> {
    let failed = |source| FileError { input: input.clone(), source };
    match input {
        Input::Stdin => Ok(Source::Stream(Box::new(io::stdin().lock()))),
        Input::File(path) => {
            let mut file = File::open(path).map_err(failed)?;
            // A pipe has a name as well, and cannot be read twice.
            let is_archive = file.metadata().map_err(failed)?.is_file() && {
                let mut first = Vec::new();
                (&mut file).take(archive::MAGIC.len() as u64).read_to_end(&mut first).map_err(failed)?;
                file.rewind().map_err(failed)?;
                first == archive::MAGIC
            };
            Ok(if is_archive { Source::Archive(file) } else { Source::Stream(Box::new(file)) })
        }
    }
}

/// A stream whose beginning has been looked at.
enum Spooled<'a> {
    /// It was a zip archive, and is a file now.
    Archive(File),
    No(Box<dyn Read + 'a>),
}

/// An archive that comes through a pipe is put on disk first, because it has to be read from its end.
fn unseekable_archive<'a>(mut stream: Box<dyn Read + 'a>) -> io::Result<Spooled<'a>> {
    let mut first = Vec::new();
    // A failure is met again by whoever reads on.
    let failure = (&mut stream).take(archive::MAGIC.len() as u64).read_to_end(&mut first).err();
    let is_archive = first == archive::MAGIC;
    let stream = Cursor::new(first).chain(Failed(failure)).chain(stream);
    if !is_archive {
        return Ok(Spooled::No(Box::new(stream)));
    }
    let mut file = tempfile::tempfile()?;
    let bytes = io::copy(&mut stream.take(SPOOLED_BYTES_MAX), &mut file)?;
    if bytes == SPOOLED_BYTES_MAX {
        return Err(io::Error::other("the archive is too large to come through a pipe; name its file"));
    }
    Ok(Spooled::Archive(file))
}

fn read_stream<E>(
    source: Box<dyn Read + '_>,
    allowance: &Allowance,
    chunk_bytes: usize,
    output: &mut Output<'_, E>,
) -> Result<(), E> {
    match recognise(source, allowance) {
        Content::Json(source) => read_json(source, chunk_bytes, output),
        Content::Table(source, layout) => table::read(source, &layout, chunk_bytes, output),
        Content::Empty => output.reject(1, "it is empty".to_owned(), b""),
        Content::Refused(reason) => output.reject(1, reason, b""),
    }
}

fn read_json<E>(mut source: impl Read, chunk_bytes: usize, output: &mut Output<'_, E>) -> Result<(), E> {
    let mut splitter = Splitter::new(output.record_bytes_max());
    let mut on_piece = |piece: Piece<'_>| match piece {
        Piece::Object { text, line } => output.object(line, text),
        Piece::Broken { line, reason, text } => output.reject(line, reason.to_owned(), text),
    };
    let mut chunk = vec![0; chunk_bytes];
    loop {
        match source.read(&mut chunk) {
            Ok(0) => return splitter.finish(&mut on_piece),
            Ok(read) => splitter.push(chunk.get(..read).unwrap_or_default(), &mut on_piece)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // The record that was being read is gone with it: one rejection for both.
            Err(error) => return output.reject(splitter.line(), broken_off(&error), splitter.begun()),
        }
    }
}

/// Tells how far reading has come.
struct Counted<'a> {
    source: Box<dyn Read + 'a>,
    on_bytes: OnBytes<'a>,
    allowance: &'a Allowance,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        (self.on_bytes)(read as u64);
        self.allowance.took(read as u64);
        Ok(read)
    }
}

/// A failure in its place in a stream, once.
struct Failed(Option<io::Error>);

impl Read for Failed {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

#[cfg(test)]
mod tests;
