//! Which records make one access.

use crate::operation::Action;
use crate::{RecordId, TimeMs};

/// A record within this time of the access's last one belongs to it: five minutes, in milliseconds.
pub const GAP_MS_MAX: i64 = 5 * 60 * 1000;

/// A `…Extended` record within this time of the access's last record continues it: three hours, in milliseconds.
pub const EXTENDED_GAP_MS_MAX: i64 = 3 * 60 * 60 * 1000;

/// What grouping needs to know of a record that is part of an access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fact {
    /// When it happened.
    pub time: TimeMs,
    /// The record's id.
    pub id: RecordId,
    /// What was done.
    pub action: Action,
    /// The record continues an earlier one ([`crate::operation::is_extended`]).
    pub extended: bool,
}

/// The records of one access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What was done.
    pub action: Action,
    /// Indices into the facts, in order of (time, id); at least one, and none twice.
    pub members: Vec<usize>,
}

/// Groups the facts of one person on one item into accesses, in order of their first records.
///
/// The facts may come in any order; of several with one id the first in order counts, once. Actions do not mix: each has
/// its own accesses, side by side.
pub fn group(facts: &[Fact]) -> Vec<Group> {
    let mut ordered: Vec<(Fact, usize)> = facts.iter().copied().zip(0..).collect();
    ordered.sort_unstable();
    let mut seen = std::collections::HashSet::with_capacity(ordered.len());
    ordered.retain(|(fact, _)| seen.insert(fact.id));

    let mut groups: Vec<Group> = Vec::new();
    // Per action its latest access and the time of that access's last record. There are seven actions.
    let mut latest: Vec<(Action, usize, TimeMs)> = Vec::new();
    for (fact, index) in ordered {
        let gap_ms_max = if fact.extended { EXTENDED_GAP_MS_MAX } else { GAP_MS_MAX };
        let position = latest.iter().position(|(action, ..)| *action == fact.action);
        let open = position.and_then(|position| latest.get_mut(position));
        match open {
            Some((_, of, last)) if fact.time <= last.plus(gap_ms_max) => {
                *last = fact.time;
                if let Some(group) = groups.get_mut(*of) {
                    group.members.push(index);
                }
            }
            Some((_, of, last)) => {
                (*of, *last) = (groups.len(), fact.time);
                groups.push(Group { action: fact.action, members: vec![index] });
            }
            None => {
                latest.push((fact.action, groups.len(), fact.time));
                groups.push(Group { action: fact.action, members: vec![index] });
            }
        }
    }
    groups
}

/// Whether no access holds both a record at `previous` or before and one at `next` or after, whatever was done: they are so
/// far apart. `extended_at`: the earliest record at `next` or after that continues an earlier one, if there is any.
pub fn starts_anew(previous: TimeMs, next: TimeMs, extended_at: Option<TimeMs>) -> bool {
    next > previous.plus(GAP_MS_MAX) && extended_at.is_none_or(|at| at > previous.plus(EXTENDED_GAP_MS_MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE: i64 = 60_000;

    fn fact(at: i64, number: u8, action: Action, extended: bool) -> Fact {
        Fact { time: TimeMs(at), id: RecordId([number; 16]), action, extended }
    }

    /// Facts at these times, one action, numbered as they stand; the groups' members.
    fn check(facts: &[(i64, bool)], expected: &[&[usize]]) {
        let facts: Vec<Fact> =
            facts.iter().zip(0..).map(|(&(at, extended), number)| fact(at, number, Action::Read, extended)).collect();
        let members: Vec<Vec<usize>> = group(&facts).into_iter().map(|group| group.members).collect();
        assert_eq!(members, expected, "{facts:?}");
    }

    #[test]
    fn five_minutes_join_and_a_millisecond_more_parts() {
        check(&[], &[]);
        check(&[(0, false), (5 * MINUTE, false)], &[&[0, 1]]);
        check(&[(0, false), (5 * MINUTE + 1, false)], &[&[0], &[1]]);
        check(&[(0, false), (4 * MINUTE, false), (8 * MINUTE, false), (12 * MINUTE, false)], &[&[0, 1, 2, 3]]);
    }

    #[test]
    fn an_extended_record_joins_for_three_hours() {
        check(&[(0, false), (180 * MINUTE, true)], &[&[0, 1]]);
        check(&[(0, false), (180 * MINUTE + 1, true)], &[&[0], &[1]]);
        check(&[(0, true), (4 * MINUTE, false)], &[&[0, 1]]);
        check(&[(0, false), (60 * MINUTE, true), (64 * MINUTE, false), (240 * MINUTE, true)], &[&[0, 1, 2, 3]]);
        check(&[(0, false), (10 * MINUTE, false), (60 * MINUTE, true)], &[&[0], &[1, 2]]);
    }

    #[test]
    fn actions_do_not_mix() {
        let facts = [
            fact(0, 0, Action::Read, false),
            fact(1, 1, Action::Take, false),
            fact(2, 2, Action::Read, false),
            fact(MINUTE, 3, Action::Change, true),
        ];
        let groups = group(&facts);
        let found: Vec<_> = groups.iter().map(|group| (group.action, group.members.as_slice())).collect();
        assert_eq!(found, [(Action::Read, &[0, 2][..]), (Action::Take, &[1]), (Action::Change, &[3])]);
    }

    #[test]
    fn of_one_instant_the_smaller_id_is_first() {
        let groups = group(&[fact(0, 9, Action::Read, false), fact(0, 1, Action::Read, false)]);
        assert_eq!(groups, [Group { action: Action::Read, members: vec![1, 0] }]);
    }

    #[test]
    fn the_ends_of_the_scale_are_no_trouble() {
        let facts = [fact(i64::MAX, 0, Action::Read, true), fact(i64::MIN, 1, Action::Read, false)];
        assert_eq!(group(&facts).len(), 2);
    }

    fn facts() -> impl Strategy<Value = Vec<Fact>> {
        let action = prop::sample::select(vec![Action::Read, Action::Take, Action::Change]);
        let fact = (0_i64..600, 0_u8..40, action, prop::bool::weighted(0.2))
            .prop_map(|(minutes, number, action, extended)| fact(minutes * MINUTE / 2, number, action, extended));
        prop::collection::vec(fact, 0..40)
    }

    /// Groups as the facts they hold, which does not depend on where those stood.
    fn content(facts: &[Fact]) -> Vec<Vec<Fact>> {
        group(facts).iter().map(|group| group.members.iter().map(|&index| facts[index]).collect()).collect()
    }

    proptest! {
        #[test]
        fn order_and_repetition_change_nothing(
            (given, shuffled) in facts().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        ) {
            let expected = content(&given);
            prop_assert_eq!(&content(&shuffled), &expected);
            prop_assert_eq!(&content(&[given, shuffled].concat()), &expected);
        }

        #[test]
        fn every_id_is_in_exactly_one_access_of_its_own_action(given in facts()) {
            let groups = group(&given);
            let mut found: Vec<RecordId> = groups.iter().flat_map(|g| &g.members).map(|&index| given[index].id).collect();
            found.sort_unstable();
            let mut expected: Vec<RecordId> = given.iter().map(|fact| fact.id).collect();
            expected.sort_unstable();
            expected.dedup();
            prop_assert_eq!(found, expected);
            for group in &groups {
                prop_assert!(group.members.iter().all(|&index| given[index].action == group.action));
            }
        }

        #[test]
        fn accesses_of_one_action_lie_apart_and_their_records_together(given in facts()) {
            let all = content(&given);
            for (position, access) in all.iter().enumerate() {
                for pair in access.windows(2) {
                    let gap_ms_max = if pair[1].extended { EXTENDED_GAP_MS_MAX } else { GAP_MS_MAX };
                    prop_assert!(pair[1].time.millis() - pair[0].time.millis() <= gap_ms_max);
                }
                let next = all[position + 1..].iter().find(|next| next[0].action == access[0].action);
                if let Some(next) = next {
                    let last = access[access.len() - 1];
                    prop_assert!(next[0].time.millis() - last.time.millis() > GAP_MS_MAX);
                }
            }
        }
    }
}
