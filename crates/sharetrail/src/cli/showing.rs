//! What shows the answer: `report`, `show`, `serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};
use trail::TimeMs;

use super::value::moment;

/// Options of `report`.
#[derive(Debug, Args)]
pub struct Report {
    /// What to report
    #[arg(value_name = "KIND")]
    pub kind: ReportKind,
    /// From this time on: 2026-11-01 or 2026-11-01T08:00:00Z, UTC where no zone is given; not for `gaps`
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub since: Option<TimeMs>,
    /// Before this time, which is not included; not for `gaps`
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub until: Option<TimeMs>,
    /// Only this person, as reports name them; this and the next two not for `accepts`, `gaps` and `excluded`
    #[arg(long, value_name = "PERSON")]
    pub person: Option<String>,
    /// Only people of this domain
    #[arg(long, value_name = "DOMAIN")]
    pub domain: Option<String>,
    /// Only items of this site: its address, or the part of it after sites/ or teams/
    #[arg(long, value_name = "SITE")]
    pub site: Option<String>,
    /// Only what was classified at that moment; for `access`, `people`, `domains` and `items`
    #[arg(long)]
    pub classified: bool,
    /// Form of the report
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: ReportFormat,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
}

/// What to report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportKind {
    /// Who outside reached which file, when and how
    Access,
    /// Ways in for outsiders: links, invitations, grants, with their life
    Shares,
    /// Who outside reached something
    People,
    /// Which organisations outside reached something
    Domains,
    /// Which files were reached from outside
    Items,
    /// Accesses to what was classified at that moment
    Classified,
    /// Accesses without a known share, or long after its end
    Unexplained,
    /// Ways in that are open and were never used
    Unused,
    /// Accepted invitations, in the fifteen columns of the older share report
    Accepts,
    /// What the rules of alerts found, and who was told
    Findings,
    /// What could not be had, and why
    Gaps,
    /// How many records are left out of the other reports, and why
    Excluded,
    /// What each feed brought, by day of arrival, and what became of it
    Reconciliation,
}

/// Form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For people
    Table,
    /// A list of objects
    Json,
    /// For spreadsheets, and for programs that read lines
    Csv,
    /// A workbook with the whole answer: one sheet a question, beginning with the one that was asked
    Xlsx,
    /// A page with the whole answer, to open in a browser, send and print; of the last 30 days, unless told otherwise
    Html,
    /// For data tools
    Parquet,
}

/// What `show` shows.
#[derive(Debug, Subcommand)]
pub enum Show {
    /// One person outside: in which forms, through which shares, to what
    Person {
        /// The person, as reports or as records name them
        #[arg(value_name = "PERSON")]
        id: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// One item: who reached it, through which shares
    Item {
        /// Its id, its address, or its name
        #[arg(value_name = "ITEM")]
        id: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// One share: its life and who came through it
    Share {
        /// Its id
        #[arg(value_name = "ID")]
        id: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// One access: what it was, through which share, and the records it rests on
    Access {
        /// Its id
        #[arg(value_name = "ID")]
        id: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// An audit record, byte for byte as it was received
    Record {
        /// The record's Id
        #[arg(value_name = "ID")]
        id: String,
    },
}

/// Options of `serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8765")]
    pub listen: SocketAddr,
    /// A name under which browsers reach it, beside its addresses and localhost; may be given several times
    #[arg(long, value_name = "NAME")]
    pub host: Vec<String>,
    /// Ask for a token on this machine, too
    #[arg(long)]
    pub token: bool,
}
