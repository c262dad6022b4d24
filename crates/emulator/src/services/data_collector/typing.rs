//! How the Data Collector makes columns: a suffix for the type, and what happens when the type changes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// Longest text of a field in bytes; the rest is cut off without a word.
const FIELD_BYTES_MAX: usize = 32 * 1_024;

/// The columns of one table: the suffixes that each property has.
#[derive(Debug, Default)]
pub(crate) struct Schema(BTreeMap<String, BTreeSet<char>>);

impl Schema {
    /// A record as a row: every property under its column's name.
    pub(crate) fn typed(&mut self, record: Map<String, Value>) -> Map<String, Value> {
        let mut row = Map::new();
        for (name, value) in record {
            if let Some((suffix, value)) = self.column(&name, value) {
                row.insert(format!("{name}_{suffix}"), value);
            }
        }
        row
    }

    /// The column for a value: of its own type if there is one, else another that it can be converted to, else a new one.
    fn column(&mut self, name: &str, value: Value) -> Option<(char, Value)> {
        let (natural, value) = natural(value)?;
        let known = self.0.entry(name.to_owned()).or_default();
        if !known.contains(&natural)
            && let Some(converted) = known.iter().find_map(|suffix| Some((*suffix, convert(&value, *suffix)?)))
        {
            return Some(converted);
        }
        known.insert(natural);
        Some((natural, value))
    }
}

/// The suffix of a value's own type; nulls have none and are left out.
fn natural(value: Value) -> Option<(char, Value)> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(_) => ('b', value),
        Value::Number(_) => ('d', value),
        Value::String(text) => match (guid(&text), text.parse::<jiff::Timestamp>()) {
            (Some(guid), _) => ('g', guid.into()),
            (None, Ok(_)) => ('t', text.into()),
            (None, Err(_)) => ('s', cut(text).into()),
        },
        Value::Array(_) | Value::Object(_) => ('s', cut(value.to_string()).into()),
    })
}

fn convert(value: &Value, suffix: char) -> Option<Value> {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match suffix {
        's' => Some(text.into()),
        'd' => text.parse::<f64>().ok().map(Into::into),
        'b' => text.to_ascii_lowercase().parse::<bool>().ok().map(Into::into),
        't' => text.parse::<jiff::Timestamp>().ok().map(|_| text.into()),
        'g' => guid(&text).map(Into::into),
        _ => None,
    }
}

/// A GUID with or without its dashes, written with them.
fn guid(text: &str) -> Option<String> {
    let mut digits: String = text.chars().filter(|c| *c != '-').collect();
    let dashes = text.len() - digits.len();
    if digits.len() != 32 || !digits.chars().all(|c| c.is_ascii_hexdigit()) || !(dashes == 0 || dashes == 4) {
        return None;
    }
    for at in [20, 16, 12, 8] {
        digits.insert(at, '-');
    }
    (dashes == 0 || digits.eq_ignore_ascii_case(text)).then(|| digits.to_ascii_lowercase())
}

fn cut(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(FIELD_BYTES_MAX));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn columns_bear_the_suffix_of_their_type() {
        let record = json!({"text": "x", "flag": true, "number": 1.5, "time": "2026-11-24T03:00:00Z", "nothing": null,
            "id": "0123456789ABCDEF0123456789abcdef", "dashed": "01234567-89ab-cdef-0123-456789abcdef", "list": [1]});
        let row = Schema::default().typed(record.as_object().unwrap().clone());
        let expected = json!({"text_s": "x", "flag_b": true, "number_d": 1.5, "time_t": "2026-11-24T03:00:00Z",
            "id_g": "01234567-89ab-cdef-0123-456789abcdef", "dashed_g": "01234567-89ab-cdef-0123-456789abcdef",
            "list_s": "[1]"});
        assert_eq!(Value::Object(row), expected);
    }

    #[test]
    fn a_changed_type_is_converted_or_gets_a_second_column() {
        let mut schema = Schema::default();
        let mut typed = |value: Value| Value::Object(schema.typed(value.as_object().unwrap().clone()));
        assert_eq!(typed(json!({"x": 1})), json!({"x_d": 1}));
        assert_eq!(typed(json!({"x": "2"})), json!({"x_d": 2.0}));
        assert_eq!(typed(json!({"x": "two"})), json!({"x_s": "two"}));
        assert_eq!(typed(json!({"x": "3"})), json!({"x_s": "3"}));
        assert_eq!(typed(json!({"x": 4})), json!({"x_d": 4}));
        assert_eq!(typed(json!({"x": true})), json!({"x_s": "true"}));
    }
}
