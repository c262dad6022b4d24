//! Tokens: that they can be had, are for the service that they are meant for, and bear the roles that are needed.
//!
//! A token of Entra ID for one of these services is a JWT, whose `aud` and `roles` say so. It is looked into for advice only;
//! one that cannot be read is no failure, because its form is the service's own affair.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::{Finding, Patient};
use crate::config::settings::{Cloud, DefenderCredential, Sink, Tenant};
use crate::secret::Secret;

const TOPIC: &str = "token";

/// A service that is asked with a token, and what has to be granted there.
struct Need<'a> {
    service: &'static str,
    scope: &'a str,
    /// Application roles, each with those that stand for it too. Roles of Azure are not in a token.
    roles: Vec<&'static [&'static str]>,
}

#[derive(Debug, Default, Deserialize)]
struct Claims {
    #[serde(default)]
    roles: BTreeSet<String>,
}

pub(super) async fn check(patient: &Patient<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for need in needs(&patient.settings.cloud, patient.tenant) {
        findings.push(one(patient, &need).await);
    }
    findings
}

async fn one(patient: &Patient<'_>, need: &Need<'_>) -> Finding {
    let what = format!("a token for {}", need.service);
    let credential = match patient.credential(TOPIC, &what) {
        Ok(credential) => credential,
        Err(finding) => return finding,
    };
    let token = match credential.token(need.scope).await {
        Ok(token) => token,
        Err(failure) => return Finding::failed(TOPIC, format!("{what} cannot be had")).because(failure.why),
    };
    let Some(claims) = claims(&token) else {
        return Finding::fine(TOPIC, format!("{what} can be had; what it grants cannot be read from it"));
    };
    let missing: Vec<&str> = need
        .roles
        .iter()
        .filter(|any| !any.iter().any(|role| claims.roles.contains(*role)))
        .filter_map(|any| any.first().copied())
        .collect();
    if missing.is_empty() {
        return Finding::fine(TOPIC, format!("{what} can be had, with the roles that are needed"));
    }
    let missing = missing.join(", ");
    Finding::failed(TOPIC, format!("{what} can be had, but not with the application role {missing}"))
        .because(format!("{} has not been granted it, or nobody has consented to it yet", credential.who()))
        .remedy(format!(
            "Entra ID: App registrations, API permissions, add {missing} of {} as an application permission and grant \
             administrator consent; a new role takes some minutes, and a token lives for about an hour",
            need.service
        ))
}

fn claims(token: &Secret) -> Option<Claims> {
    let payload = token.expose().split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?).ok()
}

fn needs<'a>(cloud: &'a Cloud, tenant: &'a Tenant) -> Vec<Need<'a>> {
    let mut needs = Vec::new();
    if let Some(audit) = &tenant.audit {
        let roles: Vec<&'static [&'static str]> = vec![&["ActivityFeed.Read"]];
        needs.push(Need { service: "Office 365 Management APIs", scope: &audit.scope, roles });
    }
    if matches!(&tenant.defender, Some(defender) if matches!(defender.credential, DefenderCredential::Application)) {
        let roles: Vec<&'static [&'static str]> = vec![&["Investigation.read", "Investigation.manage"]];
        needs.push(Need { service: "Microsoft Cloud App Security", scope: &cloud.defender_scope, roles });
    }
    let mut graph: Vec<&'static [&'static str]> = Vec::new();
    if tenant.hunting.is_some() {
        graph.push(&["ThreatHunting.Read.All"]);
    }
    if tenant.graph.is_some() {
        graph.push(&["AuditLogsQuery.Read.All", "AuditLogsQuery-SharePoint.Read.All"]);
        graph.push(&["AuditLogsQuery.Read.All", "AuditLogsQuery-OneDrive.Read.All"]);
    }
    if let Some(directory) = &tenant.directory {
        if directory.labels {
            graph.push(&["InformationProtectionPolicy.Read.All"]);
        }
        if directory.domains {
            graph.push(&["Domain.Read.All", "Directory.Read.All"]);
        }
    }
    if !graph.is_empty() {
        needs.push(Need { service: "Microsoft Graph", scope: &cloud.graph_scope, roles: graph });
    }
    if tenant.sinks.iter().any(|sink| matches!(sink, Sink::LogsIngestion(_))) {
        needs.push(Need { service: "Azure Monitor", scope: &cloud.ingestion_scope, roles: Vec::new() });
    }
    needs
}
