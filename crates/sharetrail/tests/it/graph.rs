//! Audit-log queries of Microsoft Graph, for older ranges.

use emulator::faults::Route;
use emulator::{AuditQueries, Options, QueryLife};
use trail::TimeMs;

use crate::support::{Configuration, Ended, Lab, now_ms, seeded, until};

const DAY_MS: i64 = 86_400_000;

/// Graph is the only source.
fn graph(it: Configuration) -> Configuration {
    it.without("tenant.defender").set("tenant.graph.page_records", 200).set("tenant.graph.query_hours", 72)
}

fn lab(seed: u64, change: impl FnOnce(&mut Options)) -> Lab {
    let lab = Lab::with(seeded(seed, 3_000, now_ms()), |options| {
        // Done at the first look, so that nobody has to wait for the second.
        options.graph.query_life = QueryLife::Polls { running: 0, succeeded: 1 };
        options.graph.queries_per_minute = None;
        change(options);
    });
    lab.configure(graph);
    lab
}

/// The command for all that the tenant has.
fn month() -> [String; 3] {
    ["backfill".to_owned(), "--from".to_owned(), TimeMs(now_ms() - 29 * DAY_MS).to_string()]
}

fn backfill(lab: &Lab) -> Ended {
    lab.folder.program().run(month())
}

#[test]
fn what_queries_find_is_the_truth_and_finding_it_again_stores_nothing() {
    let lab = lab(81, |_| {});
    backfill(&lab).with_code(0).saying("from audit-log queries of Graph");
    lab.assert_all_is_told();
    backfill(&lab).with_code(0).printing(" 0 stored").printing(" 0 rows delivered");
}

#[test]
fn the_version_that_has_queries_is_found_and_audit_data_may_be_text() {
    for (api, served) in [("v1.0", AuditQueries::Beta), ("beta", AuditQueries::V1)] {
        let lab = lab(82, |options| {
            options.graph.audit_queries = served;
            options.graph.audit_data_as_text = true;
        });
        lab.configure(|it| graph(it).set("tenant.graph.api", api));
        backfill(&lab).with_code(0);
        lab.assert_all_is_told();
    }
}

#[test]
fn services_are_asked_one_by_one_where_that_is_wanted() {
    let lab = lab(83, |_| {});
    let services = vec!["SharePoint".to_owned(), "OneDrive".to_owned(), "MicrosoftTeams".to_owned()];
    lab.configure(|it| graph(it).set("tenant.graph.service_filters", services));
    backfill(&lab).with_code(0);
    lab.assert_all_is_told();
}

#[test]
fn queries_that_fail_are_asked_in_halves() {
    let lab = lab(84, |options| options.graph.failing_queries = 3);
    backfill(&lab).with_code(0);
    lab.assert_all_is_told();
}

#[test]
fn killed_while_queries_run_it_goes_on_with_the_same_queries() {
    let lab = lab(85, |_| {});
    let calls = || lab.traffic(Route::Graph).requests;
    let month = month();
    let mut killed = 0;
    for more in [2, 5, 6, 9, 12] {
        let before = calls();
        let mut running = lab.folder.program().start(&month);
        let mut ended = false;
        until("so many calls were made", || {
            ended = running.has_ended();
            ended || calls() >= before + more
        });
        if !ended {
            running.kill();
            killed += 1;
        }
    }
    assert!(killed > 2, "killed only {killed} times");
    lab.folder.program().run(&month).with_code(0);
    lab.assert_all_is_told();
    let status = lab.folder.status();
    assert_eq!(status["feeds"][0]["stored"], status["activities"], "stored twice: {status}");
    // Eleven spans of three days. A kill between the service's answer and our note of it costs one query, and the last
    // span ends at another "now" each time.
    let begun = lab.emulator.counters().graph.queries;
    assert!(begun <= 11 + 2 * killed, "{begun} queries for 11 spans, {killed} kills");
}

#[test]
fn a_next_page_at_another_host_is_refused_and_reported() {
    let lab = lab(86, |options| options.graph.next_link_root = Some("https://graph.evil.example/".parse().unwrap()));
    // All in one part of many pages, whatever the hour: of none of it is kept what came before the refusal.
    lab.configure(|it| graph(it).set("tenant.graph.query_hours", 720).set("tenant.graph.page_records", 1));
    backfill(&lab).with_code(1).saying("graph.evil.example").saying("handed our token");
    assert!(lab.folder.status()["feeds"][0]["last_error"].as_str().unwrap().contains("graph.evil.example"));
}

#[test]
fn failures_of_graph_change_nothing_in_the_end() {
    let lab = lab(87, |_| {});
    lab.configure(|it| graph(it).set("http.attempts_max", 10));
    lab.play(&["graph:every=3:429:retry-after=0", "graph:every=5:502", "graph:every=7:reset", "graph:every=11:401"]);
    backfill(&lab).with_code(0);
    assert!(lab.traffic(Route::Graph).faults > 0);
    lab.assert_all_is_told();
}

#[test]
fn a_missing_role_is_told_with_its_name() {
    let lab = lab(88, |_| {});
    lab.play(&["graph:first=1:403"]);
    backfill(&lab).with_code(1).saying("AuditLogsQuery-SharePoint.Read.All");
}
