//! Output of the cmdlet `Search-UnifiedAuditLog`, piped into `Export-Csv` or `ConvertTo-Json`.

use std::io::{self, Write};

use serde_json::json;

use super::{Columns, array, quoted};
use crate::story::StoredActivity;
use crate::story::clock::american_twelve_hours;
use crate::story::forms::names;

pub(super) fn csv(records: &[&StoredActivity], file: &mut impl Write) -> io::Result<()> {
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

/// As Windows PowerShell writes it: the record is a text, and dates are `/Date(…)/`.
pub(super) fn json(records: &[&StoredActivity], file: &mut impl Write) -> io::Result<()> {
    let (count, mut index) = (records.len(), 0);
    array(records, file, |activity| {
        index += 1;
        let Columns { id, record_type, operation, user_id, .. } = serde_json::from_str(activity.audit_json())?;
        Ok(json!({
            "RecordType": names::record_type(record_type), "CreationDate": format!("/Date({})/", activity.timestamp_ms),
            "UserIds": user_id, "Operations": operation, "AuditData": activity.feed_json(), "ResultIndex": index,
            "ResultCount": count, "Identity": id, "IsValid": true, "ObjectState": "Unchanged",
        })
        .to_string())
    })
}
