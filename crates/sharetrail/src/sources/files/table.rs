//! Exported tables. Columns are found by name, whatever their order.
//!
//! * A column `AuditData` in any case (Purview portal, `Search-UnifiedAuditLog`, Graph as a table) holds the record as
//!   JSON: the cell is the record. The other columns only repeat parts of it, with times in local forms, and are not read.
//!   So does `_raw`, which search engines add, where nothing better is there.
//! * Of other tables (`OfficeActivity`, `CloudAppEvents`, records flattened into columns) the row is the record: an object
//!   with the columns that are not empty, names and texts as they stand there.

use std::borrow::Cow;
use std::io::{self, Read};

use serde_json::{Map, Value};
use trail::parse::recognise;

use super::output::{Output, broken_off};

/// What a row may have beside its record.
const OTHER_COLUMNS_BYTES_MAX: usize = 1024 * 1024;
/// Columns that hold the record as JSON, among others that say more.
const INNER_COLUMNS: [&str; 2] = ["RawEventData", "rawDataJson"];
/// Objects that were flattened into columns: `auditData.Operation` is `Operation` within `auditData`.
const FLATTENED: [&str; 3] = ["auditData.", "RawEventData.", "properties."];

/// How a table is written.
pub struct Layout {
    /// What separates its columns.
    pub delimiter: u8,
    /// Lines above its header.
    pub lines_above: u64,
}

impl Layout {
    fn line(&self, position: &csv::Position) -> u64 {
        position.line() + self.lines_above
    }
}

/// What makes a record of a row.
#[derive(Debug, PartialEq, Eq)]
enum Form {
    /// The cell of this column, whose name is for people.
    Cell(usize, &'static str),
    /// All cells; one of them perhaps holds the record itself.
    Row { columns: Vec<String>, inner: Option<(usize, &'static str)> },
}

impl Form {
    /// What a header says, or why no record can be made of its rows.
    fn of(header: &csv::ByteRecord) -> Result<Self, String> {
        let columns: Vec<String> =
            header.iter().map(|name| String::from_utf8_lossy(name.trim_ascii()).into_owned()).collect();
        let position = |name: &str| columns.iter().position(|column| column.eq_ignore_ascii_case(name));
        if let Some(column) = position("AuditData") {
            return Ok(Self::Cell(column, "AuditData"));
        }
        let inner = INNER_COLUMNS.iter().find_map(|name| {
            let column = columns.iter().position(|column| column == name)?;
            Some((column, *name))
        });
        let names: Vec<(&str, &str)> = columns.iter().map(|name| (name.as_str(), "x")).collect();
        if recognise(&object(&names)).is_none() {
            if let Some(column) = position("_raw") {
                return Ok(Self::Cell(column, "_raw"));
            }
            return Err(
                "this is neither JSON nor a table of audit records: it has no column AuditData, RawEventData, \
                 auditLogRecordType, OfficeWorkload or Operation"
                    .to_owned(),
            );
        }
        if columns.iter().any(|name| name.starts_with("TimeGenerated [") && name != "TimeGenerated [UTC]") {
            return Err(
                "its times are in the local time of whoever exported it: set the time zone of the query page to UTC \
                 and export again"
                    .to_owned(),
            );
        }
        Ok(Self::Row { columns, inner })
    }

    /// The record of a row as JSON, or why there is none.
    fn record<'r>(&self, row: &'r csv::ByteRecord) -> Result<Cow<'r, [u8]>, String> {
        match self {
            Self::Cell(column, name) => whole(row.get(*column), name).map(Cow::Borrowed),
            Self::Row { columns, inner } => {
                if let Some((column, name)) = inner {
                    whole(row.get(*column), name)?;
                }
                let cells: Vec<(&str, &str)> = columns
                    .iter()
                    .zip(cells(row))
                    .filter(|(_, cell)| !cell.is_empty())
                    .map(|(name, cell)| Ok((name.as_str(), std::str::from_utf8(cell)?)))
                    .collect::<Result<_, std::str::Utf8Error>>()
                    .map_err(|_| "the record is not valid UTF-8".to_owned())?;
                Ok(Cow::Owned(object(&cells).into_bytes()))
            }
        }
    }
}

/// The cells of a row, without the carriage return that ends its line.
fn cells(row: &csv::ByteRecord) -> impl Iterator<Item = &[u8]> {
    let last = row.len().saturating_sub(1);
    row.iter().enumerate().map(move |(index, cell)| match cell.strip_suffix(b"\r") {
        Some(bare) if index == last => bare,
        _ => cell,
    })
}

/// A cell that should hold a whole JSON object.
fn whole<'r>(cell: Option<&'r [u8]>, name: &str) -> Result<&'r [u8], String> {
    match cell.map(<[u8]>::trim_ascii) {
        None => Err(format!("the row is cut before its {name}")),
        Some([]) => Err(format!("{name} is empty")),
        Some(cell) if !cell.starts_with(b"{") => Err(format!("{name} holds no JSON object")),
        Some(cell) if !cell.ends_with(b"}") => {
            Err(format!("{name} is cut off (spreadsheet programs cut cells at 32,767 characters)"))
        }
        Some(cell) => Ok(cell),
    }
}

/// An object with these texts; columns of flattened objects become objects again. Of equal names the first counts.
fn object(cells: &[(&str, &str)]) -> String {
    let mut object = Map::new();
    for (name, text) in cells {
        if FLATTENED.iter().any(|prefix| name.starts_with(prefix)) {
            insert(&mut object, &name.split('.').collect::<Vec<_>>(), text);
        } else {
            insert(&mut object, &[name], text);
        }
    }
    Value::Object(object).to_string()
}

fn insert(object: &mut Map<String, Value>, path: &[&str], text: &str) {
    match path {
        [] => {}
        [name] => {
            object.entry(*name).or_insert_with(|| text.into());
        }
        [name, rest @ ..] => {
            if let Value::Object(inside) = object.entry(*name).or_insert_with(|| Value::Object(Map::new())) {
                insert(inside, rest, text);
            }
        }
    }
}

/// Reads all rows.
///
/// # Errors
/// Those of the output.
pub fn read<E>(source: impl Read, layout: &Layout, chunk_bytes: usize, output: &mut Output<'_, E>) -> Result<(), E> {
    let row_bytes_max = output.record_bytes_max() + OTHER_COLUMNS_BYTES_MAX;
    let mut table = csv::ReaderBuilder::new()
        .delimiter(layout.delimiter)
        // Not CRLF: the reader would count each line from before its line feed. The \r is trimmed with the blanks.
        .terminator(csv::Terminator::Any(b'\n'))
        .flexible(true)
        .has_headers(true)
        .buffer_capacity(chunk_bytes)
        .from_reader(Bounded { source, left: row_bytes_max, bytes_max: row_bytes_max });
    let form = match table.byte_headers() {
        Ok(header) => Form::of(header).map_err(|reason| (reason, written(header, layout.delimiter))),
        Err(error) => Err((reason(&error), Vec::new())),
    };
    let form = match form {
        Ok(form) => form,
        Err((reason, header)) => return output.reject(1, reason, &header),
    };
    let mut row = csv::ByteRecord::new();
    loop {
        table.get_mut().left = row_bytes_max;
        match table.read_byte_record(&mut row) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(error) => return output.reject(layout.line(table.position()), reason(&error), b""),
        }
        if row.len() < 2 && row.iter().all(|cell| cell.trim_ascii().is_empty()) {
            // A blank line.
            continue;
        }
        let line = row.position().map_or(0, |position| layout.line(position));
        match form.record(&row) {
            Ok(record) => output.object(line, &record)?,
            Err(reason) => output.reject(line, reason, &written(&row, layout.delimiter))?,
        }
    }
}

/// A row as it stood in the table, but for quotation marks that it had without need.
fn written(row: &csv::ByteRecord, delimiter: u8) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(Vec::new());
    // Writing into memory cannot fail.
    let _ = writer.write_record(cells(row));
    writer.into_inner().map(|line| line.trim_ascii_end().to_vec()).unwrap_or_default()
}

fn reason(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Io(error) => broken_off(error),
        _ => "the table cannot be read".to_owned(),
    }
}

/// Ends a row that does not end: without it one missing quotation mark would put the whole file in memory.
struct Bounded<R> {
    source: R,
    left: usize,
    bytes_max: usize,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && !buffer.is_empty() {
            return Err(io::Error::other(format!(
                "a row is longer than {} bytes; a quotation mark is probably not closed",
                self.bytes_max
            )));
        }
        let length = buffer.len().min(self.left);
        let read = self.source.read(buffer.get_mut(..length).unwrap_or_default())?;
        self.left -= read;
        Ok(read)
    }
}
