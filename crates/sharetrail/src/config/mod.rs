//! Configuration in two steps: as written (no network, unknown keys are errors), then as used.
//!
//! * `written.rs`: the tables and keys, nothing checked; `reading.rs`: from the file's text to them.
//! * `installation.rs`, `run.rs`, `function.rs`, `alerts.rs`, `identity.rs`, `dashboard.rs`, `tenant.rs`, `audit.rs`, `classification.rs`, `graph.rs`, `matching.rs`,
//!   `sink.rs`: the checks, with the helpers of `check.rs`.
//! * `old_function.rs`: app settings of the function that sharetrail takes the place of, as a configuration.
//! * [`settings`]: what comes out, which is all that the rest of the program sees.

mod alerted;
mod alerts;
mod audit;
mod check;
mod classification;
mod dashboard;
pub mod error;
mod function;
mod graph;
mod identity;
mod installation;
mod matching;
mod old_function;
mod placeholder;
pub mod presets;
mod reading;
mod run;
pub mod settings;
mod sink;
mod tenant;
mod written;

use std::path::{Path, PathBuf};

pub use self::check::is_domain;
pub use self::error::{ConfigError, Problem};
pub use self::placeholder::placeholders;
pub use self::sink::{RAW_BYTES_MAX, WIRE_BYTES_MAX};

#[cfg(test)]
pub(crate) use self::tests::example::EXAMPLES_NOT_DEFAULTS;
#[cfg(test)]
pub(crate) use self::written::{Key, keys};

use self::check::Check;
use self::settings::{Cloud, DefenderCredential, Identity, Run, SecretRef, Settings, Sink, Tenant};
use self::written::{TenantTable, Written};

/// The commented configuration that `sharetrail init` writes.
pub const EXAMPLE: &str = include_str!("example.toml");

/// A configuration larger than this is some other file.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// Reads and checks a configuration file. Secrets stay where they are; nothing is asked of the network.
///
/// # Errors
/// No such file, not readable, or every finding in it with its line and remedy.
pub fn load(path: &Path) -> Result<Settings, ConfigError> {
    let text = text_of(path)?;
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    parse(&text, folder).map_err(|problems| ConfigError::Wrong { path: path.to_path_buf(), problems })
}

/// As [`load`]; where the file names no tenant, or is not there, the app settings of the older function may do so. `setting`
/// looks one up.
///
/// # Errors
/// As [`load`]; app settings that are incomplete or wrong.
pub fn load_beside_app_settings(
    path: &Path,
    setting: impl Fn(&str) -> Option<String>,
) -> Result<Settings, ConfigError> {
    let text = match text_of(path) {
        Err(ConfigError::Missing { .. }) => String::new(),
        text => text?,
    };
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    match old_function::settings(&text, folder, setting)? {
        Some(settings) => Ok(settings),
        None => load(path),
    }
}

fn text_of(path: &Path) -> Result<String, ConfigError> {
    let unreadable = |source| ConfigError::Unreadable { path: path.to_path_buf(), source };
    let size = match std::fs::metadata(path) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(ConfigError::Missing { path: path.to_path_buf() });
        }
        Err(error) => return Err(unreadable(error)),
    };
    if size > FILE_BYTES_MAX {
        return Err(unreadable(std::io::Error::other("it is larger than 1 MiB, so it is no configuration")));
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// Checks the text of a configuration. Relative paths in it start at `folder`.
///
/// # Errors
/// Every finding, in the order of the file.
pub fn parse(text: &str, folder: PathBuf) -> Result<Settings, Vec<Problem>> {
    let reading = reading::read(text).map_err(|problem| vec![problem])?;
    let mut check = Check { lines: reading.lines, problems: reading.problems, folder };
    let settings = settings(&mut check, reading.written);
    match settings {
        Some(settings) if check.problems.is_empty() => Ok(settings),
        _ => {
            check.problems.sort_by_key(|problem| problem.line.unwrap_or(0));
            Err(check.problems)
        }
    }
}

fn settings(check: &mut Check, written: Written) -> Option<Settings> {
    let cloud = installation::cloud(check, written.cloud);
    let identity_written = written.identity.is_some();
    let identity = written.identity.and_then(|table| identity::identity(check, "identity", table, None));
    let http = installation::http(check, written.http.unwrap_or_default(), written.tls.unwrap_or_default());
    let store = installation::store(check, written.store.unwrap_or_default());
    let run = run::run(check, written.run.unwrap_or_default());
    let function = function::function(check, written.function.unwrap_or_default());
    let telemetry = written.telemetry.and_then(|table| run::telemetry(check, table));
    let alerts = alerts::alerts(check, written.alerts.unwrap_or_default(), written.rule.unwrap_or_default());
    let places = written.places.and_then(|table| installation::places(check, table));
    let dashboard = written.dashboard.and_then(|table| dashboard::dashboard(check, table));
    let tenants = tenants(check, written.tenant.unwrap_or_default(), cloud.as_ref(), &run);
    run::lag_within_reach(check, &run, &tenants);
    if !identity_written {
        for (path, tenant) in &tenants {
            needs_of_identity(check, path, tenant);
        }
        alerts::needs_of_identity(check, &alerts);
    }
    let tenants = tenants.into_iter().map(|(_, tenant)| tenant).collect();
    Some(Settings {
        cloud: cloud?,
        http,
        store,
        run,
        function,
        telemetry,
        alerts,
        places,
        dashboard,
        identity,
        tenants,
    })
}

/// The tenants that are right, each with its path.
fn tenants(check: &mut Check, tables: Vec<TenantTable>, cloud: Option<&Cloud>, run: &Run) -> Vec<(String, Tenant)> {
    if tables.is_empty() && !check.lines.contains_key("tenant") {
        check.problem("tenant", "is missing: at least one [[tenant]] table says for whom to collect");
    }
    let mut tenants: Vec<(String, Tenant)> = Vec::new();
    for (index, table) in tables.into_iter().enumerate() {
        let path = format!("tenant.{index}");
        let Some(tenant) = tenant::tenant(check, &path, table, cloud, &run.schedule) else { continue };
        // Names are file names, and not every file system tells upper from lower case.
        if tenants.iter().any(|(_, other)| other.name.eq_ignore_ascii_case(&tenant.name)) {
            check.problem(&format!("{path}.name"), "is already the name of another tenant; each needs its own");
        }
        if tenants.iter().any(|(_, other)| other.tenant_id == tenant.tenant_id) {
            check.problem(&format!("{path}.tenant_id"), "is already that of another tenant; write each tenant once");
        }
        tenants.push((path, tenant));
    }
    tenants
}

/// Without `[identity]`, what needs one is told so here and not in the middle of a pass.
fn needs_of_identity(check: &mut Check, path: &str, tenant: &Tenant) {
    let add = "needs an [identity] table, which says as whom this installation signs in";
    let is_in_vault = |secret: &SecretRef| matches!(secret, SecretRef::KeyVault(_));
    for (key, secret) in tenant.identity.iter().flat_map(Identity::secrets) {
        if is_in_vault(secret) {
            check.problem(&format!("{path}.identity.{key}"), &format!("is in a vault, and reading it {add}"));
        }
    }
    if tenant.audit.is_some() && tenant.identity.is_none() {
        check.problem(&format!("{path}.audit"), &format!("{add} (or [tenant.identity])"));
    }
    match tenant.defender.as_ref().map(|defender| &defender.credential) {
        Some(DefenderCredential::LegacyToken(secret)) if is_in_vault(secret) => {
            check.problem(&format!("{path}.defender.token"), &format!("is in a vault, and reading it {add}"));
        }
        Some(DefenderCredential::Application) if tenant.identity.is_none() => {
            check.problem(&format!("{path}.defender"), &format!("has no `token`, so it {add} (or [tenant.identity])"));
        }
        _ => {}
    }
    for (table, is_written) in [
        ("hunting", tenant.hunting.is_some()),
        ("graph", tenant.graph.is_some()),
        ("directory", tenant.directory.is_some()),
    ] {
        if is_written && tenant.identity.is_none() {
            check.problem(&format!("{path}.{table}"), &format!("{add} (or [tenant.identity])"));
        }
    }
    for sink in &tenant.sinks {
        match sink {
            Sink::LogsIngestion(_) if tenant.identity.is_none() => {
                check.problem(&format!("{path}.sink.logs_ingestion"), &format!("{add} (or [tenant.identity])"));
            }
            Sink::DataCollector(sink) => match &sink.shared_key {
                Some(secret) if is_in_vault(secret) => check.problem(
                    &format!("{path}.sink.data_collector.shared_key"),
                    &format!("is in a vault, and reading it {add}"),
                ),
                None => check.problem(
                    &format!("{path}.sink.data_collector"),
                    &format!("has no `shared_key`, so it is asked from Azure, which {add}"),
                ),
                Some(_) => {}
            },
            Sink::LogsIngestion(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
