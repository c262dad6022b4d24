//! Why a request is not answered, sorted by what whoever asked does next; as a page or as JSON.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::html;

use crate::html::shell::Shell;
use crate::html::words::text;
use crate::report::{ReportError, TrailError};

/// Characters of an explanation.
const SENTENCE_CHARS_MAX: usize = 500;

/// Why a request is not answered.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The browser believes it talks to somebody else.
    UnknownHost,
    /// The token is missing or wrong.
    NoToken,
    /// Nobody has signed in.
    NotSignedIn,
    /// Whoever signed in is not let in.
    NotAllowed(String),
    /// A sign-in came to no good end.
    SignInFailed(String),
    /// The session was ended; no failure.
    SignedOut,
    /// The address cannot be understood.
    NotUnderstood(String),
    /// Nothing is known of what was asked for.
    NotFound(String),
    /// Too many are asking.
    Busy,
    /// The store could not be read.
    Failed(ReportError),
}

impl Refusal {
    fn code(&self) -> StatusCode {
        match self {
            Self::UnknownHost => StatusCode::MISDIRECTED_REQUEST,
            Self::NoToken | Self::NotSignedIn => StatusCode::UNAUTHORIZED,
            Self::NotAllowed(_) | Self::SignInFailed(_) => StatusCode::FORBIDDEN,
            Self::SignedOut => StatusCode::OK,
            Self::NotUnderstood(_) => StatusCode::BAD_REQUEST,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::UnknownHost => "Not reached under this name",
            Self::NoToken => "The token is missing",
            Self::NotSignedIn => "Nobody has signed in",
            Self::NotAllowed(_) => "Not for this person",
            Self::SignInFailed(_) => "Signing in did not succeed",
            Self::SignedOut => "Signed out",
            Self::NotUnderstood(_) => "This address cannot be understood",
            Self::NotFound(_) => "Nothing is known of this",
            Self::Busy => "Busy",
            Self::Failed(_) => "The store cannot be read",
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::UnknownHost => {
                "This dashboard answers under its address and localhost; `serve --host NAME` adds a name.".to_owned()
            }
            Self::NoToken => {
                "Open the address with the token that `serve` printed when it started, or send it as `Authorization: Bearer`."
                    .to_owned()
            }
            Self::NotSignedIn => "Open the dashboard in a browser and sign in; programs need a token (`serve --token`).".to_owned(),
            Self::SignedOut => "This browser is signed out here. Entra ID may still know it; an address with a token opens again.".to_owned(),
            Self::NotUnderstood(why) | Self::NotFound(why) | Self::NotAllowed(why) | Self::SignInFailed(why) => why.clone(),
            Self::Busy => "Too many questions at once; ask again in a moment.".to_owned(),
            Self::Failed(cause) => cause.to_string(),
        }
    }

    /// As JSON for programs, else as a page.
    pub(super) fn response(self, is_for_programs: bool) -> Response {
        if let Self::Failed(cause) = &self {
            tracing::error!(%cause, "a request to the dashboard failed");
        }
        let code = self.code();
        let sentence = text(&self.sentence(), SENTENCE_CHARS_MAX);
        let mut response = if is_for_programs {
            (code, Json(serde_json::json!({ "error": sentence }))).into_response()
        } else {
            let shell = Shell {
                tenant: "",
                title: self.title(),
                subtitle: html! { (sentence) },
                navigation: html! {},
                body: html! { p { a href="/" { "To the overview" } } },
            };
            let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
            (code, kind, shell.live().into_string()).into_response()
        };
        if code == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, axum::http::HeaderValue::from_static("5"));
        }
        response
    }
}

impl From<ReportError> for Refusal {
    fn from(cause: ReportError) -> Self {
        Self::Failed(cause)
    }
}

impl From<crate::store::StoreError> for Refusal {
    fn from(cause: crate::store::StoreError) -> Self {
        Self::Failed(cause.into())
    }
}

impl From<TrailError> for Refusal {
    fn from(cause: TrailError) -> Self {
        match cause {
            TrailError::Store(cause) => cause.into(),
            TrailError::Unknown { what, .. } => Self::NotFound(format!("Nothing is known of {what}.")),
            TrailError::Several { .. } => Self::NotUnderstood(cause.to_string()),
        }
    }
}
