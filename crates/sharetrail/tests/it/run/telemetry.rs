//! What reaches a collector of OpenTelemetry.

use serde_json::Value;

use super::Daemon;
use crate::support::{Lab, Stub, until};

/// Bodies that arrived for a signal.
fn bodies(collector: &Stub, signal: &str) -> Vec<Value> {
    let begins = format!("POST /v1/{signal} ");
    let asked = collector.asked().into_iter().filter(|asked| asked.head.starts_with(&begins));
    asked.map(|asked| serde_json::from_str(&asked.body).unwrap()).collect()
}

/// What the bodies hold, such as every span.
fn all(bodies: &[Value], resource: &str, scope: &str, each: &str) -> Vec<Value> {
    let lists = |value: &Value, key: &str| value[key].as_array().unwrap().clone();
    let resources = bodies.iter().flat_map(|body| lists(body, resource));
    resources.flat_map(|of| lists(&of, scope)).flat_map(|of| lists(&of, each)).collect()
}

/// An attribute as text.
fn attribute(of: &Value, key: &str) -> Option<String> {
    let attribute = of["attributes"].as_array()?.iter().find(|attribute| attribute["key"] == key)?;
    let value = &attribute["value"];
    Some(value["stringValue"].as_str().map_or_else(|| value["intValue"].to_string().replace('"', ""), str::to_owned))
}

#[test]
fn spans_and_log_lines_bear_tenant_feed_and_pass() {
    let lab = Lab::seeded(131, 1_000);
    let collector = Stub::answering(200, "application/json", "{}");
    lab.configure(|configuration| configuration.set("telemetry.endpoint", collector.url()));
    // A feed that fails, so that there is a line about it.
    lab.play(&["defender:every=1:403"]);
    let daemon = Daemon::start(&lab.folder);
    let failures = r#"sharetrail_feed_failures{tenant="contoso",feed="defender"}"#;
    until("Defender has failed", || daemon.metric(failures) >= 1.0);
    // What waits in the queues is sent at the end.
    daemon.stop();

    let traces = bodies(&collector, "traces");
    assert!(traces[0]["resourceSpans"][0]["resource"].to_string().contains("sharetrail"), "{traces:?}");
    let spans = all(&traces, "resourceSpans", "scopeSpans", "spans");
    let named =
        |name: &str| spans.iter().find(|span| span["name"] == name).unwrap_or_else(|| panic!("{name}: {spans:#?}"));
    let (pass, feed) = (named("pass"), named("feed"));
    assert_eq!(attribute(pass, "tenant").as_deref(), Some("contoso"));
    assert!(attribute(pass, "pass").is_some(), "{pass}");
    assert_eq!(attribute(feed, "feed").as_deref(), Some("defender"));
    assert_eq!(feed["parentSpanId"], pass["spanId"]);

    let lines = all(&bodies(&collector, "logs"), "resourceLogs", "scopeLogs", "logRecords");
    let line = lines.iter().find(|line| attribute(line, "feed").as_deref() == Some("defender"));
    let line = line.unwrap_or_else(|| panic!("{lines:#?}"));
    assert_eq!(attribute(line, "tenant").as_deref(), Some("contoso"));
    assert_eq!(attribute(line, "pass"), attribute(pass, "pass"), "{line}");
    assert_eq!(line["traceId"], pass["traceId"]);
}

#[test]
fn a_collector_that_is_away_is_told_once_and_holds_nothing_up() {
    let lab = Lab::seeded(132, 1_000);
    let collector = Stub::answering(503, "text/plain", "no");
    lab.configure(|configuration| {
        configuration
            .set("run.schedule", "every 1 second")
            .set("run.jitter_seconds_max", 0)
            .set("telemetry.endpoint", collector.url())
    });
    let daemon = Daemon::start(&lab.folder);
    until("it was tried twice", || collector.asked().len() >= 2);
    daemon.until_ready();
    let said = daemon.stop();
    assert_eq!(said.matches("takes nothing").count(), 1, "{said}");
    lab.assert_all_is_told();
}

#[test]
fn without_a_collector_nothing_is_sent() {
    let lab = Lab::seeded(133, 500);
    let collector = Stub::answering(200, "application/json", "{}");
    lab.configure(|configuration| {
        configuration
            .set("telemetry.endpoint", collector.url())
            .set("telemetry.traces", false)
            .set("telemetry.logs", false)
    });
    let daemon = Daemon::start(&lab.folder);
    daemon.until_ready();
    daemon.stop();
    assert!(collector.asked().is_empty());
}
