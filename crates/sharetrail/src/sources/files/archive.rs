//! The files within a zip archive, one after the other, each read as a stream. The archive's directory is read as a
//! stream as well, so that memory depends neither on the size nor on the number of the files in it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use deflate64::Deflate64Decoder;
use flate2::read::DeflateDecoder;
use rawzip::{CompressionMethod, RECOMMENDED_BUFFER_SIZE, ReaderAt, ZipArchive, ZipFileHeaderRecord};

use super::output::Output;
use super::unpacked::{Allowance, Unpacked};
use super::{OnBytes, read_stream};

/// How a zip archive begins.
pub const MAGIC: &[u8] = b"PK\x03\x04";
/// An archive of more files is refused: no export consists of so many.
const MEMBERS_MAX: u64 = 100_000;

/// Reads all files in the archive.
///
/// # Errors
/// Those of the output.
pub fn read<E>(file: File, on_bytes: OnBytes<'_>, chunk_bytes: usize, output: &mut Output<'_, E>) -> Result<(), E> {
    let allowance = Allowance::default();
    allowance.took(file.metadata().map_or(0, |file| file.len()));
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    let archive = match ZipArchive::from_seekable(Told { file, on_bytes }, &mut buffer) {
        Ok(archive) => archive,
        Err(error) => return output.reject(1, damaged(&error), b""),
    };
    let mut entries = archive.entries(&mut buffer);
    let mut members = 0;
    loop {
        let entry = match entries.next_entry() {
            Ok(Some(entry)) => entry,
            Ok(None) => break,
            Err(error) => {
                output.reject(1, damaged(&error), b"")?;
                break;
            }
        };
        let name = String::from_utf8_lossy(entry.file_path().as_ref()).into_owned();
        if name == "[Content_Types].xml" {
            return output.reject(1, "it is a workbook: save its sheet as CSV (UTF-8) first".to_owned(), b"");
        }
        if entry.is_dir() || is_hidden(&name) {
            continue;
        }
        members += 1;
        if members > MEMBERS_MAX {
            return output.reject(1, format!("the archive holds more than {MEMBERS_MAX} files"), b"");
        }
        output.begin_member(&name);
        read_member(&archive, &entry, &allowance, chunk_bytes, output)?;
        output.end_part()?;
    }
    if members == 0 {
        output.reject(1, "the archive holds no files".to_owned(), b"")?;
    }
    Ok(())
}

fn read_member<E, R: ReaderAt>(
    archive: &ZipArchive<R>,
    entry: &ZipFileHeaderRecord<'_>,
    allowance: &Allowance,
    chunk_bytes: usize,
    output: &mut Output<'_, E>,
) -> Result<(), E> {
    if entry.flags().is_encrypted() {
        return output.reject(1, "it is locked with a password: unpack it first".to_owned(), b"");
    }
    let member = match archive.get_entry(entry.wayfinder()) {
        Ok(member) => member,
        Err(error) => return output.reject(1, damaged(&error), b""),
    };
    let packed = member.reader();
    let unpacked: Box<dyn Read + '_> = match entry.compression_method() {
        CompressionMethod::STORE => Box::new(packed),
        CompressionMethod::DEFLATE => Box::new(DeflateDecoder::new(packed)),
        // What Windows makes of files of more than 2 GB.
        CompressionMethod::DEFLATE64 => Box::new(Deflate64Decoder::new(packed)),
        other => {
            let name = other.name().unwrap_or("an unknown one");
            return output.reject(
                1,
                format!("it is compressed by a method that is not read ({name}): unpack it first"),
                b"",
            );
        }
    };
    // The verifier tells at the end whether length and checksum are those that the archive states.
    let source = member.verifying_reader(unpacked);
    read_stream(Box::new(Unpacked { source, allowance }), allowance, chunk_bytes, output)
}

/// What systems put into archives for themselves.
fn is_hidden(name: &str) -> bool {
    name.starts_with("__MACOSX/") || name.rsplit('/').next().is_some_and(|last| last.starts_with('.'))
}

fn damaged(error: &rawzip::Error) -> String {
    format!("the zip archive is cut or damaged: {error}")
}

/// A file that tells how much of it was read.
struct Told<'a> {
    file: File,
    on_bytes: OnBytes<'a>,
}

impl Read for Told<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        (self.on_bytes)(read as u64);
        Ok(read)
    }
}

impl Seek for Told<'_> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.file.seek(position)
    }
}
