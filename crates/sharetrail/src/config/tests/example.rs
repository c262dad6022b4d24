//! The example file is the list of keys with their defaults.

use super::*;

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
