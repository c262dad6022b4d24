//! What brings records in: `collect`, `run`, `function`, `backfill`, `import`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use trail::TimeMs;

use super::value::{domain, moment};
use crate::collect::BackfillSource;

/// Options of `collect`.
#[derive(Debug, Args)]
pub struct Collect {
    /// Exit with 0 instead of 3 when something is behind or was rejected
    #[arg(long)]
    pub partial_ok: bool,
    /// Only this tenant; may be given several times [default: all]
    #[arg(long, value_name = "NAME")]
    pub tenant: Vec<String>,
    /// Say what would be kept and what would be sent, and how much that is a day; store nothing and send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// With --dry-run: read each feed for so long at most; 0 reads one page [default: 15]
    #[arg(long, value_name = "MINUTES", requires = "dry_run", value_parser = clap::value_parser!(u32).range(..=1440))]
    pub minutes_max: Option<u32>,
    /// With --dry-run: print a list of objects, one a tenant
    #[arg(long, requires = "dry_run")]
    pub json: bool,
}

/// Options of `run`.
#[derive(Debug, Args)]
pub struct Run {
    /// Address of /healthz, /readyz and /metrics, instead of the configured one; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// Serve the dashboard as well, as `serve` does, at this address; for one tenant
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub dashboard: Option<SocketAddr>,
    /// A name under which browsers reach the dashboard; may be given several times
    #[arg(long, value_name = "NAME", requires = "dashboard")]
    pub host: Vec<String>,
}

/// Options of `function`.
#[derive(Debug, Args)]
pub struct Function {
    /// Write a copy of the state into this new file, instead of answering a host
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub fetch: Option<PathBuf>,
    /// With --fetch: whose, where the configuration has several tenants
    #[arg(long, value_name = "NAME", requires = "fetch")]
    pub tenant: Option<String>,
}

/// Options of `backfill`.
#[derive(Debug, Args)]
pub struct Backfill {
    /// From this time on: 2026-11-01 or 2026-11-01T08:00:00Z, UTC where no zone is given
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub from: TimeMs,
    /// Before this time [default: a little before now]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub to: Option<TimeMs>,
    /// Only this tenant; may be given several times [default: all]
    #[arg(long, value_name = "NAME")]
    pub tenant: Vec<String>,
    /// Where to read it from [default: the configured source that suits the range best]
    #[arg(long, value_name = "SOURCE")]
    pub source: Option<BackfillSource>,
    /// Exit with 0 instead of 3 when something is behind or was rejected
    #[arg(long)]
    pub partial_ok: bool,
}

/// Options of `import`.
#[derive(Debug, Args)]
pub struct Import {
    /// Files to read, or folders of them; `-` is standard input
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// Print one JSON object a file
    #[arg(long)]
    pub json: bool,
    /// Domains whose people are inside, separated by commas; remembered in the store
    #[arg(long, value_name = "DOMAIN", value_delimiter = ',', value_parser = domain)]
    pub internal_domain: Vec<String>,
    /// Which records are kept [default: as configured, else relevant]
    #[arg(long, value_name = "WHICH")]
    pub keep: Option<Keep>,
}

/// Which records are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Keep {
    /// What can matter to the question; the rest is counted
    Relevant,
    /// Everything
    All,
}
