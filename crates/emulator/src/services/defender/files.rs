//! The Files API: files and folders as they are shared now, whoever shared them and whenever.
//!
//! The inventory is drawn from the story's shares that have not ended, and from the names that the records give the
//! items. Microsoft: "Files API", "List files". What the members of a collaborator are called is not documented.

use std::collections::{BTreeMap, HashMap};

use hyper::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::{Call, Reply, json};
use crate::clock;
use crate::ids::hex32;
use crate::services::defender::carrier::Parameters;
use crate::services::defender::fields::FILE_FIELDS;
use crate::services::defender::filter::{Filter, Invalid};
use crate::services::defender::not_found;
use crate::services::defender::store::SortKey;
use crate::story::TrueShare;
use crate::world::World;

/// Files that nobody shares, so that a list without a filter shows more than shares.
const PRIVATE_FILES_MAX: usize = 50;

/// `GET`/`POST …/files/`: `skip` and `limit`; a scan makes no difference.
pub(crate) fn list(world: &World, call: &Call, now_ms: i64) -> Result<Reply, Invalid> {
    let parameters = Parameters::read_for_files(call)?;
    let filter = Filter::over(FILE_FIELDS, &parameters.filters, now_ms)?;
    let page_max = world.defender.options.page_records_max;
    let mut found: Vec<&Value> = inventory(world).iter().filter(|file| filter.matches_record(file)).collect();
    if parameters.ascending {
        found.reverse();
    }
    let total = found.len();
    let page: Vec<&Value> =
        found.into_iter().skip(parameters.skip).take(parameters.limit.unwrap_or(page_max).min(page_max)).collect();
    let has_next = parameters.skip + page.len() < total;
    Ok(json(
        StatusCode::OK,
        &json!({"data": page, "hasNext": has_next, "max": page_max, "total": total, "moreThanTotal": false}),
    ))
}

/// `GET …/files/<_id>/`
pub(crate) fn one(world: &World, id: &str) -> Reply {
    let found = inventory(world).iter().find(|file| file["_id"] == id);
    found.map_or_else(not_found, |file| json(StatusCode::OK, file))
}

/// All files, the one that was modified last first.
fn inventory(world: &World) -> &[Value] {
    if !world.defender.options.file_monitoring {
        return &[];
    }
    world.defender.files.get_or_init(|| {
        let now_ms = world.clock.now_ms();
        let mut shares: BTreeMap<&str, Vec<&TrueShare>> = BTreeMap::new();
        let open =
            |share: &&TrueShare| share.shared_at_ms <= now_ms && share.ended_at_ms.is_none_or(|end| end > now_ms);
        for share in world.truth.shares.iter().filter(open) {
            shares.entry(&share.item_id).or_default().push(share);
        }
        let mut private = PRIVATE_FILES_MAX;
        let items = items(world);
        let mut files: Vec<Value> = items
            .iter()
            .filter(|(id, item)| {
                if shares.contains_key(id.as_str()) {
                    return true;
                }
                let taken = private > 0 && item.is_file();
                private -= usize::from(taken);
                taken
            })
            .map(|(id, item)| described(world, id, item, shares.get(id.as_str()).map_or(&[], Vec::as_slice)))
            .collect();
        files.sort_by_key(|file| (-file["modifiedDate"].as_i64().unwrap_or(0), file["_id"].to_string()));
        files
    })
}

/// What the records tell of an item; the last one wins.
struct Item {
    name: String,
    url: String,
    site_url: String,
    item_type: String,
    app_id: u32,
    first_ms: i64,
    last_ms: i64,
}

impl Item {
    fn is_file(&self) -> bool {
        self.item_type == "File"
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Seen {
    site: String,
    list_item_unique_id: String,
    item_type: String,
    object_id: String,
    site_url: String,
    source_file_name: String,
}

/// Files and folders by `<site id>|<item id>`.
fn items(world: &World) -> BTreeMap<String, Item> {
    let shelf = world.defender.shelf();
    let mut items: HashMap<String, Item> = HashMap::new();
    for activity in shelf.walk(SortKey::Date, shelf.places(SortKey::Date, i64::MIN, i64::MAX), true) {
        let Ok(seen) = serde_json::from_str::<Seen>(activity.audit_json()) else { continue };
        let id = format!("{}|{}", seen.site, seen.list_item_unique_id).to_lowercase();
        let first_ms = items.get(&id).map_or(activity.timestamp_ms, |item| item.first_ms);
        let item = Item {
            name: seen.source_file_name,
            url: seen.object_id,
            site_url: seen.site_url.trim_end_matches('/').to_owned(),
            item_type: seen.item_type,
            app_id: activity.app_id,
            first_ms,
            last_ms: activity.timestamp_ms,
        };
        items.insert(id, item);
    }
    items.into_iter().collect()
}

fn described(world: &World, id: &str, item: &Item, shares: &[&TrueShare]) -> Value {
    let anyone = shares.iter().any(|share| share.kind == "anyone");
    let (groups, people): (Vec<&str>, Vec<&str>) = {
        let mut recipients: Vec<&str> = shares.iter().filter_map(|share| share.recipient.as_deref()).collect();
        recipients.sort_unstable();
        recipients.dedup();
        recipients.into_iter().partition(|recipient| !recipient.contains('@'))
    };
    let (level, level_name) = match (anyone, shares.is_empty()) {
        (true, _) => (3, "PUBLIC"),
        (false, false) => (2, "EXTERNAL"),
        (false, true) => (0, "PRIVATE"),
    };
    let mut domains: Vec<&str> = people.iter().filter_map(|person| Some(person.rsplit_once('@')?.1)).collect();
    domains.sort_unstable();
    domains.dedup();
    let owner = shares.first().map_or("", |share| share.shared_by.as_str());
    let extension = item.name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let folder = !item.is_file();
    let (kind, kind_name) = if folder { (6, "FOLDER") } else { kind(extension) };
    let collaborators: Vec<Value> = people
        .iter()
        .map(|person| json!({"email": person, "name": person.split('@').next(), "external": true}))
        .collect();
    let app_name =
        if item.app_id == 15_600 { "Microsoft OneDrive for Business" } else { "Microsoft SharePoint Online" };
    let path = item.url.strip_prefix(&item.site_url).unwrap_or_default().trim_start_matches('/');
    let unique_id = id.rsplit_once('|').map_or("", |(_, unique)| unique);
    json!({
        "_id": &hex32("file", id)[..24], "_tid": world.defender_tenant_number, "appId": item.app_id,
        "saasId": item.app_id, "instId": 0, "appName": app_name, "id": id, "name": item.name, "fileSize": 1_024,
        "createdDate": item.first_ms, "modifiedDate": item.last_ms, "alternateLink": item.url, "filePath": path,
        "siteCollection": item.site_url, "isFolder": folder, "fileType": [kind, kind_name], "ftype": kind,
        "fileAccessLevel": [level, level_name], "facl": level, "fileStatus": [0, "EXISTS"], "fstat": 0,
        "trashed": false, "ownerAddress": owner, "ownerName": owner.split('@').next(), "ownerExternal": false,
        "externalShares": people, "emails": people, "domains": domains, "groups": groups, "groupIds": [],
        "collaborators": collaborators, "mimeType": "application/octet-stream", "fileExtension": extension,
        "sharepointItem": {"UniqueId": unique_id, "ServerRelativeUrl": server_relative(&item.url),
            "Author": {"Email": owner, "externalUser": false}},
        "snapshotLastModifiedDate": clock::text(item.last_ms), "fTags": [], "dlpScanResults": [], "actions": [],
    })
}

/// The part of an address behind its host.
fn server_relative(url: &str) -> &str {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    after_scheme.find('/').and_then(|at| after_scheme.get(at..)).unwrap_or_default()
}

/// Number and name of a file's type.
fn kind(extension: &str) -> (u8, &'static str) {
    match extension.to_ascii_lowercase().as_str() {
        "docx" | "doc" | "pdf" => (1, "DOCUMENT"),
        "xlsx" | "xls" | "csv" => (2, "SPREADSHEET"),
        "pptx" | "ppt" => (3, "PRESENTATION"),
        "txt" | "md" => (4, "TEXT"),
        "png" | "jpg" | "jpeg" | "gif" => (5, "IMAGE"),
        _ => (0, "OTHER"),
    }
}
