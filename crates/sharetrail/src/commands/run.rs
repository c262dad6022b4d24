//! `run`: collects on a schedule, until it is asked to stop.

use std::io::Write;
use std::path::PathBuf;

use super::{Context, serve};
use crate::cli;
use crate::exit::{Failure, Outcome};
use crate::run::{self, Loaded};
use crate::stdout::stdout;

/// More than a small machine has cores: a pass may hold one while it opens its store, and whoever asks for health is answered
/// all the same.
const WORKER_THREADS: usize = 8;

/// Runs the command.
///
/// # Errors
/// A configuration that is wrong, an address that cannot be listened on.
pub fn run(context: &Context, options: &cli::Run) -> Result<Outcome, Failure> {
    let load = || {
        let settings = context.settings_to_collect()?;
        let stores = context.stores_of(&settings)?;
        Ok(Loaded { settings, stores })
    };
    let began = |address| {
        let mut out = stdout();
        writeln!(out, "health: http://{address}/healthz")?;
        out.flush()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(WORKER_THREADS).enable_all().build()?;
    runtime.block_on(async {
        let passes = run::run(load, options.listen, began);
        match options.dashboard {
            None => passes.await,
            Some(address) => {
                let Loaded { settings, stores } = load()?;
                let store = only(stores)?;
                let asked = cli::Serve { listen: address, host: options.host.clone(), token: false };
                tokio::select! {
                    ended = passes => ended,
                    // It ends only by failing.
                    ended = serve::serve(store, &asked, Some(&settings)) => ended.map(drop),
                }
            }
        }
    })?;
    // It has no other end, so being asked to stop is no failure.
    Ok(Outcome::Done)
}

/// A dashboard shows one store.
fn only(mut stores: Vec<PathBuf>) -> Result<PathBuf, Failure> {
    match (stores.pop(), stores.is_empty()) {
        (Some(only), true) => Ok(only),
        _ => Err(Failure::usage(
            "--dashboard shows one tenant, and the configuration has several; start `sharetrail serve --state FILE` beside `run` \
             for each that is to be looked at",
        )),
    }
}
