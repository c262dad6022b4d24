//! Ways in without a link: permissions, invitations, groups, requests.

use serde_json::{Value, json};
use trail::Record;
use trail::share::{EndReason, Excluded, State, state_at};

use crate::story::*;

const GUEST: &str = "susan_adatum.example#EXT#@contoso.onmicrosoft.com";

fn granted(number: u16, seconds: i64, target: &str, kind: &str, permission: &str) -> Record {
    let data = json!({"EventData": format!("<Permissions granted>{permission}</Permissions granted>")});
    record(number, seconds, "SharingSet", ANA, all(&[to(target, kind), data]))
}

fn joined(number: u16, seconds: i64, user: &str, target: &str, kind: &str, group: &str) -> Record {
    let data = json!({"EventData": format!("<Group>{group}</Group>")});
    of_site(number, seconds, "AddedToGroup", user, all(&[to(target, kind), data]))
}

fn excluded(records: &[Record]) -> Vec<&'static str> {
    events(records).iter().filter_map(|event| event.excluded.map(Excluded::as_str)).collect()
}

#[test]
fn a_permission_makes_a_share_only_for_who_may_be_outside() {
    let principal = "4d".repeat(32);
    for (target, kind, permission, expected, why) in [
        (GUEST, "Guest", "Contribute", Some("direct susan@adatum.example Contribute live"), None),
        ("li@fabrikam.example", "Member", "Read", Some("direct li@fabrikam.example Read live"), None),
        ("li@fabrikam.example", "Partner", "Read", Some("direct li@fabrikam.example Read live"), None),
        ("Everyone", "SecurityGroup", "Read", Some("direct everyone Read live"), None),
        ("All Users (windows)", "SecurityGroup", "Read", Some("direct all users (windows) Read live"), None),
        ("Project Kilo", "SecurityGroup", "Read", Some("direct project kilo Read live"), None),
        ("bob@contoso.example", "Member", "Read", None, Some("share_with_insider")),
        ("SHAREPOINT\\system", "Member", "Full Control", None, Some("share_with_insider")),
        ("Everyone except external users", "SecurityGroup", "Read", None, Some("share_with_all_insiders")),
        (GUEST, "Guest", "Limited Access", None, None),
        (&principal, "SecurityGroup", "System.LimitedEdit", None, None),
        ("Limited Access System Group For Web 1", "SharePointGroup", "Limited Access", None, None),
    ] {
        let records = [granted(1, 0, target, kind, permission)];
        assert_eq!(lines(&records), expected.into_iter().collect::<Vec<_>>(), "{target} {kind}");
        assert_eq!(excluded(&records), why.into_iter().collect::<Vec<_>>(), "{target} {kind}");
    }
}

#[test]
fn broad_and_unknown_groups_say_so_in_their_recipient_kind() {
    let kind = |target: &str| only(&[granted(1, 0, target, "SecurityGroup", "Read")]).recipient_kind.as_str();
    assert_eq!((kind("Everyone"), kind("Project Kilo")), (Some("anyone"), Some("group")));
}

#[test]
fn a_revoked_permission_has_ended() {
    let records = [
        granted(1, 0, GUEST, "Guest", "Contribute"),
        granted(2, 0, "li@fabrikam.example", "Partner", "Read"),
        record(3, 7200, "SharingRevoked", ANA, to(GUEST, "Guest")),
    ];
    assert_eq!(
        lines(&records),
        ["direct li@fabrikam.example Read live", "direct susan@adatum.example Contribute ended:revoked"]
    );
}

#[test]
fn sharing_by_the_service_counts_where_a_guest_is_the_target() {
    let by_service = |target: Value| of_site(1, 0, "AddedToGroup", "app@sharepoint", target);
    assert_eq!(lines(&[by_service(to(GUEST, "Guest"))]), ["site_membership susan@adatum.example - live"]);
    // The groups that every new site begins with.
    let provisioned = [by_service(to("Project Kilo Owners", "SecurityGroup"))];
    assert_eq!((told(&provisioned), excluded(&provisioned)), (vec![], vec!["group_of_new_site"]));
    // Put there by a person as well, in the same gesture, it may let somebody in.
    let gesture = |record: Record| Record { correlation: Some("c1".into()), ..record };
    let by_person = of_site(2, 1, "AddedToGroup", ANA, to("Project Kilo Owners", "SecurityGroup"));
    let [provisioned] = provisioned;
    assert_eq!(lines(&[provisioned, by_person].map(gesture)), ["site_membership project kilo owners - live"]);
}

#[test]
fn membership_of_a_site_is_a_share_of_the_site_and_ends_with_the_last_group() {
    let leave = |number, seconds, group: &str| {
        let data = json!({"EventData": format!("<Group>{group}</Group>")});
        of_site(number, seconds, "RemovedFromGroup", ANA, all(&[to(GUEST, "Guest"), data]))
    };
    let mut records = vec![
        joined(1, 0, ANA, GUEST, "Guest", "Site Members"),
        joined(2, 60, ANA, GUEST, "Guest", "Site Visitors"),
        leave(3, 120, "site members"),
    ];
    let share = only(&records);
    assert_eq!((share.kind.as_str(), &*share.item, share.end), ("site_membership", &*SITE.to_lowercase(), None));
    assert_eq!(share.site.as_deref(), Some(SITE));
    records.push(leave(4, 180, "Site Visitors"));
    assert_eq!(only(&records).end, Some((at(180), EndReason::RecipientRemoved)));
    // Plumbing groups are no membership.
    assert_eq!(told(&[joined(1, 0, ANA, GUEST, "Guest", "Limited Access System Group For Web 1")]), []);
}

#[test]
fn an_outsider_as_administrator_has_the_whole_site() {
    let added = of_site(1, 0, "SiteCollectionAdminAdded", ANA, to(GUEST, "Guest"));
    assert_eq!(lines(std::slice::from_ref(&added)), ["site_membership susan@adatum.example SiteAdministrator live"]);
    let removed = of_site(2, 60, "SiteCollectionAdminRemoved", ANA, to(GUEST, "Guest"));
    assert_eq!(
        lines(&[added, removed]),
        ["site_membership susan@adatum.example SiteAdministrator ended:recipient_removed"]
    );
}

#[test]
fn a_stay_that_is_prolonged_ends_later() {
    let until = json!({"EventData": "<ExpirationDate>2026-01-31T00:00:00</ExpirationDate>"});
    let records = [
        joined(1, 0, ANA, GUEST, "Guest", "Site Members"),
        granted(2, 0, GUEST, "Guest", "Read"),
        granted(3, 0, "li@fabrikam.example", "Partner", "Read"),
        of_site(4, 60, "UserExpirationChanged", ANA, all(&[to(GUEST, "Guest"), until])),
    ];
    let ends: Vec<_> = told(&records).iter().map(|share| (share.recipient.clone(), share.end.is_some())).collect();
    assert_eq!(
        ends.iter().filter(|(who, has_end)| *has_end == (who.as_deref() == Some("susan@adatum.example"))).count(),
        3
    );
}

#[test]
fn an_invitation_lives_from_created_to_revoked() {
    let invited = |number, seconds, operation: &str| {
        of_site(number, seconds, operation, ANA, to("SUSAN@ADATUM.EXAMPLE", "Guest"))
    };
    for (operations, expected) in [
        (&["SharingInvitationCreated"][..], "live"),
        (&["SharingInvitationCreated", "SharingInvitationUpdated"], "live"),
        (&["SharingInvitationCreated", "SharingInvitationRevoked"], "ended:invitation_revoked"),
        (&["AccessInvitationCreated", "AccessInvitationRevoked"], "ended:invitation_revoked"),
        (&["SharingInvitationBlocked"], "blocked"),
        (&["SharingInvitationBlocked", "SharingInvitationCreated"], "live"),
    ] {
        let records: Vec<Record> = (1..)
            .zip(operations)
            .map(|(number, operation)| invited(number, i64::from(number) * 60, operation))
            .collect();
        assert_eq!(lines(&records), [format!("invitation susan@adatum.example - {expected}")], "{operations:?}");
    }
    let blocked = only(&[invited(1, 0, "SharingInvitationBlocked")]);
    assert!(!blocked.lets_in_at(at(60)) && blocked.shared_at.is_none());
    let expired = only(&[invited(1, 0, "AccessInvitationCreated"), invited(2, 60, "AccessInvitationExpired")]);
    assert_eq!(state_at(&expired, Some(at(61)), false), State::Expired);
}

#[test]
fn what_the_gesture_of_an_invitation_writes_beside_it_is_part_of_it() {
    let gesture = |more| all(&[json!({"CorrelationId": "c1"}), more]);
    let records = [
        of_site(1, 0, "SharingInvitationCreated", ANA, gesture(to(GUEST, "Guest"))),
        of_site(2, 0, "SharingSet", ANA, gesture(to(GUEST, "Guest"))),
        of_site(
            3,
            0,
            "AddedToGroup",
            ANA,
            gesture(all(&[to(GUEST, "Guest"), json!({"EventData": "<Group>Site Members</Group>"})])),
        ),
    ];
    let share = only(&records);
    assert_eq!((share.kind.as_str(), share.evidence.len()), ("invitation", 3));
    let left = all(&[to(GUEST, "Guest"), json!({"EventData": "<Group>Site Members</Group>"})]);
    let after = [&records[..], &[of_site(4, 60, "RemovedFromGroup", ANA, left)]].concat();
    assert_eq!(lines(&after), ["invitation susan@adatum.example - ended:recipient_removed"]);
}

#[test]
fn a_request_of_an_outsider_is_a_share_once_it_is_granted() {
    let asked = record(1, 0, "AccessRequestCreated", GUEST, json!({}));
    assert_eq!(told(std::slice::from_ref(&asked)), []);
    for target in [to(GUEST, "Guest"), json!({})] {
        for operation in ["AccessRequestAccepted", "AccessRequestApproved"] {
            let share = only(&[asked.clone(), record(2, 3600, operation, ANA, target.clone())]);
            assert_eq!((share.kind.as_str(), share.recipient.as_deref()), ("direct", Some("susan@adatum.example")));
            assert_eq!((share.shared_at, share.shared_by.as_deref()), (Some(at(3600)), Some(ANA)));
            assert_eq!(share.evidence, [1, 2].map(id));
        }
    }
    assert_eq!(told(&[asked, record(2, 3600, "AccessRequestDenied", ANA, to(GUEST, "Guest"))]), []);
    let by_insider = [
        record(1, 0, "AccessRequestCreated", "bob@contoso.example", json!({})),
        record(2, 60, "AccessRequestApproved", ANA, json!({})),
    ];
    assert_eq!(told(&by_insider), []);
}

#[test]
fn inherited_permissions_end_every_share_of_the_item_itself() {
    let folder =
        json!({"ObjectId": format!("{SITE}/Docs"), "ListItemUniqueId": "f0f0f0f0-0000-4000-8000-000000000001"});
    let records = [
        granted(1, 0, GUEST, "Guest", "Read"),
        record(2, 60, "AddedToSecureLink", ANA, all(&[folder, on(LINK), to(GUEST, "Guest")])),
        record(3, 120, "SharingInheritanceReset", ANA, json!({})),
    ];
    assert_eq!(
        lines(&records),
        ["direct susan@adatum.example Read ended:inheritance_reset", "specific_people susan@adatum.example - live"]
    );
}

#[test]
fn who_joins_a_team_has_its_whole_site_until_leaving_the_team() {
    let of_team = |number, seconds, operation: &str, who: &str| {
        let fields = json!({
            "ObjectId": null, "Site": null, "ListItemUniqueId": null, "ItemType": null, "SourceFileName": null,
            "Members": [{"UPN": who, "Role": 3}],
        });
        record(number, seconds, operation, ANA, fields)
    };
    let records = [
        of_team(1, 0, "MemberAdded", GUEST),
        of_team(2, 10, "MemberAdded", "bob@contoso.example"),
        of_team(3, 500, "MemberRemoved", GUEST),
    ];
    assert_eq!(lines(&records[..2]), ["site_membership susan@adatum.example - live"]);
    assert_eq!(lines(&records), ["site_membership susan@adatum.example - ended:recipient_removed"]);
    assert_eq!(only(&records).url.as_deref(), Some(SITE));
}
