//! A report as CSV (RFC 4180), with the names of section "columns" as header.

use std::borrow::Cow;
use std::io::{self, Write};

use super::text::cell_text;
use crate::rows::{Cell, Column, Row};

/// The header line.
pub(super) fn header(out: &mut impl Write, columns: &[Column]) -> io::Result<()> {
    line(out, columns.iter().filter(|column| column.reported).map(|column| Cow::Borrowed(column.name)))
}

/// One line.
pub(super) fn row<R: Row>(out: &mut impl Write, row: &R) -> io::Result<()> {
    let cells = R::COLUMNS.iter().zip(row.cells()).filter(|(column, _)| column.reported);
    line(out, cells.map(|(_, cell)| defused(cell)))
}

/// A spreadsheet takes a text that begins so for a formula, and file names come from strangers; a leading
/// apostrophe makes it text (OWASP: CSV injection).
fn defused(cell: Cell<'_>) -> Cow<'_, str> {
    let text = cell_text(cell);
    match cell {
        Cell::Text(_) | Cell::List(_) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => {
            format!("'{text}").into()
        }
        _ => text,
    }
}

fn line<'a>(out: &mut impl Write, fields: impl Iterator<Item = Cow<'a, str>>) -> io::Result<()> {
    // The writer flushes whatever it writes to; the output itself is flushed once, at the end of the report.
    let mut bytes = Vec::with_capacity(1024);
    let mut writer = csv::Writer::from_writer(&mut bytes);
    for field in fields {
        writer.write_field(field.as_bytes()).map_err(io::Error::other)?;
    }
    writer.write_record(None::<&[u8]>).map_err(io::Error::other)?;
    writer.flush()?;
    drop(writer);
    out.write_all(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Accept;

    #[test]
    fn a_formula_is_defused_and_a_quote_is_doubled() {
        let accept = Accept {
            source_file_name: Some("=cmd|'/c calc'!A1".into()),
            object_id: Some("say \"hi\", é".into()),
            ..Accept::default()
        };
        let mut out = Vec::new();
        row(&mut out, &accept).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), ",,,,,,,,,'=cmd|'/c calc'!A1,,,\"say \"\"hi\"\", é\",,\n");
    }
}
