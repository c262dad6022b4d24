//! Row types: defined once, used for reports, files and the Log Analytics tables, so that they cannot drift.
//!
//! A row type is a struct whose fields are columns. [`Row::COLUMNS`] names them (`TimeGenerated` in tables,
//! `time_generated` in JSON reports), [`Row::cells`] gives their values in the same order.

mod accept;
mod access;
mod activity;
mod arrived;
mod dead_letter;
mod excluded;
mod finding;
mod gap;
mod log_analytics;
mod share;
mod summary;
mod unused;
mod write;

pub use accept::Accept;
pub use access::Access;
pub use activity::Activity;
pub use arrived::Arrived;
pub use dead_letter::DeadLetter;
pub use excluded::Excluded;
pub use finding::Finding;
pub use gap::Gap;
pub use log_analytics::{Declared, TRUNCATED, declared};
pub use share::Share;
pub use summary::{Domain, Item, Person};
pub use unused::Unused;
pub use write::{COLLECTOR_FIELD_BYTES_MAX, FIELD_BYTES_MAX, delivered_json, delivered_json_within, report_json};

use trail::TimeMs;

/// One column of a row type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Name in tables and files: `TimeGenerated`.
    pub name: &'static str,
    /// Name in JSON reports: `time_generated`.
    pub key: &'static str,
    /// Type of its values.
    pub kind: Kind,
    /// Whether reports show it, or only delivered rows bear it.
    pub reported: bool,
    /// What it says, for the reference: the documentation of its field.
    pub about: &'static str,
}

/// Type of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8 text.
    Text,
    /// UTC instant, written as RFC 3339 with milliseconds.
    Time,
    /// Whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// List of texts.
    List,
}

/// One value of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<'a> {
    /// Nothing known.
    Empty,
    /// A text.
    Text(&'a str),
    /// An instant.
    Time(TimeMs),
    /// A number.
    Integer(i64),
    /// A truth value.
    Boolean(bool),
    /// Several texts.
    List(&'a [String]),
}

/// A struct whose fields are columns.
pub trait Row {
    /// The columns, in the order of [`Row::cells`].
    const COLUMNS: &'static [Column];

    /// The values, one a column.
    fn cells(&self) -> Vec<Cell<'_>>;
}

/// A field type that is a cell.
pub trait Field {
    /// Its column type.
    const KIND: Kind;

    /// Its value.
    fn cell(&self) -> Cell<'_>;
}

impl Field for String {
    const KIND: Kind = Kind::Text;
    fn cell(&self) -> Cell<'_> {
        Cell::Text(self)
    }
}

impl Field for std::sync::Arc<str> {
    const KIND: Kind = Kind::Text;
    fn cell(&self) -> Cell<'_> {
        Cell::Text(self)
    }
}

impl Field for &'static str {
    const KIND: Kind = Kind::Text;
    fn cell(&self) -> Cell<'_> {
        Cell::Text(self)
    }
}

impl Field for TimeMs {
    const KIND: Kind = Kind::Time;
    fn cell(&self) -> Cell<'_> {
        Cell::Time(*self)
    }
}

impl Field for i64 {
    const KIND: Kind = Kind::Integer;
    fn cell(&self) -> Cell<'_> {
        Cell::Integer(*self)
    }
}

impl Field for bool {
    const KIND: Kind = Kind::Boolean;
    fn cell(&self) -> Cell<'_> {
        Cell::Boolean(*self)
    }
}

impl Field for Vec<String> {
    const KIND: Kind = Kind::List;
    fn cell(&self) -> Cell<'_> {
        Cell::List(self)
    }
}

impl Field for std::sync::Arc<[String]> {
    const KIND: Kind = Kind::List;
    fn cell(&self) -> Cell<'_> {
        Cell::List(self)
    }
}

impl<T: Field> Field for Option<T> {
    const KIND: Kind = T::KIND;
    fn cell(&self) -> Cell<'_> {
        self.as_ref().map_or(Cell::Empty, Field::cell)
    }
}

/// Defines a row type: `Name => field: Type` a column; `delivered` marks columns that reports leave out.
macro_rules! row {
    (
        $(#[$meta:meta])*
        pub struct $row:ident {
            $( $(#[doc = $doc:literal])* $name:ident => $field:ident: $type:ty $(, $flag:ident)? ; )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct $row {
            $( $(#[doc = $doc])* pub $field: $type, )*
        }

        impl $crate::rows::Row for $row {
            const COLUMNS: &'static [$crate::rows::Column] = &[
                $( $crate::rows::Column {
                    name: stringify!($name),
                    key: stringify!($field),
                    kind: <$type as $crate::rows::Field>::KIND,
                    reported: $crate::rows::row!(@reported $($flag)?),
                    // Each line of documentation begins with a blank, so that lines do not run together.
                    about: concat!($($doc),*).trim_ascii_start(),
                }, )*
            ];

            fn cells(&self) -> Vec<$crate::rows::Cell<'_>> {
                vec![ $( $crate::rows::Field::cell(&self.$field), )* ]
            }
        }
    };
    (@reported delivered) => { false };
    (@reported) => { true };
}
pub(crate) use row;
