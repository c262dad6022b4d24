//! A file of Defender's inventory (Files API): who may reach it, as Defender last saw it.
//!
//! It is no audit record, but it answers the same question, so it becomes an activity of its own kind
//! ([`crate::operation::LISTED`]) without an actor, whose targets are those who may come in. It happened when Defender's
//! picture of the file last changed. The same picture listed again is the same record; another picture of the file is
//! another one, which is why both make the id.

use std::borrow::Cow;

use serde::de::{IgnoredAny, MapAccess};
use serde_json::Value;
use serde_json::value::RawValue;

use super::object::{Members, Texts, next_object, next_text, read_object};
use super::scalar::Scalar;
use crate::operation::LISTED;
use crate::problem::Problems;
use crate::{Activity, Target, Text, TimeMs};

/// The member by which such a file is recognised.
pub(super) const MARK: &str = "fileAccessLevel";

/// From here on people outside may come in (`fileAccessLevel` 2, "external"), and from the next level on anyone.
const EXTERNAL: i64 = 2;
const PUBLIC: i64 = 3;

/// A file while it is read.
#[derive(Default)]
struct File<'a> {
    number: Text<'a>,
    id: Text<'a>,
    app: Option<i64>,
    name: Text<'a>,
    link: Text<'a>,
    site_url: Text<'a>,
    is_folder: Option<bool>,
    level: Option<i64>,
    /// Whom Defender counts as outside, and all others: whether they are is for our own domains to say.
    outsiders: Vec<String>,
    people: Vec<String>,
    unique_id: Text<'a>,
    server_path: Text<'a>,
    pictured: Option<TimeMs>,
    modified: Option<TimeMs>,
}

/// Reads the text of one file.
pub(super) fn read<'a>(text: &'a str, problems: &mut Problems) -> Result<Activity<'a>, serde_json::Error> {
    let mut file = File::default();
    read_object(text, &mut file, problems)?;
    Ok(file.into_activity())
}

impl<'a> Members<'a> for File<'a> {
    fn member<A: MapAccess<'a>>(&mut self, key: &str, map: &mut A, problems: &mut Problems) -> Result<(), A::Error> {
        match key {
            "_id" => next_text(map, &mut self.number, "_id", problems),
            "id" => next_text(map, &mut self.id, "id", problems),
            "name" => next_text(map, &mut self.name, "name", problems),
            "alternateLink" => next_text(map, &mut self.link, "alternateLink", problems),
            "siteCollection" => next_text(map, &mut self.site_url, "siteCollection", problems),
            "appId" => {
                self.app = map.next_value::<Scalar<'a>>()?.integer("appId", |_| None, false, problems);
                Ok(())
            }
            "isFolder" => {
                self.is_folder = map.next_value::<Scalar<'a>>()?.flag("isFolder", problems);
                Ok(())
            }
            MARK => {
                self.level = first_number(map.next_value::<&'a RawValue>()?.get());
                Ok(())
            }
            "externalShares" => {
                self.outsiders.extend(addresses(map.next_value::<&'a RawValue>()?.get()));
                Ok(())
            }
            "emails" | "collaborators" => {
                self.people.extend(addresses(map.next_value::<&'a RawValue>()?.get()));
                Ok(())
            }
            "sharepointItem" => {
                let mut texts = Texts::named(["UniqueId", "ServerRelativeUrl"]);
                next_object(map, &mut texts, "sharepointItem", problems)?;
                [self.unique_id, self.server_path] = texts.into_values();
                Ok(())
            }
            "snapshotLastModifiedDate" => {
                self.pictured = map.next_value::<Scalar<'a>>()?.epoch_ms("snapshotLastModifiedDate", problems);
                Ok(())
            }
            "modifiedDate" => {
                self.modified = map.next_value::<Scalar<'a>>()?.epoch_ms("modifiedDate", problems);
                Ok(())
            }
            _ => map.next_value::<IgnoredAny>().map(|_| ()),
        }
    }
}

impl<'a> File<'a> {
    fn into_activity(self) -> Activity<'a> {
        let time = self.pictured.or(self.modified);
        let number = self.number.as_deref().or(self.id.as_deref());
        let id_text = number.zip(time).map(|(number, time)| Cow::Owned(format!("{number}@{}", time.millis())));
        let (site, unique) = self.id.as_ref().map(halves).unwrap_or_default();
        let level = self.level.unwrap_or_default();
        let targets = if level >= EXTERNAL { targets(self.outsiders, self.people) } else { Vec::new() };
        Activity {
            id_text,
            time,
            operation: LISTED.into(),
            workload: self.app.and_then(workload).map(Cow::Borrowed),
            object_id: url(self.link, self.server_path.as_deref()),
            site,
            list_item_unique_id: self.unique_id.or(unique),
            item_type: self.is_folder.map(|is_folder| Cow::Borrowed(if is_folder { "Folder" } else { "File" })),
            site_url: self.site_url.filter(|url| url.contains("://")),
            source_file_name: self.name,
            sharing_link_scope: (level >= PUBLIC).then_some(Cow::Borrowed("Anonymous")),
            targets,
            ..Activity::default()
        }
    }
}

/// App ids of Defender for Cloud Apps.
fn workload(app: i64) -> Option<&'static str> {
    match app {
        15_600 => Some("OneDrive"),
        20_892 => Some("SharePoint"),
        _ => None,
    }
}

/// The address as audit records write it, decoded: the host of the link and the path that SharePoint tells.
fn url<'a>(link: Text<'a>, server_path: Option<&str>) -> Text<'a> {
    let host_end = |link: &str| link.find("://").and_then(|at| link.get(at + 3..)?.find('/').map(|end| at + 3 + end));
    match (&link, server_path) {
        (Some(address), Some(path)) if path.starts_with('/') => {
            let host = address.get(..host_end(address).unwrap_or(address.len())).unwrap_or_default();
            Some(Cow::Owned(format!("{host}{path}")))
        }
        _ => link,
    }
}

/// `<site id>|<item id>`
fn halves<'a>(id: &Cow<'a, str>) -> (Text<'a>, Text<'a>) {
    match id {
        Cow::Borrowed(id) => id.split_once('|').map(|(site, item)| (Some(site.into()), Some(item.into()))),
        Cow::Owned(id) => {
            id.split_once('|').map(|(site, item)| (Some(site.to_owned().into()), Some(item.to_owned().into())))
        }
    }
    .unwrap_or_default()
}

/// Those whom Defender counts as outside are judged by their addresses alone; of the others, who has no address of a known
/// domain counts as one of ours.
fn targets(outsiders: Vec<String>, people: Vec<String>) -> Vec<Target<'static>> {
    let mut targets: Vec<Target<'static>> =
        outsiders.into_iter().map(|name| Target { name: name.into(), kind: None }).collect();
    for name in people {
        if targets.iter().all(|known| !known.name.eq_ignore_ascii_case(&name)) {
            targets.push(Target { name: name.into(), kind: Some("Member".into()) });
        }
    }
    targets.sort();
    targets.dedup();
    targets
}

/// Of `[3, "PUBLIC"]` the 3; a bare number is one as well.
fn first_number(json: &str) -> Option<i64> {
    match serde_json::from_str(json).ok()? {
        Value::Array(values) => values.first()?.as_i64(),
        value => value.as_i64(),
    }
}

/// The addresses of a list of texts, or of objects with an `email`. Names without an address say nobody who could be told
/// apart, and are left out.
fn addresses(json: &str) -> Vec<String> {
    let Ok(Value::Array(values)) = serde_json::from_str(json) else { return Vec::new() };
    let address = |value: &Value| {
        let text = value.as_str().or_else(|| value.get("email")?.as_str())?.trim();
        text.contains(['@', '#']).then(|| text.to_owned())
    };
    values.iter().filter_map(address).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Shape, parse, recognise};
    use super::*;

    fn file() -> Value {
        json!({
            "_id": "65a0c0ffee00112233445566", "appId": 20892, "id": "CAC4B654-5FCF-44F0-818E-479CF8AE42AC|141133f2-6710-4f65-9c3b-c840a8d71483",
            "name": "Plan 100%25.docx", "createdDate": 1_763_000_000_000_i64, "modifiedDate": 1_763_600_000_000_i64,
            "alternateLink": "https://contoso.sharepoint.com/sites/HR/Docs/Plan%20100%2525.docx", "isFolder": false,
            "siteCollection": "https://contoso.sharepoint.com/sites/HR", "fileAccessLevel": [2, "EXTERNAL"], "facl": 2,
            "ownerAddress": "ana@contoso.example", "externalShares": ["li@fabrikam.example"],
            "emails": ["LI@fabrikam.example", "ana@contoso.example"], "groups": ["HR members"],
            "collaborators": [{"email": "kim@adatum.example", "name": "Kim"}, {"name": "nobody"}, 7],
            "sharepointItem": {"UniqueId": "141133f2-6710-4f65-9c3b-c840a8d71483", "ServerRelativeUrl": "/sites/HR/Docs/Plan 100%25.docx"},
            "snapshotLastModifiedDate": "2025-11-20T10:21:12Z", "dlpScanResults": []
        })
    }

    #[test]
    fn a_file_of_the_inventory_tells_who_may_reach_it_and_when_it_was_seen_so() {
        let text = file().to_string();
        assert_eq!(recognise(&text), Some(Shape::Listing));
        let (activity, problems) = parse(&text);
        assert_eq!(problems, []);
        assert_eq!(activity.time, TimeMs::parse("2025-11-20T10:21:12Z"));
        assert_eq!(activity.id_text.as_deref(), Some("65a0c0ffee00112233445566@1763634072000"));
        assert_eq!((activity.operation.as_ref(), activity.workload.as_deref()), (LISTED, Some("SharePoint")));
        let item = crate::item::locate(&activity).unwrap();
        assert_eq!(item.key, "cac4b654-5fcf-44f0-818e-479cf8ae42ac|141133f2-6710-4f65-9c3b-c840a8d71483");
        assert_eq!(item.url.as_deref(), Some("https://contoso.sharepoint.com/sites/HR/Docs/Plan 100%25.docx"));
        let targets: Vec<_> = activity.targets.iter().map(|it| (it.name.as_ref(), it.kind.as_deref())).collect();
        let member = Some("Member");
        assert_eq!(
            targets,
            [("ana@contoso.example", member), ("kim@adatum.example", member), ("li@fabrikam.example", None)]
        );
        assert_eq!(activity.sharing_link_scope, None);
    }

    #[test]
    fn a_public_file_is_for_anyone_and_a_private_one_for_nobody() {
        let with_level = |level: Value| {
            let mut file = file();
            file["fileAccessLevel"] = level;
            let text = file.to_string();
            let activity = parse(&text).0.into_owned();
            (activity.sharing_link_scope.is_some(), activity.targets.len())
        };
        assert_eq!(with_level(json!([3, "PUBLIC"])), (true, 3));
        assert_eq!(with_level(json!(4)), (true, 3));
        assert_eq!(with_level(json!([1, "INTERNAL"])), (false, 0));
        assert_eq!(with_level(Value::Null), (false, 0));
    }

    #[test]
    fn an_audit_record_with_a_member_of_that_name_stays_an_audit_record() {
        let (activity, _) = parse(
            r#"{"Id":"1","Operation":"FileAccessed","CreationTime":"2026-11-20T10:20:00Z","fileAccessLevel":[3,"PUBLIC"]}"#,
        );
        assert_eq!(activity.operation, "FileAccessed");
    }
}
