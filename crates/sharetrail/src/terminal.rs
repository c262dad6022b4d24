//! What standard output is written to: a terminal with a width, perhaps in colour, or something that takes all.

use std::io::{self, IsTerminal};

use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns below which a terminal is not fitted to: there, it breaks the lines itself.
const WIDTH_MIN: usize = 40;

/// Where people read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Terminal {
    /// Columns; none where it is no terminal.
    pub width: Option<usize>,
    /// Whether it shows colours, and whoever reads wants them.
    pub in_colour: bool,
}

/// What a text is, and so how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Headings.
    Heading,
    /// What few look at.
    Faint,
    /// What went well.
    Good,
    /// What is worth a look.
    Notable,
    /// What is worth a look first.
    Grave,
}

impl Terminal {
    /// Standard output. Colours are left out where `NO_COLOR` is set, whatever to, and on a terminal that is called dumb.
    pub fn of_stdout() -> Self {
        if !io::stdout().is_terminal() {
            return Self::default();
        }
        let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self { width: width.filter(|width| *width >= WIDTH_MIN), in_colour: !is_set("NO_COLOR") && !is_dumb }
    }

    /// `text` as it looks here.
    pub fn paint(self, tone: Tone, text: &str) -> String {
        if !self.in_colour || text.is_empty() {
            return text.to_owned();
        }
        let style = match tone {
            Tone::Heading => Style::new().bold(),
            Tone::Faint => Style::new().dimmed(),
            Tone::Good => AnsiColor::Green.on_default(),
            Tone::Notable => AnsiColor::Yellow.on_default(),
            Tone::Grave => AnsiColor::Red.on_default().bold(),
        };
        format!("{style}{text}{style:#}")
    }
}

/// Columns that `text` takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// `text` in at most `columns`; an ellipsis says that there was more.
pub fn cut(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut room = columns.saturating_sub(1);
    let fits = |character: &char| {
        let width = character.width().unwrap_or(0);
        let fits = width <= room;
        room = room.saturating_sub(width);
        fits
    };
    let mut kept: String = text.chars().take_while(fits).collect();
    kept.push('…');
    kept
}

/// `text` in lines of at most `columns`, broken at blanks; a word that is longer has a line of its own.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_inclusive(' ') {
        if !line.is_empty() && line.width() + word.trim_end().width() > columns {
            lines.push(line.trim_end().to_owned());
            line.clear();
        }
        line.push_str(word);
    }
    lines.push(line.trim_end().to_owned());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_by_the_columns_that_it_takes() {
        assert_eq!(cut("quarter.docx", 12), "quarter.docx");
        assert_eq!(cut("quarter.docx", 8), "quarter…");
        // Each takes two.
        assert_eq!(cut("報告書.docx", 6), "報告…");
        assert_eq!(cut("報告書.docx", 5), "報告…");
        assert_eq!(cut("abc", 1), "…");
    }

    #[test]
    fn lines_break_at_blanks_and_lose_nothing() {
        let text = "shared      a plan.docx with li.wang@fabrikam.example by ana";
        let lines = wrap(text, 24);
        assert_eq!(lines, ["shared      a plan.docx", "with", "li.wang@fabrikam.example", "by ana"]);
        assert_eq!(wrap("", 10), [""]);
    }

    #[test]
    fn without_colours_a_text_stays_what_it_is() {
        assert_eq!(Terminal::default().paint(Tone::Grave, "true"), "true");
        let colours = Terminal { in_colour: true, ..Terminal::default() };
        assert_eq!(colours.paint(Tone::Heading, "PERSON"), "\u{1b}[1mPERSON\u{1b}[0m");
    }
}
