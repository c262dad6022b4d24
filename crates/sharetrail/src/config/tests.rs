//! What a configuration may say, and what is said of one that is wrong.

pub(super) mod example;
mod identity;
mod tenant;

use trail::classification::DeclaredPlace;
use trail::matching::MatchRules;

use super::settings::{ContentType, Keep, Selection, Workspace};
use super::*;

const TENANT: &str = r#"
[[tenant]]
name = "contoso"
tenant_id = "11111111-2222-3333-4444-555555555555"
"#;

fn ok(text: &str) -> Settings {
    parse(text, PathBuf::from("/etc/sharetrail")).unwrap_or_else(|problems| panic!("{}", listed(&problems)))
}

fn problems(text: &str) -> String {
    match parse(text, PathBuf::new()) {
        Ok(_) => "no problem".to_owned(),
        Err(problems) => listed(&problems),
    }
}

fn listed(problems: &[Problem]) -> String {
    problems.iter().map(|problem| problem.to_string()).collect::<Vec<_>>().join("\n")
}

#[test]
fn unknown_keys_name_the_nearest_known_one_and_all_are_listed() {
    let text = format!(
        "{TENANT}colour = \"red\"\n[tenant.defender]\nurl = \"https://c.eu.portal.cloudappsecurity.com\"\npage_size = 5000\ntoken = \"env:T\"\n\n[sotre]\n"
    );
    insta::assert_snapshot!(problems(&text), @r#"
    line 5: `tenant.colour` is unknown; known here: `audit`, `classification`, `defender`, `directory`, `graph`, `hunting`, `identity`, `internal_domains`, `keep`, `matching`, `name`, `schedule`, `sink`, `team`, `tenant_id`, `trusted_domains`
    line 8: `tenant.defender.page_size` is unknown; did you mean `page_records`?
    line 11: `sotre` is unknown; did you mean `store`?
    "#);
}

#[test]
fn values_of_a_wrong_type_are_named_without_being_shown() {
    let text = format!(
        "{TENANT}internal_domains = \"contoso.com\"\n[tenant.defender]\nurl = 12345678\ntoken = 987654321\npage_records = \"many\"\nlag_minutes = -5\n[identity]\nkind = [\"x\"]\n[http]\nattempts_max = 2.5\n"
    );
    insta::assert_snapshot!(problems(&text), @r#"
    line 5: `tenant.internal_domains` must be a list of texts, such as ["a", "b"]
    line 7: `tenant.defender.url` must be text in quotes
    line 8: `tenant.defender.token` must be text in quotes
    line 9: `tenant.defender.page_records` must be a whole number, without quotes
    line 10: `tenant.defender.lag_minutes` must be a whole number that is not negative
    line 12: `identity.kind` must be text in quotes
    line 14: `http.attempts_max` must be a whole number, without quotes
    "#);
    insta::assert_snapshot!(problems("[tenant]\nname = \"contoso\"\n"), @r#"line 1: `tenant` must be written with double brackets, as `[[…]]`"#);
}

#[test]
fn what_is_no_toml_is_said_with_its_line_and_without_its_text() {
    let found = problems("[identity]\nkind = \"managed_identity\"\nclient_secret = \"hunter2hunter2\n");
    assert!(!found.contains("hunter2"));
    insta::assert_snapshot!(found, @r#"line 3: this is not TOML: invalid basic string, expected `"`"#);
}

#[test]
fn every_problem_of_a_file_is_listed() {
    let text = r#"
cloud = "mars"
[identity]
kind = "password"
[http]
attempts_max = 0
retry_delay_ms = 5000
retry_delay_ms_max = 1000
[[tenant]]
name = "../contoso"
tenant_id = "contoso"
internal_domains = ["@contoso.com", "contoso"]
keep = "some"
[tenant.defender]
url = "http://contoso.portal.cloudappsecurity.com"
services = [1]
event_types = ["X"]
page_records = 10000
[tenant.sink.logs_ingestion]
endpoint = "contoso.ingest.monitor.azure.com"
dcr_immutable_id = "/subscriptions/x"
access_stream = "ShareTrailAccess_CL"
strict = true
batch_raw_bytes_max = 2000000
"#;
    insta::assert_snapshot!(problems(text), @r#"
    line 2: `cloud` must be one of: public, usgov-gcc, usgov-high, dod, china
    line 4: `identity.kind` is not a kind of identity; write one of client_certificate, client_secret, workload_identity, managed_identity, azure_cli, chain
    line 6: `http.attempts_max` must be between 1 and 20; it is 0
    line 8: `http.retry_delay_ms_max` must not be less than `http.retry_delay_ms`
    line 10: `tenant.name` names a file: at most 64 letters, digits, `-`, `_` and `.`, not starting with a dot
    line 11: `tenant.tenant_id` must be a GUID, such as 11111111-2222-3333-4444-555555555555
    line 12: `tenant.internal_domains` must list bare domains, such as "contoso.com": no @, no *, no address
    line 12: `tenant.internal_domains` must list bare domains, such as "contoso.com": no @, no *, no address
    line 13: `tenant.keep` must be "relevant" or "all"
    line 15: `tenant.defender.url` must start with https://; http:// is taken for this machine only (127.0.0.1, localhost)
    line 17: `tenant.defender.event_types` and `services` exclude each other: select by one of them
    line 18: `tenant.defender.page_records` must be between 500 and 5000; it is 10000
    line 20: `tenant.sink.logs_ingestion.endpoint` is not an address; write it in full, starting with https://
    line 21: `tenant.sink.logs_ingestion.dcr_immutable_id` is the rule's resource id; the immutable id is wanted: dcr- and 32 hex digits, `properties.immutableId` in the rule's JSON view
    line 22: `tenant.sink.logs_ingestion.access_stream` must be an input stream as the rule declares it, such as Custom-ShareTrailAccess_CL
    line 24: `tenant.sink.logs_ingestion.batch_raw_bytes_max` must not exceed 1000000 with strict = true; leave one of them out
    "#);
}

#[test]
fn a_cloud_is_a_preset_and_what_differs() {
    for preset in presets::PRESETS {
        let settings = ok(&format!("cloud = \"{}\"\n{TENANT}", preset.name));
        assert_eq!(settings.cloud.ingestion_scope, preset.ingestion_scope);
    }
    let settings = ok(&format!(
        "[cloud]\npreset = \"china\"\nauthority = \"https://localhost:8443/entra\"\narm = \"http://127.0.0.1:80\"\nvault_challenge_check = false\n{TENANT}"
    ));
    assert_eq!(settings.cloud.authority.as_str(), "https://localhost:8443/entra");
    assert_eq!(settings.cloud.vault_scope, "https://vault.azure.cn/.default");
    assert!(!settings.cloud.vault_challenge_check);
}

#[test]
fn a_missing_file_is_said_with_the_remedy() {
    let error = load(Path::new("nowhere/sharetrail.toml")).unwrap_err();
    insta::assert_snapshot!(error, @r#"there is no configuration file nowhere/sharetrail.toml; `sharetrail init` writes one, `--config FILE` names another"#);
}

const DASHBOARD: &str = r#"
[dashboard]
sign_in = "entra"
base_url = "https://trail.contoso.example"
tenant_id = "11111111-2222-3333-4444-555555555555"
client_id = "11111111-2222-3333-4444-555555555555"
client_secret = "env:DASHBOARD"
groups = ["11111111-2222-3333-4444-55555555555A"]
"#;

#[test]
fn a_dashboard_that_lets_somebody_in_is_understood() {
    let dashboard = ok(&format!("{TENANT}{DASHBOARD}")).dashboard.unwrap();
    assert_eq!(dashboard.groups, ["11111111-2222-3333-4444-55555555555a"]);
}

#[test]
fn a_dashboard_that_would_let_in_nobody_or_others_is_refused() {
    for (right, wrong, expected) in [
        ("groups = [\"11111111-2222-3333-4444-55555555555A\"]", "", "lets nobody in"),
        ("groups = [\"1111", "groups = [\"Readers\", \"1111", "must be a GUID"),
        ("trail.contoso.example", "trail.contoso.example/path", "must end with the host"),
        ("\"env:DASHBOARD\"", "\"hunter2\"", "must say where the secret is kept"),
        ("\"entra\"", "\"app_service\"", "has no meaning with sign_in"),
        ("\"entra\"", "\"none\"", "is no way to sign in"),
    ] {
        let found = problems(&format!("{TENANT}{}", DASHBOARD.replace(right, wrong)));
        assert!(found.contains(expected) && !found.contains("hunter2"), "{wrong}: {found}");
    }
}

#[test]
fn a_feed_without_a_schedule_has_that_of_its_tenant_and_a_tenant_that_of_the_installation() {
    let text = format!(
        "[identity]\nkind = \"managed_identity\"\n[run]\nschedule = \"every 10 minutes\"\n{TENANT}[tenant.audit]\n\
         [tenant.defender]\nurl = \"https://c.eu.portal.cloudappsecurity.com\"\nschedule = \"0 3 * * *\"\n[tenant.hunting]\n\
         [[tenant]]\nname = \"fabrikam\"\ntenant_id = \"11111111-2222-3333-4444-555555555556\"\n\
         schedule = \"every 1 hour\"\n[tenant.audit]\n"
    );
    let settings = ok(&text);
    let told: Vec<String> = settings
        .tenants
        .iter()
        .flat_map(|tenant| crate::collect::feeds_of(tenant).into_iter().map(|feed| (&tenant.name, feed)))
        .map(|(tenant, feed)| format!("{tenant} {} {}", feed.name, feed.schedule))
        .collect();
    assert_eq!(
        told,
        [
            "contoso Audit.SharePoint every 10 minutes",
            "contoso defender 0 3 * * *",
            "contoso hunting every 1 hour",
            "fabrikam Audit.SharePoint every 1 hour"
        ]
    );
}

#[test]
fn what_is_wrong_about_a_schedule_is_told_with_its_place() {
    let of_run = |run: &str| {
        problems(&format!("[identity]\nkind = \"managed_identity\"\n[run]\n{run}\n{TENANT}[tenant.audit]\n"))
    };
    for (run, said) in [
        ("schedule = \"sometimes\"", "line 4: `run.schedule` is no schedule"),
        ("listen = \"8766\"", "line 4: `run.listen` must be an address and a port"),
        ("retry_seconds = 600\nretry_seconds_max = 60", "line 5: `run.retry_seconds_max` must not be less"),
        (
            "schedule = \"every 6 hours\"\nlag_minutes_max = 360",
            "line 5: `run.lag_minutes_max` is not longer than the pauses of `every 6 hours`",
        ),
        ("lag_minutes_max = 15", "no problem"),
    ] {
        let found = of_run(run);
        assert!(found.starts_with(said), "{run}: {found}");
    }
}
