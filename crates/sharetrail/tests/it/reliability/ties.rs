//! More records of one millisecond than a page has room for, in the data and not by a fault.

use serde_json::Value;

use crate::support::{Lab, record, stored_at, tenant_of};

/// So many records that Defender stored at one moment, of both services.
fn tied(records: u32) -> Lab {
    let created_ms = crate::support::now_ms() - 3_600_000;
    let activities = (1..=records).map(|number| {
        let mut activity = stored_at(&record(number, "FileDownloaded", 100, |_| {}), created_ms);
        if number % 2 == 0 {
            activity.app_id = 20_892;
            activity.json = activity.json.replace("\"appId\":15600", "\"appId\":20892").into();
        }
        activity
    });
    let lab = Lab::of(tenant_of(activities.collect()));
    lab.configure(|configuration| {
        // No waiting for the minute's budget: a burst takes many requests.
        configuration.set("tenant.defender.page_records", 500).set("tenant.defender.requests_per_minute_max", 10_000)
    });
    lab
}

#[test]
fn a_burst_above_the_configured_page_is_read_with_a_larger_one() {
    let lab = tied(700);
    lab.collect().with_code(0);
    assert_eq!(lab.folder.status()["activities"], 700);
}

#[test]
fn a_burst_above_the_largest_page_is_read_service_by_service() {
    let lab = tied(6_000);
    lab.collect().with_code(0);
    assert_eq!(lab.folder.status()["activities"], 6_000);
}

#[test]
fn a_burst_that_no_page_holds_is_a_gap_with_its_reason_and_all_else_is_read() {
    let lab = tied(10_400);
    // Two more of the same service, a little before and a little after.
    let near = |number, ms| {
        let made = record(number, "FileDownloaded", 100, |_| {});
        stored_at(&made, crate::support::now_ms() - 3_600_000 + ms)
    };
    lab.emulator.append(vec![near(20_001, -600_000), near(20_002, 600_000)]);
    lab.collect().saying("gap").saying("share the millisecond");
    let gaps: Vec<Value> = lab.folder.report("gaps");
    assert!(!gaps.is_empty());
    assert!(
        gaps.iter().all(|gap| gap["reason"].as_str().unwrap().contains("more than Defender lists at once")),
        "{gaps:?}"
    );
    lab.folder.run(["show", "record", "3f1e0000-0000-4000-8000-000000020001"]).with_code(0);
    lab.folder.run(["show", "record", "3f1e0000-0000-4000-8000-000000020002"]).with_code(0);
}
