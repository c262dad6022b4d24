//! What a rule found.

use serde::{Deserialize, Serialize};
use trail::{RecordId, TimeMs};

use super::Rule;

/// What a rule found; the parts that have no meaning for it are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Finding {
    /// What it is about: the id of an access, a share, a gap; whatever makes it the same finding when it is found again.
    pub about: String,
    /// Who or what it concerns: findings of one rule that concern the same are told once in a while.
    pub concerns: String,
    /// When it happened, milliseconds.
    pub at: i64,
    /// What happened, in one sentence.
    pub text: String,
    /// Who.
    pub person: Option<String>,
    /// Their mail domain.
    pub domain: Option<String>,
    /// Key of the item.
    pub item_id: Option<String>,
    /// Its address.
    pub item_url: Option<String>,
    /// Its name.
    pub item_name: Option<String>,
    /// Its site.
    pub site_url: Option<String>,
    /// The share.
    pub share_id: Option<String>,
    /// The access.
    pub access_id: Option<String>,
    /// The feed.
    pub feed: Option<String>,
    /// How many items, minutes or whatever is counted.
    pub count: Option<i64>,
    /// Ids of the records that show it, or the first of them.
    pub evidence_ids: Vec<String>,
}

impl Finding {
    /// Its stable id: the same rule about the same thing of the same tenant is the same finding.
    pub fn id(&self, rule: Rule, tenant: &str) -> RecordId {
        RecordId(trail::id::hash16(format!("{}\n{tenant}\n{}", rule.as_str(), self.about).as_bytes()))
    }

    /// When it happened.
    pub fn time(&self) -> TimeMs {
        TimeMs(self.at)
    }
}
