//! One list call: authentication, the tenant's budget of calls, failures in words.

use serde_json::json;
use serde_json::value::RawValue;
use url::Url;

use super::answer::ListAnswer;
use super::filters::clock_name;
use super::scan::{ListRequest, Lists, Scan};
use crate::azure::{Credential, HeldSecret};
use crate::config::settings;
use crate::http::{Client, Failure, Next, Request, RequestBudget};
use crate::secret::Secret;
use crate::sources::{Page, Window};

/// Talks to the activities API of one tenant.
#[derive(Debug, Clone)]
pub struct DefenderClient {
    http: Client,
    budget: RequestBudget,
    activities: Url,
    authentication: Authentication,
}

/// How calls are authenticated.
#[derive(Debug, Clone)]
pub enum Authentication {
    /// `Authorization: Token …`, made in the portal; carries its owner's rights.
    LegacyToken(HeldSecret),
    /// `Authorization: Bearer …` of an Entra application.
    Application {
        /// Where tokens come from.
        credential: Credential,
        /// For which scope.
        scope: String,
    },
}

impl DefenderClient {
    /// A client for the API at `url`, which ends in `/api/v1/`.
    ///
    /// # Errors
    /// If the address cannot be extended.
    pub fn new(http: Client, settings: &settings::Defender, authentication: Authentication) -> Result<Self, Failure> {
        let activities = settings
            .url
            .join("activities/")
            .map_err(|error| Failure::stop(format!("tenant.defender.url {} cannot be used: {error}", settings.url)))?;
        Ok(Self { http, budget: RequestBudget::new(settings.requests_per_minute_max), activities, authentication })
    }

    /// Begins to read a window.
    pub fn scan(&self, settings: &settings::Defender, window: Window) -> DefenderScan {
        DefenderScan(Scan::over(self.clone(), settings, window))
    }

    async fn send(&self, request: &Request) -> Result<ListAnswer, Failure> {
        self.http
            .attempt(Some(&self.budget), || async {
                // Reading belongs to the attempt: an answer cut off in the middle is asked for again.
                ListAnswer::read(&self.http.exchange(request).await?.accepted()?)
            })
            .await
    }

    fn explained(&self, failure: Failure) -> Failure {
        let host = crate::http::host_and_port(&self.activities);
        let remedy = match (&failure.next, &self.authentication) {
            (Next::Unauthorized, Authentication::LegacyToken(_)) => {
                "refuses the API token: it was revoked, or its owner has left; make a new one in the Defender portal (Settings, \
                 Cloud Apps, API tokens) and store it where tenant.defender.token points"
            }
            (Next::Unauthorized, Authentication::Application { .. }) => {
                "refuses the application's token even after a renewal; check that tenant.defender.url and tenant_id belong to \
                 the same tenant"
            }
            (Next::Forbidden, Authentication::LegacyToken(_)) => {
                "does not let this API token read activities; its owner needs at least the role Security Reader"
            }
            (Next::Forbidden, Authentication::Application { .. }) => {
                "does not let this application read activities; grant it the application role Investigation.read of \
                 \"Microsoft Cloud App Security\" and consent to it"
            }
            _ => return failure.while_doing("reading activities from Defender"),
        };
        let why = format!("Defender at {host} {remedy}. {}", failure.why);
        failure.in_words(why)
    }
}

impl Lists for DefenderClient {
    async fn list(&self, request: &ListRequest) -> Result<ListAnswer, Failure> {
        let call = |token: &Secret, scheme: &str| {
            Request::post_json(self.activities.clone(), body(request)).authorization(scheme, token)
        };
        let result = match &self.authentication {
            Authentication::LegacyToken(held) => {
                let token = held.get().await?;
                match self.send(&call(&token, "Token")).await {
                    Err(failure) if failure.next == Next::Unauthorized => match held.replacement(&token).await {
                        Some(token) => self.send(&call(&token, "Token")).await,
                        None => Err(failure),
                    },
                    result => result,
                }
            }
            Authentication::Application { credential, scope } => {
                let token = credential.token(scope).await?;
                match self.send(&call(&token, "Bearer")).await {
                    Err(Failure { next: Next::Unauthorized, .. }) => {
                        let token = credential.renew(scope, &token).await?;
                        self.send(&call(&token, "Bearer")).await
                    }
                    result => result,
                }
            }
        };
        result.map_err(|failure| self.explained(failure))
    }
}

fn body(request: &ListRequest) -> Vec<u8> {
    // The filters are our own text or the service's own JSON; they go out byte for byte as they are.
    let filters = RawValue::from_string(request.filters.clone()).unwrap_or_default();
    let rest = json!({
        "isScan": true,
        "sortField": clock_name(request.order),
        "sortDirection": "asc",
        "limit": request.page_records,
    });
    format!("{{\"filters\":{filters},{}", &rest.to_string()[1..]).into_bytes()
}

/// A window of activities being read.
#[derive(Debug)]
pub struct DefenderScan(Scan<DefenderClient>);

impl DefenderScan {
    /// The next page; `None` when the window has been read.
    ///
    /// # Errors
    /// The service's refusal, in words.
    pub async fn next(&mut self) -> Result<Option<Page>, Failure> {
        self.0.next().await
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
