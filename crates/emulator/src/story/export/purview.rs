//! The Purview portal's export: the audit record in a column of CSV.

use std::io::{self, Write};

use super::{Columns, quoted};
use crate::story::StoredActivity;

/// Today's columns.
pub(super) fn current(records: &[&StoredActivity], file: &mut impl Write) -> io::Result<()> {
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

/// The four columns of the classic portal.
pub(super) fn classic(records: &[&StoredActivity], file: &mut impl Write) -> io::Result<()> {
    writeln!(file, "CreationDate,UserIds,Operations,AuditData")?;
    for activity in records {
        let Columns { creation_time, operation, user_id, .. } = serde_json::from_str(activity.audit_json())?;
        let (user_id, audit) = (quoted(&user_id), quoted(&activity.feed_json()));
        writeln!(file, "{creation_time},{user_id},{operation},{audit}")?;
    }
    Ok(())
}
