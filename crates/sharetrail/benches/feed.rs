//! What the audit feed costs: CPU seconds and peak memory of `sharetrail collect` alone, while the emulator makes a feed of
//! any size in this process. One record of twenty is kept; nothing is delivered. Linux only (`/proc`).
//!
//! `cargo bench -p sharetrail --bench feed -- runs=3`. docs/performance.md has the method and the results.

#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, clippy::expect_used)]

#[path = "support/process.rs"]
mod process;

use std::error::Error;
use std::{env, fs};

use emulator::story::{self, StoryOptions};
use emulator::{Emulator, Endpoints, Options, SyntheticFeed};
use process::{SHARETRAIL, can_be_measured, collect, median};

/// Records, and the blobs that they are in. The last one is a single blob of about 70 MB.
const FEEDS: [(u64, u32); 4] = [(500_000, 5_000), (500_000, 500), (1_000, 10), (48_000, 1)];
const RUNS: usize = 3;
/// How many records of a thousand show somebody outside.
const RELEVANT_PER_MILLE: u64 = 50;

fn main() -> Result<(), Box<dyn Error>> {
    let mut runs = RUNS;
    for argument in env::args().skip(1) {
        if let Some(text) = argument.strip_prefix("runs=") {
            runs = text.parse::<usize>()?.max(1);
        } else if !argument.starts_with('-') && !"feed".contains(&argument) {
            return Ok(());
        }
    }
    if !can_be_measured() {
        eprintln!("feed: measured on Linux only, since CPU and memory of a process are read from /proc");
        return Ok(());
    }
    let runtime = tokio::runtime::Runtime::new()?;
    println!("records    blobs   CPU s   us/record   user   system   wall s   peak MB   store MB   ({SHARETRAIL})");
    for (records, blobs) in FEEDS {
        let options = options(records, blobs);
        let domains = options.tenant.profile.internal_domains.clone();
        let emulator = runtime.block_on(Emulator::start(options))?;
        let folder = tempfile::tempdir()?;
        let configuration = folder.path().join("sharetrail.toml");
        fs::write(folder.path().join("ca.pem"), &emulator.endpoints().ca_pem)?;
        fs::write(folder.path().join("secret"), emulator.endpoints().tenant_application.client_secret.expose())?;
        fs::write(&configuration, written(emulator.endpoints(), &domains))?;
        let mut costs = Vec::new();
        for run in 0..runs {
            costs.push(collect(&configuration, &folder.path().join(format!("store-{run}.db")))?);
        }
        let of = |value: fn(&process::Cost) -> f64| median(costs.iter().map(value).collect());
        let cpu = of(|cost| cost.user_seconds + cost.system_seconds);
        println!(
            "{records:>8}  {blobs:>6}  {cpu:>6.2}  {:>9.2}  {:>5.2}  {:>7.2}  {:>7.1}  {:>8.0}  {:>8.1}",
            cpu * 1e6 / records as f64,
            of(|cost| cost.user_seconds),
            of(|cost| cost.system_seconds),
            of(|cost| cost.wall_seconds),
            of(|cost| cost.peak_bytes as f64) / 1e6,
            of(|cost| cost.store_bytes as f64) / 1e6,
        );
    }
    Ok(())
}

fn options(records: u64, blobs: u32) -> Options {
    let now_ms = sharetrail::http::Clock::System.now().as_millisecond();
    let tenant = story::tell(&StoryOptions { seed: 7, records: 4_000, days: 6, now_ms });
    let mut options = Options::new(tenant);
    options.management.requests_per_minute = None;
    options.management.synthetic =
        Some(SyntheticFeed { records, blobs, relevant_per_mille: RELEVANT_PER_MILLE, hours: 120 });
    options
}

fn written(endpoints: &Endpoints, domains: &[String]) -> String {
    let (https, tenant_id) = (&endpoints.https, &endpoints.tenant_id);
    let application = &endpoints.tenant_application.client_id;
    format!(
        r#"
[identity]
kind = "client_secret"
tenant_id = "{tenant_id}"
client_id = "{application}"
client_secret = "file:secret"
[tls]
extra_roots = ["ca.pem"]
[cloud]
authority = "{https}"
audit = "{https}"
[[tenant]]
name = "measured"
tenant_id = "{tenant_id}"
internal_domains = {domains:?}
[tenant.audit]
requests_per_minute_max = 1000000
"#
    )
}
