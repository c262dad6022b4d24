//! What a client has to know of a running emulator: addresses, ids, names and secrets.

use std::collections::BTreeMap;

use url::Url;

use crate::ids::{guid, hex32};
use crate::options::Secrets;
use crate::secret::Secret;
use crate::story::Profile;

/// Addresses, ids, names and secrets of a running emulator.
#[derive(Debug, Clone)]
pub struct Endpoints {
    /// Root of all services, `https://127.0.0.1:port/`; also the authority of Entra ID.
    pub https: Url,
    /// The same without TLS, if asked for.
    pub http: Option<Url>,
    /// The certificate authority to trust, PEM.
    pub ca_pem: String,
    /// Entra tenant id.
    pub tenant_id: String,
    /// The application of the installation: reads the vault and the resource manager, and may do all the rest.
    pub installation: Application,
    /// The application of the tenant: reads Defender, the audit feed and Graph, delivers and queries, but sees no vault.
    pub tenant_application: Application,
    /// An application whose secret has expired.
    pub lapsed_application: Application,
    /// Whoever signs in at the authorize address.
    pub signed_in: SignedIn,
    /// The managed identity.
    pub managed_identity: ManagedIdentity,
    /// The vault; a secret's address is this and `secrets/<name>`.
    pub vault_url: Url,
    /// Secrets in the vault, by name: `defender-api-token`, `delivery-client-secret`, `workspace-key`.
    pub vault_secrets: BTreeMap<String, Secret>,
    /// Azure Resource Manager.
    pub arm_url: Url,
    /// Root of the Defender API, ending in `/api/v1/`.
    pub defender_url: Url,
    /// Host of the Management Activity API; its paths begin with `/api/v1.0/<tenant id>/activity/feed`.
    pub management_url: Url,
    /// Root of Microsoft Graph; its paths begin with `v1.0/` or `beta/`.
    pub graph_url: Url,
    /// Logs Ingestion endpoint of the data collection rule.
    pub ingestion_endpoint: Url,
    /// Immutable id of the data collection rule.
    pub dcr_immutable_id: String,
    /// Resource id of the rule.
    pub dcr_resource_id: String,
    /// Input stream of every table, by table: `ShareTrailAccess_CL` → `Custom-ShareTrailAccess_CL`.
    pub streams: BTreeMap<String, String>,
    /// The workspace.
    pub workspace: Workspace,
    /// A workspace name that exists in two resource groups.
    pub ambiguous_workspace: String,
    /// Root of the query API; its path is `v1/workspaces/<id>/query`.
    pub query_url: Url,
    /// Data Collector address, without `api-version`.
    pub data_collector_url: Url,
    /// Token scopes.
    pub scopes: Scopes,
}

/// An application of the directory.
#[derive(Debug, Clone)]
pub struct Application {
    /// Application (client) id.
    pub client_id: String,
    /// Client secret.
    pub client_secret: Secret,
}

/// A person of the directory who signs in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Object id.
    pub object_id: String,
    /// User principal name.
    pub user_name: String,
    /// Object ids of the person's groups.
    pub groups: Vec<String>,
}

/// The managed identity of the emulated platform.
#[derive(Debug, Clone)]
pub struct ManagedIdentity {
    /// Its client id.
    pub client_id: String,
    /// Its object id.
    pub object_id: String,
    /// Its resource id, as one that was assigned by somebody has it.
    pub resource_id: String,
    /// For `IDENTITY_ENDPOINT`; needs the plain-http port.
    pub identity_endpoint: Option<Url>,
    /// For `IDENTITY_HEADER`.
    pub identity_header: Secret,
}

/// A Log Analytics workspace.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// Name of the resource.
    pub name: String,
    /// Workspace id (`customerId`).
    pub id: String,
    /// Resource group.
    pub resource_group: String,
    /// Subscription.
    pub subscription_id: String,
    /// First shared key, base64.
    pub primary_key: Secret,
    /// Second shared key, base64.
    pub secondary_key: Secret,
}

/// Token scopes; those of the public cloud.
#[derive(Debug, Clone)]
pub struct Scopes {
    /// Defender for Cloud Apps.
    pub defender: &'static str,
    /// Management Activity API.
    pub management: &'static str,
    /// Microsoft Graph.
    pub graph: &'static str,
    /// Key Vault.
    pub vault: &'static str,
    /// Azure Resource Manager.
    pub arm: &'static str,
    /// Logs Ingestion.
    pub ingestion: &'static str,
    /// Log Analytics queries.
    pub query: &'static str,
}

/// The tables that the data collection rule has a stream for.
pub(crate) const TABLES: [&str; 5] =
    ["ShareTrailAccess_CL", "ShareTrailShare_CL", "ShareTrailGap_CL", "ShareTrailActivity_CL", "MCAS_CL"];

/// Where workspace and rule are.
const RESOURCE_GROUP: &str = "rg-security";
/// Name of the rule.
pub(crate) const RULE: &str = "dcr-sharetrail";

impl Endpoints {
    /// Ids follow from the tenant's id, so that they are the same in every run.
    pub(crate) fn new(
        https: Url,
        http: Option<Url>,
        ca_pem: String,
        profile: &Profile,
        secrets: &Secrets,
    ) -> Result<Endpoints, url::ParseError> {
        let seed = profile.tenant_id.as_str();
        let application = |name: &str, client_secret: &Secret| Application {
            client_id: guid(seed, name),
            client_secret: client_secret.clone(),
        };
        let vault_secrets = BTreeMap::from([
            ("defender-api-token".to_owned(), secrets.defender_api_token.clone()),
            ("delivery-client-secret".to_owned(), secrets.tenant_client_secret.clone()),
            ("workspace-key".to_owned(), secrets.workspace_primary_key.clone()),
        ]);
        Ok(Endpoints {
            ca_pem,
            tenant_id: profile.tenant_id.clone(),
            installation: application("installation", &secrets.installation_client_secret),
            tenant_application: application("tenant application", &secrets.tenant_client_secret),
            lapsed_application: application("lapsed application", &Secret::derived(seed, "lapsed client secret")),
            signed_in: SignedIn {
                object_id: guid(seed, "person who signs in"),
                user_name: format!(
                    "reader@{}",
                    profile.internal_domains.first().map_or("tenant.example", String::as_str)
                ),
                groups: vec![guid(seed, "group of readers")],
            },
            managed_identity: ManagedIdentity {
                object_id: object_id(&guid(seed, "managed identity")),
                resource_id: format!(
                    "/subscriptions/{}/resourceGroups/{RESOURCE_GROUP}/providers/Microsoft.ManagedIdentity/\
                     userAssignedIdentities/id-sharetrail",
                    guid(seed, "subscription")
                ),
                client_id: guid(seed, "managed identity"),
                identity_endpoint: http.as_ref().map(|root| root.join("MSI/token")).transpose()?,
                identity_header: secrets.identity_header.clone(),
            },
            vault_url: https.clone(),
            vault_secrets,
            arm_url: https.clone(),
            defender_url: https.join("api/v1/")?,
            management_url: https.clone(),
            graph_url: https.clone(),
            ingestion_endpoint: https.clone(),
            dcr_resource_id: format!(
                "/subscriptions/{}/resourceGroups/{RESOURCE_GROUP}/providers/Microsoft.Insights/dataCollectionRules/{RULE}",
                guid(seed, "subscription")
            ),
            dcr_immutable_id: format!("dcr-{}", hex32(seed, "data collection rule")),
            streams: TABLES.iter().map(|table| ((*table).to_owned(), format!("Custom-{table}"))).collect(),
            workspace: Workspace {
                name: format!("law-{}", profile.name.to_ascii_lowercase()),
                id: guid(seed, "workspace"),
                resource_group: RESOURCE_GROUP.to_owned(),
                subscription_id: guid(seed, "subscription"),
                primary_key: secrets.workspace_primary_key.clone(),
                secondary_key: secrets.workspace_secondary_key.clone(),
            },
            ambiguous_workspace: "law-shared".to_owned(),
            query_url: https.clone(),
            data_collector_url: https.join("api/logs")?,
            scopes: Scopes {
                defender: "05a65629-4c1b-48c1-a78b-804c4abdd4af/.default",
                management: "https://manage.office.com/.default",
                graph: "https://graph.microsoft.com/.default",
                vault: "https://vault.azure.net/.default",
                arm: "https://management.azure.com/.default",
                ingestion: "https://monitor.azure.com/.default",
                query: "https://api.loganalytics.io/.default",
            },
            https,
            http,
        })
    }
}

/// Object id of whoever signs in with this client id.
pub(crate) fn object_id(client_id: &str) -> String {
    guid(client_id, "service principal")
}
