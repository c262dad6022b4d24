//! `user` and `resolvedActor` of a Defender for Cloud Apps activity: a name and the ids of groups.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::object::{Members, next_text};
use super::scalar::Scalar;
use crate::Text;
use crate::problem::Problems;

/// The built-in group "External users" (Defender for Cloud Apps: built-in user groups).
const EXTERNAL_USERS: &str = "000000200000000000000000";

/// Somebody whom the Defender envelope names.
#[derive(Default)]
pub(super) struct Actor<'a> {
    /// `userName` or `name`.
    pub(super) name: Text<'a>,
    /// Whether `userTags` or `tags` hold the group "External users"; `None` without any tag.
    pub(super) says_external: Option<bool>,
}

impl<'a> Members<'a> for Actor<'a> {
    fn member<A: MapAccess<'a>>(&mut self, key: &str, map: &mut A, problems: &mut Problems) -> Result<(), A::Error> {
        match key {
            "userName" => next_text(map, &mut self.name, "user.userName", problems)?,
            "name" => next_text(map, &mut self.name, "resolvedActor.name", problems)?,
            "userTags" | "tags" => self.says_external = map.next_value::<Tags>()?.0,
            _ => {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// What a list of tags says about the group "External users".
struct Tags(Option<bool>);

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TagsVisitor)
    }
}

struct TagsVisitor;

impl<'de> Visitor<'de> for TagsVisitor {
    type Value = Tags;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Tags, A::Error> {
        let mut says = None;
        while let Some(tag) = values.next_element::<Scalar<'de>>()? {
            if let Scalar::Text(tag) = tag {
                says = Some(says == Some(true) || tag == EXTERNAL_USERS);
            }
        }
        Ok(Tags(says))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Tags, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Tags(None))
    }

    fn visit_str<E>(self, tag: &str) -> Result<Tags, E> {
        Ok(Tags((!tag.is_empty()).then_some(tag == EXTERNAL_USERS)))
    }

    fn visit_unit<E>(self) -> Result<Tags, E> {
        Ok(Tags(None))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Tags, E> {
        Ok(Tags(None))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Tags, E> {
        Ok(Tags(None))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Tags, E> {
        Ok(Tags(None))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Tags, E> {
        Ok(Tags(None))
    }
}
