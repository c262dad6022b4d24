//! Rows as JSON: with table names for delivery, with snake_case names for reports.

use std::io::Write;

use super::{Cell, Column, Row, TRUNCATED};

/// Longest text that a Log Analytics column takes, in UTF-8 bytes (Microsoft: Logs Ingestion API limits).
pub const FIELD_BYTES_MAX: usize = 64 * 1024;

/// The same of the HTTP Data Collector, in UTF-8 bytes (Microsoft: HTTP Data Collector API, data limits).
pub const COLLECTOR_FIELD_BYTES_MAX: usize = 32 * 1024;

/// Appends the row as one JSON object with table column names. Texts over [`FIELD_BYTES_MAX`] are cut at a
/// character border and their columns named in `Truncated`. Empty cells are left out: the service reads an
/// absent column as null.
pub fn delivered_json<R: Row>(row: &R, out: &mut Vec<u8>) {
    delivered_json_within(FIELD_BYTES_MAX, row, out);
}

/// As [`delivered_json`], for a service that takes other lengths.
pub fn delivered_json_within<R: Row>(field_bytes_max: usize, row: &R, out: &mut Vec<u8>) {
    let mut truncated: Vec<&str> = Vec::new();
    out.push(b'{');
    let mut first = true;
    for (column, cell) in R::COLUMNS.iter().zip(row.cells()) {
        if cell == Cell::Empty {
            continue;
        }
        key(out, column.name, &mut first);
        if value(out, cell, field_bytes_max) {
            truncated.push(column.name);
        }
    }
    if !truncated.is_empty() {
        key(out, TRUNCATED, &mut first);
        string(out, &truncated.join(","));
    }
    out.push(b'}');
}

/// Appends the row as one JSON object with report keys, every one present.
pub fn report_json<R: Row>(row: &R, out: &mut Vec<u8>) {
    out.push(b'{');
    let mut first = true;
    for (Column { key: name, reported, .. }, cell) in R::COLUMNS.iter().zip(row.cells()) {
        if *reported {
            key(out, name, &mut first);
            value(out, cell, usize::MAX);
        }
    }
    out.push(b'}');
}

fn key(out: &mut Vec<u8>, name: &str, first: &mut bool) {
    if !std::mem::replace(first, false) {
        out.push(b',');
    }
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

/// Writes a value of at most `bytes_max` bytes of text; tells whether it had to be cut.
fn value(out: &mut Vec<u8>, cell: Cell<'_>, bytes_max: usize) -> bool {
    match cell {
        Cell::Empty => out.extend_from_slice(b"null"),
        Cell::Text(text) => {
            let kept = cut(text, bytes_max);
            string(out, kept);
            return kept.len() < text.len();
        }
        // Writing into memory cannot fail.
        Cell::Time(time) => _ = write!(out, "\"{time}\""),
        Cell::Integer(number) => _ = write!(out, "{number}"),
        Cell::Boolean(truth) => out.extend_from_slice(if truth { b"true" } else { b"false" }),
        Cell::List(texts) => {
            out.push(b'[');
            let begin = out.len();
            for (index, text) in texts.iter().enumerate() {
                let before = out.len();
                if index > 0 {
                    out.push(b',');
                }
                string(out, text);
                if out.len() - begin > bytes_max.saturating_sub(2) {
                    out.truncate(before);
                    out.push(b']');
                    return true;
                }
            }
            out.push(b']');
        }
    }
    false
}

fn string(out: &mut Vec<u8>, text: &str) {
    // Writing a text into memory cannot fail.
    let _ = serde_json::to_writer(out, text);
}

/// The longest beginning of `text` of at most `bytes_max` bytes that ends at a character border.
fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::{Accept, Excluded};

    #[test]
    fn a_long_text_is_cut_at_a_character_border_and_named() {
        let row = Accept { description: Some("é".repeat(40_000)), severity: Some("INFO".into()), ..Accept::default() };
        let mut out = Vec::new();
        delivered_json(&row, &mut out);
        let json: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(json["Description"].as_str().unwrap().len(), FIELD_BYTES_MAX);
        assert_eq!(json["Truncated"], "Description");
        assert_eq!(json["Severity"], "INFO");
        assert!(json.get("UserId").is_none(), "an empty cell is left out of delivered rows");
    }

    #[test]
    fn the_data_collector_takes_half_of_that() {
        let row = Accept { description: Some("e".repeat(40_000)), ..Accept::default() };
        let mut out = Vec::new();
        delivered_json_within(COLLECTOR_FIELD_BYTES_MAX, &row, &mut out);
        let json: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(json["Description"].as_str().unwrap().len(), 32_768);
        assert_eq!(json["Truncated"], "Description");
    }

    #[test]
    fn a_report_row_has_every_key() {
        let mut out = Vec::new();
        report_json(&Excluded { reason: "say \"why\"".into(), records: 3, example: None }, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), r#"{"reason":"say \"why\"","records":3,"example":null}"#);
    }
}
