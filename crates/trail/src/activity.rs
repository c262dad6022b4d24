//! What the records of one id say, normalised.

use std::borrow::Cow;

use crate::{RecordId, TimeMs};

/// A text as the service wrote it; `None` when absent, `null` or empty.
pub type Text<'a> = Option<Cow<'a, str>>;

/// Who did what to which item, when, from where: one audit record, its numbers and times read, its texts unchanged.
///
/// Field names follow the Office 365 Management Activity API schema (common schema, SharePoint base schema, file
/// operations, sharing schema); every field may be absent in a real record.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Activity<'a> {
    /// `Id` as 16 bytes; the content's hash when the record has none.
    pub id: RecordId,
    /// `Id` as received, when there is one.
    pub id_text: Text<'a>,
    /// `CreationTime`: when it happened.
    pub time: Option<TimeMs>,
    /// `Operation`; empty when absent. Compare without case; may be unknown to us.
    pub operation: Cow<'a, str>,
    /// `RecordType`, when it is a number.
    pub record_type: Option<i64>,
    /// `UserType` as its documented number (names are translated).
    pub user_type: Option<i64>,
    /// `OrganizationId`: the tenant whose resource it is, never the actor's home.
    pub organization_id: Text<'a>,
    /// `Workload`: `SharePoint`, `OneDrive`, `MicrosoftTeams`, …
    pub workload: Text<'a>,
    /// `UserId`: a UPN or one of the special forms that [`crate::identity`] knows.
    pub user_id: Text<'a>,
    /// `UserKey`.
    pub user_key: Text<'a>,
    /// `ClientIP` without port and brackets.
    pub client_ip: Text<'a>,
    /// `UserAgent`.
    pub user_agent: Text<'a>,
    /// `ObjectId`: for SharePoint the decoded absolute URL of the object.
    pub object_id: Text<'a>,
    /// `Site`: GUID of the site collection.
    pub site: Text<'a>,
    /// `ListId`: GUID of the library.
    pub list_id: Text<'a>,
    /// `ListItemUniqueId`: survives rename and move inside a site.
    pub list_item_unique_id: Text<'a>,
    /// `ItemType` by name (numeric forms are translated).
    pub item_type: Text<'a>,
    /// `SiteUrl`.
    pub site_url: Text<'a>,
    /// `SourceRelativeUrl`: folder only in file operations, folder and file name in sharing operations.
    pub source_relative_url: Text<'a>,
    /// `SourceFileName`.
    pub source_file_name: Text<'a>,
    /// `DestinationRelativeUrl`, of moves, copies and renames.
    pub destination_relative_url: Text<'a>,
    /// `DestinationFileName`.
    pub destination_file_name: Text<'a>,
    /// `CorrelationId`, else `AppAccessContext.CorrelationId`: groups the records of one gesture.
    pub correlation_id: Text<'a>,
    /// `UserSessionId`, else `AppAccessContext.AADSessionId`.
    pub session_id: Text<'a>,
    /// `ApplicationDisplayName`, else `AppAccessContext.ClientAppName`.
    pub app: Text<'a>,
    /// `IsManagedDevice`.
    pub managed_device: Option<bool>,
    /// `ZipFileName`: the archive in which a multi-file download left.
    pub zip_file_name: Text<'a>,
    /// `TargetUserOrGroupName` and `TargetUserOrGroupType`: none or one from a record, several after folding.
    pub targets: Vec<Target<'a>>,
    /// `EventData`: a pseudo-XML fragment.
    pub event_data: Text<'a>,
    /// `UniqueSharingId`.
    pub sharing_id: Text<'a>,
    /// `SharingLinkScope`.
    pub sharing_link_scope: Text<'a>,
    /// `SensitivityLabelId`, else `SensitivityLabelEventData.SensitivityLabelId`: the file's label at that moment.
    pub label_id: Text<'a>,
    /// `SiteSensitivityLabelId`.
    pub site_label_id: Text<'a>,
    /// What only the Defender for Cloud Apps envelope says.
    pub defender: Option<Defender<'a>>,
}

/// Whom a sharing operation was aimed at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target<'a> {
    /// `TargetUserOrGroupName`.
    pub name: Cow<'a, str>,
    /// `TargetUserOrGroupType`: `Member`, `Guest`, `Group`, `SharePointGroup`, `SecurityGroup`, `Partner`.
    pub kind: Text<'a>,
}

/// The Defender for Cloud Apps envelope around an audit record (activities API, record section).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Defender<'a> {
    /// `_id`.
    pub id: Text<'a>,
    /// `created`: when Defender stored it.
    pub created: Option<TimeMs>,
    /// `appId`.
    pub app_id: Option<i64>,
    /// `appName`.
    pub app_name: Text<'a>,
    /// `eventTypeName`, such as `EVENT_CATEGORY_ACCEPT_SHARE_FILE`.
    pub event_type_name: Text<'a>,
    /// `description`.
    pub description: Text<'a>,
    /// `severity`.
    pub severity: Text<'a>,
    /// `user.userName`.
    pub user_name: Text<'a>,
    /// `resolvedActor.name`.
    pub resolved_user: Text<'a>,
    /// `description_metadata.target_object`.
    pub target_object: Text<'a>,
    /// `location` as JSON text, as received.
    pub location_json: Text<'a>,
    /// `location.countryCode`, else `device.countryCode`.
    pub country: Text<'a>,
    /// `location.city`.
    pub city: Text<'a>,
    /// Whether `user.userTags` (or the resolved actor's tags) hold the built-in group "External users";
    /// `None` when the record carries no tags.
    pub says_external: Option<bool>,
}
