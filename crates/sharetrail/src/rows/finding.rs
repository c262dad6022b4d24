//! What the rules of alerts found.

use std::sync::Arc;

use trail::TimeMs;

use super::row;

row! {
    /// What a rule found, and whether somebody was told.
    pub struct Finding {
        /// When it happened.
        TimeGenerated => time_generated: TimeMs;
        /// Stable id: the same rule about the same thing is the same finding.
        FindingId => finding_id: String;
        /// Whose files.
        TenantName => tenant_name: Arc<str>;
        /// The rule.
        Rule => rule: String;
        /// `informational`, `low`, `medium`, `high`.
        Severity => severity: String;
        /// What happened, in one sentence.
        Text => text: String;
        /// When the rule found it.
        FoundAt => found_at: TimeMs;
        /// What it rests on no longer holds, as a later record showed.
        Withdrawn => withdrawn: bool;
        /// Whether webhooks told somebody: `told`, `waiting`, `suppressed` (told of the like shortly before), `old` (it had
        /// happened long before it was found), `nobody` (no webhook takes findings of this severity).
        Told => told: String;
        /// Who.
        Person => person: Option<String>;
        /// The person's mail domain.
        Domain => domain: Option<String>;
        /// `<site id>|<item id>`, else the normalised URL.
        ItemId => item_id: Option<String>;
        /// Its URL.
        ItemUrl => item_url: Option<String>;
        /// Its name.
        ItemName => item_name: Option<String>;
        /// Address of the site.
        SiteUrl => site_url: Option<String>;
        /// The share.
        ShareId => share_id: Option<String>;
        /// The access.
        AccessId => access_id: Option<String>;
        /// The feed.
        Feed => feed: Option<String>;
        /// How many items were taken, or how many minutes a feed is behind.
        Count => count: Option<i64>;
        /// Ids of the records that show it, or the first of them.
        EvidenceIds => evidence_ids: Vec<String>;
    }
}
