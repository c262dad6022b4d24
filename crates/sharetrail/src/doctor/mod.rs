//! `doctor`: is everything that a pass needs there? Looks and writes nothing, neither to a service nor to a store.
//!
//! One file a topic, each a list of findings; no check ends another. What rests on something that failed is told as not
//! checked, with the reason, so that the first failure is the one to look at. At most `AT_ONCE_MAX` checks run at one
//! time, each bounded by `CHECK_SECONDS_MAX` and by the configured limits of calls, with fewer attempts.

mod audit;
mod columns;
mod configuration;
mod defender;
mod delivery;
mod directory;
mod finding;
mod reach;
mod secrets;
mod store;
mod token;

use std::path::PathBuf;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::LocalBoxFuture;

pub use configuration::check as configuration;
pub use finding::{Finding, Verdict};

use crate::azure::{Credential, SecretResolver};
use crate::config::settings::{HttpSettings, Settings, Tenant};
use crate::http::{Client, Failure};
use reach::Reach;

/// Checks that run at one time.
const AT_ONCE_MAX: usize = 4;

/// How long one check may take.
const CHECK_SECONDS_MAX: u64 = 60;

/// What the checks of one tenant share.
struct Patient<'a> {
    settings: &'a Settings,
    tenant: &'a Tenant,
    http: &'a Client,
    secrets: &'a SecretResolver,
    /// Who reads and delivers for the tenant.
    credential: Result<Credential, Failure>,
    reach: &'a Reach,
}

/// Every finding under a configuration that can be read. `stores` are those of the tenants, in their order.
///
/// # Errors
/// No HTTP client can be made, for want of a file of roots.
pub async fn examine(settings: &Settings, stores: &[PathBuf]) -> Result<Vec<Finding>, Failure> {
    let http = Client::new(&brief(&settings.http))?;
    let mut findings = Vec::new();
    for (tenant, path) in settings.tenants.iter().zip(stores) {
        findings.extend(store::check(&tenant.name, path).into_iter().map(|finding| finding.of(&tenant.name)));
    }
    let reach = Reach::of(settings, &http, AT_ONCE_MAX).await;
    findings.extend(reach.findings());
    let secrets = match SecretResolver::new(&http, &settings.cloud, settings.identity.as_ref()).await {
        Ok(secrets) => secrets,
        Err(failure) => {
            findings.push(
                Finding::failed("secrets", "what [identity] proves itself with cannot be read")
                    .because(failure.why)
                    .remedy("put it where [identity] says that it is; nothing else was asked without it"),
            );
            return Ok(findings);
        }
    };
    findings.extend(secrets::check(settings, &secrets, &reach).await);
    for tenant in &settings.tenants {
        let credential = secrets.credential(tenant.identity.as_ref());
        let patient = Patient { settings, tenant, http: &http, secrets: &secrets, credential, reach: &reach };
        findings.extend(patient.examine().await.into_iter().map(|finding| finding.of(&tenant.name)));
    }
    Ok(findings)
}

impl Patient<'_> {
    async fn examine(&self) -> Vec<Finding> {
        let checks: Vec<(&'static str, LocalBoxFuture<'_, Vec<Finding>>)> = vec![
            ("token", Box::pin(token::check(self))),
            ("audit feed", Box::pin(audit::check(self))),
            ("defender", Box::pin(defender::check(self))),
            ("directory", Box::pin(directory::check(self))),
            ("delivery", Box::pin(delivery::check(self))),
        ];
        let bounded = checks.into_iter().map(|(topic, check)| async move {
            let limit = Duration::from_secs(CHECK_SECONDS_MAX);
            tokio::time::timeout(limit, check).await.unwrap_or_else(|_| {
                let what = format!("no answer within {CHECK_SECONDS_MAX} s");
                vec![Finding::failed(topic, what).remedy("try again; if it stays so, look at the network in between")]
            })
        });
        let findings: Vec<Vec<Finding>> = futures_util::stream::iter(bounded).buffered(AT_ONCE_MAX).collect().await;
        findings.concat()
    }

    /// The credential, or the finding that says why a check of `topic` cannot be made.
    fn credential(&self, topic: &'static str, what: &str) -> Result<&Credential, Finding> {
        self.credential.as_ref().map_err(|failure| Finding::not_checked(topic, what, failure.why.clone()))
    }

    /// Nothing when a token for `scope` can be had, else why a check of `topic` cannot be made.
    async fn has_token(&self, scope: &str, topic: &'static str, what: &str) -> Result<(), Finding> {
        let credential = self.credential(topic, what)?;
        match credential.token(scope).await {
            Ok(_) => Ok(()),
            Err(failure) => {
                Err(Finding::not_checked(topic, what, format!("there is no token for it: {}", failure.why)))
            }
        }
    }
}

/// A person waits: fewer attempts and shorter waits than a pass takes.
fn brief(settings: &HttpSettings) -> HttpSettings {
    HttpSettings {
        attempts_max: settings.attempts_max.min(2),
        request_timeout_ms: settings.request_timeout_ms.min(20_000),
        retry_delay_ms_max: settings.retry_delay_ms_max.min(2_000),
        retry_after_seconds_max: settings.retry_after_seconds_max.min(10),
        ..settings.clone()
    }
}
