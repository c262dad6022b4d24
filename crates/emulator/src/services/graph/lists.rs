//! Short lists of the directory and of Purview: domains and sensitivity labels.

use hyper::StatusCode;
use serde_json::{Value, json};

use crate::call::{Call, Reply, json};
use crate::services::entra::Role;
use crate::services::graph::errors::GraphError;
use crate::services::graph::{Version, authorize};
use crate::story::TrueLabel;
use crate::world::World;

/// A domain that was added and never verified, so that it is nobody's.
const UNVERIFIED_DOMAIN: &str = "unverified.example";

/// `GET /domains` (Microsoft: "List domains").
pub(crate) fn domains(world: &World, call: &Call, version: Version) -> Result<Reply, GraphError> {
    authorize(world, call, &[Role::DomainReadAll])?;
    let own = &world.internal_domains;
    let domain = |name: &str, verified: bool| {
        let initial = name.ends_with(".onmicrosoft.com");
        json!({
            "id": name, "authenticationType": "Managed", "isAdminManaged": true, "isVerified": verified,
            "isDefault": own.first().is_some_and(|first| first == name), "isInitial": initial, "isRoot": true,
            "availabilityStatus": null, "supportedServices": if verified { json!(["Email"]) } else { json!([]) },
        })
    };
    let mut all: Vec<Value> = own.iter().map(|name| domain(name, true)).collect();
    all.push(domain(UNVERIFIED_DOMAIN, false));
    Ok(answer(world, version, "domains", all))
}

/// `GET /security/informationProtection/sensitivityLabels` (Microsoft: "List sensitivityLabels", beta) and its successors.
pub(crate) fn labels(world: &World, call: &Call, version: Version) -> Result<Reply, GraphError> {
    authorize(world, call, &[Role::InformationProtectionPolicyReadAll])?;
    let all = world.truth.labels.iter().map(|label| described(label, &world.truth.labels)).collect();
    Ok(answer(world, version, "security/informationProtection/sensitivityLabels", all))
}

/// A label; its name is that of its last part, and the rest of it is its parent.
fn described(label: &TrueLabel, all: &[TrueLabel]) -> Value {
    let (parent, name) =
        label.name.rsplit_once('\\').map_or((None, label.name.as_str()), |(parent, name)| (Some(parent), name));
    let parent = parent.and_then(|parent| all.iter().find(|one| one.name == parent));
    let has_children = all.iter().any(|one| one.name.starts_with(&format!("{}\\", label.name)));
    json!({
        "id": label.id, "name": name, "displayName": name, "description": format!("Files that are {name}."),
        "color": "", "sensitivity": label.order, "tooltip": format!("Files that are {name}."), "isActive": true,
        "isAppliable": !has_children, "contentFormats": ["file", "email"], "hasProtection": label.classified,
        "parent": parent.map(|parent| described(parent, all)),
    })
}

fn answer(world: &World, version: Version, name: &str, all: Vec<Value>) -> Reply {
    let context = format!("{}{}/$metadata#{name}", world.endpoints.https, version.name());
    json(StatusCode::OK, &json!({"@odata.context": context, "value": all}))
}
