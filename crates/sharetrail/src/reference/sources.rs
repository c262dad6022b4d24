//! What the pages on errors and on the environment read from the sources themselves.

use std::fs;
use std::path::{Path, PathBuf};

/// A file of the program: its path below `src`, and its text without unit tests.
pub(super) struct Source {
    pub(super) path: String,
    pub(super) text: String,
}

/// Every file of the program but those that are tests alone, in the order of their paths.
pub(super) fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut paths) = (vec![root.clone()], Vec::<PathBuf>::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
        let path = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
        Source { path, text }
    };
    let is_test = |path: &str| ["reference", "tests", "_tests.rs", "fuzzed.rs"].iter().any(|part| path.contains(part));
    paths.into_iter().map(read).filter(|source| !is_test(&source.path)).collect()
}

impl Source {
    /// The texts that follow a word, such as those of `#[error(`, as a compiler would read them.
    pub(super) fn texts_after(&self, word: &str) -> Vec<String> {
        let after = self.text.split(word).skip(1);
        after.filter_map(|rest| rest.trim_start().strip_prefix('"').map(literal)).collect()
    }

    /// Every text of capital letters, digits and underscores.
    pub(super) fn names_in_capitals(&self) -> Vec<&str> {
        let is_name = |text: &&str| {
            text.contains('_')
                && text.len() > 4
                && text.chars().all(|one| one.is_ascii_uppercase() || one.is_ascii_digit() || one == '_')
        };
        self.text.split('"').filter(is_name).collect()
    }
}

/// The text of a literal, from behind its first quote on.
fn literal(rest: &str) -> String {
    let (mut text, mut characters) = (String::new(), rest.chars().peekable());
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => match characters.next() {
                Some('\n') => while characters.next_if(|next| next.is_whitespace()).is_some() {},
                Some('n') => text.push('\n'),
                Some(other) => text.push(other),
                None => break,
            },
            other => text.push(other),
        }
    }
    text
}
