//! `show`: one person, item, share or access with its trail, or a record as it was received.

use std::io::{IsTerminal, Write, stdout as terminal};

use super::Context;
use super::timeline;
use crate::cli::Show;
use crate::exit::{Failure, Outcome};
use crate::progress::tell;
use crate::report::{Subject, plain};
use crate::stdout::stdout;
use crate::store::{REJECTED_RAW_BYTES_MAX, Reader, ShownRejected};

/// Runs the command.
///
/// # Errors
/// A store that cannot be read; a record that is not there.
pub fn run(context: &Context, arguments: &Show) -> Result<Outcome, Failure> {
    match arguments {
        Show::Person { id, json } => timeline::show(context, Subject::Person(id), *json),
        Show::Item { id, json } => timeline::show(context, Subject::Item(id), *json),
        Show::Share { id, json } => timeline::show(context, Subject::Share(id), *json),
        Show::Access { id, json } => timeline::show(context, Subject::Access(id), *json),
        Show::Record { id } => record(id, &context.the_store()?),
    }
}

/// Prints the record with this id, once for every content in which it arrived. The bytes are the service's own; on
/// a terminal they are shown, not obeyed.
fn record(id: &str, state: &std::path::Path) -> Result<Outcome, Failure> {
    let reader = Reader::open(state)?;
    let records = reader.record(id)?;
    if let Some(rejected) = reader.rejected(id)?.filter(|_| records.is_empty()) {
        return show_rejected(&rejected);
    }
    if records.is_empty() {
        return Err(Failure::failed(format!(
            "no record {id} in {}; records that do not matter to the question are counted, not kept (`report excluded`)",
            state.display()
        )));
    }
    for record in &records {
        tell(&format!("as it came by {}:", record.feeds));
        print_raw(&record.raw)?;
    }
    Ok(Outcome::Done)
}

/// Prints what was rejected, as far as it was kept.
fn show_rejected(rejected: &ShownRejected) -> Result<Outcome, Failure> {
    let place = if rejected.place.is_empty() { String::new() } else { format!(", {}", rejected.place) };
    tell(&plain(&format!("rejected from {}{place}: {}", rejected.feed, rejected.reason)));
    if rejected.raw.len() >= REJECTED_RAW_BYTES_MAX {
        tell(&format!("only its first {REJECTED_RAW_BYTES_MAX} bytes are kept"));
    }
    print_raw(&rejected.raw)?;
    Ok(Outcome::Done)
}

fn print_raw(raw: &[u8]) -> std::io::Result<()> {
    let mut out = stdout();
    if terminal().is_terminal() {
        writeln!(out, "{}", plain(&String::from_utf8_lossy(raw)))?;
    } else {
        out.write_all(raw)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}
