//! Each rule, its windows and its switches, by tables.

use super::*;

#[test]
fn the_first_rule_that_fits_decides_and_the_rest_is_listed() {
    let file = "a/b/plan.docx";
    let membership = membership("M");
    for (shares, doors, expected) in [
        (vec![], vec![], "none unknown - []"),
        (vec![membership.clone()], vec![], "site_membership probable M:g@adatum.example []"),
        (
            vec![membership.clone(), anyone("L", file)],
            vec![guest_door(Some("L"), file, NOW - HOUR_MS)],
            "link_used_before probable L [M:g@adatum.example]",
        ),
        (
            vec![membership.clone(), anyone("L", "a"), own("A", "a")],
            vec![guest_door(Some("L"), "a", NOW - HOUR_MS)],
            "recipient_ancestor probable A:g@adatum.example [L M:g@adatum.example]",
        ),
        (
            vec![own("A", "a"), own("B", "a/b"), membership.clone()],
            vec![],
            "recipient_ancestor probable B:g@adatum.example [A:g@adatum.example M:g@adatum.example]",
        ),
        (
            vec![own("A", "a"), own("F", file), own("B", "a/b"), everyone("E", file)],
            vec![],
            "recipient_item certain F:g@adatum.example [E B:g@adatum.example A:g@adatum.example]",
        ),
        (vec![everyone("E", file), membership.clone()], vec![], "recipient_item probable E [M:g@adatum.example]"),
        (vec![everyone("E", "a")], vec![], "recipient_ancestor probable E []"),
        (vec![group("G", file)], vec![], "none unknown - [G:hr visitors]"),
        (vec![of("S", "li@fabrikam.example", file)], vec![], "none unknown - []"),
        (vec![anyone("L", file)], vec![], "none unknown - [L]"),
    ] {
        assert_eq!(run(&wanted(file), &shares, &doors), expected);
    }
}

#[test]
fn a_redemption_goes_by_the_link_that_it_names() {
    let file = "plan.docx";
    for (shares, expected) in [
        (vec![anyone("S", file), own("T", file)], format!("link_used certain S [T:{GUEST}]")),
        (vec![own("S", file), anyone("T", file)], format!("link_used certain S:{GUEST} [T]")),
        (vec![of("S", "li@fabrikam.example", file)], "link_used certain link=S []".to_owned()),
        (vec![group("S", file)], "link_used certain link=S [S:hr visitors]".to_owned()),
        (vec![], "link_used certain link=S []".to_owned()),
        (vec![anyone("S", "elsewhere.docx")], "link_used certain S []".to_owned()),
        (vec![ended(anyone("S", file), NOW - HOUR_MS)], "link_used certain S []".to_owned()),
    ] {
        assert_eq!(run(&redeem(Some("S"), wanted(file)), &shares, &[]), expected);
    }
}

#[test]
fn an_anyone_link_that_the_record_does_not_name_is_the_only_one_or_any_of_several() {
    let used = Wanted { anyone_link: true, ..redeem(None, visitor("203.0.113.7", "a/plan.docx")) };
    let signed_in = Wanted { anyone_link: true, ..redeem(None, wanted("a/plan.docx")) };
    let (file, folder) = (anyone("F", "a/plan.docx"), anyone("A", "a"));
    for (access, shares, expected) in [
        (&used, vec![file.clone()], "only_live_link probable F []"),
        (&used, vec![folder.clone()], "only_live_link probable A []"),
        (&used, vec![file.clone(), folder.clone()], "only_live_link possible - [F A]"),
        (&used, vec![file.clone(), ended(folder.clone(), 0)], "only_live_link probable F []"),
        (&used, vec![ended(file.clone(), 0)], "none none - []"),
        (&used, vec![everyone("E", "a")], "none unknown - []"),
        (&signed_in, vec![own("O", "a/plan.docx"), folder.clone()], "only_live_link probable A [O:g@adatum.example]"),
        (&signed_in, vec![own("O", "a/plan.docx")], "recipient_item certain O:g@adatum.example []"),
    ] {
        assert_eq!(run(access, &shares, &[]), expected);
    }
    assert_eq!(run(&visitor("x", "a/plan.docx"), &[file], &[]), "none unknown - [F]", "only for a use of a link");
}

#[test]
fn an_anonymous_session_is_told_by_value_session_correlation_or_address() {
    let shares = [anyone("S", "a")];
    let found = "anonymous_session probable S []";
    let missed = "none unknown - [S]";
    let elsewhere = Wanted { ip: Some(Arc::from("198.51.100.1")), ..visitor("ab12", "a/plan.docx") };
    let text = |text: &str| Some(Arc::<str>::from(text));
    let base = door(Some("S"), "a", NOW - HOUR_MS);
    for (access, door, expected) in [
        (visitor("ab12", "a/plan.docx"), base.clone(), found),
        (elsewhere.clone(), base.clone(), missed),
        (elsewhere.clone(), Door { person: Arc::from("anon:ab12"), ..base.clone() }, found),
        (Wanted { session: text("s1"), ..elsewhere.clone() }, Door { session: text("s1"), ..base.clone() }, found),
        (
            Wanted { correlation: text("c1"), ..elsewhere.clone() },
            Door { correlation: text("c1"), ..base.clone() },
            found,
        ),
        (Wanted { ip: None, ..elsewhere.clone() }, Door { ip: None, ..base.clone() }, missed),
        (
            Wanted { person: Arc::from("anon:tenant"), ..elsewhere.clone() },
            Door { person: Arc::from("anon:tenant"), ..base.clone() },
            missed,
        ),
        (visitor("ab12", "other/plan.docx"), base.clone(), "none unknown - []"),
        (visitor("ab12", "a/plan.docx"), Door { item: Some(at("a/b")), path: Some(at("a/b")), ..base.clone() }, missed),
        (visitor("ab12", "a/plan.docx"), Door { person_kind: PersonKind::Member, ..base.clone() }, missed),
    ] {
        assert_eq!(run(&access, &shares, &[door]), expected);
    }
}

#[test]
fn an_anonymous_session_begins_a_minute_early_and_lasts_twelve_hours() {
    let shares = [anyone("S", "plan.docx")];
    for (door_at, expected) in [
        (NOW + MINUTE_MS, "anonymous_session probable S []"),
        (NOW + MINUTE_MS + 1, "none unknown - [S]"),
        (NOW - 12 * HOUR_MS, "anonymous_session probable S []"),
        (NOW - 12 * HOUR_MS - 1, "none unknown - [S]"),
    ] {
        assert_eq!(run(&visitor("x", "plan.docx"), &shares, &[door(Some("S"), "plan.docx", door_at)]), expected);
    }
}

#[test]
fn of_several_doors_the_closest_tie_counts_then_the_nearest_in_time() {
    let shares = [anyone("S", "plan.docx"), anyone("T", "plan.docx")];
    let by_ip = door(Some("S"), "plan.docx", NOW - MINUTE_MS);
    let by_value = Door { person: Arc::from("anon:ab12"), ip: None, ..door(Some("T"), "plan.docx", NOW - 9 * HOUR_MS) };
    let later = door(Some("T"), "plan.docx", NOW - 2 * MINUTE_MS);
    let access = visitor("ab12", "plan.docx");
    assert_eq!(run(&access, &shares, &[by_ip.clone(), by_value]), "anonymous_session probable T [S]");
    assert_eq!(run(&access, &shares, &[later, by_ip]), "anonymous_session probable S [T]");
}

#[test]
fn a_door_leads_to_an_open_link_to_an_unseen_one_or_to_the_only_one() {
    let access = visitor("ab12", "plan.docx");
    let named = [door(Some("S"), "plan.docx", NOW - HOUR_MS)];
    let nameless = [door(None, "plan.docx", NOW - HOUR_MS)];
    let (one, two) = (anyone("S", "plan.docx"), anyone("T", "plan.docx"));
    for (shares, doors, expected) in [
        (vec![one.clone()], &named, "anonymous_session probable S []"),
        (vec![], &named, "anonymous_session probable link=S []"),
        (vec![ended(one.clone(), NOW - HOUR_MS / 2), two.clone()], &named, "none none - [T]"),
        (vec![one.clone()], &nameless, "anonymous_session probable S []"),
        (vec![one.clone(), two.clone()], &nameless, "anonymous_session possible - [S T]"),
        (
            vec![one.clone(), Share { shared_at: Some(TimeMs(NOW - HOUR_MS / 2)), ..two.clone() }],
            &nameless,
            "anonymous_session probable S [T]",
        ),
        (vec![], &nameless, "none unknown - []"),
    ] {
        assert_eq!(run(&access, &shares, doors), expected);
    }
}

#[test]
fn a_link_used_before_serves_the_same_person_for_a_day() {
    let file = "a/plan.docx";
    let shares = [anyone("S", "a")];
    for (door, expected) in [
        (guest_door(Some("S"), "a", NOW - 24 * HOUR_MS), "link_used_before probable S []"),
        (guest_door(Some("S"), "a", NOW - 24 * HOUR_MS - 1), "none unknown - [S]"),
        (guest_door(Some("S"), "a", NOW + MINUTE_MS), "link_used_before probable S []"),
        (guest_door(Some("S"), "a", NOW + 2 * MINUTE_MS), "none unknown - [S]"),
        (guest_door(Some("S"), "b", NOW - HOUR_MS), "none unknown - [S]"),
        (guest_door(Some("X"), "a", NOW - HOUR_MS), "link_used_before probable link=X [S]"),
        (guest_door(None, "a", NOW - HOUR_MS), "none unknown - [S]"),
        (Door { anyone_link: true, ..guest_door(None, "a", NOW - HOUR_MS) }, "link_used_before probable S []"),
        (
            Door { person: Arc::from("li@fabrikam.example"), ..guest_door(Some("S"), "a", NOW - HOUR_MS) },
            "none unknown - [S]",
        ),
        (door(Some("S"), "a", NOW - HOUR_MS), "none unknown - [S]"),
    ] {
        assert_eq!(run(&wanted(file), &shares, &[door]), expected);
    }
}

#[test]
fn a_share_lets_in_from_its_making_to_shortly_after_its_end_and_not_while_it_sleeps() {
    let share = || own("S", "plan.docx");
    let through = format!("recipient_item certain S:{GUEST} []");
    let (unknown, over) = ("none unknown - []", "none none - []");
    let quarter = 15 * MINUTE_MS;
    let made = |at: i64| Share { shared_at: Some(TimeMs(at)), first_sign_at: TimeMs(at), ..share() };
    let asleep = |from: i64, to: Option<i64>| Share { dormant: vec![(TimeMs(from), to.map(TimeMs))], ..share() };
    for (share, expected) in [
        (made(NOW + MINUTE_MS), through.as_str()),
        (made(NOW + MINUTE_MS + 1), unknown),
        (Share { shared_at: None, first_sign_at: TimeMs(NOW + HOUR_MS), ..share() }, &through),
        (ended(share(), NOW - quarter), &through),
        (ended(share(), NOW - quarter - 1), over),
        (ended(share(), NOW + HOUR_MS), &through),
        (asleep(NOW - 2, Some(NOW - 1)), &through),
        (asleep(NOW - 2, Some(NOW)), &through),
        (asleep(NOW - quarter, Some(NOW + 1)), &through),
        (asleep(NOW - quarter - 1, Some(NOW + 1)), unknown),
        (asleep(NOW - quarter - 1, None), unknown),
        (asleep(NOW + 1, None), &through),
        (Share { blocked: true, ..share() }, unknown),
    ] {
        assert_eq!(run(&wanted("plan.docx"), std::slice::from_ref(&share), &[]), expected, "{share:?}");
    }
}

#[test]
fn a_live_share_is_preferred_to_one_that_has_just_ended() {
    let shares = [ended(own("A", "plan.docx"), NOW - MINUTE_MS), own("B", "plan.docx")];
    assert_eq!(run(&wanted("plan.docx"), &shares, &[]), format!("recipient_item certain B:{GUEST} [A:{GUEST}]"));
}

#[test]
fn without_a_share_it_is_none_only_where_none_could_have_been_missed() {
    let seen = Horizon { covers_item_life: true };
    let rules = MatchRules::default();
    let run = |shares: &[Share], aliases: &[&str], horizon| {
        run_with(&wanted("a/plan.docx"), shares, &[], aliases, horizon, &rules)
    };
    assert_eq!(run(&[], &[], Horizon::default()), "none unknown - []");
    assert_eq!(run(&[], &[], seen), "none none - []");
    assert_eq!(run(&[ended(own("S", "a"), HOUR_MS)], &[], Horizon::default()), "none none - []");
    let sales = ended(of("S", "sales@adatum.example", "a"), HOUR_MS);
    assert_eq!(run(std::slice::from_ref(&sales), &["sales@adatum.example"], Horizon::default()), "none none - []");
    assert_eq!(run(&[sales], &[], Horizon::default()), "none unknown - []", "somebody else's");
    assert_eq!(run(&[ended(anyone("S", "a"), HOUR_MS)], &[], Horizon::default()), "none unknown - []");
    assert_eq!(run(&[ended(own("S", "b"), HOUR_MS)], &[], Horizon::default()), "none unknown - []", "not above it");
    let asleep = Share { dormant: vec![(TimeMs(0), None)], ..ended(own("S", "a"), NOW + HOUR_MS) };
    assert_eq!(run(&[asleep], &[], Horizon::default()), "none unknown - []", "it ends later");
}

#[test]
fn a_record_that_names_no_path_is_covered_by_a_share_of_its_site() {
    let nowhere = Wanted { path: None, item: Arc::from("site|item"), ..wanted("plan.docx") };
    assert_eq!(run(&nowhere, &[membership("M")], &[]), format!("site_membership probable M:{GUEST} []"));
    assert_eq!(run(&nowhere, &[own("S", "")], &[]), "none unknown - []");
}

#[test]
fn inferred_rules_can_be_switched_off_and_their_windows_set() {
    let default = MatchRules::default();
    let shares = [anyone("S", "plan.docx"), membership("M")];
    let visitor_door = [door(Some("S"), "plan.docx", NOW - HOUR_MS)];
    let own_door = [guest_door(Some("S"), "plan.docx", NOW - HOUR_MS)];
    let used = Wanted { anyone_link: true, ..redeem(None, visitor("203.0.113.7", "plan.docx")) };
    let (guest, anonymous) = (wanted("plan.docx"), visitor("x", "plan.docx"));
    for (access, doors, rules, expected) in [
        (&anonymous, &visitor_door[..], MatchRules { anonymous_session: false, ..default }, "none unknown - [S]"),
        (&anonymous, &visitor_door, MatchRules { anonymous_session_by_ip: false, ..default }, "none unknown - [S]"),
        (
            &anonymous,
            &visitor_door,
            MatchRules { anonymous_session_ms_max: MINUTE_MS, ..default },
            "none unknown - [S]",
        ),
        (
            &guest,
            &own_door,
            MatchRules { link_used_before: false, ..default },
            "site_membership probable M:g@adatum.example [S]",
        ),
        (
            &guest,
            &own_door,
            MatchRules { link_used_before_ms_max: MINUTE_MS, ..default },
            "site_membership probable M:g@adatum.example [S]",
        ),
        (&guest, &[], MatchRules { site_membership: false, ..default }, "none unknown - [S M:g@adatum.example]"),
        (&used, &[], MatchRules { only_live_link: false, ..default }, "none unknown - [S]"),
    ] {
        assert_eq!(run_with(access, &shares, doors, &[], Horizon::default(), &rules), expected, "{rules:?}");
    }
    // An address that stands for a person is an address all the same.
    let by_address = visitor("203.0.113.7", "plan.docx");
    let rules = MatchRules { anonymous_session_by_ip: false, ..default };
    assert_eq!(run_with(&by_address, &shares, &visitor_door, &[], Horizon::default(), &rules), "none unknown - [S]");
}

#[test]
fn unexplained_is_what_has_no_share_or_came_long_after_its_end() {
    let rules = MatchRules::default();
    let quarter = 15 * MINUTE_MS;
    let matched = |rule| Match { share: None, link: None, others: vec![], rule, confidence: Confidence::Certain };
    for (rule, ended_at, expected) in [
        (MatchRule::None, None, true),
        (MatchRule::LinkUsed, None, false),
        (MatchRule::LinkUsed, Some(NOW - quarter), false),
        (MatchRule::LinkUsed, Some(NOW - quarter - 1), true),
        (MatchRule::RecipientItem, Some(NOW + 1), false),
    ] {
        let ended_at = ended_at.map(TimeMs);
        assert_eq!(is_unexplained(&matched(rule), ended_at, TimeMs(NOW), &rules), expected, "{rule:?} {ended_at:?}");
    }
}
