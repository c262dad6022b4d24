//! What administrators change about how a site, or the whole tenant, may be shared: `SharingPolicyChanged` and its kin.
//!
//! The record names properties with their old and new values (`ModifiedProperties`; `Enabled` and `Disabled`, or `True` and
//! `False`). The list of properties is open, so a property is judged by its words.

use serde_json::Value;

/// One property that was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyChange {
    /// `ShareWithGuests`, `ShareUsingAnonymousLinks`, …
    pub property: String,
    /// Its value before; empty where the record does not say.
    pub old: String,
    /// Its value since.
    pub new: String,
}

impl PolicyChange {
    /// Reads `ModifiedProperties`: a list of objects, or a text of one. What is no such list changes nothing.
    pub fn all(json: &str) -> Vec<Self> {
        let parsed: Option<Value> = serde_json::from_str(json).ok();
        let list = match parsed {
            Some(Value::String(text)) => serde_json::from_str(&text).ok(),
            other => other,
        };
        let Some(Value::Array(list)) = list else { return Vec::new() };
        let text = |change: &Value, key: &str| match change.get(key) {
            Some(Value::String(text)) => text.replace(['\n', '\r'], " "),
            Some(Value::Bool(truth)) => truth.to_string(),
            _ => String::new(),
        };
        let changes = list.iter().map(|change| Self {
            property: text(change, "Name"),
            old: text(change, "OldValue"),
            new: text(change, "NewValue"),
        });
        changes.filter(|change| !change.property.is_empty()).collect()
    }

    /// Changes out of what [`Display`](std::fmt::Display) made of them, one a line.
    pub fn of_lines(lines: &str) -> Vec<Self> {
        let change = |line: &str| {
            let (before, new) = line.rsplit_once(" -> ")?;
            let (property, old) = before.split_once(": ")?;
            Some(Self { property: property.to_owned(), old: old.to_owned(), new: new.to_owned() })
        };
        lines.lines().filter_map(change).collect()
    }

    /// Whether more is allowed since: what lets people outside in was switched on, or what keeps them out was switched off.
    pub fn weakens(&self) -> bool {
        let turned =
            |from: bool, to: bool| switch(&self.old) != Some(to) && switch(&self.new) == Some(to) && from != to;
        let property = self.property.to_ascii_lowercase();
        let says = |parts: &[&str]| parts.iter().any(|part| property.contains(part));
        if says(&RESTRICTS) { turned(true, false) } else { says(&OPENS) && turned(false, true) }
    }
}

impl std::fmt::Display for PolicyChange {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {} -> {}", self.property, self.old, self.new)
    }
}

/// Words of properties that let people outside in when they are on (Microsoft: audit log activities, site administration;
/// seen: `ShareWithGuests`).
const OPENS: [&str; 4] = ["sharewithguests", "anonymouslink", "externalsharing", "externaluser"];
/// Words of properties that keep them out when they are on, whatever else they say.
const RESTRICTS: [&str; 4] = ["require", "prevent", "restrict", "disable"];

/// Whether the value says on or off; `None` where it says neither.
fn switch(value: &str) -> Option<bool> {
    let is = |words: [&str; 3]| words.iter().any(|word| value.trim().eq_ignore_ascii_case(word));
    if is(["enabled", "true", "1"]) {
        Some(true)
    } else if is(["disabled", "false", "0"]) {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(property: &str, old: &str, new: &str) -> PolicyChange {
        PolicyChange { property: property.into(), old: old.into(), new: new.into() }
    }

    #[test]
    fn a_policy_is_weaker_when_guests_or_links_are_allowed_and_stronger_when_they_no_longer_are() {
        for (property, old, new, weakens) in [
            ("ShareWithGuests", "Disabled", "Enabled", true),
            ("ShareWithGuests", "Enabled", "Disabled", false),
            ("ShareWithGuests", "Enabled", "Enabled", false),
            ("ShareUsingAnonymousLinks", "False", "True", true),
            ("ShareUsingAnonymousLinks", "", "true", true),
            ("RequireAnonymousLinksExpiration", "True", "False", true),
            ("RequireAnonymousLinksExpiration", "False", "True", false),
            ("PreventExternalUsersFromResharing", "True", "False", true),
            ("Title", "False", "True", false),
            ("ShareWithGuests", "Some", "Others", false),
        ] {
            assert_eq!(change(property, old, new).weakens(), weakens, "{property} {old} {new}");
        }
    }

    #[test]
    fn changes_are_read_from_a_list_and_from_a_text_of_one_and_from_nothing_else() {
        let list = r#"[{"Name":"ShareWithGuests","NewValue":"Enabled","OldValue":"Disabled"},{"Name":""},7]"#;
        let expected = vec![change("ShareWithGuests", "Disabled", "Enabled")];
        assert_eq!(PolicyChange::all(list), expected);
        assert_eq!(PolicyChange::all(&serde_json::to_string(list).unwrap()), expected);
        for odd in ["", "null", "7", "{\"Name\":\"A\"}", "\"[\""] {
            assert_eq!(PolicyChange::all(odd), [], "{odd}");
        }
        assert_eq!(expected[0].to_string(), "ShareWithGuests: Disabled -> Enabled");
        assert_eq!(PolicyChange::of_lines("ShareWithGuests: Disabled -> Enabled\nno change"), expected);
    }
}
