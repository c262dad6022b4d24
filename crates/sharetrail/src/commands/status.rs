//! `status`: feeds with position and lag, backlog, outbox, dead letters, gaps.

use std::io::{self, Write};

use super::{Context, now};
use crate::cli;
use crate::exit::{Failure, Outcome};
use crate::report::{counted, plain};
use crate::stdout::stdout;
use crate::store::{Reader, Status};

/// Runs the command.
///
/// # Errors
/// A store that cannot be read, an output that cannot be written.
pub fn run(context: &Context, arguments: &cli::Status) -> Result<Outcome, Failure> {
    let mut out = stdout();
    // A configuration only adds the limit: without one, or with a wrong one, the state can be shown all the same.
    let limits = context.settings_if_any().ok().flatten().map(|settings| settings.store);
    for path in context.stores()? {
        let reader = Reader::open(&path)?;
        reader.hold()?;
        let mut status = reader.status(now())?;
        status.bytes_max = limits.as_ref().map(|limits| limits.store_bytes_max);
        if arguments.json {
            serde_json::to_writer_pretty(&mut out, &status).map_err(io::Error::from)?;
            writeln!(out)?;
        } else {
            print(&mut out, &status)?;
        }
    }
    out.flush()?;
    Ok(Outcome::Done)
}

fn print(out: &mut impl Write, status: &Status) -> io::Result<()> {
    writeln!(
        out,
        "tenant {}: {} kept, {} from outside, {}, {:.1} MB",
        plain(&status.tenant),
        counted(status.activities, "activity", "activities"),
        counted(status.accesses, "access", "accesses"),
        counted(status.shares, "share", "shares"),
        status.bytes as f64 / 1e6
    )?;
    if let Some(bytes_max) = status.bytes_max.filter(|max| status.bytes.unsigned_abs() >= max / 5 * 4) {
        writeln!(
            out,
            "the store has reached {} % of store.store_bytes_max ({bytes_max} bytes); at 100 % collection pauses until the \
             limit is raised",
            status.bytes.unsigned_abs().saturating_mul(100) / bytes_max.max(1)
        )?;
    }
    for feed in &status.feeds {
        let position = match (&feed.position, feed.lag_seconds) {
            (Some(position), Some(lag)) => format!("stored up to {position} ({} behind now)", span(lag)),
            _ => "no position".to_owned(),
        };
        writeln!(out, "feed {}: {position}", feed.name)?;
        writeln!(
            out,
            "    {} arrived: {} stored, {} known before, {} not kept, {} rejected",
            counted(feed.listed, "record", "records"),
            feed.stored,
            feed.known,
            feed.not_kept,
            feed.rejected
        )?;
        if feed.waiting_blobs > 0 {
            writeln!(out, "    {} to be read", counted(feed.waiting_blobs, "blob waits", "blobs wait"))?;
        }
        for (kind, records) in &feed.problems {
            writeln!(out, "    {records} × {}", plain(kind))?;
        }
        if feed.rejected > 0 {
            writeln!(out, "    `report excluded` says why records were rejected")?;
        }
        if let Some(error) = &feed.last_error {
            writeln!(out, "    last pass: {}", plain(error))?;
        }
    }
    for sink in &status.sinks {
        let away = if sink.active { "" } else { " (not configured now)" };
        writeln!(
            out,
            "sink {}{away}: {} waiting, {}",
            sink.name,
            counted(sink.outbox, "row", "rows"),
            counted(sink.dead_letters, "dead letter", "dead letters")
        )?;
        if let (Some(since), Some(error)) = (&sink.failing_since, &sink.last_error) {
            writeln!(out, "    failing since {since}: {}", plain(error))?;
        }
        if let Some(at) = &sink.last_confirmed_at {
            writeln!(out, "    last took rows at {at}")?;
        }
        if let Some(reason) = &sink.last_dead_letter {
            writeln!(out, "    latest dead letter: {} (`dead-letters list` shows them)", plain(reason))?;
        }
    }
    if status.recompute_backlog > 0 {
        writeln!(
            out,
            "conclusions are behind by {}; the next pass works them off",
            counted(status.recompute_backlog, "person or item", "persons and items")
        )?;
    }
    let hint = if status.gaps > 0 { " (`report gaps` lists them)" } else { "" };
    writeln!(out, "gaps: {}{hint}", status.gaps)
}

fn span(seconds: i64) -> String {
    match seconds {
        s if s < 120 => format!("{s} s"),
        s if s < 2 * 3600 => format!("{} min", s / 60),
        s if s < 2 * 86_400 => format!("{} h", s / 3600),
        s => format!("{} days", s / 86_400),
    }
}
