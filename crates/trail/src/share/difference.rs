//! From when on two tellings of one share can make a difference to whoever goes through it.

use super::Share;
use crate::TimeMs;

/// Beyond all times.
const NEVER: TimeMs = TimeMs(i64::MAX);
/// Before all times.
const EVER: TimeMs = TimeMs(i64::MIN);

/// The earliest moment at which matching ([`crate::matching::match_access`]) may see a difference between two tellings of
/// one share; `None` for a share stands for one that there is not, `None` as the answer for no difference at all.
///
/// Accesses before that moment need not be matched again, but for two allowances that the caller makes: records of one
/// moment are stamped differently ([`crate::matching::MatchRules::early_ms_max`]), and an access whose record names the
/// link comes through it whenever it was.
pub fn differs_from(before: Option<&Share>, after: Option<&Share>) -> Option<TimeMs> {
    let (one, other) = match (before, after) {
        (None, None) => return None,
        (Some(share), None) | (None, Some(share)) => return Some(begin(share)),
        (Some(one), Some(other)) => (one, other),
    };
    let same_way_in = one.share_id == other.share_id
        && one.kind == other.kind
        && one.recipient == other.recipient
        && one.recipient_kind == other.recipient_kind
        && one.item == other.item
        && one.shared_by == other.shared_by
        && one.shared_at == other.shared_at
        && one.first_sign_at == other.first_sign_at
        && one.blocked == other.blocked
        && one.is_listed == other.is_listed;
    if !same_way_in {
        return Some(begin(one).min(begin(other)));
    }
    let end = |share: &Share| share.end.map(|(at, _)| at);
    let ends = (end(one) != end(other)).then(|| end(one).unwrap_or(NEVER).min(end(other).unwrap_or(NEVER)));
    let moment = [ends, parting(&places(one), &places(other)), parting(&sleeps(one), &sleeps(other))];
    moment.into_iter().flatten().min().map(|at| at.max(begin(one)))
}

/// Before this nobody came through it: when it was made, or since ever where that was not seen.
fn begin(share: &Share) -> TimeMs {
    let made = share.shared_at.unwrap_or(EVER);
    // An end that is told of before the beginning still says that it had ended.
    share.end.map_or(made, |(end, _)| made.min(end))
}

/// A stretch of time in which something held.
type Stretch<'a> = (&'a str, Option<TimeMs>, Option<TimeMs>);

fn places(share: &Share) -> Vec<Stretch<'_>> {
    share.places.iter().map(|place| (&*place.path, place.from, place.to)).collect()
}

fn sleeps(share: &Share) -> Vec<Stretch<'_>> {
    share.dormant.iter().map(|(from, to)| ("", Some(*from), *to)).collect()
}

/// The moment at which two series of stretches, both in order of time, part.
fn parting(one: &[Stretch<'_>], other: &[Stretch<'_>]) -> Option<TimeMs> {
    let same = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    match (one.get(same), other.get(same)) {
        (None, None) => None,
        (Some((_, from, _)), None) | (None, Some((_, from, _))) => Some(from.unwrap_or(EVER)),
        // The same until one of them ends.
        (Some((a, from, to)), Some((b, other_from, other_to))) if a == b && from == other_from => {
            Some(to.unwrap_or(NEVER).min(other_to.unwrap_or(NEVER)))
        }
        (Some((_, from, _)), Some((_, other_from, _))) => Some(from.unwrap_or(EVER).min(other_from.unwrap_or(EVER))),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::identity::{PersonKind, RecipientKind};
    use crate::share::{EndReason, Place, ShareKind};

    fn share() -> Share {
        Share {
            link_id: "link".into(),
            share_id: "link:li".into(),
            kind: ShareKind::SpecificPeople,
            permission: None,
            recipient: Some("li@fabrikam.example".into()),
            recipient_kind: RecipientKind::Person(PersonKind::Guest),
            domain: None,
            item: "https://c.example/docs".into(),
            url: None,
            name: None,
            item_type: None,
            site: None,
            places: vec![place("https://c.example/docs", None, None)],
            shared_by: None,
            shared_at: Some(TimeMs(10)),
            first_sign_at: TimeMs(10),
            accepted_at: None,
            end: None,
            dormant: Vec::new(),
            blocked: false,
            is_listed: false,
            evidence: Vec::new(),
        }
    }

    fn place(path: &str, from: Option<i64>, to: Option<i64>) -> Place {
        Place { path: path.into(), from: from.map(TimeMs), to: to.map(TimeMs) }
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut Share), expected: Option<i64>) {
        let mut other = share();
        change(&mut other);
        assert_eq!(differs_from(Some(&share()), Some(&other)), expected.map(TimeMs));
        assert_eq!(differs_from(Some(&other), Some(&share())), expected.map(TimeMs));
    }

    #[test]
    fn what_nobody_sees_who_goes_through_makes_no_difference() {
        check(|_| {}, None);
        check(|share| share.name = Some("Docs".into()), None);
        check(|share| share.evidence.push(crate::RecordId::default()), None);
        check(|share| share.accepted_at = Some(TimeMs(12)), None);
    }

    #[test]
    fn an_end_a_move_or_a_sleep_makes_one_from_then_on() {
        check(|share| share.end = Some((TimeMs(50), EndReason::Revoked)), Some(50));
        check(|share| share.dormant.push((TimeMs(40), Some(TimeMs(60)))), Some(40));
        let moved =
            vec![place("https://c.example/docs", None, Some(30)), place("https://c.example/new", Some(30), None)];
        check(|share| share.places = moved, Some(30));
    }

    #[test]
    fn another_beginning_or_maker_makes_one_from_the_earlier_beginning_on() {
        check(|share| share.shared_at = Some(TimeMs(5)), Some(5));
        check(|share| share.shared_by = Some(Arc::from("ana@contoso.example")), Some(10));
        check(|share| share.shared_at = None, Some(i64::MIN));
        assert_eq!(differs_from(None, Some(&share())), Some(TimeMs(10)));
    }
}
