//! What keeps it running: `init`, `doctor`, `status`, `dead-letters`, `backup`, `restore`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::value::table;
use crate::store::Table;

/// Options of `init`.
#[derive(Debug, Args)]
pub struct Init {
    /// Replace the file if it exists
    #[arg(long)]
    pub force: bool,
    /// File to write [default: as --config, else sharetrail.toml in this folder]
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,
}

/// Options of `doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Print one JSON list of findings
    #[arg(long)]
    pub json: bool,
}

/// Options of `status`.
#[derive(Debug, Args)]
pub struct Status {
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Options of `backup`.
#[derive(Debug, Args)]
pub struct Backup {
    /// File to write
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    pub force: bool,
}

/// Options of `restore`.
#[derive(Debug, Args)]
pub struct Restore {
    /// The copy
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Replace what the store holds
    #[arg(long)]
    pub force: bool,
}

/// What `dead-letters` does.
#[derive(Debug, Subcommand)]
pub enum DeadLetters {
    /// Show rows that a sink refused, oldest first, and what can be done about them
    List {
        /// Which ones
        #[command(flatten)]
        which: WhichDeadLetters,
        /// Print a list of objects
        #[arg(long)]
        json: bool,
    },
    /// Let rows wait for their sink again, each as it is now; the next pass sends them
    Retry {
        /// Which ones
        #[command(flatten)]
        which: WhichDeadLetters,
    },
    /// Give rows up: their sink will not have them, the store and the reports keep them
    Drop {
        /// Which ones
        #[command(flatten)]
        which: WhichDeadLetters,
        /// All of them
        #[arg(long)]
        all: bool,
    },
}

/// Which dead letters are meant: those that all of these hold for.
#[derive(Debug, Clone, Args)]
pub struct WhichDeadLetters {
    /// Ids of the rows, as `list` shows them [default: all]
    #[arg(value_name = "ID")]
    pub row: Vec<String>,
    /// Only those of this sink, by its name in the configuration
    #[arg(long, value_name = "NAME")]
    pub sink: Option<String>,
    /// Only those of this table, such as ShareTrailAccess_CL
    #[arg(long, value_name = "TABLE", value_parser = table)]
    pub table: Option<Table>,
    /// Only those whose reason holds this text
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}
