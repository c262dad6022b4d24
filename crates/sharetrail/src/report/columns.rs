//! The columns that a table shows, of the many there are.

use super::Shown;

/// The less a narrow terminal needs it, the more it is `dispensable`; 0 always stays.
const fn column(key: &'static str, heading: &'static str, dispensable: u8) -> Shown {
    Shown { key, heading, dispensable }
}

pub(super) const ACCESS: &[Shown] = &[
    column("time_generated", "when (UTC)", 0),
    column("person", "person", 0),
    column("person_kind", "kind", 5),
    column("action", "action", 2),
    column("item_name", "item", 0),
    column("site_url", "site", 4),
    column("country", "country", 6),
    column("classification_level", "level", 7),
    column("classified", "classified", 0),
    column("shared_by", "shared by", 3),
    column("match_rule", "match rule", 8),
    column("confidence", "confidence", 1),
];
pub(super) const SHARE: &[Shown] = &[
    column("time_generated", "since (UTC)", 0),
    column("share_kind", "kind", 4),
    column("permission", "permission", 6),
    column("item_name", "item", 0),
    column("site_url", "site", 5),
    column("recipient", "recipient", 0),
    column("shared_by", "shared by", 2),
    column("state", "state", 0),
    column("uses", "uses", 3),
    column("classification_level", "level", 7),
    column("classified_now", "classified", 1),
];
pub(super) const UNUSED: &[Shown] = &[
    column("days_open", "days open", 0),
    column("share_kind", "kind", 2),
    column("item_name", "item", 0),
    column("site_url", "site", 3),
    column("recipient", "recipient", 0),
    column("shared_by", "shared by", 0),
    column("classification_level", "level", 4),
    column("classified_now", "classified", 1),
];
pub(super) const FINDING: &[Shown] = &[
    column("time_generated", "when (UTC)", 0),
    column("severity", "severity", 1),
    column("rule", "rule", 0),
    column("person", "person", 2),
    column("item_name", "item", 3),
    column("text", "what", 4),
    column("told", "told", 0),
];
pub(super) const PERSON: &[Shown] = &[
    column("person", "person", 0),
    column("person_kinds", "came as", 4),
    column("accesses", "accesses", 0),
    column("items", "items", 3),
    column("classified_items", "classified", 1),
    column("shares", "shares", 5),
    column("countries", "countries", 6),
    column("first_seen", "first seen (UTC)", 7),
    column("last_seen", "last seen (UTC)", 2),
];
pub(super) const DOMAIN: &[Shown] = &[
    column("domain", "domain", 0),
    column("people", "people", 0),
    column("accesses", "accesses", 0),
    column("items", "items", 3),
    column("classified_items", "classified", 1),
    column("shares", "shares", 4),
    column("last_seen", "last seen (UTC)", 2),
];
pub(super) const ITEM: &[Shown] = &[
    column("item_name", "item", 0),
    column("site_url", "site", 3),
    column("people", "people", 0),
    column("accesses", "accesses", 0),
    column("shares", "shares", 4),
    column("classification_level", "level", 5),
    column("classified_now", "classified", 1),
    column("last_seen", "last seen (UTC)", 2),
];
pub(super) const ACCEPT: &[Shown] = &[
    column("created_date_time", "created (UTC)", 0),
    column("collaborator", "collaborator", 0),
    column("operation", "operation", 2),
    column("source_file_name", "file", 0),
    column("site_url", "site", 3),
    column("app_name", "app", 4),
];
pub(super) const GAP: &[Shown] = &[
    column("feed", "feed", 0),
    column("from_time", "from (UTC)", 0),
    column("to_time", "to (UTC)", 0),
    column("reason", "reason", 0),
];
pub(super) const ARRIVED: &[Shown] = &[
    column("day", "day (UTC)", 0),
    column("feed", "feed", 0),
    column("listed", "listed", 0),
    column("stored", "stored", 0),
    column("known", "known before", 0),
    column("not_kept", "not kept", 0),
    column("rejected", "rejected", 0),
];
pub(super) const EXCLUDED: &[Shown] = &[
    column("records", "records", 0),
    column("reason", "left out because", 0),
    column("example", "one of them (show record)", 1),
];
