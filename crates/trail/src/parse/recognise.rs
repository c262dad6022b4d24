//! What a JSON object is, by the names of its members, before anything is made of it.

use serde::de::{Error, IgnoredAny, MapAccess};

use super::listing;
use super::object::{Found, Members, next_object, read_object};
use crate::problem::Problems;

/// In what wrapping an audit record comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// An activity of Defender for Cloud Apps: `rawDataJson` (or `rawJson`), or `_id`, `eventTypeName` and `appId`.
    Defender,
    /// A bare record, as the Management Activity API delivers it: two of `RecordType`, `Operation`, `CreationTime`.
    Audit,
    /// A row of the table CloudAppEvents: `RawEventData`, at the top or below `properties`.
    CloudAppEvents,
    /// An audit-log record of Microsoft Graph: `auditData`, or without it `auditLogRecordType`.
    Graph,
    /// A row of `Search-UnifiedAuditLog` or of the Purview portal: `AuditData`.
    Exported,
    /// A row of the table OfficeActivity: `OfficeObjectId` or `OfficeWorkload`.
    OfficeActivity,
    /// A file of Defender's inventory: `fileAccessLevel` beside its `_id`.
    Listing,
}

/// What shape of audit record this object is; `None` when it is none (an alert, an entity, an error, no object).
///
/// Looks at names only and stops as soon as they decide, so the rest of the text may still turn out to be broken.
pub fn recognise(raw: &str) -> Option<Shape> {
    let mut seen = Seen::default();
    let outcome = read_object(raw.trim_start_matches('\u{feff}'), &mut seen, &mut Problems::default());
    if let Some(shape) = seen.decided {
        return Some(shape);
    }
    // Not an object, or not well-formed up to its end: nothing in it can be relied upon.
    if !matches!(outcome, Ok(Found::Object)) {
        return None;
    }
    let is_defender = seen.has_defender_id && seen.has_event_type_name && seen.has_app_id;
    let audit_members = [seen.has_record_type, seen.has_operation, seen.has_creation_time];
    let audit_count = audit_members.into_iter().filter(|&has| has).count();
    if is_defender {
        Some(Shape::Defender)
    } else if seen.is_graph_envelope {
        Some(Shape::Graph)
    } else if seen.is_office_row {
        Some(Shape::OfficeActivity)
    } else {
        let listing = (seen.has_defender_id && seen.has_access_level).then_some(Shape::Listing);
        if audit_count >= 2 { Some(Shape::Audit) } else { listing }
    }
}

#[derive(Default)]
struct Seen {
    decided: Option<Shape>,
    is_inside_properties: bool,
    has_defender_id: bool,
    has_event_type_name: bool,
    has_app_id: bool,
    has_access_level: bool,
    is_graph_envelope: bool,
    is_office_row: bool,
    has_record_type: bool,
    has_operation: bool,
    has_creation_time: bool,
}

impl<'a> Members<'a> for Seen {
    fn member<A: MapAccess<'a>>(&mut self, key: &str, map: &mut A, problems: &mut Problems) -> Result<(), A::Error> {
        match key {
            "rawDataJson" | "rawJson" => self.decided = Some(Shape::Defender),
            "RawEventData" => self.decided = Some(Shape::CloudAppEvents),
            "auditData" => self.decided = Some(Shape::Graph),
            "AuditData" => self.decided = Some(Shape::Exported),
            "properties" if !self.is_inside_properties => {
                self.is_inside_properties = true;
                next_object(map, self, "properties", problems)?;
                self.is_inside_properties = false;
                return Ok(());
            }
            "_id" => self.has_defender_id = true,
            "eventTypeName" => self.has_event_type_name = true,
            "appId" => self.has_app_id = true,
            listing::MARK => self.has_access_level = true,
            "auditLogRecordType" => self.is_graph_envelope = true,
            "OfficeObjectId" | "OfficeWorkload" => self.is_office_row = true,
            "RecordType" => self.has_record_type = true,
            "Operation" => self.has_operation = true,
            "CreationTime" => self.has_creation_time = true,
            _ => {}
        }
        if self.decided.is_some() {
            // Not an error to anybody: the quickest way out of a parser is to refuse to go on.
            return Err(A::Error::custom("the shape is known"));
        }
        map.next_value::<IgnoredAny>().map(|_| ())
    }
}
