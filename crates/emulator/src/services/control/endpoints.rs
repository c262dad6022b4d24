//! What a client has to know of the emulator, as a document: addresses, ids, and secrets that open nothing else.

use serde_json::{Value, json};

use crate::endpoints::{Application, Endpoints};

/// The document at `/_emulator/endpoints`.
pub(super) fn document(endpoints: &Endpoints) -> Value {
    let application = |of: &Application| json!({"client_id": of.client_id, "client_secret": of.client_secret.expose()});
    let Endpoints { managed_identity, workspace, scopes, .. } = endpoints;
    json!({
        "https": endpoints.https.as_str(),
        "http": endpoints.http.as_ref().map(url::Url::as_str),
        "ca_pem": endpoints.ca_pem,
        "tenant_id": endpoints.tenant_id,
        "applications": {
            "installation": application(&endpoints.installation),
            "tenant": application(&endpoints.tenant_application),
            "lapsed": application(&endpoints.lapsed_application),
        },
        "managed_identity": {
            "client_id": managed_identity.client_id,
            "object_id": managed_identity.object_id,
            "resource_id": managed_identity.resource_id,
            "identity_endpoint": managed_identity.identity_endpoint.as_ref().map(url::Url::as_str),
            "identity_header": managed_identity.identity_header.expose(),
        },
        "vault": {"url": endpoints.vault_url.as_str(), "secrets": endpoints.vault_secrets.keys().collect::<Vec<_>>()},
        "arm": endpoints.arm_url.as_str(),
        "defender": endpoints.defender_url.as_str(),
        "management": endpoints.management_url.as_str(),
        "graph": endpoints.graph_url.as_str(),
        "ingestion": {
            "endpoint": endpoints.ingestion_endpoint.as_str(),
            "dcr_immutable_id": endpoints.dcr_immutable_id,
            "dcr_resource_id": endpoints.dcr_resource_id,
            "streams": endpoints.streams,
        },
        "query": endpoints.query_url.as_str(),
        "data_collector": endpoints.data_collector_url.as_str(),
        "workspace": {
            "name": workspace.name,
            "id": workspace.id,
            "resource_group": workspace.resource_group,
            "subscription_id": workspace.subscription_id,
        },
        "scopes": {
            "defender": scopes.defender,
            "management": scopes.management,
            "graph": scopes.graph,
            "vault": scopes.vault,
            "arm": scopes.arm,
            "ingestion": scopes.ingestion,
            "query": scopes.query,
        },
    })
}
