//! No secret leaves the run, and what holds personal data is for its owner only.

use std::fs;
use std::path::Path;

use emulator::Role;
use emulator::faults::Route;

use crate::support::{Ended, Lab, now_ms, seeded};

/// Every secret of the run. The emulator's tokens all begin with the same header, `{"typ":"JWT"…`, so that begins them all.
fn secrets(lab: &Lab) -> Vec<String> {
    let endpoints = lab.endpoints();
    let mut secrets: Vec<String> = endpoints.vault_secrets.values().map(|secret| secret.expose().to_owned()).collect();
    secrets.extend([
        endpoints.installation.client_secret.expose().to_owned(),
        endpoints.tenant_application.client_secret.expose().to_owned(),
        endpoints.workspace.primary_key.expose().to_owned(),
        endpoints.workspace.secondary_key.expose().to_owned(),
        endpoints.managed_identity.identity_header.expose().to_owned(),
        "eyJ0eXAiOiJKV1Qi".to_owned(),
        "SharedKey ".to_owned(),
    ]);
    secrets
}

fn assert_no_secret(place: &str, bytes: &[u8], secrets: &[String]) {
    let text = String::from_utf8_lossy(bytes);
    for secret in secrets {
        if let Some(at) = text.find(secret.as_str()) {
            let from = text.floor_char_boundary(at.saturating_sub(200));
            panic!("a secret is in {place}: …{}[the secret]", &text[from..at]);
        }
    }
}

fn assert_clean(lab: &Lab, ended: &[Ended]) {
    let secrets = secrets(lab);
    for ended in ended {
        assert_no_secret("standard output", ended.stdout.as_bytes(), &secrets);
        assert_no_secret("standard error", ended.stderr.as_bytes(), &secrets);
    }
    for entry in fs::read_dir(lab.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        // The one file whose purpose it is.
        if path.file_name().is_some_and(|name| name != "client-secret") {
            assert_no_secret(&path.display().to_string(), &fs::read(&path).unwrap(), &secrets);
        }
    }
}

#[test]
fn no_secret_is_in_a_log_a_report_or_the_store_however_much_is_logged() {
    let lab = Lab::with(seeded(95, 1_500, now_ms()), |options| options.listen_http = Some(([127, 0, 0, 1], 0).into()));
    lab.configure(|configuration| {
        configuration
            .without("tenant.defender.token")
            .set("tenant.sink.data_collector.workspace", lab.endpoints().workspace.name.as_str())
    });
    lab.play(&["token:first=1:500", "defender:first=1:401", "ingestion:first=1:401", "arm:first=1:502"]);
    let collected = lab.folder.run(["-vvv", "collect"]);
    assert_eq!(collected.code, Some(0), "{collected}");
    assert!(collected.stderr.lines().count() > 50, "the log says too little to prove anything");
    assert!(lab.traffic(Route::DataCollector).requests > 0);
    let ended = [
        collected,
        lab.folder.run(["-vvv", "--log-format", "json", "collect"]).with_code(0),
        lab.folder.run(["-vvv", "report", "access", "--format", "csv", "--out", "access.csv"]).with_code(0),
        lab.folder.run(["-vvv", "report", "accepts", "--format", "json", "--out", "accepts.json"]).with_code(0),
        lab.folder.run(["-vvv", "status", "--json"]).with_code(0),
    ];
    assert_clean(&lab, &ended);
}

#[test]
fn no_secret_is_in_what_is_said_of_failures() {
    let lab = Lab::seeded(96, 1_000);
    let endpoints = lab.endpoints();
    let workspace = endpoints.workspace.name.as_str();
    let with_both = || {
        lab.configure(|configuration| configuration.set("tenant.sink.data_collector.workspace", workspace));
    };
    with_both();
    let mut ended = Vec::new();
    for faults in [
        &["defender:always:401"][..],
        &["ingestion:always:401", "data-collector:always:403"],
        &["token:always:401"],
        &["vault:always:403"],
        &["any:always:no-answer"],
        &["any:after=6:reset"],
    ] {
        lab.play(faults);
        let failed = lab.folder.run(["-vvv", "collect"]);
        assert!(matches!(failed.code, Some(1 | 3)), "{faults:?}: {failed}");
        ended.push(failed);
    }
    lab.play(&[]);
    for role in [Role::LogAnalyticsContributor, Role::KeyVaultSecretsUser] {
        lab.emulator.revoke(&endpoints.installation.client_id, role);
        ended.push(lab.folder.run(["-vvv", "collect"]));
    }
    assert_clean(&lab, &ended);
}

#[test]
#[cfg(unix)]
fn everything_that_is_written_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;

    fn assert_private(folder: &Path, except: &[&str]) -> usize {
        let mut seen = 0;
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if !except.iter().any(|name| path.ends_with(name)) {
                let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
                assert_eq!(mode, 0o600, "{} has {mode:o}", path.display());
                seen += 1;
            }
        }
        seen
    }
    let lab = Lab::seeded(97, 1_000);
    lab.folder.run(["collect"]).with_code(0);
    lab.folder.run(["report", "access", "--format", "csv", "--out", "access.csv"]).with_code(0);
    lab.folder.run(["init", "other.toml"]).with_code(0);
    lab.folder.run(["demo", "--records", "1000", "--out", "demo"]).with_code(0);
    let ours = ["ca.pem", "client-secret", "sharetrail.toml", "demo"];
    assert!(assert_private(lab.folder.path(), &ours) >= 4);
    assert!(assert_private(&lab.folder.at("demo"), &[]) >= 5);
}
