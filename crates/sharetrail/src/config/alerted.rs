//! Alerts as used.

use super::settings::SecretRef;
use crate::alerts::{Rules, Severity};

/// Rules, and who is told of what they find.
#[derive(Debug, Clone)]
pub struct Alerts {
    /// The rules in use.
    pub rules: Rules,
    /// For how long nobody is told again of findings of one rule that concern the same.
    pub suppress_ms: i64,
    /// What happened longer ago than this when it is found is listed and not told.
    pub told_within_ms: i64,
    /// Whether what is new of each week is sent.
    pub digest: bool,
    /// Where messages go.
    pub webhooks: Vec<Webhook>,
}

/// Where messages go.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Under which name the store keeps what waits for it.
    pub name: String,
    /// In which form.
    pub kind: WebhookKind,
    /// Where its address is kept.
    pub url: SecretRef,
    /// The least severity that it takes.
    pub severity_min: Severity,
}

/// In which form messages go.
#[derive(Debug, Clone)]
pub enum WebhookKind {
    /// An adaptive card, as workflows of Teams take it.
    Teams,
    /// A message of blocks, as incoming webhooks of Slack take it.
    Slack,
    /// JSON, signed where there is a secret.
    Json {
        /// Where the secret is kept.
        secret: Option<SecretRef>,
    },
}

impl Webhook {
    /// The secrets that it needs, each with its key.
    pub fn secrets(&self) -> impl Iterator<Item = (&'static str, &SecretRef)> {
        let secret = match &self.kind {
            WebhookKind::Json { secret } => secret.as_ref(),
            WebhookKind::Teams | WebhookKind::Slack => None,
        };
        std::iter::once(("url", &self.url)).chain(secret.map(|secret| ("secret", secret)))
    }
}
