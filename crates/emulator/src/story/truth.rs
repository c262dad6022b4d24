//! What really happened in the seeded tenant.

use serde::Serialize;

/// The truth that results are checked against. `GET /_emulator/truth` answers it as JSON.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Truth {
    /// How many activities the tenant holds.
    pub records: usize,
    /// Every access from outside, in order of (`first_at_ms`, `person`, `item_id`, `action`).
    pub accesses: Vec<TrueAccess>,
    /// Every way in for outsiders.
    pub shares: Vec<TrueShare>,
    /// The awkward cases that the tenant contains, by name, with the audit record ids that make them.
    pub awkward: Vec<AwkwardCase>,
}

/// One outside person, one item, one action, at most five minutes between its records.
#[derive(Debug, Clone, Serialize)]
pub struct TrueAccess {
    /// Canonical identity: an address in lower case, `anon:<value>`.
    pub person: String,
    /// `guest`, `passcode_guest`, `anonymous`, `foreign`, `partner_admin`.
    pub person_kind: String,
    /// `read`, `weak_read`, `take`, `change`, `delete`, `browse`, `redeem`.
    pub action: String,
    /// `<site id>|<list item unique id>`, lower case.
    pub item_id: String,
    /// The object's URL at that moment.
    pub item_url: String,
    /// Event time of the first record, milliseconds.
    pub first_at_ms: i64,
    /// Event time of the last record, milliseconds.
    pub last_at_ms: i64,
    /// `Id`s of the audit records that show it, in order of (time, id).
    pub records: Vec<String>,
    /// The share it came through, when there is one: `UniqueSharingId` (or `site:<site id>` for site membership).
    pub link_id: Option<String>,
    /// Whether the file was classified at that moment, and how: `file_label`, `site_label`, `declared`.
    pub classified: Option<String>,
}

/// One way in, for one recipient or for anyone.
#[derive(Debug, Clone, Serialize)]
pub struct TrueShare {
    /// `UniqueSharingId` (or `site:<site id>`).
    pub link_id: String,
    /// `anyone`, `specific_people`, `invitation`, `direct`, `site_membership`.
    pub kind: String,
    /// Canonical recipient; `None` for anyone.
    pub recipient: Option<String>,
    /// `<site id>|<list item unique id>` of the shared file or folder, or the site's URL.
    pub item_id: String,
    /// The employee who shared, lower case.
    pub shared_by: String,
    /// When, milliseconds.
    pub shared_at_ms: i64,
    /// When it ended, milliseconds.
    pub ended_at_ms: Option<i64>,
    /// Why: `link_removed`, `recipient_removed`, `revoked`, `invitation_revoked`, `item_deleted`, `expired`.
    pub end_reason: Option<String>,
    /// Whether anybody came through it.
    pub used: bool,
}

/// A case that readers of such records often get wrong.
#[derive(Debug, Clone, Serialize)]
pub struct AwkwardCase {
    /// A short name: `ext_underscores`.
    pub name: String,
    /// What is awkward about it, in a sentence.
    pub about: String,
    /// The audit record ids that make it.
    pub records: Vec<String>,
}
