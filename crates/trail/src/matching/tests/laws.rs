//! What holds whatever the records are.

use proptest::prelude::*;

use super::*;

/// Shares of a small world in which everything collides.
fn some_shares() -> impl Strategy<Value = Vec<Share>> {
    let one = (0..7_usize, 0..4_usize, 0..4_usize, 0..3_i64, prop::option::of(0..4_i64)).prop_map(
        |(kind, link, path, made, end)| {
            let link = ["K", "L", "M", "N"][link];
            let path = ["a/b/plan.docx", "a/b", "a", "c"][path];
            let share = match kind {
                0 => own(link, path),
                1 => of(link, "alias@adatum.example", path),
                2 => anyone(link, path),
                3 => everyone(link, path),
                4 => group(link, path),
                5 => of(link, "li@fabrikam.example", path),
                _ => membership(link),
            };
            let made = TimeMs(NOW - made * HOUR_MS);
            let end = end.map(|hours| (TimeMs(NOW - hours * 10 * MINUTE_MS), EndReason::Revoked));
            Share { shared_at: Some(made), first_sign_at: made, end, ..share }
        },
    );
    prop::collection::vec(one, 0..7).prop_map(|mut shares| {
        // One share a link and recipient: that is what the ids stand for.
        let mut seen = std::collections::HashSet::new();
        shares.retain(|share| seen.insert(share.share_id.clone()));
        shares
    })
}

fn some_doors() -> impl Strategy<Value = Vec<Door>> {
    let one = (any::<u8>(), prop::bool::ANY, 0..3_usize, 0..3_usize, 0..30_i64, prop::bool::ANY).prop_map(
        |(id, is_guest, link, path, hours, anyone_link)| {
            let link = [None, Some("K"), Some("L")][link];
            let path = ["a/b/plan.docx", "a", "c"][path];
            let at = NOW - hours * HOUR_MS;
            let door = if is_guest { guest_door(link, path, at) } else { door(link, path, at) };
            Door { record: RecordId([id; 16]), anyone_link, ..door }
        },
    );
    prop::collection::vec(one, 0..6)
}

fn some_access() -> impl Strategy<Value = Wanted> {
    (prop::bool::ANY, prop::option::of(0..2_usize), prop::bool::ANY).prop_map(|(is_guest, link, anyone_link)| {
        let access = if is_guest { wanted("a/b/plan.docx") } else { visitor("ab12", "a/b/plan.docx") };
        let link = link.map(|link| Arc::from(["K", "X"][link]));
        Wanted { action: if link.is_some() { Action::Redeem } else { Action::Read }, link, anyone_link, ..access }
    })
}

proptest! {
    #[test]
    fn the_order_of_shares_and_doors_changes_nothing(
        access in some_access(),
        (shares, shuffled) in some_shares().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        (doors, turned) in some_doors().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
    ) {
        let run = |shares: &[Share], doors: &[Door]| {
            let aliases = &["alias@adatum.example"];
            run_with(&access, shares, doors, aliases, Horizon::default(), &MatchRules::default())
        };
        prop_assert_eq!(run(&shares, &doors), run(&shuffled, &turned));
    }

    #[test]
    fn what_is_matched_was_open_and_theirs_unless_the_record_names_it(
        access in some_access(), shares in some_shares(), doors in some_doors(),
    ) {
        let matched = match_access(&access, &shares, &doors, &[], Horizon::default(), &MatchRules::default());
        prop_assert_eq!(matched.rule == MatchRule::None, matched.share.is_none() && matched.link.is_none() && matched.confidence != Confidence::Possible);
        prop_assert!(matched.share.is_none_or(|share| !matched.others.contains(&share)));
        if let Some(share) = matched.share.map(|index| &shares[index]) {
            prop_assert!(share.recipient_kind == RecipientKind::Anyone || share.recipient.as_deref() == Some(&*access.person));
            prop_assert!(
                matched.rule == MatchRule::LinkUsed
                    || share.end.is_none_or(|(end, _)| access.first_at <= end.plus(15 * MINUTE_MS))
            );
        }
    }
}
