//! Tokens: one credential, named in the configuration; nothing is guessed.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use azure_core::cloud::CustomConfiguration;
use azure_core::credentials::TokenCredential;
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, ClientSecretCredential, ClientSecretCredentialOptions,
    ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId,
};
use jiff::Timestamp;
use tokio::sync::Mutex;

use super::transport::{self, Peer};
use super::{HeldSecret, entra, reference_name};
use crate::config::settings::{Cloud, Identity};
use crate::http::{Client, Failure, Next};
use crate::secret::Secret;

/// A token with less life than this is replaced, as Microsoft's own clients do it.
const RENEW_BEFORE_END: Duration = Duration::from_secs(300);

/// `az` starts slowly, but it must not hang for ever (signed out, it may ask on the terminal).
const AZURE_CLI_WAIT: Duration = Duration::from_secs(30);

/// Gives tokens for one identity; clones share what it holds.
#[derive(Clone)]
pub struct Credential(Arc<Inner>);

struct Inner {
    client: Client,
    identity: Identity,
    client_secret: Option<HeldSecret>,
    authority: String,
    /// By scope. Held locked while a token is fetched, so that one fetch serves all who wait.
    tokens: Mutex<HashMap<String, Token>>,
}

/// A token and its end.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) text: Secret,
    pub(super) end: Timestamp,
}

impl Credential {
    /// A credential for `identity`; `client_secret` is for identities that have one.
    pub fn new(client: &Client, cloud: &Cloud, identity: &Identity, client_secret: Option<HeldSecret>) -> Self {
        Self(Arc::new(Inner {
            client: client.clone(),
            identity: identity.clone(),
            client_secret,
            authority: cloud.authority.to_string(),
            tokens: Mutex::new(HashMap::new()),
        }))
    }

    /// A token for `scope`, from memory while it has enough life left.
    ///
    /// # Errors
    /// `Stop` with the meaning of the refusal and the remedy; `Retry` or `Later` for passing troubles.
    pub async fn token(&self, scope: &str) -> Result<Secret, Failure> {
        Ok(self.token_with_end(scope).await?.text)
    }

    pub(super) async fn token_with_end(&self, scope: &str) -> Result<Token, Failure> {
        let mut tokens = self.0.tokens.lock().await;
        let now = self.0.client.clock().now();
        let held = tokens.get(scope).filter(|token| token.end > now).cloned();
        if let Some(token) = &held
            && token.end.duration_since(now).unsigned_abs() > RENEW_BEFORE_END
        {
            return Ok(token.clone());
        }
        match (self.0.fetch(scope).await, held) {
            (Ok(token), _) => {
                tokens.insert(scope.to_owned(), token.clone());
                Ok(token)
            }
            (Err(failure), Some(held)) if failure.is_passing() => {
                tracing::warn!("{failure}; the token at hand is good until {}", held.end);
                Ok(held)
            }
            (Err(failure), _) => Err(failure),
        }
    }

    /// A token other than `stale`, which a service refused.
    ///
    /// # Errors
    /// As `token`.
    pub async fn renew(&self, scope: &str, stale: &Secret) -> Result<Secret, Failure> {
        let mut tokens = self.0.tokens.lock().await;
        if let Some(token) = tokens.get(scope).filter(|token| token.text != *stale) {
            // Somebody else was refused too and has already renewed it.
            return Ok(token.text.clone());
        }
        tokens.remove(scope);
        let token = self.0.fetch(scope).await?;
        tokens.insert(scope.to_owned(), token.clone());
        Ok(token.text)
    }

    /// Whom this credential speaks for, in words.
    pub fn who(&self) -> String {
        self.0.who()
    }
}

impl Inner {
    async fn fetch(&self, scope: &str) -> Result<Token, Failure> {
        let Some(held) = &self.client_secret else { return self.fetch_with(scope, None).await };
        let secret = held.get().await?;
        match self.fetch_with(scope, Some(&secret)).await {
            Err(failure) if entra::refuses_secret(&failure) => match held.replacement(&secret).await {
                Some(secret) => self.fetch_with(scope, Some(&secret)).await,
                None => Err(failure),
            },
            fetched => fetched,
        }
    }

    async fn fetch_with(&self, scope: &str, secret: Option<&Secret>) -> Result<Token, Failure> {
        self.client.attempt(None, || self.fetch_once(scope, secret)).await
    }

    async fn fetch_once(&self, scope: &str, secret: Option<&Secret>) -> Result<Token, Failure> {
        // A new SDK credential each time: its own memory would hand out again what a service has just refused.
        let credential = self.sdk_credential(secret)?;
        let scopes = [scope];
        let fetch = credential.get_token(&scopes, None);
        let answer = match self.identity {
            Identity::AzureCli { .. } => tokio::time::timeout(AZURE_CLI_WAIT, fetch).await.map_err(|_| {
                let seconds = AZURE_CLI_WAIT.as_secs();
                Failure::retry(format!(
                    "no token for {}: az did not answer within {seconds} s; run `az login`",
                    self.who()
                ))
            })?,
            // The client's own timeouts hold.
            Identity::ClientSecret { .. } | Identity::ManagedIdentity { .. } => fetch.await,
        };
        let token = answer.map_err(|error| self.explain(transport::failure(&error)))?;
        if token.token.secret().is_empty() {
            return Err(Failure::stop(format!(
                "no token for {}: the answer of {} holds none; check cloud.authority",
                self.who(),
                self.authority
            )));
        }
        Ok(Token {
            text: Secret::new(token.token.secret()),
            end: Timestamp::from_second(token.expires_on.unix_timestamp()).unwrap_or(Timestamp::MAX),
        })
    }

    fn sdk_credential(&self, secret: Option<&Secret>) -> Result<Arc<dyn TokenCredential>, Failure> {
        let credential: azure_core::Result<Arc<dyn TokenCredential>> = match &self.identity {
            Identity::ClientSecret { tenant_id, client_id, client_secret } => {
                let Some(secret) = secret else {
                    return Err(Failure::stop(format!(
                        "the client secret of {} was not resolved from {}",
                        self.who(),
                        reference_name(client_secret)
                    )));
                };
                let mut cloud = CustomConfiguration::default();
                cloud.authority_host = self.authority.clone();
                let mut options = transport::client_options(&self.client, Peer::Authority);
                options.cloud = Some(Arc::new(cloud.into()));
                ClientSecretCredential::new(
                    tenant_id,
                    client_id.clone(),
                    secret.expose().to_owned().into(),
                    Some(ClientSecretCredentialOptions { client_options: options }),
                )
                .map(|credential| credential as _)
            }
            Identity::ManagedIdentity { client_id } => {
                ManagedIdentityCredential::new(Some(ManagedIdentityCredentialOptions {
                    user_assigned_id: client_id.clone().map(UserAssignedId::ClientId),
                    client_options: transport::client_options(&self.client, Peer::Platform),
                }))
                .map(|credential| credential as _)
            }
            Identity::AzureCli { tenant_id } => AzureCliCredential::new(Some(AzureCliCredentialOptions {
                tenant_id: tenant_id.clone(),
                ..AzureCliCredentialOptions::default()
            }))
            .map(|credential| credential as _),
        };
        credential.map_err(|error| transport::failure(&error).while_doing(format!("no token for {}", self.who())))
    }

    fn explain(&self, failure: Failure) -> Failure {
        match &self.identity {
            Identity::ClientSecret { .. } => entra::explain(failure, &self.who()),
            Identity::ManagedIdentity { .. } => explain_platform(failure, &self.who()),
            Identity::AzureCli { .. } => {
                let why =
                    format!("no token for {}: {}; sign in with `az login` and try again", self.who(), failure.why);
                Failure::stop(why)
            }
        }
    }

    fn who(&self) -> String {
        match &self.identity {
            Identity::ClientSecret { tenant_id, client_id, .. } => {
                format!("application {client_id} in directory {tenant_id}")
            }
            Identity::ManagedIdentity { client_id: Some(id) } => format!("the managed identity with client id {id}"),
            Identity::ManagedIdentity { client_id: None } => "the system-assigned managed identity".to_owned(),
            Identity::AzureCli { .. } => "whoever is signed in to the Azure CLI".to_owned(),
        }
    }
}

/// Refusals of the platform's identity service.
/// Source: Microsoft, "How to use managed identities to acquire an access token", error handling and retry guidance.
fn explain_platform(failure: Failure, who: &str) -> Failure {
    let remedy = match failure.status {
        // Both mean that the service is being updated, for up to 70 seconds.
        Some(404 | 410) => {
            let why = format!("no token for {who}: the platform's identity service is being updated");
            return Failure { next: Next::Retry { after: None, throttled: false }, why, ..failure };
        }
        Some(400) => "assign this identity to the machine or Function app, or correct client_id",
        Some(401 | 403) => "the platform's identity service refuses us: restart the app, and keep proxies away from it",
        None => "is this running in Azure with a managed identity? Elsewhere use client_secret or azure_cli",
        Some(_) => return failure.while_doing(format!("no token for {who}")),
    };
    let next = if failure.is_passing() { failure.next.clone() } else { Next::Stop };
    let why = format!("no token for {who}: {}; {remedy}", failure.why);
    Failure { next, why, ..failure }
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Credential({})", self.who())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_of_the_platform_says_what_to_do() {
        let answered = |status| Failure { status: Some(status), ..Failure::new(Next::Bad, "it answered so") };
        for (failure, passing, words) in [
            (answered(404), true, "being updated"),
            (answered(410), true, "being updated"),
            (answered(400), false, "assign this identity"),
            (answered(403), false, "restart the app"),
            (answered(418), false, "it answered so"),
            (Failure::retry("no connection"), true, "is this running in Azure"),
        ] {
            let explained = explain_platform(failure, "the identity");
            assert!(explained.why.contains(words) && explained.why.contains("the identity"), "{explained}");
            assert_eq!(explained.is_passing(), passing, "{explained}");
        }
    }
}
