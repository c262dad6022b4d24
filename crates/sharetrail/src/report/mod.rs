//! Reports: rows out of the store, in a form that people or programs read.

mod csv;
mod json;
mod table;
mod text;

use std::io::{self, Write};

use crate::cli::ReportFormat as Format;
use crate::rows::Row;
use crate::store::StoreError;

pub use text::plain;

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

/// Writes rows one by one; only a table keeps them, and only so many of them.
pub struct Report<'a, W: Write> {
    out: W,
    body: Body<'a>,
    rows: u64,
}

enum Body<'a> {
    Table(Box<table::Table<'a>>),
    Json,
    Csv,
}

impl<'a, W: Write> Report<'a, W> {
    /// Begins a report of rows of type `R`. `columns` are those that a table shows, of the many there are.
    ///
    /// # Errors
    /// Those of the output.
    pub fn begin<R: Row>(mut out: W, format: Format, columns: &'a [Shown]) -> io::Result<Self> {
        let body = match format {
            Format::Table => Body::Table(Box::new(table::Table::new(columns))),
            Format::Json => {
                out.write_all(b"[")?;
                Body::Json
            }
            Format::Csv => {
                csv::header::<R>(&mut out)?;
                Body::Csv
            }
        };
        Ok(Self { out, body, rows: 0 })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// Those of the output.
    pub fn row<R: Row>(&mut self, row: &R) -> io::Result<()> {
        match &mut self.body {
            Body::Table(table) => table.row(row),
            Body::Json => json::row(&mut self.out, row, self.rows == 0)?,
            Body::Csv => csv::row(&mut self.out, row)?,
        }
        self.rows += 1;
        Ok(())
    }

    /// Ends the report. A table gets `notes` below it; in other forms they are the caller's to print elsewhere.
    ///
    /// # Errors
    /// Those of the output.
    pub fn end(mut self, empty: &str, notes: &[String]) -> io::Result<u64> {
        match self.body {
            Body::Table(table) => table.end(&mut self.out, empty, notes)?,
            Body::Json => self.out.write_all(if self.rows == 0 { b"]\n" } else { b"\n]\n" })?,
            Body::Csv => {}
        }
        self.out.flush()?;
        Ok(self.rows)
    }
}

pub use table::Shown;
