//! `backup`: the store as one file, while others may write to it.

use super::Context;
use crate::cli;
use crate::exit::{Failure, Outcome};
use crate::progress::tell;
use crate::store;

/// Runs the command.
///
/// # Errors
/// No store, a file that is there already, the disk.
pub fn run(context: &Context, arguments: &cli::Backup) -> Result<Outcome, Failure> {
    let path = context.the_store()?;
    store::backup(&path, &arguments.file, arguments.force)?;
    tell(&format!("{} is copied to {}", path.display(), arguments.file.display()));
    Ok(Outcome::Done)
}
