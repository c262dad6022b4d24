//! `collect --dry-run`: what it says is what a pass then does, and it leaves nothing behind.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use emulator::faults::Route;
use serde_json::Value;

use crate::support::{Ended, Lab, now_ms, record, seeded, tenant_of};

fn dry_run(lab: &Lab) -> (Ended, Value) {
    let ended = lab.folder.run(["collect", "--dry-run", "--json"]);
    let told = ended.json();
    assert_eq!(told.as_array().map(Vec::len), Some(1), "{ended}");
    (ended, told[0].clone())
}

/// Every file of a folder with its bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap())).collect()
}

fn with_all_streams(lab: &Lab) {
    lab.configure(|usual| {
        usual
            .set("tenant.sink.logs_ingestion.share_stream", "Custom-ShareTrailShare_CL")
            .set("tenant.sink.logs_ingestion.activity_stream", "Custom-ShareTrailActivity_CL")
    });
}

#[test]
fn what_a_dry_run_says_is_what_a_pass_then_keeps_and_sends() {
    let lab = Lab::seeded(170, 2_000);
    with_all_streams(&lab);
    let (_, told) = dry_run(&lab);
    lab.collect().with_code(0);
    let status = lab.folder.status();
    for number in ["stored", "known", "not_kept", "rejected"] {
        assert_eq!(told["feeds"][0][number], status["feeds"][0][number], "{number}: {told:#}");
    }
    let counters = lab.emulator.counters().tables;
    let mut rows = 0;
    for table in told["tables"].as_array().unwrap() {
        let sent = counters.get(table["table"].as_str().unwrap()).cloned().unwrap_or_default();
        let number = |key: &str| table[key].as_u64().unwrap();
        assert_eq!((number("rows"), number("requests")), (sent.rows, sent.requests), "{table:#}");
        // A batch of n rows has n - 1 commas and two brackets.
        assert_eq!(number("bytes") + sent.rows + sent.requests, sent.raw_bytes, "{table:#}");
        // Other revisions compress otherwise, by a little.
        let (told_bytes, sent_bytes) = (number("wire_bytes") as f64, sent.wire_bytes as f64);
        assert!((told_bytes - sent_bytes).abs() <= sent_bytes * 0.05, "{table:#} {sent:?}");
        rows += sent.rows;
    }
    assert!(rows > 100, "{told:#}");
    assert_eq!(counters.values().map(|table| table.rows).sum::<u64>(), rows, "{told:#}");
}

#[test]
fn a_dry_run_makes_no_store_and_sends_nothing() {
    let lab = Lab::seeded(171, 1_000);
    let before = files(lab.folder.path());
    let place = lab.folder.at("throw-away");
    fs::create_dir(&place).unwrap();
    let ended = lab.folder.program().env("TMPDIR", &place).run(["collect", "--dry-run"]).with_code(0);
    assert!(ended.stdout.contains("nothing is stored") && ended.stdout.contains("ShareTrailAccess_CL"), "{ended}");
    assert_eq!(lab.traffic(Route::Ingestion).requests, 0);
    assert_eq!(files(&place), BTreeMap::new(), "the copy is gone");
    fs::remove_dir(&place).unwrap();
    assert_eq!(files(lab.folder.path()), before);
}

#[test]
fn a_dry_run_leaves_the_store_as_it_is_byte_for_byte_and_tells_only_what_is_new() {
    let at = |number, minutes_ago| record(number, "FileDownloaded", minutes_ago, |_| {});
    let lab = Lab::of(tenant_of(vec![at(1, 300), at(2, 200)]));
    lab.collect().with_code(0);
    let sent = lab.arrived().len();
    lab.emulator.append(vec![at(3, 60)]);
    let before = fs::read(lab.folder.at("sharetrail.db")).unwrap();
    let (_, told) = dry_run(&lab);
    assert_eq!(fs::read(lab.folder.at("sharetrail.db")).unwrap(), before);
    assert_eq!((&told["feeds"][0]["stored"], &told["tables"][1]["rows"]), (&1.into(), &1.into()), "{told:#}");
    assert_eq!(lab.arrived().len(), sent);
    // Nothing has moved: the pass finds the same.
    lab.collect().with_code(0).printing(" 1 stored").printing("1 row delivered");
}

#[test]
fn an_estimate_is_by_the_span_of_the_new_records_and_says_so() {
    // From hour to hour, 72 of them whatever the minute.
    let records = (0..145).map(|half_hour| record(half_hour, "FileDownloaded", 60 + i64::from(half_hour) * 30, |_| {}));
    let lab = Lab::of(tenant_of(records.collect()));
    let (_, told) = dry_run(&lab);
    let (estimate, access) = (&told["estimate"], &told["tables"][1]);
    let hours = estimate["hours"].as_i64().unwrap();
    assert!((71..=73).contains(&hours) && estimate["new_records"] == 145, "{told:#}");
    let bytes = access["bytes"].as_f64().unwrap();
    let per_day = access["bytes_per_day"].as_f64().unwrap();
    assert!((per_day - bytes * 24.0 / hours as f64).abs() < 1.0, "{told:#}");
    assert_eq!(access["gigabytes_per_day"], per_day / 1e9);
    let words = lab.folder.run(["collect", "--dry-run"]).with_code(0);
    for part in ["145 new records", &format!("within the {hours} hours"), "10^9", "a quarter less"] {
        assert!(words.stdout.contains(part), "{part}: {words}");
    }
    assert!(!words.stdout.contains("a guess"), "{words}");
}

#[test]
fn without_a_sink_the_amount_of_each_table_is_told_all_the_same() {
    let lab = Lab::seeded(172, 1_000);
    lab.configure(|usual| usual.without("tenant.sink"));
    let (_, told) = dry_run(&lab);
    for table in told["tables"].as_array().unwrap() {
        assert_eq!(table["sink"], "(none configured)");
        let is_gap = table["table"] == "ShareTrailGap_CL";
        assert_eq!(table["rows"].as_u64().unwrap() > 0, !is_gap, "{table:#}");
    }
}

#[test]
fn a_dry_run_stops_reading_when_its_time_is_over_and_ends_as_done_in_part() {
    let lab = Lab::seeded(173, 3_000);
    lab.configure(|usual| usual.set("tenant.defender.page_records", 500));
    let ended = lab.folder.run(["collect", "--dry-run", "--json", "--minutes-max", "0"]).with_code(3);
    let told = ended.json();
    assert!((1..=500).contains(&told[0]["feeds"][0]["records"].as_u64().unwrap()), "{ended}");
    assert!(told[0]["tables"][1]["rows"].as_u64().unwrap() > 0, "{ended}");
    let ended = ended.saying("--minutes-max");
    assert!(!lab.folder.at("sharetrail.db").exists(), "{ended}");
    let usage = lab.folder.run(["collect", "--minutes-max", "1"]).with_code(2);
    assert!(usage.stderr.contains("--dry-run"), "{usage}");
}

#[test]
fn a_dry_run_starts_no_subscription() {
    let lab = Lab::with(seeded(174, 500, now_ms()), |options| options.management.subscribed.clear());
    lab.configure(|usual| usual.set("tenant.audit.content_types", vec!["Audit.SharePoint"]));
    for _ in 0..2 {
        lab.folder.run(["collect", "--dry-run"]).with_code(3).saying("a dry run starts none");
    }
    let missing = lab.folder.run(["doctor", "--json"]);
    assert!(missing.stdout.contains("Audit.SharePoint is not subscribed"), "{missing}");
}

#[test]
fn a_dry_run_that_can_read_nothing_fails_as_a_pass_does() {
    let lab = Lab::seeded(175, 300);
    lab.play(&["defender:always:401"]);
    lab.folder.run(["collect", "--dry-run"]).with_code(1).saying("refuses the API token");
    lab.folder.run(["collect", "--dry-run", "--tenant", "somebody"]).with_code(2).saying("somebody");
}

#[test]
fn several_tenants_need_no_folder_for_a_dry_run() {
    let lab = Lab::seeded(176, 500);
    let another = "00000000-0000-0000-0000-000000000001";
    lab.configure(|usual| usual.and_a_tenant("fabrikam", |it| it.set("tenant.tenant_id", another)));
    // The records are not of the other one's, and are rejected there.
    let ended = lab.folder.run(["collect", "--dry-run", "--json"]).with_code(3).saying("fabrikam: defender:");
    assert_eq!(ended.json().as_array().unwrap().len(), 2, "{ended}");
    assert!(!lab.folder.at("sharetrail.db").exists());
}
