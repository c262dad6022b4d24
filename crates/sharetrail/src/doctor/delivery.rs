//! Delivery: that the rule and its streams would take rows. Asked by sending none, which the service accepts and keeps
//! nothing of.

use super::{Finding, Patient, columns};
use crate::config::settings::{DataCollector, LogsIngestion, Sink};
use crate::sinks::Delivery;
use crate::sinks::data_collector::{DataCollectorSink, retirement_warning};
use crate::sinks::logs_ingestion::LogsIngestionSink;

const TOPIC: &str = "delivery";
const LEGACY: &str = "legacy table";

pub(super) async fn check(patient: &Patient<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for sink in &patient.tenant.sinks {
        match sink {
            Sink::LogsIngestion(sink) => {
                findings.extend(rule(patient, sink).await);
                findings.extend(columns::check(patient, sink).await);
            }
            Sink::DataCollector(sink) => findings.extend([asked(patient, sink).await, retired(sink)]),
        }
    }
    findings
}

async fn rule(patient: &Patient<'_>, settings: &LogsIngestion) -> Vec<Finding> {
    let what = format!("the data collection rule {}", settings.dcr_immutable_id);
    if let Some(why) = patient.reach.down(&settings.endpoint) {
        return vec![Finding::not_checked(TOPIC, what, why)];
    }
    let cloud = &patient.settings.cloud;
    if let Err(finding) = patient.has_token(&cloud.ingestion_scope, TOPIC, &what).await {
        return vec![finding];
    }
    let credential = match patient.credential(TOPIC, &what) {
        Ok(credential) => credential,
        Err(finding) => return vec![finding],
    };
    let sink = LogsIngestionSink::new(patient.http, cloud, settings, credential);
    let streams = [
        &settings.access_stream,
        &settings.share_stream,
        &settings.gap_stream,
        &settings.activity_stream,
        &settings.accept_stream,
    ];
    let mut findings = Vec::new();
    for stream in streams.into_iter().flatten() {
        findings.push(match sink.check(stream).await {
            Delivery::Done => Finding::fine(TOPIC, format!("{what} takes rows for {stream}")),
            Delivery::Retry { why, .. }
            | Delivery::Split { why }
            | Delivery::Reject { why }
            | Delivery::Stop { why } => Finding::failed(TOPIC, format!("{what} takes no rows for {stream}"))
                .because(why)
                .remedy("what the reason asks for; rows wait in the outbox until then, and nothing is lost"),
        });
    }
    findings
}

/// Posts an empty list, which leaves nothing behind: name, connection, address, workspace id and signature are asked with it.
async fn asked(patient: &Patient<'_>, settings: &DataCollector) -> Finding {
    let what = "the HTTP Data Collector of the workspace";
    let remedy = "what the reason asks for; rows wait in the outbox until then, and nothing is lost";
    let refused = |why: String| Finding::failed(LEGACY, format!("{what} takes no rows")).because(why).remedy(remedy);
    let sink = DataCollectorSink::open(patient.http, &patient.settings.cloud, settings, patient.secrets).await;
    let sink = match sink {
        Ok(sink) => sink,
        Err(failure) => return refused(failure.why),
    };
    match sink.check().await {
        Delivery::Done => Finding::fine(LEGACY, format!("{what} takes our signature"))
            .because("it was sent an empty list; whether it keeps rows it does not say"),
        Delivery::Retry { why, .. } | Delivery::Split { why } | Delivery::Reject { why } | Delivery::Stop { why } => {
            refused(why)
        }
    }
}

fn retired(settings: &DataCollector) -> Finding {
    let table = format!("{}_CL", settings.log_type);
    Finding::warning(LEGACY, format!("rows of the share report go to the table {table}"))
        .because(format!("the service appends _CL to log_type. {}", retirement_warning()))
        .remedy(format!("look for {table} in the workspace; deliver to a data collection rule instead"))
}
