//! `report KIND`: the answer, as a table, JSON or CSV.

pub(super) mod columns;

use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::{Context, now};
use crate::cli::{self, ReportFormat as Format, ReportKind};
use crate::exit::{Failure, Outcome};
use crate::private_file;
use crate::progress::tell;
use crate::report::{Report, ReportError, Shown};
use crate::rows::{Access, Row, Share, Unused};
use crate::stdout::stdout;
use crate::store::{AccessFilter, Only, Reader};

use columns::{ACCEPT, ACCESS, DOMAIN, EXCLUDED, GAP, ITEM, PERSON, SHARE, UNUSED};

/// Runs the command.
///
/// # Errors
/// A store that cannot be read, an output that cannot be written.
pub fn run(context: &Context, options: &cli::Report) -> Result<Outcome, Failure> {
    if let Some(option) = without_effect(options) {
        return Err(Failure::usage(format!("{option} has no effect on this report; leave it out")));
    }
    if let (Some(since), Some(until)) = (options.since, options.until)
        && since >= until
    {
        return Err(Failure::usage("--since must be before --until: nothing lies between them"));
    }
    let mut reader = Reader::open(&context.the_store()?)?;
    match &options.out {
        None => write(options, &mut reader, stdout())?,
        Some(path) => write(options, &mut reader, create(path)?)?,
    }
    Ok(Outcome::Done)
}

/// A filter that the report asked for does not know: to ignore it would answer another question.
fn without_effect(options: &cli::Report) -> Option<&'static str> {
    let person = options.person.as_ref().map(|_| "--person");
    let domain = options.domain.as_ref().map(|_| "--domain");
    let site = options.site.as_ref().map(|_| "--site");
    let classified = options.classified.then_some("--classified");
    let time = options.since.or(options.until).map(|_| "--since or --until");
    match options.kind {
        ReportKind::Access | ReportKind::People | ReportKind::Domains | ReportKind::Items | ReportKind::Classified => {
            None
        }
        ReportKind::Shares | ReportKind::Unused | ReportKind::Unexplained => classified,
        ReportKind::Accepts | ReportKind::Excluded => person.or(domain).or(site).or(classified),
        ReportKind::Gaps => person.or(domain).or(site).or(classified).or(time),
    }
}

/// A file for a report. Reports hold personal data: it is for its owner only.
fn create(path: &Path) -> io::Result<impl Write> {
    let file = private_file::options().write(true).create(true).truncate(true).open(path);
    file.map(BufWriter::new)
        .map_err(|cause| io::Error::new(cause.kind(), format!("{} cannot be written: {cause}", path.display())))
}

/// Writes the report that `options` ask for.
fn write<W: Write>(options: &cli::Report, reader: &mut Reader, out: W) -> Result<(), ReportError> {
    let format = options.format;
    let inside = reader.inferred_internal_domains()?;
    let filter = filter(options);
    let no_access = "No access from outside was found. `report excluded` says what was left out and why.";
    match options.kind {
        ReportKind::Access | ReportKind::Classified | ReportKind::Unexplained => {
            let mut report = Report::begin::<Access>(out, format, ACCESS)?;
            reader.accesses(&filter, &inside, |access| Ok::<_, ReportError>(report.row(&access)?))?;
            end(report, format, no_access, &notes(options, reader, &inside)?)
        }
        ReportKind::Shares => {
            let mut report = Report::begin::<Share>(out, format, SHARE)?;
            reader.shares(&filter, now(), &inside, |share| Ok::<_, ReportError>(report.row(&share)?))?;
            end(report, format, "No way in for outsiders was found.", &notes(options, reader, &inside)?)
        }
        ReportKind::Unused => {
            let mut report = Report::begin::<Unused>(out, format, UNUSED)?;
            reader.unused(&filter, now(), &inside, |share| Ok::<_, ReportError>(report.row(&share)?))?;
            end(report, format, "Every open way in was used.", &notes(options, reader, &inside)?)
        }
        ReportKind::People => {
            let rows = reader.people(&filter, &inside)?;
            all(out, format, PERSON, &rows, no_access, &notes(options, reader, &inside)?)
        }
        ReportKind::Domains => {
            let rows = reader.domains(&filter, &inside)?;
            all(out, format, DOMAIN, &rows, no_access, &notes(options, reader, &inside)?)
        }
        ReportKind::Items => {
            let rows = reader.items(&filter, &inside)?;
            all(out, format, ITEM, &rows, no_access, &notes(options, reader, &inside)?)
        }
        ReportKind::Accepts => {
            let rows = reader.accepts(options.since, options.until)?;
            all(out, format, ACCEPT, &rows, "No accepted sharing invitation was found.", &[])
        }
        ReportKind::Gaps => {
            let rows = reader.gaps()?;
            all(out, format, GAP, &rows, "No gaps: nothing is known to be missing.", &[])
        }
        ReportKind::Excluded => {
            let rows = reader.excluded(options.since, options.until, &inside)?;
            all(out, format, EXCLUDED, &rows, "Nothing was left out.", &[])
        }
    }
}

/// What a report ends with: its unit, how far conclusions reach, and what was left out.
fn notes(options: &cli::Report, reader: &Reader, inside: &[String]) -> Result<Vec<String>, ReportError> {
    let mut notes = Vec::new();
    if !matches!(options.kind, ReportKind::Shares | ReportKind::Unused) {
        notes.push(UNIT.to_owned());
    }
    let backlog = reader.recompute_backlog()?;
    if backlog > 0 {
        notes.push(format!("{backlog} conclusions are still to be worked out again; the next pass does it"));
    }
    notes.extend(inferred_note(inside));
    for excluded in reader.excluded(options.since, options.until, inside)? {
        notes.push(format!("left out: {} records {}", excluded.records, excluded.reason));
    }
    Ok(notes)
}

/// Writes every access as CSV to `path`.
///
/// # Errors
/// Those of the store and of the file.
pub(super) fn write_all_accesses(reader: &mut Reader, path: &Path) -> Result<(), ReportError> {
    let inside = reader.inferred_internal_domains()?;
    let mut report = Report::begin::<Access>(create(path)?, Format::Csv, ACCESS)?;
    reader.accesses(&AccessFilter::default(), &inside, |access| Ok::<_, ReportError>(report.row(&access)?))?;
    report.end("", &[])?;
    Ok(())
}

/// Prints accesses as a table, in the columns of the report.
///
/// # Errors
/// Those of the output.
pub(super) fn print_accesses(out: impl Write, accesses: &[Access]) -> Result<(), ReportError> {
    all(out, Format::Table, ACCESS, accesses, "No access from outside was found.", &[])
}

/// The unit that is counted, stated in every report of accesses.
const UNIT: &str =
    "An access is one outside person, one item and one kind of action, with at most 5 minutes between its records.";

fn filter(options: &cli::Report) -> AccessFilter {
    let only = match options.kind {
        ReportKind::Unexplained => Only::Unexplained,
        ReportKind::Classified => Only::Classified,
        _ if options.classified => Only::Classified,
        _ => Only::All,
    };
    AccessFilter {
        since: options.since,
        until: options.until,
        person: options.person.clone(),
        domain: options.domain.clone(),
        site: options.site.clone(),
        only,
        ..AccessFilter::default()
    }
}

fn inferred_note(inside: &[String]) -> Option<String> {
    (!inside.is_empty()).then(|| {
        format!(
            "no internal domains are configured; from the records these are taken to be ours: {} (--internal-domain says it for sure)",
            inside.join(", ")
        )
    })
}

fn all<R: Row, W: Write>(
    out: W,
    format: Format,
    columns: &[Shown],
    rows: &[R],
    empty: &str,
    notes: &[String],
) -> Result<(), ReportError> {
    let mut report = Report::begin::<R>(out, format, columns)?;
    for row in rows {
        report.row(row)?;
    }
    end(report, format, empty, notes)
}

/// A table bears its notes; a file for programs does not, so they go to stderr.
fn end<W: Write>(report: Report<'_, W>, format: Format, empty: &str, notes: &[String]) -> Result<(), ReportError> {
    report.end(empty, notes)?;
    if format != Format::Table {
        for note in notes {
            tell(&crate::report::plain(note));
        }
    }
    Ok(())
}
