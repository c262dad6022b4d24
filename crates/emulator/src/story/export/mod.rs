//! The tenant as files: what the services would export, and the truth.

mod cloud_app_events;
mod graph;
mod office_activity;
mod purview;
mod unified_audit_log;

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{StoredActivity, Tenant};

/// The members of an audit record that exports repeat as columns.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Columns<'a> {
    #[serde(borrow)]
    id: &'a str,
    creation_time: &'a str,
    record_type: i64,
    #[serde(borrow)]
    operation: &'a str,
    user_id: String,
}

/// Writes the tenant into `folder`, which is created when needed, and answers the files:
///
/// * `defender-activities.ndjson`: Defender's activities, one a line, re-deliveries included;
/// * `audit.ndjson`: audit records as the Management API delivers them, one a line, each once;
/// * `purview.csv`, `purview-classic.csv`: the Purview portal's export, of today and of the classic portal;
/// * `search-unifiedauditlog.csv`, `search-unifiedauditlog.json`: output of the `Search-UnifiedAuditLog` cmdlet;
/// * `graph.json`: records as Microsoft Graph answers them;
/// * `officeactivity.csv`, `officeactivity.ndjson`: the Log Analytics table `OfficeActivity`;
/// * `cloudappevents.csv`, `cloudappevents.json`: the advanced-hunting table `CloudAppEvents`;
/// * `cloudappevents-storage.ndjson`, `cloudappevents-eventhub.ndjson`: the same as the streaming API writes it;
/// * `truth.json`: what really happened.
///
/// # Errors
///
/// When the folder or a file cannot be written.
pub fn export(tenant: &Tenant, folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::create_dir_all(folder)?;
    let mut seen = HashSet::new();
    let records: Vec<&StoredActivity> =
        tenant.activities.iter().filter(|activity| seen.insert(&*activity.id)).collect();
    let write = |name: &str, fill: &dyn Fn(&mut BufWriter<File>) -> io::Result<()>| -> io::Result<PathBuf> {
        let path = folder.join(name);
        let mut file = BufWriter::new(File::create(&path)?);
        fill(&mut file)?;
        file.flush()?;
        Ok(path)
    };
    Ok(vec![
        write("defender-activities.ndjson", &|file| {
            tenant.activities.iter().try_for_each(|activity| writeln!(file, "{}", activity.json))
        })?,
        write("audit.ndjson", &|file| {
            records.iter().try_for_each(|activity| writeln!(file, "{}", activity.feed_json()))
        })?,
        write("purview.csv", &|file| purview::current(&records, file))?,
        write("purview-classic.csv", &|file| purview::classic(&records, file))?,
        write("search-unifiedauditlog.csv", &|file| unified_audit_log::csv(&records, file))?,
        write("search-unifiedauditlog.json", &|file| unified_audit_log::json(&records, file))?,
        write("graph.json", &|file| graph::dump(&records, file))?,
        write("officeactivity.csv", &|file| office_activity::csv(&records, file))?,
        write("officeactivity.ndjson", &|file| office_activity::ndjson(&records, file))?,
        write("cloudappevents.csv", &|file| cloud_app_events::csv(&records, file))?,
        write("cloudappevents.json", &|file| cloud_app_events::json(&records, file))?,
        write("cloudappevents-storage.ndjson", &|file| cloud_app_events::storage(&records, file))?,
        write("cloudappevents-eventhub.ndjson", &|file| cloud_app_events::event_hub(&records, file))?,
        write("truth.json", &|file| serde_json::to_writer_pretty(file, &tenant.truth).map_err(io::Error::from))?,
    ])
}

/// A CSV field in quotes (RFC 4180).
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A JSON array, one element a line.
fn array<T>(items: &[T], file: &mut impl Write, mut element: impl FnMut(&T) -> io::Result<String>) -> io::Result<()> {
    for (place, item) in items.iter().enumerate() {
        let before = if place == 0 { "[" } else { "," };
        writeln!(file, "{before}{}", element(item)?)?;
    }
    writeln!(file, "{}", if items.is_empty() { "[]" } else { "]" })
}
