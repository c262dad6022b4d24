//! What invents a tenant: `demo`, `emulate`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueHint};
use trail::TimeMs;

use super::value::moment;

/// Options of `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// The tenant to invent: the same number gives the same tenant
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// How many audit records the tenant has
    #[arg(long, value_name = "COUNT", default_value_t = 20_000)]
    pub records: u32,
    /// Folder for the store, the configuration and the report
    #[arg(long, value_name = "DIR", default_value = "sharetrail-demo", value_hint = ValueHint::DirPath)]
    pub out: PathBuf,
}

/// Options of `emulate`.
#[derive(Debug, Args)]
pub struct Emulate {
    /// Address for https; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8443")]
    pub listen: SocketAddr,
    /// Address for plain http, which managed identities use [default: none]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen_http: Option<SocketAddr>,
    /// The tenant to invent
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// How many audit records the tenant has
    #[arg(long, value_name = "COUNT", default_value_t = 20_000)]
    pub records: u32,
    /// Over how many days they spread
    #[arg(long, value_name = "DAYS", default_value_t = 28, value_parser = clap::value_parser!(u32).range(1..=180))]
    pub days: u32,
    /// The emulator's present, where the records end: 2026-11-01 or 2026-11-01T08:00:00Z [default: now]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub now: Option<TimeMs>,
    /// Write the tenant's records as files into this folder, and stop
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub export: Option<PathBuf>,
    /// Write a configuration that collects from this emulator and delivers to it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub write_config: Option<PathBuf>,
    /// A fault to play, as SERVICE:RULE:KIND, such as defender:every=3:429; may be given several times
    #[arg(long, value_name = "FAULT")]
    pub fault: Vec<emulator::faults::Fault>,
    /// A fault script to play: a file with a fault a line
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub faults: Option<PathBuf>,
    /// Play every oddity of the audit feed at once: records that come twice or late, blobs that fail or have expired,
    /// empty pages, refusals
    #[arg(long)]
    pub feed_quirks: bool,
    /// An audit feed of generated records in place of the tenant's, as RECORDS:BLOBS:RELEVANT_PER_MILLE:HOURS, such
    /// as 500000:5000:50 (the last two may be left out): for measuring
    #[arg(long, value_name = "SIZE")]
    pub synthetic_feed: Option<emulator::SyntheticFeed>,
    /// Answer any number of requests a minute, as no real service does: for measuring
    #[arg(long)]
    pub unlimited: bool,
    /// Count delivered rows and forget them, so that a long run needs no memory for them: for measuring
    #[arg(long)]
    pub count_only: bool,
}
