//! Identities and secrets.

use super::*;

#[test]
fn a_secret_without_quotation_marks_is_not_repeated() {
    for line in ["token = hunter2", "token = hunter2 # x", "token: hunter2", "hunter2"] {
        let found = problems(&format!("{TENANT}[tenant.defender]\n{line}\n"));
        assert!(found.starts_with("line 6: ") && !found.contains("hunter2"), "{found}");
    }
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
