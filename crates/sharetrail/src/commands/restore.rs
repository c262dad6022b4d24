//! `restore`: a copy in the place of the store.

use super::Context;
use crate::cli;
use crate::exit::{Failure, Outcome};
use crate::progress::tell;
use crate::store;

/// Runs the command.
///
/// # Errors
/// A copy that cannot be used, a store that is there already or in use.
pub fn run(context: &Context, arguments: &cli::Restore) -> Result<Outcome, Failure> {
    let path = context.state_path();
    if path.is_dir() {
        return Err(Failure::usage(format!(
            "{} is a folder of stores; name the one to restore with --state",
            path.display()
        )));
    }
    store::restore(&arguments.file, path, arguments.force)?;
    tell(&format!(
        "{} is restored from {}; `status` shows how far it had come",
        path.display(),
        arguments.file.display()
    ));
    Ok(Outcome::Done)
}
