//! Summaries of accesses: one row a person, a domain, an item.

use std::sync::Arc;

use trail::TimeMs;

use super::row;

row! {
    /// Somebody outside. Accesses and items do not count redeemed links and accepted invitations, which only open a door.
    pub struct Person {
        /// Canonical identity.
        Person => person: Arc<str>;
        /// In which forms they came: `guest`, `passcode_guest`, …
        PersonKinds => person_kinds: Vec<String>;
        /// Mail domain.
        Domain => domain: Option<Arc<str>>;
        /// How records name them.
        Forms => forms: Vec<String>;
        /// Other addresses, by an invitation that was accepted under another one.
        Aliases => aliases: Vec<String>;
        /// First record of an access.
        FirstSeen => first_seen: TimeMs;
        /// Last record of an access.
        LastSeen => last_seen: TimeMs;
        /// How many accesses.
        Accesses => accesses: i64;
        /// To how many items.
        Items => items: i64;
        /// Of these, classified at that moment.
        ClassifiedItems => classified_items: i64;
        /// Ways in that were made for this person.
        Shares => shares: i64;
        /// From which countries.
        Countries => countries: Vec<String>;
    }
}

row! {
    /// An organisation outside, by its mail domain.
    pub struct Domain {
        /// The domain; empty for visitors without an address.
        Domain => domain: Option<Arc<str>>;
        /// How many persons.
        People => people: i64;
        /// How many accesses.
        Accesses => accesses: i64;
        /// To how many items.
        Items => items: i64;
        /// Of these, classified at that moment.
        ClassifiedItems => classified_items: i64;
        /// Ways in that were made for its people.
        Shares => shares: i64;
        /// First record of an access.
        FirstSeen => first_seen: TimeMs;
        /// Last record of an access.
        LastSeen => last_seen: TimeMs;
    }
}

row! {
    /// An item that outsiders reached.
    pub struct Item {
        /// `<site id>|<item id>`, else the normalised URL.
        ItemId => item_id: Arc<str>;
        /// URL at the last access.
        ItemUrl => item_url: Option<Arc<str>>;
        /// Name at the last access.
        ItemName => item_name: Option<Arc<str>>;
        /// `File`, `Folder`, `Site`, …
        ItemType => item_type: Option<Arc<str>>;
        /// The site.
        SiteUrl => site_url: Option<Arc<str>>;
        /// Ways in that were made for this very item.
        Shares => shares: i64;
        /// How many persons.
        People => people: i64;
        /// How many accesses.
        Accesses => accesses: i64;
        /// First record of an access.
        FirstSeen => first_seen: TimeMs;
        /// Last record of an access.
        LastSeen => last_seen: TimeMs;
        /// Whether it is classified, at its last access or, where it is shared itself, now.
        ClassifiedNow => classified_now: Option<bool>;
        /// Its level.
        ClassificationLevel => classification_level: Option<Arc<str>>;
        /// Its label.
        LabelName => label_name: Option<Arc<str>>;
    }
}
