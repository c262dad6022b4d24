//! `function`: the custom handler of Azure Functions; with `--fetch`, a copy of the state that it keeps.

use std::path::{Path, PathBuf};

use super::{Context, interrupted, until_interrupted};
use crate::cli;
use crate::config::settings::Settings;
use crate::config::{self, ConfigError};
use crate::exit::{Failure, Outcome};
use crate::function::{self, Host};
use crate::progress::tell;

/// More than an instance has cores: a pass may hold one while it opens its store, and the host is answered all the same.
const WORKER_THREADS: usize = 8;

/// Runs the command.
///
/// # Errors
/// No host has started it; its port cannot be listened on. With `--fetch`, whatever keeps the copy from being made.
pub fn run(context: &Context, options: &cli::Function) -> Result<Outcome, Failure> {
    match &options.fetch {
        Some(to) => fetch(context, options, to),
        None => serve(context),
    }
}

fn serve(context: &Context) -> Result<Outcome, Failure> {
    let host = Host::of_environment()?;
    let config = config_path(context, host.app_root());
    let load = move || settings(&config);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(WORKER_THREADS).enable_all().build()?;
    // Being asked to stop is how it ends, and no failure.
    runtime.block_on(function::run(host, load, interrupted())).map(|()| Outcome::Done)
}

fn fetch(context: &Context, options: &cli::Function, to: &Path) -> Result<Outcome, Failure> {
    let settings = settings(&config_path(context, None))?;
    let names: Vec<&str> = settings.tenants.iter().map(|tenant| tenant.name.as_str()).collect();
    let place = match &options.tenant {
        Some(wanted) => names.iter().position(|name| name == wanted),
        None => (names.len() == 1).then_some(0),
    };
    let place = place.ok_or_else(|| Failure::usage(format!("say with --tenant which one: {}", names.join(", "))))?;
    until_interrupted(async {
        function::fetch(&settings, place, to).await?;
        tell(&format!("the state of {} is copied to {}", names[place], to.display()));
        Ok(Outcome::Done)
    })
}

/// The file that is named, else the one in the folder of the app, else the one in this folder.
fn config_path(context: &Context, app_root: Option<&Path>) -> PathBuf {
    match (&context.config, app_root) {
        (None, Some(root)) => root.join(context.config_path()),
        _ => context.config_path().to_owned(),
    }
}

/// The configuration of the file, or of the app settings of the function that this one takes the place of.
fn settings(config: &Path) -> Result<Settings, Failure> {
    match config::load_beside_app_settings(config, |name| std::env::var(name).ok()) {
        Ok(settings) => super::without_placeholders(settings, config),
        Err(missing @ ConfigError::Missing { .. }) => Err(Failure::usage(format!(
            "{missing}. For a function it belongs into the folder of the app; the five app settings of the older function do \
             without"
        ))),
        Err(error) => Err(error.into()),
    }
}
