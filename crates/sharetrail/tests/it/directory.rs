//! What Graph tells of the tenant: names of labels, verified domains.

use emulator::Role;
use serde_json::Value;

use crate::support::{Configuration, Lab, told};
use crate::trails::{classified_labels, knowing};

/// The lab's configuration, with Graph in place of the file of labels.
fn named_by_graph(lab: &Lab) -> impl FnOnce(Configuration) -> Configuration {
    let (knowing, https) = (knowing(lab), lab.endpoints().https.to_string());
    let classified = classified_labels(&lab.truth);
    move |it: Configuration| {
        knowing(it)
            .without("tenant.classification.labels_file")
            .set("tenant.classification.classified_labels", classified)
            .set("tenant.directory.labels", true)
            .set("cloud.graph", https)
    }
}

fn labelled(rows: &[Value]) -> Vec<(Value, Value, Value)> {
    rows.iter().map(|row| (row["access_id"].clone(), row["label_name"].clone(), row["classified"].clone())).collect()
}

#[test]
fn labels_are_named_by_graph_as_by_the_file_and_stay_named_when_it_refuses() {
    let lab = Lab::seeded(81, 2_000);
    lab.configure(knowing(&lab));
    lab.collect().with_code(0);
    let by_file = labelled(&lab.folder.report("access"));
    assert!(by_file.iter().any(|(_, name, classified)| name.is_string() && *classified == true));

    std::fs::remove_file(lab.folder.at("sharetrail.db")).unwrap();
    lab.configure(named_by_graph(&lab));
    lab.collect().with_code(0);
    assert_eq!(labelled(&lab.folder.report("access")), by_file);

    // A day later the role is gone: what was told last holds.
    let store = rusqlite::Connection::open(lab.folder.at("sharetrail.db")).unwrap();
    store.execute("UPDATE directory_read SET read_at = read_at - 86400000", []).unwrap();
    drop(store);
    lab.emulator.revoke(&lab.endpoints().tenant_application.client_id, Role::InformationProtectionPolicyReadAll);
    lab.collect().with_code(0).saying("InformationProtectionPolicy.Read.All").saying("What Graph said last holds");
    assert_eq!(labelled(&lab.folder.report("access")), by_file);
    let told = lab.folder.status()["directory"][0].clone();
    assert_eq!(told["name"], "labels");
    assert!(told["last_answered_at"].as_str() < told["last_asked_at"].as_str(), "{told}");
    assert!(told["last_error"].as_str().unwrap().contains("InformationProtectionPolicy.Read.All"), "{told}");
    lab.folder.run(["status"]).with_code(0).printing("labels from Graph: told at").printing("    asked at ");
}

#[test]
fn verified_domains_count_as_inside_beside_the_configured_ones_and_what_differs_is_said() {
    let lab = Lab::seeded(82, 1_500);
    let https = lab.endpoints().https.to_string();
    let from_graph = |it: Configuration| it.set("tenant.directory.domains", true).set("cloud.graph", https.as_str());
    lab.configure(|it| from_graph(it).set("tenant.internal_domains", vec!["elsewhere.example"]));
    let missing = &lab.profile.internal_domains[0];
    lab.collect()
        .with_code(0)
        .saying("verified in the directory and not in internal_domains")
        .saying(missing)
        .saying("not verified in the directory: elsewhere.example");
    assert_eq!(lab.folder.report("access").len(), told(&lab.truth).len(), "nobody of ours is an outsider");
    let calm = lab.collect().with_code(0);
    assert!(!calm.stderr.contains("verified"), "it is asked once a day\n{calm}");
}

#[test]
fn without_any_domain_nothing_is_collected_before_graph_has_told_one() {
    let lab = Lab::seeded(83, 1_000);
    let https = lab.endpoints().https.to_string();
    lab.configure(|it| {
        it.without("tenant.internal_domains").set("tenant.directory.domains", true).set("cloud.graph", https.as_str())
    });
    let client = lab.endpoints().tenant_application.client_id.clone();
    lab.emulator.revoke(&client, Role::DomainReadAll);
    lab.collect().with_code(1).saying("Domain.Read.All").saying("every employee would count as an outsider");
    assert!(lab.arrived().is_empty());
    lab.emulator.grant(&client, Role::DomainReadAll);
    lab.collect().with_code(0);
    lab.assert_all_is_told();
}
