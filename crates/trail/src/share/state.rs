//! What a share is worth at a moment.

use super::site::levels_above;
use super::{EndReason, Share};
use crate::TimeMs;

/// Column `State`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Open, and never used as far as we know.
    Live,
    /// Open and used.
    Realised,
    /// Asleep: the item lies in a recycle bin.
    Dormant,
    /// Over.
    Ended,
    /// Stopped by policy before it let anybody in.
    Blocked,
    /// Ran out. Depends on the time of reading, so it is never stored.
    Expired,
}

impl State {
    /// The value of the column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Realised => "realised",
            Self::Dormant => "dormant",
            Self::Ended => "ended",
            Self::Blocked => "blocked",
            Self::Expired => "expired",
        }
    }
}

/// How near a share is to what it covers; the nearer, the smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cover {
    /// It is on the item itself.
    Item,
    /// It is on a folder, library or site so many levels above.
    Ancestor(usize),
}

/// The state of a share: after everything known when `now` is `None`, which is what may be stored; at the moment of
/// reading otherwise. `used`: redeemed, or matched by an access (an acceptance is known to the share itself).
pub fn state_at(share: &Share, now: Option<TimeMs>, used: bool) -> State {
    if share.blocked {
        return State::Blocked;
    }
    match share.end {
        Some((at, EndReason::Expired)) if now.is_some_and(|now| now >= at) => return State::Expired,
        Some((_, EndReason::Expired)) | None => {}
        Some((at, _)) if now.is_some_and(|now| now < at) => {}
        Some(_) => return State::Ended,
    }
    let sleeps = match now {
        Some(now) => share.sleeps_at(now),
        None => share.dormant.last().is_some_and(|(_, to)| to.is_none()),
    };
    if sleeps {
        State::Dormant
    } else if used || share.accepted_at.is_some() {
        State::Realised
    } else {
        State::Live
    }
}

impl Share {
    /// Whether it lets its recipient in at `at`: made (or not seen to be made), not ended, not asleep, not blocked.
    pub fn lets_in_at(&self, at: TimeMs) -> bool {
        !self.blocked
            && self.shared_at.is_none_or(|from| at >= from)
            && self.end.is_none_or(|(end, _)| at < end)
            && !self.sleeps_at(at)
    }

    /// Whether it covers what lay at `path` (a normalised URL) at `at`, and from how near.
    pub fn covers(&self, path: &str, at: TimeMs) -> Option<Cover> {
        let place = self
            .places
            .iter()
            .find(|place| place.from.is_none_or(|from| at >= from) && place.to.is_none_or(|to| at < to))?;
        match levels_above(&place.path, path)? {
            0 => Some(Cover::Item),
            levels => Some(Cover::Ancestor(levels)),
        }
    }

    fn sleeps_at(&self, at: TimeMs) -> bool {
        self.dormant.iter().any(|(from, to)| at >= *from && to.is_none_or(|to| at < to))
    }
}
