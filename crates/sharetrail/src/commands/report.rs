//! `report KIND`: the answer, as a table, JSON or CSV.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::Context;
use crate::cli::{self, ReportFormat as Format, ReportKind};
use crate::exit::{Failure, Outcome};
use crate::private_file;
use crate::progress::tell;
use crate::report::{Report, ReportError, Shown};
use crate::rows::{Access, Row};
use crate::stdout::stdout;
use crate::store::{AccessFilter, Reader};

const ACCESS: &[Shown] = &[
    Shown { key: "time_generated", heading: "when (UTC)" },
    Shown { key: "person", heading: "person" },
    Shown { key: "person_kind", heading: "kind" },
    Shown { key: "action", heading: "action" },
    Shown { key: "item_name", heading: "item" },
    Shown { key: "site_url", heading: "site" },
    Shown { key: "client_ip", heading: "from" },
    Shown { key: "country", heading: "country" },
    Shown { key: "records", heading: "records" },
];
const ACCEPT: &[Shown] = &[
    Shown { key: "created_date_time", heading: "created (UTC)" },
    Shown { key: "collaborator", heading: "collaborator" },
    Shown { key: "operation", heading: "operation" },
    Shown { key: "source_file_name", heading: "file" },
    Shown { key: "site_url", heading: "site" },
    Shown { key: "app_name", heading: "app" },
];
const GAP: &[Shown] = &[
    Shown { key: "feed", heading: "feed" },
    Shown { key: "from_time", heading: "from (UTC)" },
    Shown { key: "to_time", heading: "to (UTC)" },
    Shown { key: "reason", heading: "reason" },
];
const EXCLUDED: &[Shown] =
    &[Shown { key: "records", heading: "records" }, Shown { key: "reason", heading: "left out because" }];

/// Runs the command.
///
/// # Errors
/// A store that cannot be read, an output that cannot be written.
pub fn run(context: &Context, options: &cli::Report) -> Result<Outcome, Failure> {
    if let Some(option) = without_effect(options) {
        return Err(Failure::usage(format!("{option} has no effect on this report; leave it out")));
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
    let time = options.since.or(options.until).map(|_| "--since or --until");
    match options.kind {
        ReportKind::Access => None,
        ReportKind::Accepts | ReportKind::Excluded => person.or(domain).or(site),
        ReportKind::Gaps => person.or(domain).or(site).or(time),
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
    match options.kind {
        ReportKind::Access => {
            let mut report = Report::begin::<Access>(out, format, ACCESS)?;
            reader.accesses(&filter(options), &inside, |access| Ok::<_, ReportError>(report.row(&access)?))?;
            let mut notes = vec![UNIT.to_owned()];
            notes.extend(inferred_note(&inside));
            for excluded in reader.excluded(options.since, options.until, &inside)? {
                notes.push(format!("left out: {} records {}", excluded.records, excluded.reason));
            }
            let empty = "No access from outside was found. `report excluded` says what was left out and why.";
            end(report, format, empty, &notes)
        }
        ReportKind::Accepts => {
            let rows = reader.accepts(options.since, options.until)?;
            all(out, format, ACCEPT, &rows, "No accepted sharing invitation was found.")
        }
        ReportKind::Gaps => {
            let rows = reader.gaps()?;
            all(out, format, GAP, &rows, "No gaps: nothing is known to be missing.")
        }
        ReportKind::Excluded => {
            let rows = reader.excluded(options.since, options.until, &inside)?;
            all(out, format, EXCLUDED, &rows, "Nothing was left out.")
        }
    }
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
    all(out, Format::Table, ACCESS, accesses, "No access from outside was found.")
}

/// The unit that is counted, stated in every report.
const UNIT: &str =
    "An access is one outside person, one item and one kind of action, with at most 5 minutes between its records.";

fn filter(options: &cli::Report) -> AccessFilter {
    AccessFilter {
        since: options.since,
        until: options.until,
        person: options.person.clone(),
        domain: options.domain.clone(),
        site: options.site.clone(),
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
) -> Result<(), ReportError> {
    let mut report = Report::begin::<R>(out, format, columns)?;
    for row in rows {
        report.row(row)?;
    }
    end(report, format, empty, &[])
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
