//! The answer equals what happened.

use std::collections::HashSet;

use crate::support::{Lab, as_reported, standing};

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
