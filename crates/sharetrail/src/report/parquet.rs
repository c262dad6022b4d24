//! A report as Parquet, for data tools: the types of its columns, lists as lists, compressed with zstd.
//!
//! Rows are kept until a group of them is full, then written column by column.

use std::io::{self, Write};
use std::mem::take;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};

use crate::rows::{Cell, Column, Kind, Row};

/// Rows that are kept until they are written: some 30 MB of accesses.
const GROUP_ROWS_MAX: usize = 20_000;

/// A file that is being written.
pub(super) struct File<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    columns: Vec<Values>,
    rows: usize,
}

impl<W: Write + Send> File<W> {
    /// Begins a file with the reported ones of these columns.
    pub(super) fn begin(out: W, columns: &[Column]) -> io::Result<Self> {
        let reported = || columns.iter().filter(|column| column.reported);
        let fields = reported().map(field).collect::<Result<_, _>>().map_err(output)?;
        let schema = Type::group_type_builder("sharetrail").with_fields(fields).build().map_err(output)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(Default::default()))
            .set_created_by(concat!("sharetrail ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let writer = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties)).map_err(output)?;
        Ok(Self { writer, columns: reported().map(|column| Values::of(column.kind)).collect(), rows: 0 })
    }

    /// Adds a row.
    pub(super) fn row<R: Row>(&mut self, row: &R) -> io::Result<()> {
        let cells = R::COLUMNS.iter().zip(row.cells()).filter(|(column, _)| column.reported);
        for (values, (_, cell)) in self.columns.iter_mut().zip(cells) {
            values.push(cell);
        }
        self.rows += 1;
        if self.rows == GROUP_ROWS_MAX { self.write_group() } else { Ok(()) }
    }

    /// Ends the file.
    pub(super) fn end(mut self) -> io::Result<()> {
        if self.rows > 0 {
            self.write_group()?;
        }
        self.writer.into_inner().map_err(output)?.flush()
    }

    fn write_group(&mut self) -> io::Result<()> {
        self.rows = 0;
        let mut group = self.writer.next_row_group().map_err(output)?;
        for values in &mut self.columns {
            let Some(mut column) = group.next_column().map_err(output)? else { break };
            values.write(&mut column).map_err(output)?;
            column.close().map_err(output)?;
        }
        group.close().map_err(output)?;
        Ok(())
    }
}

/// A column in the schema. Every one may be empty.
fn field(column: &Column) -> Result<TypePtr, ParquetError> {
    let text = |name: &str, repetition| {
        Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
            .with_repetition(repetition)
            .with_logical_type(Some(LogicalType::String))
            .build()
    };
    let plain = |physical, logical| {
        Type::primitive_type_builder(column.name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical)
            .build()
    };
    Ok(Arc::new(match column.kind {
        Kind::Text => text(column.name, Repetition::OPTIONAL)?,
        Kind::Time => plain(Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS)))?,
        Kind::Integer => plain(Physical::INT64, None)?,
        Kind::Boolean => plain(Physical::BOOLEAN, None)?,
        // The three levels of a list (Apache Parquet: LogicalTypes, Lists).
        Kind::List => {
            let element = text("element", Repetition::REQUIRED)?;
            let list = Type::group_type_builder("list")
                .with_repetition(Repetition::REPEATED)
                .with_fields(vec![Arc::new(element)])
                .build()?;
            Type::group_type_builder(column.name)
                .with_repetition(Repetition::OPTIONAL)
                .with_logical_type(Some(LogicalType::List))
                .with_fields(vec![Arc::new(list)])
                .build()?
        }
    }))
}

/// The values of one column in a group of rows. Levels: 0 is an empty cell, then as deep as the schema goes.
enum Values {
    Text { values: Vec<ByteArray>, defined: Vec<i16> },
    Integer { values: Vec<i64>, defined: Vec<i16> },
    Boolean { values: Vec<bool>, defined: Vec<i16> },
    List { values: Vec<ByteArray>, defined: Vec<i16>, repeated: Vec<i16> },
}

impl Values {
    fn of(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text { values: Vec::new(), defined: Vec::new() },
            Kind::Time | Kind::Integer => Self::Integer { values: Vec::new(), defined: Vec::new() },
            Kind::Boolean => Self::Boolean { values: Vec::new(), defined: Vec::new() },
            Kind::List => Self::List { values: Vec::new(), defined: Vec::new(), repeated: Vec::new() },
        }
    }

    /// A cell is of its column's kind or empty; that is what the row types say.
    fn push(&mut self, cell: Cell<'_>) {
        match (self, cell) {
            (Self::Text { values, defined }, Cell::Text(text)) => {
                values.push(text.into());
                defined.push(1);
            }
            (Self::Integer { values, defined }, Cell::Integer(number)) => {
                values.push(number);
                defined.push(1);
            }
            (Self::Integer { values, defined }, Cell::Time(time)) => {
                values.push(time.millis());
                defined.push(1);
            }
            (Self::Boolean { values, defined }, Cell::Boolean(truth)) => {
                values.push(truth);
                defined.push(1);
            }
            (Self::List { values, defined, repeated }, Cell::List(texts)) if !texts.is_empty() => {
                for (index, text) in texts.iter().enumerate() {
                    values.push(text.as_str().into());
                    defined.push(2);
                    repeated.push(i16::from(index > 0));
                }
            }
            // A list without elements is one, and not an empty cell.
            (Self::List { defined, repeated, .. }, cell) => {
                defined.push(i16::from(cell != Cell::Empty));
                repeated.push(0);
            }
            (Self::Text { defined, .. } | Self::Integer { defined, .. } | Self::Boolean { defined, .. }, _) => {
                defined.push(0);
            }
        }
    }

    fn write(&mut self, column: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        match self {
            Self::Text { values, defined } => {
                column.typed::<ByteArrayType>().write_batch(&take(values), Some(&take(defined)), None)?;
            }
            Self::Integer { values, defined } => {
                column.typed::<Int64Type>().write_batch(&take(values), Some(&take(defined)), None)?;
            }
            Self::Boolean { values, defined } => {
                column.typed::<BoolType>().write_batch(&take(values), Some(&take(defined)), None)?;
            }
            Self::List { values, defined, repeated } => {
                let (defined, repeated) = (take(defined), take(repeated));
                column.typed::<ByteArrayType>().write_batch(&take(values), Some(&defined), Some(&repeated))?;
            }
        }
        Ok(())
    }
}

fn output(cause: ParquetError) -> io::Error {
    io::Error::other(cause)
}
