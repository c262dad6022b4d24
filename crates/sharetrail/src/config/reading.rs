//! From the text of the file to the written tables: syntax, unknown keys and types, with the line of each finding.
//!
//! One walk over the parsed document does all three and goes on after a finding, so that a file is corrected in one
//! round. Values are never quoted in a message: any of them may be a secret in the wrong place.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::Problem;
use super::written::{Written, shape};

/// What was read, where each key stands, and what is wrong so far.
pub struct Reading {
    /// The tables, without unknown keys and without values of a wrong type.
    pub written: Written,
    /// Line (from 1) of each key or table by path, such as `tenant.0.defender.url`.
    pub lines: BTreeMap<String, usize>,
    /// Findings in the order of the file.
    pub problems: Vec<Problem>,
}

/// Reads the text of a configuration file.
///
/// # Errors
/// The first syntax error.
pub fn read(text: &str) -> Result<Reading, Problem> {
    let document = DeTable::parse(text).map_err(|error| Problem {
        line: error.span().map(|span| line_of(text, span.start)),
        text: format!("this is not TOML: {}", error.message().trim_end().replace('\n', "; ")),
    })?;
    let mut walk = Walk { text, lines: BTreeMap::new(), problems: Vec::new() };
    let known = shape();
    let cleaned = match &known {
        Value::Object(keys) => walk.table(document.get_ref(), keys, ""),
        _ => Value::Null,
    };
    let written = serde_json::from_value(cleaned)
        .map_err(|error| Problem { line: None, text: format!("the file cannot be understood: {error}") })?;
    Ok(Reading { written, lines: walk.lines, problems: walk.problems })
}

struct Walk<'a> {
    text: &'a str,
    lines: BTreeMap<String, usize>,
    problems: Vec<Problem>,
}

impl Walk<'_> {
    fn table(&mut self, table: &DeTable<'_>, known: &Map<String, Value>, path: &str) -> Value {
        let mut cleaned = Map::new();
        // The document sorts its keys; people read from top to bottom.
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        for (key, value) in entries {
            let name: &str = key.get_ref();
            let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            let line = line_of(self.text, key.span().start);
            self.lines.insert(path.clone(), line);
            match known.get(name) {
                Some(shape) => {
                    if let Some(value) = self.value(value, shape, &path, line) {
                        cleaned.insert(name.to_owned(), value);
                    }
                }
                None => self.problem(line, unknown(&path, name, known)),
            }
        }
        Value::Object(cleaned)
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>, shape: &Value, path: &str, line: usize) -> Option<Value> {
        match (value.get_ref(), shape) {
            (DeValue::Table(table), Value::Object(known)) => Some(self.table(table, known, path)),
            // `cloud = "public"` is short for a `[cloud]` table with that preset.
            (DeValue::String(preset), Value::Object(known)) if known.contains_key("preset") => {
                Some(serde_json::json!({ "preset": preset }))
            }
            (DeValue::Array(values), Value::Array(shapes)) => {
                let shape = shapes.first()?;
                let elements = values.iter().enumerate().filter_map(|(index, element)| {
                    let line = line_of(self.text, element.span().start);
                    let path = format!("{path}.{index}");
                    self.lines.insert(path.clone(), line);
                    self.value(element, shape, &path, line)
                });
                Some(Value::Array(elements.collect()))
            }
            (DeValue::String(text), Value::String(_)) => Some(Value::String(text.to_string())),
            (DeValue::Boolean(truth), Value::Bool(_)) => Some(Value::Bool(*truth)),
            (DeValue::Integer(digits), Value::Number(_)) => {
                let number = u64::from_str_radix(digits.as_str(), digits.radix()).ok();
                if number.is_none() {
                    self.problem(line, format!("`{}` must be a whole number that is not negative", shown(path)));
                }
                number.map(Value::from)
            }
            (_, shape) => {
                self.problem(line, format!("`{}` must be {}", shown(path), expected(shape)));
                None
            }
        }
    }

    fn problem(&mut self, line: usize, text: String) {
        self.problems.push(Problem { line: Some(line), text });
    }
}

/// Ends of keys that people look for and that there are not; the nearest key would mislead.
const REMEDIES: [(&str, &str); 1] = [(
    "classification.declared.list_id",
    "libraries cannot be declared by their id yet: write the library's address as `url`",
)];

fn unknown(path: &str, name: &str, known: &Map<String, Value>) -> String {
    let path = shown(path);
    if let Some((_, remedy)) = REMEDIES.iter().find(|(end, _)| path.ends_with(end)) {
        return format!("`{path}` is unknown; {remedy}");
    }
    let nearest = known
        .keys()
        .map(|key| (strsim::jaro_winkler(&name.to_lowercase(), key), key))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let remedy = match nearest {
        Some((_, key)) => format!("did you mean `{key}`?"),
        None => {
            let keys: Vec<String> = known.keys().map(|key| format!("`{key}`")).collect();
            format!("known here: {}", keys.join(", "))
        }
    };
    format!("`{path}` is unknown; {remedy}")
}

fn expected(shape: &Value) -> String {
    match shape {
        Value::String(_) => "text in quotes".to_owned(),
        Value::Number(_) => "a whole number, without quotes".to_owned(),
        Value::Bool(_) => "true or false, without quotes".to_owned(),
        Value::Array(shapes) => match shapes.first() {
            Some(Value::Object(_)) => "written with double brackets, as `[[…]]`".to_owned(),
            Some(Value::Number(_)) => "a list of whole numbers, such as [1, 2]".to_owned(),
            _ => "a list of texts, such as [\"a\", \"b\"]".to_owned(),
        },
        _ => "a table of its own, in brackets".to_owned(),
    }
}

/// A path as people write it: without the positions of list elements.
pub fn shown(path: &str) -> String {
    let names: Vec<&str> = path.split('.').filter(|part| part.parse::<usize>().is_err()).collect();
    names.join(".")
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}
