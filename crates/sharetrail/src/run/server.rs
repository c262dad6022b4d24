//! `/healthz`, `/readyz` and `/metrics`.
//!
//! No page, no secret, nothing that changes anything; who may ask is decided by the address that is listened on.

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::net::TcpListener;
use trail::TimeMs;

use super::board::Board;
use super::metrics;
use crate::http::Clock;

#[derive(Debug, Clone)]
struct Shown {
    board: Board,
    clock: Clock,
}

/// Answers on `listener` from what stands on `board`, as long as it is polled.
///
/// # Errors
/// Those of the listener.
pub async fn serve(listener: TcpListener, board: Board, clock: Clock) -> std::io::Result<()> {
    let router = Router::new()
        .route("/healthz", get(health))
        .route("/readyz", get(readiness))
        .route("/metrics", get(metrics_page))
        .with_state(Shown { board, clock });
    axum::serve(listener, router).await
}

/// 200 while the program looks after its work, 503 with the reason when it hangs.
async fn health(State(shown): State<Shown>) -> impl IntoResponse {
    match shown.board.read().illness(shown.clock.monotonic()) {
        None => (StatusCode::OK, "ok\n".to_owned()),
        Some(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
    }
}

/// 200 while every feed is as fresh as it should be, 503 with each reason when one is not.
async fn readiness(State(shown): State<Shown>) -> impl IntoResponse {
    let reasons = shown.board.read().lateness(TimeMs(shown.clock.now().as_millisecond()));
    if reasons.is_empty() {
        return (StatusCode::OK, "ready\n".to_owned());
    }
    (StatusCode::SERVICE_UNAVAILABLE, format!("{}\n", reasons.join("\n")))
}

async fn metrics_page(State(shown): State<Shown>) -> impl IntoResponse {
    let text = metrics::text(&shown.board.read(), TimeMs(shown.clock.now().as_millisecond()));
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}
