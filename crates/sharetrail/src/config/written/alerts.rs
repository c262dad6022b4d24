//! `[alerts]` and `[[rule]]` as written.

use super::*;

table! {
    /// `[alerts]`
    AlertsTable {
        /// For how long nobody is told again of findings of one rule that concern the same person, item, site or feed. They
        /// are listed all the same (`report findings`). 0 tells of each.
        suppress_hours: u64,
        /// What happened longer ago than this when it is found is listed and not told: a first pass looks back for weeks.
        told_within_hours: u64,
        /// Whether webhooks are sent what is new of each week, from Monday to Monday, UTC.
        digest: bool,
        /// Where messages go, each an `[[alerts.webhook]]`.
        webhook: Vec<WebhookTable>,
    }
}

table! {
    /// `[[alerts.webhook]]`
    WebhookTable {
        /// A short name of your own. Required; what waits for a webhook waits under this name.
        name: String,
        /// `teams` (a workflow that takes adaptive cards), `slack` (an incoming webhook) or `json` (anything else). Required.
        kind: String,
        /// Where the address is kept, since whoever knows it can post to it: `keyvault:`, `env:` or `file:`. Required.
        url: String,
        /// With `kind = "json"`: where the secret is that messages are signed with.
        secret: String,
        /// The least severity that it takes: `informational`, `low`, `medium` or `high`.
        severity_min: String,
    }
}

table! {
    /// `[[rule]]`
    RuleTable {
        /// The rule. Required.
        name: String,
        /// Whether it is looked at.
        enabled: bool,
        /// `informational`, `low`, `medium` or `high`, instead of its own.
        severity: String,
        /// With `name = "mass_take"`: so many different items within an hour.
        items_min: u64,
        /// With `name = "unexplained_new_domain"`: a domain is new when nobody of it was seen for so many days.
        days: u64,
        /// With `name = "feed_behind"`: how far a feed may be behind after a pass.
        lag_minutes_max: u64,
    }
}
