//! Addresses and scopes of the Microsoft clouds.
//!
//! Sources: Microsoft, "Azure Government developer guide", "Azure China developer guide", "Logs Ingestion API in Azure
//! Monitor", "Defender for Cloud Apps REST API", "Office 365 Management Activity API reference", "National cloud
//! deployments" (Graph). Where no page states a value it follows its cloud's pattern; each can be overridden by itself.

/// One cloud's addresses and scopes, as text.
#[derive(Debug, Clone, Copy)]
pub struct Preset {
    /// Name in the configuration.
    pub name: &'static str,
    /// Entra ID authority.
    pub authority: &'static str,
    /// Scope for Key Vault.
    pub vault_scope: &'static str,
    /// Azure Resource Manager.
    pub arm: &'static str,
    /// Scope for ARM.
    pub arm_scope: &'static str,
    /// Scope for Logs Ingestion.
    pub ingestion_scope: &'static str,
    /// Log Analytics query API.
    pub query: &'static str,
    /// Scope for queries.
    pub query_scope: &'static str,
    /// Scope for Defender for Cloud Apps: its application id, the same everywhere.
    pub defender_scope: &'static str,
    /// Office 365 Management Activity API; where no page names one there is none.
    pub audit: Option<&'static str>,
    /// Scope for it: its own address is the audience.
    pub audit_scope: Option<&'static str>,
    /// Microsoft Graph.
    pub graph: &'static str,
    /// Scope for Graph.
    pub graph_scope: &'static str,
    /// Data Collector address.
    pub data_collector: &'static str,
}

const DEFENDER_SCOPE: &str = "05a65629-4c1b-48c1-a78b-804c4abdd4af/.default";

const PUBLIC: Preset = Preset {
    name: "public",
    authority: "https://login.microsoftonline.com",
    vault_scope: "https://vault.azure.net/.default",
    arm: "https://management.azure.com",
    arm_scope: "https://management.azure.com/.default",
    ingestion_scope: "https://monitor.azure.com/.default",
    query: "https://api.loganalytics.io",
    query_scope: "https://api.loganalytics.io/.default",
    defender_scope: DEFENDER_SCOPE,
    audit: Some("https://manage.office.com"),
    audit_scope: Some("https://manage.office.com/.default"),
    graph: "https://graph.microsoft.com",
    graph_scope: "https://graph.microsoft.com/.default",
    data_collector: "https://{workspace}.ods.opinsights.azure.com",
};

const GCC: Preset = Preset {
    name: "usgov-gcc",
    audit: Some("https://manage-gcc.office.com"),
    audit_scope: Some("https://manage-gcc.office.com/.default"),
    ..PUBLIC
};

const US_GOVERNMENT: Preset = Preset {
    name: "usgov-high",
    authority: "https://login.microsoftonline.us",
    vault_scope: "https://vault.usgovcloudapi.net/.default",
    arm: "https://management.usgovcloudapi.net",
    arm_scope: "https://management.usgovcloudapi.net/.default",
    ingestion_scope: "https://monitor.azure.us/.default",
    query: "https://api.loganalytics.us",
    query_scope: "https://api.loganalytics.us/.default",
    defender_scope: DEFENDER_SCOPE,
    audit: Some("https://manage.office365.us"),
    audit_scope: Some("https://manage.office365.us/.default"),
    graph: "https://graph.microsoft.us",
    graph_scope: "https://graph.microsoft.us/.default",
    data_collector: "https://{workspace}.ods.opinsights.azure.us",
};

const DOD: Preset = Preset {
    name: "dod",
    audit: Some("https://manage.protection.apps.mil"),
    audit_scope: Some("https://manage.protection.apps.mil/.default"),
    graph: "https://dod-graph.microsoft.us",
    graph_scope: "https://dod-graph.microsoft.us/.default",
    ..US_GOVERNMENT
};

const CHINA: Preset = Preset {
    name: "china",
    authority: "https://login.chinacloudapi.cn",
    vault_scope: "https://vault.azure.cn/.default",
    arm: "https://management.chinacloudapi.cn",
    arm_scope: "https://management.chinacloudapi.cn/.default",
    ingestion_scope: "https://monitor.azure.cn/.default",
    query: "https://api.loganalytics.azure.cn",
    query_scope: "https://api.loganalytics.azure.cn/.default",
    defender_scope: DEFENDER_SCOPE,
    audit: None,
    audit_scope: None,
    graph: "https://microsoftgraph.chinacloudapi.cn",
    graph_scope: "https://microsoftgraph.chinacloudapi.cn/.default",
    data_collector: "https://{workspace}.ods.opinsights.azure.cn",
};

/// Every preset. GCC runs in the public Azure cloud; GCC High and DoD share Azure Government. Their audit feeds, and
/// DoD's Graph, have addresses of their own.
pub const PRESETS: [Preset; 5] = [PUBLIC, GCC, US_GOVERNMENT, DOD, CHINA];

/// The preset that holds when none is named.
pub const DEFAULT: Preset = PUBLIC;

/// The preset of that name.
pub fn named(name: &str) -> Option<Preset> {
    PRESETS.into_iter().find(|preset| preset.name == name)
}
