//! The HTTP Data Collector, retired by Microsoft on 2026-09-14: only for those who still have a workspace that takes it.
//! Source: Microsoft, "Send log data to Azure Monitor by using the HTTP Data Collector API".

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use url::Url;

use super::Delivery;
use super::batch::Batch;
use super::logs_ingestion::retry;
use crate::azure::{HeldSecret, ResourceManager, SecretResolver};
use crate::config::settings::{Cloud, DataCollector, Workspace};
use crate::http::{Client, Failure, Next, Request, host_and_port};
use crate::secret::Secret;

const API_VERSION: &str = "2016-04-01";
const CONTENT_TYPE: &str = "application/json";

/// The column that holds the time of a row; without the header that names it, rows bear the time of arrival.
const TIME_FIELD: &str = "CreatedDateTime";

/// From here on a 404 can mean "too large" and not "wrong address".
const BODY_BYTES_CERTAIN: usize = 25_000_000;

/// Posts batches to one workspace.
#[derive(Debug)]
pub struct DataCollectorSink {
    client: Client,
    address: Url,
    workspace_id: String,
    key: HeldSecret,
    log_type: String,
}

/// The warning to give at start, whenever this sink is used.
pub fn retirement_warning() -> &'static str {
    "the HTTP Data Collector was retired by Microsoft on 2026-09-14: rows sent there may be refused, or accepted and lost; \
     move to a logs_ingestion sink (an existing _CL table can be migrated to a data collection rule)"
}

impl DataCollectorSink {
    /// Finds the workspace and its key, where the configuration does not name both.
    ///
    /// # Errors
    /// As [`DataCollectorSink::new`]; and when workspace or key cannot be found or may not be read.
    pub async fn open(
        client: &Client,
        cloud: &Cloud,
        settings: &DataCollector,
        secrets: &SecretResolver,
    ) -> Result<Self, Failure> {
        let (workspace_id, key) = match (&settings.workspace, &settings.shared_key) {
            (Workspace::Id(id), Some(key)) => (id.clone(), secrets.hold(key)),
            (workspace, key) => {
                let manager = ResourceManager::new(client, cloud, &secrets.credential(None)?);
                let found = manager.find(workspace).await?;
                let key = match key {
                    Some(key) => secrets.hold(key),
                    None => manager.shared_key(&found).await?.into(),
                };
                (found.customer_id, key)
            }
        };
        Self::new(client, cloud, settings, &workspace_id, key).await
    }

    /// Posts to the workspace with this id (`customerId`), signing with one of its two shared keys.
    ///
    /// # Errors
    /// `Stop` when the key cannot be read or is not base64, or the address in the configuration is none.
    pub async fn new(
        client: &Client,
        cloud: &Cloud,
        settings: &DataCollector,
        workspace_id: &str,
        key: HeldSecret,
    ) -> Result<Self, Failure> {
        signing_key(&key.get().await?, workspace_id)?;
        let address = cloud.data_collector.replace("{workspace}", workspace_id);
        let mut address = Url::parse(&address).map_err(|error| {
            Failure::stop(format!("cloud.data_collector gives {address}, which is no address: {error}"))
        })?;
        // An http address can be a base; the check of the configuration lets no other through.
        if let Ok(mut segments) = address.path_segments_mut() {
            segments.clear().extend(["api", "logs"]);
        }
        address.set_query(Some(&format!("api-version={API_VERSION}")));
        Ok(Self {
            client: client.clone(),
            address,
            workspace_id: workspace_id.to_owned(),
            key,
            log_type: settings.log_type.clone(),
        })
    }

    /// Posts a batch, always as an array, however few its rows.
    ///
    /// `Done` is no proof that rows were stored: the service has always answered 200 before it looked at the rows, and
    /// since its retirement it may drop them all.
    pub async fn send(&self, batch: &Batch) -> Delivery {
        match self.post(batch).await {
            Ok(()) => Delivery::Done,
            Err(failure) => self.judge(batch, failure),
        }
    }

    /// Asks whether rows would be taken, by posting an empty list: the address is asked and the signature checked, and there is
    /// nothing to keep.
    pub async fn check(&self) -> Delivery {
        self.send(&Batch::none()).await
    }

    async fn post(&self, batch: &Batch) -> Result<(), Failure> {
        let key = self.key.get().await?;
        match self.post_with(&key, batch).await {
            Err(failure) if matches!(failure.next, Next::Forbidden | Next::Unauthorized) => {
                match self.key.replacement(&key).await {
                    Some(key) => self.post_with(&key, batch).await,
                    None => Err(failure),
                }
            }
            posted => posted,
        }
    }

    async fn post_with(&self, key: &Secret, batch: &Batch) -> Result<(), Failure> {
        let key = signing_key(key, &self.workspace_id)?;
        // Built anew for each attempt: the signature holds the time of day, which the service checks.
        // A proxy or a sign-in page says 200 as well, and the service has seen nothing then.
        self.client.send_fresh(|| self.request(&key, batch)).await?.refuse_web_page()
    }

    fn request(&self, key: &hmac::Key, batch: &Batch) -> Request {
        let seconds = u64::try_from(self.client.clock().now().as_second()).unwrap_or(0);
        let date = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        let signature = signature(key, batch.raw().len(), &date);
        let authorization = format!("SharedKey {}:{signature}", self.workspace_id);
        // No compression is described for this service.
        Request::post_json(self.address.clone(), batch.raw().clone())
            .secret_header("authorization", Secret::new(authorization))
            .header("log-type", self.log_type.clone())
            .header("x-ms-date", date)
            .header("time-generated-field", TIME_FIELD)
    }

    fn judge(&self, batch: &Batch, failure: Failure) -> Delivery {
        let id = &self.workspace_id;
        let why = match (&failure.next, failure.status, failure.code()) {
            (Next::Retry { .. } | Next::Later { .. }, ..) => return retry(&failure, self.client.clock()),
            (Next::TooLarge, ..) => return Delivery::Split { why: failure.why },
            (Next::NotFound, ..) if batch.raw().len() >= BODY_BYTES_CERTAIN => {
                return Delivery::Split { why: failure.why };
            }
            (Next::Bad, _, "InvalidDataFormat") => return Delivery::Reject { why: failure.why },
            (Next::Bad, _, "InactiveCustomer") => format!("the workspace {id} is closed; choose another"),
            (Next::Bad, _, "InvalidCustomerId") => {
                format!("{id} is no workspace id; it is the GUID on the workspace's page")
            }
            (Next::Bad, _, "InvalidLogType" | "MissingLogType") => {
                format!("log_type {} is not allowed: letters, digits and underscore, at most 100", self.log_type)
            }
            (Next::Forbidden | Next::Unauthorized, ..) => format!(
                "the workspace {id} does not accept our signature: check the shared key, that it is the key of this very \
                 workspace, and this machine's clock"
            ),
            (Next::NotFound, ..) => format!(
                "{} no longer takes rows here: the HTTP Data Collector is retired, or the workspace id {id} or \
                 cloud.data_collector is wrong; move to a logs_ingestion sink",
                host_and_port(&self.address)
            ),
            _ => return Delivery::Stop { why: failure.why },
        };
        Delivery::Stop { why: format!("{why}. {}", failure.why) }
    }
}

fn signing_key(shared_key: &Secret, workspace_id: &str) -> Result<hmac::Key, Failure> {
    let bytes = STANDARD.decode(shared_key.expose().trim()).ok().filter(|bytes| !bytes.is_empty());
    bytes.map(|bytes| hmac::Key::new(hmac::HMAC_SHA256, &bytes)).ok_or_else(|| {
        Failure::stop(format!(
            "the shared key of the workspace {workspace_id} is not base64 text; copy the primary or secondary key of the \
             workspace (88 characters ending in ==) as it is"
        ))
    })
}

/// The signature of a post: `content_bytes` counts the UTF-8 bytes sent, not characters.
fn signature(key: &hmac::Key, content_bytes: usize, date: &str) -> String {
    let text = format!("POST\n{content_bytes}\n{CONTENT_TYPE}\nx-ms-date:{date}\n/api/logs");
    STANDARD.encode(hmac::sign(key, text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_counts_bytes_and_not_characters() {
        let key: Vec<u8> = (0..64).collect();
        let key = signing_key(&Secret::new(STANDARD.encode(key)), "w1").unwrap();
        let body = r#"[{"a":"é"}]"#;
        assert_eq!((body.len(), body.chars().count()), (12, 11));
        let date = "Tue, 24 Nov 2026 03:00:00 GMT";
        assert_eq!(signature(&key, body.len(), date), "SIlQ9oVhoCB3jIqO8bmXJy1xzMBUozw1ASE5KlLCh/A=");
    }

    #[test]
    fn a_key_must_be_base64() {
        for text in ["", "not base64!", "AAA"] {
            assert!(signing_key(&Secret::new(text), "w1").is_err(), "{text}");
        }
        assert!(signing_key(&Secret::new("AAEC\n"), "w1").is_ok());
    }

    #[test]
    fn the_warning_names_the_date_and_the_way_out() {
        assert!(retirement_warning().contains("2026-09-14") && retirement_warning().contains("logs_ingestion"));
    }
}
