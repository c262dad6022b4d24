//! What `init` wrote as an example and nobody has replaced: to collect with it would fail somewhere far from the reason.

use super::settings::{AssignedIdentity, Identity, Settings, Sink, Tenant};
use super::{EXAMPLE, parse};

/// The id that stands for any id in the example.
const ID: &str = "11111111-2222-3333-4444-555555555555";
const RULE: &str = "dcr-00000000000000000000000000000000";
const ENDPOINT: &str = "contoso-abcd.westeurope-1.ingest.monitor.azure.com";

/// The keys that still hold what the example holds, in the order of the file.
pub fn placeholders(settings: &Settings) -> Vec<String> {
    let example = parse(EXAMPLE, std::path::PathBuf::new()).ok();
    let example = example.as_ref().and_then(|settings| settings.tenants.first());
    let mut keys: Vec<String> = of_identity("identity", settings.identity.as_ref());
    for tenant in &settings.tenants {
        // With several tenants the key alone would not tell which.
        let of = if settings.tenants.len() > 1 { format!(" (of {})", tenant.name) } else { String::new() };
        keys.extend(of_tenant(tenant, example).into_iter().map(|key| format!("{key}{of}")));
    }
    keys
}

fn of_tenant(tenant: &Tenant, example: Option<&Tenant>) -> Vec<String> {
    let mut keys = Vec::new();
    let mut add = |is_placeholder: bool, key: &str| {
        if is_placeholder {
            keys.push(key.to_owned());
        }
    };
    add(tenant.tenant_id == ID, "tenant.tenant_id");
    add(example.is_some_and(|example| tenant.internal_domains == example.internal_domains), "tenant.internal_domains");
    let url = |tenant: &Tenant| tenant.defender.as_ref().map(|defender| defender.url.clone());
    add(example.is_some_and(|example| url(example).is_some() && url(tenant) == url(example)), "tenant.defender.url");
    for sink in &tenant.sinks {
        if let Sink::LogsIngestion(sink) = sink {
            add(sink.endpoint.host_str() == Some(ENDPOINT), "tenant.sink.logs_ingestion.endpoint");
            add(sink.dcr_immutable_id == RULE, "tenant.sink.logs_ingestion.dcr_immutable_id");
        }
    }
    keys.extend(of_identity("tenant.identity", tenant.identity.as_ref()));
    keys
}

fn of_identity(table: &str, identity: Option<&Identity>) -> Vec<String> {
    let (tenant_id, client_id) = match identity {
        Some(
            Identity::ClientSecret { tenant_id, client_id, .. }
            | Identity::ClientCertificate { tenant_id, client_id, .. },
        ) => (Some(tenant_id), Some(client_id)),
        Some(Identity::WorkloadIdentity { tenant_id, client_id, .. }) => (tenant_id.as_ref(), client_id.as_ref()),
        Some(Identity::ManagedIdentity { assigned }) => (None, assigned.as_ref().and_then(AssignedIdentity::client_id)),
        Some(Identity::AzureCli { tenant_id }) => (tenant_id.as_ref(), None),
        // All links are read from one table: what one says of a key, it says for all.
        Some(Identity::Chain(links)) => {
            let mut keys: Vec<String> = links.iter().flat_map(|link| of_identity(table, Some(link))).collect();
            keys.sort();
            keys.dedup();
            return keys;
        }
        None => (None, None),
    };
    let held = [(tenant_id, "tenant_id"), (client_id, "client_id")];
    held.into_iter().filter(|(id, _)| id.is_some_and(|id| id == ID)).map(|(_, key)| format!("{table}.{key}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        placeholders(&parse(text, std::path::PathBuf::new()).unwrap())
    }

    #[test]
    fn what_the_example_holds_is_found_until_it_is_replaced() {
        assert_eq!(found(EXAMPLE), ["tenant.tenant_id", "tenant.internal_domains", "tenant.defender.url"]);
        let ours = EXAMPLE
            .replace(ID, "22222222-2222-3333-4444-555555555555")
            .replace("contoso.com", "fabrikam.example")
            .replace("contoso.eu", "fabrikam.eu");
        assert_eq!(found(&ours), [""; 0]);
    }
}
