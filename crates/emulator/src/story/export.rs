//! The tenant as files: what the services would export, and the truth.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::clock::american_twelve_hours;
use super::forms::names;
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
/// * `purview.csv`: the Purview portal's export;
/// * `search-unifiedauditlog.csv`: output of the `Search-UnifiedAuditLog` cmdlet;
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
        write("purview.csv", &|file| purview(&records, file))?,
        write("search-unifiedauditlog.csv", &|file| search_unified_audit_log(&records, file))?,
        write("truth.json", &|file| serde_json::to_writer_pretty(file, &tenant.truth).map_err(io::Error::from))?,
    ])
}

/// The current generation of the Purview portal's export.
fn purview(records: &[&StoredActivity], file: &mut impl Write) -> io::Result<()> {
    writeln!(
        file,
        "RecordId,CreationDate,RecordType,Operation,UserId,AuditData,AssociatedAdminUnits,AssociatedAdminUnitsNames"
    )?;
    for activity in records {
        let Columns { id, creation_time, record_type, operation, user_id } =
            serde_json::from_str(activity.audit_json())?;
        let (user_id, audit) = (quoted(&user_id), quoted(&activity.feed_json()));
        writeln!(file, "{id},{creation_time},{record_type},{operation},{user_id},{audit},,")?;
    }
    Ok(())
}

/// The cmdlet's output, piped into `Export-Csv`.
fn search_unified_audit_log(records: &[&StoredActivity], file: &mut impl Write) -> io::Result<()> {
    writeln!(
        file,
        "RecordType,CreationDate,UserIds,Operations,AuditData,ResultIndex,ResultCount,Identity,IsValid,ObjectState"
    )?;
    for (number, activity) in records.iter().enumerate() {
        let Columns { id, record_type, operation, user_id, .. } = serde_json::from_str(activity.audit_json())?;
        let (user_id, audit) = (quoted(&user_id), quoted(&activity.feed_json()));
        let record_type = names::record_type(record_type);
        let date = american_twelve_hours(activity.timestamp_ms);
        let (index, count) = (number + 1, records.len());
        writeln!(file, "{record_type},{date},{user_id},{operation},{audit},{index},{count},{id},True,Unchanged")?;
    }
    Ok(())
}

/// A CSV field in quotes (RFC 4180).
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}
