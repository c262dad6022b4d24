//! Traces and logs to an OpenTelemetry collector, when `[telemetry]` names one: OTLP over HTTP as JSON, through our own client
//! with its roots, proxies and limits.
//!
//! A span stands for a pass (`pass`, `tenant`), within it one for each feed (`feed`) and sink (`sink`); log lines bear the
//! fields of the spans that they were said in, and the ids of the trace. Both are queued by the library (at most 2048 each,
//! further ones are dropped by it) and sent apart from the work, which never waits for a collector.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_appender_tracing::layer::{OpenTelemetryTracingBridge, TracingSpanAttributes};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Response};
use opentelemetry_otlp::{LogExporter, Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::runtime::Handle;
use tracing_subscriber::layer::Layer as _;
use url::Url;

use crate::config::settings::{Settings, Telemetry};
use crate::http::{Client, Failure, Request};
use crate::log;
use crate::secret::Secret;

/// How long the end of the program waits for what is still to be sent.
const FINISH_SECONDS_MAX: u64 = 5;

/// What is being sent.
pub struct Sending {
    traces: Option<SdkTracerProvider>,
    logs: Option<SdkLoggerProvider>,
}

impl Sending {
    /// Begins to send where the configuration says so. Must be called within the runtime.
    ///
    /// # Errors
    /// The client cannot be set up, or an `OTEL_…` variable is wrong.
    pub fn start(settings: &Settings) -> Result<Option<Self>, Failure> {
        let Some(telemetry) = &settings.telemetry else { return Ok(None) };
        let through = Through {
            client: Client::new(&settings.http)?,
            runtime: Handle::current(),
            is_failing: Arc::new(AtomicBool::new(false)),
        };
        let unusable = |error: opentelemetry_otlp::ExporterBuildError| {
            Failure::stop(format!("[telemetry] cannot be used: {error}; look at the variables OTEL_…"))
        };
        let traces = telemetry.traces.then(|| traces(telemetry, through.clone())).transpose().map_err(unusable)?;
        let logs = telemetry.logs.then(|| logs(telemetry, through)).transpose().map_err(unusable)?;
        let spans = traces.iter().map(|provider| {
            tracing_opentelemetry::layer().with_tracer(provider.tracer("sharetrail")).with_threads(false).boxed()
        });
        let lines = logs.iter().map(|provider| {
            let bridge = OpenTelemetryTracingBridge::builder(provider);
            bridge.with_tracing_span_attributes(TracingSpanAttributes::all()).build().boxed()
        });
        let layers: Vec<log::Layer> = spans.chain(lines).collect();
        log::send_to(layers.boxed());
        Ok(Some(Self { traces, logs }))
    }

    /// Sends what is left, for a few seconds at most.
    pub async fn finish(self) {
        let limit = Duration::from_secs(FINISH_SECONDS_MAX);
        let finishing = tokio::task::spawn_blocking(move || {
            let spans = self.traces.map_or(Ok(()), |provider| provider.shutdown_with_timeout(limit));
            let lines = self.logs.map_or(Ok(()), |provider| provider.shutdown_with_timeout(limit));
            spans.and(lines)
        });
        if let Ok(Err(error)) = finishing.await {
            tracing::warn!("the last traces or log lines did not reach the collector: {error}");
        }
    }
}

fn traces(
    telemetry: &Telemetry,
    through: Through,
) -> Result<SdkTracerProvider, opentelemetry_otlp::ExporterBuildError> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(through)
        .with_protocol(Protocol::HttpJson)
        .with_endpoint(signal(telemetry, "traces"))
        .build()?;
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource(telemetry)).build())
}

fn logs(telemetry: &Telemetry, through: Through) -> Result<SdkLoggerProvider, opentelemetry_otlp::ExporterBuildError> {
    let exporter = LogExporter::builder()
        .with_http()
        .with_http_client(through)
        .with_protocol(Protocol::HttpJson)
        .with_endpoint(signal(telemetry, "logs"))
        .build()?;
    Ok(SdkLoggerProvider::builder().with_batch_exporter(exporter).with_resource(resource(telemetry)).build())
}

fn signal(telemetry: &Telemetry, signal: &str) -> String {
    format!("{}/v1/{signal}", telemetry.endpoint.as_str().trim_end_matches('/'))
}

fn resource(telemetry: &Telemetry) -> Resource {
    Resource::builder()
        .with_service_name(telemetry.service_name.clone())
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build()
}

/// Our client, as the library wants one. Its threads are not the runtime's, so calls are made there.
#[derive(Debug, Clone)]
struct Through {
    client: Client,
    runtime: Handle,
    /// The collector did not answer last time: an outage is told once.
    is_failing: Arc<AtomicBool>,
}

#[async_trait]
impl HttpClient for Through {
    async fn send_bytes(&self, request: opentelemetry_http::Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (client, ours) = (self.client.clone(), ours(request)?);
        let answer = self.runtime.spawn(async move { client.exchange(&ours).await }).await?;
        let failure = match &answer {
            Ok(answer) if (200..300).contains(&answer.status()) => None,
            Ok(answer) => Some(format!("it answers {}", answer.status())),
            Err(failure) => Some(failure.to_string()),
        };
        let was_failing = self.is_failing.swap(failure.is_some(), Ordering::Relaxed);
        if let Some(why) = failure.filter(|_| !was_failing) {
            tracing::warn!(
                "the collector of [telemetry] takes nothing: {why}; traces and log lines are lost until it does"
            );
        }
        let answer = answer?;
        Ok(Response::builder().status(answer.status()).body(answer.body().clone())?)
    }
}

/// A header may be a password: none is shown.
fn ours(request: opentelemetry_http::Request<Bytes>) -> Result<Request, HttpError> {
    let (parts, body) = request.into_parts();
    let mut ours = Request::post_json(Url::parse(&parts.uri.to_string())?, body);
    for (name, value) in &parts.headers {
        if *name != "content-type" && *name != "content-length" {
            ours = ours.secret_header(name.as_str().to_owned(), Secret::new(value.to_str()?.to_owned()));
        }
    }
    Ok(ours)
}
