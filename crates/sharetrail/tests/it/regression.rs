//! Mistakes that were made once.

use std::fs::{self, File};
use std::time::{Duration, Instant};

use emulator::faults::Route;

use crate::support::{Folder, Lab, record, tenant_of, until};

const ANOTHER_TENANT: &str = "99999999-0000-4000-8000-000000000001";

#[test]
fn a_tenant_whose_store_cannot_be_used_does_not_hold_up_the_others() {
    let lab = Lab::of(tenant_of(vec![record(1, "FileDownloaded", 100, |_| {})]));
    lab.configure(|it| {
        it.set("tenant.name", "first")
            .set("tenant.tenant_id", ANOTHER_TENANT)
            .and_a_tenant("second", |it| it.set("tenant.tenant_id", lab.profile.tenant_id.as_str()))
    });
    fs::create_dir(lab.folder.at("sharetrail.db")).unwrap();
    lab.folder.write("sharetrail.db/first.db", "no store at all, but long enough to look like one".repeat(99));
    lab.collect()
        .with_code(3)
        .saying("first: ")
        .saying("is not a sharetrail store")
        .printing("second: defender: 1 records");
    assert_eq!(lab.arrived().len(), 1);
}

#[test]
fn a_store_that_is_full_pauses_reading_and_not_delivery() {
    let lab = Lab::seeded(61, 1_000);
    lab.play(&["ingestion:always:503"]);
    lab.collect().with_code(3);
    // As if much had come since: the file is over the smallest limit that can be set.
    let store = rusqlite::Connection::open(lab.folder.at("sharetrail.db")).unwrap();
    store.execute_batch("INSERT INTO block (id, raw_bytes, data) VALUES (-1, 0, zeroblob(20000000))").unwrap();
    drop(store);
    lab.configure(|configuration| configuration.set("store.store_bytes_max", 16 * 1024 * 1024));
    lab.play(&[]);
    lab.collect().with_code(3).saying("store.store_bytes_max");
    assert_eq!(lab.arrived().len(), lab.truth.accesses.len());
}

#[test]
fn a_stream_that_is_misspelt_does_not_hold_up_the_other_tables() {
    let lab = Lab::of(tenant_of(vec![record(1, "FileDownloaded", 100, |_| {})]));
    lab.play(&["ingestion:always:503"]);
    lab.collect().with_code(3);
    lab.play(&[]);
    // As if the last pass had been six weeks ago: a gap, which is the first thing to be delivered.
    let store = rusqlite::Connection::open(lab.folder.at("sharetrail.db")).unwrap();
    store.execute("UPDATE feed SET position = position - 42 * 86400000", []).unwrap();
    drop(store);
    lab.configure(|configuration| configuration.set("tenant.sink.logs_ingestion.gap_stream", "Custom-Absent"));
    lab.collect().with_code(3).saying("Custom-Absent");
    assert_eq!(lab.arrived().len(), 1);
}

#[test]
fn records_are_not_imported_for_nobody_where_several_tenants_are_configured() {
    let lab = Lab::of(tenant_of(vec![]));
    lab.configure(|it| it.and_a_tenant("second", |it| it.set("tenant.tenant_id", ANOTHER_TENANT)));
    lab.folder.write("records.json", record(1, "FileDownloaded", 100, |_| {}).json.as_bytes());
    lab.folder.run(["import", "records.json"]).with_code(2).saying("--state").saying("sharetrail.db/contoso.db");
    assert!(!lab.folder.at("sharetrail.db").exists(), "collect makes a folder of it");
    fs::create_dir(lab.folder.at("sharetrail.db")).unwrap();
    lab.folder.run(["--state", "sharetrail.db/contoso.db", "import", "records.json"]).with_code(0);
}

#[test]
#[cfg(unix)]
fn whoever_waits_for_another_writer_stops_when_asked_to() {
    let lab = Lab::of(tenant_of(vec![record(1, "FileDownloaded", 100, |_| {})]));
    lab.configure(|it| {
        it.set("tenant.name", "first").and_a_tenant("second", |it| it.set("tenant.tenant_id", ANOTHER_TENANT))
    });
    fs::create_dir(lab.folder.at("sharetrail.db")).unwrap();
    let writing = File::create(lab.folder.at("sharetrail.db/second.db.lock")).unwrap();
    writing.lock().unwrap();
    let mut waiting = lab.folder.program().start(["collect"]);
    until("the first tenant's row has arrived", || !lab.arrived().is_empty());
    let asked = Instant::now();
    assert_eq!(waiting.terminate(), Some(130));
    assert!(asked.elapsed() < Duration::from_secs(20), "another writer is waited for a minute");
}

#[test]
fn a_file_that_is_broken_on_every_line_is_told_in_few_lines() {
    let folder = Folder::new();
    folder.write("broken.json", "{\"Id\": broken}\n".repeat(5_000));
    let ended = folder.run(["import", "broken.json"]).with_code(3).printing("5000 rejected").saying("first in line 1");
    assert!(ended.stdout.lines().count() < 200, "{} lines", ended.stdout.lines().count());
    assert!(ended.stderr.lines().count() < 200, "{} lines", ended.stderr.lines().count());
}

#[test]
fn a_destination_that_refuses_every_row_makes_no_dead_letters_of_them() {
    let lab = Lab::seeded(62, 2_000);
    let told = lab.truth.accesses.len();
    assert!(told > 40, "enough rows to tell the destination's fault from theirs");
    lab.play(&["ingestion:always:400"]);
    lab.collect().with_code(3).saying("20 rows were refused").saying("docs/reference/columns.md").saying("rows wait");
    assert!(lab.traffic(Route::Ingestion).requests < 80, "it stops early");
    let status = lab.folder.status();
    let sink = &status["sinks"][0];
    assert_eq!((sink["outbox"].as_u64(), sink["dead_letters"].as_u64()), (Some(told as u64), Some(0)), "{status}");
    lab.play(&[]);
    lab.collect().with_code(0);
    lab.assert_all_is_told();
}

#[test]
fn a_row_that_is_refused_is_set_aside_once_another_one_is_taken() {
    let at = |number, minutes_ago| record(number, "FileDownloaded", minutes_ago, |_| {});
    let lab = Lab::of(tenant_of(vec![at(1, 100), at(2, 90)]));
    // The batch, then each of its two rows.
    lab.play(&["ingestion:first=3:400"]);
    lab.collect().with_code(3).saying("2 rows were refused");
    assert_eq!(lab.folder.status()["sinks"][0]["dead_letters"], 0);
    // The batch and its first row; the second is taken.
    lab.play(&["ingestion:first=2:400"]);
    lab.collect().with_code(3).saying("1 row set aside");
    let status = lab.folder.status();
    let sink = &status["sinks"][0];
    assert_eq!((sink["outbox"].as_u64(), sink["dead_letters"].as_u64()), (Some(0), Some(1)), "{status}");
    assert_eq!(lab.arrived().len(), 1);
}

#[test]
fn a_service_that_is_added_later_is_read_as_far_back_as_the_first_ones() {
    let of = |number, minutes_ago| record(number, "FileDownloaded", minutes_ago, |_| {});
    let mut other = of(2, 3 * 24 * 60);
    other.app_id = 28_375;
    other.json = other.json.replace("15600", "28375").into();
    let lab = Lab::of(tenant_of(vec![of(1, 100), other]));
    let services = |ids: &[i64]| {
        let ids = ids.to_vec();
        lab.configure(|it| it.set("tenant.defender.services", ids));
        lab.collect().with_code(0)
    };
    services(&[15_600]).printing("1 records");
    services(&[15_600]).printing("0 stored");
    services(&[15_600, 28_375]).printing("1 stored").saying("service 28375");
    let calm = services(&[15_600, 28_375]).printing("0 stored");
    assert!(!calm.stderr.contains("read again"), "{calm}");
    assert_eq!(lab.folder.report("access").len(), 2);
    services(&[28_375]);
    services(&[28_375, 15_600]).saying("service 15600");
}

#[test]
fn collecting_with_what_init_wrote_names_the_keys_that_still_hold_examples() {
    let folder = Folder::new();
    folder.run(["init"]).with_code(0);
    let ended = folder.run(["collect"]).with_code(2);
    let ended = ended.saying("tenant.tenant_id, tenant.internal_domains, tenant.defender.url");
    assert_eq!(ended.stderr.lines().count(), 1, "{ended}");
    assert!(!folder.at("sharetrail.db").exists(), "nothing was begun");
}

#[test]
fn a_file_that_is_no_store_gets_no_lock_beside_it() {
    let folder = Folder::new();
    folder.write("sharetrail.db", "no store at all, but long enough to look like one".repeat(99));
    folder.write("records.json", record(1, "FileDownloaded", 100, |_| {}).json.as_bytes());
    folder.run(["import", "records.json"]).with_code(1).saying("is not a sharetrail store");
    assert!(!folder.at("sharetrail.db.lock").exists());
}

#[test]
fn an_access_and_a_person_are_shown_by_whatever_names_them() {
    let lab = Lab::of(tenant_of(vec![record(1, "FileDownloaded", 100, |_| {})]));
    lab.collect().with_code(0);
    let access = lab.folder.report("access")[0]["access_id"].as_str().unwrap().to_owned();
    let shown = lab.folder.run(["show", "access", &access]).with_code(0);
    let shown = shown.printing("plan.docx by li.wang@fabrikam.example");
    assert!(shown.stdout.contains("records: 3f1e0000-0000-4000-8000-000000000001"), "{shown}");
    lab.folder.run(["show", "access", "3f1e0000-0000-4000-8000-00000000000f"]).with_code(1).saying("nothing is known");
    for form in [
        "li.wang_fabrikam.example#EXT#@contoso.onmicrosoft.com",
        "urn:spo:guest#LI.WANG@fabrikam.example",
        "urn%3aspo%3aguest%23li.wang%40fabrikam.example",
    ] {
        lab.folder.run(["show", "person", form]).with_code(0).printing("plan.docx");
        let report = lab.folder.run(["report", "access", "--person", form, "--format", "json"]).with_code(0).json();
        assert_eq!(report.as_array().unwrap().len(), 1, "{form}");
    }
}

#[test]
fn a_web_page_that_says_200_takes_no_rows() {
    let lab = Lab::of(tenant_of(vec![record(1, "FileDownloaded", 100, |_| {})]));
    lab.play(&["ingestion:always:html"]);
    lab.collect().with_code(3).saying("a web page").saying("the rows wait for the next pass");
    assert_eq!(lab.folder.status()["sinks"][0]["outbox"], 1);
    lab.play(&[]);
    lab.collect().with_code(0).printing("1 row delivered");
    assert_eq!(lab.arrived().len(), 1);
}
