//! The filter fields: which operators each takes, and where in an activity its values are.

use serde_json::{Value, json};

use crate::story::StoredActivity;

/// What a field's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Integer,
    Boolean,
    /// Milliseconds since 1970-01-01 UTC.
    Time,
    /// A text, or an object with an `id`.
    Reference,
}

/// Where a field's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Created,
    Date,
    AppId,
    ActivityId,
    /// JSON pointers; `*` stands for each element of an array or object.
    Pointers(&'static [&'static str]),
    EventType,
    /// `<appId>:<eventTypeValue>:<rawOperationName>`
    ActionType,
    /// The actor is an administrator.
    Administrative,
    UserDomain,
}

/// One filter field.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) place: Place,
    pub(crate) operators: &'static [&'static str],
}

const EQ: &[&str] = &["eq", "neq"];
const TIMES: &[&str] = &["lte", "gte", "range", "lte_ndays", "gte_ndays"];
const EQ_SET: &[&str] = &["eq", "neq", "isset", "isnotset"];
const EQ_SET_START: &[&str] = &["eq", "neq", "isset", "isnotset", "startswith"];

const fn field(name: &'static str, kind: Kind, operators: &'static [&'static str], place: Place) -> Field {
    Field { name, kind, place, operators }
}

/// Microsoft: "List activities", filters. Names that older clients still send stand beside the present ones.
pub(crate) static FIELDS: &[Field] = &[
    field("service", Kind::Integer, EQ, Place::AppId),
    field("instance", Kind::Integer, EQ, Place::Pointers(&["/resolvedActor/instanceId"])),
    field("activity.eventActionType", Kind::Text, EQ, Place::EventType),
    field("activity.eventType", Kind::Text, EQ, Place::EventType),
    field("actionType", Kind::Text, &["contains", "eq", "neq", "isset", "isnotset"], Place::ActionType),
    field("activity.actionType", Kind::Text, &["contains", "eq", "neq", "isset", "isnotset"], Place::ActionType),
    field("activity.id", Kind::Text, &["eq"], Place::ActivityId),
    field("activity.impersonated", Kind::Boolean, &["eq"], Place::Pointers(&["/impersonated"])),
    field("activity.type", Kind::Boolean, &["eq"], Place::Administrative),
    field("activity.takenAction", Kind::Text, EQ, Place::Pointers(&["/takenAction"])),
    field("activity.alertId", Kind::Text, EQ, Place::Pointers(&["/alertId"])),
    field("activityObject", Kind::Text, EQ, Place::Pointers(&["/mainInfo/eventObjects/*/id"])),
    field("date", Kind::Time, TIMES, Place::Date),
    field("created", Kind::Time, &["lte", "gte", "range", "gt", "lt", "eq"], Place::Created),
    field("user.username", Kind::Text, EQ_SET_START, Place::Pointers(&["/user/userName", "/failedUserData/userName"])),
    field("user.domain", Kind::Text, EQ_SET, Place::UserDomain),
    field("user.orgUnit", Kind::Text, EQ_SET, Place::Pointers(&["/user/orgUnit"])),
    field("user.tags", Kind::Reference, EQ_SET_START, Place::Pointers(&["/user/userTags/*", "/resolvedActor/tags/*"])),
    field(
        "entity",
        Kind::Reference,
        EQ_SET_START,
        Place::Pointers(&["/entityData/*/id/id", "/resolvedActor/id", "/mainInfo/eventObjects/*/id"]),
    ),
    field("device.type", Kind::Text, EQ, Place::Pointers(&["/userAgent/deviceType"])),
    field("device.tags", Kind::Text, EQ, Place::Pointers(&["/device/tags/*"])),
    field("userAgent.userAgent", Kind::Text, &["contains", "ncontains"], Place::Pointers(&["/device/userAgent"])),
    field("userAgent.tags", Kind::Text, EQ, Place::Pointers(&["/userAgent/tags/*"])),
    field("location.country", Kind::Text, EQ_SET, Place::Pointers(&["/location/countryCode"])),
    field(
        "location.organizations",
        Kind::Text,
        &["eq", "neq", "isset", "isnotset", "contains"],
        Place::Pointers(&["/location/organizationSearchable"]),
    ),
    field(
        "ip.address",
        Kind::Text,
        &["eq", "neq", "startswith", "doesnotstartwith", "isset", "isnotset"],
        Place::Pointers(&["/device/clientIP"]),
    ),
    field("ip.category", Kind::Integer, EQ, Place::Pointers(&["/location/category"])),
    field("ip.tags", Kind::Text, EQ, Place::Pointers(&["/location/ipTags/*"])),
    field("fileSelector", Kind::Reference, EQ, Place::Pointers(&["/rawDataJson/ListItemUniqueId"])),
    field("fileId", Kind::Text, &["eq"], Place::Pointers(&["/rawDataJson/ListItemUniqueId"])),
    field("fileLabels", Kind::Text, EQ, Place::Pointers(&["/rawDataJson/SensitivityLabelId"])),
    field(
        "office365url",
        Kind::Text,
        &["startswith", "eq", "endswith"],
        Place::Pointers(&["/rawDataJson/ObjectId", "/rawDataJson/SiteUrl"]),
    ),
    field("policy", Kind::Text, EQ_SET, Place::Pointers(&["/policies/*"])),
    field("source", Kind::Reference, EQ, Place::Pointers(&["/source"])),
    field(
        "text",
        Kind::Text,
        &["eq", "startswithsingle", "text"],
        Place::Pointers(&["/description", "/user/userName", "/rawDataJson/ObjectId", "/rawDataJson/SourceFileName"]),
    ),
];

/// Microsoft: "Files API", filters: those that a file of this tenant can differ in.
pub(crate) static FILE_FIELDS: &[Field] = &[
    field("service", Kind::Integer, EQ, Place::AppId),
    field("instance", Kind::Integer, EQ, Place::Pointers(&["/instId"])),
    field("fileType", Kind::Integer, EQ, Place::Pointers(&["/ftype"])),
    field("sharing", Kind::Integer, EQ, Place::Pointers(&["/facl"])),
    field("owner.username", Kind::Text, EQ, Place::Pointers(&["/ownerAddress"])),
    field("collaborators.users", Kind::Text, EQ, Place::Pointers(&["/emails/*"])),
    field("collaborators.domains", Kind::Text, EQ, Place::Pointers(&["/domains/*"])),
    field("collaborators.withDomain", Kind::Text, EQ, Place::Pointers(&["/domains/*"])),
    field("collaborators.groups", Kind::Text, EQ, Place::Pointers(&["/groups/*"])),
    field("fileId", Kind::Text, EQ, Place::Pointers(&["/id"])),
    field("filename", Kind::Text, &["eq"], Place::Pointers(&["/name"])),
    field("extension", Kind::Text, EQ, Place::Pointers(&["/fileExtension"])),
    field("folder", Kind::Boolean, &["eq"], Place::Pointers(&["/isFolder"])),
    field("trashed", Kind::Boolean, &["eq"], Place::Pointers(&["/trashed"])),
    field("modifiedDate", Kind::Time, TIMES, Place::Pointers(&["/modifiedDate"])),
    field("createdDate", Kind::Time, TIMES, Place::Pointers(&["/createdDate"])),
];

/// The answer of `activities/metadata/`.
pub(crate) fn metadata() -> Value {
    let filters: Vec<Value> = FIELDS
        .iter()
        .map(|field| {
            let operators: Vec<Value> = field.operators.iter().map(|operator| json!({"id": operator})).collect();
            let kind = format!("{:?}", field.kind).to_lowercase();
            json!({"name": field.name, "operators": operators, "inputType": {"type": kind}, "deprecated": false})
        })
        .collect();
    json!({"filters": filters})
}

impl Place {
    /// Whether the value is at hand without reading the JSON.
    pub(crate) fn is_cheap(self) -> bool {
        matches!(self, Place::Created | Place::Date | Place::AppId | Place::ActivityId)
    }

    /// The values of a cheap field; `None` for the others.
    pub(crate) fn at_hand(self, activity: &StoredActivity) -> Option<String> {
        match self {
            Place::Created => Some(activity.created_ms.to_string()),
            Place::Date => Some(activity.timestamp_ms.to_string()),
            Place::AppId => Some(activity.app_id.to_string()),
            Place::ActivityId => Some(activity.id.clone()),
            _ => None,
        }
    }

    /// The values of any field in the activity's JSON, as texts.
    pub(crate) fn values(self, record: &Value) -> Vec<String> {
        let one = |pointer: &str| record.pointer(pointer).and_then(scalar);
        match self {
            Place::Created => one("/created").into_iter().collect(),
            Place::Date => one("/timestamp").into_iter().collect(),
            Place::AppId => one("/appId").into_iter().collect(),
            Place::ActivityId => one("/_id").into_iter().collect(),
            Place::EventType => one("/eventTypeName").into_iter().collect(),
            Place::ActionType => {
                let part = |pointer| one(pointer).unwrap_or_default();
                vec![format!("{}:{}:{}", part("/appId"), part("/eventTypeValue"), part("/mainInfo/rawOperationName"))]
            }
            // Nothing in a record says "administrative"; UserType 2 (Admin) of the audit record is the nearest.
            Place::Administrative => vec![(one("/rawDataJson/UserType").as_deref() == Some("2")).to_string()],
            Place::UserDomain => {
                let name = one("/user/userName").or_else(|| one("/failedUserData/userName"));
                name.iter().filter_map(|name| name.rsplit_once('@')).map(|(_, domain)| domain.to_owned()).collect()
            }
            Place::Pointers(pointers) => {
                let mut values = Vec::new();
                for pointer in pointers {
                    collect(record, pointer, &mut values);
                }
                values
            }
        }
    }
}

/// Follows a pointer whose `*` fans out.
fn collect(value: &Value, pointer: &str, values: &mut Vec<String>) {
    match pointer.split_once("/*") {
        None => values.extend(value.pointer(pointer).and_then(scalar)),
        Some((before, after)) => match value.pointer(before) {
            Some(Value::Array(elements)) => elements.iter().for_each(|element| collect(element, after, values)),
            Some(Value::Object(members)) => members.values().for_each(|member| collect(member, after, values)),
            _ => {}
        },
    }
}

/// The text of a value that is one; empty texts count as absent.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
