//! A folder whose configuration knows the tenant's labels and declared places, and look-alike records.

use std::collections::BTreeMap;

use emulator::story::Truth;
use serde_json::{Value, json};
use toml::Table;

use crate::support::{Configuration, Folder, Lab};

/// Columns that comparisons between sources exempt: when it was concluded, who saw it, and what only Defender knows.
const EXEMPT: [&str; 7] =
    ["revision", "concluded_at", "feeds", "country", "city", "defender_says_external", "countries"];

/// The same rows without the columns that depend on the source.
pub fn bare(mut rows: Vec<Value>) -> Vec<Value> {
    for row in &mut rows {
        let row = row.as_object_mut().unwrap();
        EXEMPT.iter().for_each(|key| drop(row.remove(*key)));
    }
    rows
}

/// Labels as the file that the configuration names.
pub fn labels(truth: &Truth) -> String {
    let line = |label: &emulator::story::TrueLabel| format!("{},\"{}\",,{}\n", label.id, label.name, label.order);
    truth.labels.iter().map(line).fold("id,name,parent,order\n".to_owned(), |text, line| text + &line)
}

/// Names of the labels that count.
pub fn classified_labels(truth: &Truth) -> Vec<String> {
    truth.labels.iter().filter(|label| label.classified).map(|label| label.name.clone()).collect()
}

/// The lab's configuration: it delivers shares, and knows what the tenant's truth calls classified.
pub fn knowing(lab: &Lab) -> impl FnOnce(Configuration) -> Configuration {
    lab.folder.write("labels.csv", labels(&lab.truth));
    let declared: Vec<toml::Value> = lab
        .truth
        .declared
        .iter()
        .map(|url| {
            let place = [("url", url.as_str()), ("level", "classified")];
            toml::Value::Table(place.iter().map(|(key, text)| ((*key).to_owned(), (*text).into())).collect::<Table>())
        })
        .collect();
    let classified = classified_labels(&lab.truth);
    // Label events of desktop applications come under Microsoft 365 itself.
    let every_app = vec![20_892, 15_600, 28_375, 11_161];
    move |it: Configuration| {
        it.set("tenant.sink.logs_ingestion.share_stream", "Custom-ShareTrailShare_CL")
            .set("tenant.defender.services", every_app)
            .set("tenant.classification.labels_file", "labels.csv")
            .set("tenant.classification.classified_labels", classified)
            .set("tenant.classification.declared", declared)
    }
}

/// Delivered rows as readers of the table take them: the latest revision of each id, without the withdrawn ones.
pub fn standing(rows: &[Value], id: &str) -> Vec<Value> {
    let mut latest: BTreeMap<String, &Value> = BTreeMap::new();
    for row in rows {
        let known = latest.entry(row[id].as_str().unwrap().to_owned()).or_insert(row);
        if row["Revision"].as_i64() >= known["Revision"].as_i64() {
            *known = row;
        }
    }
    latest.into_values().filter(|row| row["Withdrawn"] != true).cloned().collect()
}

pub const SITE: &str = "https://contoso.sharepoint.com/sites/HR";
pub const SITE_ID: &str = "cac4b654-5fcf-44f0-818e-479cf8ae42ac";
pub const ANA: &str = "ana@contoso.example";
pub const BOB: &str = "bob@contoso.example";
pub const LABEL: &str = "11111111-0000-4000-8000-000000000001";

/// Id of record number `number`.
pub fn id(number: u16) -> String {
    format!("00000000-0000-4000-8000-00000000{number:04x}")
}

/// A made-up record in the form of the audit log: number, time of that day, operation, actor and path below the site;
/// `more` adds members or replaces them.
pub fn record(number: u16, at: &str, operation: &str, user: &str, path: &str, more: Value) -> Value {
    let sharing = ["Link", "Sharing", "AddedTo", "Invitation"].iter().any(|part| operation.contains(part));
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut record = json!({
        "CreationTime": format!("2026-10-01T{at}"), "Id": id(number), "Operation": operation,
        "RecordType": if sharing { 14 } else { 6 }, "UserType": 0, "Workload": "SharePoint",
        "OrganizationId": "7c1b7c0e-2f6d-4a51-9d4f-0d6b4a1f0c11", "UserId": user,
        "UserKey": "i:0h.f|membership|10037ffe@live.com", "ClientIP": "203.0.113.7", "CorrelationId": format!("c{number}"),
        "Site": SITE_ID, "SiteUrl": format!("{SITE}{}", if sharing { "" } else { "/" }),
        "ListItemUniqueId": item_id(path), "ObjectId": format!("{SITE}/{path}"),
        "SourceRelativeUrl": if sharing { path } else { folder }, "SourceFileName": name, "ItemType": "File",
    });
    record.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    record
}

/// An item's id: the same for the same path.
pub fn item_id(path: &str) -> String {
    let sum = path.bytes().fold(7_u64, |sum, byte| (sum * 31 + u64::from(byte)) % 0xffff_ffff_ffff);
    format!("bbbbbbbb-0000-4000-8000-{sum:012x}")
}

/// Somebody put on a "specific people" link.
pub fn added(number: u16, at: &str, link: &str, path: &str, to: &str) -> Value {
    let more = json!({"UniqueSharingId": link, "TargetUserOrGroupName": to, "TargetUserOrGroupType": "Guest"});
    record(number, at, "AddedToSecureLink", ANA, path, more)
}

/// A folder that holds these records as the file `NAME.ndjson`, imported into its store.
pub fn imported(records: &[Value]) -> Folder {
    let folder = Folder::new();
    import(&folder, "records.ndjson", records);
    folder
}

/// Imports more records.
pub fn import(folder: &Folder, name: &str, records: &[Value]) {
    let lines: Vec<String> = records.iter().map(Value::to_string).collect();
    folder.write(name, lines.join("\n"));
    folder.run(["import", name, "--internal-domain", "contoso.example,contoso.onmicrosoft.com"]).with_code(0);
}

/// Accesses as `person action records: rule confidence`, in order of time; records by their numbers.
pub fn accesses(folder: &Folder) -> Vec<String> {
    folder.report("access").iter().map(told_access).collect()
}

fn told_access(row: &Value) -> String {
    let text = |key: &str| row[key].as_str().unwrap_or("-").to_owned();
    format!(
        "{} {} {}: {} {}",
        text("person"),
        text("action"),
        numbers(&row["evidence_ids"]),
        text("match_rule"),
        text("confidence")
    )
}

/// Shares as `kind recipient state uses records`, in order of time.
pub fn shares(folder: &Folder) -> Vec<String> {
    let told = |row: &Value| {
        let text = |key: &str| row[key].as_str().unwrap_or("-").to_owned();
        format!(
            "{} {} {} {} uses: {}",
            text("share_kind"),
            text("recipient"),
            text("state"),
            row["uses"],
            numbers(&row["evidence_ids"])
        )
    };
    folder.report("shares").iter().map(told).collect()
}

/// The numbers of records.
pub fn numbers(ids: &Value) -> String {
    let number = |id: &Value| u16::from_str_radix(&id.as_str().unwrap()[32..], 16).unwrap().to_string();
    ids.as_array().unwrap().iter().map(number).collect::<Vec<_>>().join(" ")
}
