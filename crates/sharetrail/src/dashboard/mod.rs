//! The dashboard: the answer, live over the store, read-only.
//!
//! A request is checked (`guard.rs`: host, token, who signed in by `sign_in/`), understood (`view.rs`: range and filters stand in the
//! address, so that a view can be sent to a colleague), answered from the store by one of a few readers
//! (`readers.rs`), and written as a page (`pages/`), as JSON (`api.rs`) or as a file (`download.rs`). What the parts
//! look like is in [`crate::html`].

mod api;
mod download;
mod error;
mod frame;
#[cfg(fuzzing)]
pub mod fuzzed;
mod guard;
mod list;
mod openapi;
mod pages;
mod readers;
mod sign_in;
mod status_page;
mod trail_page;
mod view;
mod visit;

use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;

use crate::html::shell::{ICON, SCRIPT, STYLE};

pub use guard::{Guard, Token};
pub use openapi::description;
use readers::Readers;
pub use sign_in::SignIn;

/// Serves the store at `store` on `listener` until `stop` is ready; requests under way are finished.
///
/// # Errors
/// Those of the listener.
pub async fn serve(
    listener: TcpListener,
    store: PathBuf,
    guard: Guard,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, router(store, guard)).with_graceful_shutdown(stop).await
}

fn router(store: PathBuf, guard: Guard) -> Router {
    let guard = Arc::new(guard);
    let pages = Router::new()
        .route("/", get(pages::overview))
        .route("/person", get(trail_page::person))
        .route("/item", get(trail_page::item))
        .route("/share", get(trail_page::share))
        .route("/record", get(pages::record))
        .route("/search", get(pages::search))
        .route("/status", get(status_page::status))
        .route("/api/v1/openapi.json", get(api::description))
        .route("/api/v1/overview", get(api::overview))
        .route("/api/v1/status", get(api::status))
        .route("/api/v1/record", get(api::record))
        .route("/api/v1/trail", get(api::trail))
        .route("/api/v1/{question}", get(api::list))
        .route("/assets/style.css", get(async || asset("text/css; charset=utf-8", STYLE)))
        .route("/assets/script.js", get(async || asset("text/javascript; charset=utf-8", SCRIPT)))
        .route("/assets/icon.svg", get(async || asset("image/svg+xml", ICON)))
        .route("/{page}", get(pages::list_or_file))
        .fallback(pages::no_such_page)
        .with_state(Arc::new(Readers::new(store)));
    let pages = pages.merge(Router::new().route(visit::SIGN_OUT, post(visit::sign_out)).with_state(Arc::clone(&guard)));
    let all = match guard.sign_in() {
        Some(sign_in) => pages.merge(sign_in::router(sign_in)),
        None => pages,
    };
    all.layer(middleware::from_fn_with_state(guard, guard::check))
}

/// Compiled in, so it changes with the program only.
fn asset(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "max-age=3600")], text).into_response()
}
