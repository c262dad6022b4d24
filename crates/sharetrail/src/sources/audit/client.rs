//! One call to the audit feed: whose token, whose quota, how many a minute, and never to another host.

use std::future::Future;

use serde::Deserialize;
use url::Url;

use super::codes::{Meaning, explained, judged, meaning};
use crate::azure::Credential;
use crate::config::settings::{Audit, ContentType};
use crate::http::{Answer, Client, Failure, Next, Request, RequestBudget, Stream, host_and_port, same_service};
use crate::secret::Secret;

/// Every call names its publisher: those who do not share one quota (Microsoft: Working with the Management Activity API).
const PUBLISHER: &str = "PublisherIdentifier";

/// Talks to the audit feed of one tenant.
#[derive(Debug, Clone)]
pub struct AuditClient {
    http: Client,
    budget: RequestBudget,
    /// `…/api/v1.0/{tenant}/activity/feed/`
    root: Url,
    publisher_id: String,
    credential: Credential,
    scope: String,
}

#[derive(Deserialize)]
struct Subscription {
    #[serde(rename = "contentType")]
    content_type: String,
    #[serde(default)]
    status: Option<String>,
}

impl AuditClient {
    /// A client for the feed of `tenant_id`.
    ///
    /// # Errors
    /// If the address cannot be extended.
    pub fn new(http: Client, settings: &Audit, tenant_id: &str, credential: Credential) -> Result<Self, Failure> {
        let mut base = settings.url.clone();
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let root = base
            .join(&format!("api/v1.0/{tenant_id}/activity/feed/"))
            .map_err(|error| Failure::stop(format!("cloud.audit {} cannot be used: {error}", settings.url)))?;
        Ok(Self {
            http,
            budget: RequestBudget::new(settings.requests_per_minute_max),
            root,
            publisher_id: settings.publisher_id.clone(),
            credential,
            scope: settings.scope.clone(),
        })
    }

    /// The content types with an enabled subscription. An entry without a status counts as one: it is in the list.
    ///
    /// # Errors
    /// The service's refusal, in words.
    pub async fn subscriptions(&self) -> Result<Vec<ContentType>, Failure> {
        let answer = self.ask(Request::get(self.address("subscriptions/list", None, &[])?)).await?;
        let subscriptions: Vec<Subscription> = answer.json()?;
        let is_enabled = |content_type: &ContentType| {
            subscriptions.iter().any(|subscription| {
                subscription.content_type.eq_ignore_ascii_case(content_type.name())
                    && subscription.status.as_deref().is_none_or(|status| status.eq_ignore_ascii_case("enabled"))
            })
        };
        Ok(ContentType::ALL.into_iter().filter(is_enabled).collect())
    }

    /// Whether a listing failed because there is no subscription, whatever the list of subscriptions says.
    pub fn is_without_subscription(failure: &Failure) -> bool {
        matches!(meaning(failure), Some(Meaning::NotSubscribed | Meaning::Disabled))
    }

    /// Starts the subscription to a content type. That it was started before is no failure.
    ///
    /// # Errors
    /// The service's refusal, in words.
    pub async fn start(&self, content_type: ContentType) -> Result<(), Failure> {
        let request = Request::post_empty(self.address("subscriptions/start", Some(content_type), &[])?);
        match self.ask(request).await {
            Err(failure) if meaning(&failure) == Some(Meaning::AlreadyEnabled) => Ok(()),
            result => result.map(drop),
        }
    }

    /// The address of an operation.
    pub(super) fn address(
        &self,
        operation: &str,
        content_type: Option<ContentType>,
        parameters: &[(&str, &str)],
    ) -> Result<Url, Failure> {
        let mut url = self
            .root
            .join(operation)
            .map_err(|error| Failure::stop(format!("no address can be made of {operation}: {error}")))?;
        let content_type = content_type.map(|content_type| ("contentType", content_type.name()));
        url.query_pairs_mut()
            .extend_pairs(content_type)
            .extend_pairs(parameters)
            .append_pair(PUBLISHER, &self.publisher_id);
        Ok(url)
    }

    /// An address that the service gave us, with our publisher added where it is missing. It may have another path, but
    /// nothing that names another host, port or scheme ever gets our token.
    ///
    /// # Errors
    /// `Bad`, naming the other host.
    pub(super) fn given(&self, address: &str, what: &str) -> Result<Url, Failure> {
        let own = host_and_port(&self.root);
        let refused = |to: &str| {
            Failure::new(
                Next::Bad,
                format!(
                    "the audit feed at {own} names {to} as the place of {what}, and our token goes to no other host; \
                     nothing was sent there. If the service has moved, set cloud.audit; if not, tell whoever runs your \
                     network"
                ),
            )
        };
        let mut url = Url::parse(address).map_err(|_| refused("something that is no address"))?;
        if !same_service(&self.root, &url) {
            return Err(refused(&host_and_port(&url)));
        }
        if !url.query_pairs().any(|(name, _)| name.eq_ignore_ascii_case(PUBLISHER)) {
            url.query_pairs_mut().append_pair(PUBLISHER, &self.publisher_id);
        }
        Ok(url)
    }

    /// Sends, and reads the whole answer.
    pub(super) async fn ask(&self, request: Request) -> Result<Answer, Failure> {
        self.authorized(|token| {
            let request = request.clone().bearer(token);
            async move { self.http.exchange(&request).await?.accepted() }
        })
        .await
    }

    /// Fetches, and lets `read` have the body, all of which belongs to the attempt: what breaks off is asked for again.
    pub(super) async fn fetch<T, R>(&self, url: &Url, read: impl Fn(Stream) -> R) -> Result<T, Failure>
    where
        R: Future<Output = Result<T, Failure>>,
    {
        self.authorized(|token| {
            let request = Request::get(url.clone()).bearer(token);
            let read = &read;
            async move { read(self.http.stream(&request).await?).await }
        })
        .await
    }

    /// Calls with a token, and once more with a new one where that is refused.
    async fn authorized<T, R>(&self, call: impl Fn(&Secret) -> R) -> Result<T, Failure>
    where
        R: Future<Output = Result<T, Failure>>,
    {
        let attempt = async |token: &Secret| {
            let judge = || async { call(token).await.map_err(judged) };
            self.http.attempt(Some(&self.budget), judge).await
        };
        let token = self.credential.token(&self.scope).await?;
        let result = match attempt(&token).await {
            Err(Failure { next: Next::Unauthorized, .. }) => {
                attempt(&self.credential.renew(&self.scope, &token).await?).await
            }
            result => result,
        };
        result.map_err(|failure| explained(failure, &host_and_port(&self.root)))
    }
}
