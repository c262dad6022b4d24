#![allow(clippy::unwrap_used, clippy::panic)]

use super::settings::{Keep, Selection, Workspace};
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

/// The example with every setting in force.
fn whole_example() -> String {
    let is_setting = |line: &str| {
        line.strip_prefix('#')
            .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_lowercase() || first == '['))
    };
    EXAMPLE.lines().map(|line| if is_setting(line) { &line[1..] } else { line }).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_is_a_configuration() {
    let settings = ok(EXAMPLE);
    assert_eq!(settings.tenants.len(), 1);
    assert_eq!(settings.tenants[0].keep, Keep::Relevant);
    let defender = settings.tenants[0].defender.as_ref().unwrap();
    assert_eq!(defender.url.as_str(), "https://contoso.eu.portal.cloudappsecurity.com/api/v1/");
    assert!(matches!(&defender.select, Selection::Services(ids) if ids == &[20892, 15600, 28375]));
}

#[test]
fn the_example_shows_every_key_and_no_other() {
    fn paths(value: &serde_json::Value, path: &str, found: &mut std::collections::BTreeSet<String>) {
        match value {
            serde_json::Value::Object(keys) => {
                for (key, value) in keys {
                    paths(value, &format!("{path}.{key}"), found);
                }
            }
            serde_json::Value::Array(values) if values.iter().any(serde_json::Value::is_object) => {
                values.iter().for_each(|value| paths(value, path, found));
            }
            _ => {
                found.insert(path.to_owned());
            }
        }
    }
    let (mut known, mut shown) = Default::default();
    paths(&written::shape(), "", &mut known);
    let example: toml::Table = whole_example().parse().unwrap();
    paths(&serde_json::to_value(example).unwrap(), "", &mut shown);
    assert_eq!(shown, known);
}

/// Keys whose value in the example is an example and no default, or excludes another setting.
pub(crate) const EXAMPLES_NOT_DEFAULTS: &[&str] = &[
    "client_secret",
    "tenant_id",
    "client_id",
    "token",
    "event_types",
    "trusted_domains",
    "workspace",
    "resource_group",
    "subscription_id",
    "workspace_id",
    "shared_key",
    "extra_roots",
    "kind",
    "activity_stream",
];

#[test]
fn the_example_shows_the_defaults() {
    let whole = whole_example();
    let defaults: Vec<&str> = whole
        .lines()
        .filter(|line| {
            line.starts_with('[') || !EXAMPLES_NOT_DEFAULTS.iter().any(|key| line.starts_with(&format!("{key} =")))
        })
        .filter(|line| !line.starts_with("[tenant.identity]") && !line.starts_with("[tenant.sink.data_collector]"))
        .filter(|line| !line.starts_with("log_type") && !line.starts_with("batch_bytes_max"))
        .collect();
    let written = format!("{}\n", defaults.join("\n"))
        .replace("[identity]", "[identity]\nkind = \"managed_identity\"")
        .replace("name = \"contoso\" ", "tenant_id = \"11111111-2222-3333-4444-555555555555\"\nname = \"contoso\" ");
    let bare = EXAMPLE
        .replace("#[tenant.sink.logs_ingestion]", "[tenant.sink.logs_ingestion]")
        .replace("#endpoint", "endpoint")
        .replace("#dcr_imm", "dcr_imm")
        .replace("#access_s", "access_s")
        .replace("#gap_s", "gap_s");
    assert_eq!(format!("{:#?}", ok(&written)), format!("{:#?}", ok(&bare)));
}

#[test]
fn unknown_keys_name_the_nearest_known_one_and_all_are_listed() {
    let text = format!(
        "{TENANT}colour = \"red\"\n[tenant.defender]\nurl = \"https://c.eu.portal.cloudappsecurity.com\"\npage_size = 5000\ntoken = \"env:T\"\n\n[sotre]\n"
    );
    insta::assert_snapshot!(problems(&text), @r#"
    line 5: `tenant.colour` is unknown; known here: `defender`, `identity`, `internal_domains`, `keep`, `name`, `sink`, `tenant_id`, `trusted_domains`
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
fn a_secret_without_quotation_marks_is_not_repeated() {
    for line in ["token = hunter2", "token = hunter2 # x", "token: hunter2", "hunter2"] {
        let found = problems(&format!("{TENANT}[tenant.defender]\n{line}\n"));
        assert!(found.starts_with("line 6: ") && !found.contains("hunter2"), "{found}");
    }
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
    line 4: `identity.kind` is not a kind of identity; write one of client_secret, managed_identity, azure_cli
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
fn a_secret_is_refused_and_not_repeated() {
    let secret = "nQ8~supersecret";
    for (written, remedy) in [
        (secret.to_owned(), "keyvault:URL, env:NAME or file:PATH"),
        (format!("@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/{secret})"), "was not resolved"),
        (format!("keyvault:http://v.vault.azure.net/secrets/{secret}"), "keyvault:https://"),
        (format!("env:{secret}"), "env:NAME"),
    ] {
        let found = problems(&format!(
            "{TENANT}[tenant.defender]\nurl = \"https://c.eu.portal.cloudappsecurity.com\"\ntoken = \"{written}\"\n"
        ));
        assert!(found.contains(remedy) && found.contains("`tenant.defender.token`"), "{found}");
        assert!(!found.contains("supersecret"), "{found}");
    }
}

#[test]
fn secrets_are_references_to_three_kinds_of_places() {
    let token = |written: &str| {
        let settings = ok(&format!(
            "identity.kind = \"azure_cli\"\n{TENANT}[tenant.defender]\nurl = \"https://c.eu.portal.cloudappsecurity.com\"\ntoken = \"{written}\"\n"
        ));
        match settings.tenants.into_iter().next().unwrap().defender.unwrap().credential {
            DefenderCredential::LegacyToken(secret) => secret,
            DefenderCredential::Application => panic!("a token was written"),
        }
    };
    assert_eq!(token("env:DEFENDER_TOKEN"), SecretRef::Env("DEFENDER_TOKEN".to_owned()));
    assert_eq!(token("file:token"), SecretRef::File(PathBuf::from("/etc/sharetrail/token")));
    assert_eq!(token("file:/run/token"), SecretRef::File(PathBuf::from("/run/token")));
    let url = "https://v.vault.azure.net/secrets/defender-api-token/0123456789abcdef0123456789abcdef";
    assert_eq!(token(&format!("keyvault:{url}")), SecretRef::KeyVault(url.parse().unwrap()));
}

#[test]
fn accesses_are_not_delivered_without_internal_domains() {
    let text = format!(
        "identity.kind = \"azure_cli\"\n{TENANT}[tenant.sink.logs_ingestion]\nendpoint = \"https://e.ingest.monitor.azure.com\"\ndcr_immutable_id = \"dcr-0123456789abcdef0123456789abcdef\"\naccess_stream = \"Custom-ShareTrailAccess_CL\"\n"
    );
    insta::assert_snapshot!(problems(&text), @r#"line 3: `tenant.internal_domains` is empty, and without it every employee would be delivered as an outsider. List the tenant's accepted domains, or leave `access_stream` out of the sink"#);
    let gaps_only = text.replace("access_stream", "gap_stream").replace("Access", "Gap");
    assert_eq!(problems(&gaps_only), "no problem");
}

#[test]
fn tenants_are_told_apart() {
    let twice = format!("{TENANT}{}", TENANT.replace("contoso", "Contoso"));
    insta::assert_snapshot!(problems(&twice), @r#"
    line 7: `tenant.name` is already the name of another tenant; each needs its own
    line 8: `tenant.tenant_id` is already that of another tenant; write each tenant once
    "#);
    insta::assert_snapshot!(problems("cloud = \"public\"\n"), @r#"`tenant` is missing: at least one [[tenant]] table says for whom to collect"#);
}

#[test]
fn what_needs_an_identity_says_so_when_there_is_none() {
    let text = format!(
        "{TENANT}internal_domains = [\"contoso.com\"]\n[tenant.defender]\nurl = \"https://c.eu.portal.cloudappsecurity.com\"\n[tenant.sink.logs_ingestion]\nendpoint = \"https://e.ingest.monitor.azure.com\"\ndcr_immutable_id = \"dcr-0123456789abcdef0123456789abcdef\"\ngap_stream = \"Custom-ShareTrailGap_CL\"\n[tenant.sink.data_collector]\nworkspace = \"logs\"\nshared_key = \"keyvault:https://v.vault.azure.net/secrets/key\"\n"
    );
    insta::assert_snapshot!(problems(&text), @r#"
    line 6: `tenant.defender` has no `token`, so it needs an [identity] table, which says as whom this installation signs in (or [tenant.identity])
    line 8: `tenant.sink.logs_ingestion` needs an [identity] table, which says as whom this installation signs in (or [tenant.identity])
    line 14: `tenant.sink.data_collector.shared_key` is in a vault, and reading it needs an [identity] table, which says as whom this installation signs in
    "#);
    let own = text.replace("[tenant.defender]", "[tenant.identity]\nkind = \"managed_identity\"\n[tenant.defender]");
    insta::assert_snapshot!(problems(&own), @r#"line 16: `tenant.sink.data_collector.shared_key` is in a vault, and reading it needs an [identity] table, which says as whom this installation signs in"#);
}

#[test]
fn the_identity_that_reads_the_vault_is_not_itself_in_the_vault() {
    let text = format!(
        "[identity]\nkind = \"client_secret\"\ntenant_id = \"11111111-2222-3333-4444-555555555555\"\nclient_id = \"11111111-2222-3333-4444-555555555555\"\nclient_secret = \"keyvault:https://v.vault.azure.net/secrets/s\"\n{TENANT}"
    );
    insta::assert_snapshot!(problems(&text), @r#"line 5: `identity.client_secret` cannot be in a vault: this identity is the one that reads the vault. Use env:NAME or file:PATH"#);
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
fn strict_counts_a_batch_before_compression() {
    let sink = |more: &str| {
        let settings = ok(&format!(
            "identity.kind = \"azure_cli\"\n{TENANT}[tenant.sink.logs_ingestion]\nendpoint = \"https://e.ingest.monitor.azure.com\"\ndcr_immutable_id = \"dcr-0123456789abcdef0123456789abcdef\"\ngap_stream = \"Custom-ShareTrailGap_CL\"\n{more}\n"
        ));
        match settings.tenants.into_iter().next().unwrap().sinks.into_iter().next().unwrap() {
            Sink::LogsIngestion(sink) => sink.batch_raw_bytes_max,
            Sink::DataCollector(_) => 0,
        }
    };
    assert_eq!(sink(""), 8 * 1024 * 1024);
    assert_eq!(sink("strict = true"), 1_000_000);
    assert_eq!(sink("strict = true\nbatch_raw_bytes_max = 500000"), 500_000);
}

#[test]
fn a_workspace_is_named_or_given_by_id() {
    let workspace = |text: &str| {
        let settings = ok(&format!(
            "identity.kind = \"azure_cli\"\n{TENANT}[tenant.sink.data_collector]\nshared_key = \"env:KEY\"\n{text}\n"
        ));
        match settings.tenants.into_iter().next().unwrap().sinks.into_iter().next().unwrap() {
            Sink::DataCollector(sink) => sink.workspace,
            Sink::LogsIngestion(_) => panic!("a data collector was written"),
        }
    };
    assert!(matches!(workspace("workspace = \"logs\"\nresource_group = \"rg\""),
        Workspace::Named { name, resource_group: Some(_), subscription_id: None } if name == "logs"));
    assert!(matches!(workspace("workspace_id = \"AAAAAAAA-2222-3333-4444-555555555555\""),
        Workspace::Id(id) if id == "aaaaaaaa-2222-3333-4444-555555555555"));
}

#[test]
fn a_missing_file_is_said_with_the_remedy() {
    let error = load(Path::new("nowhere/sharetrail.toml")).unwrap_err();
    insta::assert_snapshot!(error, @r#"there is no configuration file nowhere/sharetrail.toml; `sharetrail init` writes one, `--config FILE` names another"#);
}
