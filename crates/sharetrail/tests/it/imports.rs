//! `import`: the same records as files give the same answer.

mod archives;
mod rejected;
mod shapes;
mod times;

use emulator::story::export;
use serde_json::{Value, json};

use crate::support::{Folder, Lab, now_ms, reported, seeded, told};

const EXPORTS: [&str; 4] = ["defender-activities.ndjson", "audit.ndjson", "purview.csv", "search-unifiedauditlog.csv"];

/// What comparisons between sources exempt: when it was concluded, who saw it, and what only Defender knows.
fn without_what_depends_on_the_source(rows: Vec<Value>) -> Vec<Value> {
    let exempt = ["tenant_name", "revision", "feeds", "country", "city", "defender_says_external"];
    let mut rows: Vec<Value> = rows
        .into_iter()
        .map(|mut row| {
            exempt.iter().for_each(|key| drop(row.as_object_mut().unwrap().remove(*key)));
            row
        })
        .collect();
    rows.sort_by_key(|row| row["evidence_ids"].to_string());
    rows
}

/// `access_id` holds the tenant's name, which files do not know.
fn without_ids(mut rows: Vec<Value>) -> Vec<Value> {
    rows.iter_mut().for_each(|row| drop(row.as_object_mut().unwrap().remove("access_id")));
    rows
}

#[test]
fn each_kind_of_export_gives_the_report_that_collecting_gives() {
    let (now_ms, records) = (now_ms(), 3_000);
    let lab = Lab::of(seeded(8, records, now_ms));
    lab.collect().with_code(0);
    let collected = without_ids(without_what_depends_on_the_source(lab.folder.report("access")));

    let tenant = seeded(8, records, now_ms);
    let domains = tenant.profile.internal_domains.join(",");
    let exports = Folder::new();
    export(&tenant, exports.path()).unwrap();
    for name in EXPORTS {
        let folder = Folder::new();
        let path = exports.at(name);
        folder.run(["import", path.to_str().unwrap(), "--internal-domain", &domains]).with_code(0);
        let rows = folder.report("access");
        assert_eq!(reported(&rows), told(&tenant.truth), "{name}");
        let imported = without_ids(without_what_depends_on_the_source(rows));
        for (imported, collected) in imported.iter().zip(&collected) {
            assert_eq!(imported, collected, "{name}");
        }
    }
}

#[test]
fn importing_everything_on_top_of_a_collected_store_adds_sightings_and_nothing_else() {
    let (now_ms, records) = (now_ms(), 3_000);
    let lab = Lab::of(seeded(9, records, now_ms));
    // Exports hold the records of all apps; Defender files those of labels under Microsoft 365 itself.
    let every_app = vec![20_892, 15_600, 28_375, 11_161];
    lab.configure(|configuration| configuration.set("tenant.defender.services", every_app));
    lab.collect().with_code(0);
    let before = without_what_depends_on_the_source(lab.folder.report("access"));
    let activities = lab.folder.status()["activities"].clone();
    export(&seeded(9, records, now_ms), lab.folder.path()).unwrap();
    for name in EXPORTS {
        let summary = lab.folder.run(["import", "--json", name]).with_code(0).json();
        assert_eq!(summary["stored"], 0, "{name}: {summary}");
        assert_eq!(summary["rejected"], 0, "{name}: {summary}");
        let parts = ["stored", "known", "not_kept"].map(|part| summary[part].as_u64().unwrap());
        assert_eq!(summary["distinct"].as_u64(), Some(parts.iter().sum()), "{name}: {summary}");
    }
    let rows = lab.folder.report("access");
    assert!(rows.iter().all(|row| row["feeds"] == json!(["defender", "import"])), "{}", rows[0]["feeds"]);
    assert_eq!(without_what_depends_on_the_source(rows), before);
    assert_eq!(lab.folder.status()["activities"], activities);
    lab.collect().with_code(0);
    lab.assert_all_is_told();
}

#[test]
fn a_compressed_file_and_standard_input_are_read_like_a_plain_file() {
    use std::io::Write;

    let tenant = seeded(10, 1_500, now_ms());
    let domains = tenant.profile.internal_domains.join(",");
    let folder = Folder::new();
    export(&tenant, folder.path()).unwrap();
    let plain = std::fs::read(folder.at("purview.csv")).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&plain).unwrap();
    folder.write("told-by-content-not-name.txt", gzip.finish().unwrap());
    let arguments = ["--state", "a.db", "import", "told-by-content-not-name.txt", "--internal-domain", &domains];
    folder.run(arguments).with_code(0);
    let stdin = ["--state", "b.db", "import", "-", "--internal-domain", &domains];
    folder.program().fed(plain).run(stdin).with_code(0);
    for state in ["a.db", "b.db"] {
        let report = folder.run(["--state", state, "report", "access", "--format", "json"]).with_code(0).json();
        assert_eq!(reported(report.as_array().unwrap()), told(&tenant.truth), "{state}");
    }
}

#[test]
fn importing_a_file_twice_changes_nothing() {
    let tenant = seeded(11, 1_500, now_ms());
    let folder = Folder::new();
    export(&tenant, folder.path()).unwrap();
    let domains = tenant.profile.internal_domains.join(",");
    folder.run(["import", "audit.ndjson", "--internal-domain", &domains]).with_code(0);
    let before = folder.run(["report", "access", "--format", "json"]).with_code(0).stdout;
    let again = folder.run(["import", "--json", "audit.ndjson"]).with_code(0).json();
    assert_eq!((&again["stored"], &again["not_kept"]), (&json!(0), &json!(0)), "{again}");
    assert_eq!(folder.run(["report", "access", "--format", "json"]).with_code(0).stdout, before);
}

#[test]
fn the_order_and_the_portions_in_which_records_come_do_not_matter() {
    let tenant = seeded(53, 2_000, now_ms());
    let domains = tenant.profile.internal_domains.join(",");
    let folder = Folder::new();
    export(&tenant, folder.path()).unwrap();
    let text = folder.read("audit.ndjson");
    let lines: Vec<&str> = text.lines().collect();
    let backwards: Vec<&str> = lines.iter().rev().copied().collect();
    folder.write("backwards.ndjson", backwards.join("\n"));
    folder.run(["--state", "backwards.db", "import", "backwards.ndjson", "--internal-domain", &domains]).with_code(0);
    for portion in 0..7 {
        let part: Vec<&str> = backwards.iter().skip(portion).step_by(7).copied().collect();
        folder.write("part.ndjson", part.join("\n"));
        folder.run(["--state", "parts.db", "import", "part.ndjson", "--internal-domain", &domains]).with_code(0);
    }
    for state in ["backwards.db", "parts.db"] {
        let report = folder.run(["--state", state, "report", "access", "--format", "json"]).with_code(0).json();
        assert_eq!(reported(report.as_array().unwrap()), told(&tenant.truth), "{state}");
    }
}

#[test]
fn domains_that_are_named_later_correct_what_was_concluded_without_them() {
    let tenant = seeded(54, 1_500, now_ms());
    let folder = Folder::new();
    export(&tenant, folder.path()).unwrap();
    folder.run(["import", "audit.ndjson"]).with_code(0);
    folder.run(["report", "access", "--format", "json"]).with_code(0).saying("these are taken to be ours: ");
    let domains = tenant.profile.internal_domains.join(",");
    folder.run(["import", "audit.ndjson", "--internal-domain", &domains]).with_code(0);
    assert_eq!(reported(&folder.report("access")), told(&tenant.truth));
}
