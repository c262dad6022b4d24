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
    /// `AADGroupId`: the Microsoft 365 group behind a team.
    pub group_id: Text<'a>,
    /// `PolicyDetails`: the content policies that a record of data loss prevention tells of, one a line, id and name
    /// with a tab between them. Nothing of what they found.
    pub policies: Text<'a>,
    /// `ModifiedProperties` as JSON text: what an administrator changed ([`crate::site_policy`] reads it).
    pub modified_properties: Text<'a>,
    /// `CountryCode` of a row of CloudAppEvents: from where, as Defender sees it.
    pub country: Text<'a>,
    /// `City` of such a row.
    pub city: Text<'a>,
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

impl<'a> Activity<'a> {
    /// The same activity, with texts of its own.
    pub fn into_owned(self) -> Activity<'static> {
        Activity {
            id: self.id,
            id_text: owned(self.id_text),
            time: self.time,
            operation: Cow::Owned(self.operation.into_owned()),
            record_type: self.record_type,
            user_type: self.user_type,
            organization_id: owned(self.organization_id),
            workload: owned(self.workload),
            user_id: owned(self.user_id),
            user_key: owned(self.user_key),
            client_ip: owned(self.client_ip),
            user_agent: owned(self.user_agent),
            object_id: owned(self.object_id),
            site: owned(self.site),
            list_id: owned(self.list_id),
            list_item_unique_id: owned(self.list_item_unique_id),
            item_type: owned(self.item_type),
            site_url: owned(self.site_url),
            source_relative_url: owned(self.source_relative_url),
            source_file_name: owned(self.source_file_name),
            destination_relative_url: owned(self.destination_relative_url),
            destination_file_name: owned(self.destination_file_name),
            correlation_id: owned(self.correlation_id),
            session_id: owned(self.session_id),
            app: owned(self.app),
            managed_device: self.managed_device,
            zip_file_name: owned(self.zip_file_name),
            targets: self.targets.into_iter().map(Target::into_owned).collect(),
            event_data: owned(self.event_data),
            sharing_id: owned(self.sharing_id),
            sharing_link_scope: owned(self.sharing_link_scope),
            label_id: owned(self.label_id),
            site_label_id: owned(self.site_label_id),
            group_id: owned(self.group_id),
            policies: owned(self.policies),
            modified_properties: owned(self.modified_properties),
            country: owned(self.country),
            city: owned(self.city),
            defender: self.defender.map(Defender::into_owned),
        }
    }

    /// Takes from `other` what is absent here: present beats absent, field by field. The id stays.
    pub(crate) fn fill_from(&mut self, other: Self) {
        let Activity {
            id: _,
            id_text,
            time,
            operation,
            record_type,
            user_type,
            organization_id,
            workload,
            user_id,
            user_key,
            client_ip,
            user_agent,
            object_id,
            site,
            list_id,
            list_item_unique_id,
            item_type,
            site_url,
            source_relative_url,
            source_file_name,
            destination_relative_url,
            destination_file_name,
            correlation_id,
            session_id,
            app,
            managed_device,
            zip_file_name,
            targets,
            event_data,
            sharing_id,
            sharing_link_scope,
            label_id,
            site_label_id,
            group_id,
            policies,
            modified_properties,
            country,
            city,
            defender,
        } = other;
        if self.operation.is_empty() {
            self.operation = operation;
        }
        if self.targets.is_empty() {
            self.targets = targets;
        }
        fill(&mut self.id_text, id_text);
        fill(&mut self.time, time);
        fill(&mut self.record_type, record_type);
        fill(&mut self.user_type, user_type);
        fill(&mut self.organization_id, organization_id);
        fill(&mut self.workload, workload);
        fill(&mut self.user_id, user_id);
        fill(&mut self.user_key, user_key);
        fill(&mut self.client_ip, client_ip);
        fill(&mut self.user_agent, user_agent);
        fill(&mut self.object_id, object_id);
        fill(&mut self.site, site);
        fill(&mut self.list_id, list_id);
        fill(&mut self.list_item_unique_id, list_item_unique_id);
        fill(&mut self.item_type, item_type);
        fill(&mut self.site_url, site_url);
        fill(&mut self.source_relative_url, source_relative_url);
        fill(&mut self.source_file_name, source_file_name);
        fill(&mut self.destination_relative_url, destination_relative_url);
        fill(&mut self.destination_file_name, destination_file_name);
        fill(&mut self.correlation_id, correlation_id);
        fill(&mut self.session_id, session_id);
        fill(&mut self.app, app);
        fill(&mut self.managed_device, managed_device);
        fill(&mut self.zip_file_name, zip_file_name);
        fill(&mut self.event_data, event_data);
        fill(&mut self.sharing_id, sharing_id);
        fill(&mut self.sharing_link_scope, sharing_link_scope);
        fill(&mut self.label_id, label_id);
        fill(&mut self.site_label_id, site_label_id);
        fill(&mut self.group_id, group_id);
        fill(&mut self.policies, policies);
        fill(&mut self.modified_properties, modified_properties);
        fill(&mut self.country, country);
        fill(&mut self.city, city);
        fill(&mut self.defender, defender);
    }
}

impl Target<'_> {
    /// The same target, with texts of its own.
    pub fn into_owned(self) -> Target<'static> {
        Target { name: Cow::Owned(self.name.into_owned()), kind: owned(self.kind) }
    }
}

impl Defender<'_> {
    /// The same envelope, with texts of its own.
    pub fn into_owned(self) -> Defender<'static> {
        Defender {
            id: owned(self.id),
            created: self.created,
            app_id: self.app_id,
            app_name: owned(self.app_name),
            event_type_name: owned(self.event_type_name),
            description: owned(self.description),
            severity: owned(self.severity),
            user_name: owned(self.user_name),
            resolved_user: owned(self.resolved_user),
            target_object: owned(self.target_object),
            location_json: owned(self.location_json),
            country: owned(self.country),
            city: owned(self.city),
            says_external: self.says_external,
        }
    }
}

pub(crate) fn owned(text: Text<'_>) -> Text<'static> {
    text.map(|text| Cow::Owned(text.into_owned()))
}

pub(crate) fn fill<T>(slot: &mut Option<T>, other: Option<T>) {
    if slot.is_none() {
        *slot = other;
    }
}
