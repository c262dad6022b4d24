//! Secrets: that every reference leads to one.

use super::{Finding, reach::Reach};
use crate::azure::{SecretResolver, reference_name};
use crate::config::settings::{DefenderCredential, Identity, SecretRef, Settings, Sink};

const TOPIC: &str = "secrets";

pub(super) async fn check(settings: &Settings, secrets: &SecretResolver, reach: &Reach) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (tenant, reference) in references(settings) {
        let name = reference_name(reference);
        let down = match reference {
            SecretRef::KeyVault(url) => reach.down(url).or_else(|| reach.down(&settings.cloud.authority)),
            SecretRef::Env(_) | SecretRef::File(_) => None,
        };
        let finding = match down {
            Some(why) => Finding::not_checked(TOPIC, name, why),
            None => match secrets.resolve(reference).await {
                Ok(_) => Finding::fine(TOPIC, format!("{name} can be read")),
                Err(failure) => Finding::failed(TOPIC, format!("{name} cannot be read"))
                    .because(failure.why)
                    .remedy("store the secret there; a vault wants the role Key Vault Secrets User for the identity of [identity]"),
            },
        };
        findings.push(match tenant {
            Some(tenant) => finding.of(tenant),
            None => finding,
        });
    }
    findings
}

/// Every reference with whose it is.
fn references(settings: &Settings) -> Vec<(Option<&str>, &SecretRef)> {
    let mut found = Vec::new();
    if let Some(Identity::ClientSecret { client_secret, .. }) = &settings.identity {
        found.push((None, client_secret));
    }
    for tenant in &settings.tenants {
        let name = Some(tenant.name.as_str());
        if let Some(Identity::ClientSecret { client_secret, .. }) = &tenant.identity {
            found.push((name, client_secret));
        }
        if let Some(DefenderCredential::LegacyToken(token)) =
            tenant.defender.as_ref().map(|defender| &defender.credential)
        {
            found.push((name, token));
        }
        for sink in &tenant.sinks {
            if let Sink::DataCollector(sink) = sink {
                found.extend(sink.shared_key.iter().map(|key| (name, key)));
            }
        }
    }
    found
}
