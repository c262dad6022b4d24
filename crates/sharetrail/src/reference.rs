//! The pages of `docs/reference`: written from the code, and held to it by the test below.
//!
//! `SHARETRAIL_WRITE_REFERENCE=1 cargo test --release -p sharetrail reference` writes them anew.

mod environment;
mod errors;
mod sources;

use std::fmt::Write;
use std::path::Path;

use clap::{Arg, Command, CommandFactory};

use crate::cli::Cli;
use crate::config;
use crate::rows::{
    Accept, Access, Activity, Arrived, DeadLetter, Domain, Excluded, Gap, Item, Kind, Person, Row, Share,
};

/// What every page says of itself.
const ORIGIN: &str = "Written from the code; a test tells when it differs. Do not edit it here.";

#[test]
#[allow(clippy::unwrap_used, clippy::panic)]
fn the_pages_of_the_reference_are_those_of_the_code() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference");
    let pages = [
        ("command-line.md", command_line()),
        ("columns.md", columns()),
        ("configuration.md", configuration()),
        ("environment.md", environment::environment()),
        ("errors.md", errors::errors()),
        ("exit-codes.md", exit_codes()),
        ("metrics.md", metrics()),
    ];
    let rewrite = std::env::var_os("SHARETRAIL_WRITE_REFERENCE").is_some();
    for (name, page) in pages {
        let path = folder.join(name);
        if rewrite {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &page).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        assert!(
            written == page,
            "docs/reference/{name} differs from the code; write it anew with \
             `SHARETRAIL_WRITE_REFERENCE=1 cargo test --release -p sharetrail reference` and read the difference"
        );
    }
}

/// Keys whose value is the reader's own: examples, too.
const YOUR_OWN: [&str; 6] = ["endpoint", "dcr_immutable_id", "access_stream", "share_stream", "gap_stream", "url"];

/// Begins a page. Writing into a `String` cannot fail, so results of `write!` are dropped here and below.
fn page(title: &str, opening: &str) -> String {
    format!("# {title}\n\n{opening}\n\n{ORIGIN}\n")
}

/// A row of a table; a bar in a cell would end it.
fn line(page: &mut String, cells: &[&str]) {
    for cell in cells {
        let _ = write!(page, "| {} ", cell.replace('|', "\\|").replace('\n', " "));
    }
    page.push_str("|\n");
}

fn head(page: &mut String, cells: &[&str]) {
    page.push('\n');
    line(page, cells);
    line(page, &vec!["---"; cells.len()]);
}

fn columns() -> String {
    let mut page = page(
        "Columns",
        "The columns of reports and of the tables in Azure Monitor Logs. CSV reports and tables use the first name, JSON \
         reports the second. An empty cell is left out of delivered rows, which reads as null there. `Truncated` names the \
         columns whose text was cut at 64 KiB; only delivered rows that were cut have it, so the stream should declare it, \
         too.",
    );
    table_of::<Access>(&mut page, "`report access`, `classified` and `unexplained`, table `ShareTrailAccess_CL`");
    table_of::<Share>(&mut page, "`report shares`, table `ShareTrailShare_CL`");
    page.push_str("\n`report unused` has the same columns and `DaysOpen` (`days_open`), the days since it was made or first seen.\n");
    table_of::<Person>(&mut page, "`report people`");
    table_of::<Domain>(&mut page, "`report domains`");
    table_of::<Item>(&mut page, "`report items`");
    table_of::<Gap>(&mut page, "`report gaps`, table `ShareTrailGap_CL`");
    table_of::<DeadLetter>(&mut page, "`dead-letters list`");
    table_of::<Accept>(&mut page, "`report accepts`, table `MCAS_CL` of the Data Collector");
    table_of::<Excluded>(&mut page, "`report excluded`");
    table_of::<Arrived>(&mut page, "`report reconciliation`");
    table_of::<Activity>(&mut page, "Table `ShareTrailActivity_CL`, off by default");
    page
}

fn table_of<R: Row>(page: &mut String, title: &str) {
    let _ = write!(page, "\n## {title}\n");
    head(page, &["column", "in JSON reports", "type in the table", "what"]);
    for column in R::COLUMNS {
        let key = if column.reported { format!("`{}`", column.key) } else { "(delivered only)".to_owned() };
        let kind = match column.kind {
            Kind::Text => "string",
            Kind::Time => "datetime",
            Kind::Integer => "long",
            Kind::Boolean => "boolean",
            Kind::List => "dynamic",
        };
        line(page, &[&format!("`{}`", column.name), &key, kind, column.about]);
    }
}

fn configuration() -> String {
    let mut page = page(
        "Configuration",
        "The keys of `sharetrail.toml`. `sharetrail init` writes a commented example with all of them. Unknown keys are \
         refused. A unit is at the end of a key's name. The last column shows the default; in italics, an example.",
    );
    let mut tables: Vec<(String, Vec<config::Key>)> = Vec::new();
    for key in config::keys() {
        if key.kind.contains("table") {
            let title = if key.kind == "table" { format!("[{}]", key.path) } else { format!("[[{}]]", key.path) };
            if tables.is_empty() {
                page.push('\n');
            }
            let _ = writeln!(page, "* `{title}`: {}", key.about);
            tables.push((key.path, Vec::new()));
        } else if let Some((_, keys)) =
            tables.iter_mut().rev().find(|(table, _)| key.path.rsplit_once('.').is_some_and(|(at, _)| at == table))
        {
            keys.push(key);
        }
    }
    for (table, keys) in tables.iter().filter(|(_, keys)| !keys.is_empty()) {
        let _ = write!(page, "\n## `{table}`\n");
        head(&mut page, &["key", "type", "what", "default or *example*"]);
        for key in keys {
            let name = key.path.rsplit('.').next().unwrap_or_default();
            let shown = match example(table, name) {
                Some((value, true)) => format!("`{value}`"),
                Some((value, false)) => format!("*`{value}`*"),
                None => String::new(),
            };
            line(&mut page, &[&format!("`{name}`"), &key.kind, key.about, &shown]);
        }
    }
    page
}

/// How the example sets a key, and whether that is its default.
fn example(table: &str, key: &str) -> Option<(String, bool)> {
    let mut within = "";
    for line in config::EXAMPLE.lines() {
        let bare = line.trim_start_matches('#');
        if bare.starts_with('[') {
            within = bare.split([' ', '#']).next()?.trim_matches(['[', ']']);
        } else if within == table
            && let Some(rest) = bare.strip_prefix(key).and_then(|rest| rest.strip_prefix(" = "))
        {
            let value = rest.split(" #").next().unwrap_or(rest).trim();
            let names_your_own = config::EXAMPLES_NOT_DEFAULTS.contains(&key) || YOUR_OWN.contains(&key);
            let is_default = line.starts_with('#') && !names_your_own;
            return Some((value.to_owned(), is_default));
        }
    }
    None
}

fn exit_codes() -> String {
    let mut page = page("Exit codes", "How every command ends.");
    page.push('\n');
    for row in include_str!("exit.rs").lines().filter_map(|line| line.strip_prefix("//! |")) {
        let _ = writeln!(page, "|{row}");
    }
    page.push_str("\n`collect --partial-ok` ends with 0 instead of 3.\n");
    page
}

fn metrics() -> String {
    let mut page = page(
        "Metrics",
        "What `/metrics` of `sharetrail run` tells, in the text format of Prometheus. A unit is at the end of a name; a name \
         that ends in `_total` only grows. What is of a store is as of the latest pass; lags are as of now.",
    );
    head(&mut page, &["metric", "kind", "labels", "what"]);
    for metric in crate::run::metrics::METRICS {
        let labels: Vec<String> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        line(&mut page, &[&format!("`{}`", metric.name), metric.kind.as_str(), &labels.join(", "), metric.about]);
    }
    page
}

fn command_line() -> String {
    let root = Cli::command();
    let mut page = page("Command line", &root.get_about().map(ToString::to_string).unwrap_or_default());
    let globals: Vec<&Arg> = root.get_arguments().filter(|argument| argument.is_global_set()).collect();
    let _ = write!(page, "\n## Options of every command\n");
    arguments(&mut page, &globals);
    for command in root.get_subcommands() {
        describe(&mut page, command, "sharetrail");
    }
    page
}

fn describe(page: &mut String, command: &Command, parent: &str) {
    let name = format!("{parent} {}", command.get_name());
    let _ = write!(page, "\n## `{name}`\n");
    if let Some(about) = command.get_long_about().or(command.get_about()) {
        let _ = write!(page, "\n{about}\n");
    }
    let own: Vec<&Arg> = command.get_arguments().filter(|argument| !argument.is_global_set()).collect();
    if !own.is_empty() {
        arguments(page, &own);
    }
    if let Some(examples) = command.get_after_help() {
        let text = examples.to_string();
        let (title, examples) = text.split_once('\n').unwrap_or(("Example:", &text));
        let _ = write!(page, "\n{title}\n\n```sh\n");
        for example in examples.lines() {
            let _ = writeln!(page, "{}", example.trim());
        }
        page.push_str("```\n");
    }
    for inner in command.get_subcommands() {
        describe(page, inner, &name);
    }
}

fn arguments(page: &mut String, arguments: &[&Arg]) {
    head(page, &["argument", "what", "default"]);
    for argument in arguments {
        let value = argument.get_value_names().and_then(|names| names.first()).map(ToString::to_string);
        let value = value.filter(|_| argument.get_action().takes_values());
        let name = match (argument.get_short(), argument.get_long()) {
            (Some(short), Some(long)) => format!("-{short}, --{long}"),
            (None, Some(long)) => format!("--{long}"),
            _ => String::new(),
        };
        let value = value.unwrap_or_else(|| {
            if name.is_empty() { argument.get_id().to_string().to_uppercase() } else { String::new() }
        });
        let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        let mut about = help.clone();
        // Shells are listed by clap itself and need no words here.
        for choice in argument.get_possible_values().iter().filter(|choice| choice.get_help().is_some()) {
            let help = choice.get_help().map(ToString::to_string).unwrap_or_default();
            let _ = write!(about, "; `{}`: {}", choice.get_name(), help);
        }
        if let Some(variable) = argument.get_env() {
            let _ = write!(about, "; environment: `{}`", variable.to_string_lossy());
        }
        let mut default: String =
            argument.get_default_values().iter().map(|value| format!("`{}`", value.display())).collect();
        // A default that depends on something is part of the help, in clap's own form.
        if let Some((before, in_words)) = help.split_once(" [default: ") {
            (about, default) = (about.replacen(&help, before, 1), in_words.trim_end_matches(']').to_owned());
        }
        line(page, &[&format!("`{}`", format!("{name} {value}").trim()), &about, &default]);
    }
}
