//! How a command ends: what it did or why it failed, said once, and the exit code. Decided here and nowhere else.
//!
//! | code | meaning |
//! | --- | --- |
//! | 0 | done (also when whoever read our output had seen enough) |
//! | 1 | failed |
//! | 2 | usage or configuration |
//! | 3 | done in part: something is behind or was rejected, nothing is lost |
//! | 130 | interrupted, state saved |

use std::error::Error;
use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use crate::config::ConfigError;
use crate::stdout::ClosedPipe;
use crate::{log, progress};

/// What a command that did not fail came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All of it.
    Done,
    /// Something is behind or was rejected; nothing is lost. The command has said what.
    Partly,
    /// A person or the system asked to stop; what was done is saved.
    Interrupted,
}

impl Outcome {
    /// `--partial-ok`: part of it counts as done.
    #[must_use]
    pub fn partly_is_done(self, partial_ok: bool) -> Self {
        if partial_ok && self == Self::Partly { Self::Done } else { self }
    }

    /// Both together: the worse of the two.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Interrupted, _) | (_, Self::Interrupted) => Self::Interrupted,
            (Self::Partly, _) | (_, Self::Partly) => Self::Partly,
            (Self::Done, Self::Done) => Self::Done,
        }
    }
}

/// Why a command failed. Any error becomes one with `?`; its kind tells the exit code.
///
/// This type is no [`Error`] itself: it is where errors end.
#[derive(Debug)]
pub struct Failure(Box<dyn Error + Send + Sync>);

impl<E: Error + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

impl Failure {
    /// A failure in one sentence, with the remedy if there is one.
    pub fn failed(sentence: impl Into<String>) -> Self {
        Self(sentence.into().into())
    }

    /// The command was called in a way that cannot work.
    pub fn usage(sentence: impl Into<String>) -> Self {
        Usage(sentence.into()).into()
    }

    fn code(&self) -> u8 {
        let mut cause: Option<&(dyn Error + 'static)> = Some(self.0.as_ref());
        while let Some(error) = cause {
            if error.is::<Usage>() || error.is::<ConfigError>() {
                return 2;
            }
            if error.downcast_ref().is_some_and(is_closed_pipe) {
                return 0;
            }
            cause = error.source();
        }
        1
    }
}

/// The whole story in one line: each cause that the sentence before does not already tell.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = self.0.to_string();
        let mut cause = self.0.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if !told.contains(&text) {
                told.push_str(": ");
                told.push_str(&text);
            }
            cause = error.source();
        }
        f.write_str(&told)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Usage(String);

fn is_closed_pipe(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<ClosedPipe>())
}

/// Ends the program: a failure is told on standard error, and that it was interrupted.
pub fn finish(result: Result<Outcome, Failure>) -> ExitCode {
    let code = code(&result);
    if let Ok(Outcome::Interrupted) = result {
        progress::tell("interrupted; what was stored stays, and the same command goes on from there");
    }
    if let Err(failure) = &result
        && code != 0
    {
        // If standard error is closed as well there is nobody left to tell.
        let _ = writeln!(io::stderr().lock(), "{}", told(&failure.to_string()));
    }
    ExitCode::from(code)
}

/// A failure as it stands on standard error.
fn told(failure: &str) -> String {
    if log::is_json() { log::line("ERROR", failure) } else { format!("error: {failure}") }
}

/// Ends the program where what was typed cannot be read; asking for help or the version is no failure.
pub fn mistyped(error: &clap::Error) -> ExitCode {
    if error.use_stderr() && log::is_json() {
        let _ = writeln!(io::stderr().lock(), "{}", told(error.to_string().trim_start_matches("error: ").trim_end()));
    } else {
        let _ = error.print();
    }
    // Clap's own codes are ours: 2 for usage, 0 for help.
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

fn code(result: &Result<Outcome, Failure>) -> u8 {
    match result {
        Ok(Outcome::Done) => 0,
        Ok(Outcome::Partly) => 3,
        Ok(Outcome::Interrupted) => 130,
        Err(failure) => failure.code(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the report cannot be written")]
    struct Wrapped(#[source] io::Error);

    #[test]
    fn each_end_has_its_code() {
        let closed = || io::Error::other(ClosedPipe);
        let cases: [(Result<Outcome, Failure>, u8); 9] = [
            (Ok(Outcome::Done), 0),
            (Ok(Outcome::Partly), 3),
            (Ok(Outcome::Partly.partly_is_done(true)), 0),
            (Ok(Outcome::Interrupted.partly_is_done(true)), 130),
            (Err(Failure::failed("no")), 1),
            (Err(Failure::usage("no")), 2),
            (Err(ConfigError::Missing { path: PathBuf::from("x") }.into()), 2),
            (Err(Wrapped(closed()).into()), 0),
            // Of a connection, not of our output.
            (Err(Wrapped(io::ErrorKind::BrokenPipe.into()).into()), 1),
        ];
        for (result, expected) in cases {
            assert_eq!(code(&result), expected, "{result:?}");
        }
    }

    #[test]
    fn a_failure_tells_each_cause_once() {
        assert_eq!(
            Failure::from(Wrapped(io::Error::other("disk full"))).to_string(),
            "the report cannot be written: disk full"
        );
        let twice = io::Error::other(Wrapped(io::Error::other("disk full")));
        assert_eq!(Failure::from(twice).to_string(), "the report cannot be written: disk full");
    }

    #[test]
    fn the_worse_of_two_outcomes_holds() {
        assert_eq!(Outcome::Done.and(Outcome::Partly), Outcome::Partly);
        assert_eq!(Outcome::Interrupted.and(Outcome::Partly), Outcome::Interrupted);
        assert_eq!(Outcome::Done.and(Outcome::Done), Outcome::Done);
    }
}
