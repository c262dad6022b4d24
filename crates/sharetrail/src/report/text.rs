//! Cells as text for people. Records are hostile input: nothing of them may steer a terminal.

use std::borrow::Cow;
use std::fmt::Display;

use crate::rows::Cell;

/// A cell as text; lists are joined by a blank.
pub(super) fn cell_text(cell: Cell<'_>) -> Cow<'_, str> {
    match cell {
        Cell::Empty => Cow::Borrowed(""),
        Cell::Text(text) => Cow::Borrowed(text),
        Cell::Time(time) => time.to_string().into(),
        Cell::Integer(number) => number.to_string().into(),
        Cell::Boolean(truth) => Cow::Borrowed(if truth { "true" } else { "false" }),
        Cell::List(texts) => texts.join(" ").into(),
    }
}

/// Text that a terminal shows and does not obey: control characters, and those that turn the direction of
/// writing, become visible.
pub fn plain(text: &str) -> Cow<'_, str> {
    let steers = |character: char| {
        character.is_control()
            || matches!(character, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    if text.contains(steers) {
        text.chars().map(|character| if steers(character) { '\u{FFFD}' } else { character }).collect::<String>().into()
    } else {
        Cow::Borrowed(text)
    }
}

/// How many of what: `1 gap`, `12 gaps`.
pub fn counted<N: Display + PartialEq + From<u8>>(how_many: N, one: &str, several: &str) -> String {
    let noun = if how_many == N::from(1) { one } else { several };
    format!("{how_many} {noun}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_record_can_steer_a_terminal() {
        assert_eq!(plain("\u{1b}]0;owned\u{7}fdp.\u{202E}exe"), "\u{FFFD}]0;owned\u{FFFD}fdp.\u{FFFD}exe");
        assert!(matches!(plain("plain é 漢 🦀"), Cow::Borrowed(_)));
    }
}
