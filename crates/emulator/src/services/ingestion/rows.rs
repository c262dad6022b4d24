//! From a body to rows: what the pipeline does behind the answer 204.

use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::options::DeclaredColumn;

/// Reads an array of objects. Undeclared columns are dropped, long texts are cut, and a row without `TimeGenerated` gets the
/// time of arrival; a row that needs none of it stays byte for byte. The error is a sentence for the caller.
pub(crate) fn read(
    body: &[u8],
    columns: Option<&[DeclaredColumn]>,
    field_bytes_max: usize,
    arrived: &str,
) -> Result<Vec<Box<str>>, String> {
    let raw: Vec<&RawValue> =
        serde_json::from_slice(body).map_err(|error| format!("The body must be a JSON array of objects: {error}."))?;
    raw.into_iter().map(|row| one(row.get(), columns, field_bytes_max, arrived)).collect()
}

fn one(
    row: &str,
    columns: Option<&[DeclaredColumn]>,
    field_bytes_max: usize,
    arrived: &str,
) -> Result<Box<str>, String> {
    if !row.starts_with('{') {
        return Err("Every element of the array must be an object.".to_owned());
    }
    if row.len() <= field_bytes_max && is_complete(row, columns) {
        return Ok(row.into());
    }
    let mut object: Map<String, Value> = serde_json::from_str(row).map_err(|error| error.to_string())?;
    if let Some(columns) = columns {
        object.retain(|name, _| declares(columns, name));
    }
    for value in object.values_mut() {
        cut(value, field_bytes_max);
    }
    if object.get("TimeGenerated").is_none_or(Value::is_null) {
        object.insert("TimeGenerated".to_owned(), arrived.into());
    }
    Ok(Value::Object(object).to_string().into())
}

/// Cuts a text to so many bytes of UTF-8, at a character's boundary; an array or object is a text to the service.
fn cut(value: &mut Value, bytes_max: usize) {
    let mut text = match value {
        Value::String(text) if text.len() > bytes_max => std::mem::take(text),
        Value::Array(_) | Value::Object(_) => value.to_string(),
        _ => return,
    };
    if text.len() > bytes_max {
        text.truncate(text.floor_char_boundary(bytes_max));
        *value = Value::String(text);
    }
}

fn declares(columns: &[DeclaredColumn], name: &str) -> bool {
    columns.iter().any(|column| column.name == name)
}

/// Whether the object has a `TimeGenerated` that is not null and no column that is not declared, without building it.
fn is_complete(row: &str, columns: Option<&[DeclaredColumn]>) -> bool {
    struct Search<'a>(Option<&'a [DeclaredColumn]>);
    impl<'de> Visitor<'de> for Search<'_> {
        type Value = bool;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
            let (mut has_time, mut all_declared) = (false, true);
            while let Some(name) = map.next_key::<std::borrow::Cow<'de, str>>()? {
                let value: &RawValue = map.next_value()?;
                has_time |= name == "TimeGenerated" && value.get() != "null";
                all_declared &= self.0.is_none_or(|columns| declares(columns, &name));
            }
            Ok(has_time && all_declared)
        }
    }
    serde_json::Deserializer::from_str(row).deserialize_map(Search(columns)).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(body: &str, columns: Option<&[DeclaredColumn]>, field_bytes_max: usize) -> Result<Vec<Box<str>>, String> {
        read(body.as_bytes(), columns, field_bytes_max, "2026-11-24T03:00:00.000Z")
    }

    #[test]
    fn a_good_row_stays_byte_for_byte() {
        let row = r#"{ "b":1, "TimeGenerated":"2026-11-01T00:00:00Z", "a": [1] }"#;
        assert_eq!(*rows(&format!("[{row}]"), None, 1_000).unwrap(), [row.into()]);
        assert!(rows("[]", None, 1_000).unwrap().is_empty());
    }

    #[test]
    fn a_row_without_time_gets_that_of_arrival() {
        for row in [r#"{"a":1}"#, r#"{"a":1,"TimeGenerated":null}"#] {
            let read = rows(&format!("[{row}]"), None, 1_000).unwrap();
            assert_eq!(*read, [r#"{"TimeGenerated":"2026-11-24T03:00:00.000Z","a":1}"#.into()]);
        }
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        let read = rows(r#"[{"TimeGenerated":"x","a":"ééééé","b":["long","long"]}]"#, None, 7).unwrap();
        assert_eq!(*read, [r#"{"TimeGenerated":"x","a":"ééé","b":"[\"long\""}"#.into()]);
    }

    #[test]
    fn undeclared_columns_are_dropped() {
        let declared = ["TimeGenerated", "a"].map(|name| DeclaredColumn { name: name.into(), kind: "string".into() });
        let read = rows(r#"[{"TimeGenerated":"x","a":1,"b":2}]"#, Some(&declared), 1_000).unwrap();
        assert_eq!(*read, [r#"{"TimeGenerated":"x","a":1}"#.into()]);
        let row = r#"{ "a":1, "TimeGenerated":"x" }"#;
        assert_eq!(*rows(&format!("[{row}]"), Some(&declared), 1_000).unwrap(), [row.into()]);
    }

    #[test]
    fn anything_but_an_array_of_objects_is_refused() {
        for body in ["{}", "[1]", "[{}", "null", "{}\n{}", "[null]"] {
            assert!(rows(body, None, 1_000).is_err(), "{body}");
        }
    }
}
