//! Any table as a file. It is made first and sent then, so that a slow line holds no reader.

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::BytesMut;
use tokio::io::AsyncReadExt;

use super::error::Refusal;
use super::readers::Open;
use super::view::View;
use crate::cli::ReportKind as Question;
use crate::report::{Report, ReportError, Rowwise, Scope, Spreadsheet, counted, general_notes};

/// Bytes that are read and sent at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// The forms in which a table can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Csv,
    Xlsx,
    Parquet,
}

impl Form {
    /// By the ending of a file name.
    pub(super) fn of(ending: &str) -> Option<Self> {
        match ending {
            "csv" => Some(Self::Csv),
            "xlsx" => Some(Self::Xlsx),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Parquet => "parquet",
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }
}

/// Writes the whole answer to `question` into a temporary file.
pub(super) fn make(question: Question, form: Form, view: &View, open: &mut Open) -> Result<File, Refusal> {
    let scope = Scope { order: view.order(question)?, ..view.scope(open)? };
    let mut file = tempfile::tempfile().map_err(ReportError::Output)?;
    let out = BufWriter::new(file.try_clone().map_err(ReportError::Output)?);
    match form {
        Form::Csv => rows(question, Rowwise::Csv, open, &scope, out)?,
        Form::Parquet => rows(question, Rowwise::Parquet, open, &scope, out)?,
        Form::Xlsx => {
            let mut book = Spreadsheet::default();
            let mut sheet = book.sheet(question.title(), question.columns(), question.shown())?;
            question.answer(&mut open.reader, &scope, &mut sheet)?;
            let left_out = sheet.end(question.empty())?;
            let mut sentences = vec![question.about().to_owned(), format!("{}.", view.span(&scope))];
            sentences.extend(general_notes(&open.reader, &scope)?);
            if left_out > 0 {
                sentences.push(format!(
                    "{} no place on the sheet; take CSV or Parquet.",
                    counted(left_out, "row found", "rows found")
                ));
            }
            book.page("About", question.title(), &sentences)?;
            book.save(out)?;
        }
    }
    file.seek(SeekFrom::Start(0)).map_err(ReportError::Output)?;
    Ok(file)
}

fn rows(
    question: Question,
    form: Rowwise,
    open: &mut Open,
    scope: &Scope,
    out: impl Write + Send,
) -> Result<(), ReportError> {
    let mut report = Report::begin(out, form, question.columns(), question.shown())?;
    question.answer(&mut open.reader, scope, &mut report)?;
    report.end(question.empty(), &[])?;
    Ok(())
}

/// Sends a file that was made.
pub(super) fn send(question: Question, form: Form, file: File) -> Result<Response, Refusal> {
    let bytes = file.metadata().map_err(ReportError::Output)?.len();
    let chunks = futures_util::stream::try_unfold(tokio::fs::File::from_std(file), |mut file| async move {
        let mut chunk = BytesMut::with_capacity(CHUNK_BYTES);
        let read = file.read_buf(&mut chunk).await?;
        Ok::<_, std::io::Error>((read > 0).then(|| (chunk.freeze(), file)))
    });
    let name = format!("attachment; filename=\"sharetrail-{}.{}\"", question.name(), form.ending());
    let headers = [
        (header::CONTENT_TYPE, form.kind().to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CONTENT_LENGTH, bytes.to_string()),
    ];
    Ok((headers, Body::from_stream(chunks)).into_response())
}
