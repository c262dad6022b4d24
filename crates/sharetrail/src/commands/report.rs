//! `report KIND`: the answer, in the form that was asked for.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

use super::{Context, now};
use crate::cli::{self, ReportFormat as Format, ReportKind as Question};
use crate::exit::{Failure, Outcome};
use crate::private_file;
use crate::progress::tell;
use crate::report::{
    Report, ReportError, Rowwise, Scope, Spreadsheet, Take, WHOLE_ANSWER, counted, general_notes, hints, notes, plain,
    write_page,
};
use crate::rows::Access;
use crate::stdout::{stdout, stdout_of_data};
use crate::store::{AccessFilter, Reader};
use crate::terminal::Terminal;

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
    let is_binary = matches!(options.format, Format::Xlsx | Format::Parquet);
    if is_binary && options.out.is_none() && io::stdout().is_terminal() {
        return Err(Failure::usage("this form is not for a terminal; name a file with --out"));
    }
    let mut reader = Reader::open(&context.the_store()?)?;
    reader.hold()?;
    match &options.out {
        None if options.format == Format::Table => write(options, &mut reader, stdout(), Terminal::of_stdout())?,
        None => write(options, &mut reader, stdout_of_data(), Terminal::default())?,
        Some(path) => write(options, &mut reader, create(path)?, Terminal::default())?,
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
        Question::Access | Question::People | Question::Domains | Question::Items | Question::Classified => None,
        Question::Shares | Question::Unused | Question::Unexplained | Question::Findings => classified,
        Question::Accepts | Question::Excluded | Question::Reconciliation => person.or(domain).or(site).or(classified),
        Question::Gaps => person.or(domain).or(site).or(classified).or(time),
    }
}

/// A file for a report. Reports hold personal data: it is for its owner only.
fn create(path: &Path) -> io::Result<impl Write + Send + use<>> {
    let file = private_file::options().write(true).create(true).truncate(true).open(path);
    file.map(BufWriter::new)
        .map_err(|cause| io::Error::new(cause.kind(), format!("{} cannot be written: {cause}", path.display())))
}

/// Writes the report that `options` ask for.
fn write<W: Write + Send>(
    options: &cli::Report,
    reader: &mut Reader,
    out: W,
    terminal: Terminal,
) -> Result<(), ReportError> {
    let scope = Scope {
        order: None,
        filter: AccessFilter {
            since: options.since,
            until: options.until,
            person: options.person.as_deref().map(trail::identity::canonical),
            domain: options.domain.clone(),
            site: options.site.clone(),
            ..AccessFilter::default()
        },
        only_classified: options.classified,
        now: now(),
        inside: reader.inferred_internal_domains()?,
    };
    match (Rowwise::of(options.format), options.format) {
        (Some(form), _) => one_answer(options.kind, form, reader, &scope, out, terminal),
        (None, Format::Html) => write_page(options.kind, reader, &scope, out),
        (None, _) => workbook(options.kind, reader, &scope, out),
    }
}

/// The answer to one question. A table bears its notes; a file for programs does not, so they go to stderr.
fn one_answer<W: Write + Send>(
    question: Question,
    form: Rowwise,
    reader: &mut Reader,
    scope: &Scope,
    out: W,
    terminal: Terminal,
) -> Result<(), ReportError> {
    let mut report = Report::begin(out, form, question.columns(), question.shown())?.on(terminal);
    question.answer(reader, scope, &mut report)?;
    let mut notes = notes(question, reader, scope)?;
    if report.rows() == 0 {
        notes.splice(..0, hints(question, reader, scope)?);
    }
    report.end(question.empty(), &notes)?;
    if form != Rowwise::Table {
        for note in notes {
            tell(&plain(&note));
        }
    }
    Ok(())
}

/// The whole answer: one sheet a question, beginning with the one that was asked; what is to be known of all comes last.
fn workbook(first: Question, reader: &mut Reader, scope: &Scope, out: impl Write + Send) -> Result<(), ReportError> {
    let mut book = Spreadsheet::default();
    let mut sentences = general_notes(reader, scope)?;
    let others = WHOLE_ANSWER.into_iter().filter(|question| *question != first);
    for question in std::iter::once(first).chain(others) {
        let mut sheet = book.sheet(question.title(), question.columns(), question.shown())?;
        question.answer(reader, scope, &mut sheet)?;
        let left_out = sheet.end(question.empty())?;
        sentences.push(format!("{}: {}", question.title(), question.about()));
        if left_out > 0 {
            sentences.push(format!(
                "{}: {} no place on the sheet; `--format csv` or `parquet` writes them all.",
                question.title(),
                counted(left_out, "row found", "rows found")
            ));
        }
    }
    book.page("About", "Who outside reached what we shared", &sentences)?;
    book.save(out)
}

/// Writes the whole answer as a page to `path`.
///
/// # Errors
/// Those of the store and of the file.
pub(super) fn write_whole_answer(reader: &mut Reader, path: &Path) -> Result<(), ReportError> {
    let scope = Scope { now: now(), inside: reader.inferred_internal_domains()?, ..Scope::default() };
    write_page(Question::Access, reader, &scope, create(path)?)
}

/// Prints accesses as a table, in the columns of the report.
///
/// # Errors
/// Those of the output.
pub(super) fn print_accesses(out: impl Write + Send, accesses: &[Access]) -> Result<(), ReportError> {
    let question = Question::Access;
    let mut report =
        Report::begin(out, Rowwise::Table, question.columns(), question.shown())?.on(Terminal::of_stdout());
    for access in accesses {
        report.take(access)?;
    }
    report.end(question.empty(), &[])?;
    Ok(())
}
