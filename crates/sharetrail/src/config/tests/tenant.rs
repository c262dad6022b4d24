//! What is said of a tenant: its feeds, its sinks, what is classified, how accesses are matched.

use super::*;

const CLASSIFICATION: &str = "[tenant.classification]";

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
