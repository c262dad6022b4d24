//! The commands, one file each, and what they share: where configuration and store are, and how waiting is done.

pub mod backfill;
pub mod backup;
pub mod collect;
pub mod compact;
pub mod completions;
pub mod dead_letters;
pub mod demo;
pub mod doctor;
mod dry_run;
pub mod emulate;
mod emulated;
pub mod function;
pub mod import;
pub mod init;
pub mod man;
pub mod report;
pub mod restore;
pub mod run;
pub mod schema;
pub mod serve;
pub mod show;
pub mod status;
pub mod test_alert;
mod timeline;

use std::future::Future;
use std::path::{Path, PathBuf};

use crate::cli::{Cli, Command, Globals};
use crate::config::settings::Settings;
use crate::config::{self, ConfigError};
use crate::exit::{Failure, Outcome};
use crate::http::Clock;
use crate::private_file;

const CONFIG_DEFAULT: &str = "sharetrail.toml";
const STATE_DEFAULT: &str = "sharetrail.db";

/// Does what was typed.
///
/// # Errors
/// The command's.
pub fn dispatch(cli: Cli) -> Result<Outcome, Failure> {
    let context = Context::new(&cli.globals);
    match cli.command {
        Command::Demo(arguments) => demo::run(&context, &arguments),
        Command::Init(arguments) => init::run(&context, &arguments),
        Command::Collect(arguments) => {
            collect::run(&context, &arguments).map(|outcome| outcome.partly_is_done(arguments.partial_ok))
        }
        Command::Run(arguments) => run::run(&context, &arguments),
        Command::Function(arguments) => function::run(&context, &arguments),
        Command::Backfill(arguments) => {
            backfill::run(&context, &arguments).map(|outcome| outcome.partly_is_done(arguments.partial_ok))
        }
        Command::Import(arguments) => import::run(&context, &arguments),
        Command::Report(arguments) => report::run(&context, &arguments),
        Command::Show(arguments) => show::run(&context, &arguments),
        Command::Serve(arguments) => serve::run(&context, &arguments),
        Command::Status(arguments) => status::run(&context, &arguments),
        Command::DeadLetters(what) => dead_letters::run(&context, &what),
        Command::TestAlert(arguments) => test_alert::run(&context, &arguments),
        Command::Doctor(arguments) => doctor::run(&context, &arguments),
        Command::Backup(arguments) => backup::run(&context, &arguments),
        Command::Restore(arguments) => restore::run(&context, &arguments),
        Command::Compact => compact::run(&context),
        Command::Emulate(arguments) => emulate::run(&context, &arguments),
        Command::Schema(what) => schema::run(&what),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Man(arguments) => man::run(&arguments),
    }
}

/// Where this run's configuration and store are.
#[derive(Debug, Clone)]
pub struct Context {
    /// As typed or from the environment.
    config: Option<PathBuf>,
    /// As typed.
    state: Option<PathBuf>,
}

impl Context {
    /// From the options of every command.
    pub fn new(globals: &Globals) -> Self {
        Self { config: globals.config.clone(), state: globals.state.clone() }
    }

    /// The configuration file: named, or the one in this folder.
    pub fn config_path(&self) -> &Path {
        self.config.as_deref().unwrap_or_else(|| Path::new(CONFIG_DEFAULT))
    }

    /// The configuration, for commands that need one.
    ///
    /// # Errors
    /// It is missing or wrong.
    pub fn settings(&self) -> Result<Settings, ConfigError> {
        config::load(self.config_path())
    }

    /// The configuration, for commands that ask services with it.
    ///
    /// # Errors
    /// It is missing or wrong, or still holds what `init` wrote as an example.
    pub fn settings_to_collect(&self) -> Result<Settings, Failure> {
        without_placeholders(self.settings()?, self.config_path())
    }

    /// The configuration, for commands that can do without. One that was named has to be there.
    ///
    /// # Errors
    /// It is wrong, or named and missing.
    pub fn settings_if_any(&self) -> Result<Option<Settings>, ConfigError> {
        match self.settings() {
            Err(ConfigError::Missing { .. }) if self.config.is_none() => Ok(None),
            settings => settings.map(Some),
        }
    }

    /// The store as named, or the one in this folder: a file, or with several tenants a folder.
    pub fn state_path(&self) -> &Path {
        self.state.as_deref().unwrap_or_else(|| Path::new(STATE_DEFAULT))
    }

    /// The one store that a report is about.
    ///
    /// # Errors
    /// There is none, or several.
    pub fn the_store(&self) -> Result<PathBuf, Failure> {
        let mut stores = self.stores()?;
        match (stores.pop(), stores.is_empty()) {
            (Some(only), true) => Ok(only),
            _ => Err(Failure::usage(format!(
                "{} holds several stores; name one of them with --state",
                self.state_path().display()
            ))),
        }
    }

    /// The stores that are there: the file itself, or every one in the folder.
    ///
    /// # Errors
    /// The folder cannot be read, or holds none.
    pub fn stores(&self) -> Result<Vec<PathBuf>, Failure> {
        let state = self.state_path();
        if !state.is_dir() {
            return Ok(vec![state.to_path_buf()]);
        }
        let mut stores: Vec<PathBuf> = std::fs::read_dir(state)?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == "db"))
            .collect();
        stores.sort();
        if stores.is_empty() {
            return Err(Failure::usage(format!("there is no store in the folder {}", state.display())));
        }
        Ok(stores)
    }

    /// The stores of the configured tenants, in their order. The folder of several is made where it is not there.
    ///
    /// # Errors
    /// There are several tenants and the state is a file, or the folder cannot be made.
    pub fn stores_of(&self, settings: &Settings) -> Result<Vec<PathBuf>, Failure> {
        let state = self.state_path();
        if settings.tenants.len() > 1 && !state.exists() {
            private_file::create_folder(state).map_err(|cause| {
                Failure::failed(format!("the folder {} for the stores cannot be made: {cause}", state.display()))
            })?;
        }
        settings.tenants.iter().map(|tenant| self.store_path(&tenant.name, settings.tenants.len())).collect()
    }

    /// As [`Context::stores_of`], without making anything.
    ///
    /// # Errors
    /// There are several tenants and the state is a file.
    pub fn stores_to_look_at(&self, settings: &Settings) -> Result<Vec<PathBuf>, Failure> {
        settings.tenants.iter().map(|tenant| self.store_path(&tenant.name, settings.tenants.len())).collect()
    }

    /// The store's file of one of `tenants`: in a folder where there are several, or where the state is a folder.
    fn store_path(&self, tenant: &str, tenants: usize) -> Result<PathBuf, Failure> {
        let state = self.state_path();
        if tenants > 1 && state.is_file() {
            let sentence = "is a file, but with several tenants the store is a folder: name one with --state";
            return Err(Failure::usage(format!("{} {sentence}", state.display())));
        }
        let in_folder = tenants > 1 || state.is_dir();
        Ok(if in_folder { state.join(format!("{tenant}.db")) } else { state.to_path_buf() })
    }
}

/// The settings, unless they still hold what `init` wrote as an example.
fn without_placeholders(settings: Settings, config: &Path) -> Result<Settings, Failure> {
    let held = config::placeholders(&settings);
    if held.is_empty() {
        return Ok(settings);
    }
    Err(Failure::usage(format!(
        "{} still holds what `init` wrote as an example: {}; write your own there, then nothing else stands in the way",
        config.display(),
        held.join(", ")
    )))
}

/// The time now, for commands that do not talk to services.
pub(crate) fn now() -> trail::TimeMs {
    trail::TimeMs(Clock::System.now().as_millisecond())
}

/// Runs a command's asynchronous work until it is done or someone asks to stop (Ctrl-C, or termination by the system).
///
/// Stopping drops the work where it waits; a transaction that is under way on a thread of its own is finished first.
///
/// # Errors
/// Those of the work.
pub fn until_interrupted(work: impl Future<Output = Result<Outcome, Failure>>) -> Result<Outcome, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        tokio::select! {
            outcome = work => outcome,
            signal = interrupted() => signal.map(|()| Outcome::Interrupted).map_err(Failure::from),
        }
    })
    // Dropping the runtime waits for blocking work.
}

/// Returns when someone asks the program to stop.
///
/// # Errors
/// The system does not let us listen for it.
pub async fn interrupted() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            result = tokio::signal::ctrl_c() => result,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(config: Option<&Path>, state: Option<&Path>) -> Context {
        Context { config: config.map(Path::to_path_buf), state: state.map(Path::to_path_buf) }
    }

    #[test]
    fn several_tenants_have_a_folder_of_stores() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("one.db");
        std::fs::write(&file, "").unwrap();
        let path = |state: Option<&Path>, tenants| context(None, state).store_path("contoso", tenants);
        assert_eq!(path(None, 1).unwrap(), Path::new("sharetrail.db"));
        assert_eq!(path(None, 2).unwrap(), Path::new("sharetrail.db/contoso.db"));
        assert_eq!(path(Some(folder.path()), 1).unwrap(), folder.path().join("contoso.db"));
        assert_eq!(path(Some(&file), 1).unwrap(), file);
        assert!(path(Some(&file), 2).unwrap_err().to_string().contains("--state"));
    }

    #[test]
    fn a_configuration_that_was_named_has_to_be_there() {
        let nowhere = Path::new("nowhere/sharetrail.toml");
        assert!(matches!(context(Some(nowhere), None).settings_if_any(), Err(ConfigError::Missing { .. })));
        assert!(matches!(context(None, None).settings_if_any(), Ok(None)));
    }
}
