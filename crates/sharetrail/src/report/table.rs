//! A report for people at a terminal: the columns that answer, one line a row, fitted to its width. Whatever is no
//! terminal gets all columns in full.

use std::io::{self, Write};

use super::layout::{self, BETWEEN, Wanted};
use super::text::{cell_text, plain};
use crate::rows::{Cell, Column, Kind, Row};
use crate::terminal::{Terminal, Tone, cut, width};

/// Rows that a table shows; whoever wants more wants a file.
const ROWS_MAX: usize = 5_000;
/// Characters of a cell that are shown.
const CELL_CHARS_MAX: usize = 120;

/// A column that a table shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// As in [`crate::rows::Column::key`].
    pub key: &'static str,
    /// For people.
    pub heading: &'static str,
    /// How easily a narrow terminal does without it; 0 is never left out.
    pub dispensable: u8,
}

/// Rows on their way into a table.
pub(super) struct Table<'a> {
    shown: &'a [Shown],
    kinds: Vec<Kind>,
    terminal: Terminal,
    lines: Vec<Vec<String>>,
    rows: usize,
}

impl<'a> Table<'a> {
    pub(super) fn new(shown: &'a [Shown], columns: &[Column]) -> Self {
        let kind = |shown: &Shown| columns.iter().find(|column| column.key == shown.key).map(|column| column.kind);
        let kinds = shown.iter().map(|shown| kind(shown).unwrap_or(Kind::Text)).collect();
        Self { shown, kinds, terminal: Terminal::default(), lines: Vec::new(), rows: 0 }
    }

    /// Fits it to `terminal`.
    pub(super) fn on(&mut self, terminal: Terminal) {
        self.terminal = terminal;
    }

    pub(super) fn row<R: Row>(&mut self, row: &R) {
        self.rows += 1;
        if self.rows > ROWS_MAX {
            return;
        }
        let cells = row.cells();
        let line = self.shown.iter().map(|shown| {
            let position = R::COLUMNS.iter().position(|column| column.key == shown.key);
            let text = shown_text(position.and_then(|position| cells.get(position)).copied().unwrap_or(Cell::Empty));
            if shown.key == "site_url" { within_host(&text).to_owned() } else { text }
        });
        self.lines.push(line.collect());
    }

    pub(super) fn end(self, out: &mut impl Write, empty: &str, notes: &[String]) -> io::Result<()> {
        let left_out = if self.rows == 0 {
            writeln!(out, "{empty}")?;
            None
        } else {
            self.write_lines(out)?
        };
        if self.rows > ROWS_MAX {
            writeln!(out, "… and {} more; `--format csv --out FILE` writes them all", self.rows - ROWS_MAX)?;
        }
        let notes: Vec<&str> = left_out.iter().chain(notes).map(String::as_str).collect();
        if !notes.is_empty() {
            writeln!(out)?;
        }
        for note in notes {
            self.write_note(out, &plain(note))?;
        }
        Ok(())
    }

    /// Writes heading and rows. Returns which columns found no room, in words.
    fn write_lines(&self, out: &mut impl Write) -> io::Result<Option<String>> {
        let headings: Vec<String> = self.shown.iter().map(|shown| shown.heading.to_uppercase()).collect();
        let widths = self.widths(&headings);
        self.write_line(out, &widths, &headings, |_, _| Some(Tone::Heading))?;
        for line in &self.lines {
            self.write_line(out, &widths, line, tone)?;
        }
        let missing = self.shown.iter().zip(&widths).filter(|(_, width)| width.is_none());
        let missing: Vec<&str> = missing.map(|(shown, _)| shown.heading).collect();
        Ok((!missing.is_empty()).then(|| {
            format!("no room here for: {} (a wider terminal shows more, `--format csv` all)", missing.join(", "))
        }))
    }

    /// One a column; none for those that find no room.
    fn widths(&self, headings: &[String]) -> Vec<Option<usize>> {
        let wanted = self.shown.iter().zip(&self.kinds).enumerate().map(|(place, (shown, kind))| {
            let cells = self.lines.iter().map(Vec::as_slice).chain([headings]).filter_map(|line| line.get(place));
            Wanted {
                width: cells.map(|cell| width(cell)).max().unwrap_or(0),
                can_be_cut: matches!(kind, Kind::Text | Kind::List),
                dispensable: shown.dispensable,
            }
        });
        let wanted: Vec<Wanted> = wanted.collect();
        match self.terminal.width {
            Some(room) => layout::fitted(&wanted, room),
            None => wanted.iter().map(|column| Some(column.width)).collect(),
        }
    }

    fn write_line(
        &self,
        out: &mut impl Write,
        widths: &[Option<usize>],
        cells: &[String],
        tone: impl Fn(&str, &str) -> Option<Tone>,
    ) -> io::Result<()> {
        // Blanks are written when something follows them, so that no line ends in any.
        let mut blanks = 0;
        let columns = self.shown.iter().zip(&self.kinds).zip(cells).zip(widths);
        for (((shown, kind), cell), room) in columns {
            let Some(room) = *room else { continue };
            let text = cut(cell, room);
            let rest = room.saturating_sub(width(&text));
            let (before, after) = if *kind == Kind::Integer { (rest, 0) } else { (0, rest) };
            if !text.is_empty() {
                let painted =
                    tone(shown.key, cell).map_or_else(|| text.clone(), |tone| self.terminal.paint(tone, &text));
                write!(out, "{:blanks$}{painted}", "", blanks = blanks + before)?;
                blanks = 0;
            } else {
                blanks += before;
            }
            blanks += after + BETWEEN;
        }
        writeln!(out)
    }

    fn write_note(&self, out: &mut impl Write, note: &str) -> io::Result<()> {
        let lines = self.terminal.width.map_or_else(|| vec![note.to_owned()], |room| crate::terminal::wrap(note, room));
        lines.iter().try_for_each(|line| writeln!(out, "{}", self.terminal.paint(Tone::Faint, line)))
    }
}

/// What deserves a look.
fn tone(key: &str, text: &str) -> Option<Tone> {
    match (key, text) {
        ("classified" | "classified_now", "true") => Some(Tone::Grave),
        // Somebody got in, and no record says how.
        ("confidence", "none") => Some(Tone::Grave),
        ("share_kind" | "recipient_kind", "anyone") | ("person_kind", "anonymous") => Some(Tone::Notable),
        ("confidence", "certain") => Some(Tone::Good),
        ("time_generated" | "first_seen" | "last_seen" | "site_url", _) => Some(Tone::Faint),
        _ => None,
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
