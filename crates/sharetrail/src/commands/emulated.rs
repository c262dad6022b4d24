//! A configuration that reaches a running emulator, with the files it refers to.

use std::io::{self, Write};
use std::path::Path;

use emulator::Endpoints;
use emulator::story::{Profile, Tenant, TrueLabel};

use crate::private_file;

/// What a configuration says of an emulated tenant.
pub struct About {
    profile: Profile,
    labels: Vec<TrueLabel>,
    declared: Vec<String>,
}

impl About {
    /// Takes it from the tenant before the emulator takes that.
    pub fn of(tenant: &Tenant) -> Self {
        let truth = &tenant.truth;
        Self { profile: tenant.profile.clone(), labels: truth.labels.clone(), declared: truth.declared.clone() }
    }
}

/// Writes the configuration to `path`, and beside it the emulator's certificate authority, the secret that opens its
/// vault, and the tenant's labels. All are readable by their owner only.
///
/// # Errors
/// Those of writing files.
pub fn write_configuration(path: &Path, endpoints: &Endpoints, about: &About) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    write_private(&folder.join("emulator-ca.pem"), endpoints.ca_pem.as_bytes())?;
    write_private(&folder.join("emulator-client-secret"), endpoints.installation.client_secret.expose().as_bytes())?;
    write_private(&folder.join(LABELS), labels(&about.labels).as_bytes())?;
    write_private(path, configuration(endpoints, about).as_bytes())
}

/// Name of the file with the tenant's labels.
const LABELS: &str = "emulator-labels.csv";

fn labels(labels: &[TrueLabel]) -> String {
    let mut text = "id,name,parent,order\n".to_owned();
    for TrueLabel { id, name, order, .. } in labels {
        // Names of sub-labels hold those of their parents: `Parent\Child`.
        text.push_str(&format!("{id},\"{}\",,{order}\n", name.replace('"', "\"\"")));
    }
    text
}

fn configuration(endpoints: &Endpoints, about: &About) -> String {
    let profile = &about.profile;
    let stream = |table: &str| endpoints.streams.get(table).map(String::as_str).unwrap_or_default().to_owned();
    let list = |texts: Vec<&str>| texts.into_iter().map(quoted).collect::<Vec<_>>().join(", ");
    let classified = about.labels.iter().filter(|label| label.classified).map(|label| label.name.as_str()).collect();
    let mut text = format!(
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
audit = "{audit}"
graph = "{graph}"
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

# The same tenant, as it is seen elsewhere: take the # away to read it there, too.
#[tenant.audit]
#[tenant.hunting]
#[tenant.graph]

[tenant.sink.logs_ingestion]
endpoint = "{ingestion}"
dcr_immutable_id = "{dcr}"
access_stream = "{access}"
share_stream = "{share}"
gap_stream = "{gap}"
workspace_id = "{workspace}"
dcr_resource_id = "{rule}"

[tenant.classification]
labels_file = "{LABELS}"
classified_labels = [{classified}]
"#,
        tenant_id = endpoints.tenant_id,
        installation = endpoints.installation.client_id,
        application = endpoints.tenant_application.client_id,
        https = endpoints.https,
        arm = endpoints.arm_url,
        query = endpoints.query_url,
        audit = endpoints.management_url,
        graph = endpoints.graph_url,
        data_collector = endpoints.https.as_str().trim_end_matches('/'),
        name = profile.name,
        domains = list(profile.internal_domains.iter().map(String::as_str).collect()),
        vault = endpoints.vault_url,
        defender = endpoints.defender_url,
        ingestion = endpoints.ingestion_endpoint,
        dcr = endpoints.dcr_immutable_id,
        access = stream("ShareTrailAccess_CL"),
        share = stream("ShareTrailShare_CL"),
        gap = stream("ShareTrailGap_CL"),
        workspace = endpoints.workspace.id,
        rule = endpoints.dcr_resource_id,
        classified = list(classified),
    );
    for place in &about.declared {
        text.push_str(&format!(
            "\n[[tenant.classification.declared]]\nurl = {}\nlevel = \"classified\"\n",
            quoted(place)
        ));
    }
    text
}

/// A text as TOML has it.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// Writes a file for its owner only.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    private_file::options().write(true).create(true).truncate(true).open(path)?.write_all(bytes)
}
