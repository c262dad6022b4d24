//! `function`: under a host's stand-in, with Azurite as the only state. Afterwards the emulator's truth is compared with what
//! a copy of the state reports and what the workspace has.

mod alone;
mod killed;
mod old;
mod together;

use std::collections::BTreeMap;

use emulator::faults::Route;
use serde_json::Value;

use crate::support::{Blobs, Configuration, Lab, now_ms, seeded};

/// A seeded tenant, and a container of this name for its state; `None`: there is no Azurite.
fn lab(
    container: &str,
    seed: u64,
    records: usize,
    change: impl FnOnce(Configuration) -> Configuration,
) -> Option<(Lab, Blobs)> {
    let blobs = Blobs::of(container)?;
    let lab = Lab::of(seeded(seed, records, now_ms()));
    lab.configure(|configuration| change(configuration.set("function.container", container)));
    Some((lab, blobs))
}

/// Small pages and small batches, so that there are many moments between them.
fn in_many_steps(configuration: Configuration) -> Configuration {
    configuration.set("tenant.defender.page_records", 500).set("tenant.sink.logs_ingestion.batch_raw_bytes_max", 20_000)
}

/// A call that fails is tried again after a minute: long enough for a test to do something meanwhile.
fn with_long_pauses(configuration: Configuration) -> Configuration {
    in_many_steps(configuration).set("http.retry_delay_ms", 60_000).set("http.retry_delay_ms_max", 60_000)
}

fn blob(lab: &Lab) -> String {
    format!("{}.db", lab.profile.name)
}

/// Copies the state to where reports look for it.
fn fetch(lab: &Lab, blobs: &Blobs) {
    // There may be one of before.
    let _ = std::fs::remove_file(lab.folder.at("sharetrail.db"));
    let fetching = lab.folder.program().env("AzureWebJobsStorage", blobs.connection_string());
    fetching.run(["function", "--fetch", "sharetrail.db"]).with_code(0).saying("is copied to sharetrail.db");
}

/// Nothing is lost, nothing is stored twice, and what the sink got twice was the same row in the same revision.
#[track_caller]
fn assert_nothing_is_lost_or_doubled(lab: &Lab, blobs: &Blobs) {
    fetch(lab, blobs);
    lab.assert_all_is_told();
    let status = lab.folder.status();
    assert_eq!(status["feeds"][0]["stored"], status["activities"], "stored twice: {status}");
    assert_eq!(status["sinks"][0]["outbox"], 0, "{status}");
    let mut contents: BTreeMap<(String, i64), String> = BTreeMap::new();
    for row in lab.arrived() {
        let content = row.to_string();
        let known = contents.entry(id_and_revision(&row)).or_insert_with(|| content.clone());
        assert_eq!(known, &content, "same revision, other content");
    }
}

fn id_and_revision(row: &Value) -> (String, i64) {
    (row["AccessId"].as_str().unwrap().to_owned(), row["Revision"].as_i64().unwrap())
}

/// Rows that the sink got more than once.
fn repeats(lab: &Lab) -> usize {
    let rows = lab.arrived();
    let different: std::collections::BTreeSet<_> = rows.iter().map(id_and_revision).collect();
    rows.len() - different.len()
}

fn calls(lab: &Lab, route: Route) -> u64 {
    lab.traffic(route).requests
}
