//! The table `CloudAppEvents`: downloaded from the portal, or written by the streaming API.
//!
//! Microsoft: "Streaming API": each record is wrapped with its time, category and tenant; an event hub gets several in
//! one message.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::{array, quoted};
use crate::clock;
use crate::story::StoredActivity;
use crate::story::forms::cloud_app_event::{COLUMNS, CloudAppEvent};

/// Records in one message of an event hub.
const MESSAGE_RECORDS: usize = 50;

/// The portal's CSV: dynamic columns are JSON text, booleans are words.
pub(super) fn csv(records: &[&StoredActivity], file: &mut impl Write) -> io::Result<()> {
    writeln!(file, "{}", COLUMNS.join(","))?;
    for activity in records {
        let event = CloudAppEvent::of(activity);
        let cells: Vec<String> = COLUMNS.iter().map(|name| csv_cell(event.column(name))).collect();
        writeln!(file, "{}", cells.join(","))?;
    }
    Ok(())
}

fn csv_cell(value: Option<Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => quoted(&text),
        Some(Value::Bool(truth)) => if truth { "True" } else { "False" }.to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        Some(other) => quoted(&other.to_string()),
    }
}

pub(super) fn json(records: &[&StoredActivity], file: &mut impl Write) -> io::Result<()> {
    array(records, file, |activity| Ok(row(activity).to_string()))
}

/// One record a line, as the streaming API writes blobs of a storage account.
pub(super) fn storage(records: &[&StoredActivity], file: &mut impl Write) -> io::Result<()> {
    records.iter().try_for_each(|activity| writeln!(file, "{}", streamed(activity)))
}

/// One message a line.
pub(super) fn event_hub(records: &[&StoredActivity], file: &mut impl Write) -> io::Result<()> {
    records.chunks(MESSAGE_RECORDS).try_for_each(|message| {
        let records: Vec<Value> = message.iter().map(|activity| streamed(activity)).collect();
        writeln!(file, "{}", json!({"records": records}))
    })
}

fn row(activity: &StoredActivity) -> Value {
    let event = CloudAppEvent::of(activity);
    let cells = COLUMNS.iter().map(|name| ((*name).to_owned(), event.column(name).unwrap_or_default()));
    Value::Object(cells.collect::<Map<String, Value>>())
}

fn streamed(activity: &StoredActivity) -> Value {
    let row = row(activity);
    let (received, tenant) = (clock::text(activity.created_ms), row["TenantId"].clone());
    json!({
        "time": received, "tenantId": tenant, "operationName": "Publish",
        "category": "AdvancedHunting-CloudAppEvents", "_TimeReceivedBySvc": received, "properties": row,
        "Tenant": "DefaultTenant",
    })
}
