//! One value of a row, and how values compare.

use std::cmp::Ordering;

use serde_json::Value;

use crate::services::query::lexer::datetime;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Datum {
    Null,
    Bool(bool),
    Long(i64),
    Real(f64),
    Text(String),
    DateTime(jiff::Timestamp),
    /// Milliseconds.
    Timespan(i64),
    Dynamic(Value),
}

impl Datum {
    /// A value of a delivered row. Times in UTC stay texts, as they came, and become times where they are compared with one;
    /// of a time elsewhere the instant is kept, as the service does.
    pub(crate) fn from_json(value: Value) -> Datum {
        match value {
            Value::Null => Datum::Null,
            Value::Bool(truth) => Datum::Bool(truth),
            Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(long), _) => Datum::Long(long),
                (None, Some(real)) => Datum::Real(real),
                (None, None) => Datum::Null,
            },
            Value::String(text) => elsewhere(&text).map_or(Datum::Text(text), Datum::DateTime),
            other => Datum::Dynamic(other),
        }
    }

    /// As the answer holds it; a dynamic value is a text there.
    pub(crate) fn into_json(self) -> Value {
        match self {
            Datum::Null => Value::Null,
            Datum::Bool(truth) => truth.into(),
            Datum::Long(number) => number.into(),
            Datum::Real(number) => number.into(),
            Datum::Text(text) => text.into(),
            Datum::DateTime(at) => at.to_string().into(),
            Datum::Timespan(milliseconds) => timespan(milliseconds).into(),
            Datum::Dynamic(value) => value.to_string().into(),
        }
    }

    /// The type's name in an answer; `None` for null, which has none of its own.
    pub(crate) fn type_name(&self) -> Option<&'static str> {
        Some(match self {
            Datum::Null => return None,
            Datum::Bool(_) => "bool",
            Datum::Long(_) => "long",
            Datum::Real(_) => "real",
            Datum::Text(text) if is_time(text) => "datetime",
            Datum::Text(_) => "string",
            Datum::DateTime(_) => "datetime",
            Datum::Timespan(_) => "timespan",
            Datum::Dynamic(_) => "dynamic",
        })
    }

    /// The text of a value; empty for null, as the language has it for strings.
    pub(crate) fn text(&self) -> String {
        match self {
            Datum::Null => String::new(),
            Datum::Text(text) => text.clone(),
            Datum::Bool(truth) => truth.to_string(),
            Datum::Long(number) => number.to_string(),
            Datum::Real(number) => number.to_string(),
            Datum::DateTime(at) => at.to_string(),
            Datum::Timespan(milliseconds) => timespan(*milliseconds),
            Datum::Dynamic(value) => value.to_string(),
        }
    }

    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Datum::Long(number) => Some(*number as f64),
            Datum::Real(number) => Some(*number),
            _ => None,
        }
    }

    /// The moment that a value is, or that its text tells.
    pub(crate) fn time(&self) -> Option<jiff::Timestamp> {
        match self {
            Datum::DateTime(at) => Some(*at),
            Datum::Text(text) => datetime(text),
            _ => None,
        }
    }

    /// How two values compare; `None` if they cannot be. Null compares with texts only, as an empty one.
    pub(crate) fn compare(&self, other: &Datum) -> Option<Ordering> {
        match (self, other) {
            (Datum::DateTime(_), _) | (_, Datum::DateTime(_)) => Some(self.time()?.cmp(&other.time()?)),
            (Datum::Long(left), Datum::Long(right)) => Some(left.cmp(right)),
            (Datum::Long(_) | Datum::Real(_), Datum::Long(_) | Datum::Real(_)) => {
                self.number()?.partial_cmp(&other.number()?)
            }
            (Datum::Bool(left), Datum::Bool(right)) => Some(left.cmp(right)),
            (Datum::Timespan(left), Datum::Timespan(right)) => Some(left.cmp(right)),
            (Datum::Text(_) | Datum::Dynamic(_), Datum::Text(_) | Datum::Dynamic(_) | Datum::Null)
            | (Datum::Null, Datum::Text(_) | Datum::Dynamic(_)) => Some(self.text().cmp(&other.text())),
            _ => None,
        }
    }

    /// A total order for sorting: nulls first, then by comparison, then by type.
    pub(crate) fn order(&self, other: &Datum) -> Ordering {
        match (self, other) {
            (Datum::Null, Datum::Null) => Ordering::Equal,
            (Datum::Null, _) => Ordering::Less,
            (_, Datum::Null) => Ordering::Greater,
            _ => self.compare(other).unwrap_or_else(|| self.type_name().cmp(&other.type_name())),
        }
    }

    /// A text that is the same for equal values and for no others.
    pub(crate) fn key(&self) -> String {
        format!("{}\u{1f}{}", self.type_name().unwrap_or("null"), self.text())
    }
}

/// Whether a text has the form of RFC 3339 in UTC, as delivered times have.
fn is_time(text: &str) -> bool {
    text.len() >= 20 && text.as_bytes().get(10) == Some(&b'T') && text.ends_with('Z') && datetime(text).is_some()
}

/// The instant of a text that has the form of RFC 3339 with an offset, such as `+01:00`.
fn elsewhere(text: &str) -> Option<jiff::Timestamp> {
    let offset = text.as_bytes().last_chunk::<6>()?;
    let has_form =
        text.len() >= 25 && text.as_bytes().get(10) == Some(&b'T') && matches!(offset, [b'+' | b'-', _, _, b':', _, _]);
    if has_form { text.parse().ok() } else { None }
}

/// `d.hh:mm:ss.fff`, the days and the fraction only if there are any.
fn timespan(milliseconds: i64) -> String {
    let sign = if milliseconds < 0 { "-" } else { "" };
    let all = milliseconds.unsigned_abs();
    let (days, hours, minutes) = (all / 86_400_000, all / 3_600_000 % 24, all / 60_000 % 60);
    let (seconds, fraction) = (all / 1_000 % 60, all % 1_000);
    let days = if days > 0 { format!("{days}.") } else { String::new() };
    let fraction = if fraction > 0 { format!(".{fraction:03}") } else { String::new() };
    format!("{sign}{days}{hours:02}:{minutes:02}:{seconds:02}{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_elsewhere_is_an_instant_and_any_other_text_stays_as_it_is() {
        let read = |text: &str| Datum::from_json(text.into());
        let cases = [
            ("2026-11-24T04:00:00.5+01:00", "datetime", "2026-11-24T03:00:00.5Z"),
            ("2026-11-24T03:00:00.000Z", "datetime", "2026-11-24T03:00:00.000Z"),
            ("2026-11-24T04:00:00 hours -01:00", "string", "2026-11-24T04:00:00 hours -01:00"),
            ("é+01:00", "string", "é+01:00"),
        ];
        for (text, kind, answered) in cases {
            assert_eq!((read(text).type_name(), read(text).into_json()), (Some(kind), answered.into()), "{text}");
        }
    }
}
