#![allow(clippy::unwrap_used, clippy::panic)]

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
    "certificate",
    "certificate_password",
    "certificate_algorithm",
    "token_file",
    "chain",
    "machine_identity",
    "tenant_id",
    "client_id",
    "object_id",
    "resource_id",
    "dcr_resource_id",
    "publisher_id",
    "token",
    "event_types",
    "trusted_domains",
    "minutes_max",
    "service_filters",
    "workspace",
    "resource_group",
    "subscription_id",
    "workspace_id",
    "shared_key",
    "extra_roots",
    "kind",
    "activity_stream",
    "accept_stream",
    "labels_file",
    "classified_labels",
    "classified_policies",
    "order_min",
    "site_id",
    "level",
    "file",
    "sign_in",
    "lag_minutes_max",
    "base_url",
    "users",
    "groups",
];

/// Tables that hold nothing but examples, or that exclude another.
const TABLES_OF_EXAMPLES: [&str; 8] = [
    "[[alerts.webhook]]",
    "[telemetry]",
    "[dashboard]",
    "[places]",
    "[tenant.identity]",
    "[[tenant.classification.declared]]",
    "[[tenant.team]]",
    "[tenant.sink.data_collector]",
];

#[test]
fn the_example_shows_the_defaults() {
    let whole = whole_example();
    let mut table = "";
    let defaults: Vec<&str> = whole
        .lines()
        .filter(|line| {
            if line.starts_with('[') {
                table = line;
            }
            !TABLES_OF_EXAMPLES.iter().any(|of_examples| table.starts_with(of_examples))
        })
        .filter(|line| {
            line.starts_with('[') || !EXAMPLES_NOT_DEFAULTS.iter().any(|key| line.starts_with(&format!("{key} =")))
        })
        .collect();
    let written = format!("{}\n", defaults.join("\n"))
        .replace("[identity]", "[identity]\nkind = \"managed_identity\"")
        .replace("name = \"contoso\" ", "tenant_id = \"11111111-2222-3333-4444-555555555555\"\nname = \"contoso\" ");
    let bare = EXAMPLE
        .replace("#[tenant.hunting]", "[tenant.hunting]")
        .replace("#[tenant.graph]", "[tenant.graph]")
        .replace("#[tenant.directory]", "[tenant.directory]")
        .replace("#[tenant.sink.logs_ingestion]", "[tenant.sink.logs_ingestion]")
        .replace("#endpoint = \"https", "endpoint = \"https")
        .replace("#dcr_imm", "dcr_imm")
        .replace("#access_s", "access_s")
        .replace("#share_s", "share_s")
        .replace("#gap_s", "gap_s");
    assert_eq!(format!("{:#?}", ok(&written)), format!("{:#?}", ok(&bare)));
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
fn accesses_and_shares_are_not_delivered_without_internal_domains() {
    let text = format!(
        "identity.kind = \"azure_cli\"\n{TENANT}[tenant.sink.logs_ingestion]\nendpoint = \"https://e.ingest.monitor.azure.com\"\ndcr_immutable_id = \"dcr-0123456789abcdef0123456789abcdef\"\naccess_stream = \"Custom-ShareTrailAccess_CL\"\n"
    );
    insta::assert_snapshot!(problems(&text), @r#"line 3: `tenant.internal_domains` is empty, and without it every employee would be delivered as an outsider. List the tenant's accepted domains, let Graph tell them ([tenant.directory] domains = true), or leave `access_stream` and `share_stream` out of the sink"#);
    let shares = text.replace("access_stream", "share_stream").replace("Access", "Share");
    assert_eq!(problems(&shares), problems(&text));
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

/// An `[identity]` with these lines after an application's ids.
fn identity(lines: &str) -> String {
    let id = "11111111-2222-3333-4444-555555555555";
    format!("[identity]\ntenant_id = \"{id}\"\nclient_id = \"{id}\"\n{lines}\n{TENANT}")
}

#[test]
fn every_kind_of_identity_is_taken_with_the_keys_that_it_has() {
    for (lines, kind) in [
        (
            "kind = \"client_certificate\"\ncertificate = \"file:c.pfx\"\ncertificate_password = \"env:P\"",
            "client_certificate",
        ),
        (
            "kind = \"client_certificate\"\ncertificate = \"file:c.pem\"\ncertificate_algorithm = \"RS256\"",
            "client_certificate",
        ),
        ("kind = \"workload_identity\"\ntoken_file = \"token\"", "workload_identity"),
        ("kind = \"chain\"\nchain = [\"managed_identity\", \"client_secret\"]\nclient_secret = \"env:S\"", "chain"),
    ] {
        assert_eq!(ok(&identity(lines)).identity.unwrap().kind(), kind);
    }
}

#[test]
fn what_is_wrong_with_an_identity_is_said_with_the_key() {
    for (lines, says) in [
        ("kind = \"client_certificate\"", "`identity.certificate` is missing"),
        (
            "kind = \"client_certificate\"\ncertificate = \"keyvault:https://v.vault.azure.net/secrets/c\"",
            "cannot be in a vault",
        ),
        (
            "kind = \"client_certificate\"\ncertificate = \"file:c\"\ncertificate_algorithm = \"none\"",
            "must be \"PS256\" or \"RS256\"",
        ),
        ("kind = \"managed_identity\"\ntoken_file = \"t\"", "has no meaning with kind = \"managed_identity\""),
        ("kind = \"azure_cli\"\nchain = [\"azure_cli\", \"managed_identity\"]", "write kind = \"chain\""),
        ("kind = \"chain\"", "`identity.chain` is missing"),
        ("kind = \"chain\"\nchain = [\"azure_cli\"]", "two or more different kinds"),
        ("kind = \"chain\"\nchain = [\"azure_cli\", \"chain\"]", "two or more different kinds"),
        ("kind = \"chain\"\nchain = [\"azure_cli\", \"azure_cli\"]", "two or more different kinds"),
        (
            "kind = \"chain\"\nchain = [\"azure_cli\", \"workload_identity\"]\nclient_secret = \"env:S\"",
            "without client_secret",
        ),
    ] {
        let found = problems(&identity(lines));
        assert!(found.contains(says), "{lines}: {found}");
    }
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
fn the_audit_feed_needs_nothing_but_its_table() {
    let settings = ok(&format!("identity.kind = \"azure_cli\"\ncloud = \"dod\"\n{TENANT}[tenant.audit]\n"));
    let audit = settings.tenants[0].audit.as_ref().unwrap();
    assert_eq!(audit.url.as_str(), "https://manage.protection.apps.mil/");
    assert_eq!(audit.scope, "https://manage.protection.apps.mil/.default");
    assert_eq!(audit.content_types, [ContentType::SharePoint]);
    assert_eq!(audit.publisher_id, settings.tenants[0].tenant_id);
    assert!(audit.start_subscriptions);
}

#[test]
fn what_the_audit_feed_cannot_do_is_said() {
    let text = format!(
        "cloud = \"china\"\n{TENANT}[tenant.audit]\ncontent_types = [\"Audit.Teams\"]\nwindow_hours = 48\noverlap_hours = 0\npublisher_id = \"us\"\n"
    );
    insta::assert_snapshot!(problems(&text), @r#"
    line 6: `tenant.audit` needs cloud.audit and cloud.audit_scope: no address is known for this cloud
    line 7: `tenant.audit.content_types` must name content types of the audit feed: Audit.SharePoint, Audit.General, Audit.AzureActiveDirectory, Audit.Exchange, DLP.All
    line 8: `tenant.audit.window_hours` must be between 1 and 24; it is 48
    line 9: `tenant.audit.overlap_hours` must be between 1 and 168; it is 0
    line 10: `tenant.audit.publisher_id` must be a GUID, such as 11111111-2222-3333-4444-555555555555
    "#);
    let addressed = "[cloud]\npreset = \"china\"\naudit = \"https://manage.example\"\naudit_scope = \"https://manage.example/.default\"\n";
    assert_eq!(problems(&format!("identity.kind = \"azure_cli\"\n{addressed}{TENANT}[tenant.audit]\n")), "no problem");
    assert!(problems(&format!("{TENANT}[tenant.audit]\n")).contains("needs an [identity] table"));
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

const CLASSIFICATION: &str = "[tenant.classification]";

#[test]
fn what_counts_as_classified_is_taken_as_written() {
    let settings = ok(&format!(
        r#"{TENANT}
{CLASSIFICATION}
labels_file = "labels.csv"
classified_labels = ["Confidential", "{{AAAAAAAA-2222-3333-4444-555555555555}}"]
order_min = 5
lower_label_lowers_declared = true
[[tenant.classification.declared]]
url = "https://Contoso.sharepoint.com/sites/HR/Shared%20Documents/Offers/"
level = "Confidential"
[[tenant.classification.declared]]
site_id = "{{AAAAAAAA-2222-3333-4444-555555555555}}"
level = "Board"
"#
    ));
    let found = &settings.tenants[0].classification;
    assert_eq!(found.labels_file, Some(PathBuf::from("/etc/sharetrail/labels.csv")));
    assert_eq!(found.classified_labels.len(), 2);
    assert_eq!((found.order_min, found.lower_label_lowers_declared), (Some(5), true));
    let places: Vec<(&str, &DeclaredPlace)> =
        found.declared.iter().map(|declared| (&*declared.level, &declared.place)).collect();
    let url = DeclaredPlace::Path("https://contoso.sharepoint.com/sites/hr/shared documents/offers".into());
    let site = DeclaredPlace::SiteId("aaaaaaaa-2222-3333-4444-555555555555".into());
    assert_eq!(places, [("Confidential", &url), ("Board", &site)]);
    assert_eq!(ok(TENANT).tenants[0].classification, settings::Classification::default());
}

#[test]
fn labels_that_only_a_file_of_labels_can_tell_need_one() {
    let ids_alone = "classified_labels = [\"aaaaaaaa-2222-3333-4444-555555555555\"]";
    assert_eq!(problems(&format!("{TENANT}{CLASSIFICATION}\n{ids_alone}\n")), "no problem");
    let text = format!("{TENANT}{CLASSIFICATION}\norder_min = 5\nclassified_labels = [\n\"Confidential\",\n\"\"]\n");
    insta::assert_snapshot!(problems(&text), @r#"
    line 6: `tenant.classification.order_min` needs `labels_file`, or labels from Graph ([tenant.directory]): audit records bear ids of labels and not their order
    line 8: `tenant.classification.classified_labels` names a label, and audit records bear ids only: give the file with the labels as `labels_file`, let Graph name them ([tenant.directory]), or write the label's immutable id
    line 9: `tenant.classification.classified_labels` has an empty entry: write names or ids of labels
    "#);
    let with_file = text.replace("order_min", "labels_file = \"l.csv\"\norder_min").replace(",\n\"\"", "");
    assert_eq!(problems(&with_file), "no problem");
}

#[test]
fn a_place_that_no_item_can_lie_in_is_refused() {
    let text = format!(
        r#"{TENANT}
[[tenant.classification.declared]]
url = "/sites/HR/Documents"
[[tenant.classification.declared]]
url = "https://contoso.sharepoint.com/:f:/s/HR/EabcD?e=1"
level = "A"
[[tenant.classification.declared]]
url = "https://contoso.sharepoint.com/sites/HR/Documents/Forms/AllItems.aspx?id=%2Fsites%2FHR%2FDocuments%2FOffers"
level = "A"
[[tenant.classification.declared]]
url = "http://contoso.sharepoint.com/sites/HR"
level = "A"
[[tenant.classification.declared]]
level = "A"
[[tenant.classification.declared]]
url = "https://contoso.sharepoint.com/sites/HR"
site_id = "aaaaaaaa-2222-3333-4444-555555555555"
level = "A"
[[tenant.classification.declared]]
site_id = "HR"
level = "A"
[[tenant.classification.declared]]
list_id = "aaaaaaaa-2222-3333-4444-555555555555"
level = ""
"#
    );
    insta::assert_snapshot!(problems(&text), @r#"
    line 6: `tenant.classification.declared.level` is missing: what the place is, such as "Confidential"
    line 7: `tenant.classification.declared.url` is not an address; write it in full, such as https://contoso.sharepoint.com/sites/HR/Documents
    line 9: `tenant.classification.declared.url` is a sharing link, which does not say where it leads; write the address of the place itself (Details › Path in the browser)
    line 12: `tenant.classification.declared.url` is the address of a page that shows a library or folder; write the library's or folder's own, such as https://contoso.sharepoint.com/sites/HR/Documents (Details › Path in the browser)
    line 15: `tenant.classification.declared.url` must start with https://, as addresses in audit records do
    line 17: `tenant.classification.declared.url` is missing: the address of the site, library or folder, or `site_id` with the site's id
    line 21: `tenant.classification.declared.site_id` and `url` exclude each other: declare a place by one of them
    line 24: `tenant.classification.declared.site_id` must be a GUID, such as 11111111-2222-3333-4444-555555555555
    line 26: `tenant.classification.declared.url` is missing: the address of the site, library or folder, or `site_id` with the site's id
    line 27: `tenant.classification.declared.list_id` is unknown; libraries cannot be declared by their id yet: write the library's address as `url`
    line 28: `tenant.classification.declared.level` is empty: what the place is, such as "Confidential"
    "#);
}

#[test]
fn the_windows_and_switches_of_matching_are_taken_as_written() {
    let text = |key: &str| format!("{TENANT}[tenant.matching]\n{key}\n");
    let matching = |key: &str| ok(&text(key)).tenants[0].matching;
    let default = MatchRules::default();
    assert_eq!(matching(""), default);
    assert_eq!(matching("after_end_minutes = 0"), MatchRules { after_end_ms_max: 0, ..default });
    assert_eq!(matching("early_seconds = 90"), MatchRules { early_ms_max: 90_000, ..default });
    assert_eq!(matching("anonymous_session_hours = 1"), MatchRules { anonymous_session_ms_max: 3_600_000, ..default });
    assert_eq!(matching("link_used_before_hours = 48"), MatchRules { link_used_before_ms_max: 172_800_000, ..default });
    assert_eq!(matching("anonymous_session = false"), MatchRules { anonymous_session: false, ..default });
    assert_eq!(matching("anonymous_session_by_ip = false"), MatchRules { anonymous_session_by_ip: false, ..default });
    assert_eq!(matching("link_used_before = false"), MatchRules { link_used_before: false, ..default });
    assert_eq!(matching("site_membership = false"), MatchRules { site_membership: false, ..default });
    assert_eq!(matching("only_live_link = false"), MatchRules { only_live_link: false, ..default });
    insta::assert_snapshot!(problems(&text("early_seconds = 5000\nanonymous_session_hours = 0\nonly_live_links = true")), @r#"
    line 6: `tenant.matching.early_seconds` must be between 0 and 3600; it is 5000
    line 7: `tenant.matching.anonymous_session_hours` must be between 1 and 168; it is 0
    line 8: `tenant.matching.only_live_links` is unknown; did you mean `only_live_link`?
    "#);
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
