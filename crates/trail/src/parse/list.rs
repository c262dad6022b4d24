//! Lists of objects that rare records bear: whom a record of Teams is about, which content policies matched.
//!
//! Read as values of any kind, because such records are few and their lists come as JSON or as a text of JSON.

use std::borrow::Cow;

use serde_json::Value;

use crate::Target;

/// `Members` of a record of Teams: whoever joined or left, by `UPN`. `None`: no list.
pub(super) fn members(json: &str) -> Option<Vec<Target<'static>>> {
    let target = |member: &Value| {
        let name = member.get("UPN")?.as_str().filter(|name| !name.is_empty())?;
        Some(Target { name: Cow::Owned(name.to_owned()), kind: None })
    };
    Some(objects(json)?.iter().filter_map(target).collect())
}

/// `PolicyDetails` of a record of data loss prevention: id and name of each policy, one a line, in order and without
/// doubles. `None`: no list. What the policies found in the file is not read.
pub(super) fn policies(json: &str) -> Option<Option<String>> {
    let line = |policy: &Value| {
        // A tab or line break in a name would make two of it.
        let text = |key: &str| policy.get(key).and_then(Value::as_str).unwrap_or_default().replace(['\t', '\n'], " ");
        let (id, name) = (text("PolicyId"), text("PolicyName"));
        (!id.is_empty() || !name.is_empty()).then(|| format!("{id}\t{name}"))
    };
    let mut lines: Vec<String> = objects(json)?.iter().filter_map(line).collect();
    lines.sort_unstable();
    lines.dedup();
    Some(Some(lines.join("\n")).filter(|lines| !lines.is_empty()))
}

/// The elements of a list; a lone object is a list of one, `null` and an empty text an empty list.
fn objects(json: &str) -> Option<Vec<Value>> {
    let value = match serde_json::from_str(json).ok()? {
        Value::String(text) if text.is_empty() => Value::Null,
        Value::String(text) => serde_json::from_str(&text).ok()?,
        value => value,
    };
    match value {
        Value::Array(values) => Some(values),
        Value::Object(_) => Some(vec![value]),
        Value::Null => Some(Vec::new()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_from_a_list_from_one_object_and_from_a_text() {
        let names = |json: &str| members(json).map(|found| found.into_iter().map(|it| it.name).collect::<Vec<_>>());
        let list = r#"[{"UPN":"li_f.example#EXT#@c.onmicrosoft.com","Role":3},{"DisplayName":"nobody"},{"UPN":7}]"#;
        let li = Some(vec![Cow::Borrowed("li_f.example#EXT#@c.onmicrosoft.com")]);
        assert_eq!(names(list), li);
        assert_eq!(names(&serde_json::to_string(list).unwrap_or_default()), li);
        assert_eq!(names(r#"{"UPN":"li_f.example#EXT#@c.onmicrosoft.com"}"#), li);
        assert_eq!(
            (names("null"), names("\"\""), names("7"), names("\"{\"")),
            (Some(vec![]), Some(vec![]), None, None)
        );
    }

    #[test]
    fn of_policies_the_id_and_the_name_are_read_and_nothing_that_they_found() {
        let json = r#"[{"PolicyId":"p-2","PolicyName":"Cards\tand more","Rules":[{"ConditionsMatched":{"SensitiveInformation":
            [{"SensitiveInformationDetections":{"DetectedValues":[{"Value":"4111 1111"}]}}]}}]},{"PolicyName":"IBAN"}]"#;
        assert_eq!(policies(json), Some(Some("\tIBAN\np-2\tCards and more".to_owned())));
        assert_eq!((policies("[]"), policies("true")), (Some(None), None));
    }
}
