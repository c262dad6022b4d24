//! No secret leaves the run, and what holds personal data is for its owner only.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use emulator::Role;
use emulator::faults::Route;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use crate::dashboard::Dashboard;
use crate::support::{Ended, Lab, now_ms, seeded};

/// Every secret of the run, in every form in which it travels. All tokens and assertions begin with the same letters, those
/// of a JWT's header.
fn secrets(lab: &Lab) -> Vec<String> {
    let endpoints = lab.endpoints();
    let mut secrets: Vec<String> = endpoints.vault_secrets.values().map(|secret| secret.expose().to_owned()).collect();
    secrets.extend([
        endpoints.installation.client_secret.expose().to_owned(),
        endpoints.tenant_application.client_secret.expose().to_owned(),
        endpoints.workspace.primary_key.expose().to_owned(),
        endpoints.workspace.secondary_key.expose().to_owned(),
        endpoints.managed_identity.identity_header.expose().to_owned(),
        PASSWORD.to_owned(),
    ]);
    let key = certificate("application.pem");
    secrets.extend(String::from_utf8(key).unwrap().lines().filter(|line| line.len() == 64).map(str::to_owned));
    let mut forms: Vec<String> = secrets.iter().flat_map(|secret| forms(secret)).collect();
    forms.extend(["eyJ0eXAiOiJKV1Qi", "eyJhbGciOi", "SharedKey "].map(str::to_owned));
    forms
}

/// The password of the PKCS#12 files.
const PASSWORD: &str = "the password";

/// As it is, in base64 of both alphabets, and as part of an address or a form. What follows it in an encoding may change the
/// last letters.
fn forms(secret: &str) -> Vec<String> {
    let without_end = |text: String| text.trim_end_matches('=').to_owned();
    let cut = |text: String| text[..text.len() - 2].to_owned();
    let mut forms = vec![
        secret.to_owned(),
        cut(without_end(STANDARD.encode(secret))),
        cut(without_end(URL_SAFE_NO_PAD.encode(secret))),
        url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
        percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC).to_string(),
    ];
    forms.sort();
    forms.dedup();
    forms
}

fn certificate(name: &str) -> Vec<u8> {
    fs::read(format!("{}/tests/data/certificates/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
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
        // The files whose purpose it is.
        if !["client-secret", "certificate", "cluster-token"].iter().any(|name| path.ends_with(name)) {
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

/// The certificate opens the vault, a cluster's token signs the tenant in, and the vault gives the rest.
#[test]
fn no_certificate_password_or_foreign_token_is_told_either() {
    let lab = Lab::seeded(94, 1_000);
    let (endpoints, subject) = (lab.endpoints(), "system:serviceaccount:security:sharetrail");
    let der = CertificateDer::from_pem_slice(&certificate("application.pem")).unwrap();
    lab.emulator.register_certificate(&endpoints.installation.client_id, der.to_vec());
    lab.emulator.trust_subject(&endpoints.tenant_application.client_id, subject);
    lab.folder.write_secret("certificate", certificate("application.p12"));
    lab.folder.write("cluster-token", lab.emulator.foreign_token(subject, 3_600).expose());
    lab.configure(|configuration| {
        configuration
            .without("identity.client_secret")
            .set("identity.kind", "client_certificate")
            .set("identity.certificate", "file:certificate")
            .set("identity.certificate_password", "env:PASSWORD")
            .without("tenant.identity.client_secret")
            .set("tenant.identity.kind", "workload_identity")
            .set("tenant.identity.token_file", "cluster-token")
    });
    let run = |password: &str| lab.folder.program().env("PASSWORD", password).run(["-vvv", "collect"]);
    let mut ended = vec![run("another")];
    assert_ne!(ended[0].code, Some(0));
    lab.play(&["token:first=1:500", "ingestion:first=1:401"]);
    ended.push(run(PASSWORD).with_code(0));
    lab.play(&["token:always:401"]);
    ended.push(run(PASSWORD));
    lab.assert_all_is_told();
    let dashboard = Dashboard::over(&lab.folder, &["--log-format", "json", "-vvv"]);
    let secrets = secrets(&lab);
    for page in ["/", "/access", "/api/v1/access?days=all"] {
        assert_no_secret(page, dashboard.page(page).as_bytes(), &secrets);
    }
    assert_clean(&lab, &ended);
}

#[test]
#[cfg(unix)]
fn a_secret_file_that_others_can_read_is_used_and_spoken_of() {
    use std::os::unix::fs::PermissionsExt;

    let lab = Lab::seeded(93, 300);
    let file = lab.folder.at("client-secret");
    for (mode, is_open) in [(0o600, false), (0o640, true), (0o604, true), (0o400, false)] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let ended = lab.collect().with_code(0);
        assert_eq!(ended.stderr.contains("open to others than its owner"), is_open, "{mode:o}: {ended}");
        assert_eq!(ended.stderr.contains("chmod 600"), is_open, "{mode:o}: {ended}");
    }
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

/// Only a build with the named points can be made to fail so.
#[test]
#[cfg(feature = "crash-points")]
fn no_secret_is_in_what_a_panic_leaves_behind_and_nothing_is_lost_by_it() {
    let lab = Lab::seeded(98, 1_000);
    lab.configure(|configuration| configuration.without("tenant.defender.token"));
    let ended = sharetrail::crash::POINTS.map(|point| {
        let program =
            lab.folder.program().env("RUST_BACKTRACE", "full").env("SHARETRAIL_PANIC_AT", format!("{point}:1"));
        let ended = program.run(["-vvv", "collect"]).saying(&format!("wanted at {point}"));
        assert_ne!(ended.code, Some(0), "{ended}");
        ended
    });
    assert_clean(&lab, &ended);
    lab.collect().with_code(0);
    lab.assert_all_is_told();
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
    let several = lab.folder.at("several");
    lab.configure(|configuration| {
        configuration.and_a_tenant("another", |it| it.set("tenant.tenant_id", "00000000-0000-0000-0000-000000000001"))
    });
    lab.folder.run(["--state", several.to_str().unwrap(), "collect", "--tenant", "another"]);
    for folder in [lab.folder.at("demo"), several] {
        let mode = fs::metadata(&folder).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o700, "{} has {mode:o}", folder.display());
    }
}
