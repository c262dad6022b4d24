//! `[[tenant]]` as written, but for its feeds and sinks.

use super::*;

table! {
    /// One `[[tenant]]`.
    TenantTable {
        /// Short name; also the store's file name where there are several tenants. Required.
        name: String,
        /// The tenant's directory id. Required.
        tenant_id: String,
        /// Accepted domains: their people are inside. Without any, nobody is known to be inside.
        internal_domains: Vec<String>,
        /// Domains of sister companies whose people count as inside.
        trusted_domains: Vec<String>,
        /// When `run` reads this tenant's feeds; as in `[run]` if left out.
        schedule: String,
        /// `relevant` keeps records that can matter to the question and counts the others; `all` keeps everything.
        keep: String,
        /// Another identity for this tenant's services; its secret may be in the vault.
        identity: IdentityTable,
        /// What counts as classified; without it, no label and no place does.
        classification: ClassificationTable,
        /// What Microsoft Graph is asked about the tenant itself.
        directory: DirectoryTable,
        /// Sites of teams, each a `[[tenant.team]]`: records of Teams say who joined a team and not which site is its own.
        team: Vec<TeamTable>,
        /// How accesses are matched to shares where no record says it.
        matching: MatchingTable,
        /// The audit feed: Office 365 Management Activity API.
        audit: AuditTable,
        /// The Defender for Cloud Apps feed.
        defender: DefenderTable,
        /// Advanced hunting (Defender XDR): the feed for tenants that leave the Defender API.
        hunting: HuntingTable,
        /// Audit-log queries of Microsoft Graph, for `backfill`.
        graph: GraphTable,
        /// Where rows go; none is needed for reports.
        sink: SinkTable,
    }
}

table! {
    /// `[tenant.classification]`
    ClassificationTable {
        /// The tenant's labels, one a line: `GUID,name[,parent,order]`, with or without a header; a relative path starts
        /// at the configuration's folder.
        labels_file: String,
        /// Labels that are classified, by immutable id, or by name, which needs `labels_file` or Graph. A label stands for its
        /// sub-labels.
        classified_labels: Vec<String>,
        /// Labels of this order number or a higher one are classified; needs `labels_file` or Graph.
        order_min: u64,
        /// Policies of data loss prevention, by id or name: a file that one of them matches is classified.
        classified_policies: Vec<String>,
        /// Whether a known label of a file outweighs the declaration of its place.
        lower_label_lowers_declared: bool,
        /// Places that are classified whatever the labels in them say, each a `[[tenant.classification.declared]]`.
        declared: Vec<DeclaredTable>,
    }
}

table! {
    /// One `[[tenant.classification.declared]]`.
    DeclaredTable {
        /// Address of a site, library or folder, with all below it.
        url: String,
        /// Id of a site, instead of `url`.
        site_id: String,
        /// What it is: the name of a label, or any other text. Required.
        level: String,
    }
}

table! {
    /// `[tenant.directory]`
    DirectoryTable {
        /// Whether names and order of the labels come from Graph, which needs the role
        /// `InformationProtectionPolicy.Read.All`; what `labels_file` says goes before.
        labels: bool,
        /// Whether verified domains come from Graph and count as inside beside `internal_domains`, which needs the role
        /// `Domain.Read.All`.
        domains: bool,
        /// After how many hours Graph is asked again.
        refresh_hours: u64,
    }
}

table! {
    /// One `[[tenant.team]]`.
    TeamTable {
        /// Id of the Microsoft 365 group behind the team, which a link to the team contains (`groupId`). Required.
        group_id: String,
        /// Address of the team's site. Required.
        site: String,
    }
}

table! {
    /// `[tenant.matching]`
    MatchingTable {
        /// How long after the end of a share an access still goes through it; later ones are unexplained.
        after_end_minutes: u64,
        /// How much earlier than its share an access may be stamped.
        early_seconds: u64,
        /// How long an anonymous session lasts after its link was used.
        anonymous_session_hours: u64,
        /// How long after the use of a link the same person's accesses count as coming through it.
        link_used_before_hours: u64,
        /// Whether anonymous accesses are joined to the use of an "Anyone" link by session.
        anonymous_session: bool,
        /// Whether the same client address is enough for that; behind one address may be many people.
        anonymous_session_by_ip: bool,
        /// Whether the earlier use of a link by the same person explains an access.
        link_used_before: bool,
        /// Whether membership of the site explains an access.
        site_membership: bool,
        /// Whether the only open "Anyone" link is taken for one that was used and is not named.
        only_live_link: bool,
    }
}
