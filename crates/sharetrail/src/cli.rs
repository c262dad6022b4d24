//! The command line: what may be typed, and the help that explains it. What it leads to is in `commands/`.

mod inventing;
mod keeping;
mod reading;
mod showing;
mod value;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};

pub use inventing::{Demo, Emulate};
pub use keeping::{Backup, DeadLetters, Doctor, Init, Restore, Status, WhichDeadLetters};
pub use reading::{Backfill, Collect, Function, Import, Keep, Run};
pub use showing::{Report, ReportFormat, ReportKind, Serve, Show};
pub(crate) use value::moment;

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
    /// not be had is listed by `report gaps`. With --dry-run nothing is stored or sent and no feed moves: it is told what
    /// would be.
    #[command(after_help = "Examples:
  sharetrail collect
  sharetrail collect --dry-run
  sharetrail collect --tenant contoso --partial-ok")]
    Collect(Collect),
    /// Collect on a schedule, until it is stopped
    ///
    /// Reads each feed when it is due (`[run]` and `schedule` keys of the configuration), concludes and delivers, as `collect`
    /// does. What was missed while it was not running is made up. A feed or sink that fails is tried again by itself, at
    /// growing pauses, and delays no other. Tells of its health at /healthz, /readyz and /metrics, on this machine alone
    /// unless `run.listen` or --listen says otherwise.
    ///
    /// Asked to stop (Ctrl-C, SIGTERM) it finishes what is under way, saves, and ends with 0. SIGHUP makes it read its
    /// configuration again; a wrong one is told and not taken.
    #[command(after_help = "Examples:
  sharetrail run
  sharetrail run --dashboard 127.0.0.1:8765
  sharetrail run -v --config /etc/sharetrail/sharetrail.toml --state /var/lib/sharetrail")]
    Run(Run),
    /// Collect whenever the host of Azure Functions says so, as its custom handler
    ///
    /// Answers the host at the port that FUNCTIONS_CUSTOMHANDLER_PORT names; on each tick of the timer it does what `collect`
    /// does, and ends before the host's time limit. Nothing stays on the instance: the store is a blob in the app's storage
    /// account (`[function]`), written by one instance at a time. Its configuration is sharetrail.toml in the folder of the
    /// app; the five app settings of the older PowerShell function are understood in its place.
    ///
    /// With --fetch it writes a copy of that store, for `report`, `serve` and all that reads.
    #[command(after_help = "Examples:
  sharetrail function
  sharetrail function --fetch contoso.db --config deployed/sharetrail.toml")]
    Function(Function),
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
    /// Send a test message to each webhook of `[alerts]`
    #[command(after_help = "Examples:\n  sharetrail test-alert\n  sharetrail test-alert --webhook soc")]
    TestAlert(TestAlert),
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
    /// Print what Azure has to be told so that delivered rows find their tables
    ///
    /// From the row types of this release: columns, the bodies that make tables and data collection rule, and the template
    /// of all of it, which is also in deploy/azure.
    #[command(
        subcommand,
        after_help = "Examples:
  sharetrail schema columns
  sharetrail schema template > delivery.json
  sharetrail schema bicep > delivery.bicep"
    )]
    Schema(Schema),
    /// Print completions for a shell
    #[command(
        after_help = "Example:\n  sharetrail completions bash > ~/.local/share/bash-completion/completions/sharetrail"
    )]
    Completions(Completions),
    /// Print the manual page, or write those of all commands into a folder
    Man(Man),
}

/// Options of `test-alert`.
#[derive(Debug, Args)]
pub struct TestAlert {
    /// Only this webhook; may be given several times [default: all]
    #[arg(long, value_name = "NAME")]
    pub webhook: Vec<String>,
}

/// What `schema` prints.
#[derive(Debug, Subcommand)]
pub enum Schema {
    /// The columns of each table, with their types and what they say, as JSON
    Columns,
    /// The body that makes each table, by the table's name, as JSON
    Tables,
    /// The body that makes the data collection rule, of the kind Direct
    #[command(after_help = "Example:
  sharetrail schema rule --location westeurope --workspace \
    /subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/security/providers/Microsoft.OperationalInsights/workspaces/contoso-logs")]
    Rule {
        /// Resource id of the workspace
        #[arg(long, value_name = "ID")]
        workspace: String,
        /// Region of the workspace
        #[arg(long, value_name = "REGION")]
        location: String,
    },
    /// The template of Azure Resource Manager: tables, rule, role, on request an endpoint
    Template,
    /// The same template as Bicep
    Bicep,
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

#[cfg(test)]
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
