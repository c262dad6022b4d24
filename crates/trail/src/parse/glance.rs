//! A glance at a bare audit record: the few members that tell whether it matters, the rest passed over.
//!
//! Nine records of ten are an employee's own work. To read all of what they say, only to count them, would be most of the
//! cost of a feed; a glance checks the form of the whole text and takes a few members out of it.

use std::borrow::Cow;

use serde::de::{IgnoredAny, MapAccess};

use super::audit::{set, user_type};
use super::object::{Found, Members, next_text, read_object};
use super::scalar::Scalar;
use crate::problem::Problems;
use crate::{RecordId, Text, TimeMs, item};

/// What a glance tells. [`parse`](super::parse) says the same of these members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glance<'a> {
    /// The record's id.
    pub id: RecordId,
    /// When it happened.
    pub time: TimeMs,
    /// What was done.
    pub operation: Cow<'a, str>,
    /// Who did it.
    pub user_id: Text<'a>,
    /// What kind of user that is.
    pub user_type: Option<i64>,
    /// Whose resources it is about.
    pub organization_id: Text<'a>,
    /// The key of the item that bears a label, and the label: evidence even where the record does not matter.
    pub label: Option<(String, Cow<'a, str>)>,
}

/// Glances at a record. `None` where a glance is not enough: a record in another wrapping, one with a label whose item has
/// no ids, one that lacks a member or has an odd one, a text that is not well-formed. Such a record has to be parsed.
pub fn glance(raw: &str) -> Option<Glance<'_>> {
    let mut seen = Seen::default();
    let mut problems = Problems::default();
    let found = read_object(raw, &mut seen, &mut problems).ok()?;
    if found != Found::Object || seen.needs_parsing || !problems.into_vec().is_empty() {
        return None;
    }
    let label = match seen.label_id {
        None => None,
        Some(label) => Some((item::key_of_ids(seen.site.as_deref(), seen.item.as_deref())?, label)),
    };
    Some(Glance {
        label,
        id: RecordId::from_text(&seen.id?),
        time: seen.time?,
        operation: seen.operation?,
        user_id: seen.user_id,
        user_type: seen.user_type,
        organization_id: seen.organization_id,
    })
}

#[derive(Default)]
struct Seen<'a> {
    id: Text<'a>,
    time: Option<TimeMs>,
    operation: Text<'a>,
    user_id: Text<'a>,
    user_type: Option<i64>,
    organization_id: Text<'a>,
    label_id: Text<'a>,
    site: Text<'a>,
    item: Text<'a>,
    needs_parsing: bool,
}

impl<'a> Members<'a> for Seen<'a> {
    fn member<A: MapAccess<'a>>(&mut self, key: &str, map: &mut A, problems: &mut Problems) -> Result<(), A::Error> {
        match key {
            "Id" => next_text(map, &mut self.id, "Id", problems),
            "Operation" => next_text(map, &mut self.operation, "Operation", problems),
            "UserId" => next_text(map, &mut self.user_id, "UserId", problems),
            "OrganizationId" => next_text(map, &mut self.organization_id, "OrganizationId", problems),
            "CreationTime" => {
                set(&mut self.time, map.next_value::<Scalar<'a>>()?.time("CreationTime", problems));
                Ok(())
            }
            "UserType" => {
                set(
                    &mut self.user_type,
                    map.next_value::<Scalar<'a>>()?.integer("UserType", user_type, true, problems),
                );
                Ok(())
            }
            "SensitivityLabelId" => next_text(map, &mut self.label_id, "SensitivityLabelId", problems),
            "Site" => next_text(map, &mut self.site, "Site", problems),
            "ListItemUniqueId" => next_text(map, &mut self.item, "ListItemUniqueId", problems),
            // Other wrappings, other names for what was looked at, and labels inside.
            "rawDataJson"
            | "rawJson"
            | "RawEventData"
            | "auditData"
            | "AuditData"
            | "properties"
            | "_id"
            | "eventTypeName"
            | "appId"
            | "OfficeId"
            | "OfficeObjectId"
            | "OfficeWorkload"
            | "OrganizationId_"
            | "UserId_"
            | "Site_"
            | "SensitivityLabelEventData" => {
                self.needs_parsing = true;
                map.next_value::<IgnoredAny>().map(|_| ())
            }
            _ => map.next_value::<IgnoredAny>().map(|_| ()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::*;
    use crate::parse::parse;

    fn record() -> Value {
        json!({
            "CreationTime": "2026-11-20T10:11:12", "Id": "97ee2049-893e-4c9d-a312-08d82b46faf7",
            "Operation": "FileAccessed", "OrganizationId": "11111111-2222-3333-4444-555555555555", "RecordType": 6,
            "UserType": 0, "UserId": "rosa@contoso.example", "AppAccessContext": {"AADSessionId": "x"},
            "SensitivityLabelId": null,
        })
    }

    fn with(name: &str, value: Value) -> String {
        let mut record = record();
        record[name] = value;
        record.to_string()
    }

    #[test]
    fn a_plain_record_is_told_at_a_glance() {
        let text = record().to_string();
        let glance = glance(&text).unwrap();
        assert_eq!(glance.operation, "FileAccessed");
        assert_eq!(glance.user_type, Some(0));
        assert_eq!(glance.time, TimeMs::parse("2026-11-20T10:11:12").unwrap());
    }

    #[test]
    fn what_is_not_plain_has_to_be_parsed() {
        for text in [
            // A label of an item that has no ids: its address would have to be put together.
            with("SensitivityLabelId", json!("8d5e5c1b-0000-4000-8000-000000000001")),
            with("SensitivityLabelEventData", json!({"SensitivityLabelId": "x"})),
            with("CreationTime", json!("yesterday")),
            with("Operation", json!("")),
            with("UserType", json!("Stranger")),
            with("Id", json!(["x"])),
            with("properties", json!({})),
            with("OfficeWorkload", json!("SharePoint")),
            json!({"auditData": record()}).to_string(),
            json!({"rawDataJson": record(), "_id": "1"}).to_string(),
            "[]".to_owned(),
            "{".to_owned(),
            format!("{}x", record()),
        ] {
            assert_eq!(glance(&text), None, "{text}");
        }
    }

    proptest! {
        /// A glance is a part of the whole: where it tells something, parsing tells the same.
        #[test]
        fn a_glance_never_contradicts_the_whole(members in prop::collection::vec((name(), value()), 0..12)) {
            let mut object = record().as_object().cloned().unwrap_or_default();
            for (name, value) in members {
                object.insert(name, value);
            }
            let text = Value::Object(object).to_string();
            if let Some(glance) = glance(&text) {
                let (activity, _) = parse(&text);
                prop_assert_eq!(glance.id, activity.id);
                prop_assert_eq!(Some(glance.time), activity.time);
                prop_assert_eq!(&glance.operation, &activity.operation);
                prop_assert_eq!(&glance.user_id, &activity.user_id);
                prop_assert_eq!(glance.user_type, activity.user_type);
                prop_assert_eq!(&glance.organization_id, &activity.organization_id);
                let item = item::locate(&activity).map(|item| item.key);
                let label = activity.label_id.as_deref().map(|label| (item.unwrap_or_default(), label.to_owned()));
                prop_assert_eq!(glance.label.map(|(item, label)| (item, label.into_owned())), label);
                prop_assert_eq!(activity.defender, None);
            }
        }
    }

    fn name() -> impl Strategy<Value = String> {
        prop::sample::select(vec![
            "Id",
            "OfficeId",
            "CreationTime",
            "Operation",
            "Operations",
            "UserType",
            "UserId",
            "UserId_",
            "UserIds",
            "OrganizationId",
            "OrganizationId_",
            "Site",
            "Site_",
            "ListItemUniqueId",
            "SensitivityLabelId",
            "SensitivityLabelEventData",
            "auditData",
            "AuditData",
            "RawEventData",
            "rawDataJson",
            "properties",
            "_id",
            "eventTypeName",
            "appId",
            "OfficeWorkload",
            "id",
            "operation",
            "userPrincipalName",
            "Identity",
            "RecordType",
            "TimeGenerated",
            "Timestamp",
        ])
        .prop_map(str::to_owned)
    }

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            Just(json!("")),
            Just(json!("2026-11-20T10:11:12Z")),
            Just(json!("97ee2049-893e-4c9d-a312-08d82b46faf8")),
            Just(json!({"Operation": "FileDeleted", "Id": "x", "SensitivityLabelId": "y"})),
            Just(json!("{\"Operation\":\"FileDeleted\"}")),
            Just(json!([1])),
            any::<i64>().prop_map(Into::into),
            any::<bool>().prop_map(Into::into),
            "[a-z@\\\\\"]{0,9}".prop_map(Into::into),
            Just(Value::Object(Map::new())),
        ]
    }
}
