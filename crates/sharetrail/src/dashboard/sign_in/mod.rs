//! Who opens the dashboard: people who sign in with Entra ID (OpenID Connect: authorization code, PKCE, state, nonce), or
//! whom App Service has signed in before the request arrives.
//!
//! * `visitor.rs`: somebody of the directory, and who is let in.
//! * `entra.rs`: what is asked of Entra ID; `id_token.rs`: whether an id token is to be believed.
//! * `pending.rs`: sign-ins under way; `sessions.rs`: those that came to a good end.
//! * `routes.rs`: where browsers go. `app_service.rs`: the header that App Service sets.

mod app_service;
mod entra;
mod id_token;
mod pending;
mod routes;
mod sessions;
mod visitor;

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};
use url::Url;

use super::error::Refusal;
use crate::config::settings::{Dashboard, SignInBy};
use crate::http::{Client, Failure};
use crate::secret::Secret;
use entra::Authority;
use pending::Pending;
pub(super) use routes::{PATH, router};
use sessions::Sessions;
use visitor::{Allowed, Visitor};

/// Random bytes of a session's id, a state, a nonce and a verifier.
const RANDOM_BYTES: usize = 32;

/// How people sign in.
pub struct SignIn {
    allowed: Allowed,
    by: By,
}

enum By {
    Entra(Box<Entra>),
    AppService,
}

/// Signing in with Entra ID.
struct Entra {
    authority: Authority,
    /// Under which browsers reach the dashboard.
    url: Url,
    pending: Pending,
    sessions: Sessions,
}

impl SignIn {
    /// As configured. `secret` is the application's, where Entra ID is asked by the dashboard itself.
    ///
    /// # Errors
    /// The configuration wants a secret and there is none.
    pub fn new(settings: &Dashboard, authority: &Url, client: Client, secret: Option<Secret>) -> Result<Self, Failure> {
        let allowed = Allowed::new(settings);
        let by = match &settings.sign_in {
            SignInBy::AppService => By::AppService,
            SignInBy::Entra { url, client_id, .. } => {
                let secret =
                    secret.ok_or_else(|| Failure::stop("the secret of the dashboard's application is missing"))?;
                let clock = client.clock().clone();
                let is_https = url.scheme() == "https";
                By::Entra(Box::new(Entra {
                    authority: Authority::new(client, authority, &settings.tenant_id, client_id, secret),
                    url: url.clone(),
                    pending: Pending::new(clock.clone(), is_https),
                    sessions: Sessions::new(clock, is_https),
                }))
            }
        };
        Ok(Self { allowed, by })
    }

    /// The host by which browsers reach the dashboard, where the configuration says so.
    pub fn host(&self) -> Option<&str> {
        match &self.by {
            By::Entra(entra) => entra.url.host_str(),
            By::AppService => None,
        }
    }

    /// Whether browsers are sent to sign in, rather than refused.
    pub(super) fn has_a_door(&self) -> bool {
        matches!(self.by, By::Entra(_))
    }

    /// Ends the session that a request with these headers belongs to. Returns the cookie that makes the browser forget it.
    pub(super) fn end(&self, headers: &HeaderMap) -> Option<String> {
        match &self.by {
            By::Entra(entra) => Some(entra.sessions.end(headers)),
            By::AppService => None,
        }
    }

    /// Who sent a request with these headers.
    ///
    /// # Errors
    /// `NotSignedIn`, or somebody who is not let in.
    pub(super) fn visitor(&self, headers: &HeaderMap) -> Result<Visitor, Refusal> {
        match &self.by {
            By::AppService => self.allowed.admit(app_service::visitor(headers).ok_or(Refusal::NotSignedIn)?),
            // Whether they are let in was judged when the session began.
            By::Entra(entra) => entra.sessions.visitor(headers).ok_or(Refusal::NotSignedIn),
        }
    }
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.has_a_door() { "SignIn(Entra ID)" } else { "SignIn(App Service)" })
    }
}

/// A text that nobody guesses.
fn random_text() -> Result<String, Failure> {
    let mut bytes = [0; RANDOM_BYTES];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| Failure::stop("the system gives no random numbers"))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// The value of a cookie.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut cookies = lines.flat_map(|line| line.split("; ")).filter_map(|cookie| cookie.split_once('='));
    cookies.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// A cookie for this dashboard alone, which no script reads and no other site's form sends. `Lax`, since a browser comes
/// back from Entra ID by a link of another site. The prefix keeps other hosts of the same domain from setting it.
fn set_cookie(name: &str, value: &str, seconds: u64, is_https: bool) -> String {
    let secure = if is_https { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

/// A cookie's name: on https, browsers hold it to this very host.
fn cookie_name(name: &str, is_https: bool) -> String {
    if is_https { format!("__Host-{name}") } else { name.to_owned() }
}
