//! Row types as tables of Log Analytics: the columns that a delivered row may have, with the types that queries name them by.
//! Source: Microsoft, "Azure Monitor Log Analytics API: response format", column types.

use super::{Column, Kind, Row};

/// Column of the names of columns that had to be cut.
pub const TRUNCATED: &str = "Truncated";

/// Name and type of every column that a delivered row of this type may have.
pub fn table_columns<R: Row>() -> Vec<(&'static str, &'static str)> {
    let own = R::COLUMNS.iter().map(|Column { name, kind, .. }| (*name, type_of(*kind)));
    own.chain([(TRUNCATED, type_of(Kind::Text))]).collect()
}

fn type_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "string",
        Kind::Time => "datetime",
        Kind::Integer => "long",
        Kind::Boolean => "bool",
        Kind::List => "dynamic",
    }
}
