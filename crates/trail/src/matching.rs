//! Through which share an access came: the rules, in order, each with how sure it is.
//!
//! The caller hands over the access, the shares that lie on its item or above it (and those of the link that it names),
//! and the records of links being used that happened near it. The first rule that fits decides; every other way in that
//! was open at that time is listed beside it. Nothing here depends on the order in which shares and doors are given.

mod decide;
mod horizon;
#[cfg(test)]
mod tests;
mod wanted;
mod way;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use decide::match_access;
pub use horizon::{Horizon, covers_item_life, created_at};
pub use wanted::{Door, Trace, Wanted};

use crate::TimeMs;

const MINUTE_MS: i64 = 60 * 1000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// Column `MatchRule`: what ties an access to its share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MatchRule {
    /// The record itself names the link.
    LinkUsed,
    /// The person is a recipient of a share of this very item.
    RecipientItem,
    /// The person is a recipient of a share of a folder, library or site above it.
    RecipientAncestor,
    /// An anonymous visitor, joined to the use of an "Anyone" link by session value, session, correlation or address.
    AnonymousSession,
    /// The same person used a link to the item, or to a folder above it, shortly before.
    LinkUsedBefore,
    /// The person is a member of the site.
    SiteMembership,
    /// An "Anyone" link was used, the record does not say which; one (or, less surely, several) was open.
    OnlyLiveLink,
    /// No rule fits.
    None,
}

impl MatchRule {
    /// The value of the column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LinkUsed => "link_used",
            Self::RecipientItem => "recipient_item",
            Self::RecipientAncestor => "recipient_ancestor",
            Self::AnonymousSession => "anonymous_session",
            Self::LinkUsedBefore => "link_used_before",
            Self::SiteMembership => "site_membership",
            Self::OnlyLiveLink => "only_live_link",
            Self::None => "none",
        }
    }
}

/// Column `Confidence` of an access: how sure the match is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// The records leave no other reading.
    Certain,
    /// The reading that the records suggest.
    Probable,
    /// One of several readings.
    Possible,
    /// No known share, but one may have been made before we looked.
    Unknown,
    /// No known share, and there is none that we could have missed.
    None,
}

impl Confidence {
    /// The value of the column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Probable => "probable",
            Self::Possible => "possible",
            Self::Unknown => "unknown",
            Self::None => "none",
        }
    }
}

/// The share of an access, or that there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Index of the share; `None` without a match, for a link whose share was not seen, and where several links are
    /// equally possible (then they are the `others`).
    pub share: Option<usize>,
    /// The link, also when no share of it was seen.
    pub link: Option<Arc<str>>,
    /// Indices of the other ways in that were open to this person (groups of unknown membership among them), nearest
    /// first.
    pub others: Vec<usize>,
    /// What ties them.
    pub rule: MatchRule,
    /// How sure that is.
    pub confidence: Confidence,
}

/// Windows and switches of the rules that rest on our own inference and not on what a record states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchRules {
    /// How much earlier than its share or its door an access may be stamped, in milliseconds: records of one moment
    /// are written by several services.
    pub early_ms_max: i64,
    /// How long after the end of a share an access still goes through it, in milliseconds: ends take time to spread,
    /// and open sessions last.
    pub after_end_ms_max: i64,
    /// How long an anonymous session lasts after its link was used, in milliseconds.
    pub anonymous_session_ms_max: i64,
    /// How long after the use of a link the same person's accesses count as coming through it, in milliseconds.
    pub link_used_before_ms_max: i64,
    /// Whether [`MatchRule::AnonymousSession`] is asked at all.
    pub anonymous_session: bool,
    /// Whether the same client address is enough to join an anonymous session; behind one address may be many people.
    pub anonymous_session_by_ip: bool,
    /// Whether [`MatchRule::LinkUsedBefore`] is asked.
    pub link_used_before: bool,
    /// Whether [`MatchRule::SiteMembership`] is asked.
    pub site_membership: bool,
    /// Whether [`MatchRule::OnlyLiveLink`] is asked.
    pub only_live_link: bool,
}

impl Default for MatchRules {
    fn default() -> Self {
        Self {
            early_ms_max: MINUTE_MS,
            after_end_ms_max: 15 * MINUTE_MS,
            anonymous_session_ms_max: 12 * HOUR_MS,
            link_used_before_ms_max: 24 * HOUR_MS,
            anonymous_session: true,
            anonymous_session_by_ip: true,
            link_used_before: true,
            site_membership: true,
            only_live_link: true,
        }
    }
}

/// Whether an access belongs into the report `unexplained`: no rule fits, or its share had ended more than
/// [`MatchRules::after_end_ms_max`] before. `ended_at` is the end of the share that was matched.
pub fn is_unexplained(matched: &Match, ended_at: Option<TimeMs>, first_at: TimeMs, rules: &MatchRules) -> bool {
    matched.rule == MatchRule::None || ended_at.is_some_and(|end| first_at > end.plus(rules.after_end_ms_max))
}
