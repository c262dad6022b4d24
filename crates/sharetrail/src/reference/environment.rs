//! The page on the environment. What our own sources name has to be in it, by its name.

use super::sources::sources;
use super::{head, line, page};

/// Variable, who sets it, what it does.
const VARIABLES: &[(&str, &str, &str)] = &[
    ("SHARETRAIL_CONFIG", "you", "Configuration file, where `--config` names none."),
    (
        "any that the configuration names",
        "you",
        "A secret: `env:NAME`. A value that begins with `@Microsoft.KeyVault(` is refused: the platform did not resolve it.",
    ),
    ("HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY", "you", "Proxies, also in small letters."),
    (
        "SSL_CERT_FILE, SSL_CERT_DIR",
        "you",
        "Where the system's trusted roots are; `tls.extra_roots` adds some without replacing any.",
    ),
    ("TMPDIR", "you", "Folder of dry runs; on Windows `TEMP`."),
    ("NO_COLOR", "you", "No colour on a terminal, whatever its value, if it has one."),
    ("TERM", "the terminal", "`dumb`: no colour."),
    (
        "OTEL_EXPORTER_OTLP_HEADERS",
        "you",
        "Headers that the collector of `[telemetry]` asks for, such as a key; also `OTEL_EXPORTER_OTLP_TRACES_HEADERS` and \
         `OTEL_EXPORTER_OTLP_LOGS_HEADERS`.",
    ),
    ("AZURE_TENANT_ID", "the webhook of workload identity", "Directory, where the configuration names none."),
    ("AZURE_CLIENT_ID", "the webhook of workload identity", "Application, where the configuration names none."),
    (
        "AZURE_FEDERATED_TOKEN_FILE",
        "the webhook of workload identity",
        "Its token, which is replaced about once an hour.",
    ),
    (
        "IDENTITY_ENDPOINT, IDENTITY_HEADER",
        "App Service, Functions, Container Apps",
        "Where managed identities get their tokens.",
    ),
    (
        "AZURE_POD_IDENTITY_AUTHORITY_HOST",
        "you",
        "Where the identity service of virtual machines is, if not at its usual address.",
    ),
    (
        "FUNCTIONS_CUSTOMHANDLER_PORT",
        "the host of Azure Functions",
        "Port at which `function` answers; `FUNCTIONS_HTTPWORKER_PORT` is its older name.",
    ),
    ("FUNCTIONS_APP_ROOT_PATH", "the host of Azure Functions", "Folder of the app."),
    (
        "AzureWebJobsStorage",
        "the app's settings",
        "Storage account of the Function's state, or the settings that begin with this name; `function.storage` names others.",
    ),
    (
        "KeyVaultName, mcasApiKeySecretName, workSpaceName, workSpaceKeySecret, mcasUrl",
        "the app's settings",
        "The settings of the older function, where there is no configuration.",
    ),
    ("NOTIFY_SOCKET, WATCHDOG_USEC", "systemd", "Where `run` says that it is ready and alive, and how often."),
    ("SHARETRAIL_WRITE_REFERENCE", "who changes the code", "Tests write these pages and the templates anew."),
    (
        "SHARETRAIL_CRASH_AT, SHARETRAIL_PANIC_AT",
        "the crash harness",
        "Where a build with the feature `crash-points` dies; no release has it.",
    ),
];

/// Texts in capitals that are no variables.
const OTHER: &[&str] =
    &["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_LOGS_HEADERS", "FUNCTIONS_HTTPWORKER_PORT"];

/// How variables of ours and of the platforms begin.
const BEGINNINGS: &[&str] =
    &["SHARETRAIL_", "AZURE_", "IDENTITY_", "OTEL_", "NO_", "NOTIFY_", "FUNCTIONS_", "MSI_", "SSL_"];

pub(super) fn environment() -> String {
    let mut page = page(
        "Environment",
        "The variables that the program goes by. The configuration goes before them, unless it says otherwise.",
    );
    head(&mut page, &["variable", "set by", "what"]);
    for (name, by, what) in VARIABLES {
        let is_name = !name.contains(' ') || name.contains(", ");
        let shown = if is_name { format!("`{}`", name.replace(", ", "`, `")) } else { (*name).to_owned() };
        line(&mut page, &[&shown, by, what]);
    }
    page
}

#[test]
fn every_variable_that_the_sources_name_is_in_the_reference() {
    let known: Vec<&str> =
        VARIABLES.iter().flat_map(|(names, ..)| names.split(", ")).chain(OTHER.iter().copied()).collect();
    for source in sources() {
        for name in source.names_in_capitals() {
            let is_variable = BEGINNINGS.iter().any(|beginning| name.starts_with(beginning));
            assert!(
                !is_variable || known.contains(&name),
                "{}: {name} is not in src/reference/environment.rs",
                source.path
            );
        }
    }
}
