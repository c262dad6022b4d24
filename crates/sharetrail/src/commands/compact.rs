//! `compact`: gives room that a store no longer needs back to the disk.

use super::Context;
use crate::exit::{Failure, Outcome};
use crate::stdout::print_line;
use crate::store::{self, Compacted};

/// Runs the command.
///
/// # Errors
/// No store, one that is in use, a disk without room for a second copy.
pub fn run(context: &Context) -> Result<Outcome, Failure> {
    for path in context.stores()? {
        let Compacted { bytes_before, bytes_after } = store::compact(&path)?;
        let freed = bytes_before.saturating_sub(bytes_after);
        print_line(&format!(
            "{}: {freed} bytes freed, {bytes_after} of {bytes_before} bytes are left",
            path.display()
        ))?;
    }
    Ok(Outcome::Done)
}
