//! Sign-ins under way: begun here, not yet come back from Entra ID. Each comes back once, in the browser that began it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::HeaderMap;

use super::{cookie, cookie_name, random_text, set_cookie};
use crate::http::{Clock, Failure};

/// Sign-ins that are waited for; the oldest gives way.
const PENDING_MAX: usize = 1_000;
/// How long one is waited for.
const PENDING_SECONDS_MAX: u64 = 600;

/// Sign-ins under way, by their state.
pub(super) struct Pending {
    clock: Clock,
    is_https: bool,
    begun: Mutex<HashMap<String, Begun>>,
}

/// What must be known when the browser comes back.
#[derive(Debug, Clone)]
pub(super) struct Begun {
    pub(super) nonce: String,
    pub(super) verifier: String,
    /// What the browser wanted to see.
    pub(super) to: String,
    browser: String,
    at: Duration,
}

impl Pending {
    pub(super) fn new(clock: Clock, is_https: bool) -> Self {
        Self { clock, is_https, begun: Mutex::default() }
    }

    /// Begins one: its state, what is to be known of it, and the cookie by which its browser is known again.
    pub(super) fn begin(&self, to: &str) -> Result<(String, Begun, String), Failure> {
        let (state, browser) = (random_text()?, random_text()?);
        let cookie = set_cookie(&self.cookie_name(), &browser, PENDING_SECONDS_MAX, self.is_https);
        let (nonce, verifier) = (random_text()?, random_text()?);
        let begun = Begun { nonce, verifier, to: to.to_owned(), browser, at: self.clock.monotonic() };
        let mut all = self.all();
        if all.len() >= PENDING_MAX {
            let oldest = all.iter().min_by_key(|(_, begun)| begun.at).map(|(state, _)| state.clone());
            if let Some(oldest) = oldest {
                all.remove(&oldest);
            }
        }
        all.insert(state.clone(), begun.clone());
        Ok((state, begun, cookie))
    }

    /// The sign-in of this state, which is no longer waited for; none in another browser.
    pub(super) fn end(&self, state: &str, headers: &HeaderMap) -> Option<Begun> {
        let now = self.clock.monotonic();
        let begun = self.all().remove(state)?;
        let is_in_time = now.saturating_sub(begun.at).as_secs() < PENDING_SECONDS_MAX;
        let is_same_browser = cookie(headers, &self.cookie_name()) == Some(begun.browser.as_str());
        (is_in_time && is_same_browser).then_some(begun)
    }

    fn cookie_name(&self) -> String {
        cookie_name("sharetrail_sign_in", self.is_https)
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Begun>> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
