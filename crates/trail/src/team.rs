//! Which site belongs to a team: records of Teams name the team and its group, and the files lie in a site.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Activity;
use crate::id::guid;
use crate::record::lower_id;

/// The sites of teams, by the id of the Microsoft 365 group behind each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Teams(BTreeMap<Arc<str>, Arc<str>>);

impl Teams {
    /// From pairs of group id and site URL; what is no GUID names no group.
    pub fn new<'t>(pairs: impl IntoIterator<Item = (&'t str, &'t str)>) -> Self {
        let pairs = pairs.into_iter().filter(|(group, _)| guid(group).is_some());
        Self(pairs.map(|(group, site)| (lower_id(group), Arc::from(site.trim_end_matches('/')))).collect())
    }

    /// Says of a record about a team's members which site it concerns: the one that it names itself, else the one that
    /// is known for its group, else none. What else its object may be (a team's or a person's name) is no place.
    pub fn place(&self, activity: &mut Activity<'_>) {
        if !is_of_team(activity) || names_site(activity) {
            return;
        }
        activity.object_id = None;
        let site = activity.group_id.as_deref().and_then(|group| self.0.get(&lower_id(group)));
        activity.site_url = site.map(|site| Cow::Owned(site.to_string()));
    }
}

/// Whether the record is about who is a member of a team (Microsoft: "Audit log activities", Microsoft Teams).
pub fn is_of_team(activity: &Activity<'_>) -> bool {
    ["MemberAdded", "MemberRemoved", "MemberRoleChanged"]
        .iter()
        .any(|operation| activity.operation.eq_ignore_ascii_case(operation))
}

fn names_site(activity: &Activity<'_>) -> bool {
    [&activity.object_id, &activity.site_url].into_iter().flatten().any(|url| url.contains("://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: &str = "https://contoso.sharepoint.com/sites/HR";

    fn placed(json: &str) -> (Option<String>, Option<String>) {
        let teams = Teams::new([("AAAAAAAA-0000-4000-8000-00000000000A", "https://contoso.sharepoint.com/sites/HR/")]);
        let mut activity = crate::parse(json).0;
        teams.place(&mut activity);
        let text = |text: &crate::Text<'_>| text.as_deref().map(str::to_owned);
        (text(&activity.object_id), text(&activity.site_url))
    }

    #[test]
    fn a_team_lies_where_its_record_says_or_else_where_its_group_is_known_to() {
        let site = Some(SITE.to_owned());
        for (json, expected) in [
            (
                r#"{"Operation":"MemberAdded","AADGroupId":"{aaaaaaaa-0000-4000-8000-00000000000a}"}"#,
                (None, site.clone()),
            ),
            (
                r#"{"Operation":"MemberRemoved","ObjectId":"The team","AADGroupId":"aaaaaaaa-0000-4000-8000-00000000000a"}"#,
                (None, site.clone()),
            ),
            (r#"{"Operation":"MemberAdded","AADGroupId":"bbbbbbbb-0000-4000-8000-00000000000a"}"#, (None, None)),
            (r#"{"Operation":"MemberAdded","ObjectId":"The team"}"#, (None, None)),
            (
                r#"{"Operation":"MemberAdded","SiteUrl":"https://c/sites/other","AADGroupId":"aaaaaaaa-0000-4000-8000-00000000000a"}"#,
                (None, Some("https://c/sites/other".to_owned())),
            ),
            (r#"{"Operation":"FileAccessed","ObjectId":"The team"}"#, (Some("The team".to_owned()), None)),
        ] {
            assert_eq!(placed(json), expected, "{json}");
        }
    }
}
