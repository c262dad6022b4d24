//! One JSON value, read as loosely as services write it: numbers as texts, flags as `"True"`, names for numbers.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::problem::{Problem, Problems, shown};
use crate::{Text, TimeMs};

/// A value that should be a scalar.
#[derive(Debug)]
pub(super) enum Scalar<'a> {
    /// `null` or an empty text.
    Absent,
    Text(Cow<'a, str>),
    Integer(i64),
    /// A number that is no `i64`, as text.
    Number(String),
    Flag(bool),
    /// An array or an object, skipped.
    Nested,
}

impl<'a> Scalar<'a> {
    pub(super) fn text(self, field: &'static str, problems: &mut Problems) -> Text<'a> {
        match self {
            Self::Absent => None,
            Self::Text(text) => Some(text),
            Self::Integer(number) => Some(Cow::Owned(number.to_string())),
            Self::Number(number) => Some(Cow::Owned(number)),
            Self::Flag(flag) => Some(Cow::Borrowed(if flag { "true" } else { "false" })),
            Self::Nested => {
                problems.add(Problem::WrongType { field });
                None
            }
        }
    }

    /// A number, a text of one, or a name that `number_of` knows. Unknown names are a problem only if `closed`.
    pub(super) fn integer(
        self,
        field: &'static str,
        number_of: fn(&str) -> Option<i64>,
        closed: bool,
        problems: &mut Problems,
    ) -> Option<i64> {
        if let Self::Integer(number) = self {
            return Some(number);
        }
        let text = self.text(field, problems)?;
        let number = text.trim().parse().ok().or_else(|| number_of(&text));
        if number.is_none() && closed {
            problems.add(Problem::UnreadableNumber { field, text: shown(&text) });
        }
        number
    }

    /// A time written as text.
    pub(super) fn time(self, field: &'static str, problems: &mut Problems) -> Option<TimeMs> {
        let text = self.text(field, problems)?;
        let time = TimeMs::parse(&text);
        if time.is_none() {
            problems.add(Problem::UnreadableTime { field, text: shown(&text) });
        }
        time
    }

    /// A time as milliseconds since the epoch, number or text, or as any other text of a time.
    pub(super) fn epoch_ms(self, field: &'static str, problems: &mut Problems) -> Option<TimeMs> {
        match self {
            Self::Integer(millis) => Some(TimeMs(millis)),
            Self::Text(text) if let Ok(millis) = text.parse() => Some(TimeMs(millis)),
            other => other.time(field, problems),
        }
    }

    pub(super) fn flag(self, field: &'static str, problems: &mut Problems) -> Option<bool> {
        match self {
            Self::Flag(flag) => return Some(flag),
            Self::Integer(0) => return Some(false),
            Self::Integer(1) => return Some(true),
            _ => {}
        }
        let text = self.text(field, problems)?;
        let flag = match text.trim() {
            yes if yes.eq_ignore_ascii_case("true") || yes.eq_ignore_ascii_case("yes") || yes == "1" => Some(true),
            no if no.eq_ignore_ascii_case("false") || no.eq_ignore_ascii_case("no") || no == "0" => Some(false),
            _ => None,
        };
        if flag.is_none() {
            problems.add(Problem::UnreadableFlag { field, text: shown(&text) });
        }
        flag
    }
}

impl<'de> Deserialize<'de> for Scalar<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(if text.is_empty() { Scalar::Absent } else { Scalar::Text(Cow::Borrowed(text)) })
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(if text.is_empty() { Scalar::Absent } else { Scalar::Text(Cow::Owned(text.to_owned())) })
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Scalar::Integer(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(number).map_or_else(|_| Scalar::Number(number.to_string()), Scalar::Integer))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        // `6.0` is how some exporters write 6; 2^53 is where neighbouring integers stop being distinct.
        let whole = number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0;
        Ok(if whole { Scalar::Integer(number as i64) } else { Scalar::Number(number.to_string()) })
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Scalar::Flag(flag))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Scalar::Absent)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Self::Value, A::Error> {
        while values.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Nested)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Nested)
    }
}
