//! The audit record itself: members of the Office 365 Management Activity API schema, by exact name.

use std::borrow::Cow;

use serde::de::{IgnoredAny, MapAccess};
use serde_json::Error as JsonError;
use serde_json::value::RawValue;

use super::address::bare_ip;
use super::list;
use super::object::{Found, Members, Texts, next_object, next_text, read_object};
use super::repair::repair;
use super::scalar::Scalar;
use crate::activity::{fill, owned};
use crate::ascii::contains;
use crate::problem::{Problem, Problems};
use crate::{Activity, Target, Text, TimeMs};

/// An audit record while it is being read.
#[derive(Default)]
pub(super) struct AuditRecord<'a> {
    /// Everything that one member alone decides.
    pub(super) activity: Activity<'a>,
    pub(super) operation: Text<'a>,
    target_name: Text<'a>,
    target_kind: Text<'a>,
    context: [Text<'a>; 3],
    event_label_id: Text<'a>,
    source_label_id: Text<'a>,
    destination_label_id: Text<'a>,
    members: Vec<Target<'static>>,
    file: [Text<'a>; 5],
    /// A column that only the `OfficeActivity` table has was there.
    pub(super) is_office_row: bool,
}

const CONTEXT: [&str; 3] = ["CorrelationId", "AADSessionId", "ClientAppName"];
const LABEL_EVENT: [&str; 1] = ["SensitivityLabelId"];
const FILE: [&str; 5] = ["FilePathUrl", "SiteCollectionUrl", "SiteCollectionGuid", "UniqueId", "FileName"];

/// Where a member goes.
enum Slot<'s, 'a> {
    Text(&'static str, &'s mut Text<'a>),
    Time(&'static str, &'s mut Option<TimeMs>),
    RecordType(&'s mut Option<i64>),
    UserType(&'s mut Option<i64>),
    Flag(&'static str, &'s mut Option<bool>),
    Context,
    LabelEvent,
    Members,
    Policies,
    Modified,
    File,
    Unknown,
}

impl<'a> Members<'a> for AuditRecord<'a> {
    fn member<A: MapAccess<'a>>(&mut self, key: &str, map: &mut A, problems: &mut Problems) -> Result<(), A::Error> {
        match self.slot(key) {
            Slot::Text(field, slot) => next_text(map, slot, field, problems)?,
            Slot::Time(field, slot) => set(slot, map.next_value::<Scalar<'a>>()?.time(field, problems)),
            // The table of record types is open and grows; names are an extra.
            Slot::RecordType(slot) => {
                set(slot, map.next_value::<Scalar<'a>>()?.integer("RecordType", record_type, false, problems));
            }
            Slot::UserType(slot) => {
                set(slot, map.next_value::<Scalar<'a>>()?.integer("UserType", user_type, true, problems));
            }
            Slot::Flag(field, slot) => set(slot, map.next_value::<Scalar<'a>>()?.flag(field, problems)),
            Slot::Context => {
                let mut texts = Texts::named(CONTEXT);
                next_object(map, &mut texts, "AppAccessContext", problems)?;
                self.context = texts.into_values();
            }
            Slot::LabelEvent => {
                let mut texts = Texts::named(LABEL_EVENT);
                next_object(map, &mut texts, "SensitivityLabelEventData", problems)?;
                [self.event_label_id] = texts.into_values();
            }
            Slot::Members => match list::members(map.next_value::<&'a RawValue>()?.get()) {
                Some(members) => self.members.extend(members),
                None => problems.add(Problem::WrongType { field: "Members" }),
            },
            Slot::Policies => match list::policies(map.next_value::<&'a RawValue>()?.get()) {
                Some(policies) => set(&mut self.activity.policies, policies.map(Cow::Owned)),
                None => problems.add(Problem::WrongType { field: "PolicyDetails" }),
            },
            // Nearly all of them are of no concern: whoever needs one reads it.
            Slot::Modified => {
                let json = map.next_value::<&'a RawValue>()?.get();
                set(&mut self.activity.modified_properties, Some(Cow::Borrowed(json)).filter(|_| json != "null"));
            }
            Slot::File => {
                let mut texts = Texts::named(FILE);
                next_object(map, &mut texts, "SharePointMetaData", problems)?;
                self.file = texts.into_values();
            }
            Slot::Unknown => {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn embedded(&mut self, json: &str, problems: &mut Problems) -> Option<Result<Found, JsonError>> {
        let read = |json: &str, problems: &mut Problems| {
            let mut record = AuditRecord::default();
            let found = read_object(json, &mut record, problems)?;
            Ok::<_, JsonError>((found, record.into_owned()))
        };
        let mut first_problems = Problems::default();
        let outcome = match read(json, &mut first_problems) {
            Ok(outcome) => {
                problems.append(first_problems);
                Ok(outcome)
            }
            Err(reason) => match repair(json) {
                Some(copy) => {
                    problems.add(Problem::Repaired);
                    read(&copy, problems)
                }
                None => Err(reason),
            },
        };
        Some(outcome.map(|(found, record)| {
            *self = record;
            found
        }))
    }
}

impl<'a> AuditRecord<'a> {
    /// Names and aliases: the common schema, the SharePoint schemas, and the columns of the `OfficeActivity` table
    /// that are called otherwise there.
    fn slot<'s>(&'s mut self, key: &str) -> Slot<'s, 'a> {
        let activity = &mut self.activity;
        match key {
            "Id" | "OfficeId" => Slot::Text("Id", &mut activity.id_text),
            "CreationTime" => Slot::Time("CreationTime", &mut activity.time),
            "Operation" => Slot::Text("Operation", &mut self.operation),
            "RecordType" => Slot::RecordType(&mut activity.record_type),
            "UserType" => Slot::UserType(&mut activity.user_type),
            "OrganizationId" | "OrganizationId_" => Slot::Text("OrganizationId", &mut activity.organization_id),
            "Workload" => Slot::Text("Workload", &mut activity.workload),
            "OfficeWorkload" => {
                self.is_office_row = true;
                Slot::Text("OfficeWorkload", &mut activity.workload)
            }
            "UserId" | "UserId_" => Slot::Text("UserId", &mut activity.user_id),
            "UserKey" => Slot::Text("UserKey", &mut activity.user_key),
            "ClientIP" | "Client_IPAddress" => Slot::Text("ClientIP", &mut activity.client_ip),
            "UserAgent" => Slot::Text("UserAgent", &mut activity.user_agent),
            "ObjectId" => Slot::Text("ObjectId", &mut activity.object_id),
            "OfficeObjectId" => {
                self.is_office_row = true;
                Slot::Text("OfficeObjectId", &mut activity.object_id)
            }
            "Site" | "Site_" => Slot::Text("Site", &mut activity.site),
            "ListId" => Slot::Text("ListId", &mut activity.list_id),
            "ListItemUniqueId" => Slot::Text("ListItemUniqueId", &mut activity.list_item_unique_id),
            "ItemType" => Slot::Text("ItemType", &mut activity.item_type),
            "SiteUrl" | "Site_Url" => Slot::Text("SiteUrl", &mut activity.site_url),
            "SourceRelativeUrl" => Slot::Text("SourceRelativeUrl", &mut activity.source_relative_url),
            "SourceFileName" => Slot::Text("SourceFileName", &mut activity.source_file_name),
            "DestinationRelativeUrl" => Slot::Text("DestinationRelativeUrl", &mut activity.destination_relative_url),
            "DestinationFileName" => Slot::Text("DestinationFileName", &mut activity.destination_file_name),
            "CorrelationId" => Slot::Text("CorrelationId", &mut activity.correlation_id),
            "UserSessionId" => Slot::Text("UserSessionId", &mut activity.session_id),
            "ApplicationDisplayName" => Slot::Text("ApplicationDisplayName", &mut activity.app),
            "AppAccessContext" => Slot::Context,
            "IsManagedDevice" => Slot::Flag("IsManagedDevice", &mut activity.managed_device),
            "ZipFileName" => Slot::Text("ZipFileName", &mut activity.zip_file_name),
            "TargetUserOrGroupName" => Slot::Text("TargetUserOrGroupName", &mut self.target_name),
            "TargetUserOrGroupType" => Slot::Text("TargetUserOrGroupType", &mut self.target_kind),
            "EventData" => Slot::Text("EventData", &mut activity.event_data),
            "UniqueSharingId" => Slot::Text("UniqueSharingId", &mut activity.sharing_id),
            "SharingLinkScope" => Slot::Text("SharingLinkScope", &mut activity.sharing_link_scope),
            "SensitivityLabelId" => Slot::Text("SensitivityLabelId", &mut activity.label_id),
            "SensitivityLabelEventData" => Slot::LabelEvent,
            "SiteSensitivityLabelId" => Slot::Text("SiteSensitivityLabelId", &mut activity.site_label_id),
            "SourceLabel" => Slot::Text("SourceLabel", &mut self.source_label_id),
            "DestinationLabel" => Slot::Text("DestinationLabel", &mut self.destination_label_id),
            "AADGroupId" => Slot::Text("AADGroupId", &mut activity.group_id),
            "Members" => Slot::Members,
            "PolicyDetails" => Slot::Policies,
            "ModifiedProperties" => Slot::Modified,
            "SharePointMetaData" => Slot::File,
            _ => Slot::Unknown,
        }
    }

    /// Applies the rules that need more than one member.
    pub(super) fn into_activity(self) -> Activity<'a> {
        let Self {
            mut activity,
            operation,
            target_name,
            target_kind,
            context,
            event_label_id,
            source_label_id,
            destination_label_id,
            members,
            file,
            is_office_row: _,
        } = self;
        activity.operation = operation.unwrap_or_default();
        activity.client_ip = activity.client_ip.map(bare_ip);
        activity.item_type = activity.item_type.map(item_type);
        let [correlation_id, session_id, app] = context;
        fill(&mut activity.correlation_id, correlation_id);
        fill(&mut activity.session_id, session_id);
        fill(&mut activity.app, app);
        fill(&mut activity.label_id, event_label_id);
        // The object of a copy is what was copied; of anything else the label is the one that it has from then on.
        let is_copy = contains(&activity.operation, "Copied");
        fill(&mut activity.label_id, if is_copy { source_label_id } else { destination_label_id });
        let [url, site_url, site, item, name] = file;
        // The object of such a record may be anything; here it says which file it is about.
        activity.object_id = url.or(activity.object_id);
        fill(&mut activity.site_url, site_url);
        fill(&mut activity.site, site);
        fill(&mut activity.list_item_unique_id, item);
        fill(&mut activity.source_file_name, name);
        activity.targets.extend(target_name.map(|name| Target { name, kind: target_kind }));
        activity.targets.extend(members);
        activity
    }

    fn into_owned(self) -> AuditRecord<'static> {
        AuditRecord {
            activity: self.activity.into_owned(),
            operation: owned(self.operation),
            target_name: owned(self.target_name),
            target_kind: owned(self.target_kind),
            context: self.context.map(owned),
            event_label_id: owned(self.event_label_id),
            source_label_id: owned(self.source_label_id),
            destination_label_id: owned(self.destination_label_id),
            members: self.members,
            file: self.file.map(owned),
            is_office_row: self.is_office_row,
        }
    }
}

/// Of duplicate members the last one that says something counts.
pub(super) fn set<T>(slot: &mut Option<T>, value: Option<T>) {
    if value.is_some() {
        *slot = value;
    }
}

/// Number of an `AuditLogRecordType`, for the record types that exports of SharePoint, OneDrive and Teams name.
pub(super) fn record_type(name: &str) -> Option<i64> {
    const NAMES: [(&str, i64); 16] = [
        ("SharePoint", 4),
        ("SharePointFileOperation", 6),
        ("OneDrive", 7),
        ("ComplianceDLPSharePoint", 11),
        ("SharePointSharingOperation", 14),
        ("MicrosoftTeams", 25),
        ("ComplianceDLPSharePointClassification", 33),
        ("SharePointListOperation", 36),
        ("SharePointCommentOperation", 37),
        ("SharePointListItemOperation", 54),
        ("SharePointContentTypeOperation", 55),
        ("SharePointFieldOperation", 56),
        ("MipAutoLabelSharePointItem", 71),
        ("SensitivityLabelPolicyMatch", 82),
        ("SensitivityLabelAction", 83),
        ("SensitivityLabeledFileAction", 84),
    ];
    NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, number)| *number)
}

/// Number of a `UserType` (Office 365 Management Activity API schema, enum UserType).
pub(super) fn user_type(name: &str) -> Option<i64> {
    const NAMES: [&str; 11] = [
        "Regular",
        "Reserved",
        "Admin",
        "DcAdmin",
        "System",
        "Application",
        "ServicePrincipal",
        "CustomPolicy",
        "SystemPolicy",
        "PartnerTechnician",
        "Guest",
    ];
    NAMES.iter().position(|known| known.eq_ignore_ascii_case(name)).and_then(|number| i64::try_from(number).ok())
}

/// Name of an `ItemType` that came as its number (SharePoint base schema, enum ItemType).
fn item_type(text: Cow<'_, str>) -> Cow<'_, str> {
    match text.as_ref() {
        "0" => "Invalid".into(),
        "1" => "File".into(),
        "5" => "Folder".into(),
        "6" => "Web".into(),
        "7" => "Site".into(),
        "8" => "Tenant".into(),
        "9" => "DocumentLibrary".into(),
        "11" => "Page".into(),
        _ => text,
    }
}
