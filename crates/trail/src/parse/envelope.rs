//! The top level of a record in any shape: what wraps the audit record, and what stands in when it is absent.

use std::borrow::Cow;

use serde::de::{IgnoredAny, MapAccess};
use serde_json::value::RawValue;

use super::actor::Actor;
use super::address::bare_ip;
use super::audit::{AuditRecord, record_type, set, user_type};
use super::listing;
use super::object::{Found, Members, Texts, next_object, next_text, read_object};
use super::scalar::Scalar;
use crate::activity::fill;
use crate::id::guid;
use crate::problem::{Problem, Problems};
use crate::{Activity, Defender, Text, TimeMs};

/// A record while its top level is being read.
#[derive(Default)]
pub(super) struct Envelope<'a> {
    /// Audit members at the top level: a bare record, or columns beside a wrapped one.
    bare: AuditRecord<'a>,
    /// The record inside, once found.
    inner: Option<Box<AuditRecord<'a>>>,
    /// A member that only wrappings have was there, whether or not a record was inside.
    is_wrapped: bool,
    /// The member was `rawDataJson` or `rawJson`.
    is_defender: bool,
    /// A file of an inventory has this and an `_id`.
    has_access_level: bool,
    /// Inside `properties` of a streaming envelope, where another `properties` means nothing.
    is_inside_properties: bool,
    columns: Columns<'a>,
    defender: Defender<'a>,
    timestamp: Option<TimeMs>,
    entra_tenant_id: Text<'a>,
    user: Actor<'a>,
    resolved_actor: Actor<'a>,
    failed_user_name: Text<'a>,
    operation_name: Text<'a>,
    device: [Text<'a>; 3],
}

/// What the wrapping says of the record, under names of its own.
#[derive(Default)]
struct Columns<'a> {
    id: Text<'a>,
    time: Option<TimeMs>,
    operation: Text<'a>,
    record_type: Option<i64>,
    organization_id: Text<'a>,
    user_type: Option<i64>,
    user_id: Text<'a>,
    client_ip: Text<'a>,
    user_agent: Text<'a>,
    object_id: Text<'a>,
    workload: Text<'a>,
    country: Text<'a>,
    city: Text<'a>,
}

/// Where a member goes.
enum Slot<'s, 'a> {
    Text(&'static str, &'s mut Text<'a>),
    /// The only member that is wanted of a small object.
    TextIn(&'static str, &'static str, &'s mut Text<'a>),
    Time(&'static str, &'s mut Option<TimeMs>),
    EpochMs(&'static str, &'s mut Option<TimeMs>),
    Integer(&'static str, &'s mut Option<i64>, fn(&str) -> Option<i64>),
    Actor(&'static str, &'s mut Actor<'a>),
    Device,
    Location,
    Properties,
    /// What tells a file of an inventory.
    AccessLevel,
    /// The record itself.
    Inner(&'static str),
    /// Not the wrapping's.
    Bare,
}

impl<'a> Members<'a> for Envelope<'a> {
    fn member<A: MapAccess<'a>>(&mut self, key: &str, map: &mut A, problems: &mut Problems) -> Result<(), A::Error> {
        match self.slot(key) {
            Slot::Text(field, slot) => next_text(map, slot, field, problems)?,
            Slot::TextIn(field, name, slot) => {
                let mut texts = Texts::named([name]);
                next_object(map, &mut texts, field, problems)?;
                let [text] = texts.into_values();
                set(slot, text);
            }
            Slot::Time(field, slot) => set(slot, map.next_value::<Scalar<'a>>()?.time(field, problems)),
            Slot::EpochMs(field, slot) => set(slot, map.next_value::<Scalar<'a>>()?.epoch_ms(field, problems)),
            Slot::Integer(field, slot, number_of) => {
                set(slot, map.next_value::<Scalar<'a>>()?.integer(field, number_of, false, problems));
            }
            Slot::Actor(field, actor) => {
                next_object(map, actor, field, problems)?;
            }
            Slot::Device => {
                let mut texts = Texts::named(["clientIP", "userAgent", "countryCode"]);
                next_object(map, &mut texts, "device", problems)?;
                self.device = texts.into_values();
            }
            Slot::Location => self.location(map.next_value::<&'a RawValue>()?.get(), problems),
            Slot::Properties => {
                self.is_inside_properties = true;
                next_object(map, self, "properties", problems)?;
                self.is_inside_properties = false;
            }
            Slot::Inner(field) => {
                self.is_wrapped = true;
                self.is_defender |= matches!(field, "rawDataJson" | "rawJson");
                let mut record = Box::<AuditRecord<'a>>::default();
                if next_object(map, &mut *record, field, problems)? == Found::Object {
                    self.inner = Some(record);
                }
            }
            Slot::AccessLevel => {
                self.has_access_level = true;
                map.next_value::<IgnoredAny>()?;
            }
            Slot::Bare => self.bare.member(key, map, problems)?,
        }
        Ok(())
    }
}

impl<'a> Envelope<'a> {
    fn slot<'s>(&'s mut self, key: &str) -> Slot<'s, 'a> {
        let columns = &mut self.columns;
        let defender = &mut self.defender;
        match key {
            "rawDataJson" => Slot::Inner("rawDataJson"),
            "rawJson" => Slot::Inner("rawJson"),
            "RawEventData" => Slot::Inner("RawEventData"),
            "auditData" => Slot::Inner("auditData"),
            "AuditData" => Slot::Inner("AuditData"),
            "properties" if !self.is_inside_properties => Slot::Properties,
            // Defender for Cloud Apps, activities API.
            "_id" => Slot::Text("_id", &mut defender.id),
            "created" => Slot::EpochMs("created", &mut defender.created),
            "timestamp" => Slot::EpochMs("timestamp", &mut self.timestamp),
            "appId" => Slot::Integer("appId", &mut defender.app_id, |_| None),
            "appName" => Slot::Text("appName", &mut defender.app_name),
            "eventTypeName" => Slot::Text("eventTypeName", &mut defender.event_type_name),
            "description" => Slot::Text("description", &mut defender.description),
            "severity" => Slot::Text("severity", &mut defender.severity),
            "aadTenantId" => Slot::Text("aadTenantId", &mut self.entra_tenant_id),
            "user" => Slot::Actor("user", &mut self.user),
            "resolvedActor" => Slot::Actor("resolvedActor", &mut self.resolved_actor),
            "failedUserData" => Slot::TextIn("failedUserData", "userName", &mut self.failed_user_name),
            "mainInfo" => Slot::TextIn("mainInfo", "rawOperationName", &mut self.operation_name),
            "description_metadata" => {
                Slot::TextIn("description_metadata", "target_object", &mut defender.target_object)
            }
            listing::MARK => Slot::AccessLevel,
            "device" => Slot::Device,
            "location" => Slot::Location,
            // Graph audit-log record. Its `userId` is often a directory id; `userPrincipalName` equals the record's own
            // `UserId`.
            "id" => Slot::Text("id", &mut columns.id),
            "createdDateTime" => Slot::Time("createdDateTime", &mut columns.time),
            "auditLogRecordType" => {
                self.is_wrapped = true;
                Slot::Integer("auditLogRecordType", &mut columns.record_type, record_type)
            }
            "operation" => Slot::Text("operation", &mut columns.operation),
            "organizationId" => Slot::Text("organizationId", &mut columns.organization_id),
            "userType" => Slot::Integer("userType", &mut columns.user_type, user_type),
            "userPrincipalName" => Slot::Text("userPrincipalName", &mut columns.user_id),
            "clientIp" => Slot::Text("clientIp", &mut columns.client_ip),
            "objectId" => Slot::Text("objectId", &mut columns.object_id),
            "service" => Slot::Text("service", &mut columns.workload),
            // Advanced hunting, table CloudAppEvents.
            "Timestamp" => Slot::Time("Timestamp", &mut columns.time),
            "ActionType" => Slot::Text("ActionType", &mut columns.operation),
            "IPAddress" => Slot::Text("IPAddress", &mut columns.client_ip),
            "CountryCode" => Slot::Text("CountryCode", &mut columns.country),
            "City" => Slot::Text("City", &mut columns.city),
            // Search-UnifiedAuditLog and the Purview portal.
            "Identity" | "RecordId" => Slot::Text("Identity", &mut columns.id),
            "CreationDate" => Slot::Time("CreationDate", &mut columns.time),
            "Operations" => Slot::Text("Operations", &mut columns.operation),
            "UserIds" => Slot::Text("UserIds", &mut columns.user_id),
            // Log Analytics, table OfficeActivity; the portal's CSV names the zone in the header.
            "TimeGenerated" | "TimeGenerated [UTC]" => Slot::Time("TimeGenerated", &mut columns.time),
            _ => Slot::Bare,
        }
    }

    /// The text is wanted as received, and two of its members besides.
    fn location(&mut self, json: &'a str, problems: &mut Problems) {
        let mut texts = Texts::named(["countryCode", "city"]);
        match read_object(json, &mut texts, problems) {
            Ok(Found::Object) => {
                self.defender.location_json = Some(Cow::Borrowed(json));
                [self.defender.country, self.defender.city] = texts.into_values();
            }
            Ok(Found::Absent) => {}
            Ok(Found::Other) => problems.add(Problem::WrongType { field: "location" }),
            Err(reason) => problems.add(Problem::UnreadableInside { field: "location", reason: reason.to_string() }),
        }
    }

    /// Whether this is a file of an inventory and no record of what somebody did.
    pub(super) fn is_listing(&self) -> bool {
        let names_operation = self.bare.operation.is_some() || self.columns.operation.is_some();
        self.has_access_level && self.defender.id.is_some() && !self.is_wrapped && !names_operation
    }

    /// The record inside, or the bare one; what surrounds it stands in for what it does not say.
    pub(super) fn into_activity(self) -> Activity<'a> {
        let is_office_row = self.bare.is_office_row;
        let (mut activity, beside) = match self.inner {
            Some(inner) => (inner.into_activity(), Some(self.bare)),
            None => (self.bare.into_activity(), None),
        };
        // A record that names its operation speaks for itself: from another source it would come without this
        // wrapping, and must then say the same. Only id, time and tenant may be had from outside.
        let is_complete = !activity.operation.is_empty();
        if let Some(beside) = beside.filter(|_| !is_complete) {
            activity.fill_from(beside.into_activity());
        }
        if self.is_wrapped || is_office_row {
            self.columns.stand_in(&mut activity, is_complete);
        }
        let defender = self.defender;
        let is_bare_defender = defender.id.is_some() && defender.event_type_name.is_some() && defender.app_id.is_some();
        if self.is_defender || is_bare_defender {
            let [client_ip, user_agent, device_country] = self.device;
            Columns {
                id: defender.id.as_ref().map(audit_id),
                time: self.timestamp,
                operation: self.operation_name,
                organization_id: self.entra_tenant_id,
                user_id: self.user.name.clone().or(self.failed_user_name),
                client_ip,
                user_agent,
                ..Columns::default()
            }
            .stand_in(&mut activity, is_complete);
            let tags = [self.user.says_external, self.resolved_actor.says_external];
            activity.defender = Some(Defender {
                country: defender.country.or(device_country),
                user_name: self.user.name,
                resolved_user: self.resolved_actor.name,
                says_external: tags.into_iter().flatten().reduce(|one, other| one || other),
                ..defender
            });
        }
        activity
    }
}

impl<'a> Columns<'a> {
    /// Fills what the record does not say: everything, or of a complete record only what is the same everywhere and what is
    /// said nowhere else.
    fn stand_in(self, activity: &mut Activity<'a>, is_complete: bool) {
        fill(&mut activity.id_text, self.id);
        fill(&mut activity.time, self.time);
        fill(&mut activity.organization_id, self.organization_id);
        // No record says it of itself.
        fill(&mut activity.country, self.country);
        fill(&mut activity.city, self.city);
        if !is_complete {
            activity.fill_from(Activity {
                operation: self.operation.unwrap_or_default(),
                record_type: self.record_type,
                user_type: self.user_type,
                user_id: self.user_id,
                client_ip: self.client_ip.map(bare_ip),
                user_agent: self.user_agent,
                object_id: self.object_id,
                workload: self.workload,
                ..Activity::default()
            });
        }
    }
}

/// Of `<tenant number>_<app id>_<guid>` the GUID, which is the audit record's own id; of other forms the whole.
fn audit_id<'a>(id: &Cow<'a, str>) -> Cow<'a, str> {
    let part = |id: &str| id.rfind('_').map(|underscore| underscore + 1).filter(|&start| guid(&id[start..]).is_some());
    match id {
        Cow::Borrowed(id) => Cow::Borrowed(&id[part(id).unwrap_or(0)..]),
        Cow::Owned(id) => Cow::Owned(id[part(id).unwrap_or(0)..].to_owned()),
    }
}
