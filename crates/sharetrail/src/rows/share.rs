//! `ShareTrailShare_CL`: every way in for outsiders.

use std::sync::Arc;

use trail::TimeMs;

use super::row;

row! {
    /// One way in, for one recipient or for anyone.
    pub struct Share {
        /// When it was made, else the first sign of it.
        TimeGenerated => time_generated: TimeMs;
        /// Stable id: the link's for anyone, else the link's and a hash of the recipient.
        ShareId => share_id: Arc<str>;
        /// The link.
        LinkId => link_id: Arc<str>;
        /// Readers take the latest revision of an id.
        Revision => revision: i64;
        /// The conclusion no longer holds.
        Withdrawn => withdrawn: bool;
        /// When this revision was concluded.
        ConcludedAt => concluded_at: TimeMs, delivered;
        /// Whose files.
        TenantName => tenant_name: Arc<str>;
        /// `anyone`, `specific_people`, `invitation`, `direct`, `site_membership`, `unknown`.
        ShareKind => share_kind: &'static str;
        /// `View`, `Edit`, … as far as the records tell.
        Permission => permission: Option<Arc<str>>;
        /// `<site id>|<item id>`, else the normalised URL.
        ItemId => item_id: Arc<str>;
        /// URL of the shared item.
        ItemUrl => item_url: Option<Arc<str>>;
        /// Its name.
        ItemName => item_name: Option<Arc<str>>;
        /// `File`, `Folder`, `Site`, …
        ItemType => item_type: Option<Arc<str>>;
        /// The site.
        SiteUrl => site_url: Option<Arc<str>>;
        /// Canonical identity of the recipient; empty for anyone.
        Recipient => recipient: Option<Arc<str>>;
        /// What the recipient is: as `PersonKind`, and `anyone`, `group`.
        RecipientKind => recipient_kind: Option<&'static str>;
        /// The recipient's mail domain.
        Domain => domain: Option<Arc<str>>;
        /// Who shared.
        SharedBy => shared_by: Option<Arc<str>>;
        /// When; empty when the making was not seen.
        SharedAt => shared_at: Option<TimeMs>;
        /// When the invitation was accepted.
        AcceptedAt => accepted_at: Option<TimeMs>;
        /// First access that came through it.
        FirstUsedAt => first_used_at: Option<TimeMs>;
        /// Last access that came through it.
        LastUsedAt => last_used_at: Option<TimeMs>;
        /// Accesses that came through it.
        Uses => uses: i64;
        /// When it ended, or will.
        EndedAt => ended_at: Option<TimeMs>;
        /// Why.
        EndReason => end_reason: Option<&'static str>;
        /// `live`, `realised`, `dormant`, `ended`, `blocked`; `expired` in reports only.
        State => state: &'static str;
        /// `certain`, or `possible` for groups of unknown membership.
        Confidence => confidence: &'static str;
        /// Whether the item is classified now; empty where nothing is known, which is not `false`.
        ClassifiedNow => classified_now: Option<bool>;
        /// Its level.
        ClassificationLevel => classification_level: Option<Arc<str>>;
        /// Sensitivity label id.
        LabelId => label_id: Option<Arc<str>>;
        /// Sensitivity label name.
        LabelName => label_name: Option<Arc<str>>;
        /// What the verdict rests on.
        ClassificationSource => classification_source: Option<String>;
        /// Ids of the records it rests on, in order of (time, id).
        EvidenceIds => evidence_ids: Vec<String>;
    }
}
