//! Which shares were open ways in to an item, for one person at one time, and how near.

use crate::identity::{PersonKind, RecipientKind};
use crate::item::normalise_url;
use crate::share::{Share, ShareKind};
use crate::{RecordId, TimeMs};

use super::{MatchRules, Wanted};

/// What a person has to do with a share, closest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tie {
    /// Its recipient.
    Own,
    /// Its recipient under another address.
    Alias,
    /// One of everyone who can sign in.
    Everyone,
    /// Whoever has the link.
    AnyoneLink,
    /// Perhaps a member of the group that it is for.
    Group,
}

/// A share that was open to the person and covers the item.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way<'s> {
    pub(super) index: usize,
    pub(super) share: &'s Share,
    pub(super) tie: Tie,
    /// How many folders above the item it lies; 0 is the item itself.
    pub(super) distance: usize,
    /// It had ended already, and the end may not have spread yet.
    ended: bool,
}

/// All ways in, nearest first; the order depends on what they are and not on where they stood.
pub(super) fn ways<'s>(
    access: &Wanted,
    shares: &[&'s Share],
    aliases: &[std::sync::Arc<str>],
    rules: &MatchRules,
) -> Vec<Way<'s>> {
    let at = access.first_at;
    let mut ways: Vec<Way<'s>> = (0..)
        .zip(shares.iter().copied())
        .filter(|(_, share)| is_open(share, at, rules))
        .filter_map(|(index, share)| {
            let tie = tie(share, access, aliases)?;
            let distance = distance(share, &access.item, access_path(access).as_deref(), at)?;
            Some(Way { index, share, tie, distance, ended: share.end.is_some_and(|(end, _)| end < at) })
        })
        .collect();
    ways.sort_by(|one, two| one.key().cmp(&two.key()));
    ways
}

impl<'s> Way<'s> {
    fn key(&self) -> (usize, Tie, bool, bool, TimeMs, &'s str, &'s [RecordId]) {
        let share = self.share;
        (self.distance, self.tie, self.ended, share.is_listed, share.first_sign_at, &share.share_id, &share.evidence)
    }
}

/// What this person has to do with the share, if anything. Nobody can tell who an anonymous visitor is, so such a one
/// comes through links for anyone alone.
pub(super) fn tie(share: &Share, access: &Wanted, aliases: &[std::sync::Arc<str>]) -> Option<Tie> {
    let is_anonymous = access.person_kind == PersonKind::Anonymous;
    match share.recipient_kind {
        RecipientKind::Anyone if share.kind == ShareKind::Anyone || share.recipient.is_none() => Some(Tie::AnyoneLink),
        RecipientKind::Anyone => (!is_anonymous).then_some(Tie::Everyone),
        RecipientKind::Group => (!is_anonymous).then_some(Tie::Group),
        RecipientKind::Person(_) if is_anonymous => None,
        RecipientKind::Person(_) if share.recipient.as_ref() == Some(&access.person) => Some(Tie::Own),
        RecipientKind::Person(_) => {
            share.recipient.as_ref().is_some_and(|name| aliases.contains(name)).then_some(Tie::Alias)
        }
        RecipientKind::AllInsiders | RecipientKind::Plumbing => None,
    }
}

/// Whether the share let its recipients in at that time, with the allowances of the rules. A share whose making was not
/// seen was there from the beginning, as far as anybody can tell. It falls asleep as it ends: not at once, so that who
/// deletes a file has still come through the share that let them.
pub(super) fn is_open(share: &Share, at: TimeMs, rules: &MatchRules) -> bool {
    let is_asleep =
        share.dormant.iter().any(|(from, to)| from.plus(rules.after_end_ms_max) < at && to.is_none_or(|to| at < to));
    !share.blocked
        && !is_asleep
        && share.shared_at.is_none_or(|made| at >= made.plus(-rules.early_ms_max))
        && share.end.is_none_or(|(end, _)| at <= end.plus(rules.after_end_ms_max))
}

/// How many folders above an item the share lay at that time; 0 when it is of the item itself. `None`: it does not
/// cover it.
///
/// A share follows its item through renames and moves, so the key comes first; the path serves where a source gives
/// no item ids, and for everything below a folder.
pub(super) fn distance(share: &Share, item: &str, path: Option<&str>, at: TimeMs) -> Option<usize> {
    if *share.item == *item {
        return Some(0);
    }
    let path = path?;
    share
        .places
        .iter()
        .filter(|place| place.from.is_none_or(|from| from <= at) && place.to.is_none_or(|to| at < to))
        .filter_map(|place| path_distance(&place.path, path))
        // Two different items may follow each other at one path.
        .filter(|distance| *distance > 0 || !are_different_ids(&share.item, item))
        .min()
}

/// How many segments `below` lies below `above`: 0 for the same path, `None` when it does not. `/a/b` is above `/a/b/c`
/// and not above `/a/bc`.
pub(super) fn path_distance(above: &str, below: &str) -> Option<usize> {
    let rest = below.strip_prefix(above).filter(|_| !above.is_empty())?;
    (rest.is_empty() || rest.starts_with('/')).then(|| rest.bytes().filter(|byte| *byte == b'/').count())
}

/// Where the access was, at least the site.
pub(super) fn access_path(access: &Wanted) -> Option<std::borrow::Cow<'_, str>> {
    match &access.path {
        Some(path) => Some(path.as_ref().into()),
        None => access.site.as_deref().map(|site| normalise_url(site).into()),
    }
}

/// Whether both keys are made of site and item id, and differ. A key without ids is a URL, which has no `|`.
fn are_different_ids(one: &str, two: &str) -> bool {
    one != two && one.contains('|') && two.contains('|')
}
