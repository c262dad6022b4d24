//! The stories in which a naive reading goes wrong.

use serde_json::{Value, json};
use trail::Record;
use trail::share::{Change, Cover, ItemChange, State, aliases, item_change, state_at};

use crate::story::*;

/// The 27 records that one click on "Anyone with the link can edit" writes.
pub fn one_click() -> Vec<Record> {
    let gesture = json!({"CorrelationId": "5b000000-70cd-2000-c945-5477f2790001"});
    let principal = "20".repeat(32);
    let broken = |object: &str, item: Option<&str>, kind: &str| {
        let data = "<copyRoleAssignments>True</copyRoleAssignments><clearSubScopes>False</clearSubScopes>";
        let fields = json!({"ObjectId": object, "ListItemUniqueId": item, "ItemType": kind, "EventData": data});
        all(&[gesture.clone(), fields])
    };
    let set = |target: &str, kind: &str, permission: &str| {
        let data = format!(
            "<Permissions granted>{permission}</Permissions granted><MembersCanShareApplied>False</MembersCanShareApplied>"
        );
        all(&[gesture.clone(), to(target, kind), json!({"EventData": data})])
    };
    let limited = |scope: &str| {
        let data = format!("<Group>Limited Access System Group For {scope} 36cf4e3f</Group>");
        all(&[gesture.clone(), to(&principal, "SecurityGroup"), json!({"EventData": data})])
    };
    let link_group = format!("SharingLinks.{UNIQUE}.AnonymousEdit.{LINK}");
    let glued = format!("{SITE}//sites/HR/Sharing Links");
    let hidden = format!("{SITE}/Lists/userActivityFeedHiddenListF4387007");
    let link = all(&[gesture.clone(), on(LINK), json!({"EventData": "<Type>Edit</Type>"})]);
    let mut all_of_it = vec![
        of_site(1, 0, "GroupAdded", ANA, gesture.clone()),
        record(2, 0, "SharingSet", ANA, set(&principal, "SecurityGroup", "System.LimitedEdit")),
        record(3, 0, "SharingInheritanceBroken", ANA, broken(FILE, Some(UNIQUE), "File")),
        record(4, 1, "SharingInheritanceBroken", ANA, broken(&glued, Some("237d06bb-0"), "List")),
        record(5, 1, "SharingSet", ANA, set(&link_group, "SharePointGroup", "Contribute")),
        of_site(6, 1, "AddedToGroup", ANA, limited("List")),
        record(7, 1, "AnonymousLinkCreated", ANA, link),
        of_site(8, 1, "GroupAdded", ANA, gesture.clone()),
        of_site(9, 1, "GroupAdded", ANA, gesture.clone()),
        record(10, 1, "SharingSet", ANA, set("Limited Access System Group", "SharePointGroup", "Limited Access")),
        of_site(11, 1, "AddedToGroup", ANA, limited("Web")),
        record(12, 4, "SharingInheritanceBroken", ANA, broken(&hidden, Some("bab2ce74-0"), "List")),
    ];
    let noise = ["ListCreated", "ListUpdated", "FolderModified"].into_iter().chain(["ListColumnCreated"; 12]);
    all_of_it.extend(noise.zip(13..).map(|(operation, number)| of_site(number, 4, operation, ANA, gesture.clone())));
    assert_eq!(all_of_it.len(), 27);
    all_of_it
}

#[test]
fn one_click_of_27_records_is_one_share_for_anyone() {
    let share = only(&one_click());
    assert_eq!((&*share.link_id, &*share.share_id), (LINK, LINK));
    assert_eq!((share.kind.as_str(), share.permission.as_deref()), ("anyone", Some("Edit")));
    assert_eq!((share.recipient, share.recipient_kind.as_str()), (None, Some("anyone")));
    assert_eq!(share.url.as_deref(), Some(FILE));
    assert!(share.item.ends_with(UNIQUE), "{}", share.item);
    assert_eq!((share.shared_by.as_deref(), share.shared_at), (Some(ANA), Some(at(1))));
    // The link itself and what the service set up behind it on the file; nothing of the hidden lists.
    assert_eq!(share.evidence, [2, 3, 5, 6, 7, 10, 11].map(id));
}

#[test]
fn example_1_an_anyone_link_seen_by_strangers_and_by_an_insider_is_one_share() {
    let mut records = one_click();
    records.push(record(40, 1200, "AnonymousLinkUsed", "anonymous", on(LINK)));
    records.push(record(41, 1200, "FileAccessed", "urn:spo:anon#ab12", json!({"RecordType": 6})));
    records.push(record(42, 1800, "AnonymousLinkUsed", "bob@contoso.example", on(LINK)));
    let share = only(&records);
    assert_eq!((share.kind.as_str(), share.shared_at), ("anyone", Some(at(1))));
    assert_eq!(state_at(&share, None, true), State::Realised);
    assert!(!share.evidence.contains(&id(40)), "uses belong to the accesses");
}

/// "Specific people": every recipient is named by the older and by the newer family of operations.
pub fn specific_people() -> Vec<Record> {
    let gesture = json!({"CorrelationId": "c0000000-0000-0000-0000-000000000002", "EventData": "<Type>Edit</Type>"});
    let link = all(&[gesture.clone(), on(LINK)]);
    let group = to(&format!("SharingLinks.{UNIQUE}.Flexible.{LINK}"), "SharePointGroup");
    let mut records = vec![
        record(1, 0, "SharingSet", ANA, all(&[gesture, group])),
        record(2, 1, "SecureLinkCreated", ANA, link.clone()),
        record(3, 1, "SharingLinkCreated", ANA, link.clone()),
    ];
    let people =
        ["LI.WANG@FABRIKAM.EXAMPLE", "susan@adatum.example", "BO_X_TAILSPIN.EXAMPLE#EXT#@contoso.onmicrosoft.com"];
    for (number, person) in (4u16..).step_by(2).zip(people) {
        let fields = all(&[link.clone(), to(person, "Guest")]);
        records.push(record(number, 1, "AddedToSecureLink", ANA, fields.clone()));
        records.push(record(number + 1, 1, "AddedToSharingLink", ANA, fields));
    }
    records
}

#[test]
fn example_2_specific_people_are_one_share_each_and_only_who_came_has_realised_it() {
    let mut records = specific_people();
    records.push(record(20, 687, "SecureLinkUsed", "urn:spo:guest#susan@adatum.example", on(LINK)));
    records.push(record(21, 687, "SharingLinkUsed", "urn:spo:guest#susan@adatum.example", on(LINK)));
    assert_eq!(
        lines(&records),
        [
            "specific_people bo_x@tailspin.example Edit live",
            "specific_people li.wang@fabrikam.example Edit live",
            "specific_people susan@adatum.example Edit live",
        ]
    );
    // Two records of one second are one use, and only susan's.
    let uses: Vec<_> = events(&records).into_iter().filter(|event| event.change == Change::Seen).collect();
    assert_eq!((uses.len(), &*uses[0].link_id, uses[0].evidence.len()), (1, LINK, 2));
    let used_by = uses[0].recipient.as_ref().map(|who| &who.canonical);
    for share in told(&records) {
        let is_used = share.recipient.as_ref() == used_by;
        let state =
            if share.recipient.as_deref() == Some("susan@adatum.example") { State::Realised } else { State::Live };
        assert_eq!(state_at(&share, None, is_used), state);
        assert_eq!(&*share.link_id, LINK);
        assert!(share.share_id.starts_with(&format!("{LINK}:")) && share.share_id.len() == LINK.len() + 17);
        // Two records name the recipient, three the link.
        assert_eq!(share.evidence.len(), 5, "{share:?}");
    }
}

#[test]
fn example_3_a_share_of_a_folder_covers_what_is_below_it_and_no_other_folder() {
    let folder = json!({"ObjectId": format!("{SITE}/Docs/Offers"), "ItemType": "Folder"});
    let share =
        only(&[record(1, 0, "AddedToSecureLink", ANA, all(&[folder, on(LINK), to("g@adatum.example", "Guest")]))]);
    let below = "https://contoso.sharepoint.com/sites/hr/docs/offers/2026/a.docx";
    let beside = "https://contoso.sharepoint.com/sites/hr/docs/offersold/b.docx";
    assert_eq!(share.covers(below, at(60)), Some(Cover::Ancestor(2)));
    assert_eq!(share.covers(beside, at(60)), None);
    assert_eq!(share.covers("https://contoso.sharepoint.com/sites/hr/docs/offers", at(60)), Some(Cover::Item));
    assert_eq!(share.covers("https://contoso.sharepoint.com/sites/hr/docs", at(60)), None);
}

#[test]
fn example_4_a_share_follows_its_item_through_a_rename() {
    let rename = json!({"RecordType": 6, "DestinationFileName": "plan-v2.docx", "SourceRelativeUrl": "Docs"});
    let share = only(&[
        record(1, 0, "AddedToSecureLink", ANA, all(&[on(LINK), to("g@adatum.example", "Guest")])),
        record(2, 3600, "FileRenamed", ANA, rename),
    ]);
    let (old, new) = (FILE.to_lowercase(), FILE.to_lowercase().replace("plan", "plan-v2"));
    assert_eq!((share.covers(&old, at(3599)), share.covers(&new, at(3599))), (Some(Cover::Item), None));
    assert_eq!((share.covers(&old, at(3600)), share.covers(&new, at(3600))), (None, Some(Cover::Item)));
    assert_eq!(share.places[0].from, None);
    assert_eq!(share.evidence, [1, 2].map(id));
}

#[test]
fn example_6_a_member_who_uses_an_anyone_link_is_no_recipient_and_the_link_stays_an_exposure() {
    let used = record(1, 0, "AnonymousLinkUsed", "bob@contoso.example", on(LINK));
    let share = only(std::slice::from_ref(&used));
    assert_eq!((share.kind.as_str(), share.recipient.as_deref()), ("anyone", None));
    assert_eq!((share.shared_at, share.shared_by, share.first_sign_at), (None, None, at(0)));
    assert_eq!(share.evidence, [id(1)]);
}

#[test]
fn example_7_an_invitation_accepted_under_another_address_is_realised_and_ties_two_persons() {
    let invited = to("SALES@ADATUM.EXAMPLE", "Guest");
    let records = [
        of_site(1, 0, "SharingInvitationCreated", ANA, invited.clone()),
        of_site(2, 9000, "SharingInvitationAccepted", "kim_adatum.example#EXT#@contoso.onmicrosoft.com", invited),
    ];
    let share = only(&records);
    assert_eq!((share.kind.as_str(), share.recipient.as_deref()), ("invitation", Some("sales@adatum.example")));
    assert_eq!((share.shared_at, share.accepted_at), (Some(at(0)), Some(at(9000))));
    assert_eq!(state_at(&share, None, false), State::Realised);
    assert_eq!(share.evidence, [1, 2].map(id));
    let edges = aliases(&events(&records));
    let edges: Vec<_> = edges.iter().map(|edge| (&*edge.invited, &*edge.accepted, edge.record)).collect();
    assert_eq!(edges, [("sales@adatum.example", "kim@adatum.example", id(2))]);
}

#[test]
fn who_accepts_under_the_invited_address_in_any_form_is_no_alias() {
    let invited = to("KIM@ADATUM.EXAMPLE", "Guest");
    for user in ["kim_adatum.example#EXT#@contoso.onmicrosoft.com", "urn:spo:guest#kim@adatum.example"] {
        let accepted = of_site(2, 9000, "AccessInvitationAccepted", user, invited.clone());
        let unnamed = of_site(2, 9000, "AccessInvitationAccepted", user, json!({}));
        for accepted in [accepted, unnamed] {
            let records = [of_site(1, 0, "AccessInvitationCreated", ANA, invited.clone()), accepted];
            assert_eq!(lines(&records), ["invitation kim@adatum.example - realised"]);
            assert_eq!(aliases(&events(&records)), []);
        }
    }
}

#[test]
fn an_acceptance_that_names_nobody_is_tied_by_its_link() {
    let kim = "urn:spo:guest#kim@adatum.example";
    let mut records = vec![
        of_site(1, 0, "SharingInvitationCreated", ANA, all(&[on(LINK), to("SALES@ADATUM.EXAMPLE", "Guest")])),
        of_site(2, 9000, "SharingInvitationAccepted", kim, on(LINK)),
        record(3, 9001, "SecureLinkUsed", kim, on(LINK)),
    ];
    assert_eq!(lines(&records), ["invitation sales@adatum.example - realised"]);
    assert_eq!(aliases(&events(&records)).len(), 1);
    // With two who were invited, nobody can tell in whose place.
    records.push(of_site(4, 60, "SharingInvitationCreated", ANA, all(&[on(LINK), to("info@adatum.example", "Guest")])));
    assert_eq!(aliases(&events(&records)), []);
    assert_eq!(told(&records).len(), 3);
}

#[test]
fn conflicting_targets_of_one_record_are_both_recipients() {
    let mut added = record(1, 0, "AddedToSecureLink", ANA, to("OUTSIDER@ALLOWED.EXAMPLE", "Guest"));
    let other = record(1, 0, "AddedToSecureLink", ANA, to("OUTSIDER@EXTERNAL.EXAMPLE", "Guest"));
    added.targets.extend(other.targets);
    assert_eq!(
        lines(&[added]),
        ["specific_people outsider@allowed.example - live", "specific_people outsider@external.example - live"]
    );
}

#[test]
fn records_about_no_way_in_change_nothing() {
    let more: Value = json!({"RecordType": 6});
    let changes = |operation| -> Option<ItemChange> { item_change(&record(1, 0, operation, ANA, more.clone())) };
    for operation in
        ["FileAccessed", "FileModified", "FileVersionRecycled", "SharingSet", "SecureLinkUsed", "FolderModified"]
    {
        assert_eq!(changes(operation), None, "{operation}");
    }
}
