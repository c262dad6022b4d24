//! What went wrong, sorted by what the caller must do next.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

/// What the caller must do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// The same again, perhaps after the pause that the service asked for.
    Retry {
        /// The stated pause.
        after: Option<Duration>,
        /// The service said that we ask too much (429), so everybody who shares the budget must pause.
        throttled: bool,
    },
    /// The same again, but not before this time; longer than we sleep, so schedule it.
    Later {
        /// Not before.
        until: Timestamp,
    },
    /// 401: renew the token once, then give up.
    Unauthorized,
    /// 403: a person must grant something.
    Forbidden,
    /// 404 or 410: it is not there.
    NotFound,
    /// 413: the request is too large; send less at once.
    TooLarge,
    /// The service will never take this request.
    Bad,
    /// Nothing will pass until a person acts.
    Stop,
}

/// A call that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What to do.
    pub next: Next,
    /// HTTP status, when there was an answer.
    pub status: Option<u16>,
    /// The service's own code for it, the innermost when there are several.
    pub code: Option<String>,
    /// One sentence in words; never holds a secret.
    pub why: String,
}

impl Failure {
    /// A failure without an answer from the service.
    pub fn new(next: Next, why: impl Into<String>) -> Self {
        Self { next, status: None, code: None, why: why.into() }
    }

    /// Nothing will pass until a person acts.
    pub fn stop(why: impl Into<String>) -> Self {
        Self::new(Next::Stop, why)
    }

    /// Worth another try, without a stated pause.
    pub fn retry(why: impl Into<String>) -> Self {
        Self::new(Next::Retry { after: None, throttled: false }, why)
    }

    /// The same failure in better words.
    #[must_use]
    pub fn in_words(mut self, why: impl Into<String>) -> Self {
        self.why = why.into();
        self
    }

    /// The same failure with what was being done put before it.
    #[must_use]
    pub fn while_doing(mut self, what: impl fmt::Display) -> Self {
        self.why = format!("{what}: {}", self.why);
        self
    }

    /// Whether time alone may cure it.
    pub fn is_passing(&self) -> bool {
        matches!(self.next, Next::Retry { .. } | Next::Later { .. })
    }

    /// The innermost code, or nothing.
    pub fn code(&self) -> &str {
        self.code.as_deref().unwrap_or_default()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.why)
    }
}

impl std::error::Error for Failure {}
