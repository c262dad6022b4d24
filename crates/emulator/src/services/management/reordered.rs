//! A record with its members in another order: the same record, other bytes.

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of an object in the opposite order, their values untouched; names that differ only in case stay apart.
/// What is no object stays as it is.
pub(crate) fn reordered(text: &str) -> String {
    let mut reader = serde_json::Deserializer::from_str(text);
    let Ok(members) = reader.deserialize_map(Members) else { return text.to_owned() };
    let mut out = String::with_capacity(text.len());
    out.push('{');
    for (place, (name, value)) in members.iter().rev().enumerate() {
        if place > 0 {
            out.push(',');
        }
        out.push_str(name.get());
        out.push(':');
        out.push_str(value.get());
    }
    out.push('}');
    out
}

/// Reads an object as pairs of raw texts, in order.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(&'de RawValue, &'de RawValue)>;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry::<&RawValue, &RawValue>()? {
            members.push(member);
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_change_places_and_nothing_else() {
        let text = r#"{"Level":1.0,"level":"é\n","b":{"x":[1, 2]}}"#;
        assert_eq!(reordered(text), r#"{"b":{"x":[1, 2]},"level":"é\n","Level":1.0}"#);
        assert_eq!(reordered("[1]"), "[1]");
        assert_eq!(reordered(""), "");
    }
}
