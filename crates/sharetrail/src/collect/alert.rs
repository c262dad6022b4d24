//! Alerts of a pass: rules are looked at when conclusions are drawn, then webhooks are told. A webhook that fails keeps what
//! waits for it, and holds up neither the others nor the pass.

use tracing::Instrument as _;

use super::{CollectError, Pass, feeds_of};
use crate::alerts::message::Message;
use crate::alerts::webhook::OpenWebhook;
use crate::config::settings::{Alerts, Webhook};
use crate::progress::Progress;
use crate::store::{Judging, Notice, NoticeKind, StoreThread};

/// Findings in one message: what a card has room for.
const FINDINGS_A_MESSAGE: usize = 10;
/// Messages that a pass sends to one webhook at most; what is left waits for the next one.
const MESSAGES_A_PASS: usize = 20;

/// What became of the alerts of a pass.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertSummary {
    /// New findings.
    pub found: u64,
    /// The webhooks.
    pub webhooks: Vec<WebhookSummary>,
}

/// What became of the messages to one webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSummary {
    /// Which.
    pub webhook: String,
    /// Messages that it took.
    pub messages: u64,
    /// Why it took no more, in words.
    pub failure: Option<String>,
}

impl Alerts {
    fn judging(&self) -> Judging {
        let webhooks = self.webhooks.iter().map(|webhook| (webhook.name.clone(), webhook.severity_min)).collect();
        Judging {
            rules: self.rules.clone(),
            webhooks,
            suppress_ms: self.suppress_ms,
            told_within_ms: self.told_within_ms,
        }
    }
}

impl Pass<'_> {
    /// Looks at the rules, then tells.
    pub(super) async fn alert(&self, store: &StoreThread) -> Result<AlertSummary, CollectError> {
        Ok(AlertSummary { found: self.judge(store).await?, webhooks: self.tell_webhooks(store).await? })
    }

    /// Tells every webhook what waits for it.
    pub(super) async fn tell_webhooks(&self, store: &StoreThread) -> Result<Vec<WebhookSummary>, CollectError> {
        let mut summaries = Vec::new();
        for webhook in &self.settings.alerts.webhooks {
            let span = tracing::info_span!("webhook", webhook = webhook.name);
            summaries.push(self.tell(store, webhook).instrument(span).await?);
        }
        Ok(summaries)
    }

    /// Judges what has changed since the last pass; tells how many findings are new.
    pub(super) async fn judge(&self, store: &StoreThread) -> Result<u64, CollectError> {
        if !store.call(|store| Ok(store.knows_inside())).await? {
            return Ok(0);
        }
        let alerts = &self.settings.alerts;
        let progress = Progress::count("steps of looking at the rules");
        let mut found = 0;
        while !self.is_over() {
            let (judging, now) = (alerts.judging(), self.now());
            let judged = store.call(move |store| store.judge(&judging, now)).await?;
            progress.inc(1);
            found += judged.found;
            if judged.is_done {
                break;
            }
        }
        let feeds: Vec<&'static str> =
            feeds_of(self.tenant).iter().filter(|feed| feed.has_lag).map(|feed| feed.name).collect();
        let (judging, now) = (alerts.judging(), self.now());
        found += store.call(move |store| store.judge_lag(&judging, &feeds, now)).await?;
        if alerts.digest {
            let webhooks: Vec<String> = alerts.webhooks.iter().map(|webhook| webhook.name.clone()).collect();
            store.call(move |store| store.queue_digest(&webhooks, now)).await?;
        }
        Ok(found)
    }

    /// Sends what waits for a webhook until nothing does, it fails, or the pass has sent enough.
    async fn tell(&self, store: &StoreThread, webhook: &Webhook) -> Result<WebhookSummary, CollectError> {
        let mut summary = WebhookSummary { webhook: webhook.name.clone(), messages: 0, failure: None };
        let mut open = None;
        for _ in 0..MESSAGES_A_PASS {
            let name = webhook.name.clone();
            let waiting = store.call(move |store| store.notices(&name, FINDINGS_A_MESSAGE)).await?;
            if waiting.is_empty() || self.is_over() {
                break;
            }
            if open.is_none() {
                match OpenWebhook::open(&self.http, self.secrets, webhook).await {
                    Ok(opened) => open = Some(opened),
                    Err(failure) => summary.failure = Some(failure.to_string()),
                }
            }
            let Some(opened) = &open else { break };
            let (message, ids) = self.next_message(waiting);
            if let Err(failure) = opened.post(&message).await {
                summary.failure = Some(failure.to_string());
                break;
            }
            let now = self.now();
            store.call(move |store| store.noticed(&ids, now)).await?;
            summary.messages += 1;
        }
        Ok(summary)
    }

    /// One message of the notices that stand first: findings up to a digest, or a digest; with their numbers.
    fn next_message(&self, waiting: Vec<Notice>) -> (Message, Vec<i64>) {
        let tenant = self.tenant.name.clone();
        let (mut ids, mut findings) = (Vec::new(), Vec::new());
        for notice in waiting {
            match notice.kind {
                NoticeKind::Finding(finding) => findings.push(*finding),
                NoticeKind::Digest(digest) if findings.is_empty() => {
                    return (Message::Digest { tenant, digest: *digest }, vec![notice.id]);
                }
                NoticeKind::Digest(_) => break,
            }
            ids.push(notice.id);
        }
        (Message::Findings { tenant, findings }, ids)
    }
}
