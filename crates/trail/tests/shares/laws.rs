//! What holds whatever the records are.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use trail::Record;
use trail::share::{gestures, link_events};

use crate::examples::{one_click, specific_people};
use crate::story::*;

const PEOPLE: [(&str, &str); 5] = [
    ("SUSAN@ADATUM.EXAMPLE", "Guest"),
    ("li_fabrikam.example#EXT#@contoso.onmicrosoft.com", "Guest"),
    ("bob@contoso.example", "Member"),
    ("Everyone", "SecurityGroup"),
    ("Project Kilo", "SecurityGroup"),
];
const ACTORS: [&str; 4] = [ANA, "urn:spo:guest#susan@adatum.example", "anonymous", "app@sharepoint"];
const OPERATIONS: [&str; 32] = [
    "AnonymousLinkCreated",
    "AnonymousLinkUpdated",
    "AnonymousLinkRemoved",
    "AnonymousLinkUsed",
    "SecureLinkCreated",
    "AddedToSecureLink",
    "RemovedFromSecureLink",
    "SecureLinkDeleted",
    "SecureLinkUsed",
    "CompanyLinkCreated",
    "SharingLinkCreated",
    "AddedToSharingLink",
    "RemovedFromSharingLink",
    "SharingLinkDeleted",
    "SharingLinkUsed",
    "SharingSet",
    "SharingInvitationCreated",
    "SharingInvitationAccepted",
    "SharingInvitationRevoked",
    "SharingInvitationBlocked",
    "SharingRevoked",
    "SharingInheritanceBroken",
    "SharingInheritanceReset",
    "AddedToGroup",
    "RemovedFromGroup",
    "AccessRequestCreated",
    "AccessRequestApproved",
    "UserExpirationChanged",
    "FileMoved",
    "FileRecycled",
    "FileRestored",
    "FileDeletedSecondStageRecycleBin",
];

/// Any record about one of two items, one of two links (or none) and one of a few people.
fn any_record() -> impl Strategy<Value = (Index, i64, Index, Index, u8, u8)> {
    // Few moments, so that ties are frequent.
    (any::<Index>(), 0..40_i64, any::<Index>(), any::<Index>(), 0..6_u8, 0..4_u8)
}

fn build(number: u16, (operation, seconds, actor, target, link, item): (Index, i64, Index, Index, u8, u8)) -> Record {
    let mut fields =
        vec![json!({"DestinationRelativeUrl": format!("Moved{}", seconds % 3), "DestinationFileName": "plan.docx"})];
    if item % 2 == 1 {
        fields.push(json!({"ObjectId": format!("{SITE}/Docs"), "ListItemUniqueId": "f0f0f0f0-0000-4000-8000-000000000001", "ItemType": "Folder"}));
    }
    if item >= 2 {
        fields.push(json!({"CorrelationId": format!("c{}", seconds / 10)}));
    }
    let (name, kind) = target.get(&PEOPLE);
    fields.push(match link {
        0 => on(LINK),
        1 => on("5d4c3b2a-0000-4000-8000-00000000cafe"),
        2 => json!({"EventData": "<Type>View</Type><ExpirationDate>11/20/2025 10:20:20</ExpirationDate>"}),
        3 => all(&[on(LINK), json!({"SharingLinkScope": "Anonymous"})]),
        _ => json!({}),
    });
    let group = to(&format!("SharingLinks.{UNIQUE}.Flexible.{LINK}"), "SharePointGroup");
    fields.push(if link == 5 { group } else { to(name, kind) });
    let (operation, actor): (&&str, &&str) = (operation.get(&OPERATIONS), actor.get(&ACTORS));
    record(number, seconds, operation, actor, all(&fields))
}

/// Records of any kind, and the same in another order with some of them twice.
fn any_story() -> impl Strategy<Value = (Vec<Record>, Vec<Record>)> {
    prop::collection::vec(any_record(), 1..24).prop_flat_map(|parts| {
        let records: Vec<Record> = (1..).zip(parts).map(|(number, parts)| build(number, parts)).collect();
        let again = prop::collection::vec(any::<Index>(), 0..6);
        (Just(records), again).prop_flat_map(|(records, again)| {
            let mut more = records.clone();
            more.extend(again.iter().map(|index| index.get(&records).clone()));
            (Just(records), Just(more).prop_shuffle())
        })
    })
}

/// Of the stories that are told elsewhere.
fn known_stories() -> [Vec<Record>; 2] {
    let later: [(u16, i64, &str, Value); 3] = [
        (40, 60, "RemovedFromSecureLink", to("susan@adatum.example", "Guest")),
        (41, 90, "AddedToSecureLink", to("susan@adatum.example", "Guest")),
        (42, 120, "SharingLinkDeleted", json!({})),
    ];
    let later =
        later.map(|(number, seconds, operation, more)| record(number, seconds, operation, ANA, all(&[on(LINK), more])));
    [one_click(), [specific_people(), later.to_vec()].concat()]
}

proptest! {
    #[test]
    fn order_and_doubles_of_records_change_nothing((records, shuffled) in any_story()) {
        prop_assert_eq!(told(&records), told(&shuffled));
    }

    #[test]
    fn known_stories_are_the_same_from_behind(turn in 0..30_usize) {
        for records in known_stories() {
            let mut turned = records.clone();
            turned.rotate_left(turn % records.len());
            turned.reverse();
            turned.extend(records.iter().take(turn).cloned());
            prop_assert_eq!(told(&records), told(&turned));
        }
    }

    #[test]
    fn the_events_of_a_gesture_do_not_depend_on_the_order_of_its_records((records, shuffled) in any_story()) {
        prop_assert_eq!(link_events(&records.iter().collect::<Vec<_>>()), link_events(&shuffled.iter().collect::<Vec<_>>()));
    }

    #[test]
    fn every_record_is_in_exactly_one_gesture((records, _) in any_story()) {
        let mut members: Vec<usize> = gestures(&records).concat();
        members.sort_unstable();
        prop_assert_eq!(members, (0..records.len()).collect::<Vec<_>>());
    }

    #[test]
    fn shares_are_whole((records, _) in any_story()) {
        let shares = told(&records);
        for pair in shares.windows(2) {
            prop_assert_ne!(&pair[0].share_id, &pair[1].share_id);
        }
        for share in shares {
            prop_assert!(!share.evidence.is_empty());
            prop_assert!(share.recipient_kind.as_str().is_some());
            prop_assert!(share.shared_at.is_none_or(|at| at == share.first_sign_at));
            prop_assert!(share.dormant.windows(2).all(|pair| pair[0].1.is_some_and(|end| end < pair[1].0)));
            prop_assert!(share.places.windows(2).all(|pair| pair[0].to.is_some() && pair[0].to <= pair[1].from));
        }
    }
}
