//! `function`: the custom handler of Azure Functions. A timer of the host says when; nothing stays on the instance but for
//! speed.
//!
//! * `handler.rs`: what the host asks over HTTP; `invocation.rs`: the body of a timer and the answer (pure).
//! * `work.rs`: the work of one invocation; `telling.rs`: in lines what it came to; `time_limit.rs`: how long it may take.
//! * `state.rs`: a tenant's store in a blob, under a lease (`lease.rs`), as blocks (`blocks.rs`, pure); `scratch.rs`: where
//!   the copies are.
//! * `fetch.rs`: a copy of the state for looking at it.

mod blocks;
mod fetch;
mod handler;
mod invocation;
mod lease;
mod scratch;
mod state;
mod telling;
mod time_limit;
mod work;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use tokio::net::TcpListener;

pub use self::fetch::fetch;
use self::handler::Handler;
use crate::config::settings::Settings;
use crate::exit::Failure;
use crate::http::Clock;

/// Where the host says on which port it looks for the handler; the second one is the name of old.
const PORTS: [&str; 2] = ["FUNCTIONS_CUSTOMHANDLER_PORT", "FUNCTIONS_HTTPWORKER_PORT"];
/// Where it says in which folder the app is.
const APP_ROOT: &str = "FUNCTIONS_APP_ROOT_PATH";

/// What the host says in the environment.
#[derive(Debug, Clone)]
pub struct Host {
    port: u16,
    app_root: Option<PathBuf>,
}

impl Host {
    /// As the environment says.
    ///
    /// # Errors
    /// It says nothing: this is no Functions host.
    pub fn of_environment() -> Result<Self, Failure> {
        let variable = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
        let Some(port) = PORTS.into_iter().find_map(variable) else {
            return Err(Failure::usage(format!(
                "{} is not set, so no Azure Functions host has started this; elsewhere use `sharetrail run`, or `sharetrail \
                 collect` from a timer of the system",
                PORTS[0]
            )));
        };
        let port = port.parse().map_err(|_| Failure::usage(format!("{} is no port: {port}", PORTS[0])))?;
        Ok(Self { port, app_root: variable(APP_ROOT).map(PathBuf::from) })
    }

    /// The folder of the app, where it is known.
    pub fn app_root(&self) -> Option<&std::path::Path> {
        self.app_root.as_deref()
    }
}

/// Answers the host until `asked_to_stop`, under the configuration that `load` gives. It listens first and reads its
/// configuration after: the host waits for a sign of life only for so long.
///
/// # Errors
/// The port cannot be listened on.
pub async fn run(
    host: Host,
    load: impl Fn() -> Result<Settings, Failure> + Send + Sync + 'static,
    asked_to_stop: impl Future<Output = std::io::Result<()>>,
) -> Result<(), Failure> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, host.port));
    let listener = TcpListener::bind(address).await.map_err(|cause| {
        Failure::failed(format!("cannot listen on {address}, where the host looks for us: {cause}"))
    })?;
    let app_root = host.app_root;
    let work_max = move |settings: &Settings| time_limit::work_max(settings.function.minutes_max, app_root.as_deref());
    let handler = Handler::new(load, std::env::temp_dir(), work_max);
    let begins = handler.clone();
    tokio::spawn(async move {
        // Said at once and not at the first tick.
        if let Err(failure) = begins.worker().await {
            tracing::error!("{failure}");
        }
    });
    let serving = handler.clone().serve(listener);
    tokio::pin!(serving);
    tokio::select! {
        ended = &mut serving => return Ok(ended?),
        asked = asked_to_stop => asked?,
    }
    // A configuration that cannot be read is waited for by nobody.
    let seconds_max = handler.worker().await.map_or(0, |worker| worker.settings().run.stop_seconds_max);
    tokio::select! {
        ended = handler.come_to_an_end(serving) => ended?,
        () = Clock::System.pause(Duration::from_secs(seconds_max.into())) => tracing::warn!(
            "the work was broken off; what was not put back is done again, and what was being sent may be sent once more"
        ),
    }
    Ok(())
}
