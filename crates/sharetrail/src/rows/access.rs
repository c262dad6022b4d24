//! `ShareTrailAccess_CL`: who outside reached what.

use std::sync::Arc;

use trail::TimeMs;

use super::row;

row! {
    /// One outside person, one item, one kind of action, at most five minutes between its records.
    pub struct Access {
        /// Event time of the first record.
        TimeGenerated => time_generated: TimeMs;
        /// Event time of the last record.
        LastAt => last_at: TimeMs;
        /// Stable id of the access: a hash of the tenant and the first record's id.
        AccessId => access_id: String;
        /// Readers take the latest revision of an id.
        Revision => revision: i64;
        /// Whether the conclusion no longer holds.
        Withdrawn => withdrawn: bool;
        /// When this revision was concluded.
        ConcludedAt => concluded_at: TimeMs, delivered;
        /// Whose files.
        TenantName => tenant_name: Arc<str>;
        /// Who, under the one name that all forms of the identity share; `anon:…` groups a nameless visitor.
        Person => person: Arc<str>;
        /// `guest`, `passcode_guest`, `anonymous`, `foreign`, `partner_admin`: the form in the first record.
        PersonKind => person_kind: &'static str;
        /// What the verdict "outside" rests on.
        PersonBasis => person_basis: Option<&'static str>;
        /// The person's mail domain.
        Domain => domain: Option<Arc<str>>;
        /// `read`, `weak_read`, `take`, `change`, `delete`, `browse`, `redeem`.
        Action => action: &'static str;
        /// Operation of the first record, as received.
        Operation => operation: Arc<str>;
        /// How many records it rests on.
        Records => records: i64;
        /// `<site id>|<item id>`, else the normalised URL.
        ItemId => item_id: Arc<str>;
        /// URL at that moment.
        ItemUrl => item_url: Option<Arc<str>>;
        /// File or folder name at that moment.
        ItemName => item_name: Option<Arc<str>>;
        /// `File`, `Folder`, `Site`, …
        ItemType => item_type: Option<Arc<str>>;
        /// Address of the site.
        SiteUrl => site_url: Option<Arc<str>>;
        /// The archive in which it was downloaded.
        ZipName => zip_name: Option<Arc<str>>;
        /// The share it came through; empty, as are the columns about it, where none is known or several are as likely.
        ShareId => share_id: Option<Arc<str>>;
        /// Further shares that would have let the person in.
        OtherShareIds => other_share_ids: Option<Vec<String>>;
        /// Kind of that share.
        ShareKind => share_kind: Option<String>;
        /// Who shared.
        SharedBy => shared_by: Option<Arc<str>>;
        /// When it was shared.
        SharedAt => shared_at: Option<TimeMs>;
        /// The rule that matched access and share: `link_used`, `recipient_item`, `recipient_ancestor`, `anonymous_session`,
        /// `link_used_before`, `site_membership`, `only_live_link`, `none`.
        MatchRule => match_rule: String;
        /// How sure the match is: `certain`, `probable`, `possible`; without a share `none` (no share let them in) or
        /// `unknown` (it may have been made before the records begin).
        Confidence => confidence: String;
        /// Whether the item was classified at that moment; empty where nothing is known, which is not `false`.
        Classified => classified: Option<bool>;
        /// Level of the classification: a label's name, the level of a declared place, or `unknown-label`.
        ClassificationLevel => classification_level: Option<Arc<str>>;
        /// Id of the sensitivity label that the item had at that moment, as far as records tell; few bear one.
        LabelId => label_id: Option<Arc<str>>;
        /// Sensitivity label name.
        LabelName => label_name: Option<Arc<str>>;
        /// What the verdict "classified" rests on: `file_label`, `label_event`, `site_label`, `declared`, strongest first.
        ClassificationSource => classification_source: Option<String>;
        /// Client address.
        ClientIp => client_ip: Option<Arc<str>>;
        /// Country of the address, as Defender says.
        Country => country: Option<Arc<str>>;
        /// City of the address, as Defender says.
        City => city: Option<Arc<str>>;
        /// `person`, `service`, `sync`, `bot`.
        ClientKind => client_kind: &'static str;
        /// User agent.
        UserAgent => user_agent: Option<Arc<str>>;
        /// Whether the device was managed.
        ManagedDevice => managed_device: Option<bool>;
        /// Acting application.
        App => app: Option<Arc<str>>;
        /// Defender's own opinion, from its list of domains; changes no verdict.
        DefenderSaysExternal => defender_says_external: Option<bool>;
        /// Which feeds saw it.
        Feeds => feeds: Arc<[String]>;
        /// Ids of the records it rests on, in order of (time, id).
        EvidenceIds => evidence_ids: Vec<String>;
    }
}
