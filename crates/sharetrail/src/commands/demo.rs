//! `demo`: the whole way without a tenant: an emulated one is collected, kept, delivered, read back and answered.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Parser;
use emulator::Emulator;

use super::{Context, emulate, emulated, report, until_interrupted};
use crate::azure::{QueryClient, SecretResolver};
use crate::cli;
use crate::collect;
use crate::config::{self, settings::Settings};
use crate::exit::{Failure, Outcome};
use crate::http::Client;
use crate::private_file;
use crate::progress::tell;
use crate::stdout::stdout;
use crate::store::{AccessFilter, Reader};

/// How many accesses are printed; the report has them all.
const SHOWN: usize = 20;
/// How our tables are read: the latest revision of each row, without the withdrawn ones.
const QUERY: &str =
    "ShareTrailAccess_CL | summarize arg_max(Revision, *) by AccessId | where not(Withdrawn) | summarize count()";

/// Runs the demo.
///
/// # Errors
/// Any step that fails, in words; and an answer that differs from the truth.
pub fn run(_context: &Context, arguments: &cli::Demo) -> Result<Outcome, Failure> {
    until_interrupted(demonstrate(arguments))
}

async fn demonstrate(arguments: &cli::Demo) -> Result<Outcome, Failure> {
    let folder = &arguments.out;
    private_file::create_folder(folder)?;
    let database = folder.join("sharetrail.db");
    let configuration = folder.join("sharetrail.toml");
    let page = folder.join("report.html");
    remove_former_run(&database)?;

    tell("An emulated Microsoft 365 tenant is started on this machine; nothing leaves it.");
    let options = emulate_options(arguments)?;
    let tenant = emulate::tell(&options);
    let (about, truth) = (emulated::About::of(&tenant), tenant.truth.accesses.len());
    let emulator = emulate::start(&options, tenant).await?;
    emulated::write_configuration(&configuration, emulator.endpoints(), &about)?;

    tell("Two secrets are read from its vault, tokens fetched, activities collected, rows delivered …");
    let settings = config::load(&configuration)?;
    let passes = collect::collect(&settings, std::slice::from_ref(&database), &[]).await?;
    let outcome = super::collect::conclude(passes)?;

    let delivered = read_back(&settings, &emulator).await?;
    emulator.stop().await;
    let found = answer(&database, &page)?;
    conclude(&database, &configuration, &page, delivered, truth, found)?;
    if delivered != truth as i64 {
        return Err(Failure::failed(format!(
            "the workspace holds {delivered} accesses, and the tenant's story has {truth}: this is a fault of sharetrail, please report it"
        )));
    }
    Ok(outcome)
}

/// The number of accesses that the emulated workspace holds.
async fn read_back(settings: &Settings, emulator: &Emulator) -> Result<i64, Failure> {
    let http = Client::new(&settings.http)?;
    let secrets = SecretResolver::new(&http, &settings.cloud, settings.identity.as_ref()).await?;
    let credential = secrets.credential(None)?;
    let client = QueryClient::new(&http, &settings.cloud, &credential);
    let table = client.query(&emulator.endpoints().workspace.id, QUERY).await?;
    let count = table.rows.first().and_then(|row| row.first()).and_then(serde_json::Value::as_i64);
    count.ok_or_else(|| Failure::failed("the query for the delivered rows gave no number"))
}

/// Writes the whole answer to `page` and prints the latest accesses; tells how many there are in all.
fn answer(database: &Path, page: &Path) -> Result<usize, Failure> {
    let mut reader = Reader::open(database)?;
    report::write_whole_answer(&mut reader, page)?;
    let mut accesses = Vec::new();
    reader.accesses(&AccessFilter::default(), &[], |access| {
        accesses.push(access);
        Ok::<_, Failure>(())
    })?;
    let latest = accesses.get(accesses.len().saturating_sub(SHOWN)..).unwrap_or_default();
    report::print_accesses(stdout(), latest)?;
    Ok(accesses.len())
}

fn conclude(
    database: &Path,
    configuration: &Path,
    page: &Path,
    delivered: i64,
    truth: usize,
    found: usize,
) -> io::Result<()> {
    let mut out = stdout();
    writeln!(out)?;
    writeln!(out, "These are the latest {} of {found} accesses from outside.", found.min(SHOWN))?;
    writeln!(
        out,
        "Rows of ShareTrailAccess_CL, read back by query: {delivered}; the tenant's true story has {truth}."
    )?;
    writeln!(out)?;
    writeln!(out, "report         {} (open it in a browser)", page.display())?;
    writeln!(out, "database       {}", database.display())?;
    writeln!(out, "configuration  {} (of the emulator, which has stopped)", configuration.display())?;
    writeln!(out)?;
    writeln!(out, "Go on with:    sharetrail --state {} report access", database.display())?;
    writeln!(out, "               sharetrail --state {} report unused", database.display())?;
    writeln!(out, "               sharetrail --state {} status", database.display())?;
    out.flush()
}

/// The demo starts from nothing each time; only files of its own names are removed.
fn remove_former_run(database: &Path) -> io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = database.as_os_str().to_owned();
        name.push(suffix);
        match fs::remove_file(PathBuf::from(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// The emulator's options, as if typed: any free port, the tenant that the demo asks for.
fn emulate_options(arguments: &cli::Demo) -> Result<cli::Emulate, Failure> {
    let (seed, records) = (arguments.seed.to_string(), arguments.records.to_string());
    let typed = ["emulate", "--listen", "127.0.0.1:0", "--seed", &seed, "--records", &records];
    #[derive(Parser)]
    struct Typed {
        #[command(flatten)]
        emulate: cli::Emulate,
    }
    Ok(Typed::try_parse_from(typed)?.emulate)
}
