//! One list call: authentication, the tenant's budget of calls, failures in words.

use serde_json::json;
use serde_json::value::RawValue;
use url::Url;

use super::answer::ListAnswer;
use super::archive::ArchiveScan;
use super::filters::clock_name;
use super::inventory::InventoryScan;
use super::scan::{ListRequest, Lists, Scan};
use crate::azure::{Credential, HeldSecret};
use crate::config::settings;
use crate::http::{Answer, Client, Failure, Next, Request, RequestBudget};
use crate::secret::Secret;
use crate::sources::{Page, Window};

/// Talks to the activities API of one tenant.
#[derive(Debug, Clone)]
pub struct DefenderClient {
    http: Client,
    budget: RequestBudget,
    root: Url,
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
    /// A client for the API at `settings.url`, which ends in `/api/v1/`.
    pub fn new(http: Client, settings: &settings::Defender, authentication: Authentication) -> Self {
        let budget = RequestBudget::new(settings.requests_per_minute_max);
        Self { http, budget, root: settings.url.clone(), authentication }
    }

    /// Begins to read a window.
    pub fn scan(&self, settings: &settings::Defender, window: Window) -> DefenderScan {
        DefenderScan(Scan::over(self.clone(), settings, window))
    }

    /// Begins to read a window of what is archived, by the time of the event.
    pub fn archive_scan(&self, settings: &settings::Defender, window: Window) -> ArchiveScan {
        ArchiveScan::over(self.clone(), settings, window)
    }

    /// Begins to read the inventory of shared files.
    pub fn inventory_scan(&self) -> InventoryScan {
        InventoryScan::over(self.clone())
    }

    async fn send<T>(&self, request: &Request, read: fn(&Answer) -> Result<T, Failure>) -> Result<T, Failure> {
        self.http
            .attempt(Some(&self.budget), || async {
                // Reading belongs to the attempt: an answer cut off in the middle is asked for again.
                read(&self.http.exchange(request).await?.accepted()?)
            })
            .await
    }

    /// Asks one of the lists of activities, `body` being JSON.
    pub(super) async fn ask(&self, route: Route, body: Vec<u8>) -> Result<ListAnswer, Failure> {
        self.signed(route, &Request::post_json(self.url(route)?, body), ListAnswer::read).await
    }

    /// The address of a list.
    pub(super) fn url(&self, route: Route) -> Result<Url, Failure> {
        self.root
            .join(route.path())
            .map_err(|error| Failure::stop(format!("tenant.defender.url {} cannot be used: {error}", self.root)))
    }

    /// Sends a request with the token; one that is refused is replaced once.
    pub(super) async fn signed<T>(
        &self,
        route: Route,
        request: &Request,
        read: fn(&Answer) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let call = |token: &Secret, scheme: &str| request.clone().authorization(scheme, token);
        let result = match &self.authentication {
            Authentication::LegacyToken(held) => {
                let token = held.get().await?;
                match self.send(&call(&token, "Token"), read).await {
                    Err(failure) if failure.next == Next::Unauthorized => match held.replacement(&token).await {
                        Some(token) => self.send(&call(&token, "Token"), read).await,
                        None => Err(failure),
                    },
                    result => result,
                }
            }
            Authentication::Application { credential, scope } => {
                let token = credential.token(scope).await?;
                match self.send(&call(&token, "Bearer"), read).await {
                    Err(Failure { next: Next::Unauthorized, .. }) => {
                        let token = credential.renew(scope, &token).await?;
                        self.send(&call(&token, "Bearer"), read).await
                    }
                    result => result,
                }
            }
        };
        result.map_err(|failure| self.explained(route, failure))
    }

    fn explained(&self, route: Route, failure: Failure) -> Failure {
        let host = crate::http::host_and_port(&self.root);
        let what = route.what();
        let remedy = match (&failure.next, &self.authentication) {
            (Next::Unauthorized, Authentication::LegacyToken(_)) => {
                "refuses the API token: it was revoked, or its owner has left; make a new one in the Defender portal (Settings, \
                 Cloud Apps, API tokens) and store it where tenant.defender.token points"
                    .to_owned()
            }
            (Next::Unauthorized, Authentication::Application { .. }) => {
                "refuses the application's token even after a renewal; check that tenant.defender.url and tenant_id belong to \
                 the same tenant"
                    .to_owned()
            }
            (Next::Forbidden, Authentication::LegacyToken(_)) => {
                format!("does not let this API token read {what}; its owner needs at least the role Security Reader")
            }
            (Next::Forbidden, Authentication::Application { .. }) => format!(
                "does not let this application read {what}; grant it the application role Investigation.read of \"Microsoft \
                 Cloud App Security\" and consent to it"
            ),
            _ => return failure.while_doing(format!("reading {what} from Defender")),
        };
        let why = format!("Defender at {host} {remedy}. {}", failure.why);
        failure.in_words(why)
    }
}

/// A list of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// The last 30 days.
    Activities,
    /// What is older.
    Archive,
    /// Files as they are shared.
    Files,
    /// The portal's completion list of activity types. The address in clients stands below `/cas/api/v1/`, which is an
    /// alias of this root.
    EventTypes,
}

impl Route {
    fn path(self) -> &'static str {
        match self {
            Self::Activities => "activities/",
            Self::Archive => "archived_activities/",
            Self::Files => "files/",
            Self::EventTypes => "autocomplete/activity-types/",
        }
    }

    fn what(self) -> &'static str {
        match self {
            Self::Activities => "activities",
            Self::Archive => "archived activities",
            Self::Files => "files",
            Self::EventTypes => "activity types",
        }
    }
}

impl Lists for DefenderClient {
    async fn list(&self, request: &ListRequest) -> Result<ListAnswer, Failure> {
        self.ask(Route::Activities, body(request)).await
    }
}

pub(super) fn body(request: &ListRequest) -> Vec<u8> {
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
