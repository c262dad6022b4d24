//! Who the program signs in as.

use base64::Engine as _;
use emulator::Role;
use emulator::faults::Route;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use crate::support::{Configuration, Lab, now_ms, seeded};

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

/// A file of the test certificates.
fn certificate(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/certificates/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Registers the test certificate with the tenant's application, whose proof it is from now on.
fn with_the_certificate(lab: &Lab) {
    let der = CertificateDer::from_pem_slice(&certificate("application.pem")).unwrap();
    lab.emulator.register_certificate(&lab.endpoints().tenant_application.client_id, der.to_vec());
}

fn by_certificate(configuration: Configuration, reference: &str) -> Configuration {
    configuration
        .without("tenant.defender.token")
        .without("tenant.identity.client_secret")
        .set("tenant.identity.kind", "client_certificate")
        .set("tenant.identity.certificate", reference)
}

#[test]
fn a_certificate_in_any_form_does_everything_a_client_secret_does() {
    let lab = Lab::seeded(43, 1_000);
    with_the_certificate(&lab);
    let forms: [(&str, Option<&str>, &str); 4] = [
        ("application.pem", None, "PS256"),
        ("application-pkcs1.pem", None, "RS256"),
        ("application.p12", Some("env:PASSWORD"), "PS256"),
        ("from-a-vault.p12", None, "PS256"),
    ];
    for (name, password, algorithm) in forms {
        lab.folder.write_secret("certificate", certificate(name));
        lab.configure(|configuration| {
            let configuration = by_certificate(configuration, "file:certificate")
                .set("tenant.identity.certificate_algorithm", algorithm);
            match password {
                Some(password) => configuration.set("tenant.identity.certificate_password", password),
                None => configuration,
            }
        });
        let ended = lab.folder.program().env("PASSWORD", "the password").run(["collect"]);
        assert_eq!(ended.code, Some(0), "{name}: {ended}");
        assert!(!ended.stderr.contains("chmod"), "{ended}");
    }
    lab.assert_all_is_told();
}

#[test]
fn a_certificate_may_be_in_the_vault_as_the_vault_hands_it_out() {
    let packed = base64::engine::general_purpose::STANDARD.encode(certificate("from-a-vault.p12"));
    let lab = Lab::with(seeded(44, 1_000, now_ms()), |options| {
        let mut secrets = emulator::Secrets::derived("a vault with a certificate");
        secrets.tenant_client_secret = emulator::Secret::new(packed);
        options.secrets = Some(secrets);
    });
    with_the_certificate(&lab);
    let reference = format!("keyvault:{}secrets/delivery-client-secret", lab.endpoints().vault_url);
    lab.configure(|configuration| by_certificate(configuration, &reference));
    lab.collect().with_code(0);
    lab.assert_all_is_told();
}

#[test]
fn a_certificate_that_is_not_registered_says_what_to_do() {
    let lab = Lab::seeded(45, 300);
    lab.folder.write_secret("certificate", certificate("application.pem"));
    lab.configure(|configuration| by_certificate(configuration, "file:certificate"));
    let ended = lab.collect();
    assert_ne!(ended.code, Some(0));
    assert!(ended.stderr.contains("upload the certificate"), "{ended}");
}

#[test]
fn a_workload_signs_in_with_the_token_of_its_cluster() {
    let lab = Lab::seeded(46, 1_000);
    let (endpoints, subject) = (lab.endpoints(), "system:serviceaccount:security:sharetrail");
    let client_id = &endpoints.installation.client_id;
    lab.configure(|configuration| {
        configuration.without("identity").set("identity.kind", "workload_identity").without("tenant.identity")
    });
    let file = lab.folder.write("cluster-token", lab.emulator.foreign_token(subject, 3_600).expose());
    let run = || {
        lab.folder
            .program()
            .env("AZURE_TENANT_ID", &endpoints.tenant_id)
            .env("AZURE_CLIENT_ID", client_id)
            .env("AZURE_FEDERATED_TOKEN_FILE", &file)
            .run(["collect"])
    };
    let refused = run();
    assert!(refused.stderr.contains("no federated credential of the application matches"), "{refused}");
    let outside_a_cluster = lab.collect();
    assert!(outside_a_cluster.stderr.contains("AZURE_TENANT_ID is not set"), "{outside_a_cluster}");
    lab.emulator.trust_subject(client_id, subject);
    run().with_code(0);
    lab.assert_all_is_told();
}

/// A lab whose managed identity may do everything, and whose machine is the emulator.
fn virtual_machine(seed: u64) -> Lab {
    let lab =
        Lab::with(seeded(seed, 1_000, now_ms()), |options| options.listen_http = Some(([127, 0, 0, 1], 0).into()));
    for role in [Role::KeyVaultSecretsUser, Role::InvestigationRead, Role::MonitoringMetricsPublisher] {
        lab.emulator.grant(&lab.endpoints().managed_identity.client_id, role);
    }
    lab
}

#[test]
fn a_virtual_machine_uses_its_own_identity_or_one_that_was_assigned_to_it() {
    let lab = virtual_machine(47);
    let http = lab.endpoints().http.clone().unwrap();
    let assigned = lab.endpoints().managed_identity.client_id.clone();
    let configure = |client_id: Option<&str>| {
        lab.configure(|configuration| {
            let configuration = configuration
                .without("identity")
                .set("identity.kind", "managed_identity")
                .set("cloud.machine_identity", http.as_str())
                .without("tenant.identity");
            match client_id {
                Some(client_id) => configuration.set("identity.client_id", client_id),
                None => configuration,
            }
        });
    };
    configure(Some("00000000-0000-0000-0000-000000000000"));
    let unknown = lab.collect();
    assert!(unknown.stderr.contains("assign this identity to the machine"), "{unknown}");
    for client_id in [None, Some(assigned.as_str())] {
        configure(client_id);
        lab.collect().with_code(0);
    }
    lab.assert_all_is_told();
}

#[test]
fn an_assigned_identity_may_be_named_by_object_id_or_resource_id_in_an_app_and_on_a_machine() {
    let lab = virtual_machine(49);
    let identity = lab.endpoints().managed_identity.clone();
    let http = lab.endpoints().http.clone().unwrap();
    let collect = |key: &str, id: &str, in_app: bool| {
        lab.configure(|configuration| {
            configuration
                .without("identity")
                .set("identity.kind", "managed_identity")
                .set(&format!("identity.{key}"), id)
                .set("cloud.machine_identity", http.as_str())
                .without("tenant.identity")
        });
        let program = lab.folder.program();
        let program = if in_app {
            program
                .env("IDENTITY_ENDPOINT", identity.identity_endpoint.as_ref().unwrap().as_str())
                .env("IDENTITY_HEADER", identity.identity_header.expose())
        } else {
            program
        };
        program.run(["collect"])
    };
    for in_app in [true, false] {
        collect("object_id", &identity.object_id, in_app).with_code(0);
        let by_resource = collect("resource_id", &identity.resource_id, in_app);
        // The SDK does not take one there, and says what to write instead.
        let is_told = in_app && by_resource.stderr.contains("Use a client or object ID instead");
        assert!(is_told || by_resource.code == Some(0), "{by_resource}");
        let unknown = collect("object_id", "00000000-0000-0000-0000-000000000000", in_app);
        assert!(unknown.stderr.contains("assign this identity to the machine"), "{unknown}");
    }
    lab.assert_all_is_told();
}

#[test]
fn a_chain_says_which_identity_signs_in_and_why_those_before_it_do_not() {
    let lab = virtual_machine(48);
    let chain = || vec!["workload_identity", "managed_identity"];
    lab.configure(|configuration| {
        configuration
            .without("identity")
            .set("identity.kind", "chain")
            .set("identity.chain", chain())
            .without("tenant.identity")
    });
    let machine = lab.endpoints().http.clone().unwrap();
    let run =
        |machine: &str| lab.folder.program().env("AZURE_POD_IDENTITY_AUTHORITY_HOST", machine).run(["-v", "collect"]);
    let nobody = run("http://127.0.0.1:9");
    for words in ["(1) workload_identity: ", "AZURE_TENANT_ID is not set", "(2) managed_identity: "] {
        assert!(nobody.stderr.contains(words), "{nobody}");
    }
    let signed_in = run(machine.as_str()).with_code(0);
    for words in ["signs in with managed_identity", "Before it: (1) workload_identity: "] {
        assert!(signed_in.stderr.contains(words), "{signed_in}");
    }
    lab.assert_all_is_told();
}

/// A stand-in for the Azure CLI: a shell script named `az`, in the folder that the returned `PATH` begins with.
#[cfg(unix)]
fn stand_in_az(lab: &Lab, script: &str) -> std::ffi::OsString {
    let az = lab.folder.write("az", format!("#!/bin/sh\n{script}\n"));
    std::fs::set_permissions(&az, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let usual = std::env::var_os("PATH").unwrap();
    std::env::join_paths([lab.folder.path().to_owned()].into_iter().chain(std::env::split_paths(&usual))).unwrap()
}

/// Signs in as whoever is signed in to the Azure CLI, for everything.
#[cfg(unix)]
fn by_azure_cli(lab: &Lab) {
    lab.configure(|configuration| {
        configuration
            .without("identity")
            .set("identity.kind", "azure_cli")
            .set("identity.tenant_id", lab.endpoints().tenant_id.as_str())
            .without("tenant.identity")
    });
}

/// A token of the emulator for this scope, had as an app has one from its platform.
#[cfg(unix)]
fn token_for(lab: &Lab, scope: &str) -> String {
    let identity = &lab.endpoints().managed_identity;
    let (endpoint, header) = (identity.identity_endpoint.as_ref().unwrap(), identity.identity_header.expose());
    let address = format!("{}:{}", endpoint.host_str().unwrap(), endpoint.port().unwrap());
    let (path, resource) = (endpoint.path(), scope.strip_suffix("/.default").unwrap());
    let answer = crate::dashboard::sent(
        &address,
        &format!(
            "GET {path}?resource={resource}&api-version=2019-08-01 HTTP/1.1\r\nHost: {address}\r\nX-IDENTITY-HEADER: {header}"
        ),
    );
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer: serde_json::Value = serde_json::from_str(&answer.text()).unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}

#[cfg(unix)]
#[test]
fn whoever_is_signed_in_to_the_azure_cli_does_everything() {
    let lab = virtual_machine(50);
    by_azure_cli(&lab);
    let (scopes, tenant_id) = (&lab.endpoints().scopes, &lab.endpoints().tenant_id);
    let mut commands = [scopes.vault, scopes.ingestion].map(|scope| {
        (format!("account get-access-token -o json --scope {scope} --tenant {tenant_id}"), token_for(&lab, scope))
    });
    commands.sort();
    let answers: String =
        commands.iter().map(|(command, token)| format!("\"{command}\") token={token} ;;\n")).collect();
    let script = format!(
        r#"echo "$*" >> "${{0%/*}}/asked"
case "$*" in
{answers}*) echo "ERROR: not understood: $*" >&2; exit 2 ;;
esac
echo "{{\"accessToken\": \"$token\", \"expiresOn\": \"2096-10-02 07:06:40.000000\", \"expires_on\": 4000000000,"
echo "  \"subscription\": \"s\", \"tenant\": \"{tenant_id}\", \"tokenType\": \"Bearer\"}}""#
    );
    let path = stand_in_az(&lab, &script);
    lab.folder.program().env("PATH", path).run(["collect"]).with_code(0);
    let asked = lab.folder.read("asked");
    let mut asked: Vec<&str> = asked.lines().collect();
    asked.sort_unstable();
    // Once each: a token is kept, since the Azure CLI takes a second or so for one.
    assert_eq!(asked, commands.iter().map(|(command, _)| command.as_str()).collect::<Vec<_>>());
    lab.assert_all_is_told();
}

#[cfg(unix)]
#[test]
fn an_azure_cli_that_gives_no_token_says_why_and_what_to_do() {
    let lab = Lab::seeded(51, 300);
    by_azure_cli(&lab);
    let cases = [
        (
            "echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1",
            "Please run 'az login' to setup account.",
            "sign in with `az login` and try again",
        ),
        ("exec no-such-program-as-this", "az not found on PATH", "install the Azure CLI 2.54 or newer"),
        (
            r#"echo '{"accessToken": "t", "tokenType": "Bearer"}'"#,
            "Please use Azure CLI 2.54.0 or newer",
            "update it with `az upgrade`",
        ),
    ];
    for (script, why, remedy) in cases {
        let path = stand_in_az(&lab, script);
        let ended = lab.folder.program().env("PATH", path).run(["collect"]);
        assert_ne!(ended.code, Some(0), "{ended}");
        let ended = ended.saying("no token for whoever is signed in to the Azure CLI: ").saying(why);
        let ended = ended.saying(&format!("; {remedy}"));
        assert!(!ended.stderr.contains("To troubleshoot"), "{ended}");
    }
}
