//! The sinks of a tenant: which tables they take, and how they are reached.

use crate::config::settings::{self, Tenant};
use crate::http::Failure;
use crate::sinks::Delivery;
use crate::sinks::batch::{Batch, Limits};
use crate::sinks::data_collector::{DataCollectorSink, retirement_warning};
use crate::sinks::logs_ingestion::LogsIngestionSink;
use crate::store::Table;

use super::Pass;

/// Name and tables of each configured sink.
pub(super) fn tables(tenant: &Tenant) -> Vec<(String, Vec<Table>)> {
    tenant.sinks.iter().map(|sink| (sink.name().to_owned(), takes(sink))).collect()
}

fn takes(sink: &settings::Sink) -> Vec<Table> {
    match sink {
        settings::Sink::LogsIngestion(sink) => {
            Table::ALL.into_iter().filter(|table| stream(sink, *table).is_some()).collect()
        }
        settings::Sink::DataCollector(_) => vec![Table::Accept],
    }
}

fn stream(sink: &settings::LogsIngestion, table: Table) -> Option<&str> {
    match table {
        Table::Access => sink.access_stream.as_deref(),
        Table::Share => sink.share_stream.as_deref(),
        Table::Activity => sink.activity_stream.as_deref(),
        Table::Gap => sink.gap_stream.as_deref(),
        Table::Accept => sink.accept_stream.as_deref(),
    }
}

/// What a batch for this sink may hold.
pub(super) fn limits(sink: &settings::Sink) -> Limits {
    match sink {
        settings::Sink::LogsIngestion(sink) => {
            Limits { wire_bytes_max: sink.batch_wire_bytes_max, raw_bytes_max: sink.batch_raw_bytes_max, gzip: true }
        }
        settings::Sink::DataCollector(sink) => {
            Limits { wire_bytes_max: sink.batch_bytes_max, raw_bytes_max: sink.batch_bytes_max, gzip: false }
        }
    }
}

/// A sink that can be reached.
pub(super) enum Open<'a> {
    LogsIngestion(LogsIngestionSink, &'a settings::LogsIngestion),
    DataCollector(DataCollectorSink),
}

impl Open<'_> {
    pub(super) async fn send(&self, table: Table, batch: &Batch) -> Delivery {
        match self {
            Self::LogsIngestion(sink, settings) => match stream(settings, table) {
                Some(stream) => sink.send(stream, batch).await,
                None => Delivery::Stop { why: format!("no stream is configured for {}", table.as_str()) },
            },
            Self::DataCollector(sink) => sink.send(batch).await,
        }
    }
}

impl Pass<'_> {
    /// Makes a sink ready: tokens, workspace, key.
    pub(super) async fn open_sink<'a>(&self, sink: &'a settings::Sink) -> Result<Open<'a>, Failure> {
        match sink {
            settings::Sink::LogsIngestion(settings) => {
                let credential = self.secrets.credential(self.tenant.identity.as_ref())?;
                let sink = LogsIngestionSink::new(&self.http, &self.settings.cloud, settings, &credential);
                Ok(Open::LogsIngestion(sink, settings))
            }
            settings::Sink::DataCollector(settings) => {
                tracing::warn!(sink = settings.name, "{}", retirement_warning());
                let sink = DataCollectorSink::open(&self.http, &self.settings.cloud, settings, self.secrets).await?;
                Ok(Open::DataCollector(sink))
            }
        }
    }
}
