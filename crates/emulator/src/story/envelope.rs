//! Wrapping an audit record as Defender for Cloud Apps does (Microsoft: Cloud App Security REST API, activities).

use std::sync::Arc;

use super::cast::{Actor, Cast, Client, places};
use super::clock::{HOUR, MINUTE, SECOND, Window, push_second};
use super::dice::Dice;
use super::event::Event;
use super::guid::Guid;
use super::{StoredActivity, json, records};

/// Built-in group "External users".
const EXTERNAL_USERS: &str = "000000200000000000000000";
/// Built-in group "Application".
const APPLICATIONS: &str = "0000003b0000000000000000";
/// A group of this tenant's own.
const ALL_STAFF: &str = "64f0c3a19b7d2e0c41aa52f7";
/// Tag of a user agent: a native client, not a browser.
const NATIVE_CLIENT: &str = "000000000000000000000000";
/// The connector that all Microsoft 365 activities come through.
const CONNECTOR_APP: i64 = 11_161;

/// How complete the copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// As most are.
    Only,
    /// Delivered before the enrichment was there: no location, no tags.
    Early,
    /// The same `_id` again, enriched and later.
    Again,
}

/// The app that an activity is filed under, and its name.
fn app(event: &Event) -> (u32, &'static str, &'static str) {
    match records::workload(event) {
        "OneDrive" => (15_600, "Microsoft OneDrive for Business", "ONEDRIVE"),
        "SharePoint" => (20_892, "Microsoft SharePoint Online", "SHAREPOINT"),
        "MicrosoftTeams" => (28_375, "Microsoft Teams", "TEAMS"),
        _ => (11_161, "Microsoft 365", "PUBLICENDPOINT"),
    }
}

/// The few operations that Defender sorts into a category; all others are `UNSPECIFIED`.
fn category(operation: &str) -> &'static str {
    match operation {
        "SharingInvitationAccepted" | "AccessInvitationAccepted" => "EVENT_CATEGORY_ACCEPT_SHARE_FILE",
        "FileDownloaded" | "FileSyncDownloadedFull" => "EVENT_CATEGORY_DOWNLOAD_FILE",
        "FileUploaded" => "EVENT_CATEGORY_UPLOAD_FILE",
        _ => "EVENT_CATEGORY_UNSPECIFIED",
    }
}

/// When Defender stores the event: after some minutes, sometimes after hours, never after the story's end.
fn created_ms(event: &Event, window: &Window, dice: &mut Dice) -> i64 {
    let minutes = dice.between(MINUTE, 10 * MINUTE);
    let delay_ms = match event.delay_ms {
        Some(delay_ms) => delay_ms,
        None if dice.chance(10) => dice.between(HOUR, 30 * HOUR),
        None => minutes,
    };
    let last = (window.stored_end_ms - dice.between(0, MINUTE)).max(event.at_ms + minutes);
    (event.at_ms + delay_ms).min(last).min(window.stored_end_ms)
}

/// The stored activity. `None` when there is no time left to deliver it again.
///
/// `page` is a buffer that is used again and again, so that each text is allocated once, in its final size.
pub(crate) fn wrap(
    cast: &Cast,
    window: &Window,
    event: &Event,
    delivery: Delivery,
    page: &mut String,
) -> Option<StoredActivity> {
    let mut dice = Dice::new(!event.id.seed());
    let first_created_ms = created_ms(event, window, &mut dice);
    let again_ms = first_created_ms + dice.between(20 * MINUTE, 90 * MINUTE);
    let created_ms = if delivery == Delivery::Again { again_ms } else { first_created_ms };
    if created_ms > window.stored_end_ms {
        return None;
    }
    let (app_id, ..) = app(event);
    let id = format!("{}_{app_id}_{}", cast.profile.defender_tenant_number, event.id);
    page.clear();
    let audit = push_activity(page, cast, event, delivery, &id, created_ms, &mut dice);
    let json = Arc::from(page.as_str());
    Some(StoredActivity { id, created_ms, timestamp_ms: event.at_ms, app_id, json, audit })
}

/// Appends the activity and answers where in it the audit record stands.
fn push_activity(
    out: &mut String,
    cast: &Cast,
    event: &Event,
    delivery: Delivery,
    id: &str,
    created_ms: i64,
    dice: &mut Dice,
) -> std::ops::Range<usize> {
    let (app_id, app_name, family) = app(event);
    let enriched = delivery != Delivery::Early;
    // Half of the copies lack the members that not all variants of the service write.
    let full = event.id.seed().is_multiple_of(2);
    out.push('{');
    json::text(out, "_id", id);
    json::number(out, "tenantId", cast.profile.defender_tenant_number as i64);
    json::text(out, "aadTenantId", &cast.profile.tenant_id);
    json::number(out, "appId", i64::from(app_id));
    json::number(out, "saasId", i64::from(app_id));
    json::text(out, "appName", app_name);
    json::number(out, "srcAppId", CONNECTOR_APP);
    let instantiation_ms = created_ms - dice.between(SECOND, 3 * SECOND);
    let times = [
        ("timestamp", "timestampRaw", event.at_ms),
        ("instantiation", "instantiationRaw", instantiation_ms),
        ("created", "createdRaw", created_ms),
    ];
    for (name, name_raw, time_ms) in times {
        json::number(out, name, time_ms);
        if full {
            json::number(out, name_raw, time_ms);
        }
    }
    json::number(out, "eventType", 233_580);
    json::text(out, "eventTypeValue", &format!("EVENT_O365_{family}_GENERIC"));
    json::text(out, "eventTypeName", category(event.operation));
    json::text(out, "genericEventType", "ENUM_ACTIVITY_GENERIC_TYPE_BASIC");
    if full {
        json::raw(out, "eventRouting", "{\"scubaUnpacker\":false,\"lograbber\":true,\"auditing\":true}");
        json::raw(out, "lograbberService", "{\"o365EventGrabber\":true,\"gediEvent\":true}");
    }
    push_device(out, &event.client, enriched, full);
    push_user(out, event, enriched);
    push_user_agent(out, event.client.agent);
    json::key(out, "internals");
    out.push_str("{\"otherIPs\":[");
    if !event.client.ip.is_empty() {
        json::string(out, event.client.address());
    }
    out.push_str("]}");
    push_main_info(out, event, enriched);
    json::number(out, "confidenceLevel", 20);
    json::number(out, "source", 2);
    push_collected(out, created_ms, dice);
    json::key(out, "rawDataJson");
    let start = out.len();
    records::push_audit(out, cast.tenant_id, event);
    let audit = start..out.len();
    if let Some(directory_id) = event.actor.0.directory_id {
        push_resolved_actor(out, &event.actor, directory_id, enriched);
    }
    json::text(out, "uid", id);
    json::raw(out, "classifications", if event.operation.starts_with("File") { "[\"access\"]" } else { "[]" });
    push_entity_data(out, event);
    push_description(out, event);
    json::text(out, "severity", "INFO");
    if event.quirks.keys_differ_in_case {
        out.push_str(",\"Level\":20,\"level\":\"low\",\"EventName\":\"upper\",\"eventName\":\"lower\"");
    }
    out.push('}');
    audit
}

/// `device` and `location`: nothing of the place while the enrichment has not come.
fn push_device(out: &mut String, client: &Client, enriched: bool, full: bool) {
    let place = client.place;
    let known = enriched && !client.ip.is_empty();
    json::key(out, "device");
    out.push('{');
    if !client.ip.is_empty() {
        json::text(out, "clientIP", client.address());
    }
    json::text(out, "userAgent", client.agent);
    json::text_if(out, "countryCode", known.then_some(place.country));
    out.push('}');
    if !known {
        return;
    }
    json::key(out, "location");
    out.push('{');
    json::text(out, "countryCode", place.country);
    json::text(out, "city", place.city);
    json::text(out, "region", place.region);
    json::raw(out, "latitude", place.position.0);
    json::raw(out, "longitude", place.position.1);
    json::text(out, "organizationSearchable", place.organization);
    json::text_if(out, "carrier", full.then_some(place.organization));
    json::boolean(out, "anonymousProxy", false);
    json::boolean(out, "isSatelliteProvider", false);
    let microsoft = std::ptr::eq(place, &places::MICROSOFT);
    json::number(out, "category", if microsoft { 5 } else { 0 });
    json::text(out, "categoryValue", if microsoft { "CLOUD_PROVIDER_NETWORK" } else { "null" });
    out.push('}');
}

/// The name as Defender writes it: like `UserId`, but `#ext#` in small letters.
fn user_name(actor: &Actor) -> String {
    actor.0.user_id.replace("#EXT#", "#ext#")
}

/// The groups of the actor. Defender's judgement of who is external covers those who have an account.
fn tags(actor: &Actor) -> Option<&'static str> {
    let form = &*actor.0;
    match (&form.outside, form.directory_id) {
        (Some(_), Some(_)) => Some(EXTERNAL_USERS),
        (Some(_), None) => None,
        (None, Some(_)) => Some(ALL_STAFF),
        (None, None) => Some(APPLICATIONS),
    }
}

/// Appends an array of the actor's groups.
fn push_tags(out: &mut String, name: &str, actor: &Actor, enriched: bool) {
    json::key(out, name);
    out.push('[');
    if let Some(tag) = tags(actor).filter(|_| enriched) {
        json::string(out, tag);
    }
    out.push(']');
}

fn push_user(out: &mut String, event: &Event, enriched: bool) {
    json::key(out, "user");
    out.push('{');
    if !event.quirks.user_name_missing {
        json::text(out, "userName", &user_name(&event.actor));
    }
    if enriched && tags(&event.actor).is_some() {
        push_tags(out, "userTags", &event.actor, enriched);
    }
    out.push('}');
}

fn push_user_agent(out: &mut String, agent: &str) {
    let (family, name, system, device, kind) = match agent {
        _ if agent.contains("Edg/") => ("MICROSOFT_EDGE", "Microsoft Edge", "Windows 11", "DESKTOP", "Browser"),
        _ if agent.contains("Chrome/") => ("CHROME", "Chrome", "Windows 11", "DESKTOP", "Browser"),
        _ if agent.contains("Firefox/") => ("FIREFOX", "Firefox", "Linux", "DESKTOP", "Browser"),
        _ if agent.contains("Safari/") => ("SAFARI", "Safari", "Mac OS X", "DESKTOP", "Browser"),
        places::SYNC_CLIENT => {
            ("ONEDRIVE_SYNC", "Microsoft OneDrive Sync Engine", "Windows 11", "DESKTOP", "Application")
        }
        places::UNFURLING_BOT => ("SLACKBOT", "Slackbot", "Unknown", "OTHER", "Robot"),
        _ => ("UNKNOWN", "Unknown", "Unknown", "OTHER", "Application"),
    };
    json::key(out, "userAgent");
    out.push('{');
    json::text(out, "family", family);
    json::text(out, "name", name);
    json::key(out, "operatingSystem");
    out.push('{');
    json::text(out, "name", system);
    json::text(out, "family", system);
    out.push('}');
    json::text(out, "type", kind);
    json::text(out, "typeName", kind);
    json::text(out, "deviceType", device);
    json::boolean(out, "nativeBrowser", kind == "Application");
    json::key(out, "tags");
    out.push('[');
    if kind == "Application" {
        json::string(out, NATIVE_CLIENT);
    }
    out.push(']');
    json::text(out, "os", if device == "OTHER" { "OTHER" } else { system });
    json::text(out, "browser", family);
    out.push('}');
}

/// `mainInfo`: the item (role 1), its site (role 3), the actor's account and directory user (role 4).
fn push_main_info(out: &mut String, event: &Event, enriched: bool) {
    let actor = &*event.actor.0;
    json::key(out, "mainInfo");
    out.push_str("{\"eventObjects\":[");
    if let Some(item) = &event.item {
        if item.unique_id.is_some() {
            out.push_str("{\"objType\":1,\"role\":1,\"tags\":[]");
            json::text(out, "name", item.name());
            json::text(out, "id", &item.id());
            json::text(out, "serviceObjectType", item.item_type);
            out.push('}');
        }
        json::comma(out);
        out.push_str("{\"objType\":1,\"role\":3,\"tags\":[]");
        json::text(out, "name", &format!("{}/", item.site.url));
        json::guid(out, "id", item.site.id);
        let kind = if item.site.onedrive { "OneDrive Site Collection" } else { "SharePoint Site Collection" };
        json::text(out, "serviceObjectType", kind);
        out.push('}');
    }
    json::comma(out);
    out.push_str(if actor.directory_id.is_some() { "{\"objType\":21" } else { "{\"objType\":22" });
    json::number(out, "role", 4);
    json::raw(out, "tags", "[]");
    json::text(out, "name", &actor.display);
    json::text(out, "id", &user_name(&event.actor));
    push_account(out, actor.directory_id.is_some());
    if let Some(directory_id) = actor.directory_id {
        out.push_str(",{\"objType\":23,\"role\":4");
        push_tags(out, "tags", &event.actor, enriched);
        json::text(out, "name", &actor.display);
        json::guid(out, "id", directory_id);
        push_account(out, true);
    }
    out.push(']');
    json::text(out, "rawOperationName", event.operation);
    json::text(out, "prettyOperationName", event.operation);
    json::text(out, "type", "basic");
    out.push('}');
}

/// The end of an object that names an account.
fn push_account(out: &mut String, resolved: bool) {
    json::number(out, "saasId", CONNECTOR_APP);
    json::number(out, "instanceId", 0);
    json::boolean(out, "resolved", resolved);
    out.push('}');
}

fn push_collected(out: &mut String, created_ms: i64, dice: &mut Dice) {
    json::key(out, "collected");
    out.push_str("{\"o365\":{\"blobCreated\":\"");
    push_second(out, created_ms - 2 * MINUTE);
    out.push_str(".0000000Z\"");
    let blob = format!("{}$audit_sharepoint$Audit_SharePoint$emea{:04}", dice.hex(20), dice.below(60));
    json::text(out, "blobId", &blob);
    out.push_str("}}");
}

/// `resolvedActor`, whose numbers are texts.
fn push_resolved_actor(out: &mut String, actor: &Actor, directory_id: Guid, enriched: bool) {
    json::key(out, "resolvedActor");
    out.push('{');
    json::guid(out, "id", directory_id);
    json::text(out, "saasId", "11161");
    json::text(out, "instanceId", "0");
    push_tags(out, "tags", actor, enriched);
    json::text(out, "objType", "23");
    json::text(out, "name", &actor.0.display);
    json::text(out, "role", "4");
    json::boolean(out, "resolved", true);
    out.push('}');
}

fn push_entity_data(out: &mut String, event: &Event) {
    if event.quirks.entity_data_null {
        json::raw(out, "entityData", "null");
        return;
    }
    let actor = &*event.actor.0;
    let entity = |out: &mut String, id: &str| {
        out.push('{');
        json::text(out, "displayName", &actor.display);
        json::key(out, "id");
        out.push('{');
        json::text(out, "id", id);
        out.push_str(",\"saas\":11161,\"inst\":0},\"resolved\":");
        out.push_str(if actor.directory_id.is_some() { "true}" } else { "false}" });
    };
    json::key(out, "entityData");
    out.push_str("{\"0\":");
    entity(out, &user_name(&event.actor));
    out.push_str(",\"1\":null,\"2\":");
    match actor.directory_id {
        Some(directory_id) => entity(out, &directory_id.to_string()),
        None => out.push_str("null"),
    }
    out.push('}');
}

fn push_description(out: &mut String, event: &Event) {
    let object = event.item.as_ref().map_or("", |item| item.name());
    json::text(out, "description_id", "EVENT_DESCRIPTION_BASIC_EVENT");
    json::key(out, "description_metadata");
    out.push('{');
    json::text(out, "target_object", object);
    json::text(out, "operation_name", event.operation);
    json::text(out, "event_category", category(event.operation));
    json::text(out, "colon", if object.is_empty() { "" } else { ": " });
    json::text(out, "dash", "");
    out.push('}');
    let separator = if object.is_empty() { "" } else { ": " };
    json::text(out, "description", &format!("{}{separator}{object}", event.operation));
}
