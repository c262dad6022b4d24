//! The legacy sink: found, signed and filled as the old script did, without its faults.

use emulator::faults::Route;
use emulator::story::StoredActivity;
use emulator::{Retired, Role};
use serde_json::Value;

use crate::support::{Configuration, Lab, Stub, record, tenant_of};

const STRANGE_NAME: &str = "Übergröße é 漢字 🦀 \"quoted\" 'single'.docx";

fn accepted(number: u32, name: &str) -> StoredActivity {
    record(number, "SharingInvitationAccepted", 60 + i64::from(number), |audit| {
        audit["SourceFileName"] = name.into();
        audit["ObjectId"] = format!("https://contoso-my.sharepoint.example/personal/anna/Documents/{name}").into();
    })
}

/// Only the legacy sink, with the workspace by name.
fn legacy(configuration: Configuration, workspace: &str) -> Configuration {
    configuration.without("tenant.sink.logs_ingestion").set("tenant.sink.data_collector.workspace", workspace)
}

fn lab_with(activities: Vec<StoredActivity>) -> Lab {
    let lab = Lab::of(tenant_of(activities));
    lab.configure(|configuration| legacy(configuration, "law-contoso"));
    lab
}

fn posted(lab: &Lab) -> Vec<Value> {
    lab.rows("MCAS_CL_CL")
}

#[test]
fn a_workspace_is_found_by_name_its_key_read_and_the_retirement_said() {
    let lab = lab_with(vec![accepted(1, "plan.docx"), accepted(2, "budget.xlsx")]);
    lab.collect().with_code(0).saying("retired by Microsoft on 2026-09-14").printing("2 rows delivered");
    assert_eq!(posted(&lab).len(), 2);
    lab.collect().with_code(0).printing("0 rows delivered");
    assert_eq!(posted(&lab).len(), 2);
}

#[test]
fn a_resource_group_narrows_the_search_and_the_key_may_come_from_the_vault() {
    let lab = lab_with(vec![accepted(1, "plan.docx")]);
    let vault = lab.endpoints().vault_url.clone();
    let client = lab.endpoints().installation.client_id.clone();
    // With the key in the vault the workspace's own keys need not be readable.
    lab.emulator.revoke(&client, Role::LogAnalyticsContributor);
    lab.configure(|configuration| {
        legacy(configuration, "LAW-Contoso")
            .set("tenant.sink.data_collector.resource_group", "rg-security")
            .set("tenant.sink.data_collector.shared_key", format!("keyvault:{vault}secrets/workspace-key"))
    });
    lab.collect().with_code(0).printing("1 row delivered");
    assert_eq!(posted(&lab).len(), 1);
}

#[test]
fn a_workspace_that_cannot_be_told_is_said_in_a_sentence() {
    let lab = lab_with(vec![accepted(1, "plan.docx")]);
    let shared = lab.endpoints().ambiguous_workspace.clone();
    let cases: [(&str, Option<&str>, &str); 4] = [
        ("law-nowhere", None, "the workspace law-nowhere was not found"),
        ("law-contoso", Some("rg-operations"), "was not found in resource group rg-operations"),
        ("law-contoso", Some("rg-nowhere"), "was not found in resource group rg-nowhere"),
        (&shared, None, "exists 2 times"),
    ];
    for (workspace, group, sentence) in cases {
        lab.configure(|configuration| {
            let configuration = legacy(configuration, workspace);
            match group {
                Some(group) => configuration.set("tenant.sink.data_collector.resource_group", group),
                None => configuration,
            }
        });
        lab.collect().with_code(3).saying(sentence);
    }
    assert_eq!(lab.folder.status()["sinks"][0]["outbox"], 1);
}

#[test]
fn keys_that_may_not_be_read_are_said_with_the_role() {
    let lab = lab_with(vec![accepted(1, "plan.docx")]);
    lab.emulator.revoke(&lab.endpoints().installation.client_id, Role::LogAnalyticsContributor);
    lab.collect().with_code(3).saying("Log Analytics Contributor").saying("shared_key");
}

#[test]
fn any_file_name_arrives_unchanged_under_a_signature_that_is_accepted() {
    let lab = lab_with(vec![accepted(1, STRANGE_NAME)]);
    lab.collect().with_code(0);
    let rows = posted(&lab);
    assert_eq!(rows[0]["SourceFileName_s"], STRANGE_NAME, "{rows:?}");
    assert_eq!(lab.traffic(Route::DataCollector).statuses.keys().collect::<Vec<_>>(), [&200]);
}

#[test]
fn rows_have_exactly_the_columns_of_old_and_the_time_of_the_event() {
    let lab = lab_with(vec![accepted(1, "plan.docx")]);
    lab.collect().with_code(0);
    let rows = posted(&lab);
    let mut columns: Vec<&str> = rows[0]
        .as_object()
        .unwrap()
        .keys()
        .map(|name| name.trim_end_matches("_s").trim_end_matches("_t").trim_end_matches("_d").trim_end_matches("_g"))
        .filter(|name| *name != "TimeGenerated")
        .collect();
    columns.sort_unstable();
    let mut expected = vec![
        "AccessLocation",
        "AppName",
        "Collaborator",
        "CreatedDateTime",
        "Description",
        "FileUrl",
        "ObjectId",
        "Operation",
        "ResolvedUser",
        "Severity",
        "SiteUrl",
        "SourceFileName",
        "SourceRelativeUrl",
        "UserId",
        "UserKey",
    ];
    expected.sort_unstable();
    assert_eq!(columns, expected, "{}", rows[0]);
    let generated = rows[0]["TimeGenerated"].as_str().unwrap();
    let created = rows[0].as_object().unwrap().iter().find(|(name, _)| name.starts_with("CreatedDateTime")).unwrap().1;
    assert_eq!(generated.get(..19), created.as_str().unwrap().get(..19), "{}", rows[0]);
}

#[test]
fn one_record_is_posted_as_a_list_and_named_as_the_old_script_did() {
    let stub = Stub::answering(200, "text/plain", "");
    let lab = Lab::of(tenant_of(vec![accepted(1, STRANGE_NAME)]));
    lab.configure(|configuration| legacy(configuration, "law-contoso").set("cloud.data_collector", stub.url()));
    lab.collect().with_code(0).printing("1 row delivered");
    let asked = stub.asked();
    let [post] = &asked[..] else { panic!("{asked:?}") };
    let head = post.head.to_ascii_lowercase();
    for part in [
        "post /api/logs?api-version=2016-04-01 ",
        "log-type: mcas_cl\r\n",
        "time-generated-field: createddatetime\r\n",
        "content-type: application/json\r\n",
        "authorization: sharedkey ",
    ] {
        assert!(head.contains(part), "{part} is not in {head}");
    }
    let rows: Value = serde_json::from_str(&post.body).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 1, "{rows}");
    assert_eq!(rows[0]["SourceFileName"], STRANGE_NAME);
}

#[test]
fn nothing_is_posted_where_nothing_was_accepted() {
    let lab = lab_with(vec![record(1, "FileDownloaded", 60, |_| {})]);
    lab.collect().with_code(0).printing("0 rows delivered");
    assert_eq!(lab.traffic(Route::DataCollector).requests, 0);
}

#[test]
fn a_retired_service_keeps_the_rows_waiting_and_says_where_to_move() {
    for retired in [Retired::Forbidden, Retired::NotFound, Retired::Gone] {
        let tenant = tenant_of(vec![accepted(1, "plan.docx")]);
        let lab = Lab::with(tenant, |options| options.data_collector.retired = Some(retired));
        lab.configure(|configuration| legacy(configuration, "law-contoso"));
        lab.collect().with_code(3).saying("logs_ingestion");
        assert_eq!(lab.folder.status()["sinks"][0]["outbox"], 1, "{retired:?}");
    }
}

#[test]
fn both_sinks_get_their_own_and_one_that_fails_does_not_hold_up_the_other() {
    let lab = Lab::of(tenant_of(vec![accepted(1, "plan.docx"), record(2, "FileDownloaded", 60, |_| {})]));
    lab.configure(|configuration| configuration.set("tenant.sink.data_collector.workspace", "law-contoso"));
    lab.play(&["ingestion:always:403"]);
    lab.collect().with_code(3);
    assert_eq!((posted(&lab).len(), lab.arrived().len()), (1, 0));
    lab.play(&[]);
    lab.collect().with_code(0);
    assert_eq!((posted(&lab).len(), lab.arrived().len()), (1, 2));
}
