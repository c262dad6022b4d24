//! A report for people at a terminal: the columns that answer, fitted to its width.

use std::io::{self, IsTerminal, Write};

use comfy_table::{ContentArrangement, presets};

use super::text::{cell_text, plain};
use crate::rows::{Cell, Row};

/// Rows that a table shows; whoever wants more wants a file.
const ROWS_MAX: usize = 5_000;
/// Characters of a cell that are shown.
const CELL_CHARS_MAX: usize = 120;
/// Columns of a terminal below which cells broken over lines cannot be read: there, the terminal breaks the lines.
const WIDTH_MIN: u16 = 80;

/// A column that a table shows: its name in the row type, and its heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// As in [`crate::rows::Column::key`].
    pub key: &'static str,
    /// For people.
    pub heading: &'static str,
}

/// Rows on their way into a table.
pub(super) struct Table<'a> {
    columns: &'a [Shown],
    table: comfy_table::Table,
    rows: usize,
}

impl<'a> Table<'a> {
    pub(super) fn new(columns: &'a [Shown]) -> Self {
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(columns.iter().map(|column| column.heading.to_uppercase()));
        if io::stdout().is_terminal() && table.width().is_some_and(|width| width >= WIDTH_MIN) {
            table.set_content_arrangement(ContentArrangement::Dynamic);
        }
        Self { columns, table, rows: 0 }
    }

    pub(super) fn row<R: Row>(&mut self, row: &R) {
        self.rows += 1;
        if self.rows > ROWS_MAX {
            return;
        }
        let cells = row.cells();
        self.table.add_row(self.columns.iter().map(|shown| {
            let position = R::COLUMNS.iter().position(|column| column.key == shown.key);
            let text = shown_text(position.and_then(|position| cells.get(position)).copied().unwrap_or(Cell::Empty));
            if shown.key == "site_url" { within_host(&text).to_owned() } else { text }
        }));
    }

    pub(super) fn end(self, out: &mut impl Write, empty: &str, notes: &[String]) -> io::Result<()> {
        if self.rows == 0 {
            writeln!(out, "{empty}")?;
        } else {
            for line in self.table.lines() {
                writeln!(out, "{}", line.trim_end())?;
            }
        }
        if self.rows > ROWS_MAX {
            writeln!(out, "… and {} more; `--format csv --out FILE` writes them all", self.rows - ROWS_MAX)?;
        }
        if !notes.is_empty() {
            writeln!(out)?;
        }
        for note in notes {
            writeln!(out, "{}", plain(note))?;
        }
        Ok(())
    }
}

/// A site's address without scheme and host, which are the same in nearly every row; the root site keeps its own.
fn within_host(url: &str) -> &str {
    let path = url.strip_prefix("https://").and_then(|rest| rest.split_once('/')).map(|(_, path)| path);
    path.filter(|path| !path.is_empty()).unwrap_or(url)
}

fn shown_text(cell: Cell<'_>) -> String {
    let text = match cell {
        // To the second, as a person reads it.
        Cell::Time(time) => time.to_string().chars().take(19).map(|c| if c == 'T' { ' ' } else { c }).collect(),
        cell => plain(&cell_text(cell)).into_owned(),
    };
    match text.char_indices().nth(CELL_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
