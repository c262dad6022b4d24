//! What can be wrong with a configuration file, in words.

use std::fmt;
use std::path::PathBuf;

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line in the file, from 1, where known.
    pub line: Option<usize>,
    /// What is wrong and how to right it; never quotes a value that may be a secret.
    pub text: String,
}

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// There is no such file.
    #[error("there is no configuration file {}; `sharetrail init` writes one, `--config FILE` names another", path.display())]
    Missing {
        /// The file looked for.
        path: PathBuf,
    },
    /// The file is there and cannot be read.
    #[error("the configuration file {} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file was read and is wrong.
    #[error("{}", listed(path, problems))]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Every finding, in the order of the file.
        problems: Vec<Problem>,
    },
}

fn listed(path: &std::path::Path, problems: &[Problem]) -> String {
    let count = match problems.len() {
        1 => "one problem".to_owned(),
        many => format!("{many} problems"),
    };
    let mut text = format!("the configuration file {} has {count}:", path.display());
    for problem in problems {
        text.push_str("\n  ");
        text.push_str(&problem.to_string());
    }
    text
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(&self.text)
    }
}
