//! The command line: what may be typed, and the help that explains it. What it leads to is in `commands/`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use trail::TimeMs;

use crate::collect::BackfillSource;
use crate::store::Table;

/// Who outside the organisation reaches the files we shared, through which share, and was the file classified?
///
/// sharetrail collects audit records of Microsoft 365, keeps them in a local store, works out who outside reached which
/// file, delivers that to Azure Monitor Logs and shows it in reports. It only reads from the tenant.
///
/// Results go to standard output, everything else to standard error.
#[derive(Debug, Parser)]
#[command(name = "sharetrail", version, propagate_version = true, max_term_width = 110)]
#[command(after_help = EXIT_CODES, after_long_help = EXAMPLES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Options of every command.
    #[command(flatten)]
    pub globals: Globals,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 done in part (something is behind or \
was rejected, nothing is lost), 130 interrupted (state saved).";

const EXAMPLES: &str = "Examples:
  sharetrail demo                                      see what it does, with an invented tenant
  sharetrail import audit.csv                          read an export of the audit log
  sharetrail report access --since 2026-11-01          who reached what since then
  sharetrail init && sharetrail collect                collect from a tenant

Exit codes:
  0    done
  1    failed
  2    usage or configuration
  3    done in part: something is behind or was rejected, nothing is lost
  130  interrupted, state saved";

/// Options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Globals {
    /// Configuration file [default: sharetrail.toml in this folder]
    #[arg(long, global = true, value_name = "FILE", env = "SHARETRAIL_CONFIG", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// The store: a file for one tenant, a folder of NAME.db for several [default: sharetrail.db in this folder]
    #[arg(long, global = true, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub state: Option<PathBuf>,
    /// Log more: -v what is done, -vv each call, -vvv everything, also of the libraries underneath
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Form of the log on standard error
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,
}

/// Form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people
    Text,
    /// One JSON object a line
    Json,
}

impl LogFormat {
    /// What arguments that could not be read as a whole say of the format.
    pub fn wanted_by(arguments: impl IntoIterator<Item = String>) -> Self {
        let arguments: Vec<String> = arguments.into_iter().collect();
        let apart = arguments.windows(2).any(|two| two[0] == "--log-format" && two[1] == "json");
        if apart || arguments.iter().any(|one| one == "--log-format=json") { Self::Json } else { Self::Text }
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show what sharetrail does, with an invented tenant and without any configuration
    ///
    /// Starts the emulator with a seeded tenant, collects from it, delivers to it, prints who reached what, writes the
    /// report, and says where all of it is.
    Demo(Demo),
    /// Write a commented configuration
    #[command(after_help = "Example:\n  sharetrail init\n  sharetrail init --force /etc/sharetrail/sharetrail.toml")]
    Init(Init),
    /// Check that everything is there that collecting and delivering need
    ///
    /// Looks at configuration, store, disk, connections, clock, secrets, tokens with their roles, every source and every
    /// sink, and tells each finding with its reason and remedy. It changes nothing anywhere. Ends with 0 when all is fine, 1
    /// when something does not work, 3 when something should be looked at.
    #[command(after_help = "Examples:\n  sharetrail doctor\n  sharetrail doctor --json")]
    Doctor(Doctor),
    /// Read everything new from every tenant, deliver it, and stop
    ///
    /// Each feed goes on where it stopped. The first time it looks back 30 days, or as `look_back_days` says. What could
    /// not be had is listed by `report gaps`.
    #[command(after_help = "Examples:\n  sharetrail collect\n  sharetrail collect --tenant contoso --partial-ok")]
    Collect(Collect),
    /// Read an older range, without disturbing where each feed goes on
    ///
    /// From the source that reaches back far enough, or from the one that is named: audit-log queries of Microsoft Graph
    /// (as far back as the tenant keeps its audit log), advanced hunting (30 days), Defender for Cloud Apps (30 days, and
    /// its archive for 180). What cannot be had is listed by `report gaps`. An interrupted run goes on where it was when
    /// the same command is given again; a range that is read twice is stored once. What follows is delivered.
    #[command(after_help = "Examples:
  sharetrail backfill --from 2026-06-01 --to 2026-07-01
  sharetrail backfill --from 2026-11-10 --source hunting --tenant contoso")]
    Backfill(Backfill),
    /// Read exported audit files
    ///
    /// Takes exports of the Purview portal, of Search-UnifiedAuditLog, of Graph, of the tables OfficeActivity and
    /// CloudAppEvents, dumps of the Management API and of the streaming API, and activities of Defender for Cloud Apps: JSON
    /// in any layout or CSV, plain, gzip or zip, files or folders. What a file is is told by its content, not by its
    /// name. Importing a file twice changes nothing. Needs no configuration.
    #[command(after_help = "Examples:
  sharetrail import audit.csv --internal-domain contoso.com,contoso.onmicrosoft.com
  sharetrail import --json export-*.json.gz exports.zip folder-of-exports
  zcat old.ndjson.gz | sharetrail import -")]
    Import(Import),
    /// Show what was found out
    #[command(after_help = "Examples:
  sharetrail report access --since 2026-11-01 --domain fabrikam.example
  sharetrail report access --format csv --out access.csv
  sharetrail report people --format xlsx --out answer.xlsx
  sharetrail report unexplained --since 2026-11-01
  sharetrail report unused --format csv --out unused.csv
  sharetrail report gaps")]
    Report(Report),
    /// Show one thing with its evidence
    #[command(
        subcommand,
        after_help = "Examples:
  sharetrail show person li.wang@fabrikam.example
  sharetrail show item \"Price list 362.xlsx\"
  sharetrail show share b1092906-0707-4a46-9f03-a11d2dc66477
  sharetrail show record 97ee2049-893e-4c9d-a312-08d82b46faf7"
    )]
    Show(Show),
    /// Look at all of it in a browser
    ///
    /// Serves the dashboard over the store, read-only, until it is interrupted: the answer, people, organisations, items,
    /// shares, each with its time line and its records; any table as CSV or workbook; a JSON API under /api/v1. It may run
    /// while something else collects. This machine alone reaches it, unless --listen says otherwise; then whoever opens it
    /// needs the token that is printed, or signs in where `[dashboard]` says so.
    #[command(after_help = "Examples:
  sharetrail serve
  sharetrail serve --listen 0.0.0.0:8080 --host trail.contoso.example")]
    Serve(Serve),
    /// Show how far each feed has come, what waits for delivery, and what is missing
    Status(Status),
    /// Show rows that a sink refused, send them again, or give them up
    ///
    /// A row that a sink will never take as it is, such as one that is too large by itself or of the wrong type, is set
    /// aside with the reason so that it does not hold up the others.
    #[command(
        subcommand,
        after_help = "Examples:
  sharetrail dead-letters list
  sharetrail dead-letters retry --sink logs-ingestion
  sharetrail dead-letters drop --reason \"larger than\""
    )]
    DeadLetters(DeadLetters),
    /// Copy the store into one file, also while something else collects
    ///
    /// The copy is the store as it was at one moment, readable by its owner alone, and needs no file beside it.
    #[command(after_help = "Examples:
  sharetrail backup sharetrail-monday.db
  sharetrail backup --force --state /var/lib/sharetrail/contoso.db /backup/contoso.db")]
    Backup(Backup),
    /// Put a copy that `backup` made in the place of the store
    ///
    /// The copy is checked first: that it is whole, and of a release that this one understands. Feeds go on from where
    /// they were when the copy was made.
    #[command(after_help = "Example:\n  sharetrail restore sharetrail-monday.db --force")]
    Restore(Restore),
    /// Give room that the store no longer needs back to the disk
    ///
    /// While it works, the disk needs room for a second copy of the store, and nothing else may collect.
    Compact,
    /// Run the emulator: a stand-in for the Microsoft services, with an invented tenant
    ///
    /// Serves Entra ID tokens, Key Vault, Azure Resource Manager, Defender for Cloud Apps, Logs Ingestion, the HTTP Data
    /// Collector and queries, over https with a certificate authority of its own, until it is interrupted. The tenant is
    /// made from --seed, --records, --days and --now: the same numbers give the same tenant.
    #[command(after_help = "Examples:
  sharetrail emulate --write-config emulator.toml
  sharetrail emulate --records 100000 --fault defender:every=3:429 --fault ingestion:first=2:503
  sharetrail emulate --export records")]
    Emulate(Emulate),
    /// Print completions for a shell
    #[command(
        after_help = "Example:\n  sharetrail completions bash > ~/.local/share/bash-completion/completions/sharetrail"
    )]
    Completions(Completions),
    /// Print the manual page, or write those of all commands into a folder
    Man(Man),
}

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

/// Options of `collect`.
#[derive(Debug, Args)]
pub struct Collect {
    /// Exit with 0 instead of 3 when something is behind or was rejected
    #[arg(long)]
    pub partial_ok: bool,
    /// Only this tenant; may be given several times [default: all]
    #[arg(long, value_name = "NAME")]
    pub tenant: Vec<String>,
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

/// Options of `completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// Options of `man`.
#[derive(Debug, Args)]
pub struct Man {
    /// Folder to write the pages of all commands into [default: print the main page]
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub folder: Option<PathBuf>,
}

/// An instant as people type it: RFC 3339, or a day (its first moment) or a time without a zone in UTC.
pub(crate) fn moment(text: &str) -> Result<TimeMs, String> {
    let instant = text.parse::<jiff::Timestamp>().ok().or_else(|| {
        let civil = text.parse::<jiff::civil::DateTime>().ok()?;
        jiff::tz::Offset::UTC.to_timestamp(civil).ok()
    });
    instant
        .map(|instant| TimeMs(instant.as_millisecond()))
        .ok_or_else(|| "write a day, such as 2026-11-01, or a time, such as 2026-11-01T08:00:00Z".to_owned())
}

/// A table's name, in whatever case.
fn table(text: &str) -> Result<Table, String> {
    let names = Table::ALL.map(Table::as_str).join(", ");
    let named = |table: &Table| table.as_str().eq_ignore_ascii_case(text);
    Table::ALL.into_iter().find(named).ok_or_else(|| format!("the tables are {names}"))
}

/// A mail domain as people type it, lower case.
fn domain(text: &str) -> Result<String, String> {
    let domain = text.trim().to_lowercase();
    if crate::config::is_domain(&domain) {
        Ok(domain)
    } else {
        Err("write bare domains separated by commas, such as contoso.com,contoso.onmicrosoft.com".to_owned())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definitions_agree_with_each_other() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_and_option_is_explained() {
        fn check(command: &clap::Command, path: &str) {
            let path = format!("{path} {}", command.get_name());
            assert!(command.get_about().is_some(), "{path}");
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{path}: {}", argument.get_id());
            }
            command.get_subcommands().for_each(|inner| check(inner, &path));
        }
        check(&Cli::command(), "");
    }

    #[test]
    fn a_time_is_a_day_or_an_instant() {
        for (typed, millis) in [
            ("1970-01-02", 86_400_000),
            ("1970-01-01T00:00:01Z", 1000),
            ("1970-01-01T01:00:01.5+01:00", 1500),
            ("1970-01-01T00:01", 60_000),
        ] {
            assert_eq!(moment(typed), Ok(TimeMs(millis)), "{typed}");
        }
        for typed in ["yesterday", "", "2026-13-01", "1.11.2026"] {
            assert!(moment(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn global_options_may_stand_after_the_command() {
        let cli = Cli::try_parse_from([
            "sharetrail",
            "import",
            "-",
            "--internal-domain",
            "Contoso.com,b.example",
            "--state",
            "x.db",
            "-vv",
        ])
        .unwrap();
        assert_eq!((cli.globals.state, cli.globals.verbose), (Some(PathBuf::from("x.db")), 2));
        let Command::Import(import) = cli.command else { unreachable!("import was typed") };
        assert_eq!(import.files, [PathBuf::from("-")]);
        assert_eq!(import.internal_domain, ["contoso.com", "b.example"]);
    }
}
