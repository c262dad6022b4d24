//! Who looks, as far as is known, and how they leave.
//!
//! Leaving takes a POST: no cookie of ours goes with what another site's page sends so (`SameSite`), so that nobody else
//! signs a browser out.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use maud::{Markup, html};

use super::error::Refusal;
use super::guard::{Guard, token_cookie};
use crate::html::words;

/// Where a form of ours leads that ends a visit.
pub(super) const SIGN_OUT: &str = "/sign-out";
/// Characters of a name that is shown.
const NAME_CHARS_MAX: usize = 80;

/// Who looks; each request that is let in has one.
#[derive(Debug, Clone, Default)]
pub(super) struct Visit {
    /// Whoever signed in; a token has no name.
    pub(super) name: Option<String>,
    /// How they leave; `None` where nothing had to let them in.
    pub(super) way_out: Option<WayOut>,
}

/// How somebody leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WayOut {
    /// This dashboard's cookie is forgotten.
    Ours,
    /// App Service has signed them in, and signs them out.
    AppService,
}

impl Visit {
    /// For the head of a page.
    pub(super) fn shown(&self) -> Markup {
        html! {
            @if let Some(way_out) = self.way_out {
                div.visitor {
                    @if let Some(name) = &self.name { span { span.hidden { "Signed in: " } (words::text(name, NAME_CHARS_MAX)) } }
                    @match way_out {
                        WayOut::Ours => { form method="post" action=(SIGN_OUT) { button.quiet type="submit" { "Sign out" } } }
                        // Microsoft, "Customize sign-in and sign-out in Azure App Service authentication".
                        WayOut::AppService => { a href="/.auth/logout?post_logout_redirect_uri=/" { "Sign out" } }
                    }
                }
            }
        }
    }
}

/// `POST /sign-out`: the browser forgets what let it in; at Entra ID the person stays signed in.
pub(super) async fn sign_out(State(guard): State<Arc<Guard>>, headers: HeaderMap) -> Response {
    let session = guard.sign_in().and_then(|sign_in| sign_in.end(&headers));
    let token = guard.has_token().then(|| token_cookie(""));
    let cookies = [session, token].into_iter().flatten().map(|cookie| (header::SET_COOKIE, cookie));
    (AppendHeaders(cookies.collect::<Vec<_>>()), Refusal::SignedOut.response(false)).into_response()
}
