//! The columns that a table shows, of the many there are.

use super::Shown;

pub(super) const ACCESS: &[Shown] = &[
    Shown { key: "time_generated", heading: "when (UTC)" },
    Shown { key: "person", heading: "person" },
    Shown { key: "person_kind", heading: "kind" },
    Shown { key: "action", heading: "action" },
    Shown { key: "item_name", heading: "item" },
    Shown { key: "site_url", heading: "site" },
    Shown { key: "country", heading: "country" },
    Shown { key: "classification_level", heading: "level" },
    Shown { key: "classified", heading: "classified" },
    Shown { key: "shared_by", heading: "shared by" },
    Shown { key: "match_rule", heading: "match rule" },
    Shown { key: "confidence", heading: "confidence" },
];
pub(super) const SHARE: &[Shown] = &[
    Shown { key: "time_generated", heading: "since (UTC)" },
    Shown { key: "share_kind", heading: "kind" },
    Shown { key: "permission", heading: "permission" },
    Shown { key: "item_name", heading: "item" },
    Shown { key: "site_url", heading: "site" },
    Shown { key: "recipient", heading: "recipient" },
    Shown { key: "shared_by", heading: "shared by" },
    Shown { key: "state", heading: "state" },
    Shown { key: "uses", heading: "uses" },
    Shown { key: "classification_level", heading: "level" },
    Shown { key: "classified_now", heading: "classified" },
];
pub(super) const UNUSED: &[Shown] = &[
    Shown { key: "days_open", heading: "days open" },
    Shown { key: "share_kind", heading: "kind" },
    Shown { key: "item_name", heading: "item" },
    Shown { key: "site_url", heading: "site" },
    Shown { key: "recipient", heading: "recipient" },
    Shown { key: "shared_by", heading: "shared by" },
    Shown { key: "classification_level", heading: "level" },
    Shown { key: "classified_now", heading: "classified" },
];
pub(super) const PERSON: &[Shown] = &[
    Shown { key: "person", heading: "person" },
    Shown { key: "person_kinds", heading: "came as" },
    Shown { key: "accesses", heading: "accesses" },
    Shown { key: "items", heading: "items" },
    Shown { key: "classified_items", heading: "classified" },
    Shown { key: "shares", heading: "shares" },
    Shown { key: "countries", heading: "countries" },
    Shown { key: "first_seen", heading: "first seen (UTC)" },
    Shown { key: "last_seen", heading: "last seen (UTC)" },
];
pub(super) const DOMAIN: &[Shown] = &[
    Shown { key: "domain", heading: "domain" },
    Shown { key: "people", heading: "people" },
    Shown { key: "accesses", heading: "accesses" },
    Shown { key: "items", heading: "items" },
    Shown { key: "classified_items", heading: "classified" },
    Shown { key: "shares", heading: "shares" },
    Shown { key: "last_seen", heading: "last seen (UTC)" },
];
pub(super) const ITEM: &[Shown] = &[
    Shown { key: "item_name", heading: "item" },
    Shown { key: "site_url", heading: "site" },
    Shown { key: "people", heading: "people" },
    Shown { key: "accesses", heading: "accesses" },
    Shown { key: "shares", heading: "shares" },
    Shown { key: "classification_level", heading: "level" },
    Shown { key: "classified_now", heading: "classified" },
    Shown { key: "last_seen", heading: "last seen (UTC)" },
];
pub(super) const ACCEPT: &[Shown] = &[
    Shown { key: "created_date_time", heading: "created (UTC)" },
    Shown { key: "collaborator", heading: "collaborator" },
    Shown { key: "operation", heading: "operation" },
    Shown { key: "source_file_name", heading: "file" },
    Shown { key: "site_url", heading: "site" },
    Shown { key: "app_name", heading: "app" },
];
pub(super) const GAP: &[Shown] = &[
    Shown { key: "feed", heading: "feed" },
    Shown { key: "from_time", heading: "from (UTC)" },
    Shown { key: "to_time", heading: "to (UTC)" },
    Shown { key: "reason", heading: "reason" },
];
pub(super) const ARRIVED: &[Shown] = &[
    Shown { key: "day", heading: "day (UTC)" },
    Shown { key: "feed", heading: "feed" },
    Shown { key: "listed", heading: "listed" },
    Shown { key: "stored", heading: "stored" },
    Shown { key: "known", heading: "known before" },
    Shown { key: "not_kept", heading: "not kept" },
    Shown { key: "rejected", heading: "rejected" },
];
pub(super) const EXCLUDED: &[Shown] = &[
    Shown { key: "records", heading: "records" },
    Shown { key: "reason", heading: "left out because" },
    Shown { key: "example", heading: "one of them (show record)" },
];
