//! The audit feed: that it may be read, that auditing is on, and what is subscribed.

use super::{Finding, Patient};
use crate::config::settings::Audit;
use crate::sources::audit::AuditClient;

const TOPIC: &str = "audit feed";
const WHAT: &str = "the audit feed";

pub(super) async fn check(patient: &Patient<'_>) -> Vec<Finding> {
    let Some(audit) = &patient.tenant.audit else { return Vec::new() };
    if let Some(why) = patient.reach.down(&audit.url) {
        return vec![Finding::not_checked(TOPIC, WHAT, why)];
    }
    if let Err(finding) = patient.has_token(&audit.scope, TOPIC, WHAT).await {
        return vec![finding];
    }
    subscribed(patient, audit).await.unwrap_or_else(|finding| vec![finding])
}

async fn subscribed(patient: &Patient<'_>, audit: &Audit) -> Result<Vec<Finding>, Finding> {
    let refused = |failure: crate::http::Failure| {
        Finding::failed(TOPIC, format!("{WHAT} cannot be read"))
            .because(failure.why)
            .remedy("what the reason asks for; then wait some minutes and run `doctor` again")
    };
    let credential = patient.credential(TOPIC, WHAT)?.clone();
    let client =
        AuditClient::new(patient.http.clone(), audit, &patient.tenant.tenant_id, credential).map_err(refused)?;
    let enabled = client.subscriptions().await.map_err(refused)?;
    let finding = |content_type: &crate::config::settings::ContentType| {
        let name = content_type.name();
        if enabled.contains(content_type) {
            return Finding::fine(TOPIC, format!("{name} is subscribed"));
        }
        let not = Finding::warning(TOPIC, format!("{name} is not subscribed, so the service makes no content of it"));
        if audit.start_subscriptions {
            not.remedy("the next `collect` starts it; its first content may take hours")
        } else {
            not.because("start_subscriptions = false forbids `collect` to start it")
                .remedy("allow it, or start it by other means")
        }
    };
    Ok(audit.content_types.iter().map(finding).collect())
}
