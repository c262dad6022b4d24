//! The activity types that the tenant has seen: the portal's completion list, from which clients learn their names.

use std::collections::BTreeSet;

use hyper::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::{Call, Reply, json};
use crate::services::defender::store::SortKey;
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    #[serde(default)]
    app_name: String,
    #[serde(default)]
    event_type_name: String,
    #[serde(default)]
    event_type_value: String,
    main_info: MainInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MainInfo {
    raw_operation_name: String,
}

/// `GET …/autocomplete/activity-types/?search=&service=eq(i:20892,)`
pub(crate) fn list(world: &World, call: &Call) -> Reply {
    let search = call.parameter("search").unwrap_or_default().to_lowercase();
    let service = call.parameter("service").unwrap_or_default();
    let services: Vec<u32> =
        service.split(|character: char| !character.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect();
    let shelf = world.defender.shelf();
    let all = shelf.walk(SortKey::Created, shelf.places(SortKey::Created, i64::MIN, i64::MAX), true);
    let types: BTreeSet<(u32, String, String, String, String)> = all
        .filter(|activity| services.is_empty() || services.contains(&activity.app_id))
        .filter_map(|activity| {
            let head: Head = serde_json::from_str(&activity.json).ok()?;
            let operation = head.main_info.raw_operation_name;
            Some((activity.app_id, operation, head.event_type_name, head.event_type_value, head.app_name))
        })
        .filter(|(_, operation, ..)| operation.to_lowercase().contains(&search))
        .collect();
    let items: Vec<Value> = types
        .into_iter()
        .map(|(app_id, operation, category, value, app_name)| {
            json!({"id": format!("{app_id}:{value}:{operation}"), "name": operation, "category": category,
                "appId": app_id, "Service_Name": app_name})
        })
        .collect();
    json(StatusCode::OK, &json!({"records": {"items": items}}))
}
