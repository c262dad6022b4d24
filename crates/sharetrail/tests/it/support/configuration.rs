//! The configuration file of a test: what reaches its emulator, and what the test changes.

use emulator::Endpoints;
use emulator::story::Profile;
use toml::{Table, Value};

use super::Folder;

/// A tenant for imports and reports alone: nothing answers at its addresses.
pub const UNREACHABLE_CONTOSO: &str = r#"
[[tenant]]
name = "contoso"
tenant_id = "7c1b7c0e-2f6d-4a51-9d4f-0d6b4a1f0c11"
internal_domains = ["contoso.example"]
[tenant.defender]
url = "https://contoso.portal.cloudappsecurity.example"
token = "env:DEFENDER_TOKEN"
"#;

/// A configuration that can be changed key by key; `tenant` means the one tenant.
#[derive(Debug, Clone)]
pub struct Configuration(Table);

impl Configuration {
    /// Collects with the legacy token and delivers with the tenant's application, both secrets from the vault. Writes
    /// the files that it refers to.
    pub fn of(endpoints: &Endpoints, profile: &Profile, folder: &Folder) -> Configuration {
        folder.write("ca.pem", &endpoints.ca_pem);
        folder.write_secret("client-secret", endpoints.installation.client_secret.expose());
        let (tenant_id, installation) = (&endpoints.tenant_id, &endpoints.installation.client_id);
        let (https, vault, defender) = (&endpoints.https, &endpoints.vault_url, &endpoints.defender_url);
        let (application, dcr) = (&endpoints.tenant_application.client_id, &endpoints.dcr_immutable_id);
        let (name, domains) = (&profile.name, &profile.internal_domains);
        let text = format!(
            r#"
[identity]
kind = "client_secret"
tenant_id = "{tenant_id}"
client_id = "{installation}"
client_secret = "file:client-secret"
[tls]
extra_roots = ["ca.pem"]
[http]
retry_delay_ms = 1
retry_delay_ms_max = 20
[cloud]
authority = "{https}"
vault_challenge_check = false
arm = "{https}"
query = "{https}"
audit = "{https}"
graph = "{https}"
data_collector = "{https}"
[[tenant]]
name = "{name}"
tenant_id = "{tenant_id}"
internal_domains = {domains:?}
[tenant.identity]
kind = "client_secret"
client_id = "{application}"
client_secret = "keyvault:{vault}secrets/delivery-client-secret"
[tenant.defender]
url = "{defender}"
token = "keyvault:{vault}secrets/defender-api-token"
[tenant.sink.logs_ingestion]
endpoint = "{https}"
dcr_immutable_id = "{dcr}"
access_stream = "Custom-ShareTrailAccess_CL"
gap_stream = "Custom-ShareTrailGap_CL"
"#
        );
        Configuration(text.parse().unwrap())
    }

    /// Sets a key, such as `tenant.defender.page_records`; tables on the way to it are made.
    #[must_use]
    pub fn set(mut self, path: &str, value: impl Into<Value>) -> Configuration {
        let (table, key) = table_of(&mut self.0, path);
        table.insert(key.to_owned(), value.into());
        self
    }

    /// Collects from the audit feed and from nothing else.
    #[must_use]
    pub fn with_only_the_audit_feed(self) -> Configuration {
        self.without("tenant.defender").set("tenant.audit.content_types", vec!["Audit.SharePoint", "Audit.General"])
    }

    /// Leaves out a key or a table.
    #[must_use]
    pub fn without(mut self, path: &str) -> Configuration {
        let (table, key) = table_of(&mut self.0, path);
        assert!(table.remove(key).is_some(), "there is no {path}");
        self
    }

    /// Adds a tenant: the first one under another name, with these changes.
    #[must_use]
    pub fn and_a_tenant(mut self, name: &str, change: impl FnOnce(Configuration) -> Configuration) -> Configuration {
        let other = change(self.clone().set("tenant.name", name));
        let added = other.0["tenant"].as_array().unwrap()[0].clone();
        self.0["tenant"].as_array_mut().unwrap().push(added);
        self
    }

    pub fn text(&self) -> String {
        self.0.to_string()
    }
}

fn table_of<'t, 'p>(root: &'t mut Table, path: &'p str) -> (&'t mut Table, &'p str) {
    let mut parts = path.split('.').peekable();
    let mut table = root;
    loop {
        let part = parts.next().unwrap();
        if parts.peek().is_none() {
            return (table, part);
        }
        table = match table.entry(part).or_insert_with(|| Value::Table(Table::new())) {
            Value::Array(tenants) => tenants[0].as_table_mut().unwrap(),
            value => value.as_table_mut().unwrap(),
        };
    }
}
