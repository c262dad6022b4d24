//! `show`: one person, item or share with its trail, or a record as it was received.

use std::io::{IsTerminal, Write, stdout as terminal};

use super::Context;
use super::timeline;
use crate::cli::Show;
use crate::exit::{Failure, Outcome};
use crate::progress::tell;
use crate::report::Subject;
use crate::stdout::stdout;
use crate::store::Reader;

/// Runs the command.
///
/// # Errors
/// A store that cannot be read; a record that is not there.
pub fn run(context: &Context, arguments: &Show) -> Result<Outcome, Failure> {
    match arguments {
        Show::Person { id, json } => timeline::show(context, Subject::Person(id), *json),
        Show::Item { id, json } => timeline::show(context, Subject::Item(id), *json),
        Show::Share { id, json } => timeline::show(context, Subject::Share(id), *json),
        Show::Record { id } => record(id, &context.the_store()?),
    }
}

/// Prints the record with this id, once for every content in which it arrived. The bytes are the service's own; on
/// a terminal they are shown, not obeyed.
fn record(id: &str, state: &std::path::Path) -> Result<Outcome, Failure> {
    let records = Reader::open(state)?.record(id)?;
    if records.is_empty() {
        return Err(Failure::failed(format!(
            "no record {id} in {}; records that do not matter to the question are counted, not kept (`report excluded`)",
            state.display()
        )));
    }
    let mut out = stdout();
    for record in &records {
        tell(&format!("as it came by {}:", record.feeds));
        if terminal().is_terminal() {
            writeln!(out, "{}", crate::report::plain(&String::from_utf8_lossy(&record.raw)))?;
        } else {
            out.write_all(&record.raw)?;
            out.write_all(b"\n")?;
        }
    }
    out.flush()?;
    Ok(Outcome::Done)
}
