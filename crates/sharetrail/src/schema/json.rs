//! JSON whose objects keep the order in which they were written, so that what is made of a template reads like the template.

use std::fmt;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// A line holds an object or a list up to this width, if there are no others inside.
const WIDTH: usize = 160;

/// A JSON value. Numbers are whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Integer(i64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// An object, in the order in which it was written.
    Object(IndexMap<String, Json>),
}

impl Json {
    /// An object of these.
    pub fn object<K: Into<String>>(entries: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Object(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// The text, or none where it is none.
    pub fn as_text(&self) -> &str {
        if let Self::Text(text) = self { text } else { "" }
    }

    fn is_flat(&self) -> bool {
        let is_scalar = |value: &Self| !matches!(value, Self::List(_) | Self::Object(_));
        match self {
            Self::List(values) => values.iter().all(is_scalar),
            Self::Object(entries) => entries.values().all(is_scalar),
            _ => true,
        }
    }

    /// Without a line break.
    fn on_a_line(&self) -> String {
        match self {
            Self::List(values) => {
                let values: Vec<String> = values.iter().map(Self::on_a_line).collect();
                format!("[{}]", values.join(", "))
            }
            Self::Object(entries) if entries.is_empty() => "{}".to_owned(),
            Self::Object(entries) => {
                let one = |(key, value): (&String, &Self)| format!("{}: {}", quoted(key), value.on_a_line());
                let entries: Vec<String> = entries.iter().map(one).collect();
                format!("{{ {} }}", entries.join(", "))
            }
            Self::Null => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Integer(value) => value.to_string(),
            Self::Text(text) => quoted(text),
        }
    }

    fn write(&self, out: &mut fmt::Formatter<'_>, indent: usize) -> fmt::Result {
        if self.is_flat() {
            let line = self.on_a_line();
            if line.len() + indent <= WIDTH {
                return out.write_str(&line);
            }
        }
        let inner = indent + 2;
        match self {
            Self::List(values) => {
                out.write_str("[\n")?;
                for (index, value) in values.iter().enumerate() {
                    let comma = if index + 1 < values.len() { "," } else { "" };
                    write!(out, "{:inner$}", "")?;
                    value.write(out, inner)?;
                    writeln!(out, "{comma}")?;
                }
                write!(out, "{:indent$}]", "")
            }
            Self::Object(entries) => {
                out.write_str("{\n")?;
                for (index, (key, value)) in entries.iter().enumerate() {
                    let comma = if index + 1 < entries.len() { "," } else { "" };
                    write!(out, "{:inner$}{}: ", "", quoted(key))?;
                    value.write(out, inner)?;
                    writeln!(out, "{comma}")?;
                }
                write!(out, "{:indent$}}}", "")
            }
            scalar => out.write_str(&scalar.on_a_line()),
        }
    }
}

/// The value of a key; `null` where there is none.
impl std::ops::Index<&str> for Json {
    type Output = Self;

    fn index(&self, key: &str) -> &Self {
        match self {
            Self::Object(entries) => entries.get(key).unwrap_or(&Self::Null),
            _ => &Self::Null,
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

/// For people: objects and lists without others inside on a line each.
impl fmt::Display for Json {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(out, 0)
    }
}

/// The text as JSON has it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_the_same_and_keeps_its_order() {
        let text = r#"{"z": [], "a": {"deep": [1, -2, {"x": null}], "flat": {"b": true, "a": "\"\n"}}, "e": {}}"#;
        let value: Json = serde_json::from_str(text).unwrap();
        let written = value.to_string();
        assert_eq!(serde_json::from_str::<Json>(&written).unwrap(), value);
        assert!(written.contains(r#""flat": { "b": true, "a": "\"\n" }"#), "{written}");
        assert!(written.starts_with("{\n  \"z\": [],\n  \"a\": {"), "{written}");
    }
}
