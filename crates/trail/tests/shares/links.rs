//! Links: their two families, their ids, their ends.

use serde_json::json;
use trail::TimeMs;
use trail::share::{Change, EndReason, Excluded, State, gestures, state_at};

use crate::examples::{one_click, specific_people};
use crate::story::*;

const GUEST: &str = "susan@adatum.example";

#[test]
fn the_new_family_alone_tells_the_same_as_both() {
    for family in ["Secure", "Sharing"] {
        let mut records = specific_people();
        records.retain(|record| record.operation.contains(family) || &*record.operation == "SharingSet");
        assert_eq!(lines(&records).len(), 3, "{family}");
        assert!(lines(&records).iter().all(|line| line.starts_with("specific_people")), "{family}");
    }
    let anonymous = all(&[on(LINK), json!({"SharingLinkScope": "Anonymous", "EventData": "<Type>View</Type>"})]);
    assert_eq!(lines(&[record(1, 0, "SharingLinkCreated", ANA, anonymous)]), ["anyone - View live"]);
}

#[test]
fn a_link_known_by_its_group_alone_is_known() {
    let mut records = one_click();
    records.retain(|record| &*record.operation != "AnonymousLinkCreated");
    assert_eq!(lines(&records), ["anyone - Edit live"]);
    let group = format!("<Group>SharingLinks.{UNIQUE}.Flexible.{LINK}</Group>");
    let added = of_site(1, 0, "AddedToGroup", ANA, all(&[to(GUEST, "Guest"), json!({"EventData": group})]));
    let share = only(&[added]);
    assert_eq!((share.kind.as_str(), &*share.link_id, &*share.item), ("specific_people", LINK, UNIQUE));
}

#[test]
fn a_record_without_an_id_belongs_to_the_link_of_its_gesture() {
    let mut records = specific_people();
    for record in &mut records {
        record.link = None;
    }
    assert_eq!(told(&records).iter().map(|share| &*share.link_id).collect::<Vec<_>>(), [LINK; 3]);
    // A permission for the guest beside the link is no second way in.
    let gesture = json!({"CorrelationId": "c0000000-0000-0000-0000-000000000002"});
    records.push(record(30, 1, "SharingSet", ANA, all(&[gesture, to(GUEST, "Guest")])));
    assert_eq!(told(&records).len(), 3);
}

#[test]
fn company_links_are_counted_and_make_no_share() {
    let group = to(&format!("SharingLinks.{UNIQUE}.OrganizationEdit.{LINK}"), "SharePointGroup");
    let gesture = json!({"CorrelationId": "c1"});
    let records = [
        record(1, 0, "SharingSet", ANA, all(&[gesture.clone(), group])),
        record(2, 0, "CompanyLinkCreated", ANA, all(&[gesture.clone(), on(LINK)])),
        record(3, 0, "SharingLinkCreated", ANA, all(&[gesture, on(LINK)])),
        // In another gesture nothing but the id tells what kind of link it is.
        record(4, 900, "SharingLinkUsed", "li_fabrikam.example#EXT#@contoso.onmicrosoft.com", on(LINK)),
    ];
    assert_eq!(told(&records), []);
    let made: Vec<_> = events(&records).into_iter().filter(|event| event.change == Change::Made).collect();
    assert_eq!(made.len(), 1);
    assert_eq!((made[0].excluded, made[0].evidence.len()), (Some(Excluded::CompanyLink), 3));
    let scoped = all(&[on(LINK), json!({"SharingLinkScope": "Organization"})]);
    assert_eq!(told(&[record(1, 0, "SharingLinkCreated", ANA, scoped)]), []);
    assert_eq!(told(&[record(1, 0, "SharingLinkUsed", "bob@contoso.example", on(LINK))]), []);
}

#[test]
fn insiders_on_a_link_are_counted_and_are_no_recipients() {
    let records = [
        record(1, 0, "AddedToSecureLink", ANA, all(&[on(LINK), to("bob@contoso.example", "Member")])),
        record(2, 0, "AddedToSharingLink", ANA, all(&[on(LINK), to("bob@contoso.example", "Member")])),
        record(3, 60, "SecureLinkUsed", "bob@contoso.example", on(LINK)),
    ];
    assert_eq!(told(&records), []);
    let excluded: Vec<_> = events(&records).iter().map(|event| event.excluded.map(Excluded::as_str)).collect();
    assert_eq!(excluded, [Some("share_with_insider")]);
}

#[test]
fn a_link_known_only_from_a_use_was_made_before_we_looked() {
    let used = |user: &str, operation: &str| lines(&[record(1, 0, operation, user, on(LINK))]);
    assert_eq!(
        used("urn:spo:guest#susan@adatum.example", "SecureLinkUsed"),
        ["specific_people susan@adatum.example - live"]
    );
    assert_eq!(used("urn:spo:guest#susan@adatum.example", "SharingLinkUsed"), ["unknown susan@adatum.example - live"]);
    assert_eq!(used("urn:spo:anon#ab12", "SharingLinkUsed"), ["anyone - - live"]);
    // Which link it was, nobody can tell: no share is made up.
    assert_eq!(told(&[record(1, 0, "AnonymousLinkUsed", "anonymous", json!({}))]), []);
}

#[test]
fn one_recipient_goes_and_the_others_stay() {
    let mut records = specific_people();
    let fields = all(&[on(LINK), to("SUSAN@ADATUM.EXAMPLE", "Guest")]);
    records.push(record(20, 7200, "RemovedFromSecureLink", ANA, fields.clone()));
    records.push(record(21, 7200, "RemovedFromSharingLink", ANA, fields));
    assert_eq!(
        lines(&records),
        [
            "specific_people bo_x@tailspin.example Edit live",
            "specific_people li.wang@fabrikam.example Edit live",
            "specific_people susan@adatum.example Edit ended:recipient_removed",
        ]
    );
    let susan = told(&records).into_iter().find(|share| share.recipient.as_deref() == Some(GUEST)).unwrap();
    assert_eq!(susan.end, Some((at(7200), EndReason::RecipientRemoved)));
    assert!(susan.lets_in_at(at(7199)) && !susan.lets_in_at(at(7200)) && !susan.lets_in_at(at(0)));
}

#[test]
fn a_deleted_link_ends_for_all_its_recipients() {
    let mut records = specific_people();
    records.push(record(20, 18_000, "SecureLinkDeleted", ANA, on(LINK)));
    records.push(record(21, 18_000, "SharingLinkDeleted", ANA, on(LINK)));
    assert!(lines(&records).iter().all(|line| line.ends_with("ended:link_removed")), "{:?}", lines(&records));
    let mut anyone = one_click();
    anyone.push(record(40, 18_000, "AnonymousLinkRemoved", ANA, on(LINK)));
    assert_eq!(lines(&anyone), ["anyone - Edit ended:link_removed"]);
}

#[test]
fn who_is_put_back_on_a_link_is_live_again_and_was_out_in_between() {
    let mut records = specific_people();
    let fields = all(&[on(LINK), to("SUSAN@ADATUM.EXAMPLE", "Guest")]);
    records.push(record(20, 100, "RemovedFromSecureLink", ANA, fields.clone()));
    records.push(record(21, 200, "AddedToSecureLink", ANA, fields));
    let susan = told(&records).into_iter().find(|share| share.recipient.as_deref() == Some(GUEST)).unwrap();
    assert_eq!((susan.end, susan.shared_at), (None, Some(at(1))));
    let open: Vec<bool> = [50, 150, 250].map(|seconds| susan.lets_in_at(at(seconds))).to_vec();
    assert_eq!(open, [true, false, true]);
    assert_eq!(state_at(&susan, None, false), State::Live);
}

#[test]
fn a_link_runs_out_when_its_event_data_says_so_and_a_later_word_counts() {
    let expires = |data: &str| all(&[on(LINK), json!({ "EventData": data })]);
    let mut records = one_click();
    records.push(record(
        40,
        60,
        "AnonymousLinkUpdated",
        ANA,
        expires("<ExpirationDate>11/20/2025 16:20:00</ExpirationDate>"),
    ));
    let share = only(&records);
    let end = TimeMs::parse("2025-11-20T16:20:00Z").unwrap();
    assert_eq!(share.end, Some((end, EndReason::Expired)));
    assert_eq!(share.permission.as_deref(), Some("Edit"));
    let states = [None, Some(TimeMs(end.millis() - 1)), Some(end)].map(|now| state_at(&share, now, false));
    assert_eq!(states, [State::Live, State::Live, State::Expired]);
    assert!(share.lets_in_at(TimeMs(end.millis() - 1)) && !share.lets_in_at(end));

    records.push(record(
        41,
        120,
        "AnonymousLinkUpdated",
        ANA,
        expires("<Type>View</Type><ExpirationDate>2025-12-24T00:00:00</ExpirationDate>"),
    ));
    let longer = only(&records);
    assert_eq!(longer.end, TimeMs::parse("2025-12-24").map(|end| (end, EndReason::Expired)));
    assert_eq!((longer.permission.as_deref(), longer.dormant.len()), (Some("View"), 0));

    records.push(record(42, 180, "AnonymousLinkRemoved", ANA, on(LINK)));
    assert_eq!(only(&records).end, Some((at(180), EndReason::LinkRemoved)));
}

#[test]
fn whom_one_names_on_a_link_for_anyone_makes_no_second_share() {
    let mut records = one_click();
    let fields = all(&[on(LINK), to(GUEST, "Guest")]);
    records.push(record(40, 60, "AddedToSharingLink", ANA, fields.clone()));
    assert_eq!(lines(&records), ["anyone - Edit live"]);
    records.push(record(41, 90, "RemovedFromSharingLink", ANA, fields));
    assert_eq!(lines(&records), ["anyone - Edit live"]);
}

#[test]
fn the_older_link_names_are_links_of_an_unknown_kind() {
    let records = [
        record(1, 0, "SharedLinkCreated", ANA, on(LINK)),
        record(2, 60, "SharingLinkUsed", "urn:spo:guest#susan@adatum.example", on(LINK)),
        record(3, 120, "SharedLinkDisabled", ANA, on(LINK)),
    ];
    assert_eq!(lines(&records), ["unknown susan@adatum.example - ended:link_removed"]);
    // Until somebody outside uses it, nothing says that anybody outside could.
    assert_eq!(told(&records[..1]), []);
}

#[test]
fn records_are_one_gesture_only_as_long_as_a_click_takes() {
    let made = |number, seconds, correlation: &str| {
        record(number, seconds, "SharingSet", ANA, json!({"CorrelationId": correlation}))
    };
    for (records, expected) in [
        (vec![made(1, 0, "c1"), made(2, 60, "C1"), made(3, 121, "c1")], vec![vec![0, 1], vec![2]]),
        (vec![made(1, 9, "c1"), made(2, 9, "c2"), made(3, 8, "c1")], vec![vec![2, 0], vec![1]]),
        // Without a correlation, or with one that says nothing: by actor and object.
        (vec![made(1, 0, ""), made(2, 2, ""), made(3, 5, "")], vec![vec![0, 1], vec![2]]),
        (
            vec![
                made(1, 0, "00000000-0000-0000-0000-000000000000"),
                made(2, 3, "00000000-0000-0000-0000-000000000000"),
            ],
            vec![vec![0], vec![1]],
        ),
        (vec![made(1, 0, ""), of_site(2, 0, "SharingSet", ANA, json!({}))], vec![vec![0], vec![1]]),
    ] {
        assert_eq!(gestures(&records), expected);
    }
}

#[test]
fn of_two_links_in_one_gesture_a_record_without_id_goes_to_neither() {
    let gesture = json!({"CorrelationId": "c1"});
    let other = "5d4c3b2a-0000-4000-8000-00000000cafe";
    let records = [
        record(1, 0, "SecureLinkCreated", ANA, all(&[gesture.clone(), on(LINK)])),
        record(2, 0, "SecureLinkCreated", ANA, all(&[gesture.clone(), on(other)])),
        record(3, 0, "AddedToSecureLink", ANA, all(&[gesture, to(GUEST, "Guest")])),
    ];
    let share = only(&records);
    assert_eq!((share.kind.as_str(), share.link_id.len()), ("specific_people", 32));
}

#[test]
fn a_guest_in_a_link_s_group_and_in_a_site_s_group_has_two_ways_in() {
    let into = |number, group: &str| {
        let fields =
            all(&[json!({"CorrelationId": "c1", "EventData": format!("<Group>{group}</Group>")}), to(GUEST, "Guest")]);
        of_site(number, 0, "AddedToGroup", ANA, fields)
    };
    let records = [into(1, &format!("SharingLinks.{UNIQUE}.Flexible.{LINK}")), into(2, "Site Members")];
    assert_eq!(
        lines(&records),
        ["site_membership susan@adatum.example - live", "specific_people susan@adatum.example - live"]
    );
}

#[test]
fn what_ran_out_and_was_prolonged_was_closed_in_between() {
    let expires =
        |date: &str| all(&[on(LINK), json!({"EventData": format!("<ExpirationDate>{date}</ExpirationDate>")})]);
    let share = only(&[
        record(1, 0, "AnonymousLinkCreated", ANA, expires(&at(100).to_string())),
        record(2, 200, "AnonymousLinkUpdated", ANA, expires(&at(900).to_string())),
    ]);
    assert_eq!([50, 150, 250, 950].map(|seconds| share.lets_in_at(at(seconds))), [true, false, true, false]);
    assert_eq!(share.end, Some((at(900), EndReason::Expired)));
}

#[test]
fn what_is_removed_after_it_ran_out_had_run_out() {
    let expires = json!({"EventData": format!("<ExpirationDate>{}</ExpirationDate>", at(100))});
    let share = only(&[
        record(1, 0, "AnonymousLinkCreated", ANA, all(&[on(LINK), expires])),
        record(2, 200, "AnonymousLinkRemoved", ANA, on(LINK)),
    ]);
    assert_eq!(share.end, Some((at(100), EndReason::Expired)));
}

#[test]
fn an_insider_named_on_a_link_for_anyone_does_not_hide_it() {
    let fields = all(&[on(LINK), to("bob@contoso.example", "Member"), json!({"SharingLinkScope": "Anonymous"})]);
    assert_eq!(lines(&[record(1, 0, "AddedToSharingLink", ANA, fields)]), ["anyone - - live"]);
}

#[test]
fn a_company_link_without_an_id_takes_that_of_its_neutral_record() {
    let gesture = json!({"CorrelationId": "c1"});
    let records = [
        record(1, 0, "CompanyLinkCreated", ANA, gesture.clone()),
        record(2, 0, "SharingLinkCreated", ANA, all(&[gesture, on(LINK)])),
        record(3, 900, "SharingLinkUsed", "li_fabrikam.example#EXT#@contoso.onmicrosoft.com", on(LINK)),
    ];
    assert_eq!(told(&records), []);
}

#[test]
fn plumbing_that_names_one_link_is_no_evidence_of_another() {
    let gesture = json!({"CorrelationId": "c1"});
    let other = "5d4c3b2a-0000-4000-8000-00000000cafe";
    let into = |number, link: &str| {
        let group = json!({"EventData": format!("<Group>SharingLinks.{UNIQUE}.AnonymousEdit.{link}</Group>")});
        of_site(number, 0, "AddedToGroup", ANA, all(&[gesture.clone(), to(&"4d".repeat(32), "SecurityGroup"), group]))
    };
    let made = |number, link: &str| record(number, 0, "AnonymousLinkCreated", ANA, all(&[gesture.clone(), on(link)]));
    let shares = told(&[made(1, LINK), into(2, LINK), made(3, other), into(4, other)]);
    let evidence: Vec<_> = shares.into_iter().map(|share| share.evidence).collect();
    assert_eq!(evidence, [[1, 2].map(id), [3, 4].map(id)]);
}

#[test]
fn a_removal_that_names_no_link_ends_the_item_s_links_of_its_kind() {
    let other = "5d4c3b2a-0000-4000-8000-0000000000aa";
    let (susan, li) = ("susan@adatum.example", "li@fabrikam.example");
    let records = [
        record(1, 0, "AddedToSecureLink", ANA, all(&[on(LINK), to(susan, "Guest")])),
        record(2, 1, "AddedToSecureLink", ANA, all(&[on(LINK), to(li, "Guest")])),
        record(3, 100, "AnonymousLinkCreated", ANA, on(other)),
        record(4, 200, "RemovedFromSecureLink", ANA, to(susan, "Guest")),
        record(5, 300, "AnonymousLinkRemoved", ANA, json!({})),
    ];
    assert_eq!(
        lines(&records),
        [
            "anyone - - ended:link_removed",
            "specific_people li@fabrikam.example - live",
            "specific_people susan@adatum.example - ended:recipient_removed",
        ]
    );
    assert!(told(&records).iter().any(|share| share.evidence.contains(&id(4))), "the removal is evidence");
    let elsewhere =
        record(6, 400, "SecureLinkDeleted", ANA, json!({"ListItemUniqueId": "e0", "ObjectId": format!("{SITE}/b")}));
    let company = record(7, 500, "SharingLinkDeleted", ANA, json!({"SharingLinkScope": "Organization"}));
    let still = [&records[..], &[elsewhere, company]].concat();
    assert_eq!(lines(&still), lines(&records), "neither another item's nor a company link");
    let whole = [&records[..], &[record(8, 600, "SecureLinkDeleted", ANA, json!({}))]].concat();
    assert!(lines(&whole).contains(&"specific_people li@fabrikam.example - ended:link_removed".to_owned()));
}
