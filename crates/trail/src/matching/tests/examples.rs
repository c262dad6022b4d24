//! The stories that the design tells, as far as matching goes; each test is named for its story.

use super::*;

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
