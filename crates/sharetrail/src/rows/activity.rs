//! `ShareTrailActivity_CL`: every kept activity, off by default.

use std::sync::Arc;

use trail::TimeMs;

use super::row;

row! {
    /// Who did what to which item, when, from where.
    pub struct Activity {
        /// Event time.
        TimeGenerated => time_generated: Option<TimeMs>;
        /// The audit record's `Id`.
        ActivityId => activity_id: String;
        /// Whose files.
        TenantName => tenant_name: Arc<str>;
        /// Operation, as received.
        Operation => operation: Option<Arc<str>>;
        /// Workload.
        Workload => workload: Option<Arc<str>>;
        /// Canonical identity of the actor.
        Person => person: Arc<str>;
        /// Kind of actor.
        PersonKind => person_kind: &'static str;
        /// `<site id>|<item id>`, else the normalised URL.
        ItemId => item_id: Option<Arc<str>>;
        /// URL at that moment.
        ItemUrl => item_url: Option<Arc<str>>;
        /// Name at that moment.
        ItemName => item_name: Option<Arc<str>>;
        /// `File`, `Folder`, `Site`, …
        ItemType => item_type: Option<Arc<str>>;
        /// The site.
        SiteUrl => site_url: Option<Arc<str>>;
        /// Whom a sharing operation was aimed at, canonical.
        Target => target: Option<Arc<str>>;
        /// Kind of that target.
        TargetKind => target_kind: Option<Arc<str>>;
        /// `UniqueSharingId`.
        LinkId => link_id: Option<Arc<str>>;
        /// The file's sensitivity label at that moment.
        LabelId => label_id: Option<Arc<str>>;
        /// The site's sensitivity label at that moment.
        SiteLabelId => site_label_id: Option<Arc<str>>;
        /// What an administrator changed about how sites may be shared: `property: before -> after`, one a line.
        Changes => changes: Option<Arc<str>>;
        /// Client address.
        ClientIp => client_ip: Option<Arc<str>>;
        /// `person`, `service`, `sync`, `bot`.
        ClientKind => client_kind: &'static str;
        /// User agent.
        UserAgent => user_agent: Option<Arc<str>>;
        /// Acting application.
        App => app: Option<Arc<str>>;
        /// Which feeds saw it.
        Feeds => feeds: Arc<[String]>;
    }
}
