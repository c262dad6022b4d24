//! Exported tables (Purview portal, `Search-UnifiedAuditLog`): the column `AuditData` holds the record as JSON.
//!
//! The other columns say less than the record and are not read. Columns are found by name, whatever their case and order.

use std::io::{self, Read};

use super::output::{Output, broken_off};

/// What a row may have beside its record.
const OTHER_COLUMNS_BYTES_MAX: usize = 1024 * 1024;
/// Where the classic portal's export ends (Microsoft: Export, configure, and view audit log records).
const PORTAL_ROWS_MAX: u64 = 50_000;

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
    let column = match table.byte_headers() {
        Ok(header) => header.iter().position(|name| name.trim_ascii().eq_ignore_ascii_case(b"AuditData")),
        Err(error) => return output.reject(1, reason(&error)),
    };
    let Some(column) = column else {
        return output.reject(1, "this is neither JSON nor a table with a column AuditData".to_owned());
    };
    let mut row = csv::ByteRecord::new();
    let mut rows: u64 = 0;
    loop {
        table.get_mut().left = row_bytes_max;
        match table.read_byte_record(&mut row) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => return output.reject(layout.line(table.position()), reason(&error)),
        }
        rows += 1;
        let line = row.position().map_or(0, |position| layout.line(position));
        match row.get(column).map(<[u8]>::trim_ascii) {
            // A blank line.
            _ if row.iter().all(|cell| cell.trim_ascii().is_empty()) && row.len() < 2 => rows -= 1,
            None => output.reject(line, "the row is cut before its AuditData".to_owned())?,
            Some([]) => output.reject(line, "AuditData is empty".to_owned())?,
            Some(cell) if !cell.starts_with(b"{") => {
                output.reject(line, "AuditData holds no JSON object".to_owned())?;
            }
            Some(cell) if !cell.ends_with(b"}") => output.reject(
                line,
                "AuditData is cut off (spreadsheet programs cut cells at 32,767 characters)".to_owned(),
            )?,
            Some(cell) => output.object(line, cell)?,
        }
    }
    if rows == PORTAL_ROWS_MAX {
        output.remark(format!(
            "it has exactly {PORTAL_ROWS_MAX} rows, where the portal cuts an export: there may be more"
        ));
    }
    Ok(())
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
