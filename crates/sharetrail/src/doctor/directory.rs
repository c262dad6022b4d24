//! What Graph tells of the tenant itself: labels and domains.

use std::collections::BTreeSet;

use super::{Finding, Patient};
use crate::config::settings::GraphApi;
use crate::sources::graph::GraphClient;

const TOPIC: &str = "directory";

pub(super) async fn check(patient: &Patient<'_>) -> Vec<Finding> {
    let Some(wanted) = &patient.tenant.directory else { return Vec::new() };
    let (what, cloud) = ("labels and domains of the tenant", &patient.settings.cloud);
    if let Some(why) = patient.reach.down(&cloud.graph) {
        return vec![Finding::not_checked(TOPIC, what, why)];
    }
    if let Err(finding) = patient.has_token(&cloud.graph_scope, TOPIC, what).await {
        return vec![finding];
    }
    let client = match patient.credential(TOPIC, what) {
        Ok(credential) => GraphClient::new(patient.http, cloud, credential, GraphApi::Beta),
        Err(finding) => return vec![finding],
    };
    let mut findings = Vec::new();
    if wanted.labels {
        findings.push(match client.labels().await {
            Ok(labels) if labels.is_empty() => Finding::warning(TOPIC, "Graph lists no sensitivity labels")
                .because("the tenant has none, or shows this application none")
                .remedy("if there are labels, name them in a labels_file"),
            Ok(labels) => Finding::fine(TOPIC, format!("Graph lists {} sensitivity labels", labels.len())),
            Err(failure) => Finding::failed(TOPIC, "sensitivity labels cannot be read")
                .because(failure.why)
                .remedy("grant the role, or set directory.labels = false and name a labels_file"),
        });
    }
    if wanted.domains {
        findings.push(match client.verified_domains().await {
            Ok(verified) => compared(&verified, &patient.tenant.internal_domains),
            Err(failure) => Finding::failed(TOPIC, "domains cannot be read")
                .because(failure.why)
                .remedy("grant the role, or set directory.domains = false and list them in internal_domains"),
        });
    }
    findings
}

fn compared(verified: &BTreeSet<String>, configured: &[String]) -> Finding {
    let foreign: Vec<&str> =
        configured.iter().filter(|domain| !verified.contains(*domain)).map(String::as_str).collect();
    if foreign.is_empty() {
        return Finding::fine(
            TOPIC,
            format!("the tenant has verified {}", verified.iter().cloned().collect::<Vec<_>>().join(", ")),
        );
    }
    Finding::warning(TOPIC, format!("in internal_domains and not verified in the directory: {}", foreign.join(", ")))
        .because("their people count as inside all the same")
        .remedy("domains of sister companies belong into trusted_domains")
}
