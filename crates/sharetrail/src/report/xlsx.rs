//! A spreadsheet for managers: one sheet a question, typed columns, a header that stays, filters.
//!
//! Texts are written as texts: nothing of a record becomes a formula or a link. Rows go to a temporary file as they
//! come, so memory does not grow with them.

use std::io::{self, Write};

use rust_xlsxwriter::{Color, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};
use trail::TimeMs;

use super::text::{cell_text, plain};
use super::{ReportError, Shown, Take};
use crate::rows::{Cell, Column, Kind, Row};

/// Rows of a sheet (Microsoft: Excel specifications and limits), less the header.
const SHEET_ROWS_MAX: u32 = 1_048_575;
/// UTF-16 units that a cell holds, likewise.
const CELL_UNITS_MAX: usize = 32_767;
/// Ends a text that had to be cut.
const CUT: &str = "…";

/// A workbook that is being written.
pub struct Spreadsheet {
    book: Workbook,
    formats: Formats,
}

/// Formats are the book's: each is written once.
struct Formats {
    header: Format,
    time: Format,
    title: Format,
    sentence: Format,
}

/// A sheet that is being written: one question.
pub struct Sheet<'a> {
    sheet: &'a mut Worksheet,
    formats: &'a Formats,
    /// Positions of cells in the row type, in the order of the sheet.
    order: Vec<usize>,
    rows: u32,
    rows_left_out: u64,
}

impl Default for Spreadsheet {
    fn default() -> Self {
        let header = Format::new().set_bold().set_font_color(Color::White).set_background_color(Color::RGB(0x1F_3A_4D));
        Self {
            book: Workbook::new(),
            formats: Formats {
                header: header.set_align(FormatAlign::VerticalCenter),
                time: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss").set_align(FormatAlign::Left),
                title: Format::new().set_bold().set_font_size(16),
                sentence: Format::new().set_text_wrap().set_align(FormatAlign::Top),
            },
        }
    }
}

impl Spreadsheet {
    /// A first sheet for people: a title and sentences.
    ///
    /// # Errors
    /// The temporary file cannot be written.
    pub fn page(&mut self, name: &str, title: &str, sentences: &[String]) -> Result<(), ReportError> {
        let sheet = self.book.add_worksheet_with_constant_memory().map_err(output)?;
        sheet.set_name(name).map_err(output)?;
        sheet.set_column_width(0, 100).map_err(output)?;
        sheet.write_string_with_format(0, 0, text(&plain(title)), &self.formats.title).map_err(output)?;
        for (row, sentence) in (2..).zip(sentences) {
            sheet.write_string_with_format(row, 0, text(&plain(sentence)), &self.formats.sentence).map_err(output)?;
        }
        Ok(())
    }

    /// A sheet for rows with these columns; those that answer come first.
    ///
    /// # Errors
    /// The temporary file cannot be written.
    pub fn sheet(&mut self, name: &str, columns: &[Column], first: &[Shown]) -> Result<Sheet<'_>, ReportError> {
        let order = order(columns, first);
        let sheet = self.book.add_worksheet_with_constant_memory().map_err(output)?;
        sheet.set_name(name).map_err(output)?;
        sheet.set_freeze_panes(1, 0).map_err(output)?;
        sheet.set_landscape().set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0).map_err(output)?;
        sheet.set_row_height(0, 20).map_err(output)?;
        for (place, column) in (0..).zip(order.iter().filter_map(|position| columns.get(*position))) {
            sheet.set_column_width(place, width(column)).map_err(output)?;
            sheet.write_string_with_format(0, place, column.name, &self.formats.header).map_err(output)?;
        }
        Ok(Sheet { sheet, formats: &self.formats, order, rows: 0, rows_left_out: 0 })
    }

    /// Writes the workbook.
    ///
    /// # Errors
    /// Those of the output.
    pub fn save(mut self, mut out: impl Write + Send) -> Result<(), ReportError> {
        self.book.save_to_writer(&mut out).map_err(output)?;
        Ok(out.flush()?)
    }
}

impl Take for Sheet<'_> {
    fn take<R: Row>(&mut self, row: &R) -> Result<(), ReportError> {
        if self.rows == SHEET_ROWS_MAX {
            self.rows_left_out += 1;
            return Ok(());
        }
        self.rows += 1;
        let cells = row.cells();
        for (place, cell) in (0..).zip(self.order.iter().filter_map(|position| cells.get(*position))) {
            match *cell {
                Cell::Empty => continue,
                Cell::Integer(number) => self.sheet.write_number(self.rows, place, number as f64),
                Cell::Boolean(truth) => self.sheet.write_boolean(self.rows, place, truth),
                Cell::Time(time) => match moment(time) {
                    Some(moment) => self.sheet.write_datetime_with_format(self.rows, place, moment, &self.formats.time),
                    None => self.sheet.write_string(self.rows, place, time.to_string()),
                },
                Cell::Text(_) | Cell::List(_) => self.sheet.write_string(self.rows, place, text(&cell_text(*cell))),
            }
            .map_err(output)?;
        }
        Ok(())
    }
}

impl Sheet<'_> {
    /// Ends the sheet; an empty one says why it is empty. Returns how many rows had no place on it.
    ///
    /// # Errors
    /// The temporary file cannot be written.
    pub fn end(self, empty: &str) -> Result<u64, ReportError> {
        if self.rows == 0 {
            self.sheet.write_string(1, 0, empty).map_err(output)?;
        } else {
            let last = u16::try_from(self.order.len().saturating_sub(1)).unwrap_or(u16::MAX);
            self.sheet.autofilter(0, 0, self.rows, last).map_err(output)?;
        }
        Ok(self.rows_left_out)
    }
}

/// Where each cell of the sheet stands in the row: first the columns that answer, then the rest.
fn order(columns: &[Column], first: &[Shown]) -> Vec<usize> {
    let position = |shown: &Shown| columns.iter().position(|column| column.key == shown.key);
    let mut order: Vec<usize> = first.iter().filter_map(position).collect();
    for (index, column) in columns.iter().enumerate() {
        if column.reported && !order.contains(&index) {
            order.push(index);
        }
    }
    order
}

fn width(column: &Column) -> f64 {
    let by_kind: f64 = match column.kind {
        Kind::Time => 19.0,
        Kind::Integer | Kind::Boolean => 10.0,
        Kind::List => 24.0,
        Kind::Text if column.key.ends_with("url") || column.key == "reason" => 48.0,
        Kind::Text if column.key.ends_with("name") || column.key == "person" || column.key == "recipient" => 32.0,
        Kind::Text => 18.0,
    };
    // The heading, and the button of its filter.
    by_kind.max(column.name.len() as f64 + 4.0)
}

/// A text that a cell takes, with nothing in it that steers: a longer one is cut, and seen to be.
fn text(whole: &str) -> String {
    let whole = plain(whole);
    if whole.encode_utf16().count() <= CELL_UNITS_MAX {
        return whole.into_owned();
    }
    let mut units = CUT.len();
    let kept = whole.chars().take_while(|character| {
        units += character.len_utf16();
        units <= CELL_UNITS_MAX
    });
    kept.chain(CUT.chars()).collect()
}

/// An instant as spreadsheets count them; they know none before 1900.
fn moment(time: TimeMs) -> Option<ExcelDateTime> {
    /// 1970-01-01 in days since spreadsheets begin.
    const EPOCH_DAYS: f64 = 25_569.0;
    ExcelDateTime::from_serial_datetime(time.millis() as f64 / 86_400_000.0 + EPOCH_DAYS).ok()
}

fn output(cause: XlsxError) -> ReportError {
    match cause {
        XlsxError::IoError(cause) => ReportError::Output(cause),
        cause => ReportError::Output(io::Error::other(cause)),
    }
}
