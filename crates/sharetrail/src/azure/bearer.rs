//! Calls with a token: fetched when needed, renewed once when a service refuses it.

use super::Credential;
use crate::http::{Answer, Client, Failure, Next, Request, RequestBudget};

/// A client that signs its calls for one service.
#[derive(Debug, Clone)]
pub struct Bearer {
    client: Client,
    credential: Credential,
    scope: String,
}

impl Bearer {
    /// Calls with tokens of `credential` for `scope`.
    pub fn new(client: &Client, credential: &Credential, scope: &str) -> Self {
        Self { client: client.clone(), credential: credential.clone(), scope: scope.to_owned() }
    }

    /// Sends the request with a token, with the client's bounded attempts; a 401 renews the token once.
    ///
    /// # Errors
    /// The failure of the token or of the call; `Unauthorized` when a fresh token was refused as well.
    pub async fn send(&self, request: &Request, budget: Option<&RequestBudget>) -> Result<Answer, Failure> {
        let token = self.credential.token(&self.scope).await?;
        match self.send_with(&request.clone().bearer(&token), budget).await {
            Err(failure) if failure.next == Next::Unauthorized => {
                tracing::info!("{failure}; renewing the token once");
                let token = self.credential.renew(&self.scope, &token).await?;
                self.send_with(&request.clone().bearer(&token), budget).await
            }
            other => other,
        }
    }

    /// The client that makes the calls.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Whom the calls speak for.
    pub fn who(&self) -> String {
        self.credential.who()
    }

    async fn send_with(&self, request: &Request, budget: Option<&RequestBudget>) -> Result<Answer, Failure> {
        match budget {
            Some(budget) => self.client.send_within(request, budget).await,
            None => self.client.send(request).await,
        }
    }
}
