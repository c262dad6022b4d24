//! Calls to Microsoft Graph: with a token, in the version of the API that answers, and never to another host.

use std::sync::atomic::{AtomicBool, Ordering};

use url::Url;

use crate::azure::{Bearer, Credential};
use crate::config::settings::{Cloud, GraphApi};
use crate::http::{Answer, Client, Clock, Failure, Next, Request, RequestBudget, host_and_port, same_service};

/// Talks to Graph as one application.
#[derive(Debug)]
pub struct GraphClient {
    bearer: Bearer,
    root: Url,
    clock: Clock,
    /// Whether `beta` is what answered last (else `v1.0`). The audit-log queries were in both, then in one.
    is_beta: AtomicBool,
}

/// What a call is for, and which application role allows it: what a person must be told when it is refused.
#[derive(Debug, Clone, Copy)]
pub(in crate::sources) struct Purpose {
    /// To follow "may not" and "while".
    pub(in crate::sources) what: &'static str,
    /// The role, or the roles.
    pub(in crate::sources) role: &'static str,
}

impl GraphClient {
    /// Calls with tokens of `credential`, first to the version `api`.
    pub fn new(client: &Client, cloud: &Cloud, credential: &Credential, api: GraphApi) -> Self {
        Self {
            bearer: Bearer::new(client, credential, &cloud.graph_scope),
            root: cloud.graph.clone(),
            clock: client.clock().clone(),
            is_beta: AtomicBool::new(api == GraphApi::Beta),
        }
    }

    /// Time and pauses.
    pub(in crate::sources) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Sends what `request` makes of an address: that of `path` in the version that answered last, and where there is no
    /// such thing (404), in the other one.
    ///
    /// # Errors
    /// The failure, in words; `NotFound` when neither version knows it.
    pub(in crate::sources) async fn send(
        &self,
        path: &[&str],
        request: impl Fn(Url) -> Request,
        purpose: Purpose,
    ) -> Result<Answer, Failure> {
        let is_beta = self.is_beta.load(Ordering::Relaxed);
        let first = self.send_to(&request(self.url(is_beta, path)), None, purpose).await;
        match first {
            Err(failure) if failure.next == Next::NotFound => {
                let other = self.send_to(&request(self.url(!is_beta, path)), None, purpose).await;
                match other {
                    Err(other) if other.next == Next::NotFound => Err(failure),
                    Ok(answer) => {
                        self.is_beta.store(!is_beta, Ordering::Relaxed);
                        tracing::info!(
                            api = if is_beta { "v1.0" } else { "beta" },
                            "{} is not offered where it was looked for first ({failure})",
                            purpose.what
                        );
                        Ok(answer)
                    }
                    other => other,
                }
            }
            first => first,
        }
    }

    /// Sends to a full address of this Graph, within a budget of calls.
    ///
    /// # Errors
    /// The failure, in words.
    pub(in crate::sources) async fn send_to(
        &self,
        request: &Request,
        budget: Option<&RequestBudget>,
        purpose: Purpose,
    ) -> Result<Answer, Failure> {
        self.bearer.send(request, budget).await.map_err(|failure| self.explained(failure, purpose))
    }

    /// The address of `path` in the version that answered last.
    pub(in crate::sources) fn current_url(&self, path: &[&str]) -> Url {
        self.url(self.is_beta.load(Ordering::Relaxed), path)
    }

    fn url(&self, is_beta: bool, path: &[&str]) -> Url {
        let mut url = self.root.clone();
        // An http address can be a base; the check of the configuration lets no other through.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push(if is_beta { "beta" } else { "v1.0" }).extend(path);
        }
        url
    }

    /// The address of a next page, as the service gave it. Another host would be handed our token.
    ///
    /// # Errors
    /// `Stop` when it leads elsewhere or is no address.
    pub(in crate::sources) fn next_page(&self, link: &str) -> Result<Url, Failure> {
        let ours = host_and_port(&self.root);
        match Url::parse(link) {
            Ok(url) if same_service(&self.root, &url) => Ok(url),
            Ok(url) => Err(Failure::stop(format!(
                "Graph at {ours} names a next page at another service, {}, which would be handed our token; it was not asked. \
                 Check cloud.graph, and who answers for that address",
                host_and_port(&url)
            ))),
            Err(error) => Err(Failure::stop(format!("Graph at {ours} names a next page that is no address: {error}"))),
        }
    }

    fn explained(&self, failure: Failure, purpose: Purpose) -> Failure {
        let Purpose { what, role } = purpose;
        match failure.next {
            Next::Forbidden => {
                let why = format!(
                    "{} may not {what}; grant it the application role {role} of Microsoft Graph and consent to it. {}",
                    self.bearer.who(),
                    failure.why
                );
                failure.in_words(why)
            }
            Next::Unauthorized => {
                let why = format!(
                    "Graph refuses the token of {} even after a renewal; check that tenant_id and cloud.graph_scope fit \
                     together. {}",
                    self.bearer.who(),
                    failure.why
                );
                failure.in_words(why)
            }
            _ => failure.while_doing(format!("trying to {what}")),
        }
    }
}
