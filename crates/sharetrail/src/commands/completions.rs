//! `completions`: what a shell needs to complete our command line.

use std::io::Write;

use clap::CommandFactory;

use crate::cli::{Cli, Completions};
use crate::exit::{Failure, Outcome};
use crate::stdout::stdout;

/// Prints the script.
///
/// # Errors
/// Standard output cannot be written to.
pub fn run(arguments: &Completions) -> Result<Outcome, Failure> {
    // In memory first: the generator takes a failing writer for a bug.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "sharetrail", &mut script);
    let mut output = stdout();
    output.write_all(&script)?;
    output.flush()?;
    Ok(Outcome::Done)
}
