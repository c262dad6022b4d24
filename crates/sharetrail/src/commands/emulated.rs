//! A configuration that reaches a running emulator, with the files it refers to.

use std::io::{self, Write};
use std::path::Path;

use emulator::Endpoints;
use emulator::story::Profile;

use crate::private_file;

/// Writes the configuration to `path`, and beside it the emulator's certificate authority and the secret that opens
/// its vault. All are readable by their owner only.
///
/// # Errors
/// Those of writing files.
pub fn write_configuration(path: &Path, endpoints: &Endpoints, profile: &Profile) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    write_private(&folder.join("emulator-ca.pem"), endpoints.ca_pem.as_bytes())?;
    write_private(&folder.join("emulator-client-secret"), endpoints.installation.client_secret.expose().as_bytes())?;
    write_private(path, configuration(endpoints, profile).as_bytes())
}

fn configuration(endpoints: &Endpoints, profile: &Profile) -> String {
    let stream = |table: &str| endpoints.streams.get(table).map(String::as_str).unwrap_or_default().to_owned();
    let quoted = |domains: &[String]| domains.iter().map(|d| format!("\"{d}\"")).collect::<Vec<_>>().join(", ");
    format!(
        r#"# Reaches the emulator that wrote this file, for as long as it runs.

[identity]
kind = "client_secret"
tenant_id = "{tenant_id}"
client_id = "{installation}"
client_secret = "file:emulator-client-secret"

[tls]
extra_roots = ["emulator-ca.pem"]

[cloud]
authority = "{https}"
vault_challenge_check = false
arm = "{arm}"
query = "{query}"
data_collector = "{data_collector}"

[[tenant]]
name = "{name}"
tenant_id = "{tenant_id}"
internal_domains = [{domains}]

[tenant.identity]
kind = "client_secret"
client_id = "{application}"
client_secret = "keyvault:{vault}secrets/delivery-client-secret"

[tenant.defender]
url = "{defender}"
token = "keyvault:{vault}secrets/defender-api-token"

[tenant.sink.logs_ingestion]
endpoint = "{ingestion}"
dcr_immutable_id = "{dcr}"
access_stream = "{access}"
gap_stream = "{gap}"
"#,
        tenant_id = endpoints.tenant_id,
        installation = endpoints.installation.client_id,
        application = endpoints.tenant_application.client_id,
        https = endpoints.https,
        arm = endpoints.arm_url,
        query = endpoints.query_url,
        data_collector = endpoints.https.as_str().trim_end_matches('/'),
        name = profile.name,
        domains = quoted(&profile.internal_domains),
        vault = endpoints.vault_url,
        defender = endpoints.defender_url,
        ingestion = endpoints.ingestion_endpoint,
        dcr = endpoints.dcr_immutable_id,
        access = stream("ShareTrailAccess_CL"),
        gap = stream("ShareTrailGap_CL"),
    )
}

/// Writes a file for its owner only.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    private_file::options().write(true).create(true).truncate(true).open(path)?.write_all(bytes)
}
