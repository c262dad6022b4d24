//! The `sharetrail` program: what was typed, what it does, how it ends.

use std::process::ExitCode;

use clap::Parser;
use sharetrail::cli::{Cli, LogFormat};
use sharetrail::{commands, exit, log};

/// The static program brings its own: musl's goes to the system for each larger piece of memory.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            log::start(0, LogFormat::wanted_by(std::env::args()));
            return exit::mistyped(&error);
        }
    };
    log::start(cli.globals.verbose, cli.globals.log_format);
    exit::finish(commands::dispatch(cli))
}
