//! `run`: passes again and again, until somebody asks to stop.
//!
//! `plan.rs` says when a tenant's feeds are due (pure); `supervisor.rs` is the one loop that begins passes, takes in how they
//! ended (`telling.rs` says so), and obeys `signals.rs`. What it knows stands on the `board.rs`, from which `server.rs` answers `/healthz`, `/readyz`
//! and `/metrics` (`metrics.rs`). `notify.rs` tells a service manager. A pass itself is that of [`crate::collect`].

mod board;
pub mod metrics;
mod notify;
mod plan;
mod server;
mod signals;
mod supervisor;
mod telling;

use std::net::SocketAddr;
use std::path::PathBuf;

use tokio::net::TcpListener;
use trail::TimeMs;

use self::board::Board;
use self::signals::Signals;
use self::supervisor::Supervisor;
use crate::config::settings::Settings;
use crate::exit::Failure;
use crate::http::Clock;
use crate::telemetry::Sending;

/// A configuration, and where each tenant's store is.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration.
    pub settings: Settings,
    /// In the order of its tenants.
    pub stores: Vec<PathBuf>,
}

/// Works under the configuration that `load` gives, now and when it is to be read again, until it is asked to stop.
/// Health and metrics are told at `listen`, else where the configuration says; `began` hears the address.
///
/// # Errors
/// The configuration is wrong, or the address cannot be listened on.
pub async fn run(
    load: impl Fn() -> Result<Loaded, Failure>,
    listen: Option<SocketAddr>,
    began: impl FnOnce(SocketAddr) -> std::io::Result<()>,
) -> Result<(), Failure> {
    let clock = Clock::System;
    let signals = Signals::listen()?;
    let settings = load()?.settings;
    let telemetry = Sending::start(&settings)?;
    let listen = listen.unwrap_or(settings.run.listen);
    let listener = TcpListener::bind(listen).await.map_err(|cause| {
        Failure::failed(format!(
            "cannot listen on {listen}: {cause}; choose another address with run.listen or --listen"
        ))
    })?;
    let board = Board::new(TimeMs(clock.now().as_millisecond()), clock.monotonic());
    let supervisor = Supervisor::new(load, clock.clone(), board.clone()).await?;
    began(listener.local_addr()?)?;
    let ended = tokio::select! {
        () = supervisor.run(signals) => Ok(()),
        // It ends only when the listener is lost.
        ended = server::serve(listener, board, clock) => ended,
    };
    if let Some(telemetry) = telemetry {
        telemetry.finish().await;
    }
    Ok(ended?)
}
