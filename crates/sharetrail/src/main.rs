//! The `sharetrail` program: what was typed, what it does, how it ends.

use std::process::ExitCode;

use clap::Parser;
use sharetrail::{cli::Cli, commands, exit, log};

fn main() -> ExitCode {
    let cli = Cli::parse();
    log::start(cli.globals.verbose, cli.globals.log_format);
    exit::finish(commands::dispatch(cli))
}
