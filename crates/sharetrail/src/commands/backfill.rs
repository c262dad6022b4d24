//! `backfill --from --to`: an older range, without disturbing the positions.

use super::collect::conclude;
use super::{Context, now, until_interrupted};
use crate::cli;
use crate::collect::{self, Backfill, CollectError, TenantPass};
use crate::exit::{Failure, Outcome};
use crate::sources::Window;

/// Runs the command.
///
/// # Errors
/// A configuration that is wrong or lacks the source, a store that cannot be used, a run that could do nothing at all.
pub fn run(context: &Context, arguments: &cli::Backfill) -> Result<Outcome, Failure> {
    let range = Window { from: arguments.from, to: arguments.to.unwrap_or_else(now) };
    if range.from >= range.to {
        return Err(Failure::usage(format!(
            "the range from {} to {} is empty: --from has to be before --to, and before now",
            range.from, range.to
        )));
    }
    let settings = context.settings_to_collect()?;
    let stores = context.stores_of(&settings)?;
    let wanted = Backfill { range, source: arguments.source };
    until_interrupted(async {
        let passes = match collect::backfill(&settings, &stores, &arguments.tenant, &wanted).await {
            Err(mistyped @ CollectError::NoSuchTenant { .. }) => return Err(Failure::usage(mistyped.to_string())),
            passes => passes?,
        };
        if let [TenantPass { result: Err(CollectError::NoSource(words)), .. }] = &passes[..] {
            return Err(Failure::usage(words.as_str()));
        }
        conclude(passes)
    })
}
