//! Which rules there are, and how they are used.

use std::collections::BTreeMap;

/// How much a finding matters; the words of Microsoft Sentinel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// To know.
    Informational,
    /// To look at some day.
    Low,
    /// To look at today.
    Medium,
    /// To look at now.
    High,
}

impl Severity {
    /// All of them, least first.
    pub const ALL: [Self; 4] = [Self::Informational, Self::Low, Self::Medium, Self::High];

    /// Its word in configuration, rows and messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// The severity of this word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.as_str() == word)
    }
}

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Somebody outside reached what was classified at that moment.
    ClassifiedAccess,
    /// A link for anyone leads to what is classified.
    AnyoneLinkClassified,
    /// Somebody came in after the end of the share that would have let them in.
    AccessAfterEnd,
    /// Somebody of a domain that was not there before came in, and no known share explains how.
    UnexplainedNewDomain,
    /// One person outside took many items within an hour.
    MassTake,
    /// Somebody outside was made administrator of a site.
    GuestSiteAdmin,
    /// A site, or the tenant, may be shared more freely than before.
    SharingPolicyWeakened,
    /// Records cannot be had any more, or a feed is far behind.
    FeedBehind,
}

impl Rule {
    /// All of them, in the order of the documents.
    pub const ALL: [Self; 8] = [
        Self::ClassifiedAccess,
        Self::AnyoneLinkClassified,
        Self::AccessAfterEnd,
        Self::UnexplainedNewDomain,
        Self::MassTake,
        Self::GuestSiteAdmin,
        Self::SharingPolicyWeakened,
        Self::FeedBehind,
    ];

    /// Its name in configuration, rows and messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClassifiedAccess => "classified_access",
            Self::AnyoneLinkClassified => "anyone_link_classified",
            Self::AccessAfterEnd => "access_after_end",
            Self::UnexplainedNewDomain => "unexplained_new_domain",
            Self::MassTake => "mass_take",
            Self::GuestSiteAdmin => "guest_site_admin",
            Self::SharingPolicyWeakened => "sharing_policy_weakened",
            Self::FeedBehind => "feed_behind",
        }
    }

    /// The rule of this name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.as_str() == name)
    }

    /// A heading for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::ClassifiedAccess => "Classified content was reached from outside",
            Self::AnyoneLinkClassified => "A link for anyone leads to classified content",
            Self::AccessAfterEnd => "Access after the end of a share",
            Self::UnexplainedNewDomain => "Access by a new domain without a known share",
            Self::MassTake => "One outsider took many items",
            Self::GuestSiteAdmin => "Somebody outside administers a site",
            Self::SharingPolicyWeakened => "Sharing became freer",
            Self::FeedBehind => "Records are missing or late",
        }
    }

    /// What it looks for, in one sentence.
    pub fn about(self) -> &'static str {
        match self {
            Self::ClassifiedAccess => {
                "An access from outside to an item that was classified at that moment, by label or declared place; the mere use \
                 of a link or an invitation does not count."
            }
            Self::AnyoneLinkClassified => {
                "A link for anyone on an item that is classified now; an attempt that policy stopped does not count."
            }
            Self::AccessAfterEnd => {
                "An access more than `after_end_minutes` after the end of the share that it came through, or by a person whose \
                 share of the item, or of a folder or site above it, had ended while no other lets them in."
            }
            Self::UnexplainedNewDomain => {
                "An access that no known share explains, by a person of a mail domain of which nobody was seen in the `days` \
                 before."
            }
            Self::MassTake => {
                "At least `items_min` different items downloaded, copied or synced by one person outside within one hour of the \
                 clock."
            }
            Self::GuestSiteAdmin => "Somebody outside was added to the administrators of a site.",
            Self::SharingPolicyWeakened => {
                "A person switched on what lets people outside in, or off what keeps them out, for a site or the tenant. What \
                 the service itself sets up for new sites does not count."
            }
            Self::FeedBehind => {
                "A span of a feed can no longer be had, or a feed is more than `lag_minutes_max` behind after a pass."
            }
        }
    }

    /// Its severity unless the configuration says otherwise.
    pub fn severity(self) -> Severity {
        match self {
            Self::AnyoneLinkClassified | Self::MassTake | Self::GuestSiteAdmin | Self::AccessAfterEnd => Severity::High,
            Self::ClassifiedAccess | Self::UnexplainedNewDomain | Self::SharingPolicyWeakened => Severity::Medium,
            Self::FeedBehind => Severity::Low,
        }
    }

    /// Whether it is about what is so rather than about what happened: that an old link leads to what has become classified
    /// is news.
    pub fn is_about_a_state(self) -> bool {
        matches!(self, Self::AnyoneLinkClassified)
    }
}

/// The rules in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Those that are on, with their severities.
    pub on: BTreeMap<Rule, Severity>,
    /// [`Rule::MassTake`]: so many different items within an hour.
    pub items_min: u32,
    /// [`Rule::UnexplainedNewDomain`]: a domain is new when nobody of it was seen for so many days.
    pub new_domain_days: u32,
    /// [`Rule::FeedBehind`]: how far a feed may be behind.
    pub lag_minutes_max: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            on: Rule::ALL.into_iter().map(|rule| (rule, rule.severity())).collect(),
            items_min: 50,
            new_domain_days: 14,
            lag_minutes_max: 180,
        }
    }
}

impl Rules {
    /// Whether a rule is on.
    pub fn has(&self, rule: Rule) -> bool {
        self.on.contains_key(&rule)
    }

    /// What tells one set of rules from another, so that a store knows whether it was judged by these.
    pub fn fingerprint(&self) -> String {
        let names: Vec<&str> = self.on.keys().map(|rule| rule.as_str()).collect();
        format!("{} {} {} {}", names.join(","), self.items_min, self.new_domain_days, self.lag_minutes_max)
    }
}
