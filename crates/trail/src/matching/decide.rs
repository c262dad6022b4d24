//! The rules in their order.

use std::borrow::Borrow;
use std::sync::Arc;

use super::way::{Tie, Way, access_path, distance, is_open, path_distance, tie, ways};
use super::{Confidence, Door, Horizon, Match, MatchRule, MatchRules, Trace, Wanted};
use crate::identity::PersonKind;
use crate::operation::Action;
use crate::share::{Share, ShareKind};

/// Through which of `shares` the access came.
///
/// * `shares`: those on the item and on what lies above it (whether or not they were open then), and those of the links
///   that the access and the doors name. More do no harm.
/// * `doors`: uses of links, by this person in the time before, and by anonymous visitors within the window of a session.
///   More do no harm.
/// * `aliases`: other addresses of this person; a share for one of them matches, but only probably.
/// * `horizon`: whether a share could have been missed.
pub fn match_access<S: Borrow<Share>>(
    access: &Wanted,
    shares: &[S],
    doors: &[Door],
    aliases: &[Arc<str>],
    horizon: Horizon,
    rules: &MatchRules,
) -> Match {
    let shares: Vec<&Share> = shares.iter().map(Borrow::borrow).collect();
    let case = Case { access, shares: &shares, aliases, rules, ways: ways(access, &shares, aliases, rules) };
    let found = case
        .by_link()
        // Who used an "Anyone" link did not come through a share of their own, even if they have one.
        .or_else(|| case.by_only_live_link())
        .or_else(|| case.by_recipient())
        .or_else(|| case.by_anonymous_session(doors))
        .or_else(|| case.by_link_used_before(doors))
        .or_else(|| case.by_site_membership());
    case.conclude(found, horizon)
}

/// What a rule found.
struct Found {
    share: Option<usize>,
    link: Option<Arc<str>>,
    rule: MatchRule,
    confidence: Confidence,
}

impl Found {
    fn through(way: &Way<'_>, rule: MatchRule, confidence: Confidence) -> Self {
        Self { share: Some(way.index), link: Some(way.share.link_id.clone()), rule, confidence }
    }
}

struct Case<'s> {
    access: &'s Wanted,
    shares: &'s [&'s Share],
    aliases: &'s [Arc<str>],
    rules: &'s MatchRules,
    /// Ways in that were open, nearest first.
    ways: Vec<Way<'s>>,
}

impl Case<'_> {
    /// The record names the link: then that is it, whether or not we think that it was open.
    fn by_link(&self) -> Option<Found> {
        let link = self.access.link.as_ref()?;
        let (share, tie) = self.share_of_link(link).unzip();
        let confidence = if tie == Some(Tie::Alias) { Confidence::Probable } else { Confidence::Certain };
        Some(Found { share, link: Some(link.clone()), rule: MatchRule::LinkUsed, confidence })
    }

    /// This person's share of a link, else the one for anyone, open or not.
    fn share_of_link(&self, link: &str) -> Option<(usize, Tie)> {
        let mut of_link: Vec<(Tie, &str, usize)> = (0..)
            .zip(self.shares.iter().copied())
            .filter(|(_, share)| *share.link_id == *link)
            .filter_map(|(index, share)| Some((tie(share, self.access, self.aliases)?, &*share.share_id, index)))
            .filter(|(tie, ..)| matches!(tie, Tie::Own | Tie::Alias | Tie::AnyoneLink))
            .collect();
        of_link.sort_unstable();
        of_link.first().map(|(tie, _, index)| (*index, *tie))
    }

    fn by_only_live_link(&self) -> Option<Found> {
        if !self.access.anyone_link {
            return None;
        }
        self.only_live_link(MatchRule::OnlyLiveLink, |_| true)
    }

    /// The "Anyone" link that was open, if there is one; of several none is preferred.
    fn only_live_link(&self, rule: MatchRule, fits: impl Fn(&Share) -> bool) -> Option<Found> {
        if !self.rules.only_live_link {
            return None;
        }
        let mut links = self
            .ways
            .iter()
            .filter(|way| way.tie == Tie::AnyoneLink && way.share.kind == ShareKind::Anyone && fits(way.share));
        let first = links.next()?;
        if links.any(|other| other.share.link_id != first.share.link_id) {
            return Some(Found { share: None, link: None, rule, confidence: Confidence::Possible });
        }
        Some(Found::through(first, rule, Confidence::Probable))
    }

    fn by_recipient(&self) -> Option<Found> {
        let way = self.ways.iter().find(|way| {
            matches!(way.tie, Tie::Own | Tie::Alias | Tie::Everyone) && way.share.kind != ShareKind::SiteMembership
        })?;
        let (rule, confidence) = match (way.distance, way.tie) {
            // That it was there when it was listed does not say that it was there before.
            (0, Tie::Own) if !way.share.is_listed => (MatchRule::RecipientItem, Confidence::Certain),
            (0, _) => (MatchRule::RecipientItem, Confidence::Probable),
            _ => (MatchRule::RecipientAncestor, Confidence::Probable),
        };
        Some(Found::through(way, rule, confidence))
    }

    fn by_anonymous_session(&self, doors: &[Door]) -> Option<Found> {
        if !self.rules.anonymous_session || self.access.person_kind != PersonKind::Anonymous {
            return None;
        }
        let mut joined: Vec<(Join, &Door)> = doors
            .iter()
            .filter(|door| door.person_kind == PersonKind::Anonymous && self.leads_here(door))
            .filter_map(|door| Some((self.join(door)?, door)))
            .collect();
        // The closest tie, then the nearest in time.
        joined.sort_by_key(|(join, door)| (*join, self.access.first_at.0.abs_diff(door.at.0), door.at, door.record));
        joined.into_iter().find_map(|(_, door)| self.through_door(door, MatchRule::AnonymousSession))
    }

    fn by_link_used_before(&self, doors: &[Door]) -> Option<Found> {
        // Anonymous visitors have a window of their own.
        if !self.rules.link_used_before || self.access.person_kind == PersonKind::Anonymous {
            return None;
        }
        let window_ms_max = self.rules.link_used_before_ms_max;
        let mut used: Vec<&Door> = doors
            .iter()
            .filter(|door| door.person == self.access.person && self.leads_here(door))
            .filter(|door| self.is_within(door, self.access.first_at, window_ms_max))
            .collect();
        used.sort_by_key(|door| (std::cmp::Reverse(door.at), door.record));
        used.into_iter().find_map(|door| self.through_door(door, MatchRule::LinkUsedBefore))
    }

    fn by_site_membership(&self) -> Option<Found> {
        if !self.rules.site_membership {
            return None;
        }
        let way = self.ways.iter().find(|way| {
            matches!(way.tie, Tie::Own | Tie::Alias | Tie::Everyone) && way.share.kind == ShareKind::SiteMembership
        })?;
        Some(Found::through(way, MatchRule::SiteMembership, Confidence::Probable))
    }

    /// The way in that a use of a link opened. A link whose share we know must still be open; one whose share we do not
    /// know is taken at its word.
    fn through_door(&self, door: &Door, rule: MatchRule) -> Option<Found> {
        let Some(link) = &door.link else {
            // A use without a link says no more about another use without a link than that one says itself.
            let says_something = door.anyone_link && self.access.action != Action::Redeem;
            let was_open_then = |share: &Share| {
                is_open(share, door.at, self.rules)
                    && distance(share, door.item.as_deref().unwrap_or_default(), door.path.as_deref(), door.at)
                        .is_some()
            };
            return if says_something { self.only_live_link(rule, was_open_then) } else { None };
        };
        let Some((share, _)) = self.share_of_link(link) else {
            return Some(Found { share: None, link: Some(link.clone()), rule, confidence: Confidence::Probable });
        };
        let way = self.ways.iter().find(|way| way.index == share)?;
        Some(Found::through(way, rule, Confidence::Probable))
    }

    /// Whether the link leads to the item, or to a folder above it.
    fn leads_here(&self, door: &Door) -> bool {
        door.item.as_ref() == Some(&self.access.item)
            || door
                .path
                .as_deref()
                .zip(access_path(self.access).as_deref())
                .is_some_and(|(above, below)| path_distance(above, below).is_some())
    }

    /// What ties an anonymous access to a use of a link.
    fn join(&self, door: &Door) -> Option<Join> {
        let access = self.access;
        let is_near = |at| self.is_within(door, at, self.rules.anonymous_session_ms_max);
        if !is_near(access.first_at) {
            return None;
        }
        if door.person == access.person && is_session_value(access) {
            return Some(Join::Value);
        }
        let same = |one: &Option<Arc<str>>, two: &Option<Arc<str>>| one.is_some() && one == two;
        access
            .all_traces()
            .filter(|trace| is_near(trace.at))
            .filter_map(|Trace { ip, session, correlation, .. }| {
                if same(&session, &door.session) || same(&correlation, &door.correlation) {
                    Some(Join::Session)
                } else if self.rules.anonymous_session_by_ip && same(&ip, &door.ip) {
                    Some(Join::Ip)
                } else {
                    None
                }
            })
            .min()
    }

    /// Whether `at` is after the door was opened, at most so long, or before it by no more than the stamps may be off.
    fn is_within(&self, door: &Door, at: crate::TimeMs, window_ms_max: i64) -> bool {
        at >= door.at.plus(-self.rules.early_ms_max) && at <= door.at.plus(window_ms_max)
    }

    fn conclude(&self, found: Option<Found>, horizon: Horizon) -> Match {
        let found = found.unwrap_or_else(|| Found {
            share: None,
            link: None,
            rule: MatchRule::None,
            confidence: if horizon.covers_item_life || self.had_ended() {
                Confidence::None
            } else {
                Confidence::Unknown
            },
        });
        let others = self.ways.iter().map(|way| way.index).filter(|index| Some(*index) != found.share).collect();
        Match { share: found.share, link: found.link, others, rule: found.rule, confidence: found.confidence }
    }

    /// Whether this person's share of the item, or of something above it, had ended before. An anonymous visitor's is
    /// the link for anyone.
    fn had_ended(&self) -> bool {
        let access = self.access;
        self.shares.iter().any(|share| {
            let is_theirs = match tie(share, access, self.aliases) {
                Some(Tie::Own | Tie::Alias) => true,
                Some(Tie::AnyoneLink) => access.person_kind == PersonKind::Anonymous,
                Some(Tie::Everyone | Tie::Group) | None => false,
            };
            is_theirs
                && !share.blocked
                && share.end.is_some_and(|(end, _)| end < access.first_at)
                && distance(share, &access.item, access_path(access).as_deref(), access.first_at).is_some()
        })
    }
}

/// What ties an anonymous access to the use of a link, closest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Join {
    /// The same session value, `anon:<value>`.
    Value,
    /// The same session or correlation.
    Session,
    /// The same client address.
    Ip,
}

/// Whether an anonymous identity is a session's value: the badge of a tenant's anonymous sessions stands for many, and
/// so does an address, which is all that `anonymous` is told apart by.
fn is_session_value(access: &Wanted) -> bool {
    let value = access.person.strip_prefix("anon:").unwrap_or_default();
    let is_address = access.ip.as_deref().is_some_and(|ip| ip.eq_ignore_ascii_case(value));
    !value.is_empty() && value != "tenant" && !is_address
}
