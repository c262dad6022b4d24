//! `emulate`: the emulator as a process of its own.

use crate::support::Folder;

#[test]
#[cfg(unix)]
fn the_emulator_serves_others_with_the_configuration_it_writes_until_it_is_stopped() {
    let folder = Folder::new();
    let mut emulator = folder.program().start([
        "emulate",
        "--listen",
        "127.0.0.1:0",
        "--seed",
        "50",
        "--records",
        "1500",
        "--write-config",
        "emulated.toml",
    ]);
    assert_eq!(emulator.line_after("configuration: "), "emulated.toml");
    assert!(emulator.line_after("listening: ").starts_with("https://127.0.0.1:"));
    folder.run(["--config", "emulated.toml", "collect"]).with_code(0);
    assert!(!folder.report("access").is_empty());
    assert_eq!(emulator.terminate(), Some(0));
    let impatient = folder.read("emulated.toml") + "[http]\nretry_delay_ms = 1\nattempts_max = 2\n";
    folder.write("emulated.toml", impatient);
    folder.run(["--config", "emulated.toml", "collect"]).with_code(1).saying("refuses the connection");
}

#[test]
fn the_same_numbers_export_the_same_tenant() {
    let folder = Folder::new();
    let export = |to: &str| {
        let fixed = ["--seed", "51", "--records", "1000", "--now", "2026-11-01T08:00:00Z"];
        folder.program().run(["emulate", "--export", to].into_iter().chain(fixed)).with_code(0).printing(to);
    };
    export("one");
    export("two");
    let names = [
        "defender-activities.ndjson",
        "audit.ndjson",
        "purview.csv",
        "purview-classic.csv",
        "search-unifiedauditlog.csv",
        "search-unifiedauditlog.json",
        "graph.json",
        "officeactivity.csv",
        "officeactivity.ndjson",
        "cloudappevents.csv",
        "cloudappevents.json",
        "cloudappevents-storage.ndjson",
        "cloudappevents-eventhub.ndjson",
        "truth.json",
    ];
    for name in names {
        assert!(folder.read(&format!("one/{name}")) == folder.read(&format!("two/{name}")), "{name}");
    }
}

#[test]
fn a_folder_that_cannot_be_exported_into_is_named() {
    let folder = Folder::new();
    folder.write("taken", "a file");
    folder
        .run(["emulate", "--records", "100", "--export", "taken/records"])
        .with_code(1)
        .saying("cannot be written into taken/records");
}

#[test]
fn a_fault_that_cannot_be_read_is_explained() {
    Folder::new().run(["emulate", "--fault", "mail:always:500"]).with_code(2).saying("`mail` is no service");
}

#[test]
#[cfg(unix)]
fn a_fault_script_is_played_and_a_line_that_cannot_be_read_is_named() {
    let folder = Folder::new();
    folder.write("bad-day.txt", "# a bad day\ndefender:first=1:503\nmail:always:500\n");
    let emulate = ["emulate", "--listen", "127.0.0.1:0", "--records", "500", "--faults", "bad-day.txt"];
    folder.run(emulate).with_code(2).saying("bad-day.txt, line 3").saying("`mail` is no service");
    folder.run(["emulate", "--faults", "absent.txt"]).with_code(2).saying("absent.txt cannot be read");
    folder.write("bad-day.txt", "# a bad day\nvault:always:403\n");
    let mut emulator = folder.program().start(emulate.into_iter().chain(["--write-config", "emulated.toml"]));
    emulator.line_after("listening: ");
    folder.run(["--config", "emulated.toml", "collect"]).with_code(1).saying("Key Vault Secrets User");
    assert_eq!(emulator.terminate(), Some(0));
}

#[test]
#[cfg(unix)]
fn the_audit_feed_can_be_made_odd_or_as_large_as_wanted() {
    let folder = Folder::new();
    let arrived = |store: &str, options: &[&str]| -> u64 {
        let fixed = ["emulate", "--listen", "127.0.0.1:0", "--seed", "52", "--records", "1500", "--days", "6"];
        let words = fixed.iter().chain(&["--write-config", "emulated.toml"]).chain(options);
        let mut emulator = folder.program().start(words);
        emulator.line_after("listening: ");
        // The audit feed in place of Defender.
        let written = folder.read("emulated.toml");
        let (before, rest) = written.split_once("[tenant.defender]").unwrap();
        let (_, after) = rest.split_once("#[tenant.audit]").unwrap();
        folder.write("fed.toml", format!("{before}[tenant.audit]{after}\n[http]\nretry_delay_ms = 1\n"));
        folder.run(["--config", "fed.toml", "--state", store, "collect", "--partial-ok"]).with_code(0);
        let status = folder.run(["--config", "fed.toml", "--state", store, "status", "--json"]).with_code(0);
        assert_eq!(emulator.terminate(), Some(0));
        let status: serde_json::Value = serde_json::from_str(&status.stdout).unwrap();
        let feed = &status["feeds"][0];
        assert_eq!((&feed["name"], &feed["waiting_blobs"]), (&"Audit.SharePoint".into(), &0.into()), "{status}");
        feed["listed"].as_u64().unwrap()
    };
    let plain = arrived("plain.db", &[]);
    assert!((1_000..1_500).contains(&plain), "{plain}");
    assert!(arrived("odd.db", &["--feed-quirks"]) > plain, "records come twice");
    assert_eq!(arrived("made.db", &["--synthetic-feed", "3000:30:50:48"]), 3_000);
}

#[test]
fn a_size_that_cannot_be_read_is_explained() {
    Folder::new().run(["emulate", "--synthetic-feed", "many"]).with_code(2).saying("RECORDS:BLOBS");
}
