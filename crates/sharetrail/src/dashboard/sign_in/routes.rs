//! Where browsers go to sign in. These pages are open to everybody.

use std::sync::Arc;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use url::Url;

use super::super::error::Refusal;
use super::{By, Entra, SignIn};
use crate::http::Failure;

/// Under which these pages are.
pub(in super::super) const PATH: &str = "/sign-in";
/// Characters of what Entra ID says of a sign-in that failed.
const SAID_CHARS_MAX: usize = 300;

/// The pages.
pub(in super::super) fn router(sign_in: Arc<SignIn>) -> Router {
    Router::new().route(PATH, get(begin)).route("/sign-in/answer", get(answer)).with_state(sign_in)
}

/// Sends the browser to Entra ID.
async fn begin(State(sign_in): State<Arc<SignIn>>, RawQuery(query): RawQuery) -> Response {
    let Ok(entra) = entra(&sign_in) else { return Refusal::NotSignedIn.response(false) };
    let to = value(query.as_deref(), "to").filter(|to| is_ours(to)).unwrap_or_else(|| "/".to_owned());
    match address(entra, &to).await {
        Ok((address, cookie)) => {
            (StatusCode::SEE_OTHER, [(header::LOCATION, address.to_string()), (header::SET_COOKIE, cookie)])
                .into_response()
        }
        Err(failure) => failed(&failure).response(false),
    }
}

async fn address(entra: &Entra, to: &str) -> Result<(Url, String), Failure> {
    let (state, begun, cookie) = entra.pending.begin(to)?;
    Ok((entra.authority.address(&begun, &state, &redirect(entra)?).await?, cookie))
}

/// The browser comes back.
async fn answer(State(sign_in): State<Arc<SignIn>>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    match admitted(&sign_in, query.as_deref(), &headers).await {
        Ok((to, cookie)) => {
            (StatusCode::SEE_OTHER, [(header::LOCATION, to), (header::SET_COOKIE, cookie)]).into_response()
        }
        Err(refusal) => refusal.response(false),
    }
}

async fn admitted(sign_in: &SignIn, query: Option<&str>, headers: &HeaderMap) -> Result<(String, String), Refusal> {
    let entra = entra(sign_in)?;
    let state = value(query, "state").unwrap_or_default();
    let unknown =
        || Refusal::SignInFailed("It was not begun in this browser, or it took too long. Sign in again.".to_owned());
    let begun = entra.pending.end(&state, headers).ok_or_else(unknown)?;
    if let Some(error) = value(query, "error") {
        let said = value(query, "error_description").unwrap_or(error);
        return Err(Refusal::SignInFailed(format!(
            "Entra ID says: {}",
            crate::html::words::text(&said, SAID_CHARS_MAX)
        )));
    }
    let code = value(query, "code").ok_or_else(unknown)?;
    let redirect = redirect(entra).map_err(|failure| failed(&failure))?;
    let visitor = entra.authority.visitor(&code, &begun, &redirect).await.map_err(|failure| failed(&failure))?;
    let visitor = sign_in.allowed.admit(visitor)?;
    tracing::info!(person = visitor.name, object_id = visitor.object_id, "signed in to the dashboard");
    let cookie = entra.sessions.begin(visitor).map_err(|failure| failed(&failure))?;
    Ok((begun.to, cookie))
}

fn entra(sign_in: &SignIn) -> Result<&Entra, Refusal> {
    match &sign_in.by {
        By::Entra(entra) => Ok(entra),
        By::AppService => Err(Refusal::NotSignedIn),
    }
}

fn redirect(entra: &Entra) -> Result<Url, Failure> {
    entra.url.join("/sign-in/answer").map_err(|_| Failure::stop("dashboard.base_url is no root of addresses"))
}

/// What failed is for the log: a visitor's remedy is to try again or to ask.
fn failed(failure: &Failure) -> Refusal {
    tracing::warn!(%failure, "a sign-in to the dashboard failed");
    Refusal::SignInFailed(format!("{failure}."))
}

/// Whether a browser may be sent there after signing in: a page of ours, never another host's.
fn is_ours(to: &str) -> bool {
    to.starts_with('/') && !to.starts_with("//") && !to.contains('\\') && to.bytes().all(|byte| byte.is_ascii_graphic())
}

fn value(query: Option<&str>, name: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_signing_in_a_browser_goes_to_a_page_of_ours_only() {
        for to in ["/", "/people?days=7", "/person?id=li%40fabrikam.example"] {
            assert!(is_ours(to), "{to}");
        }
        for to in ["", "//attacker.example", "https://attacker.example", "/\\attacker.example", "/a\r\nSet-Cookie: x"] {
            assert!(!is_ours(to), "{to}");
        }
    }
}
