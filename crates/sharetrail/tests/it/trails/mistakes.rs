//! Readings of such records that are often got wrong.

use serde_json::json;

use super::support::{ANA, BOB, accesses, imported, item_id, record, shares};

const LINK: &str = "6dd8014e-0000-4000-8000-000000000001";

#[test]
fn the_last_underscore_of_a_guest_s_name_is_the_at() {
    let guest = "john_doe_gmail.com#EXT#@contoso.onmicrosoft.com";
    let folder = imported(&[record(1, "10:00:00", "FileAccessed", guest, "Docs/plan.docx", json!({}))]);
    assert_eq!(accesses(&folder), ["john_doe@gmail.com read 1: none unknown"]);
    assert_eq!(folder.report("access")[0]["domain"], "gmail.com");
}

#[test]
fn live_com_in_a_user_key_makes_nobody_an_outsider() {
    let folder = imported(&[record(
        1,
        "10:00:00",
        "FileAccessed",
        BOB,
        "Docs/plan.docx",
        json!({
            "UserKey": "i:0h.f|membership|1003200096971f55@live.com",
        }),
    )]);
    assert_eq!(accesses(&folder), [""; 0]);
}

#[test]
fn a_company_link_is_no_exposure_and_is_counted() {
    let link = json!({"UniqueSharingId": LINK});
    let folder = imported(&[
        record(1, "10:00:00", "CompanyLinkCreated", ANA, "Docs/plan.docx", link.clone()),
        record(2, "10:10:00", "CompanyLinkUsed", BOB, "Docs/plan.docx", link),
    ]);
    assert_eq!((accesses(&folder).len(), shares(&folder).len()), (0, 0));
    let excluded = folder.report("excluded");
    assert!(
        excluded.iter().any(|row| row["reason"] == "make links for people inside the organisation"),
        "{excluded:?}"
    );
}

#[test]
fn what_was_left_out_of_another_time_than_was_asked_for_is_not_counted() {
    let link = json!({"UniqueSharingId": LINK});
    let folder = imported(&[
        record(1, "10:00:00", "CompanyLinkCreated", ANA, "Docs/plan.docx", link.clone()),
        record(2, "10:10:00", "CompanyLinkUsed", BOB, "Docs/plan.docx", link),
    ]);
    let asked = |since| folder.run(["report", "access", "--since", since]).with_code(0).stdout;
    assert!(asked("2000-01-01").contains("make links for people inside the organisation"));
    assert!(!asked("2200-01-01").contains("left out:"), "{}", asked("2200-01-01"));
}

#[test]
fn user_type_0_does_not_make_a_passcode_guest_an_insider() {
    let guest = "urn:spo:guest#li@fabrikam.example";
    let folder = imported(&[record(1, "10:00:00", "FileAccessed", guest, "Docs/plan.docx", json!({"UserType": 0}))]);
    assert_eq!(accesses(&folder), ["li@fabrikam.example read 1: none unknown"]);
    assert_eq!(folder.report("access")[0]["person_kind"], "passcode_guest");
}

#[test]
fn the_limited_access_system_group_is_no_share() {
    let set = |number: u16, target: &str| {
        let more = json!({
            "TargetUserOrGroupName": target, "TargetUserOrGroupType": "SharePointGroup",
            "EventData": "<Permissions granted>Limited Access</Permissions granted>",
        });
        record(number, "10:00:00", "SharingSet", ANA, "Docs/plan.docx", more)
    };
    let item = item_id("Docs/plan.docx");
    let folder = imported(&[
        set(1, &format!("Limited Access System Group For List {item}")),
        set(2, &"0123456789abcdef".repeat(4)),
    ]);
    assert_eq!(shares(&folder), [""; 0]);
}
