//! When what is due.

use std::path::PathBuf;

use super::*;
use crate::collect::{CollectError, FeedSummary, SinkSummary, TenantSummary};
use crate::config;
use crate::store::PageCount;

/// A tenant with two content types of the audit feed, Defender by a schedule of its own, and a sink.
fn tenant(run: &str) -> (Tenant, Run) {
    let text = format!(
        r#"
[run]
jitter_seconds_max = 0
{run}
[identity]
kind = "managed_identity"
[[tenant]]
name = "contoso"
tenant_id = "11111111-2222-3333-4444-555555555555"
internal_domains = ["contoso.example"]
[tenant.audit]
content_types = ["Audit.SharePoint", "Audit.General"]
[tenant.defender]
url = "https://c.eu.portal.cloudappsecurity.com"
schedule = "0 3 * * *"
[tenant.sink.logs_ingestion]
endpoint = "https://contoso.westeurope-1.ingest.monitor.azure.com"
dcr_immutable_id = "dcr-00000000000000000000000000000000"
access_stream = "Custom-ShareTrailAccess_CL"
"#
    );
    let mut settings = config::parse(&text, PathBuf::new()).map_err(|problems| format!("{problems:?}")).unwrap();
    (settings.tenants.remove(0), settings.run)
}

fn at(text: &str) -> TimeMs {
    TimeMs(format!("2026-11-24T{text}Z").parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

/// Ends of the three feeds, each well.
fn ends(audit: &str, defender: &str) -> Vec<FeedEnd> {
    [("Audit.SharePoint", audit), ("Audit.General", audit), ("defender", defender)]
        .map(|(feed, ended)| FeedEnd { feed: feed.to_owned(), ended_at: Some(at(ended)), failed: false })
        .to_vec()
}

fn plan(ends: &[FeedEnd], now: &str) -> Plan {
    let (tenant, run) = tenant("");
    Plan::new(&tenant, &run, ends, false, at(now))
}

/// The feeds and sinks that are due, as text.
fn due(plan: &Plan, now: &str) -> String {
    match plan.wanted(at(now)) {
        None => "nothing".to_owned(),
        Some(Wanted::All) => "all".to_owned(),
        Some(Wanted::Some { feeds, sinks }) => {
            let names: Vec<String> =
                feeds.into_iter().chain(sinks.into_iter().map(|sink| format!("to {sink}"))).collect();
            names.join(", ")
        }
    }
}

/// A pass over what is due, in which `change` may let something fail.
fn pass(plan: &mut Plan, now: &str, ended: &str, change: impl FnOnce(&mut TenantSummary)) {
    let Some(wanted @ Wanted::Some { .. }) = plan.wanted(at(now)) else { panic!("nothing is due at {now}") };
    let Wanted::Some { feeds, sinks } = &wanted else { unreachable!() };
    let feeds = feeds.iter().map(|feed| FeedSummary {
        feed: feed.clone(),
        count: PageCount::default(),
        gaps: 0,
        failure: None,
        stopped: false,
    });
    let sinks = sinks.iter().map(|sink| SinkSummary {
        sink: sink.clone(),
        delivered: Vec::new(),
        dead_letters: 0,
        failure: None,
        stopped: false,
    });
    let mut summary = TenantSummary {
        alerts: Default::default(),
        tenant: "contoso".to_owned(),
        store: PathBuf::new(),
        feeds: feeds.collect(),
        sinks: sinks.collect(),
        conclusions_stopped: false,
    };
    change(&mut summary);
    let pass = TenantPass { tenant: "contoso".to_owned(), result: Ok(summary) };
    plan.ended(&wanted, Some(&pass), at(ended));
}

fn feed<'a>(summary: &'a mut TenantSummary, name: &str) -> &'a mut FeedSummary {
    summary.feeds.iter_mut().find(|feed| feed.feed == name).unwrap()
}

const ALL: &str = "Audit.General, Audit.SharePoint, defender, to logs_ingestion";
const AUDIT: &str = "Audit.General, Audit.SharePoint, to logs_ingestion";

#[test]
fn what_was_never_read_is_due_at_once() {
    assert_eq!(due(&plan(&[], "10:00:00"), "10:00:00"), ALL);
}

#[test]
fn each_feed_is_due_by_its_own_schedule_and_those_with_the_same_one_together() {
    let mut plan = plan(&ends("10:00:07", "03:00:30"), "10:00:10");
    assert_eq!(due(&plan, "10:04:59"), "nothing");
    assert_eq!(plan.next_at(at("10:00:10")), Some(at("10:05:00")));
    assert_eq!(due(&plan, "10:05:00"), AUDIT);
    pass(&mut plan, "10:05:00", "10:05:20", |_| {});
    assert_eq!(plan.next_at(at("10:05:20")), Some(at("10:10:00")));
}

#[test]
fn missed_marks_are_made_up_by_one_pass() {
    let mut plan = plan(&ends("01:00:00", "02:59:00"), "10:00:10");
    assert_eq!(due(&plan, "10:00:10"), ALL);
    pass(&mut plan, "10:00:10", "10:00:30", |_| {});
    assert_eq!(due(&plan, "10:04:59"), "nothing");
    assert_eq!(due(&plan, "10:05:00"), AUDIT);
}

#[test]
fn a_pass_that_takes_longer_than_its_schedule_is_followed_by_one_and_not_by_those_that_were_missed() {
    let mut plan = plan(&ends("10:00:00", "03:00:30"), "10:05:00");
    pass(&mut plan, "10:05:00", "10:17:00", |_| {});
    assert_eq!(plan.next_at(at("10:17:00")), Some(at("10:20:00")));
}

#[test]
fn a_feed_that_failed_before_a_restart_is_tried_at_once() {
    let mut ends = ends("10:00:00", "03:00:30");
    ends[2].failed = true;
    assert_eq!(due(&plan(&ends, "10:00:10"), "10:00:10"), "defender, to logs_ingestion");
}

#[test]
fn a_feed_that_fails_is_tried_again_at_growing_pauses_and_delays_no_other() {
    let mut plan = plan(&ends("10:00:00", "03:00:30"), "10:05:00");
    let fail = |summary: &mut TenantSummary| feed(summary, "Audit.General").failure = Some(Failure::retry("no"));
    pass(&mut plan, "10:05:00", "10:05:30", fail);
    assert_eq!(due(&plan, "10:06:29"), "nothing");
    assert_eq!(due(&plan, "10:06:30"), "Audit.General, to logs_ingestion");
    pass(&mut plan, "10:06:30", "10:06:30", fail);
    pass(&mut plan, "10:08:30", "10:08:30", fail);
    // Four minutes on; the other one keeps its schedule.
    assert_eq!(due(&plan, "10:10:00"), "Audit.SharePoint, to logs_ingestion");
    assert_eq!(due(&plan, "10:12:30"), AUDIT);
    for _ in 0..40 {
        let next = plan.next_at(at("10:12:30")).unwrap();
        let retry = plan.feeds["Audit.General"].retry.unwrap();
        assert!(next <= retry.at);
        let (feeds, sinks) = (BTreeSet::from(["Audit.General".to_owned()]), BTreeSet::new());
        let wanted = Wanted::Some { feeds, sinks };
        let retry_at = plan.next_retry(Some(retry), None, at("10:12:30")).at;
        assert!(retry_at.millis() - at("10:12:30").millis() <= 3_600_000);
        let failed = FeedSummary {
            feed: "Audit.General".to_owned(),
            count: PageCount::default(),
            gaps: 0,
            failure: Some(Failure::stop("no")),
            stopped: false,
        };
        let summary = TenantSummary {
            alerts: Default::default(),
            tenant: "contoso".to_owned(),
            store: PathBuf::new(),
            feeds: vec![failed],
            sinks: Vec::new(),
            conclusions_stopped: false,
        };
        plan.ended(&wanted, Some(&TenantPass { tenant: "contoso".to_owned(), result: Ok(summary) }), at("10:12:30"));
    }
    assert_eq!(plan.feeds["Audit.General"].retry.unwrap().at, at("11:12:30"));
}

#[test]
fn one_success_and_a_feed_is_back_at_its_schedule() {
    let mut plan = plan(&ends("10:00:00", "03:00:30"), "10:05:00");
    pass(&mut plan, "10:05:00", "10:05:30", |summary| {
        feed(summary, "Audit.General").failure = Some(Failure::retry("no"));
    });
    pass(&mut plan, "10:06:30", "10:06:31", |_| {});
    assert_eq!(plan.next_at(at("10:06:31")), Some(at("10:10:00")));
    assert_eq!(plan.feeds["Audit.General"].retry, None);
}

#[test]
fn a_feed_of_one_pass_a_day_that_fails_does_not_wait_for_the_next_day() {
    let mut plan = plan(&ends("02:59:59", "02:59:59"), "03:00:00");
    pass(&mut plan, "03:00:00", "03:00:20", |summary| {
        feed(summary, "defender").failure = Some(Failure::retry("no"));
    });
    assert_eq!(due(&plan, "03:01:20"), "defender, to logs_ingestion");
}

#[test]
fn a_pause_that_the_service_asks_for_is_kept() {
    let mut plan = plan(&ends("10:00:00", "03:00:30"), "10:05:00");
    let until = "2026-11-24T11:30:00Z".parse().unwrap();
    pass(&mut plan, "10:05:00", "10:05:30", |summary| {
        feed(summary, "Audit.General").failure = Some(Failure::new(Next::Later { until }, "later"));
    });
    assert_eq!(plan.feeds["Audit.General"].at(), at("11:30:00"));
}

#[test]
fn a_sink_that_fails_is_left_out_until_it_is_its_time_and_then_delivered_to_by_itself() {
    let mut plan = plan(&ends("10:00:00", "03:00:30"), "10:05:00");
    let fail = |summary: &mut TenantSummary| summary.sinks[0].failure = Some("403".to_owned());
    pass(&mut plan, "10:05:00", "10:05:00", fail);
    pass(&mut plan, "10:06:00", "10:06:00", fail);
    pass(&mut plan, "10:08:00", "10:08:00", fail);
    assert_eq!(due(&plan, "10:10:00"), "Audit.General, Audit.SharePoint");
    pass(&mut plan, "10:10:00", "10:10:05", |_| {});
    assert_eq!(due(&plan, "10:12:00"), "to logs_ingestion");
    pass(&mut plan, "10:12:00", "10:12:00", |_| {});
    assert_eq!(due(&plan, "10:15:00"), AUDIT);
}

#[test]
fn what_a_pass_left_over_is_due_at_once() {
    let mut of_feed = plan(&ends("10:00:00", "03:00:30"), "10:05:00");
    pass(&mut of_feed, "10:05:00", "10:25:00", |summary| feed(summary, "Audit.General").stopped = true);
    assert_eq!(due(&of_feed, "10:25:00"), "Audit.General, to logs_ingestion");

    let mut conclusions = plan(&ends("10:00:00", "03:00:30"), "10:05:00");
    pass(&mut conclusions, "10:05:00", "10:25:00", |summary| summary.conclusions_stopped = true);
    assert_eq!(due(&conclusions, "10:25:00"), "to logs_ingestion");

    // By a program that was stopped.
    let (tenant, run) = tenant("");
    let again = Plan::new(&tenant, &run, &ends("10:00:00", "03:00:30"), true, at("10:00:10"));
    assert_eq!(due(&again, "10:00:10"), "to logs_ingestion");
}

#[test]
fn a_tenant_that_cannot_be_worked_on_is_held_as_a_whole() {
    let mut plan = plan(&[], "10:00:00");
    let wanted = plan.wanted(at("10:00:00")).unwrap();
    let pass =
        TenantPass { tenant: "contoso".to_owned(), result: Err(CollectError::Failed(Failure::stop("no vault"))) };
    plan.ended(&wanted, Some(&pass), at("10:00:01"));
    assert_eq!(due(&plan, "10:01:00"), "nothing");
    assert_eq!(due(&plan, "10:01:01"), ALL);
    // A pass that broke off is no better.
    plan.ended(&wanted, None, at("10:01:01"));
    assert_eq!(plan.next_at(at("10:01:01")), Some(at("10:03:01")));
}

#[test]
fn a_clock_that_was_set_back_makes_nobody_wait() {
    let plan = plan(&ends("22:00:00", "22:00:00"), "10:00:10");
    assert_eq!(plan.next_at(at("10:00:10")), Some(at("10:05:00")));
}

#[test]
fn tenants_begin_at_different_moments_and_each_at_the_same_one() {
    let (mut tenant, run) = tenant("");
    let run = Run { jitter_seconds_max: 30, ..run };
    let mut moments = BTreeSet::new();
    for number in 0..50 {
        tenant.name = format!("tenant{number}");
        let next =
            |now| Plan::new(&tenant, &run, &ends("10:00:07", "03:00:30"), false, at(now)).next_at(at(now)).unwrap();
        assert!(next("10:01:00") >= at("10:05:00") && next("10:01:00") < at("10:05:30"));
        assert_eq!(next("10:01:00"), next("10:03:00"));
        moments.insert(next("10:01:00"));
    }
    assert!(moments.len() > 20, "{}", moments.len());
}
