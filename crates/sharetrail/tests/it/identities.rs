//! Who the program signs in as.

use emulator::Role;
use emulator::faults::Route;

use crate::support::{Lab, now_ms, seeded};

#[test]
fn a_legacy_token_and_an_application_read_the_same() {
    let now_ms = now_ms();
    for application in [false, true] {
        let lab = Lab::of(seeded(40, 1_500, now_ms));
        if application {
            lab.configure(|configuration| configuration.without("tenant.defender.token"));
        }
        lab.collect().with_code(0);
        lab.assert_all_is_told();
    }
}

#[test]
fn a_managed_identity_of_the_platform_does_everything() {
    let lab = Lab::with(seeded(41, 1_500, now_ms()), |options| options.listen_http = Some(([127, 0, 0, 1], 0).into()));
    let endpoints = lab.endpoints();
    let identity = &endpoints.managed_identity;
    for role in [Role::KeyVaultSecretsUser, Role::InvestigationRead, Role::MonitoringMetricsPublisher] {
        lab.emulator.grant(&identity.client_id, role);
    }
    lab.configure(|configuration| {
        configuration.without("identity").set("identity.kind", "managed_identity").without("tenant.identity")
    });
    let run = || {
        lab.folder
            .program()
            .env("IDENTITY_ENDPOINT", identity.identity_endpoint.as_ref().unwrap().as_str())
            .env("IDENTITY_HEADER", identity.identity_header.expose())
            .run(["collect"])
    };
    run().with_code(0);
    assert!(lab.traffic(Route::Token).requests > 0);
    lab.assert_all_is_told();
}

#[test]
fn secrets_may_come_from_the_environment() {
    let lab = Lab::seeded(42, 1_000);
    lab.configure(|configuration| {
        configuration.set("identity.client_secret", "env:THE_SECRET").set("tenant.defender.token", "env:THE_TOKEN")
    });
    let endpoints = lab.endpoints();
    lab.folder
        .program()
        .env("THE_SECRET", endpoints.installation.client_secret.expose())
        .env("THE_TOKEN", endpoints.vault_secrets["defender-api-token"].expose())
        .run(["collect"])
        .with_code(0);
    lab.assert_all_is_told();
}
