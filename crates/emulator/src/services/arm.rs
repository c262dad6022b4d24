//! Azure Resource Manager: subscriptions, Log Analytics workspaces and their shared keys, the data collection rule.
//!
//! Sources: Microsoft: "Workspaces - Get/List" and "Shared Keys - Get Shared Keys" of the Log Analytics REST API,
//! "Subscriptions - List", "Data Collection Rules - Get".

use hyper::{Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::call::{Call, Reply, azure_error, json};
use crate::endpoints::{Endpoints, RULE};
use crate::ids::guid;
use crate::secret::Secret;
use crate::services::entra::{Audience, Refusal, Role};
use crate::world::World;

/// Entries on one page of a list: small, so that clients have to follow `nextLink`.
const PAGE_ENTRIES: usize = 2;

struct Workspace {
    subscription_id: String,
    resource_group: &'static str,
    name: String,
    id: String,
    primary_key: Secret,
    secondary_key: Secret,
}

/// Answers below `/subscriptions`.
pub(crate) fn answer(world: &World, call: &Call, segments: &[&str]) -> Reply {
    let reading_keys = matches!(segments.last(), Some(last) if last.eq_ignore_ascii_case("sharedKeys"));
    let role = if reading_keys { Role::LogAnalyticsContributor } else { Role::Reader };
    match world.directory.check(call, Audience::Arm, Some(role), world.clock.now_ms()) {
        Ok(_) => {}
        Err(refusal) => return refused(&refusal, call),
    }
    if call.parameter("api-version").is_none_or(str::is_empty) {
        let message = "The api-version query parameter (?api-version=) is required for all requests.";
        return azure_error(StatusCode::BAD_REQUEST, "MissingApiVersionParameter", message);
    }
    if call.method != if reading_keys { Method::POST } else { Method::GET } {
        let message = "The requested resource does not support this http method.";
        return azure_error(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message);
    }
    // Names in resource ids are compared without case.
    let lower: Vec<String> = segments.iter().map(|segment| segment.to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let all = workspaces(&world.endpoints);
    let provider = "microsoft.operationalinsights";
    match lower.as_slice() {
        [_] => page(world, call, subscriptions(&world.endpoints)),
        [_, subscription, ..] if !known_subscription(&world.endpoints, subscription) => {
            let message = format!("The subscription '{subscription}' could not be found.");
            azure_error(StatusCode::NOT_FOUND, "SubscriptionNotFound", &message)
        }
        [_, subscription, "providers", p, "workspaces"] if *p == provider => {
            let found = all.iter().filter(|one| one.subscription_id == *subscription);
            page(world, call, found.map(document).collect())
        }
        [_, _, "resourcegroups", group, ..] if !all.iter().any(|one| one.resource_group == *group) => {
            let message = format!("Resource group '{group}' could not be found.");
            azure_error(StatusCode::NOT_FOUND, "ResourceGroupNotFound", &message)
        }
        [_, _, "resourcegroups", _, "providers", "microsoft.insights", "datacollectionrules", _]
            if world.endpoints.dcr_resource_id.eq_ignore_ascii_case(&call.path) =>
        {
            json(StatusCode::OK, &rule(world))
        }
        [_, subscription, "resourcegroups", group, "providers", p, "workspaces"] if *p == provider => {
            let found = all.iter().filter(|one| one.subscription_id == *subscription && one.resource_group == *group);
            page(world, call, found.map(document).collect())
        }
        [_, subscription, "resourcegroups", group, "providers", p, "workspaces", name, rest @ ..] if *p == provider => {
            let found = all
                .iter()
                .find(|one| one.subscription_id == *subscription && one.resource_group == *group && one.name == *name);
            match (found, rest) {
                (Some(found), []) => json(StatusCode::OK, &document(found)),
                (Some(found), ["sharedkeys"]) => json(
                    StatusCode::OK,
                    &json!({"primarySharedKey": found.primary_key.expose(),
                        "secondarySharedKey": found.secondary_key.expose()}),
                ),
                _ => not_found(segments),
            }
        }
        _ => not_found(segments),
    }
}

fn refused(refusal: &Refusal, call: &Call) -> Reply {
    let unauthorized = StatusCode::UNAUTHORIZED;
    match refusal {
        Refusal::Missing => azure_error(
            unauthorized,
            "AuthenticationFailed",
            "Authentication failed. The 'Authorization' header is missing.",
        ),
        Refusal::Unknown => azure_error(unauthorized, "InvalidAuthenticationToken", "The access token is invalid."),
        Refusal::Expired => azure_error(unauthorized, "ExpiredAuthenticationToken", "The access token has expired."),
        Refusal::WrongAudience => azure_error(
            unauthorized,
            "InvalidAuthenticationTokenAudience",
            "The access token has been obtained for wrong audience or resource. It should exactly match one of the \
             allowed audiences 'https://management.core.windows.net/','https://management.azure.com/'.",
        ),
        Refusal::NoRole(principal) => azure_error(
            StatusCode::FORBIDDEN,
            "AuthorizationFailed",
            &format!(
                "The client '{}' with object id '{}' does not have authorization to perform the action at '{}'.",
                principal.client_id, principal.object_id, call.path
            ),
        ),
    }
}

/// Two subscriptions; the second holds no workspace.
fn subscriptions(endpoints: &Endpoints) -> Vec<Value> {
    let one = |id: &str, name: &str| {
        json!({"id": format!("/subscriptions/{id}"), "subscriptionId": id, "tenantId": endpoints.tenant_id,
            "displayName": name, "state": "Enabled"})
    };
    vec![one(&empty_subscription(endpoints), "Sandbox"), one(&endpoints.workspace.subscription_id, "Production")]
}

fn empty_subscription(endpoints: &Endpoints) -> String {
    guid(&endpoints.tenant_id, "empty subscription")
}

fn known_subscription(endpoints: &Endpoints, id: &str) -> bool {
    id == endpoints.workspace.subscription_id || id == empty_subscription(endpoints)
}

/// One name exists in both resource groups; the workspace in use is the last, on the second page of the list.
fn workspaces(endpoints: &Endpoints) -> Vec<Workspace> {
    let seed = endpoints.tenant_id.as_str();
    let shared = |resource_group: &'static str| Workspace {
        subscription_id: endpoints.workspace.subscription_id.clone(),
        resource_group,
        name: endpoints.ambiguous_workspace.clone(),
        id: guid(seed, &format!("shared workspace of {resource_group}")),
        primary_key: Secret::derived(seed, &format!("primary key of {resource_group}")),
        secondary_key: Secret::derived(seed, &format!("secondary key of {resource_group}")),
    };
    let own = &endpoints.workspace;
    vec![
        shared("rg-operations"),
        shared("rg-security"),
        Workspace {
            subscription_id: own.subscription_id.clone(),
            resource_group: "rg-security",
            name: own.name.clone(),
            id: own.id.clone(),
            primary_key: own.primary_key.clone(),
            secondary_key: own.secondary_key.clone(),
        },
    ]
}

fn document(workspace: &Workspace) -> Value {
    let Workspace { subscription_id, resource_group, name, id, .. } = workspace;
    json!({
        "id": format!("/subscriptions/{subscription_id}/resourceGroups/{resource_group}/providers/\
                       Microsoft.OperationalInsights/workspaces/{name}"),
        "name": name, "type": "Microsoft.OperationalInsights/workspaces", "location": "westeurope", "tags": {},
        "properties": {"customerId": id, "provisioningState": "Succeeded",
            "sku": {"name": "PerGB2018", "lastSkuUpdate": "2024-01-01T00:00:00.0000000Z"}, "retentionInDays": 90,
            "publicNetworkAccessForIngestion": "Enabled", "publicNetworkAccessForQuery": "Enabled",
            "features": {"enableLogAccessUsingOnlyResourcePermissions": true},
            "workspaceCapping": {"dailyQuotaGb": -1.0}, "createdDate": "2024-01-01T00:00:00.0000000Z",
            "modifiedDate": "2024-01-01T00:00:00.0000000Z"},
    })
}

/// The rule: one stream a table, each as it is declared, with nothing transformed.
fn rule(world: &World) -> Value {
    let endpoints = &world.endpoints;
    let declared = endpoints.streams.iter().map(|(table, stream)| {
        let columns = world.ingestion.columns.get(table).into_iter().flatten();
        // A stream calls it `boolean`, a query `bool`.
        let kind = |kind: &str| if kind == "bool" { "boolean".to_owned() } else { kind.to_owned() };
        let columns: Vec<Value> = columns.map(|one| json!({"name": one.name, "type": kind(&one.kind)})).collect();
        (stream.clone(), json!({"columns": columns}))
    });
    let flows = endpoints.streams.iter().map(|(table, stream)| {
        json!({"streams": [stream], "destinations": ["workspace"], "transformKql": "source",
            "outputStream": format!("Custom-{table}")})
    });
    let workspace = &endpoints.workspace;
    let workspace = format!(
        "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.OperationalInsights/workspaces/{}",
        workspace.subscription_id, workspace.resource_group, workspace.name
    );
    json!({
        "id": endpoints.dcr_resource_id, "name": RULE, "type": "Microsoft.Insights/dataCollectionRules",
        "location": "westeurope", "kind": "Direct",
        "properties": {"immutableId": endpoints.dcr_immutable_id,
            "endpoints": {"logsIngestion": endpoints.ingestion_endpoint.as_str().trim_end_matches('/')},
            "streamDeclarations": declared.collect::<Map<String, Value>>(),
            "destinations": {"logAnalytics": [{"name": "workspace", "workspaceResourceId": workspace}]},
            "dataFlows": flows.collect::<Vec<_>>(), "provisioningState": "Succeeded"},
    })
}

fn page(world: &World, call: &Call, entries: Vec<Value>) -> Reply {
    let start = call.parameter("$skiptoken").and_then(|text| text.parse().ok()).unwrap_or(0_usize);
    let end = start.saturating_add(PAGE_ENTRIES).min(entries.len());
    let mut body = json!({"value": entries.get(start..end).unwrap_or_default()});
    if end < entries.len() {
        let mut next = world.endpoints.arm_url.clone();
        next.set_path(&call.path);
        let version = call.parameter("api-version").unwrap_or_default();
        next.query_pairs_mut().append_pair("api-version", version).append_pair("$skiptoken", &end.to_string());
        body["nextLink"] = json!(next.as_str());
    }
    json(StatusCode::OK, &body)
}

fn not_found(segments: &[&str]) -> Reply {
    let message = format!("The Resource '/{}' was not found.", segments.join("/"));
    azure_error(StatusCode::NOT_FOUND, "ResourceNotFound", &message)
}
