//! The HTTP side: the host asks whether we are there, at any time, and invokes us. Whatever happens it is answered with 200
//! and JSON: anything else it takes for a broken handler, and shows nobody the reason.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State as Shared};
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, OnceCell};
use tracing::Instrument as _;

use super::invocation::{Answer, Tick};
use super::work::Worker;
use crate::collect::{Stop, StopSwitch};
use crate::config::settings::Settings;
use crate::exit::Failure;

/// A timer's body is a few hundred bytes.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// What answers the host.
pub struct Handler {
    load: Box<dyn Fn() -> Result<Settings, Failure> + Send + Sync>,
    temporary: PathBuf,
    work_max: Box<dyn Fn(&Settings) -> Duration + Send + Sync>,
    /// Made when the configuration can be read.
    worker: OnceCell<Worker>,
    /// Held during an invocation; what the latest one came to, by its id.
    latest: Mutex<Option<(String, Vec<String>)>>,
    switch: StopSwitch,
    stop: Stop,
}

impl Handler {
    /// A handler that works under the configuration that `load` gives, which is asked for until it gives one, and for as
    /// long as `work_max` says.
    pub fn new(
        load: impl Fn() -> Result<Settings, Failure> + Send + Sync + 'static,
        temporary: PathBuf,
        work_max: impl Fn(&Settings) -> Duration + Send + Sync + 'static,
    ) -> Arc<Self> {
        let (switch, stop) = Stop::new();
        Arc::new(Self {
            load: Box::new(load),
            temporary,
            work_max: Box::new(work_max),
            worker: OnceCell::new(),
            latest: Mutex::new(None),
            switch,
            stop,
        })
    }

    /// Answers on `listener` until it is asked to come to an end, and those that ask then to the last.
    ///
    /// # Errors
    /// Those of the listener.
    pub async fn serve(self: Arc<Self>, listener: TcpListener) -> std::io::Result<()> {
        let routes = get(async || "sharetrail is ready\n").post(invoke);
        let router = Router::new().route("/", routes.clone()).route("/{*function}", routes);
        let stop = self.stop.clone();
        let router = router.layer(DefaultBodyLimit::max(BODY_BYTES_MAX)).with_state(self);
        axum::serve(listener, router).with_graceful_shutdown(stop.asked()).await
    }

    /// What works, made on first use. A failure is no end: somebody may mend what it names.
    pub async fn worker(&self) -> Result<&Worker, Failure> {
        self.worker.get_or_try_init(|| async { Worker::new((self.load)()?, &self.temporary).await }).await
    }

    /// Asks the work under way to end, and waits for it and for its answer, which `serving` gives.
    ///
    /// # Errors
    /// Those of the listener.
    pub async fn come_to_an_end(&self, serving: impl Future<Output = std::io::Result<()>>) -> std::io::Result<()> {
        self.switch.ask();
        let served = serving.await;
        // The host may have hung up before.
        let _ended = self.latest.lock().await;
        served
    }

    /// One invocation.
    async fn tick(&self, id: String, tick: Tick) -> Vec<String> {
        let Ok(mut latest) = self.latest.try_lock() else {
            let line = "this instance still works on an earlier tick; nothing to do";
            tracing::info!("{line}");
            return vec![line.to_owned()];
        };
        if let Some((known, lines)) = latest.as_ref()
            && !id.is_empty()
            && *known == id
        {
            tracing::info!("this tick came once before and is done");
            return lines.clone();
        }
        tracing::info!("tick{}", tick.words());
        let lines = match self.worker().await {
            Ok(worker) => {
                let work_max = (self.work_max)(worker.settings());
                worker.tick(work_max, &self.stop).await
            }
            Err(failure) => {
                tracing::error!("{failure}");
                return vec![format!("warning: nothing can be done: {failure}")];
            }
        };
        *latest = Some((id, lines.clone()));
        lines
    }
}

async fn invoke(Shared(handler): Shared<Arc<Handler>>, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let id = header("x-azure-functions-invocationid");
    let tick = Tick::read(&body);
    let span = tracing::warn_span!("invocation", invocation = id);
    // A task of its own: a host that does not wait for the answer must not break the work off in the middle.
    let work = tokio::spawn(async move { handler.tick(id, tick).await }.instrument(span));
    let lines = work.await.unwrap_or_else(|_| {
        tracing::error!("the invocation ended by a fault of the program; the next tick tries again");
        vec!["warning: the invocation ended by a fault of the program; the next tick tries again".to_owned()]
    });
    Json(Answer::of(lines))
}
