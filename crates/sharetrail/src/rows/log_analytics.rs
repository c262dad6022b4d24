//! Row types as tables of Log Analytics: the columns that a delivered row may have, with their types. Each place names the
//! types in its own words.
//! Sources: Microsoft, "Azure Monitor Log Analytics API: response format", column types; "Tables - Create Or Update",
//! columnTypeEnum; "Structure of a data collection rule", streamDeclarations.

use super::{Column, Kind, Row};

/// Column of the names of columns that had to be cut.
pub const TRUNCATED: &str = "Truncated";

/// A column as a table or a stream declares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declared {
    /// Its name: `TimeGenerated`.
    pub name: &'static str,
    /// The type of its values.
    kind: Kind,
    /// What it says.
    pub about: &'static str,
}

impl Declared {
    /// Its type as queries name it.
    pub fn query_type(&self) -> &'static str {
        match self.kind {
            Kind::Text => "string",
            Kind::Time => "datetime",
            Kind::Integer => "long",
            Kind::Boolean => "bool",
            Kind::List => "dynamic",
        }
    }

    /// Its type as the streams of data collection rules name it.
    pub fn stream_type(&self) -> &'static str {
        match self.kind {
            Kind::Boolean => "boolean",
            _ => self.query_type(),
        }
    }

    /// Its type as the schemas of tables name it.
    pub fn table_type(&self) -> &'static str {
        match self.kind {
            Kind::Time => "dateTime",
            _ => self.stream_type(),
        }
    }
}

/// Every column that a delivered row of this type may have.
pub fn declared<R: Row>() -> Vec<Declared> {
    let own = R::COLUMNS.iter().map(|Column { name, kind, about, .. }| Declared { name, kind: *kind, about });
    let truncated =
        Declared { name: TRUNCATED, kind: Kind::Text, about: "Names of the columns whose text was cut at 64 KiB." };
    own.chain([truncated]).collect()
}
