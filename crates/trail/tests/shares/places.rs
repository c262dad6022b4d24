//! Items that move, are deleted and come back.

use serde_json::{Value, json};
use trail::Record;
use trail::share::{Cover, EndReason, Share, State, state_at};

use crate::story::*;

const DOCS: &str = "f0f0f0f0-0000-4000-8000-000000000001";

fn shared() -> Record {
    record(1, 0, "AddedToSecureLink", ANA, all(&[on(LINK), to("g@adatum.example", "Guest")]))
}

/// Something done to the folder above the file.
fn folder(number: u16, seconds: i64, operation: &str, more: Value) -> Record {
    let fields = json!({
        "RecordType": 6, "ObjectId": format!("{SITE}/Docs"), "ListItemUniqueId": DOCS, "ItemType": "Folder",
        "SourceFileName": "Docs", "SourceRelativeUrl": "",
    });
    record(number, seconds, operation, ANA, all(&[fields, more]))
}

fn file(number: u16, seconds: i64, operation: &str, more: Value) -> Record {
    record(number, seconds, operation, ANA, all(&[json!({"RecordType": 6, "SourceRelativeUrl": "Docs"}), more]))
}

fn covers(share: &Share, path: &str, seconds: i64) -> bool {
    share.covers(&format!("https://contoso.sharepoint.com/sites/{path}"), at(seconds)) == Some(Cover::Item)
}

#[test]
fn a_renamed_folder_takes_what_is_below_it_along() {
    let renamed = folder(2, 60, "FolderRenamed", json!({"DestinationFileName": "Docs final"}));
    let elsewhere =
        json!({"ObjectId": format!("{SITE}/Doc"), "ListItemUniqueId": "e0", "DestinationFileName": "Wrong"});
    let share = only(&[shared(), renamed, file(3, 90, "FolderRenamed", elsewhere)]);
    assert!(covers(&share, "hr/docs/plan.docx", 59) && !covers(&share, "hr/docs/plan.docx", 60));
    assert!(covers(&share, "hr/docs final/plan.docx", 60) && covers(&share, "hr/docs final/plan.docx", 900));
    assert_eq!((share.places.len(), share.evidence), (2, [1, 2].map(id).to_vec()));
}

#[test]
fn what_was_moved_before_it_was_shared_was_never_covered_elsewhere() {
    let moved = file(
        1,
        0,
        "FileMoved",
        json!({
            "ObjectId": format!("{SITE}/Old/plan.docx"), "SourceRelativeUrl": "Old", "DestinationRelativeUrl": "Docs",
            "DestinationFileName": "plan.docx",
        }),
    );
    let shared = record(2, 60, "AddedToSecureLink", ANA, all(&[on(LINK), to("g@adatum.example", "Guest")]));
    let share = only(&[moved, shared]);
    assert!(!covers(&share, "hr/old/plan.docx", 60) && covers(&share, "hr/docs/plan.docx", 60));
    assert!(!share.evidence.contains(&id(1)));
}

#[test]
fn links_do_not_follow_into_another_site() {
    let moved = json!({"SiteUrl": "https://contoso.sharepoint.com/sites/Sales/", "DestinationRelativeUrl": "Docs", "DestinationFileName": "plan.docx"});
    let share = only(&[shared(), file(2, 60, "FileMoved", moved)]);
    assert!(covers(&share, "hr/docs/plan.docx", 59));
    assert!(!covers(&share, "hr/docs/plan.docx", 60) && !covers(&share, "sales/docs/plan.docx", 60));
}

#[test]
fn a_share_sleeps_while_its_item_lies_in_the_recycle_bin() {
    let delete = |number, seconds| file(number, seconds, "FileRecycled", json!({}));
    let asleep = only(&[shared(), delete(2, 100)]);
    assert_eq!(state_at(&asleep, None, true), State::Dormant);
    assert!(asleep.lets_in_at(at(99)) && !asleep.lets_in_at(at(100)));
    // From the first bin it falls into the second, from which an administrator still restores it.
    let second = file(3, 150, "FileDeletedFirstStageRecycleBin", json!({}));
    let back = only(&[shared(), delete(2, 100), second, file(4, 200, "FileRestored", json!({}))]);
    assert_eq!(state_at(&back, None, true), State::Realised);
    assert_eq!([99, 150, 200].map(|seconds| back.lets_in_at(at(seconds))), [true, false, true]);
    assert_eq!((back.dormant, back.end), (vec![(at(100), Some(at(200)))], None));
}

#[test]
fn what_is_deleted_for_good_has_ended() {
    let gone = file(3, 200, "FileDeletedSecondStageRecycleBin", json!({}));
    let share = only(&[shared(), file(2, 100, "FileDeleted", json!({})), gone]);
    assert_eq!(share.end, Some((at(200), EndReason::ItemDeleted)));
    assert_eq!(state_at(&share, None, true), State::Ended);
}

#[test]
fn a_deleted_folder_takes_the_shares_below_it_along() {
    let asleep = only(&[shared(), folder(2, 100, "FolderRecycled", json!({}))]);
    assert_eq!(state_at(&asleep, None, false), State::Dormant);
    let back =
        only(&[shared(), folder(2, 100, "FolderRecycled", json!({})), folder(3, 200, "FolderRestored", json!({}))]);
    assert_eq!(state_at(&back, None, false), State::Live);
}

#[test]
fn without_item_ids_the_address_tells_which_item_it_is() {
    let nameless = |record: Record| Record { item: record.path.clone(), ..record };
    let renamed = file(2, 60, "FileRenamed", json!({"DestinationFileName": "plan-v2.docx"}));
    let later = file(3, 120, "FileRecycled", json!({"ObjectId": format!("{SITE}/Docs/plan-v2.docx")}));
    let share = only(&[shared(), renamed, later].map(nameless));
    assert!(covers(&share, "hr/docs/plan-v2.docx", 60));
    assert_eq!(state_at(&share, None, false), State::Dormant);
}

#[test]
fn another_item_at_the_same_address_is_another_item() {
    let other = json!({"ListItemUniqueId": "07e70000-0000-4000-8000-000000000001"});
    let share = only(&[shared(), file(2, 60, "FileRecycled", other)]);
    assert_eq!(state_at(&share, None, false), State::Live);
}

#[test]
fn a_link_whose_item_left_its_site_covers_nothing_even_when_it_is_cleared_away() {
    let moved = json!({"SiteUrl": "https://contoso.sharepoint.com/sites/Sales/", "DestinationRelativeUrl": "Docs", "DestinationFileName": "plan.docx"});
    let cleared = record(3, 90, "SharingLinkUpdated", ANA, on(LINK));
    let share = only(&[shared(), file(2, 60, "FileMoved", moved), cleared]);
    assert!(!covers(&share, "hr/docs/plan.docx", 90));
}

#[test]
fn a_move_that_was_not_recorded_shows_at_the_next_record_of_the_link() {
    let elsewhere = json!({"ObjectId": format!("{SITE}/Archive/plan.docx")});
    let again = record(2, 60, "AddedToSecureLink", ANA, all(&[elsewhere, on(LINK), to("g@adatum.example", "Guest")]));
    let share = only(&[shared(), again]);
    assert!(covers(&share, "hr/docs/plan.docx", 59) && covers(&share, "hr/archive/plan.docx", 60));
    assert!(!covers(&share, "hr/docs/plan.docx", 60));
}

#[test]
fn what_is_shared_again_is_back_from_the_recycle_bin() {
    let again = record(3, 200, "AddedToSecureLink", ANA, all(&[on(LINK), to("g@adatum.example", "Guest")]));
    let share = only(&[shared(), file(2, 100, "FileRecycled", json!({})), again]);
    assert_eq!(state_at(&share, None, false), State::Live);
    assert_eq!(share.dormant, [(at(100), Some(at(200)))]);
}
