//! The Log Analytics table `OfficeActivity`: every value a text save the time, and names of its own.
//!
//! Microsoft: "OfficeActivity table reference". It knows no labels and no `CorrelationId`, so a report made of it knows
//! less than one made of the records.

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::quoted;
use crate::clock;
use crate::story::StoredActivity;
use crate::story::clock::american_twelve_hours;
use crate::story::forms::names;

/// The table's columns, and the members of the audit record that they hold.
const COLUMNS: [(&str, &str); 33] = [
    ("RecordType", "RecordType"),
    ("Operation", "Operation"),
    ("OrganizationId", "OrganizationId"),
    ("OfficeId", "Id"),
    ("UserType", "UserType"),
    ("UserKey", "UserKey"),
    ("OfficeWorkload", "Workload"),
    ("ResultStatus", "ResultStatus"),
    ("OfficeObjectId", "ObjectId"),
    ("UserId", "UserId"),
    ("ClientIP", "ClientIP"),
    ("Site_", "Site"),
    ("ItemType", "ItemType"),
    ("EventSource", "EventSource"),
    ("Source_Name", "SourceName"),
    ("UserAgent", "UserAgent"),
    ("MachineDomainInfo", "MachineDomainInfo"),
    ("MachineId", "MachineId"),
    ("Site_Url", "SiteUrl"),
    ("SourceRelativeUrl", "SourceRelativeUrl"),
    ("SourceFileName", "SourceFileName"),
    ("SourceFileExtension", "SourceFileExtension"),
    ("DestinationRelativeUrl", "DestinationRelativeUrl"),
    ("DestinationFileName", "DestinationFileName"),
    ("DestinationFileExtension", "DestinationFileExtension"),
    ("TargetUserOrGroupName", "TargetUserOrGroupName"),
    ("TargetUserOrGroupType", "TargetUserOrGroupType"),
    ("EventData", "EventData"),
    ("UniqueSharingId", "UniqueSharingId"),
    ("ListId", "ListId"),
    ("ListItemUniqueId", "ListItemUniqueId"),
    ("IsManagedDevice", "IsManagedDevice"),
    ("AppAccessContext", "AppAccessContext"),
];

/// Columns with the same value in every row.
const CONSTANT: [(&str, &str); 3] =
    [("Type", "OfficeActivity"), ("SourceSystem", "OfficeActivityManager"), ("TenantId", WORKSPACE_ID)];

/// The table's `TenantId` is that of the workspace, which nobody needs to know.
const WORKSPACE_ID: &str = "e5f1b0a4-7c1d-4a55-9a0f-6a1d1c0f9b21";

/// The portal's download; times have their zone in the header.
pub(super) fn csv(records: &[&StoredActivity], file: &mut impl Write) -> io::Result<()> {
    let names: Vec<&str> = COLUMNS.iter().chain(&CONSTANT).map(|(name, _)| *name).collect();
    writeln!(file, "\"TimeGenerated [UTC]\",{}", names.join(","))?;
    for activity in records {
        let row = row(activity)?;
        // `4/16/2026, 8:22:16.000 AM`
        let time = american_twelve_hours(activity.timestamp_ms).replacen(' ', ", ", 1);
        let time = time.rsplit_once(' ').map_or(time.clone(), |(time, half)| format!("{time}.000 {half}"));
        write!(file, "{}", quoted(&time))?;
        for name in &names {
            let text = match row.get(*name) {
                None | Some(Value::Null) => String::new(),
                Some(Value::String(text)) => quoted(text),
                Some(other) => quoted(&other.to_string()),
            };
            write!(file, ",{text}")?;
        }
        writeln!(file)?;
    }
    Ok(())
}

/// One row a line, as continuous export writes it.
pub(super) fn ndjson(records: &[&StoredActivity], file: &mut impl Write) -> io::Result<()> {
    for activity in records {
        let mut row = row(activity)?;
        row.insert("TimeGenerated".to_owned(), clock::text(activity.timestamp_ms).into());
        writeln!(file, "{}", Value::Object(row))?;
    }
    Ok(())
}

/// A row without its time.
fn row(activity: &StoredActivity) -> io::Result<Map<String, Value>> {
    let record: Map<String, Value> = serde_json::from_str(activity.audit_json())?;
    let mut row: Map<String, Value> =
        CONSTANT.iter().map(|(name, text)| ((*name).to_owned(), (*text).into())).collect();
    for (column, member) in COLUMNS {
        let value = match (column, record.get(member)) {
            (_, None) => continue,
            ("RecordType", Some(value)) => names::record_type(value.as_i64().unwrap_or_default()).into(),
            ("UserType", Some(value)) => names::user_type(value.as_i64().unwrap_or_default()).into(),
            (_, Some(Value::Number(number))) => number.to_string().into(),
            (_, Some(Value::Bool(truth))) => truth.to_string().into(),
            (_, Some(value)) => value.clone(),
        };
        row.insert(column.to_owned(), value);
    }
    Ok(row)
}
