//! `doctor`: each finding from outside, against services that are as they should be and that are not.

use emulator::Role;
use emulator::faults::Route;
use serde_json::Value;

use crate::support::{Configuration, Ended, Folder, Lab, now_ms, seeded};

fn lab() -> Lab {
    Lab::of(seeded(83, 400, now_ms()))
}

fn doctor(lab: &Lab) -> (Ended, Vec<Value>) {
    let ended = lab.folder.run(["doctor", "--json"]);
    let findings = ended.json().as_array().unwrap().clone();
    (ended, findings)
}

/// What `--json` says of a topic with this verdict, in one text.
fn told(findings: &[Value], topic: &str, verdict: &str) -> String {
    let found = findings.iter().filter(|finding| finding["topic"] == topic && finding["verdict"] == verdict);
    found.map(Value::to_string).collect()
}

#[track_caller]
fn assert_told(lab: &Lab, code: i32, topic: &str, verdict: &str, words: &[&str]) {
    let (ended, findings) = doctor(lab);
    let text = told(&findings, topic, verdict);
    for word in words {
        assert!(text.contains(word), "{topic} {verdict}: {word} is missing\n{ended}");
    }
    assert_eq!(ended.code, Some(code), "{ended}");
}

/// A lab whose configuration names rule and workspace, with an identity that may look at both.
fn seeing_all() -> Lab {
    let lab = lab();
    name_rule_and_workspace(&lab);
    lab
}

fn name_rule_and_workspace(lab: &Lab) {
    let endpoints = lab.endpoints();
    lab.emulator.grant(&endpoints.tenant_application.client_id, Role::Reader);
    lab.configure(|usual| {
        usual
            .set("tenant.sink.logs_ingestion.workspace_id", endpoints.workspace.id.as_str())
            .set("tenant.sink.logs_ingestion.dcr_resource_id", endpoints.dcr_resource_id.as_str())
    });
}

#[test]
fn columns_and_tables_are_looked_at_only_where_the_configuration_says_which_and_the_role_is_there() {
    let lab = lab();
    assert_told(&lab, 0, "rule", "not_checked", &["dcr_resource_id", "Monitoring Reader"]);
    assert_told(&lab, 0, "table", "not_checked", &["workspace_id", "Log Analytics Reader"]);
    name_rule_and_workspace(&lab);
    let application = &lab.endpoints().tenant_application.client_id;
    lab.emulator.revoke(application, Role::Reader);
    lab.emulator.revoke(application, Role::LogAnalyticsReader);
    assert_told(&lab, 0, "rule", "not_checked", &["may not read the rule", "delivery does not need it"]);
    assert_told(&lab, 0, "table", "not_checked", &["Log Analytics Reader", "delivery does not need it"]);
}

#[test]
fn a_column_that_is_not_declared_or_of_another_type_is_named_for_the_stream_and_for_the_table() {
    let lab = Lab::with(seeded(85, 400, now_ms()), |options| {
        let columns = options.ingestion.columns.get_mut("ShareTrailAccess_CL").unwrap();
        columns.retain(|column| column.name != "EvidenceIds");
        columns.iter_mut().find(|column| column.name == "Revision").unwrap().kind = "int".to_owned();
    });
    name_rule_and_workspace(&lab);
    for topic in ["rule", "table"] {
        let words = ["lacks EvidenceIds", "Revision (int in place of long)", "columns.md"];
        assert_told(&lab, 3, topic, "warning", &words);
        assert_told(&lab, 3, topic, "fine", &["every column of ShareTrailGap_CL"]);
    }
}

#[test]
fn a_table_says_what_is_in_it_and_another_workspace_is_told() {
    let lab = seeing_all();
    assert_told(&lab, 0, "table", "fine", &["ShareTrailAccess_CL (no row of the last 30 days)"]);
    lab.collect().with_code(0);
    assert_told(&lab, 0, "table", "fine", &["rows of the last 30 days, the latest of"]);
    let another = "00000000-0000-0000-0000-00000000000a";
    lab.configure(|usual| usual.set("tenant.sink.logs_ingestion.workspace_id", another));
    assert_told(&lab, 1, "table", "failed", &["correct tenant.sink.logs_ingestion.workspace_id"]);
}

#[test]
fn where_all_is_well_nothing_is_found_and_nothing_is_written() {
    let lab = seeing_all();
    let (ended, findings) = doctor(&lab);
    for topic in [
        "configuration",
        "store",
        "disk space",
        "connection",
        "clock",
        "secrets",
        "token",
        "defender",
        "delivery",
        "rule",
        "table",
    ] {
        assert!(!told(&findings, topic, "fine").is_empty(), "{topic}\n{ended}");
    }
    for verdict in ["failed", "not_checked"] {
        assert!(findings.iter().all(|finding| finding["verdict"] != verdict), "{ended}");
    }
    assert!(lab.arrived().is_empty(), "nothing was sent");
    assert!(!lab.folder.at("sharetrail.db").exists(), "no store was made");
}

#[test]
fn each_finding_leads_to_a_heading_of_the_guide() {
    let lab = lab();
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide/doctor.md")).unwrap();
    lab.configure(|configuration| {
        configuration.set("tenant.audit.content_types", vec!["Audit.SharePoint"]).set("tenant.directory.labels", true)
    });
    for finding in doctor(&lab).1 {
        let topic = finding["topic"].as_str().unwrap();
        assert!(page.lines().any(|line| line.strip_prefix("## ") == Some(topic)), "{topic} has no heading");
        assert_eq!(finding["guide"], format!("docs/guide/doctor.md#{}", topic.replace(' ', "-")));
    }
}

#[test]
fn a_configuration_that_cannot_be_read_or_is_still_the_example_is_a_finding() {
    let folder = Folder::new();
    let ended = folder.run(["doctor"]).with_code(1);
    assert!(ended.stdout.contains("FAILED") && ended.stdout.contains("sharetrail init"), "{ended}");
    folder.run(["init"]).with_code(0);
    let ended = folder.run(["doctor"]).with_code(1);
    assert!(ended.stdout.contains("as an example"), "{ended}");
    folder.write("sharetrail.toml", "[[tenant]]\nnames = 1\n");
    let ended = folder.run(["doctor"]).with_code(1);
    assert!(ended.stdout.contains("name"), "{ended}");
}

#[test]
fn a_missing_role_on_the_rule_is_named_with_its_remedy_and_hides_nothing_else() {
    let lab = lab();
    lab.emulator.revoke(&lab.endpoints().tenant_application.client_id, Role::MonitoringMetricsPublisher);
    assert_told(&lab, 1, "delivery", "failed", &["Monitoring Metrics Publisher", "Custom-ShareTrailAccess_CL"]);
    assert_told(&lab, 1, "defender", "fine", &["can be read"]);
}

#[test]
fn a_wrong_rule_and_a_wrong_stream_are_told_apart() {
    let lab = lab();
    lab.configure(|usual| usual.set("tenant.sink.logs_ingestion.dcr_immutable_id", format!("dcr-{}", "a".repeat(32))));
    assert_told(&lab, 1, "delivery", "failed", &["dcr_immutable_id"]);
    lab.configure(|usual| usual.set("tenant.sink.logs_ingestion.access_stream", "Custom-Nothing"));
    assert_told(&lab, 1, "delivery", "failed", &["has no stream Custom-Nothing"]);
    assert_told(&lab, 1, "delivery", "fine", &["Custom-ShareTrailGap_CL"]);
}

#[test]
fn a_missing_application_role_is_read_from_the_token() {
    let lab = lab();
    lab.configure(|usual| usual.set("tenant.audit.content_types", vec!["Audit.SharePoint"]));
    lab.emulator.revoke(&lab.endpoints().tenant_application.client_id, Role::ActivityFeedRead);
    assert_told(&lab, 1, "token", "failed", &["ActivityFeed.Read", "grant administrator consent"]);
    assert_told(&lab, 1, "audit feed", "failed", &["ActivityFeed.Read"]);
}

#[test]
fn a_subscription_that_is_not_there_is_a_warning_and_is_not_started() {
    let lab = Lab::with(seeded(84, 400, now_ms()), |options| options.management.subscribed.clear());
    lab.configure(|usual| usual.set("tenant.audit.content_types", vec!["Audit.SharePoint"]));
    let words = ["Audit.SharePoint is not subscribed", "the next `collect` starts it"];
    assert_told(&lab, 3, "audit feed", "warning", &words);
    // That it still is not: the first look did not start it.
    assert_told(&lab, 3, "audit feed", "warning", &words);
}

#[test]
fn a_clock_that_is_wrong_is_told_by_how_much() {
    let lab = lab();
    lab.play(&["any:always:skew=-120"]);
    assert_told(&lab, 3, "clock", "warning", &["ahead of", "time synchronisation"]);
    lab.play(&["any:always:skew=3600"]);
    assert_told(&lab, 1, "clock", "failed", &["behind", "tokens and signatures are refused"]);
}

#[test]
fn a_secret_that_cannot_be_read_is_told_and_what_rests_on_it_is_not_checked() {
    let lab = lab();
    lab.emulator.revoke(&lab.endpoints().installation.client_id, Role::KeyVaultSecretsUser);
    assert_told(&lab, 1, "secrets", "failed", &["defender-api-token", "Key Vault Secrets User"]);
    assert_told(&lab, 1, "defender", "not_checked", &["defender-api-token"]);
    assert_told(&lab, 1, "delivery", "not_checked", &["there is no token for it"]);
}

#[test]
fn a_certificate_is_looked_for_as_a_secret_is_and_a_chain_may_do_without_it() {
    let lab = lab();
    let with_certificate = |usual: Configuration| {
        usual.set("tenant.identity.certificate", "file:nowhere.pem").without("tenant.defender.token")
    };
    lab.configure(|usual| {
        with_certificate(usual)
            .set("tenant.identity.kind", "client_certificate")
            .without("tenant.identity.client_secret")
    });
    assert_told(&lab, 1, "secrets", "failed", &["file:nowhere.pem cannot be read", "there is no such file"]);
    lab.configure(|usual| {
        with_certificate(usual)
            .set("tenant.identity.kind", "chain")
            .set("tenant.identity.chain", vec!["client_certificate", "client_secret"])
    });
    assert_told(&lab, 3, "secrets", "warning", &["file:nowhere.pem cannot be read, so the chain does without"]);
    assert_told(&lab, 3, "delivery", "fine", &["Custom-ShareTrailAccess_CL"]);
}

#[test]
fn a_service_that_cannot_be_reached_is_told_once_and_what_rests_on_it_is_not_checked() {
    let lab = lab();
    lab.configure(|usual| usual.set("tenant.defender.url", "https://127.0.0.1:9/"));
    assert_told(&lab, 1, "connection", "failed", &["127.0.0.1:9", "firewall"]);
    assert_told(&lab, 1, "defender", "not_checked", &["127.0.0.1:9 cannot be reached"]);
    assert_told(&lab, 1, "delivery", "fine", &["Custom-ShareTrailAccess_CL"]);
}

#[test]
fn defender_that_refuses_the_token_is_told() {
    let lab = lab();
    lab.play(&["defender:path=activities:401"]);
    assert_told(&lab, 1, "defender", "failed", &["refuses the API token", "tenant.defender.url"]);
    assert!(lab.traffic(Route::Defender).requests > 0);
}

#[test]
fn an_event_type_that_nobody_has_seen_is_a_warning() {
    let lab = lab();
    lab.configure(|usual| usual.set("tenant.defender.event_types", vec!["EVENT_CATEGORY_NO_SUCH_THING"]));
    assert_told(&lab, 3, "defender", "warning", &["EVENT_CATEGORY_NO_SUCH_THING"]);
}

#[test]
fn a_store_of_a_newer_release_or_of_another_tenant_is_told() {
    let lab = lab();
    lab.collect().with_code(0);
    lab.configure(|usual| usual.set("tenant.name", "somebody-else"));
    assert_told(&lab, 1, "store", "failed", &["belongs to tenant"]);
    lab.configure(|usual| usual);
    let db = rusqlite::Connection::open(lab.folder.at("sharetrail.db")).unwrap();
    db.execute_batch("PRAGMA user_version = 99").unwrap();
    drop(db);
    assert_told(&lab, 1, "store", "failed", &["newer sharetrail (schema 99"]);
}

#[test]
fn the_table_of_the_legacy_sink_is_named_as_the_service_makes_it() {
    let lab = lab();
    let id = lab.endpoints().workspace.id.clone();
    let configure = |secret: &str| {
        let reference = format!("keyvault:{}secrets/{secret}", lab.endpoints().vault_url);
        lab.configure(|usual| {
            usual
                .set("tenant.sink.data_collector.workspace_id", id.as_str())
                .set("tenant.sink.data_collector.shared_key", reference)
        });
    };
    configure("workspace-key");
    assert_told(&lab, 3, "legacy table", "warning", &["MCAS_CL_CL", "retired"]);
    assert_told(&lab, 3, "legacy table", "fine", &["takes our signature"]);
    assert!(lab.emulator.counters().tables.is_empty(), "nothing was posted");
    configure("defender-api-token");
    assert_told(&lab, 1, "legacy table", "failed", &["takes no rows"]);
}
