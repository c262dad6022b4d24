//! Reports: rows out of the store, in a form that people or programs read.

mod columns;
mod csv;
mod hint;
mod json;
mod layout;
mod notes;
mod page;
mod parquet;
mod question;
mod subject;
mod table;
mod text;
mod xlsx;

use std::io::{self, Write};

use crate::cli::ReportFormat as Format;
use crate::rows::{Column, Row};
use crate::store::StoreError;
use crate::terminal::Terminal;

pub use hint::hints;
pub use notes::{general_notes, notes};
pub use page::{charts, write_page};
pub use question::{Scope, Take, WHOLE_ANSWER};
pub use subject::{Event, Part, Subject, Trail, TrailError};
pub use table::Shown;
pub use text::{counted, plain};
pub use xlsx::Spreadsheet;

/// A report that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The output could not be written.
    #[error("cannot write the report: {0}")]
    Output(#[from] io::Error),
}

/// The answer to one question in a form that is written row by row. Only a table keeps rows, and only so many of them;
/// Parquet keeps a group of them.
pub struct Report<'a, W: Write + Send> {
    body: Body<'a, W>,
    rows: u64,
}

enum Body<'a, W: Write + Send> {
    Table(Box<table::Table<'a>>, W),
    Json(W),
    Csv(W),
    Parquet(Box<parquet::File<W>>),
}

impl<'a, W: Write + Send> Report<'a, W> {
    /// Begins a report of rows with `columns`. `shown` are those that a table shows, of the many there are.
    ///
    /// # Errors
    /// Those of the output.
    pub fn begin(mut out: W, format: Rowwise, columns: &[Column], shown: &'a [Shown]) -> io::Result<Self> {
        let body = match format {
            Rowwise::Table => Body::Table(Box::new(table::Table::new(shown, columns)), out),
            Rowwise::Json => {
                out.write_all(b"[")?;
                Body::Json(out)
            }
            Rowwise::Csv => {
                csv::header(&mut out, columns)?;
                Body::Csv(out)
            }
            Rowwise::Parquet => Body::Parquet(Box::new(parquet::File::begin(out, columns)?)),
        };
        Ok(Self { body, rows: 0 })
    }

    /// Fits a table to `terminal`; other forms are the same everywhere.
    pub fn on(mut self, terminal: Terminal) -> Self {
        if let Body::Table(table, _) = &mut self.body {
            table.on(terminal);
        }
        self
    }

    /// Rows that it took.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Ends the report. A table gets `notes` below it; in other forms they are the caller's to print elsewhere.
    ///
    /// # Errors
    /// Those of the output.
    pub fn end(self, empty: &str, notes: &[String]) -> io::Result<u64> {
        match self.body {
            Body::Table(table, mut out) => {
                table.end(&mut out, empty, notes)?;
                out.flush()?;
            }
            Body::Json(mut out) => {
                out.write_all(if self.rows == 0 { b"]\n" } else { b"\n]\n" })?;
                out.flush()?;
            }
            Body::Csv(mut out) => out.flush()?,
            Body::Parquet(file) => file.end()?,
        }
        Ok(self.rows)
    }
}

impl<W: Write + Send> Take for Report<'_, W> {
    fn take<R: Row>(&mut self, row: &R) -> Result<(), ReportError> {
        match &mut self.body {
            Body::Table(table, _) => table.row(row),
            Body::Json(out) => json::row(out, row, self.rows == 0)?,
            Body::Csv(out) => csv::row(out, row)?,
            Body::Parquet(file) => file.row(row)?,
        }
        self.rows += 1;
        Ok(())
    }
}

/// The forms that hold the answer to one question, row by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rowwise {
    /// For people at a terminal.
    Table,
    /// A list of objects.
    Json,
    /// For spreadsheets.
    Csv,
    /// For data tools.
    Parquet,
}

impl Rowwise {
    /// The form, unless it is one that holds the whole answer.
    pub fn of(format: Format) -> Option<Self> {
        match format {
            Format::Table => Some(Self::Table),
            Format::Json => Some(Self::Json),
            Format::Csv => Some(Self::Csv),
            Format::Parquet => Some(Self::Parquet),
            Format::Xlsx | Format::Html => None,
        }
    }
}
