//! Tokens: kept while they live, fetched once for all who wait, by one identity or by a chain that somebody asked for.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::Mutex;

use super::sign_in::{Effort, SignIn, Token};
use crate::http::{Client, Failure};
use crate::secret::Secret;

/// A token with less life than this is replaced, as Microsoft's own clients do it.
const RENEW_BEFORE_END: Duration = Duration::from_secs(300);

/// Gives tokens for one identity; clones share what it holds.
#[derive(Clone)]
pub struct Credential(Arc<Inner>);

struct Inner {
    client: Client,
    /// One, or those of a chain in the order to try them.
    links: Vec<SignIn>,
    /// Which link of a chain gave the first token.
    chosen: OnceLock<usize>,
    /// By scope. Held locked while a token is fetched, so that one fetch serves all who wait.
    tokens: Mutex<HashMap<String, Token>>,
}

impl Credential {
    /// A credential of one identity, or of a chain in the order to try it.
    pub(crate) fn new(client: &Client, links: Vec<SignIn>) -> Self {
        let (client, chosen, tokens) = (client.clone(), OnceLock::new(), Mutex::new(HashMap::new()));
        Self(Arc::new(Inner { client, links, chosen, tokens }))
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
        match self.links.get(self.chosen()) {
            Some(link) => link.token(scope, Effort::Full).await,
            None => self.choose(scope).await,
        }
    }

    /// The link to use; none of them while a chain has not found the one that works.
    fn chosen(&self) -> usize {
        match (self.links.len(), self.chosen.get()) {
            (1, _) => 0,
            (_, Some(chosen)) => *chosen,
            (links, None) => links,
        }
    }

    /// Tries the links of a chain in order. The first that gives a token stays, so that nobody else speaks later in its place.
    async fn choose(&self, scope: &str) -> Result<Token, Failure> {
        let mut failed: Vec<String> = Vec::new();
        let mut is_passing = false;
        for (at, link) in self.links.iter().enumerate() {
            let failure = match link.token(scope, Effort::Probe).await {
                // A service that answers "not now" is there: to pass it over would make another identity of a busy minute.
                Err(failure) if failure.is_passing() && failure.status.is_some() => {
                    let token = link.token(scope, Effort::Full).await?;
                    let _ = self.chosen.set(at);
                    return Ok(token);
                }
                Err(failure) => failure,
                Ok(token) => {
                    let others =
                        if failed.is_empty() { String::new() } else { format!(". Before it: {}", failed.join("; ")) };
                    tracing::info!("the chain signs in with {}, {}{others}", link.kind(), link.who());
                    // Only here is it set, and the lock of the tokens is held.
                    let _ = self.chosen.set(at);
                    return Ok(token);
                }
            };
            is_passing |= failure.is_passing();
            failed.push(format!("({}) {}: {}", at + 1, link.kind(), failure.why));
        }
        let why = format!("no identity of the chain gives a token. {}", failed.join("; "));
        Err(if is_passing { Failure::retry(why) } else { Failure::stop(why) })
    }

    fn who(&self) -> String {
        match self.links.get(self.chosen()) {
            Some(link) => link.who(),
            None => {
                let kinds: Vec<&str> = self.links.iter().map(SignIn::kind).collect();
                format!("the first of {} that gives a token", kinds.join(", "))
            }
        }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Credential({})", self.who())
    }
}
