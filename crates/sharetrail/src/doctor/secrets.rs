//! Secrets: that every reference leads to one.

use super::{Finding, reach::Reach};
use crate::azure::{SecretResolver, reference_name};
use crate::config::settings::{NamedSecret, SecretRef, Settings};

const TOPIC: &str = "secrets";

pub(super) async fn check(settings: &Settings, secrets: &SecretResolver, reach: &Reach) -> Vec<Finding> {
    let mut findings = Vec::new();
    for NamedSecret { tenant, reference, is_needed } in settings.secrets() {
        let name = reference_name(reference);
        let down = match reference {
            SecretRef::KeyVault(url) => reach.down(url).or_else(|| reach.down(&settings.cloud.authority)),
            SecretRef::Env(_) | SecretRef::File(_) => None,
        };
        let finding = match down {
            Some(why) => Finding::not_checked(TOPIC, name, why),
            None => match secrets.resolve(reference).await {
                Ok(_) => Finding::fine(TOPIC, format!("{name} can be read")),
                Err(failure) if !is_needed => {
                    Finding::warning(TOPIC, format!("{name} cannot be read, so the chain does without that link"))
                        .because(failure.why)
                        .remedy("store the secret there, or leave the link out of the chain")
                }
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
