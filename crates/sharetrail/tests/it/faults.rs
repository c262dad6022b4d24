//! Services that fail: everything ends equal to the truth, or says in words what it waits for.

use emulator::Role;
use emulator::faults::Route;

use crate::support::{Lab, name_at_length, now_ms, seeded};

#[test]
fn passing_failures_of_any_service_change_nothing_in_the_end() {
    let faults: [&[&str]; 12] = [
        &["token:first=2:429:retry-after=0", "vault:p=0.3/5:500", "defender:every=2:502"],
        &["token:every=3:reset", "vault:first=1:reset", "defender:every=3:reset", "ingestion:every=3:reset"],
        &["vault:p=0.3/9:429:retry-after=0", "ingestion:every=2:429:retry-after=0"],
        &["defender:first=1:429:retry-after=1:body=text"],
        &["defender:first=1:429:date=1:body=empty"],
        &["defender:first=1:429:no-retry-after:body=detail"],
        &["defender:first=1:429:no-retry-after:body=message"],
        &["defender:every=3:429:no-retry-after:body=empty"],
        &["defender:every=2:500", "ingestion:every=2:500"],
        &["defender:every=4:no-answer", "ingestion:every=3:no-answer"],
        &["ingestion:every=2:503", "token:first=1:500", "vault:first=1:503"],
        &["any:p=0.3/3:502"],
    ];
    let now_ms = now_ms();
    for faults in faults {
        let lab = Lab::of(seeded(16, 2_000, now_ms));
        lab.configure(|configuration| {
            configuration
                .set("http.attempts_max", 10)
                .set("tenant.defender.page_records", 500)
                .set("tenant.sink.logs_ingestion.batch_raw_bytes_max", 30_000)
        });
        lab.play(faults);
        let ended = lab.collect();
        assert_eq!(ended.code, Some(0), "{faults:?}: {ended}");
        lab.assert_all_is_told();
        let struck: u64 = lab.emulator.counters().routes.values().map(|route| route.faults).sum();
        assert!(struck > 0, "{faults:?} struck nobody");
    }
}

#[test]
fn a_token_that_is_refused_in_the_middle_is_renewed() {
    let lab = Lab::seeded(17, 3_000);
    lab.configure(|configuration| {
        configuration.without("tenant.defender.token").set("tenant.defender.page_records", 500)
    });
    lab.play(&["defender:every=3:401", "ingestion:first=1:401"]);
    lab.collect().with_code(0);
    assert!(lab.traffic(Route::Defender).faults > 1);
    lab.assert_all_is_told();
}

#[test]
fn a_token_that_expires_in_the_middle_is_renewed() {
    // Shorter than the pass would take at one renewal; each call finds it expired or about to.
    let lab = Lab::with(seeded(18, 2_000, now_ms()), |options| options.token_seconds = 1);
    lab.configure(|configuration| {
        configuration.without("tenant.defender.token").set("tenant.defender.page_records", 500)
    });
    lab.collect().with_code(0);
    lab.assert_all_is_told();
}

#[test]
fn a_legacy_token_refused_in_the_middle_ends_the_pass_in_part_and_the_next_one_goes_on() {
    let lab = Lab::seeded(19, 3_000);
    lab.configure(|configuration| configuration.set("tenant.defender.page_records", 500));
    lab.play(&["defender:after=2:401"]);
    lab.collect().with_code(3).saying("refuses the API token").saying("tenant.defender.token");
    lab.play(&[]);
    let calls = lab.traffic(Route::Defender).requests;
    lab.collect().with_code(0);
    assert!(lab.traffic(Route::Defender).requests > calls);
    lab.assert_all_is_told();
}

#[test]
fn a_pause_longer_than_we_wait_ends_the_pass_in_part_says_when_and_loses_nothing() {
    let lab = Lab::seeded(20, 3_000);
    lab.configure(|configuration| {
        configuration.set("tenant.defender.page_records", 500).set("http.retry_after_seconds_max", 5)
    });
    lab.play(&["defender:after=2:429:retry-after=3600"]);
    let ended = lab.collect().with_code(3).saying("3600 s");
    assert!(!ended.stderr.contains("panicked"), "{ended}");
    let status = lab.folder.status();
    assert!(status["activities"].as_i64() > Some(0), "{status}");
    assert!(status["feeds"][0]["last_error"].as_str().is_some(), "{status}");
    lab.play(&[]);
    lab.collect().with_code(0);
    lab.assert_all_is_told();
}

#[test]
fn part_of_it_counts_as_done_when_asked_to() {
    let lab = Lab::seeded(20, 1_000);
    lab.play(&["ingestion:always:403"]);
    lab.folder.run(["collect", "--partial-ok"]).with_code(0).saying("Monitoring Metrics Publisher");
    lab.collect().with_code(3);
}

#[test]
fn rows_wait_for_a_role_that_is_missing_and_go_out_when_it_is_given() {
    let lab = Lab::seeded(21, 2_000);
    let client = lab.endpoints().tenant_application.client_id.clone();
    lab.emulator.revoke(&client, Role::MonitoringMetricsPublisher);
    lab.collect().with_code(3).saying("Monitoring Metrics Publisher").saying("the rows wait for the next pass");
    assert!(lab.arrived().is_empty());
    assert_eq!(lab.folder.status()["sinks"][0]["outbox"].as_u64(), Some(lab.truth.accesses.len() as u64));
    lab.emulator.grant(&client, Role::MonitoringMetricsPublisher);
    lab.collect().with_code(0);
    assert_eq!(lab.arrived().len(), lab.truth.accesses.len());
    lab.assert_all_is_told();
}

#[test]
fn a_defender_role_that_is_missing_is_named_and_the_records_come_once_it_is_there() {
    let lab = Lab::seeded(22, 1_500);
    lab.configure(|configuration| configuration.without("tenant.defender.token"));
    let client = lab.endpoints().tenant_application.client_id.clone();
    lab.emulator.revoke(&client, Role::InvestigationRead);
    lab.collect().with_code(1).saying("Investigation.read").saying("nothing could be collected");
    lab.emulator.grant(&client, Role::InvestigationRead);
    lab.collect().with_code(0);
    lab.assert_all_is_told();
}

#[test]
fn a_batch_that_is_too_large_for_the_service_is_halved_until_it_fits() {
    let lab = Lab::with(seeded(23, 3_000, now_ms()), |options| options.ingestion.wire_bytes_max = 4_000);
    lab.collect().with_code(0).printing(&format!("{} rows delivered", lab.truth.accesses.len()));
    assert!(lab.traffic(Route::Ingestion).statuses[&413] > 0);
    lab.assert_all_is_told();
}

#[test]
fn a_row_that_can_never_go_is_set_aside_with_the_reason_and_the_others_go() {
    // A row alone is about a kilobyte in gzip; those with long names do not fit.
    let mut tenant = seeded(24, 1_000, now_ms());
    let organization = tenant.profile.tenant_id.clone();
    let big = crate::support::record(1, "FileDownloaded", 90, |audit| {
        audit["OrganizationId"] = organization.into();
        name_at_length(audit);
    });
    tenant.activities.push(big);
    let told = tenant.truth.accesses.len();
    let lab = Lab::with(tenant, |options| options.ingestion.wire_bytes_max = 2_000);
    lab.collect().with_code(3).saying("1 row set aside").printing(&format!("{told} rows delivered"));
    assert_eq!(lab.arrived().len(), told);
    let status = lab.folder.status();
    let sink = &status["sinks"][0];
    assert_eq!((sink["outbox"].as_i64(), sink["dead_letters"].as_i64()), (Some(0), Some(1)), "{status}");
    assert!(sink["last_dead_letter"].as_str().unwrap().contains("413"), "{status}");
    lab.collect().with_code(0);
}

#[test]
fn what_takes_nothing_on_the_way_for_its_size_makes_no_dead_letters() {
    let lab = Lab::seeded(26, 1_500);
    lab.play(&["ingestion:always:413"]);
    lab.collect().with_code(3).saying("so look for something on the way, such as a proxy, that takes less");
    assert_eq!(lab.folder.status()["sinks"][0]["dead_letters"], 0);
    assert!(lab.traffic(Route::Ingestion).requests < 100, "it goes on asking");
    lab.play(&[]);
    lab.collect().with_code(0).printing(&format!("{} rows delivered", lab.truth.accesses.len()));
    lab.assert_all_is_told();
}

#[test]
fn a_sink_that_is_down_does_not_stop_collection() {
    let lab = Lab::seeded(25, 1_500);
    lab.play(&["ingestion:always:503"]);
    lab.collect().with_code(3).saying("the rows wait for the next pass");
    assert!(lab.folder.status()["activities"].as_i64() > Some(0));
    lab.play(&[]);
    lab.collect().with_code(0);
    lab.assert_all_is_told();
}
