//! The rules by tables and stories; each story that the domain tells is named for it.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::RecordId;
use crate::identity::{PersonKind, RecipientKind};
use crate::operation::Action;
use crate::share::{EndReason, Place, Share, ShareKind};

const ROOT: &str = "https://contoso.sharepoint.com/sites/hr/docs";
const SITE: &str = "https://contoso.sharepoint.com/sites/hr";
const GUEST: &str = "g@adatum.example";
/// When the access of the tables happens; shares are made at 0.
const NOW: i64 = 100 * HOUR_MS;

fn at(path: &str) -> Arc<str> {
    if path.is_empty() { Arc::from(ROOT) } else { Arc::from(format!("{ROOT}/{path}")) }
}

/// A share of the item whose key is its path, made at 0 and living on.
fn share(link: &str, kind: ShareKind, recipient: RecipientKind, name: Option<&str>, path: &str) -> Share {
    let path = if path == SITE { Arc::from(SITE) } else { at(path) };
    let share_id = name.map_or_else(|| link.to_owned(), |name| format!("{link}:{name}"));
    Share {
        link_id: Arc::from(link),
        share_id: Arc::from(share_id),
        kind,
        permission: None,
        recipient: name.map(Arc::from),
        recipient_kind: recipient,
        domain: None,
        item: path.clone(),
        url: None,
        name: None,
        item_type: None,
        site: None,
        places: vec![Place { path, from: None, to: None }],
        shared_by: Some(Arc::from("ana@contoso.example")),
        shared_at: Some(TimeMs(0)),
        first_sign_at: TimeMs(0),
        accepted_at: None,
        end: None,
        dormant: Vec::new(),
        blocked: false,
        evidence: vec![RecordId([1; 16])],
    }
}

fn own(link: &str, path: &str) -> Share {
    share(link, ShareKind::SpecificPeople, RecipientKind::Person(PersonKind::Guest), Some(GUEST), path)
}

fn of(link: &str, person: &str, path: &str) -> Share {
    share(link, ShareKind::SpecificPeople, RecipientKind::Person(PersonKind::Guest), Some(person), path)
}

fn anyone(link: &str, path: &str) -> Share {
    share(link, ShareKind::Anyone, RecipientKind::Anyone, None, path)
}

fn everyone(link: &str, path: &str) -> Share {
    share(link, ShareKind::Direct, RecipientKind::Anyone, None, path)
}

fn group(link: &str, path: &str) -> Share {
    share(link, ShareKind::Direct, RecipientKind::Group, Some("hr visitors"), path)
}

fn membership(link: &str) -> Share {
    share(link, ShareKind::SiteMembership, RecipientKind::Person(PersonKind::Guest), Some(GUEST), SITE)
}

fn ended(share: Share, at: i64) -> Share {
    Share { end: Some((TimeMs(at), EndReason::LinkRemoved)), ..share }
}

fn wanted(path: &str) -> Wanted {
    Wanted {
        person: Arc::from(GUEST),
        person_kind: PersonKind::Guest,
        action: Action::Read,
        item: at(path),
        path: Some(at(path)),
        site: Some(Arc::from(SITE)),
        first_at: TimeMs(NOW),
        last_at: TimeMs(NOW),
        ip: Some(Arc::from("203.0.113.7")),
        session: None,
        correlation: None,
        link: None,
        anyone_link: false,
        traces: Vec::new(),
    }
}

fn visitor(value: &str, path: &str) -> Wanted {
    Wanted { person: Arc::from(format!("anon:{value}")), person_kind: PersonKind::Anonymous, ..wanted(path) }
}

fn redeem(link: Option<&str>, wanted: Wanted) -> Wanted {
    Wanted { action: Action::Redeem, link: link.map(Arc::from), ..wanted }
}

/// A link used by the visitor of 203.0.113.7 (who is called by that address) at `at_ms`.
fn door(link: Option<&str>, path: &str, at_ms: i64) -> Door {
    Door {
        record: RecordId([9; 16]),
        person: Arc::from("anon:203.0.113.7"),
        person_kind: PersonKind::Anonymous,
        at: TimeMs(at_ms),
        item: Some(at(path)),
        path: Some(at(path)),
        ip: Some(Arc::from("203.0.113.7")),
        session: None,
        correlation: None,
        link: link.map(Arc::from),
        anyone_link: true,
    }
}

fn guest_door(link: Option<&str>, path: &str, at_ms: i64) -> Door {
    Door { person: Arc::from(GUEST), person_kind: PersonKind::Guest, anyone_link: false, ..door(link, path, at_ms) }
}

/// The match as `rule confidence share|link=… [others]`.
fn told(matched: &Match, shares: &[Share]) -> String {
    let id = |index: &usize| shares[*index].share_id.to_string();
    let way = match (&matched.share, &matched.link) {
        (Some(index), link) => {
            assert_eq!(link.as_ref(), Some(&shares[*index].link_id), "the link is that of the share");
            id(index)
        }
        (None, Some(link)) => format!("link={link}"),
        (None, None) => "-".to_owned(),
    };
    let others: Vec<String> = matched.others.iter().map(id).collect();
    format!("{} {} {way} [{}]", matched.rule.as_str(), matched.confidence.as_str(), others.join(" "))
}

fn run(access: &Wanted, shares: &[Share], doors: &[Door]) -> String {
    run_with(access, shares, doors, &[], Horizon::default(), &MatchRules::default())
}

fn run_with(
    access: &Wanted,
    shares: &[Share],
    doors: &[Door],
    aliases: &[&str],
    horizon: Horizon,
    rules: &MatchRules,
) -> String {
    let aliases: Vec<Arc<str>> = aliases.iter().copied().map(Arc::from).collect();
    told(&match_access(access, shares, doors, &aliases, horizon, rules), shares)
}

#[test]
fn example_1_an_anyone_link_seen_by_strangers() {
    let shares = [anyone("S", "plan.docx")];
    let minute = |minute: i64| NOW + minute * MINUTE_MS;
    let doors = [door(Some("S"), "plan.docx", minute(20))];
    let used = Wanted { first_at: TimeMs(minute(20)), ..visitor("203.0.113.7", "plan.docx") };
    assert_eq!(run(&redeem(Some("S"), used), &shares, &doors), "link_used certain S []");
    let opened = Wanted { first_at: TimeMs(minute(20)), ..visitor("ab12", "plan.docx") };
    assert_eq!(run(&opened, &shares, &doors), "anonymous_session probable S []");
    // The thumbnail is fetched by a service from its own address; the visitor's value ties it to the visit.
    let preview = Wanted {
        first_at: TimeMs(minute(21)),
        action: Action::WeakRead,
        ip: Some(Arc::from("40.0.0.1")),
        ..visitor("ab12", "plan.docx")
    };
    assert_eq!(run(&preview, &shares, &doors), "none unknown - [S]");
    let trace = Trace { at: opened.first_at, ip: opened.ip, session: None, correlation: None };
    let preview = Wanted { traces: vec![trace], ..preview };
    assert_eq!(run(&preview, &shares, &doors), "anonymous_session probable S []");
}

#[test]
fn example_2_one_of_three_recipients_redeems() {
    let shares = [
        of("S", "li.wang@fabrikam.example", "plan.docx"),
        of("S", "susan@adatum.example", "plan.docx"),
        of("S", "kim@adatum.example", "plan.docx"),
    ];
    let susan = Wanted {
        person: Arc::from("susan@adatum.example"),
        person_kind: PersonKind::PasscodeGuest,
        ..wanted("plan.docx")
    };
    assert_eq!(run(&redeem(Some("S"), susan.clone()), &shares, &[]), "link_used certain S:susan@adatum.example []");
    assert_eq!(run(&susan, &shares, &[]), "recipient_item certain S:susan@adatum.example []");
}

#[test]
fn example_3_a_folder_covers_what_is_below_and_not_its_neighbour() {
    let shares = [own("S", "offers")];
    assert_eq!(run(&wanted("offers/2026/a.docx"), &shares, &[]), format!("recipient_ancestor probable S:{GUEST} []"));
    assert_eq!(run(&wanted("offersold/b.docx"), &shares, &[]), "none unknown - []");
}

#[test]
fn example_4_a_rename_in_between() {
    let key: Arc<str> = Arc::from("site|item");
    let renamed_at = Some(TimeMs(NOW - HOUR_MS));
    let share = Share {
        item: key.clone(),
        places: vec![
            Place { path: at("plan.docx"), from: None, to: renamed_at },
            Place { path: at("plan-v2.docx"), from: renamed_at, to: None },
        ],
        ..own("S", "plan.docx")
    };
    let certain = format!("recipient_item certain S:{GUEST} []");
    let with_ids = Wanted { item: key, ..wanted("plan-v2.docx") };
    assert_eq!(run(&with_ids, std::slice::from_ref(&share), &[]), certain);
    assert_eq!(run(&wanted("plan-v2.docx"), std::slice::from_ref(&share), &[]), certain, "a source without item ids");
    assert_eq!(run(&wanted("plan.docx"), std::slice::from_ref(&share), &[]), "none unknown - []");
    let early = Wanted { first_at: TimeMs(NOW - 2 * HOUR_MS), ..wanted("plan.docx") };
    assert_eq!(run(&early, std::slice::from_ref(&share), &[]), certain);
    let newcomer = Wanted { item: Arc::from("site|another"), ..wanted("plan-v2.docx") };
    assert_eq!(run(&newcomer, &[share], &[]), "none unknown - []", "another item at the same path");
}

#[test]
fn example_7_an_invitation_accepted_with_another_address() {
    let invitation = Share { kind: ShareKind::Invitation, ..of("I", "sales@adatum.example", SITE) };
    let kim = Wanted { person: Arc::from("kim@adatum.example"), ..wanted("plan.docx") };
    let through = |access: &Wanted, aliases: &[&str]| {
        let shares = std::slice::from_ref(&invitation);
        run_with(access, shares, &[], aliases, Horizon::default(), &MatchRules::default())
    };
    assert_eq!(through(&kim, &["sales@adatum.example"]), "recipient_ancestor probable I:sales@adatum.example []");
    assert_eq!(through(&kim, &[]), "none unknown - []");
    let accepted = redeem(None, Wanted { item: Arc::from(SITE), path: Some(Arc::from(SITE)), ..kim });
    assert_eq!(through(&accepted, &["sales@adatum.example"]), "recipient_item probable I:sales@adatum.example []");
    let named = redeem(Some("I"), accepted);
    assert_eq!(through(&named, &["sales@adatum.example"]), "link_used probable I:sales@adatum.example []");
}

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
        (asleep(NOW, Some(NOW + 1)), unknown),
        (asleep(NOW - 1, None), unknown),
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
