//! What cannot work is said in a sentence with the remedy, under the right exit code.

use std::fs::File;
use std::io::Write;

use emulator::story::export;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::{Configuration, Folder, Lab, Stub, now_ms, reported, seeded, told};

/// What is changed in a configuration that works, the exit code, and what has to be said.
struct Case {
    change: fn(Configuration) -> Configuration,
    code: i32,
    says: &'static [&'static str],
}

#[test]
fn a_configuration_that_cannot_work_is_explained() {
    let cases = [
        Case {
            change: |it| it.set("tenant.defender.page_recrods", 500),
            code: 2,
            says: &["`tenant.defender.page_recrods` is unknown; did you mean `page_records`?", "line "],
        },
        Case { change: |it| it.set("tenants", 1), code: 2, says: &["`tenants` is unknown; did you mean `tenant`?"] },
        Case {
            change: |it| it.set("tenant.defender.token", "@Microsoft.KeyVault(SecretUri=https://v/secrets/n)"),
            code: 2,
            says: &["`tenant.defender.token` holds a Key Vault reference of App Service that was not resolved"],
        },
        Case {
            change: |it| it.set("tenant.defender.token", "0123456789abcdef0123456789abcdef"),
            code: 2,
            says: &["must say where the secret is kept, not be the secret", "keyvault:URL, env:NAME or file:PATH"],
        },
        Case {
            change: |it| it.set("tenant.defender.url", "http://contoso.portal.cloudappsecurity.example"),
            code: 2,
            says: &["must start with https://", "this machine only"],
        },
        Case {
            change: |it| it.set("tenant.sink.logs_ingestion.dcr_immutable_id", "/subscriptions/x"),
            code: 2,
            says: &["the immutable id is wanted"],
        },
        Case {
            change: |it| it.set("tenant.internal_domains", Vec::<String>::new()),
            code: 2,
            says: &["every employee would be delivered as an outsider"],
        },
        Case { change: |it| it.set("cloud.preset", "mars"), code: 2, says: &["must be one of: public"] },
        Case { change: |it| it.set("tls.extra_roots", vec!["nowhere.pem"]), code: 1, says: &["nowhere.pem"] },
        Case {
            change: |it| it.set("identity.client_secret", "file:nowhere"),
            code: 1,
            says: &["nowhere: there is no such file; create it with the secret"],
        },
        Case {
            change: |it| it.set("identity.client_secret", "env:NOT_SET_ANYWHERE"),
            code: 1,
            says: &["the environment variable NOT_SET_ANYWHERE is not set"],
        },
        Case {
            change: |it| it.set("tenant.defender.url", "https://127.0.0.1:1"),
            code: 1,
            says: &["127.0.0.1:1 refuses the connection", "nothing could be collected or delivered"],
        },
        Case {
            change: |it| it.set("tls.extra_roots", Vec::<String>::new()),
            code: 1,
            says: &["an authority that is not trusted here", "tls.extra_roots"],
        },
    ];
    let lab = Lab::seeded(80, 1_000);
    for (number, case) in cases.iter().enumerate() {
        lab.configure(case.change);
        let state = format!("{number}.db");
        let ended = lab.folder.run(["--state", &state, "collect"]);
        for part in case.says {
            assert!(ended.stderr.contains(part), "not said: {part}\n{ended}");
        }
        assert_eq!(ended.code, Some(case.code), "{ended}");
        assert!(!ended.stderr.contains("0123456789abcdef"), "{ended}");
        assert!(!ended.stderr.contains("panicked"), "{ended}");
    }
}

#[test]
fn a_configuration_that_is_not_there_is_said_with_what_to_do() {
    let folder = Folder::new();
    folder
        .run(["collect"])
        .with_code(2)
        .saying("there is no configuration file sharetrail.toml")
        .saying("sharetrail init");
    folder.run(["--config", "other.toml", "import", "x"]).with_code(2).saying("other.toml");
    folder.write("sharetrail.toml", "[[tenant]\nname = 1");
    folder.run(["collect"]).with_code(2).saying("this is not TOML").saying("line 1");
}

#[test]
fn what_was_typed_wrongly_is_explained() {
    let lab = Lab::seeded(81, 1_000);
    lab.folder.run(["collect", "--tenant", "fabrikam"]).saying("the configuration has no tenant `fabrikam`");
    lab.folder.run(["report", "acess"]).with_code(2).saying("access");
    lab.folder.run(["report", "access"]).with_code(1).saying("there is no store at sharetrail.db");
    lab.folder.run(["report", "access", "--since", "yesterday"]).with_code(2).saying("2026-11-01");
    lab.folder.run(["status"]).with_code(1).saying("there is no store at");
}

#[test]
fn a_secret_that_is_not_in_the_vault_is_named_with_the_vault() {
    let lab = Lab::seeded(82, 1_000);
    let vault = lab.endpoints().vault_url.clone();
    lab.configure(|it| it.set("tenant.defender.token", format!("keyvault:{vault}secrets/not-there")));
    let host = format!("127.0.0.1:{}", vault.port().unwrap());
    lab.collect()
        .with_code(1)
        .saying(&format!("the secret not-there of the vault {host} does not exist or was deleted"));
}

#[test]
fn a_vault_that_may_not_be_read_is_said_with_the_role() {
    let lab = Lab::seeded(82, 1_000);
    lab.emulator.revoke(&lab.endpoints().installation.client_id, emulator::Role::KeyVaultSecretsUser);
    lab.collect().with_code(1).saying("Key Vault Secrets User").saying(&lab.endpoints().installation.client_id);
}

#[test]
fn an_unresolved_reference_in_the_environment_is_not_taken_for_a_secret() {
    let lab = Lab::seeded(83, 1_000);
    lab.configure(|it| it.set("tenant.defender.token", "env:THE_TOKEN"));
    lab.folder
        .program()
        .env("THE_TOKEN", "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/n/)")
        .run(["collect"])
        .with_code(1)
        .saying("env:THE_TOKEN holds the text of a Key Vault reference")
        .saying("could not resolve it");
}

#[test]
fn a_client_secret_that_is_wrong_or_has_expired_is_told_apart() {
    let lab = Lab::seeded(84, 1_000);
    lab.folder.write("client-secret", "wrong");
    lab.collect().with_code(1).saying("the client secret is wrong (AADSTS7000215)");
    let lapsed = lab.endpoints().lapsed_application.clone();
    lab.configure(|it| it.set("identity.client_id", lapsed.client_id.as_str()));
    lab.folder.write("client-secret", lapsed.client_secret.expose());
    lab.collect().with_code(1).saying("the client secret has expired (AADSTS7000222)").saying(&lapsed.client_id);
}

#[test]
fn a_web_page_or_nonsense_in_place_of_an_answer_is_said_so() {
    let answers = [
        (200, "text/html", "<!DOCTYPE html><title>Sign in</title>", "a web page"),
        (200, "application/json", "{\"data\": [", "127.0.0.1"),
        (200, "application/json", "[]", "127.0.0.1"),
        (302, "text/plain", "", "redirect"),
    ];
    for (status, content_type, body, says) in answers {
        let stub = Stub::answering(status, content_type, body);
        let lab = Lab::seeded(85, 1_000);
        lab.configure(|it| it.set("tenant.defender.url", stub.url()).set("http.attempts_max", 2));
        let ended = lab.collect().with_code(1).saying(says);
        assert!(!ended.stderr.contains("panicked"), "{ended}");
    }
}

#[test]
fn a_file_that_is_no_export_is_refused_with_the_reason_and_the_others_are_read() {
    let folder = Folder::new();
    let tenant = seeded(86, 1_000, now_ms());
    export(&tenant, folder.path()).unwrap();
    let cases: [(&str, &[u8], &str); 8] = [
        ("book.xlsx", b"PK\x03\x04rest", "the zip archive is cut or damaged"),
        ("old.zst", b"\x28\xB5\x2F\xFDrest", "compressed with zstd"),
        ("empty.json", b"", "it is empty"),
        ("blank.csv", b"\n\n \n", "it is empty"),
        ("letter.txt", b"Dear Anna,\nsee you tomorrow.\n", "AuditData"),
        ("data.csv", b"Name,Age\nAnna,3\n", "AuditData"),
        ("binary", b"\x01\x00\x02\x00\x03", "binary"),
        ("list.json", b"[1, 2, 3]", "no JSON object"),
    ];
    let domains = tenant.profile.internal_domains.join(",");
    for (name, content, says) in cases {
        folder.write(name, content);
        let state = format!("{name}.db");
        let arguments = ["--state", &state, "import", "--json", name, "audit.ndjson", "--internal-domain", &domains];
        let ended = folder.run(arguments).with_code(3);
        assert!(ended.stderr.contains(says) || ended.stdout.contains(says), "not said of {name}: {says}\n{ended}");
        let second: serde_json::Value = serde_json::from_str(ended.stdout.lines().nth(1).unwrap()).unwrap();
        assert!(second["stored"].as_u64() > Some(0), "{name}: {ended}");
    }
}

#[test]
fn half_a_gzip_gives_what_came_before_the_break() {
    let folder = Folder::new();
    let tenant = seeded(87, 2_000, now_ms());
    export(&tenant, folder.path()).unwrap();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(folder.read("audit.ndjson").as_bytes()).unwrap();
    let whole = gzip.finish().unwrap();
    folder.write("half.gz", &whole[..whole.len() / 2]);
    let summary = folder.run(["import", "--json", "half.gz"]).with_code(3).json();
    assert_eq!(summary["rejected"], 1, "{summary}");
    let read = summary["distinct"].as_u64().unwrap();
    assert!((500..1_500).contains(&read), "{summary}");

    folder.write("whole.gz", &whole);
    let domains = tenant.profile.internal_domains.join(",");
    let rest = folder.run(["import", "--json", "whole.gz", "--internal-domain", &domains]).with_code(0).json();
    assert_eq!(rest["known"].as_u64(), Some(read), "{rest}");
    assert_eq!(reported(&folder.report("access")), told(&tenant.truth));
}

#[test]
fn rows_without_audit_data_are_counted_and_the_others_kept() {
    let folder = Folder::new();
    export(&seeded(88, 1_000, now_ms()), folder.path()).unwrap();
    let mut csv = folder.read("purview.csv");
    csv.push_str("11111111-0000-4000-8000-000000000001,2026-11-01T00:00:00,6,FileAccessed,x@y.example,,,\n");
    csv.push_str("11111111-0000-4000-8000-000000000002,2026-11-01T00:00:00,6,FileAccessed,x@y.example,,,\n");
    folder.write("gaps.csv", csv);
    let summary = folder.run(["import", "--json", "gaps.csv"]).with_code(3).saying("AuditData").json();
    assert_eq!(summary["rejected"], 2, "{summary}");
    assert!(summary["stored"].as_u64() > Some(100), "{summary}");
}

#[test]
fn a_file_that_cannot_be_opened_stops_the_import_before_it_begins() {
    let folder = Folder::new();
    export(&seeded(89, 1_000, now_ms()), folder.path()).unwrap();
    folder.run(["import", "audit.ndjson", "nowhere.csv"]).with_code(1).saying("nowhere.csv cannot be read");
    std::fs::create_dir(folder.at("nothing")).unwrap();
    folder.run(["import", "audit.ndjson", "nothing"]).with_code(1).saying("the folder holds no files");
    assert!(!folder.at("sharetrail.db").exists());
}

#[test]
fn the_store_of_a_newer_release_is_left_alone() {
    let lab = Lab::seeded(90, 1_000);
    lab.collect().with_code(0);
    let store = rusqlite::Connection::open(lab.folder.at("sharetrail.db")).unwrap();
    store.pragma_update(None, "user_version", 99).unwrap();
    drop(store);
    for arguments in [["report", "access"], ["import", "client-secret"]] {
        lab.folder.run(arguments).with_code(1).saying("newer sharetrail").saying("schema 99");
    }
    lab.collect().with_code(1).saying("newer sharetrail");
}

#[test]
fn the_database_of_another_program_is_refused_and_not_touched() {
    let folder = Folder::new();
    let other = rusqlite::Connection::open(folder.at("sharetrail.db")).unwrap();
    other.execute_batch("CREATE TABLE recipe (name TEXT); INSERT INTO recipe VALUES ('soup');").unwrap();
    drop(other);
    let before = std::fs::read(folder.at("sharetrail.db")).unwrap();
    folder.write("x.json", "[]");
    folder.run(["import", "x.json"]).with_code(1).saying("is not a sharetrail store");
    folder.run(["report", "access"]).with_code(1).saying("is not a sharetrail store");
    assert!(std::fs::read(folder.at("sharetrail.db")).unwrap() == before, "it was changed");
}

#[test]
fn a_file_that_is_no_database_is_refused_and_not_touched() {
    let folder = Folder::new();
    let letter = "Dear Anna,\n".repeat(1_000);
    folder.write("sharetrail.db", &letter);
    folder.write("x.json", "[]");
    for arguments in [["import", "x.json"], ["report", "access"]] {
        folder.run(arguments).with_code(1).saying("sharetrail.db is not a sharetrail store");
    }
    assert_eq!(folder.read("sharetrail.db"), letter);
}

#[test]
fn a_store_in_a_folder_that_is_not_there_is_said_with_what_to_do() {
    let folder = Folder::new();
    folder.write("x.json", "[]");
    folder
        .run(["--state", "stores/a.db", "import", "x.json"])
        .with_code(1)
        .saying("there is no folder stores for the store; make it first");
}

#[test]
fn an_empty_file_is_no_store_of_an_older_release() {
    let folder = Folder::new();
    folder.write("sharetrail.db", "");
    folder.run(["report", "access"]).with_code(1).saying("there is no store at sharetrail.db");
}

#[test]
fn a_second_writer_waits_and_then_says_who_is_in_the_way_while_readers_go_on() {
    let lab = Lab::seeded(91, 1_000);
    lab.configure(|it| it.set("store.lock_wait_seconds_max", 1));
    lab.collect().with_code(0);
    let lock = File::options().append(true).open(lab.folder.at("sharetrail.db.lock")).unwrap();
    lock.lock().unwrap();
    lab.collect().with_code(1).saying("another sharetrail has been writing to sharetrail.db for more than 1 s");
    assert!(!lab.folder.report("access").is_empty());
    lock.unlock().unwrap();
    lab.collect().with_code(0);
}

#[test]
fn a_second_writer_goes_on_when_the_first_one_is_done_in_time() {
    let lab = Lab::seeded(92, 1_000);
    lab.collect().with_code(0);
    let lock = File::options().append(true).open(lab.folder.at("sharetrail.db.lock")).unwrap();
    lock.lock().unwrap();
    let second = std::thread::scope(|scope| {
        let second = scope.spawn(|| lab.collect());
        crate::support::until("the second one waits", || !second.is_finished());
        lock.unlock().unwrap();
        second.join().unwrap()
    });
    second.with_code(0);
}

#[test]
fn the_store_of_another_tenant_is_not_mixed_with_ours() {
    let lab = Lab::seeded(93, 1_000);
    lab.collect().with_code(0);
    lab.configure(|it| it.set("tenant.name", "fabrikam"));
    lab.collect().with_code(1).saying("belongs to tenant").saying("not `fabrikam`");
}
