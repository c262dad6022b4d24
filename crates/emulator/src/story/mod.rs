//! The seeded tenant: a story that is true by construction, and the records that services would write of it.

pub mod truth;

pub use truth::Truth;

/// What the tenant is made from. The same options give the same tenant, byte for byte.
#[derive(Debug, Clone)]
pub struct StoryOptions {
    /// Seed of the generator.
    pub seed: u64,
    /// How many activities the tenant holds, about; internal noise fills what the story leaves.
    pub records: usize,
    /// Over how many days before `now_ms` the story runs.
    pub days: u32,
    /// The end of the story, in milliseconds since 1970-01-01 UTC.
    pub now_ms: i64,
}

/// The whole tenant.
#[derive(Debug)]
pub struct Tenant {
    /// Who the tenant is.
    pub profile: Profile,
    /// Every activity, ascending by (`created_ms`, `id`).
    pub activities: Vec<StoredActivity>,
    /// What happened, told by the story and never computed from the records.
    pub truth: Truth,
}

/// Names and numbers of the tenant.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Short name: `contoso`.
    pub name: String,
    /// Entra tenant id, a GUID.
    pub tenant_id: String,
    /// Accepted domains, `contoso.example` and `contoso.onmicrosoft.com` among them.
    pub internal_domains: Vec<String>,
    /// Defender's own number of the tenant: `97134000`.
    pub defender_tenant_number: u64,
}

/// One activity as Defender for Cloud Apps keeps it, with the fields that its filters look at.
#[derive(Debug, Clone)]
pub struct StoredActivity {
    /// `_id`: `<tenant number>_<app id>_<audit record id>`.
    pub id: String,
    /// When Defender stored it.
    pub created_ms: i64,
    /// When it happened.
    pub timestamp_ms: i64,
    /// `appId`: 20892 SharePoint Online, 15600 OneDrive, 28375 Teams, 11161 Microsoft 365.
    pub app_id: u32,
    /// The activity's JSON text, exactly as a list answer holds it.
    pub json: Box<str>,
    /// Where in `json` the value of `rawDataJson` stands: the audit record itself.
    pub audit: std::ops::Range<usize>,
}

impl StoredActivity {
    /// The audit record inside, as the Management API would deliver it.
    pub fn audit_json(&self) -> &str {
        &self.json[self.audit.clone()]
    }
}
