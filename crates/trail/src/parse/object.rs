//! Reading an object's members by name, whatever stands where the object should be.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Error as JsonError;

use super::scalar::Scalar;
use crate::Text;
use crate::activity::owned;
use crate::problem::{Problem, Problems};

/// What takes an object's members. Each call must consume exactly one value of `map`.
pub(super) trait Members<'a> {
    fn member<A: MapAccess<'a>>(&mut self, key: &str, map: &mut A, problems: &mut Problems) -> Result<(), A::Error>;

    /// The object came as a text of JSON; texts must be copied. `None`: this kind of object never does.
    fn embedded(&mut self, _json: &str, _problems: &mut Problems) -> Option<Result<Found, JsonError>> {
        None
    }
}

/// What stood where an object should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Object,
    /// `null` or an empty text.
    Absent,
    Other,
}

/// Reads a whole text as one object.
pub(super) fn read_object<'a, M: Members<'a>>(
    json: &'a str,
    into: &mut M,
    problems: &mut Problems,
) -> Result<Found, JsonError> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let found = Object { into, field: "", problems }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(found)
}

/// Reads the next value of `map` as an object; anything else but `null` is a problem.
pub(super) fn next_object<'a, A: MapAccess<'a>, M: Members<'a>>(
    map: &mut A,
    into: &mut M,
    field: &'static str,
    problems: &mut Problems,
) -> Result<Found, A::Error> {
    let found = map.next_value_seed(Object { into, field, problems })?;
    if found == Found::Other {
        problems.add(Problem::WrongType { field });
    }
    Ok(found)
}

struct Object<'s, M> {
    into: &'s mut M,
    field: &'static str,
    problems: &'s mut Problems,
}

impl<'de, M: Members<'de>> DeserializeSeed<'de> for Object<'_, M> {
    type Value = Found;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, M: Members<'de>> Visitor<'de> for Object<'_, M> {
    type Value = Found;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Found, A::Error> {
        while let Some(Key(key)) = map.next_key()? {
            self.into.member(&key, &mut map, self.problems)?;
        }
        Ok(Found::Object)
    }

    fn visit_str<E: Error>(self, json: &str) -> Result<Found, E> {
        if json.is_empty() {
            return Ok(Found::Absent);
        }
        match self.into.embedded(json, self.problems) {
            Some(Ok(found)) => Ok(found),
            Some(Err(reason)) => {
                self.problems.add(Problem::UnreadableInside { field: self.field, reason: reason.to_string() });
                Ok(Found::Absent)
            }
            None => Ok(Found::Other),
        }
    }

    fn visit_unit<E>(self) -> Result<Found, E> {
        Ok(Found::Absent)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Found, A::Error> {
        while values.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Found::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Found, E> {
        Ok(Found::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Found, E> {
        Ok(Found::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Found, E> {
        Ok(Found::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Found, E> {
        Ok(Found::Other)
    }
}

/// A member's name, borrowed unless it was written with escapes.
pub(super) struct Key<'a>(pub(super) Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(KeyVisitor)
    }
}

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Key<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Key(Cow::Borrowed(key)))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Key(Cow::Owned(key.to_owned())))
    }
}

/// A small object of which a few text members are wanted.
pub(super) struct Texts<'a, const N: usize> {
    names: [&'static str; N],
    values: [Text<'a>; N],
}

impl<'a, const N: usize> Texts<'a, N> {
    pub(super) fn named(names: [&'static str; N]) -> Self {
        Self { names, values: std::array::from_fn(|_| None) }
    }

    pub(super) fn into_values(self) -> [Text<'a>; N] {
        self.values
    }
}

impl<'a, const N: usize> Members<'a> for Texts<'a, N> {
    fn member<A: MapAccess<'a>>(&mut self, key: &str, map: &mut A, problems: &mut Problems) -> Result<(), A::Error> {
        match self.names.iter().zip(&mut self.values).find(|(name, _)| **name == key) {
            Some((name, slot)) => next_text(map, slot, name, problems),
            None => map.next_value::<IgnoredAny>().map(|_| ()),
        }
    }

    fn embedded(&mut self, json: &str, problems: &mut Problems) -> Option<Result<Found, JsonError>> {
        let mut short = Texts::named(self.names);
        let found = read_object(json, &mut short, problems);
        self.values = short.values.map(owned);
        Some(found)
    }
}

/// Reads the next value of `map` as text; what is absent overwrites nothing.
pub(super) fn next_text<'a, A: MapAccess<'a>>(
    map: &mut A,
    slot: &mut Text<'a>,
    field: &'static str,
    problems: &mut Problems,
) -> Result<(), A::Error> {
    if let Some(text) = map.next_value::<Scalar<'a>>()?.text(field, problems) {
        *slot = Some(text);
    }
    Ok(())
}
