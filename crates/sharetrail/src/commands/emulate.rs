//! `emulate`: the emulator, for people without a spare tenant and for other people's tests.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use emulator::faults::{Fault, faults_of_script};
use emulator::story::{self, StoryOptions, Tenant};
use emulator::{DeclaredColumn, Emulator, Options};

use super::{Context, emulated, now, until_interrupted};
use crate::cli;
use crate::exit::{Failure, Outcome};
use crate::progress;
use crate::rows::Declared;
use crate::stdout::stdout;
use crate::store::Table;

/// Runs the command: writes the tenant as files, or serves it until interrupted.
///
/// # Errors
/// An address that cannot be listened on, a file that cannot be written.
pub fn run(_context: &Context, options: &cli::Emulate) -> Result<Outcome, Failure> {
    let tenant = tell(options);
    match &options.export {
        Some(folder) => export(&tenant, folder),
        // It has no other end, so being interrupted is no failure.
        None => until_interrupted(serve(options, tenant)).map(|_| Outcome::Done),
    }
}

fn export(tenant: &Tenant, folder: &Path) -> Result<Outcome, Failure> {
    let mut out = stdout();
    let files = story::export(tenant, folder)
        .map_err(|cause| Failure::failed(format!("the tenant cannot be written into {}: {cause}", folder.display())))?;
    for file in files {
        writeln!(out, "{}", file.display())?;
    }
    out.flush()?;
    Ok(Outcome::Done)
}

async fn serve(options: &cli::Emulate, tenant: Tenant) -> Result<Outcome, Failure> {
    let about = emulated::About::of(&tenant);
    let emulator = start(options, tenant).await?;
    let mut out = stdout();
    if let Some(path) = &options.write_config {
        emulated::write_configuration(path, emulator.endpoints(), &about)?;
        writeln!(out, "configuration: {}", path.display())?;
    }
    writeln!(out, "listening: {}", emulator.endpoints().https)?;
    if let Some(http) = &emulator.endpoints().http {
        writeln!(out, "listening: {http}")?;
    }
    out.flush()?;
    drop(out);
    match &options.write_config {
        Some(path) => progress::tell(&format!(
            "Ctrl-C stops it. Go on in another terminal with: sharetrail --config {} collect",
            path.display()
        )),
        None => progress::tell("Ctrl-C stops it. --write-config FILE writes a configuration that reaches it."),
    }
    // Runs until this future is dropped, and the emulator with it.
    std::future::pending().await
}

/// The faults that were typed, behind those of the script.
fn faults(options: &cli::Emulate) -> Result<Vec<Fault>, Failure> {
    let mut faults = match &options.faults {
        None => Vec::new(),
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|cause| {
                Failure::usage(format!("the fault script {} cannot be read: {cause}", path.display()))
            })?;
            faults_of_script(&text).map_err(|error| Failure::usage(format!("{}, {error}", path.display())))?
        }
    };
    faults.extend_from_slice(&options.fault);
    Ok(faults)
}

/// The seeded tenant that `options` ask for.
pub fn tell(options: &cli::Emulate) -> Tenant {
    story::tell(&StoryOptions {
        seed: options.seed,
        records: options.records as usize,
        days: options.days,
        now_ms: options.now.unwrap_or_else(now).millis(),
    })
}

/// The columns that our tables need, as an emulated rule and its tables declare them.
pub fn columns() -> BTreeMap<String, Vec<DeclaredColumn>> {
    let declared = |one: Declared| DeclaredColumn { name: one.name.to_owned(), kind: one.query_type().to_owned() };
    let tables = Table::ALL.into_iter();
    tables.map(|table| (table.as_str().to_owned(), table.columns().into_iter().map(declared).collect())).collect()
}

/// Starts the emulator that `options` ask for.
///
/// # Errors
/// An address that cannot be listened on.
pub async fn start(options: &cli::Emulate, tenant: Tenant) -> Result<Emulator, Failure> {
    let mut settings = Options::new(tenant);
    settings.listen = options.listen;
    settings.listen_http = options.listen_http;
    settings.faults = faults(options)?;
    if options.feed_quirks {
        settings.play_every_feed_quirk();
    }
    settings.management.synthetic.clone_from(&options.synthetic_feed);
    if options.unlimited {
        settings.lift_request_limits();
    }
    settings.ingestion.columns = columns();
    settings.ingestion.keep_rows = !options.count_only;
    Emulator::start(settings).await.map_err(|error| Failure::failed(format!("the emulator cannot start: {error}")))
}
