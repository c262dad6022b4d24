//! `dead-letters`: rows that a sink refused: shown, tried again, or given up.

use super::{Context, now};
use crate::cli::{self, DeadLetters};
use crate::config::settings::StoreSettings;
use crate::exit::{Failure, Outcome};
use crate::report::{Report, Rowwise, Shown, Take, counted};
use crate::rows::{DeadLetter, Row};
use crate::stdout::{print_line, stdout};
use crate::store::{DeadLetterFilter, Reader, Retried, Store, StoreError};
use crate::terminal::Terminal;

/// What to do about them, below the list.
const REMEDIES: [&str; 2] = [
    "Each row is still in the store and in reports. Mend what the reason names (for instance columns and types of the data \
     collection rule), then `sharetrail dead-letters retry` sends the rows again as they are now.",
    "`sharetrail dead-letters drop` gives them up: that sink will not have them.",
];

/// The columns of the list.
const SHOWN: &[Shown] = &[
    Shown { key: "set_aside_at", heading: "set aside (UTC)", dispensable: 0 },
    Shown { key: "tenant_name", heading: "tenant", dispensable: 3 },
    Shown { key: "sink", heading: "sink", dispensable: 2 },
    Shown { key: "table", heading: "table", dispensable: 1 },
    Shown { key: "row_id", heading: "row", dispensable: 0 },
    Shown { key: "reason", heading: "reason", dispensable: 0 },
];

/// Runs the command.
///
/// # Errors
/// A store that cannot be used, an output that cannot be written, a `drop` that names nothing.
pub fn run(context: &Context, what: &DeadLetters) -> Result<Outcome, Failure> {
    match what {
        DeadLetters::List { which, json } => list(context, &filter(which), *json),
        DeadLetters::Retry { which } => retry(context, &filter(which)),
        DeadLetters::Drop { which, all } => give_up(context, &filter(which), *all),
    }
}

fn filter(which: &cli::WhichDeadLetters) -> DeadLetterFilter {
    DeadLetterFilter {
        sink: which.sink.clone(),
        table: which.table,
        reason: which.reason.clone(),
        row_ids: which.row.clone(),
    }
}

fn list(context: &Context, filter: &DeadLetterFilter, json: bool) -> Result<Outcome, Failure> {
    let form = if json { Rowwise::Json } else { Rowwise::Table };
    let mut report = Report::begin(stdout(), form, DeadLetter::COLUMNS, SHOWN)?.on(Terminal::of_stdout());
    let mut letters = 0_u64;
    for path in context.stores()? {
        Reader::open(&path)?.dead_letters(filter, |letter| {
            letters += 1;
            report.take(letter)
        })?;
    }
    let remedies = if letters == 0 { Vec::new() } else { REMEDIES.map(str::to_owned).to_vec() };
    report.end("No dead letters: no sink refused such a row.", &remedies)?;
    Ok(Outcome::Done)
}

fn retry(context: &Context, filter: &DeadLetterFilter) -> Result<Outcome, Failure> {
    for mut store in writers(context)? {
        let Retried { waiting, gone } = store.retry_dead_letters(filter, now())?;
        print_line(&format!(
            "{}: {} for their sink again; `collect` sends them",
            store.tenant(),
            counted(waiting, "row waits", "rows wait")
        ))?;
        if gone > 0 {
            print_line(&format!(
                "{}: {} no more, so there is nothing to send",
                store.tenant(),
                counted(gone, "row is", "rows are")
            ))?;
        }
    }
    Ok(Outcome::Done)
}

fn give_up(context: &Context, filter: &DeadLetterFilter, all: bool) -> Result<Outcome, Failure> {
    let names_none = *filter == DeadLetterFilter::default();
    if names_none != all {
        return Err(Failure::usage(if all {
            "--all gives up every dead letter, and the other options some: use one or the other"
        } else {
            "this would give up every dead letter; say which ones (--sink, --table, --reason, or ids of rows), or --all"
        }));
    }
    for mut store in writers(context)? {
        let dropped = store.drop_dead_letters(filter, now())?;
        print_line(&format!("{}: {} given up", store.tenant(), counted(dropped, "dead letter", "dead letters")))?;
    }
    Ok(Outcome::Done)
}

/// The stores that are there, for writing: one that is not there is not made.
fn writers(context: &Context) -> Result<Vec<Store>, Failure> {
    let limits = context.settings_if_any()?.map_or_else(StoreSettings::default, |settings| settings.store);
    let open = |path: std::path::PathBuf| {
        if path.exists() { Store::open(&path, None, &limits) } else { Err(StoreError::Missing { path }) }
    };
    Ok(context.stores()?.into_iter().map(open).collect::<Result<_, _>>()?)
}
