//! Subscriptions: what is collected for the client at all.

use std::collections::BTreeMap;

use hyper::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::{Call, Reply, empty, json};
use crate::options::{ContentType, ManagementOptions};
use crate::services::management::errors::ManagementError;
use crate::world::{World, locked};

/// A subscription must not be started again within this time (Microsoft: "Start a subscription").
const START_PAUSE_MS: i64 = 15 * 60_000;

/// The subscriptions of the tenant; one that was never started is not here.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions(BTreeMap<ContentType, Subscription>);

#[derive(Debug)]
struct Subscription {
    state: State,
    /// When a client last asked to start it.
    started_ms: Option<i64>,
    /// Spans in which it was stopped, `[from, to)`: what was created then is lost for this API.
    away: Vec<(i64, i64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Enabled,
    /// Since when.
    Stopped(i64),
    /// By an administrator, not by a client.
    Disabled,
}

impl Subscriptions {
    pub(crate) fn new(options: &ManagementOptions) -> Subscriptions {
        let enabled = options.subscribed.iter().map(|content_type| (*content_type, State::Enabled));
        let disabled = options.disabled.iter().map(|content_type| (*content_type, State::Disabled));
        let new = |state| Subscription { state, started_ms: None, away: Vec::new() };
        Subscriptions(enabled.chain(disabled).map(|(content_type, state)| (content_type, new(state))).collect())
    }

    /// Whether content may be listed, and the spans whose content is lost.
    pub(crate) fn readable(&self, content_type: ContentType) -> Result<Vec<(i64, i64)>, ManagementError> {
        let subscription = self.0.get(&content_type).ok_or(ManagementError::NotSubscribed)?;
        match subscription.state {
            State::Enabled => Ok(subscription.away.clone()),
            State::Stopped(_) => Err(ManagementError::NotSubscribed),
            State::Disabled => Err(ManagementError::Disabled),
        }
    }

    /// Starts; says whether it was too early to ask again.
    fn start(&mut self, content_type: ContentType, now_ms: i64) -> (bool, Result<(), ManagementError>) {
        let new = Subscription { state: State::Stopped(now_ms), started_ms: None, away: Vec::new() };
        let known = self.0.contains_key(&content_type);
        let subscription = self.0.entry(content_type).or_insert(new);
        let early = subscription.started_ms.is_some_and(|at_ms| now_ms < at_ms + START_PAUSE_MS);
        subscription.started_ms = Some(now_ms);
        let before = std::mem::replace(&mut subscription.state, State::Enabled);
        match before {
            State::Enabled => return (early, Err(ManagementError::AlreadyEnabled)),
            State::Stopped(since_ms) if known => subscription.away.push((since_ms, now_ms)),
            State::Stopped(_) | State::Disabled => {}
        }
        (early, Ok(()))
    }

    fn stop(&mut self, content_type: ContentType, now_ms: i64) -> Result<(), ManagementError> {
        match self.0.get_mut(&content_type) {
            Some(subscription) if subscription.state == State::Enabled => {
                subscription.state = State::Stopped(now_ms);
                Ok(())
            }
            _ => Err(ManagementError::NotSubscribed),
        }
    }
}

/// The content type that a call names.
pub(crate) fn content_type(call: &Call) -> Result<ContentType, ManagementError> {
    let name = call.parameter("contentType").ok_or(ManagementError::Missing("contentType"))?;
    name.parse().map_err(|_| ManagementError::UnknownContentType)
}

pub(crate) fn start(world: &World, call: &Call) -> Result<Reply, ManagementError> {
    let content_type = content_type(call)?;
    if let Some(address) = webhook(call)? {
        return Err(ManagementError::WebhookNotValidated(address));
    }
    let service = &world.management;
    let (early, started) = locked(&service.subscriptions).start(content_type, world.clock.now_ms());
    let mut ledger = locked(&service.ledger);
    ledger.starts += 1;
    ledger.starts_too_early += u64::from(early);
    started?;
    Ok(json(StatusCode::OK, &described(content_type, Some("enabled"))))
}

pub(crate) fn stop(world: &World, call: &Call) -> Result<Reply, ManagementError> {
    locked(&world.management.subscriptions).stop(content_type(call)?, world.clock.now_ms())?;
    Ok(empty(StatusCode::OK))
}

pub(crate) fn list(world: &World) -> Reply {
    let with_status = !world.management.options.quirks.status_missing;
    let all: Vec<Value> = locked(&world.management.subscriptions)
        .0
        .iter()
        .map(|(content_type, subscription)| {
            let status = if subscription.state == State::Enabled { "enabled" } else { "disabled" };
            described(*content_type, with_status.then_some(status))
        })
        .collect();
    json(StatusCode::OK, &Value::Array(all))
}

fn described(content_type: ContentType, status: Option<&str>) -> Value {
    let mut description = json!({"contentType": content_type, "webhook": null});
    if let (Some(status), Value::Object(members)) = (status, &mut description) {
        members.insert("status".to_owned(), status.into());
    }
    description
}

/// The address of a webhook that is asked for. An empty body, or one that asks for none, is the usual case.
fn webhook(call: &Call) -> Result<Option<String>, ManagementError> {
    #[derive(Deserialize)]
    struct Wish {
        webhook: Option<Webhook>,
    }
    #[derive(Deserialize)]
    struct Webhook {
        address: String,
    }
    if call.body.trim_ascii().is_empty() {
        return Ok(None);
    }
    let wish: Wish = serde_json::from_slice(&call.body)
        .map_err(|_| ManagementError::WrongType { parameter: "webhook", expected: "Webhook" })?;
    Ok(wish.webhook.map(|webhook| webhook.address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_created_while_stopped_is_lost_and_a_first_start_loses_nothing() {
        let mut all = Subscriptions::default();
        let sharing = ContentType::SharePoint;
        assert_eq!(all.readable(sharing), Err(ManagementError::NotSubscribed));
        assert_eq!(all.start(sharing, 10), (false, Ok(())));
        assert_eq!(all.readable(sharing), Ok(vec![]));
        assert_eq!(all.stop(sharing, 20), Ok(()));
        assert_eq!(all.stop(sharing, 21), Err(ManagementError::NotSubscribed));
        assert_eq!(all.start(sharing, 30), (true, Ok(())));
        assert_eq!(all.readable(sharing), Ok(vec![(20, 30)]));
    }

    #[test]
    fn starting_again_is_an_error_that_means_success_and_is_early_for_a_quarter_of_an_hour() {
        let mut all = Subscriptions::default();
        let mut start = |at_ms| all.start(ContentType::General, at_ms);
        assert_eq!(start(0), (false, Ok(())));
        assert_eq!(start(START_PAUSE_MS - 1), (true, Err(ManagementError::AlreadyEnabled)));
        assert_eq!(start(2 * START_PAUSE_MS), (false, Err(ManagementError::AlreadyEnabled)));
    }
}
