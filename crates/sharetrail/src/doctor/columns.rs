//! Columns: that the streams of the rule declare all that we deliver, and that the tables are there with them.
//!
//! Neither is told to a sender, who gets 204 whatever becomes of a row. The rule can be read through Azure Resource Manager and
//! a table by query, each with a role that delivery does not need; so both are asked only where the configuration says which
//! rule and which workspace.

use std::fmt::Write as _;

use super::{Finding, Patient};
use crate::azure::{Column, QueryClient, ResourceManager, Rule};
use crate::config::settings::LogsIngestion;
use crate::http::{Failure, Next};
use crate::store::Table;

const RULE: &str = "rule";
const TABLE: &str = "table";

/// What the latest rows of a table are counted of; a count of all time would be a scan of it.
const RECENT: &str = "30d";

/// Findings about the rule, then about each table.
pub(super) async fn check(patient: &Patient<'_>, sink: &LogsIngestion) -> Vec<Finding> {
    let (mut findings, rule) = match rule(patient, sink).await {
        Ok(rule) => (of_rule(&rule, sink), Some(rule)),
        Err(finding) => (vec![finding], None),
    };
    findings.extend(tables(patient, sink, rule.as_ref()).await);
    findings
}

/// The tables that are delivered, each with its stream.
fn delivered(sink: &LogsIngestion) -> impl Iterator<Item = (Table, &str)> {
    let streams = [
        (Table::Access, &sink.access_stream),
        (Table::Share, &sink.share_stream),
        (Table::Gap, &sink.gap_stream),
        (Table::Activity, &sink.activity_stream),
        (Table::Accept, &sink.accept_stream),
    ];
    streams.into_iter().filter_map(|(table, stream)| Some((table, stream.as_deref()?)))
}

async fn rule(patient: &Patient<'_>, sink: &LogsIngestion) -> Result<Rule, Finding> {
    let what = "whether the streams of the rule declare all columns";
    let cloud = &patient.settings.cloud;
    let Some(id) = &sink.dcr_resource_id else {
        return Err(Finding::not_checked(RULE, what, "a sender is not told; it can be read from the rule itself").remedy(
            "name the rule in tenant.sink.logs_ingestion.dcr_resource_id, and give the identity that delivers the role \
             Monitoring Reader on it; delivery needs neither",
        ));
    };
    if let Some(why) = patient.reach.down(&cloud.arm) {
        return Err(Finding::not_checked(RULE, what, why));
    }
    patient.has_token(&cloud.arm_scope, RULE, what).await?;
    let manager = ResourceManager::new(patient.http, cloud, patient.credential(RULE, what)?);
    manager.rule(id).await.map_err(|failure| unread(RULE, what, "tenant.sink.logs_ingestion.dcr_resource_id", failure))
}

fn of_rule(rule: &Rule, sink: &LogsIngestion) -> Vec<Finding> {
    if !rule.immutable_id.eq_ignore_ascii_case(&sink.dcr_immutable_id) {
        return vec![
            Finding::failed(RULE, "dcr_resource_id and dcr_immutable_id name different rules")
                .because(format!("the immutable id of the former is {}", rule.immutable_id))
                .remedy("copy both from the same rule, JSON view"),
        ];
    }
    let one = |(table, stream): (Table, &str)| {
        let name = table.as_str();
        let Some(declared) = rule.streams.get(stream) else {
            // `delivery` says that it is not there, with the service's words.
            return Finding::not_checked(RULE, format!("the columns of {stream}"), "the rule declares no such stream");
        };
        if !rule.flows.contains_key(stream) {
            return Finding::failed(RULE, format!("rows of {stream} lead nowhere"))
                .because("no data flow of the rule takes the stream")
                .remedy(format!("add a flow from {stream} to the table {name} to the rule"));
        }
        compared(
            RULE,
            &format!("the stream {stream}"),
            table,
            declared,
            "the service drops such columns without a word",
        )
    };
    delivered(sink).map(one).collect()
}

async fn tables(patient: &Patient<'_>, sink: &LogsIngestion, rule: Option<&Rule>) -> Vec<Finding> {
    let what = "whether the tables are there";
    let cloud = &patient.settings.cloud;
    let Some(workspace) = &sink.workspace_id else {
        return vec![Finding::not_checked(TABLE, what, "a sender is not told; it can be seen by query").remedy(
            "name the workspace in tenant.sink.logs_ingestion.workspace_id, and give the identity that delivers the role Log \
             Analytics Reader on it; delivery needs neither",
        )];
    };
    if let Some(why) = patient.reach.down(&cloud.query) {
        return vec![Finding::not_checked(TABLE, what, why)];
    }
    if let Err(finding) = patient.has_token(&cloud.query_scope, TABLE, what).await {
        return vec![finding];
    }
    let client = match patient.credential(TABLE, what) {
        Ok(credential) => QueryClient::new(patient.http, cloud, credential),
        Err(finding) => return vec![finding],
    };
    let mut findings = Vec::new();
    for (table, stream) in delivered(sink) {
        // Where the rule leads, if it is known.
        let name = rule.and_then(|rule| rule.flows.get(stream)?.as_deref()).unwrap_or(table.as_str());
        findings.push(match client.query(workspace, &format!("{name} | take 0")).await {
            Ok(answer) if answer.columns.is_empty() => Finding::warning(
                TABLE,
                format!("{name} cannot be seen, because the workspace {workspace} holds no data at all"),
            )
            .remedy("run `collect` once; first rows take up to 15 minutes"),
            Ok(answer) => {
                let seen = rows(&client, workspace, name).await;
                compared(TABLE, &format!("the table {name}{seen}"), table, &answer.columns, "their values are not kept")
            }
            Err(failure) if failure.next == Next::Bad => {
                Finding::failed(TABLE, format!("the workspace {workspace} has no table {name}"))
                    .because(failure.why)
                    .remedy("make the table, or correct workspace_id; a table just made is seen after some minutes")
            }
            Err(failure) => {
                unread(TABLE, &format!("the table {name}"), "tenant.sink.logs_ingestion.workspace_id", failure)
            }
        });
    }
    findings
}

/// What is in a table, in words; nothing where that cannot be told.
async fn rows(client: &QueryClient, workspace: &str, table: &str) -> String {
    let kql = format!(
        "{table} | where TimeGenerated > ago({RECENT}) | summarize Rows = count(), Latest = max(TimeGenerated)"
    );
    let Ok(answer) = client.query(workspace, &kql).await else { return String::new() };
    let value = |name: &str| answer.rows.first()?.get(answer.column(name)?);
    match (value("Rows").and_then(serde_json::Value::as_i64), value("Latest").and_then(serde_json::Value::as_str)) {
        (Some(rows), Some(latest)) if rows > 0 => format!(" ({rows} rows of the last 30 days, the latest of {latest})"),
        (Some(_), _) => " (no row of the last 30 days)".to_owned(),
        (None, _) => String::new(),
    }
}

/// A role that delivery does not need may be missing; anything else that stands in the way is a mistake.
fn unread(topic: &'static str, what: &str, key: &str, failure: Failure) -> Finding {
    match failure.next {
        Next::Forbidden => {
            Finding::not_checked(topic, what, failure.why).remedy("give the role; delivery does not need it")
        }
        Next::NotFound => Finding::failed(topic, format!("{what} cannot be told"))
            .because(failure.why)
            .remedy(format!("correct {key}")),
        _ => Finding::not_checked(topic, what, failure.why),
    }
}

/// Compares the columns that are there with those that rows have.
fn compared(topic: &'static str, what: &str, table: Table, there: &[Column], lost: &str) -> Finding {
    let (mut missing, mut differing) = (Vec::new(), Vec::new());
    for wanted in table.columns() {
        let (name, kind) = (wanted.name, wanted.query_type());
        match there.iter().find(|column| column.name == name) {
            None => missing.push(name),
            Some(column) if !is_same(&column.kind, kind) => {
                differing.push(format!("{name} ({} in place of {kind})", column.kind));
            }
            Some(_) => {}
        }
    }
    if missing.is_empty() && differing.is_empty() {
        return Finding::fine(topic, format!("{what} has every column of {}", table.as_str()));
    }
    let (mut found, mut why) = (what.to_owned(), Vec::new());
    if !missing.is_empty() {
        // Writing into a text cannot fail.
        _ = write!(found, " lacks {}", missing.join(", "));
        why.push(lost);
    }
    if !differing.is_empty() {
        let and = if missing.is_empty() { " has" } else { "; it has" };
        _ = write!(found, "{and} other types for {}", differing.join(", "));
        why.push("a value that does not fit its column is lost");
    }
    Finding::warning(topic, found)
        .because(why.join("; "))
        .remedy("declare the columns of docs/reference/columns.md in the stream and in the table, with these types")
}

/// Rules and tables spell some types otherwise than queries.
fn is_same(found: &str, wanted: &str) -> bool {
    let found = found.to_ascii_lowercase();
    let found = match found.as_str() {
        "boolean" => "bool",
        "date" => "datetime",
        other => other,
    };
    found == wanted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;
    use crate::rows::Declared;

    fn columns(change: impl Fn(&str, &str) -> Option<String>) -> Vec<Column> {
        let all = Table::Gap.columns().into_iter();
        let changed =
            |one: Declared| Some(Column { name: one.name.to_owned(), kind: change(one.name, one.query_type())? });
        all.filter_map(changed).collect()
    }

    fn found(columns: &[Column]) -> Finding {
        compared(RULE, "the stream S", Table::Gap, columns, "lost")
    }

    #[test]
    fn types_are_the_same_however_they_are_spelt() {
        let spelt = |_: &str, kind: &str| {
            Some(match kind {
                "datetime" => "dateTime".to_owned(),
                "bool" => "boolean".to_owned(),
                kind => kind.to_owned(),
            })
        };
        assert_eq!(found(&columns(spelt)).verdict, Verdict::Fine);
    }

    #[test]
    fn each_column_that_is_missing_or_of_another_type_is_named() {
        let change = |name: &str, kind: &str| match name {
            "Reason" | "Truncated" => None,
            "Revision" => Some("int".to_owned()),
            _ => Some(kind.to_owned()),
        };
        let finding = found(&columns(change));
        assert_eq!(finding.verdict, Verdict::Warning);
        assert_eq!(
            &*finding.what,
            "the stream S lacks Reason, Truncated; it has other types for Revision (int in place of long)"
        );
    }
}
