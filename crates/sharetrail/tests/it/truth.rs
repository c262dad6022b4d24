//! The answer equals what happened.

use std::collections::HashSet;

use crate::support::{Configuration, Lab, as_reported, now_ms, reported, seeded, standing, told};

#[test]
fn every_access_of_several_tenants_is_found_with_all_its_fields_and_no_other() {
    for seed in [1, 2, 17] {
        let lab = Lab::seeded(seed, 4_000);
        lab.collect().with_code(0);
        lab.assert_all_is_told();
    }
}

#[test]
fn what_is_delivered_equals_the_report_column_by_column() {
    let lab = Lab::seeded(5, 3_000);
    lab.collect().with_code(0);
    let mut delivered: Vec<_> = standing(&lab.arrived()).iter().map(as_reported).collect();
    let mut report = lab.folder.report("access");
    for rows in [&mut delivered, &mut report] {
        rows.sort_by_key(|row| row["access_id"].as_str().unwrap().to_owned());
    }
    assert_eq!(delivered.len(), report.len());
    for (delivered, report) in delivered.iter().zip(&report) {
        for (key, value) in delivered.as_object().unwrap() {
            assert_eq!(value, &report[key], "{key} of {report}");
        }
    }
}

#[test]
fn on_a_first_pass_every_row_comes_once_with_id_and_revision_and_none_is_withdrawn() {
    let lab = Lab::seeded(6, 3_000);
    lab.collect().with_code(0);
    let rows = lab.arrived();
    assert_eq!(rows.len(), lab.truth.accesses.len());
    let ids: HashSet<&str> = rows.iter().map(|row| row["AccessId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), rows.len());
    for row in &rows {
        assert!(row["Revision"].as_i64().unwrap() > 0, "{row}");
        assert_ne!(row["Withdrawn"], true, "{row}");
        assert_eq!(row["TenantName"], lab.profile.name.as_str());
        for time in ["TimeGenerated", "LastAt", "ConcludedAt"] {
            assert!(row[time].as_str().unwrap().ends_with('Z'), "{time} of {row}");
        }
    }
    let counters = lab.emulator.counters();
    assert_eq!(counters.tables["ShareTrailAccess_CL"].without_id, 0);
}

#[test]
fn reading_in_small_pages_and_sending_in_small_batches_gives_the_same() {
    let lab = Lab::seeded(7, 3_000);
    lab.configure(|configuration| {
        configuration
            .set("tenant.defender.page_records", 500)
            .set("tenant.sink.logs_ingestion.batch_raw_bytes_max", 20_000)
            .set("store.recompute_rows_max", 100)
    });
    lab.collect().with_code(0);
    lab.assert_all_is_told();
    assert!(lab.emulator.counters().tables["ShareTrailAccess_CL"].requests > 3);
}

#[test]
fn what_is_kept_and_in_which_order_it_is_read_does_not_change_the_answer() {
    let changes: [fn(Configuration) -> Configuration; 3] = [
        |it| it.set("tenant.keep", "all"),
        |it| it.set("tenant.defender.order", "date").set("tenant.defender.page_records", 500),
        |it| it.set("tenant.sink.logs_ingestion.strict", true),
    ];
    let now_ms = now_ms();
    for change in changes {
        let lab = Lab::of(seeded(28, 2_000, now_ms));
        lab.configure(change);
        lab.collect().with_code(0);
        lab.assert_all_is_told();
        lab.collect().with_code(0).printing(" 0 stored").printing("0 rows delivered");
    }
}

#[test]
fn several_tenants_have_a_store_each_and_one_that_fails_does_not_stop_the_other() {
    let lab = Lab::seeded(29, 1_500);
    lab.configure(|it| {
        it.set("tenant.name", "first").and_a_tenant("second", |it| {
            it.set("tenant.defender.url", "https://127.0.0.1:1")
                .set("tenant.tenant_id", "99999999-0000-4000-8000-000000000001")
        })
    });
    let ended = lab.folder.run(["--state", "stores", "collect"]).with_code(3).saying("second: defender: ");
    assert!(ended.stdout.contains("first: logs_ingestion: "), "{ended}");
    let state = ["--state", "stores/first.db", "report", "access", "--format", "json"];
    let report = lab.folder.run(state).with_code(0).json();
    assert_eq!(reported(report.as_array().unwrap()), told(&lab.truth));
    lab.folder.run(["--state", "stores", "status"]).with_code(0).printing("tenant first").printing("tenant second");
    lab.folder.run(["--state", "stores", "report", "access"]).with_code(2).saying("several stores");
    lab.folder.run(["--state", "stores", "collect", "--tenant", "first"]).with_code(0);
}
