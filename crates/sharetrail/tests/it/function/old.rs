//! The app settings of the function that sharetrail takes the place of, and nothing else but where the emulator is.

use emulator::Role;
use serde_json::Value;

use crate::support::{Blobs, Configuration, Instance, Lab, Program, now_ms, record, seeded, tenant_of};

/// The emulator as the cloud of an app with a managed identity and with the five settings.
fn app(lab: &Lab, blobs: &Blobs) -> Instance {
    let (endpoints, identity) = (lab.endpoints(), &lab.endpoints().managed_identity);
    let program: Program = lab
        .folder
        .program()
        .env("IDENTITY_ENDPOINT", identity.identity_endpoint.as_ref().unwrap().as_str())
        .env("IDENTITY_HEADER", identity.identity_header.expose())
        .env("KeyVaultName", endpoints.vault_url.as_str())
        .env("mcasApiKeySecretName", "defender-api-token")
        .env("workSpaceName", "law-contoso")
        .env("workSpaceKeySecret", "workspace-key")
        .env("mcasUrl", endpoints.defender_url.as_str());
    Instance::over(program, &lab.folder, blobs)
}

fn only_the_cloud(configuration: Configuration) -> Configuration {
    configuration.without("tenant").without("identity").set("function.container", "old")
}

#[test]
fn the_five_settings_of_the_older_function_do_what_it_did() {
    let Some(blobs) = Blobs::of("old") else { return };
    let mut tenant = tenant_of(vec![
        record(1, "SharingInvitationAccepted", 60, |_| {}),
        record(2, "FileDownloaded", 50, |_| {}),
        record(3, "SharingInvitationAccepted", 40, |audit| audit["SourceFileName"] = "Übersicht.xlsx".into()),
    ]);
    tenant.profile.name = seeded(1, 10, now_ms()).profile.name;
    let lab = Lab::with(tenant, |options| options.listen_http = Some(([127, 0, 0, 1], 0).into()));
    for role in [Role::KeyVaultSecretsUser, Role::LogAnalyticsContributor] {
        lab.emulator.grant(&lab.endpoints().managed_identity.client_id, role);
    }
    lab.configure(only_the_cloud);
    let instance = app(&lab, &blobs);
    instance.tick().fine().saying("2 records arrived, 2 new").saying("data_collector: 2 rows delivered");
    instance.tick().fine().saying("0 rows delivered");
    let mut names: Vec<Value> = lab.rows("MCAS_CL_CL").iter().map(|row| row["SourceFileName_s"].clone()).collect();
    names.sort_by_key(Value::to_string);
    assert_eq!(names, ["plan.docx", "Übersicht.xlsx"]);
    let said = instance.stop();
    assert!(said.contains("retired by Microsoft on 2026-09-14"), "{said}");
    assert!(blobs.etag("default.db").is_some());
}
