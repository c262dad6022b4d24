//! Defender for Cloud Apps: that its address is that of the API, that activities may be read, and that the event types exist.

use super::{Finding, Patient};
use crate::config::settings::{Defender, DefenderCredential, Selection};
use crate::sources::Window;
use crate::sources::defender::{Authentication, DefenderClient, unknown_types};

const TOPIC: &str = "defender";
const WHAT: &str = "activities of Defender for Cloud Apps";

/// How much of the latest time is read to see that it can be.
const LOOK_MS: i64 = 600_000;

pub(super) async fn check(patient: &Patient<'_>) -> Vec<Finding> {
    let Some(settings) = &patient.tenant.defender else { return Vec::new() };
    if let Some(why) = patient.reach.down(&settings.url) {
        return vec![Finding::not_checked(TOPIC, WHAT, why)];
    }
    let authentication = match &settings.credential {
        DefenderCredential::LegacyToken(reference) => {
            if let Err(failure) = patient.secrets.resolve(reference).await {
                return vec![Finding::not_checked(TOPIC, WHAT, failure.why)];
            }
            Authentication::LegacyToken(patient.secrets.hold(reference))
        }
        DefenderCredential::Application => {
            let scope = patient.settings.cloud.defender_scope.clone();
            if let Err(finding) = patient.has_token(&scope, TOPIC, WHAT).await {
                return vec![finding];
            }
            match patient.credential(TOPIC, WHAT) {
                Ok(credential) => Authentication::Application { credential: credential.clone(), scope },
                Err(finding) => return vec![finding],
            }
        }
    };
    let client = DefenderClient::new(patient.http.clone(), settings, authentication);
    let mut findings = vec![readable(patient, settings, &client).await];
    if let Selection::EventTypes(wanted) = &settings.select {
        findings.push(known(&client, wanted).await);
    }
    findings
}

async fn readable(patient: &Patient<'_>, settings: &Defender, client: &DefenderClient) -> Finding {
    let now = trail::TimeMs(patient.http.clock().now().as_millisecond());
    let window = Window { from: trail::TimeMs(now.millis() - LOOK_MS), to: now };
    match client.scan(settings, window).next().await {
        Ok(_) => Finding::fine(TOPIC, format!("{WHAT} can be read")),
        Err(failure) => Finding::failed(TOPIC, format!("{WHAT} cannot be read")).because(failure.why).remedy(
            "tenant.defender.url is the API URL of this tenant and region, as the Defender portal shows it (Settings, Cloud \
             Apps, About); the right that is needed stands in the reason",
        ),
    }
}

/// A category that does not exist selects nothing, and nobody would notice.
async fn known(client: &DefenderClient, wanted: &[String]) -> Finding {
    match client.event_types().await {
        Ok(known) => match unknown_types(wanted, &known) {
            None => Finding::fine(TOPIC, "the configured event types have been seen in this tenant"),
            Some(sentence) => {
                Finding::warning(TOPIC, sentence).remedy("check the spelling of tenant.defender.event_types")
            }
        },
        // It is the portal's list, not promised to us; nothing else depends on it.
        Err(failure) => Finding::not_checked(TOPIC, "whether the configured event types exist", failure.why),
    }
}
