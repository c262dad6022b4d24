//! A row of the advanced-hunting table `CloudAppEvents`: the Defender activity once more, in columns.
//!
//! Microsoft: "CloudAppEvents table in the advanced hunting schema"; which member becomes which column: "Migrate from
//! the SIEM agent" and samples.

use serde_json::{Value, json};

use crate::clock;
use crate::story::StoredActivity;

/// The columns, in the table's order.
pub(crate) const COLUMNS: [&str; 38] = [
    "Timestamp",
    "ActionType",
    "Application",
    "ApplicationId",
    "AppInstanceId",
    "AccountObjectId",
    "AccountId",
    "AccountDisplayName",
    "IsAdminOperation",
    "DeviceType",
    "OSPlatform",
    "IPAddress",
    "IsAnonymousProxy",
    "CountryCode",
    "City",
    "ISP",
    "UserAgent",
    "ActivityType",
    "ActivityObjects",
    "ObjectName",
    "ObjectType",
    "ObjectId",
    "ReportId",
    "AccountType",
    "IsExternalUser",
    "IsImpersonated",
    "IPTags",
    "IPCategory",
    "UserAgentTags",
    "RawEventData",
    "AdditionalFields",
    "LastSeenForUser",
    "UncommonForUser",
    "AuditSource",
    "SessionData",
    "OAuthAppId",
    "TenantId",
    "Type",
];

/// Built-in group "External users".
const EXTERNAL_USERS: &str = "000000200000000000000000";

/// An activity, read once, from which columns are taken one by one.
#[derive(Debug)]
pub(crate) struct CloudAppEvent<'a> {
    activity: &'a StoredActivity,
    parsed: Value,
}

impl<'a> CloudAppEvent<'a> {
    pub(crate) fn of(activity: &'a StoredActivity) -> CloudAppEvent<'a> {
        CloudAppEvent { activity, parsed: serde_json::from_str(&activity.json).unwrap_or(Value::Null) }
    }

    /// The value of a column; `None` if the table has none of this name.
    pub(crate) fn column(&self, name: &str) -> Option<Value> {
        let at = |pointer: &str| self.parsed.pointer(pointer).cloned().unwrap_or(Value::Null);
        let text = |pointer: &str| self.parsed.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let external = || {
            let tags = self.parsed.pointer("/user/userTags").and_then(Value::as_array);
            tags.is_some_and(|tags| tags.iter().any(|tag| tag == EXTERNAL_USERS))
        };
        let actor = || {
            self.parsed
                .pointer("/mainInfo/eventObjects")
                .and_then(Value::as_array)?
                .iter()
                .find(|object| object["role"] == 4)
        };
        Some(match name {
            "Timestamp" => clock::text(self.activity.timestamp_ms).replace(".000Z", "Z").into(),
            "ActionType" => at("/mainInfo/rawOperationName"),
            "Application" => at("/appName"),
            "ApplicationId" => self.activity.app_id.into(),
            "AppInstanceId" => 0.into(),
            "AccountObjectId" => text("/resolvedActor/id").into(),
            "AccountId" => match text("/user/userName") {
                "" => text("/rawDataJson/UserId").into(),
                name => name.into(),
            },
            "AccountDisplayName" => actor().map_or(Value::Null, |actor| actor["name"].clone()),
            "IsAdminOperation" => (at("/rawDataJson/UserType") == 2).into(),
            "DeviceType" => text("/userAgent/deviceType").into(),
            "OSPlatform" => text("/userAgent/operatingSystem/name").into(),
            "IPAddress" => text("/device/clientIP").into(),
            "IsAnonymousProxy" => at("/location/anonymousProxy"),
            "CountryCode" => text("/location/countryCode").into(),
            "City" => text("/location/city").into(),
            "ISP" => text("/location/organizationSearchable").into(),
            "UserAgent" => text("/device/userAgent").into(),
            "ActivityType" => "Basic".into(),
            "ActivityObjects" => at("/mainInfo/eventObjects"),
            "ObjectName" => text("/description_metadata/target_object").into(),
            "ObjectType" => text("/rawDataJson/ItemType").into(),
            "ObjectId" => text("/rawDataJson/ListItemUniqueId").into(),
            "ReportId" => self.activity.id.as_str().into(),
            "AccountType" => match at("/rawDataJson/UserType").as_i64() {
                Some(2 | 3) => "Admin".into(),
                Some(4) => "System".into(),
                Some(5 | 6) => "Application".into(),
                _ => "Regular".into(),
            },
            "IsExternalUser" => external().into(),
            "IsImpersonated" => false.into(),
            "IPTags" | "UserAgentTags" | "LastSeenForUser" | "UncommonForUser" | "SessionData" => Value::Null,
            "IPCategory" => text("/location/categoryValue").into(),
            "RawEventData" => at("/rawDataJson"),
            "AdditionalFields" => json!({}),
            "AuditSource" => "Defender for Cloud Apps app connector".into(),
            "OAuthAppId" => "".into(),
            "TenantId" => text("/aadTenantId").into(),
            "Type" => "CloudAppEvents".into(),
            _ => return None,
        })
    }
}
