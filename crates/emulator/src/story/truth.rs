//! What really happened in the seeded tenant.

use serde::Serialize;

/// The truth that results are checked against. `GET /_emulator/truth` answers it as JSON.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Truth {
    /// How many activities the tenant holds, re-deliveries among them.
    pub records: usize,
    /// How many different audit records they hold.
    pub distinct_records: usize,
    /// Every access from outside, in order of (`first_at_ms`, `person`, `item_id`, `action`).
    pub accesses: Vec<TrueAccess>,
    /// Every way in for outsiders.
    pub shares: Vec<TrueShare>,
    /// The awkward cases that the tenant contains, by name, with the audit record ids that make them.
    pub awkward: Vec<AwkwardCase>,
    /// What somebody should be told of, as far as accesses and shares do not say it themselves.
    pub alarms: Vec<TrueAlarm>,
    /// The labels that the tenant knows, and which of them count as classified.
    pub labels: Vec<TrueLabel>,
    /// Addresses of the libraries that the security office has declared to be classified.
    pub declared: Vec<String>,
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
    /// The share it came through, when there is one: `UniqueSharingId` (`site:<site id>` for site membership and
    /// invitations to a site, `direct:<item id>` for grants of and invitations to an item without a link).
    pub link_id: Option<String>,
    /// Whether the file was classified at the first record, and how: `file_label`, `site_label`, `declared`; several are
    /// joined by commas, strongest first.
    pub classified: Option<String>,
}

/// One way in, for one recipient or for anyone.
#[derive(Debug, Clone, Serialize)]
pub struct TrueShare {
    /// `UniqueSharingId` (or `site:<site id>`, or `direct:<item id>`).
    pub link_id: String,
    /// `anyone`, `specific_people`, `invitation`, `direct`, `site_membership`.
    pub kind: String,
    /// Canonical recipient; `everyone` for that group; `None` for anyone.
    pub recipient: Option<String>,
    /// `<site id>|<list item unique id>` of the shared file or folder, or the site's URL in lower case.
    pub item_id: String,
    /// The employee who shared, lower case.
    pub shared_by: String,
    /// When, milliseconds; before the story's first day for a share whose making no record shows.
    pub shared_at_ms: i64,
    /// When it ended, milliseconds.
    pub ended_at_ms: Option<i64>,
    /// Why: `link_removed`, `recipient_removed`, `revoked`, `invitation_revoked`, `item_deleted`, `inheritance_reset`,
    /// `expired`.
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

/// A sensitivity label.
#[derive(Debug, Clone, Serialize)]
pub struct TrueLabel {
    /// Immutable id, a GUID.
    pub id: String,
    /// Name, sub-labels as `Parent\Child`.
    pub name: String,
    /// Order number: higher is more sensitive.
    pub order: u32,
    /// Whether a file or site with this label counts as classified.
    pub classified: bool,
}

/// Something that somebody should be told of.
#[derive(Debug, Clone, Serialize)]
pub struct TrueAlarm {
    /// By which rule: `access_after_end`, `anyone_link_classified`, `guest_site_admin`, `sharing_policy_weakened`.
    pub rule: String,
    /// `Id` of the audit record that shows it.
    pub record: String,
}
