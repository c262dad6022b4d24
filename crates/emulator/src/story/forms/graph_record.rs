//! An `auditLogRecord` of Microsoft Graph: some members of the audit record, and the record itself.
//!
//! Microsoft: "auditLogRecord resource type". Names of enumerations come in PascalCase, whatever the reference says.

use std::borrow::Cow;

use serde::Deserialize;

use super::names;
use crate::story::{feed_json, json};

/// What Graph repeats of an audit record.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Head<'a> {
    #[serde(borrow)]
    pub(crate) id: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) creation_time: Cow<'a, str>,
    pub(crate) record_type: i64,
    #[serde(borrow)]
    pub(crate) operation: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) organization_id: Cow<'a, str>,
    pub(crate) user_type: i64,
    #[serde(borrow)]
    pub(crate) user_key: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) user_id: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) workload: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) object_id: Cow<'a, str>,
    #[serde(borrow, rename = "ClientIP")]
    pub(crate) client_ip: Cow<'a, str>,
}

impl<'a> Head<'a> {
    /// Reads an audit record; `None` for what is none.
    pub(crate) fn read(audit: &'a str) -> Option<Head<'a>> {
        serde_json::from_str(audit).ok()
    }
}

/// Appends the record in Graph's form. `audit` is the copy that Defender keeps.
pub(crate) fn push(out: &mut String, audit: &str, head: &Head<'_>, data_as_text: bool) {
    out.push('{');
    json::text(out, "id", &head.id);
    // Seconds and a zone: what stands before the fraction of Defender's copy.
    let seconds = head.creation_time.get(..19).unwrap_or(&head.creation_time);
    json::text(out, "createdDateTime", &format!("{seconds}Z"));
    json::text(out, "auditLogRecordType", &names::record_type(head.record_type));
    json::text(out, "operation", &head.operation);
    json::text(out, "organizationId", &head.organization_id);
    json::text(out, "userType", &names::user_type(head.user_type));
    json::text(out, "userId", &head.user_key);
    json::text(out, "service", &head.workload);
    json::text(out, "objectId", &head.object_id);
    json::text(out, "userPrincipalName", &head.user_id);
    json::text(out, "clientIp", &head.client_ip);
    json::raw(out, "administrativeUnits", "[\"\"]");
    let record = feed_json(audit);
    if data_as_text {
        json::text(out, "auditData", &record);
    } else {
        let members = record.strip_prefix('{').unwrap_or("}");
        let typed = format!("{{\"@odata.type\":\"#microsoft.graph.security.defaultAuditData\",{members}");
        json::raw(out, "auditData", &typed);
    }
    out.push('}');
}
