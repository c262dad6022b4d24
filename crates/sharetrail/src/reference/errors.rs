//! The page on errors: the sentences that the program may end with, by the place that says them, and the problems of records.

use std::fmt::Write;

use super::sources::{Source, sources};
use super::{head, line, page};

pub(super) fn errors() -> String {
    let mut page = page(
        "Errors",
        "The sentences in which commands say why they failed, with what to do. `…` stands for a name, a number or a reason. \
         What services answer is told in their words, behind a sentence of ours. [When something \
         fails](../guide/when-something-fails.md) begins with what you see instead; how a command ends is told by its \
         [exit code](exit-codes.md).",
    );
    for source in sources() {
        let mut told: Vec<String> = source.texts_after("#[error(").iter().filter_map(|text| plain(text)).collect();
        told.dedup();
        if told.is_empty() {
            continue;
        }
        let _ = write!(page, "\n## {}\n\n", subject(&source));
        for sentence in told {
            let _ = writeln!(page, "* {sentence}");
        }
    }
    page.push_str(
        "\n## Problems of records\n\nA record that is odd is read as far as it can be, kept, and counted under one of these. \
         `report excluded` and `status --json` show them.\n",
    );
    head(&mut page, &["code", "what"]);
    let problems = include_str!("../../../trail/src/problem.rs");
    for (code, about) in coded(problems) {
        line(&mut page, &[&format!("`{code}`"), &about]);
    }
    page
}

/// A sentence without its places for values; `None` where nothing else is left, or it only passes another one on.
fn plain(text: &str) -> Option<String> {
    let mut sentence = String::new();
    let mut depth = 0;
    for character in text.chars() {
        match character {
            '{' => {
                depth += 1;
                if depth == 1 {
                    sentence.push('…');
                }
            }
            '}' => depth -= 1,
            other if depth == 0 => sentence.push(other),
            _ => {}
        }
    }
    let sentence = sentence.trim().replace('\n', " ");
    sentence.contains(char::is_alphabetic).then_some(sentence)
}

/// What a file is for: the first sentence of its documentation, up to what follows a colon.
fn subject(source: &Source) -> String {
    let lines = source.text.lines().map_while(|line| line.strip_prefix("//!"));
    let text = lines.map(str::trim).collect::<Vec<_>>().join(" ");
    let sentence = text.split(". ").next().unwrap_or_default().trim_end_matches('.');
    format!("{} (`{}`)", sentence.split([':', '(']).next().unwrap_or(sentence).trim(), source.path)
}

/// Code and documentation of each variant, as both stand in the source.
fn coded(source: &str) -> Vec<(String, String)> {
    let arms = source.lines().filter_map(|line| line.trim().strip_prefix("Self::")?.split_once(" => \""));
    let arms = arms.filter_map(|(variant, code)| Some((variant.split(' ').next()?, code.strip_suffix("\",")?)));
    arms.filter_map(|(variant, code)| {
        let declared = source
            .lines()
            .position(|line| line.trim().strip_prefix(variant).is_some_and(|rest| rest == "," || rest == " {"))?;
        let about = source.lines().nth(declared - 1)?.trim().strip_prefix("/// ")?;
        Some((code.to_owned(), about.to_owned()))
    })
    .collect()
}
