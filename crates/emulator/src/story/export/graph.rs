//! Records of Microsoft Graph, as a script saves the pages of an audit-log query.

use std::io::{self, Write};

use super::array;
use crate::story::StoredActivity;
use crate::story::forms::graph_record::{self, Head};

pub(super) fn dump(records: &[&StoredActivity], file: &mut impl Write) -> io::Result<()> {
    write!(file, "{{\"value\":")?;
    array(records, file, |activity| {
        let audit = activity.audit_json();
        let head: Head<'_> = serde_json::from_str(audit)?;
        let mut record = String::new();
        graph_record::push(&mut record, audit, &head, false);
        Ok(record)
    })?;
    writeln!(file, "}}")
}
