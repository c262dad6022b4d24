//! Writing an event as SharePoint's audit log would (Microsoft: Office 365 Management Activity API schema), in the copy
//! that Defender for Cloud Apps keeps: its `CreationTime` has seven decimals and a `Z`.

use super::cast::{Item, places};
use super::clock::push_second;
use super::dice::Dice;
use super::event::Event;
use super::guid::Guid;
use super::json;

/// What follows the seconds of `CreationTime` in Defender's copy and is missing in the audit feed.
pub(crate) const FRACTION_AND_ZONE: &str = ".0000000Z";

/// `Workload`.
pub(crate) fn workload(event: &Event) -> &'static str {
    match (&event.item, event.record_type()) {
        (Some(item), _) if item.site.onedrive => "OneDrive",
        (Some(_), _) => "SharePoint",
        (None, 25) => "MicrosoftTeams",
        (None, _) => "PublicEndpoint",
    }
}

/// Appends the audit record as one JSON object. `CreationTime` is the first member.
pub(crate) fn push_audit(out: &mut String, tenant_id: Guid, event: &Event) {
    let mut dice = Dice::new(event.id.seed());
    let actor = &*event.actor.0;
    out.push('{');
    json::key(out, "CreationTime");
    out.push('"');
    push_second(out, event.at_ms);
    out.push_str(FRACTION_AND_ZONE);
    out.push('"');
    json::guid(out, "Id", event.id);
    json::text(out, "Operation", event.operation);
    json::guid(out, "OrganizationId", tenant_id);
    json::number(out, "RecordType", event.record_type());
    json::text(out, "UserKey", &actor.user_key);
    json::number(out, "UserType", i64::from(actor.user_type));
    json::number(out, "Version", 1);
    json::text(out, "Workload", workload(event));
    json::text(out, "ClientIP", &event.client.ip);
    json::text(out, "UserId", &actor.user_id);
    push_context(out, event, &mut dice);
    json::guid(out, "CorrelationId", event.correlation);
    if let Some(session) = event.session {
        json::guid(out, "UserSessionId", session);
    }
    if let Some(item) = &event.item {
        push_item(out, event, item);
    }
    json::text(out, "UserAgent", event.client.agent);
    push_device(out, event);
    if let Some(target) = &event.target {
        json::text(out, "TargetUserOrGroupName", &target.name);
        json::text(out, "TargetUserOrGroupType", target.kind);
    }
    json::text_if(out, "EventData", event.event_data.as_deref());
    if let Some(sharing_id) = event.sharing_id {
        json::guid(out, "UniqueSharingId", sharing_id);
    }
    json::text_if(out, "SharingLinkScope", event.link_scope);
    json::text_if(out, "ZipFileName", event.zip.as_deref());
    if let Some(destination) = &event.destination {
        json::text(out, "DestinationRelativeUrl", destination.folder());
        json::text(out, "DestinationFileName", destination.name());
        json::text(out, "DestinationFileExtension", destination.extension());
    }
    if event.operation == "FileSyncDownloadedFull" {
        json::guid(out, "MachineId", dice.guid());
        json::text(out, "FileSyncBytesCommitted", &dice.between(2_000, 9_000_000).to_string());
    }
    if event.quirks.keys_differ_in_case {
        out.push_str(",\"Level\":\"Informational\",\"level\":4,\"EventName\":\"Accessed\",\"eventName\":\"accessed\"");
    }
    if let Some(extra) = &event.extra {
        json::comma(out);
        out.push_str(extra);
    }
    out.push('}');
}

/// Who is signed in and by which application: nothing of it for guests without an account.
fn push_context(out: &mut String, event: &Event, dice: &mut Dice) {
    if event.actor.0.directory_id.is_some() {
        json::key(out, "AppAccessContext");
        out.push('{');
        json::guid(out, "AADSessionId", event.session.unwrap_or_else(|| dice.guid()));
        json::guid(out, "CorrelationId", event.correlation);
        json::text(out, "UniqueTokenId", &dice.hex(22));
        out.push('}');
    } else {
        json::raw(out, "AppAccessContext", "{}");
    }
}

/// The item's place, in the two ways of the two schemas.
fn push_item(out: &mut String, event: &Event, item: &Item) {
    let site = &item.site;
    let file_operation = event.record_type() == 6;
    json::text(out, "EventSource", "SharePoint");
    json::text(out, "ItemType", item.item_type);
    json::text(out, "ObjectId", &item.url());
    json::guid(out, "Site", site.id);
    json::guid(out, "WebId", site.web_id);
    if let Some(list_id) = item.list_id {
        json::guid(out, "ListId", list_id);
    }
    if let Some(unique_id) = item.unique_id {
        json::guid(out, "ListItemUniqueId", unique_id);
    }
    // File operations end the site's address with a slash, sharing operations do not.
    json::key(out, "SiteUrl");
    json::string(out, &if file_operation { format!("{}/", site.url) } else { site.url.clone() });
    if matches!(item.item_type, "File" | "Folder") {
        // File operations give the folder only, sharing operations folder and file.
        json::text(out, "SourceRelativeUrl", if file_operation { item.folder() } else { &item.path });
        json::text(out, "SourceFileName", item.name());
        json::text(out, "SourceFileExtension", item.extension());
    }
    if item.item_type == "List" {
        json::text(out, "ListBaseType", "DocumentLibrary");
        json::text(out, "ListTitle", item.name());
    }
    if matches!(event.record_type(), 6 | 14) {
        json::text_if(out, "SensitivityLabelId", item.label.map(|label| label.id));
        json::text_if(out, "SiteSensitivityLabelId", site.label.map(|label| label.id));
    }
}

/// What is known about the device and the application.
fn push_device(out: &mut String, event: &Event) {
    let agent = event.client.agent;
    let platform = match agent {
        _ if agent.contains("Windows") => "WinDesktop",
        _ if agent.contains("Mac OS") => "MacOS",
        _ if agent.contains("Linux") => "Linux",
        _ => "Service",
    };
    json::text(out, "Platform", platform);
    let application = match agent {
        places::THUMBNAILS | places::ZIP => "4345a7b9-9a63-4910-a426-35363201d503",
        places::SYNC_CLIENT => "ab9b8c07-8f02-4f72-87fa-80105867a763",
        _ => "08e18876-6177-487e-b8b5-cf950c1e598c",
    };
    json::text(out, "ApplicationId", application);
    let sync = agent == places::SYNC_CLIENT;
    json::text_if(out, "ApplicationDisplayName", sync.then_some("Microsoft OneDrive Sync Engine"));
    if let Some(managed) = event.client.managed {
        push_boolean(out, "IsManagedDevice", managed, event.quirks.booleans_as_text);
    }
    if event.operation == "FilePreviewed" || event.quirks.booleans_as_text {
        push_boolean(out, "DoNotDistributeEvent", true, event.quirks.booleans_as_text);
    }
    json::text(out, "GeoLocation", "EUR");
}

fn push_boolean(out: &mut String, name: &str, value: bool, as_text: bool) {
    if as_text {
        json::text(out, name, if value { "True" } else { "False" });
    } else {
        json::boolean(out, name, value);
    }
}
