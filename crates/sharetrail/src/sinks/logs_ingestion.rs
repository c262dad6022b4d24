//! Azure Monitor Logs Ingestion: the sink that rows go to.
//! Source: Microsoft, "Logs Ingestion API in Azure Monitor".

use std::time::Duration;

use url::Url;

use super::Delivery;
use super::batch::Batch;
use crate::azure::{Bearer, Credential};
use crate::config::settings::{Cloud, LogsIngestion};
use crate::http::{Client, Clock, Failure, Next, Request, host_and_port};

const API_VERSION: &str = "2023-01-01";

/// Sends batches to the streams of one data collection rule.
#[derive(Debug, Clone)]
pub struct LogsIngestionSink {
    bearer: Bearer,
    endpoint: Url,
    dcr_immutable_id: String,
}

impl LogsIngestionSink {
    /// Sends with tokens of `credential`, which needs the role Monitoring Metrics Publisher on the rule.
    pub fn new(client: &Client, cloud: &Cloud, settings: &LogsIngestion, credential: &Credential) -> Self {
        Self {
            bearer: Bearer::new(client, credential, &cloud.ingestion_scope),
            endpoint: settings.endpoint.clone(),
            dcr_immutable_id: settings.dcr_immutable_id.clone(),
        }
    }

    /// Sends a batch to a stream of the rule, such as `Custom-ShareTrailAccess_CL`.
    ///
    /// `Done` means that the service took the batch over; what a transformation in the rule makes of it is not told.
    pub async fn send(&self, stream: &str, batch: &Batch) -> Delivery {
        let mut request = Request::post_json(self.address(stream), batch.body().clone());
        if batch.gzip() {
            request = request.header("content-encoding", "gzip");
        }
        self.deliver(stream, request).await
    }

    /// Asks whether rows would be taken, by sending none: the service accepts an empty array.
    pub async fn check(&self, stream: &str) -> Delivery {
        self.deliver(stream, Request::post_json(self.address(stream), "[]")).await
    }

    async fn deliver(&self, stream: &str, request: Request) -> Delivery {
        let request = request.header("x-ms-client-request-id", uuid::Uuid::new_v4().to_string());
        // A proxy or a sign-in page says 200 as well, and the service has seen nothing then.
        match self.bearer.send(&request, None).await.and_then(|answer| answer.refuse_web_page()) {
            Ok(()) => Delivery::Done,
            Err(failure) => self.judge(stream, failure),
        }
    }

    fn judge(&self, stream: &str, failure: Failure) -> Delivery {
        let (rule, endpoint, who) = (&self.dcr_immutable_id, host_and_port(&self.endpoint), self.bearer.who());
        match &failure.next {
            Next::Retry { .. } | Next::Later { .. } => retry(&failure, self.bearer.client().clock()),
            Next::TooLarge => Delivery::Split { why: failure.why },
            Next::Bad if failure.code() == "InvalidStream" => Delivery::Stop {
                why: format!(
                    "the data collection rule {rule} has no stream {stream}; the name must be spelt as the rule declares it. {}",
                    failure.why
                ),
            },
            Next::Bad if failure.status == Some(400) => Delivery::Reject { why: failure.why },
            Next::Forbidden => Delivery::Stop {
                why: format!(
                    "{who} may not send to the data collection rule {rule}: give it the role Monitoring Metrics Publisher on \
                     the rule; a new role takes up to half an hour to work. If the role is there, check that the endpoint \
                     belongs to the rule and may be reached from this network. {}",
                    failure.why
                ),
            },
            Next::NotFound => Delivery::Stop {
                why: format!(
                    "{endpoint} does not know the data collection rule {rule} or its stream {stream}; check \
                     dcr_immutable_id (dcr- and 32 hex digits) and that the endpoint is that of the rule, in the same \
                     region. {}",
                    failure.why
                ),
            },
            Next::Unauthorized => Delivery::Stop {
                why: format!(
                    "{endpoint} does not accept the token of {who}, not even a fresh one; check tenant_id and \
                     cloud.ingestion_scope. {}",
                    failure.why
                ),
            },
            Next::Bad | Next::Stop => Delivery::Stop { why: failure.why },
        }
    }

    fn address(&self, stream: &str) -> Url {
        let mut url = self.endpoint.clone();
        // An http address can be a base; the check of the configuration lets no other through.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["dataCollectionRules", &self.dcr_immutable_id, "streams", stream]);
        }
        url.query_pairs_mut().append_pair("api-version", API_VERSION);
        url
    }
}

/// A passing trouble after all attempts, with the pause that the service still asks for.
pub(super) fn retry(failure: &Failure, clock: &Clock) -> Delivery {
    let after = match &failure.next {
        Next::Retry { after, .. } => *after,
        Next::Later { until } => Some(Duration::try_from(until.duration_since(clock.now())).unwrap_or(Duration::ZERO)),
        _ => None,
    };
    Delivery::Retry { after, why: failure.why.clone() }
}
