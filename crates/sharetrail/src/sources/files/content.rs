//! What a file holds, told by its first bytes and never by its name; compression and encodings undone on the way.

use std::io::{self, Cursor, Read};

use flate2::read::MultiGzDecoder;

use super::archive;
use super::table::Layout;
use super::unpacked::{Allowance, Unpacked};

/// Enough to pass over leading blanks and to see a table's header.
const PREFIX_BYTES: usize = 8192;
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A readable file, as plain UTF-8.
pub enum Content<'a> {
    /// JSON in some layout.
    Json(Box<dyn Read + 'a>),
    /// A table.
    Table(Box<dyn Read + 'a>, Layout),
    /// Nothing but blanks.
    Empty,
    /// Not readable, in words.
    Refused(String),
}

/// Looks at the first bytes and prepares the rest. `allowance` is how much may come out of what is compressed.
pub fn recognise<'a>(raw: Box<dyn Read + 'a>, allowance: &'a Allowance) -> Content<'a> {
    let raw = Peeked::new(raw);
    if raw.prefix().starts_with(&[0x1F, 0x8B]) {
        let unpacked = Peeked::new(Box::new(Unpacked { source: MultiGzDecoder::new(raw), allowance }));
        return if unpacked.prefix().starts_with(&[0x1F, 0x8B]) {
            Content::Refused("it is compressed twice: unpack it once first".to_owned())
        } else {
            plain(unpacked)
        };
    }
    plain(raw)
}

fn plain<'a>(reader: Peeked<'a>) -> Content<'a> {
    let mut reader = match reader.prefix() {
        [0xFF, 0xFE, ..] => Peeked::new(Box::new(Utf16::new(reader, u16::from_le_bytes))),
        [0xFE, 0xFF, ..] => Peeked::new(Box::new(Utf16::new(reader, u16::from_be_bytes))),
        _ => reader,
    };
    reader.skip_byte_order_marks();
    if let Some(kind) = known_binary(reader.prefix()) {
        return Content::Refused(format!("it is {kind}: unpack or export it first"));
    }
    let first = reader.prefix().iter().find(|byte| !byte.is_ascii_whitespace()).copied();
    match first {
        // A read error is met again, and reported, by whoever reads on.
        None if reader.failed() => Content::Json(Box::new(reader)),
        None if reader.is_whole() => Content::Empty,
        None => Content::Refused("it starts with thousands of blanks, so it is no export".to_owned()),
        _ if reader.prefix().contains(&0) => {
            Content::Refused("it is binary, or UTF-16 without a byte order mark: export it as UTF-8".to_owned())
        }
        Some(b'{' | b'[') => Content::Json(Box::new(reader)),
        Some(_) => {
            let type_line_bytes = type_line_bytes(reader.prefix());
            reader.skip(type_line_bytes);
            reader.skip_byte_order_marks();
            let layout = Layout { delimiter: delimiter(reader.prefix()), lines_above: u64::from(type_line_bytes > 0) };
            Content::Table(Box::new(reader), layout)
        }
    }
}

fn known_binary(prefix: &[u8]) -> Option<&'static str> {
    let kinds: [(&[u8], &str); 8] = [
        (archive::MAGIC, "a zip archive or a workbook within another archive"),
        (b"PK\x05\x06", "an empty zip archive"),
        (b"\x28\xB5\x2F\xFD", "compressed with zstd"),
        (b"BZh", "compressed with bzip2"),
        (b"\xFD7zXZ\0", "compressed with xz"),
        (b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive"),
        (b"PAR1", "a Parquet file"),
        (b"SQLite format 3\0", "a SQLite database"),
    ];
    kinds.into_iter().find(|(magic, _)| prefix.starts_with(magic)).map(|(_, kind)| kind)
}

/// Windows PowerShell's `Export-Csv` writes `#TYPE …` above the header unless told not to.
fn type_line_bytes(prefix: &[u8]) -> usize {
    if !prefix.starts_with(b"#TYPE") {
        return 0;
    }
    prefix.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1)
}

/// The separator that the header uses: spreadsheet programs of some countries write semicolons.
fn delimiter(prefix: &[u8]) -> u8 {
    let header = prefix.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |delimiter: u8| header.iter().filter(|byte| **byte == delimiter).count();
    [b';', b'\t'].into_iter().fold(b',', |best, other| if count(other) > count(best) { other } else { best })
}

/// A reader whose first bytes have been looked at. A failure met while looking is kept for its place.
struct Peeked<'a> {
    prefix: Cursor<Vec<u8>>,
    failure: Option<io::Error>,
    rest: Box<dyn Read + 'a>,
}

impl<'a> Peeked<'a> {
    fn new(mut rest: Box<dyn Read + 'a>) -> Self {
        let mut prefix = Vec::new();
        let failure = (&mut rest).take(PREFIX_BYTES as u64).read_to_end(&mut prefix).err();
        Self { prefix: Cursor::new(prefix), failure, rest }
    }

    fn prefix(&self) -> &[u8] {
        let position = usize::try_from(self.prefix.position()).unwrap_or(usize::MAX);
        self.prefix.get_ref().get(position..).unwrap_or_default()
    }

    fn skip(&mut self, bytes: usize) {
        self.prefix.set_position(self.prefix.position() + bytes as u64);
    }

    /// However many there are: files that were joined or exported anew begin with several, and the reader of tables would
    /// pass over one more or not, by how the bytes arrive.
    fn skip_byte_order_marks(&mut self) {
        while self.prefix().starts_with(BYTE_ORDER_MARK) {
            self.skip(BYTE_ORDER_MARK.len());
        }
    }

    /// Whether nothing comes after what has been looked at.
    fn is_whole(&self) -> bool {
        self.prefix.get_ref().len() < PREFIX_BYTES
    }

    fn failed(&self) -> bool {
        self.failure.is_some()
    }
}

impl Read for Peeked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.prefix.read(buffer)? {
            0 if buffer.is_empty() => Ok(0),
            0 => match self.failure.take() {
                Some(failure) => Err(failure),
                None => self.rest.read(buffer),
            },
            read => Ok(read),
        }
    }
}

/// UTF-16 as UTF-8: what `>` and `Out-File` of Windows PowerShell write.
struct Utf16<R> {
    source: R,
    unit: fn([u8; 2]) -> u16,
    /// Bytes of a unit that is not complete.
    half: Option<u8>,
    /// The first half of a surrogate pair.
    high: Option<u16>,
    ready: Cursor<Vec<u8>>,
    /// What stands before a break is handed on first.
    failure: Option<io::Error>,
}

impl<R: Read> Utf16<R> {
    fn new(source: R, unit: fn([u8; 2]) -> u16) -> Self {
        Self { source, unit, half: None, high: None, ready: Cursor::default(), failure: None }
    }

    /// As far as it can be decoded.
    fn decode(&mut self, bytes: &[u8]) -> String {
        let mut text = String::with_capacity(bytes.len());
        for byte in bytes {
            let Some(first) = self.half.take() else {
                self.half = Some(*byte);
                continue;
            };
            let unit = (self.unit)([first, *byte]);
            let units = match self.high.take() {
                None if (0xD800..0xDC00).contains(&unit) => {
                    self.high = Some(unit);
                    continue;
                }
                None => vec![unit],
                Some(high) => vec![high, unit],
            };
            match String::from_utf16(&units) {
                Ok(decoded) => text.push_str(&decoded),
                Err(_) => {
                    self.failure = Some(broken_utf16());
                    break;
                }
            }
        }
        text
    }
}

fn broken_utf16() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "its UTF-16 is broken")
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.ready.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            if let Some(failure) = self.failure.take() {
                return Err(failure);
            }
            let mut chunk = [0; 8192];
            match self.source.read(&mut chunk)? {
                0 if self.half.is_some() || self.high.is_some() => return Err(broken_utf16()),
                0 => return Ok(0),
                read => {
                    let text = self.decode(chunk.get(..read).unwrap_or_default());
                    self.ready = Cursor::new(text.into_bytes());
                }
            }
        }
    }
}
