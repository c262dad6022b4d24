//! When passes begin and how they end.

use std::collections::BTreeSet;

use emulator::faults::Route;

use super::Daemon;
use crate::support::{Configuration, Lab, held_back, now_ms, seeded, stored_at, until};

/// Reads each second, without waiting for anybody.
fn each_second(configuration: Configuration) -> Configuration {
    configuration.set("run.schedule", "every 1 second").set("run.jitter_seconds_max", 0).set("run.retry_seconds", 1)
}

/// Reads once a day.
fn daily(configuration: Configuration) -> Configuration {
    configuration.set("run.schedule", "every 1 day").set("run.jitter_seconds_max", 0)
}

/// Calls that all services have seen.
fn calls(lab: &Lab) -> u64 {
    lab.emulator.counters().routes.values().map(|route| route.requests).sum()
}

#[test]
fn it_collects_at_once_and_then_by_its_schedule() {
    let mut tenant = seeded(101, 2_000, now_ms());
    let last = tenant.truth.accesses.last().unwrap().records.clone();
    let late = held_back(&mut tenant, &last.iter().map(String::as_str).collect::<Vec<_>>());
    let lab = Lab::of(tenant);
    lab.configure(each_second);
    let daemon = Daemon::start(&lab.folder);
    daemon.until_ready();
    let rows = lab.arrived().len();
    assert!(rows > 0);
    // What is stored now is found by one of the next passes.
    lab.emulator.append(late.iter().map(|activity| stored_at(activity, now_ms() - 360_000)).collect());
    until("the late records are delivered", || lab.arrived().len() > rows);
    daemon.stop();
    lab.assert_all_is_told();
}

#[test]
fn a_pattern_of_cron_is_a_schedule_too() {
    let lab = Lab::seeded(102, 1_000);
    lab.configure(|configuration| each_second(configuration).set("tenant.defender.schedule", "* * * * * *"));
    let daemon = Daemon::start(&lab.folder);
    let done = r#"sharetrail_passes_total{tenant="contoso",end="done"}"#;
    until("three passes are done", || daemon.metric(done) >= 3.0);
    daemon.stop();
    lab.assert_all_is_told();
}

#[test]
fn what_was_killed_is_made_up_at_the_next_start_and_what_was_done_is_not_done_again() {
    let lab = Lab::seeded(103, 4_000);
    lab.configure(|configuration| {
        daily(configuration)
            .set("tenant.defender.page_records", 500)
            .set("tenant.sink.logs_ingestion.batch_raw_bytes_max", 20_000)
    });
    for more in [3, 6, 9] {
        let before = calls(&lab);
        let mut daemon = Daemon::start(&lab.folder);
        until("so many calls were made", || calls(&lab) >= before + more);
        daemon.running.kill();
    }
    // Its one pass of the day has not come to its end, whatever was stored of it.
    let daemon = Daemon::start(&lab.folder);
    daemon.until_ready();
    until("all is delivered", || daemon.metric(r#"sharetrail_pass_running{tenant="contoso"}"#) == 0.0);
    daemon.stop();
    lab.assert_all_is_told();
    let status = lab.folder.status();
    assert_eq!(status["feeds"][0]["stored"], status["activities"], "stored twice: {status}");

    let before = lab.traffic(Route::Defender).requests;
    let daemon = Daemon::start(&lab.folder);
    // It knows from the store that all is well.
    daemon.until_ready();
    let next = daemon.metric(r#"sharetrail_feed_next_pass_timestamp_seconds{tenant="contoso",feed="defender"}"#);
    // Midnight may be near.
    let is_midnight = next * 1000.0 < now_ms() as f64 + 5_000.0;
    daemon.stop();
    assert!(is_midnight || lab.traffic(Route::Defender).requests == before, "read again before it was due");
}

#[test]
fn asked_to_stop_it_finishes_its_batch_so_nothing_is_sent_twice() {
    let lab = Lab::seeded(104, 4_000);
    lab.configure(|configuration| {
        daily(configuration)
            .set("tenant.defender.page_records", 500)
            .set("tenant.sink.logs_ingestion.batch_raw_bytes_max", 10_000)
    });
    let mut stopped_early = 0;
    for batches in [1, 2, 3] {
        let before = lab.traffic(Route::Ingestion).requests;
        let daemon = Daemon::start(&lab.folder);
        until("so many batches were sent", || lab.traffic(Route::Ingestion).requests >= before + batches);
        daemon.stop();
        stopped_early += usize::from(lab.folder.status()["sinks"][0]["outbox"].as_i64() > Some(0));
    }
    lab.collect().with_code(0);
    lab.assert_all_is_told();
    let rows = lab.arrived();
    assert!(stopped_early > 0, "it was never stopped between two batches");
    let revisions: BTreeSet<String> =
        rows.iter().map(|row| format!("{}{}", row["AccessId"], row["Revision"])).collect();
    assert_eq!(revisions.len(), rows.len(), "a row was sent twice");
}

#[test]
fn a_service_that_does_not_answer_holds_up_the_end_no_longer_than_it_may() {
    let lab = Lab::seeded(105, 1_000);
    lab.configure(|configuration| {
        daily(configuration)
            .set("http.retry_delay_ms", 60_000)
            .set("http.retry_delay_ms_max", 60_000)
            .set("run.stop_seconds_max", 1)
    });
    // The sink's pause of a minute lies between two attempts at one batch.
    lab.play(&["ingestion:every=1:503"]);
    let daemon = Daemon::start(&lab.folder);
    until("the sink has failed", || lab.traffic(Route::Ingestion).faults > 0);
    let said = daemon.stop();
    assert!(said.contains("1 pass broken off"), "{said}");
    lab.play(&[]);
    lab.collect().with_code(0);
    lab.assert_all_is_told();
}

#[test]
fn a_feed_that_fails_is_tried_again_by_itself_and_delays_no_other() {
    let lab = Lab::seeded(106, 2_000);
    lab.configure(|configuration| {
        each_second(configuration)
            .set("tenant.audit.content_types", vec!["Audit.SharePoint"])
            .set("tenant.audit.schedule", "every 1 second")
    });
    lab.play(&["defender:every=1:403"]);
    let daemon = Daemon::start(&lab.folder);
    let failures = r#"sharetrail_feed_failures{tenant="contoso",feed="defender"}"#;
    until("Defender has failed twice", || daemon.metric(failures) >= 2.0);
    let lag = r#"sharetrail_feed_lag_seconds{tenant="contoso",feed="Audit.SharePoint"}"#;
    until("the audit feed is read", || daemon.metrics().contains_key(lag));
    let answer = daemon.get("/readyz");
    assert_eq!(answer.status, 503);
    let text = answer.text();
    assert!(text.contains("contoso: defender has not been read to its end yet: "), "{text}");
    assert!(!text.contains("Audit.SharePoint"), "{text}");
    lab.play(&[]);
    daemon.until_ready();
    assert_eq!(daemon.metric(failures), 0.0);
    daemon.stop();
    lab.assert_all_is_told();
}

#[test]
fn a_role_that_is_granted_later_takes_effect_without_a_restart() {
    let lab = Lab::seeded(107, 1_000);
    lab.configure(each_second);
    lab.play(&["ingestion:every=1:403"]);
    let daemon = Daemon::start(&lab.folder);
    let outbox = r#"sharetrail_sink_outbox_rows{tenant="contoso",sink="logs_ingestion"}"#;
    until("rows wait", || daemon.metrics().get(outbox).is_some_and(|rows| *rows > 0.0));
    assert_eq!(lab.arrived().len(), 0);
    lab.play(&[]);
    until("all is delivered", || daemon.metric(outbox) == 0.0);
    let delivered = r#"sharetrail_sink_delivered_rows_total{tenant="contoso",sink="logs_ingestion"}"#;
    assert!(daemon.metric(delivered) > 0.0);
    daemon.stop();
    lab.assert_all_is_told();
}

#[test]
fn a_tenant_that_fails_delays_no_other() {
    let lab = Lab::seeded(108, 1_000);
    lab.configure(|configuration| {
        each_second(configuration).set("run.tenants_at_once_max", 1).and_a_tenant("broken", |other| {
            other
                .set("tenant.tenant_id", "00000000-0000-0000-0000-000000000001")
                .set("tenant.classification.labels_file", "nowhere.csv")
        })
    });
    let daemon = Daemon::start(&lab.folder);
    let done = r#"sharetrail_passes_total{tenant="contoso",end="done"}"#;
    until("the other one is read", || daemon.metric(done) >= 2.0);
    assert!(daemon.metric(r#"sharetrail_passes_total{tenant="broken",end="failed"}"#) >= 1.0);
    let text = daemon.get("/readyz").text();
    assert!(text.contains("broken: ") && text.contains("nowhere.csv") && !text.contains("contoso"), "{text}");
    daemon.stop();
}
