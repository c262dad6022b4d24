//! Several sightings of one record id → one activity, whatever their order.

use crate::{Activity, ContentHash, Target};

/// Where a sighting came from, strongest first: what a stronger source says outweighs what a weaker one says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// The Office 365 Management Activity API: the record itself.
    AuditFeed,
    /// Audit-log queries of Microsoft Graph.
    Graph,
    /// Advanced hunting.
    Hunting,
    /// Defender for Cloud Apps, activities API.
    Defender,
    /// A file that somebody exported.
    Import,
}

/// Folds sightings of one id, field by field: present beats absent; on conflict the stronger source wins, then the smaller
/// content hash. Targets are united, sorted and without doubles. The Defender envelope is that of the strongest sighting
/// that has one. No sighting gives an empty activity.
pub fn fold(mut sightings: Vec<(Source, ContentHash, Activity<'static>)>) -> Activity<'static> {
    sightings.sort_by_key(|(source, content, _)| (*source, *content));
    let mut targets = Vec::new();
    let mut folded: Option<Activity<'static>> = None;
    for (_, _, mut sighting) in sightings {
        targets.append(&mut sighting.targets);
        match &mut folded {
            Some(activity) => activity.fill_from(sighting),
            None => folded = Some(sighting),
        }
    }
    Activity { targets: united(targets), ..folded.unwrap_or_default() }
}

/// A target whose type one sighting leaves out is the one whose type another tells: present beats absent here, too.
fn united(mut targets: Vec<Target<'static>>) -> Vec<Target<'static>> {
    targets.sort_unstable();
    targets.dedup();
    // Sorted by name, then the one without a type before those with one.
    let mut kept: Vec<Target<'static>> = Vec::with_capacity(targets.len());
    for target in targets {
        match kept.last_mut() {
            Some(last) if last.name == target.name && last.kind.is_none() => *last = target,
            _ => kept.push(target),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;

    use super::*;
    use crate::{Defender, RecordId, TimeMs};

    fn content(number: u8) -> ContentHash {
        ContentHash([number; 16])
    }

    fn user(name: &'static str) -> Activity<'static> {
        Activity { user_id: Some(Cow::Borrowed(name)), ..Activity::default() }
    }

    #[test]
    fn present_beats_absent_and_the_stronger_source_wins() {
        let weak = Activity { operation: "FileAccessed".into(), time: Some(TimeMs(5)), ..user("weak") };
        let strong = user("strong");
        let folded = fold(vec![(Source::Import, content(0), weak), (Source::AuditFeed, content(9), strong)]);
        assert_eq!(folded.user_id.as_deref(), Some("strong"));
        assert_eq!((folded.operation.as_ref(), folded.time), ("FileAccessed", Some(TimeMs(5))));
    }

    #[test]
    fn of_one_source_the_smaller_content_wins() {
        let folded =
            fold(vec![(Source::Defender, content(2), user("two")), (Source::Defender, content(1), user("one"))]);
        assert_eq!(folded.user_id.as_deref(), Some("one"));
    }

    #[test]
    fn conflicting_targets_are_both_kept_and_types_are_filled_in() {
        let target = |name: &'static str, kind: Option<&'static str>| Activity {
            targets: vec![Target { name: name.into(), kind: kind.map(Cow::Borrowed) }],
            ..Activity::default()
        };
        let folded = fold(vec![
            (Source::Defender, content(1), target("li@fab.example", None)),
            (Source::AuditFeed, content(2), target("li@fab.example", Some("Guest"))),
            (Source::Import, content(3), target("kim@adatum.example", None)),
        ]);
        let names: Vec<_> =
            folded.targets.iter().map(|target| (target.name.as_ref(), target.kind.as_deref())).collect();
        assert_eq!(names, [("kim@adatum.example", None), ("li@fab.example", Some("Guest"))]);
    }

    #[test]
    fn the_envelope_is_taken_whole() {
        let enveloped = |city: Option<&'static str>, id: &'static str| Activity {
            defender: Some(Defender { id: Some(id.into()), city: city.map(Cow::Borrowed), ..Defender::default() }),
            ..Activity::default()
        };
        let folded = fold(vec![
            (Source::AuditFeed, content(1), user("x")),
            (Source::Defender, content(3), enveloped(Some("Ulm"), "three")),
            (Source::Defender, content(2), enveloped(None, "two")),
        ]);
        assert_eq!(folded.defender.map(|defender| (defender.id, defender.city)), Some((Some("two".into()), None)));
    }

    #[test]
    fn nothing_folds_to_nothing() {
        assert_eq!(fold(Vec::new()), Activity::default());
    }

    fn sighting() -> impl Strategy<Value = (Source, ContentHash, Activity<'static>)> {
        let source = prop::sample::select(vec![
            Source::AuditFeed,
            Source::Graph,
            Source::Hunting,
            Source::Defender,
            Source::Import,
        ]);
        let text = || prop::option::of("[ab]").prop_map(|text| text.map(Cow::Owned));
        let target = ("[ab]", text()).prop_map(|(name, kind)| Target { name: Cow::Owned(name), kind });
        let fields = (text(), text(), "[ab]?", prop::option::of(0_i64..3), prop::collection::vec(target, 0..3), text());
        (source, any::<[u8; 2]>(), fields).prop_map(
            |(source, hash, (user_id, object_id, operation, time, targets, defender_id))| {
                let activity = Activity {
                    id: RecordId([7; 16]),
                    user_id,
                    object_id,
                    operation: operation.into(),
                    time: time.map(TimeMs),
                    targets,
                    defender: defender_id.map(|id| Defender { id: Some(id), ..Defender::default() }),
                    ..Activity::default()
                };
                // As in life, another content has another hash.
                let text = format!("{hash:?}{activity:?}");
                (source, ContentHash::of(text.as_bytes()), activity)
            },
        )
    }

    proptest! {
        #[test]
        fn order_and_repetition_change_nothing(
            (sightings, shuffled) in prop::collection::vec(sighting(), 0..6)
                .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        ) {
            let folded = fold(sightings.clone());
            prop_assert_eq!(&fold(shuffled.clone()), &folded);
            prop_assert_eq!(&fold([sightings, shuffled].concat()), &folded);
            let again = fold(vec![(Source::Import, ContentHash::default(), folded.clone())]);
            prop_assert_eq!(&again, &folded);
        }
    }
}
