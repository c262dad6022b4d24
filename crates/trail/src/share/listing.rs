//! What an inventory tells of ways in: who may reach an item, as it was listed at one moment.
//!
//! A listing says that somebody can get in and not how: no link, no maker, no date. So it makes a share only where no
//! record explains it ([`beyond`]), and one that was there before anybody looked. What a later listing of the same item
//! leaves out has ended by then; that an item is not listed at all says nothing, since an inventory forgets what it has
//! not scanned for a while.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::event::{Change, LinkEvent, LinkRecipient};
use super::{Cover, EndReason, Share, ShareKind, key, reading};
use crate::Record;
use crate::identity::RecipientKind;

/// What the listings of an item, in order of (time, id), say of whom they name: outsiders, and anyone.
pub(super) fn events(listings: &[&Record]) -> Vec<LinkEvent> {
    // Whom the listings name, in order, and whether the latest one did.
    let mut listed: BTreeMap<Option<Arc<str>>, (Option<LinkRecipient>, bool)> = BTreeMap::new();
    let mut events = Vec::new();
    for listing in listings {
        let Some(item) = &listing.item else { continue };
        let now = named(listing);
        for (who, recipient) in &now {
            events.push(event(listing, item, recipient.clone(), Change::Listed));
            listed.insert(who.clone(), (recipient.clone(), true));
        }
        for (_, (recipient, is_there)) in
            listed.iter_mut().filter(|(who, (_, is_there))| *is_there && !now.contains_key(*who))
        {
            let end = EndReason::NoLongerListed;
            let change = if recipient.is_some() { Change::RecipientRemoved(end) } else { Change::Removed(end) };
            events.push(event(listing, item, recipient.clone(), change));
            *is_there = false;
        }
    }
    events
}

/// Who may come in from outside, by canonical identity; `None`: whoever has a link.
fn named(listing: &Record) -> BTreeMap<Option<Arc<str>>, Option<LinkRecipient>> {
    let is_public = listing.scope.as_deref().and_then(reading::kind_of_scope) == Some(ShareKind::Anyone);
    let people = listing.targets.iter().filter_map(|(_, target)| {
        let RecipientKind::Person(kind) = target.kind else { return None };
        let canonical: Arc<str> = Arc::from(target.canonical.as_str());
        let recipient = LinkRecipient {
            canonical: Arc::clone(&canonical),
            kind: target.kind,
            domain: target.domain.as_deref().map(Arc::from),
        };
        (kind.is_outside() && !canonical.is_empty()).then_some((Some(canonical), Some(recipient)))
    });
    people.chain(is_public.then_some((None, None))).collect()
}

fn event(listing: &Record, item: &Arc<str>, recipient: Option<LinkRecipient>, change: Change) -> LinkEvent {
    let who = recipient.as_ref().map_or("", |recipient| recipient.canonical.as_ref());
    LinkEvent {
        link_id: key::listed_link_id(item, who),
        kind: recipient.is_none().then_some(ShareKind::Anyone),
        change,
        recipient,
        permission: None,
        expires_at: None,
        item: Some(Arc::clone(item)),
        path: listing.path.clone(),
        url: listing.url.clone(),
        name: listing.name.clone(),
        item_type: listing.item_type.clone(),
        site: listing.site.clone(),
        group: None,
        by: Arc::from(""),
        at: listing.time,
        record: listing.id,
        evidence: vec![(listing.time, listing.id)],
        excluded: None,
    }
}

/// Of the events of one link, in order, those that tell of more than `known` shares explain; other links keep all.
///
/// `known` are shares for the same recipient (or for another address of that person) on the item and above it, the link's
/// own left out; more of other places do no harm. One of them explains a listing unless it had ended by then, wherever its
/// beginning lies: when an inventory took notice is not exact. Of a folder above, a share that is itself only listed
/// explains as well, so that a shared folder is one share and not one a file.
pub fn beyond<S: Borrow<Share>>(mut events: Vec<LinkEvent>, known: &[S]) -> Vec<LinkEvent> {
    if events.iter().all(|event| event.change != Change::Listed) {
        return events;
    }
    events.sort_by_key(|event| (event.at, event.record));
    events.retain(|event| event.change != Change::Listed || !known.iter().any(|share| explains(share.borrow(), event)));
    // Before the first listing that counts there was nothing to end.
    let first = events.iter().position(|event| event.change == Change::Listed);
    events.split_off(first.unwrap_or(events.len()))
}

fn explains(share: &Share, listing: &LinkEvent) -> bool {
    let is_theirs = match &listing.recipient {
        Some(_) => matches!(share.recipient_kind, RecipientKind::Person(_)),
        None => share.kind == ShareKind::Anyone && share.recipient.is_none(),
    };
    let covers = || {
        if listing.item.as_ref() == Some(&share.item) {
            return Some(Cover::Item);
        }
        share.covers(listing.path.as_deref()?, listing.at)
    };
    is_theirs
        && !share.blocked
        && share.end.is_none_or(|(end, _)| end > listing.at)
        && covers().is_some_and(|cover| !share.is_listed || cover != Cover::Item)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::identity::Domains;
    use crate::share::{self, gestures, link_events};
    use crate::{Activity, Target, TimeMs};

    fn listing(at: i64, people: &[&str], is_public: bool) -> Record {
        let activity = Activity {
            id: crate::RecordId::from_text(&format!("file@{at}")),
            time: Some(TimeMs(at)),
            operation: crate::operation::LISTED.into(),
            object_id: Some("https://c.example/sites/hr/docs/a.docx".into()),
            sharing_link_scope: is_public.then(|| "Anonymous".into()),
            targets: people.iter().map(|name| Target { name: (*name).to_owned().into(), kind: None }).collect(),
            ..Activity::default()
        };
        Record::of(&activity, &Domains::new(["contoso.example"], [""; 0])).unwrap()
    }

    /// All shares that follow from these listings beyond those that are known.
    fn shares(listings: &[Record], known: &[Share]) -> Vec<Share> {
        let read = |members: Vec<usize>| {
            let gesture: Vec<&Record> = members.into_iter().map(|index| &listings[index]).collect();
            link_events(&gesture)
        };
        let mut by_link: BTreeMap<Arc<str>, Vec<LinkEvent>> = BTreeMap::new();
        for event in gestures(listings).into_iter().flat_map(read) {
            by_link.entry(Arc::clone(&event.link_id)).or_default().push(event);
        }
        by_link.into_iter().flat_map(|(link, events)| share::shares(&link, &beyond(events, known), &[])).collect()
    }

    /// As a record would tell of it.
    fn recorded(path: &str, shared_at: Option<i64>, end: Option<i64>) -> Share {
        let end = end.map(|at| (TimeMs(at), EndReason::Revoked));
        let place = share::Place { path: path.into(), from: None, to: None };
        Share {
            link_id: "link".into(),
            item: path.into(),
            places: vec![place],
            shared_at: shared_at.map(TimeMs),
            end,
            is_listed: false,
            ..shares(&[listing(0, &["li@fabrikam.example"], false)], &[]).remove(0)
        }
    }

    const FILE: &str = "https://c.example/sites/hr/docs/a.docx";

    #[test]
    fn an_outsider_who_is_listed_has_a_share_that_was_there_before_we_looked() {
        let found = shares(&[listing(5, &["li@fabrikam.example", "ana@contoso.example"], false)], &[]);
        assert_eq!(found.len(), 1);
        let share = &found[0];
        assert_eq!((share.recipient.as_deref(), share.kind), (Some("li@fabrikam.example"), ShareKind::Unknown));
        assert_eq!((share.shared_at, share.first_sign_at, &share.shared_by), (None, TimeMs(5), &None));
        assert!(share.is_listed && share.lets_in_at(TimeMs(0)) && share.evidence.len() == 1);
    }

    #[test]
    fn what_anyone_may_open_has_a_share_for_anyone() {
        let found = shares(&[listing(5, &[], true)], &[]);
        assert_eq!(found.len(), 1);
        assert_eq!((&found[0].recipient, found[0].kind), (&None, ShareKind::Anyone));
    }

    #[test]
    fn who_is_missing_from_a_later_listing_is_out_and_who_comes_back_is_in_again() {
        let li: &[&str] = &["li@fabrikam.example"];
        let found = shares(&[listing(5, li, true), listing(9, &[], false)], &[]);
        let ends: Vec<_> = found.iter().map(|share| share.end).collect();
        assert_eq!(ends, [Some((TimeMs(9), EndReason::NoLongerListed)); 2]);
        let found = shares(&[listing(5, li, false), listing(9, &[], true), listing(12, li, true)], &[]);
        let li = found.iter().find(|share| share.recipient.is_some()).unwrap();
        assert_eq!((li.end, &li.dormant[..]), (None, &[(TimeMs(9), Some(TimeMs(12)))][..]));
    }

    #[test]
    fn a_share_known_from_records_takes_the_place_of_a_listed_one_unless_it_had_ended_by_then() {
        let li: &[&str] = &["li@fabrikam.example"];
        let left = |known: Share| shares(&[listing(5, li, false)], &[known]).len();
        for known in [
            recorded(FILE, Some(3), None),
            recorded(FILE, None, None),
            recorded(FILE, Some(8), None),
            recorded(FILE, Some(3), Some(6)),
            recorded("https://c.example/sites/hr/docs", Some(3), None),
        ] {
            assert_eq!(left(known.clone()), 0, "{known:?}");
        }
        for known in [
            recorded(FILE, Some(3), Some(4)),
            recorded("https://c.example/sites/hr/doc", Some(3), None),
            Share { recipient_kind: RecipientKind::Group, ..recorded(FILE, Some(3), None) },
            Share { blocked: true, ..recorded(FILE, Some(3), None) },
        ] {
            assert_eq!(left(known.clone()), 1, "{known:?}");
        }
    }

    #[test]
    fn a_listed_folder_explains_what_lies_in_it_and_no_listing_explains_itself() {
        let li: &[&str] = &["li@fabrikam.example"];
        let listed = |path| Share { is_listed: true, ..recorded(path, None, None) };
        assert_eq!(shares(&[listing(5, li, false)], &[listed("https://c.example/sites/hr/docs")]).len(), 0);
        assert_eq!(shares(&[listing(5, li, false)], &[listed(FILE)]).len(), 1);
    }

    proptest! {
        #[test]
        fn the_order_of_listings_makes_no_difference(
            told in prop::collection::vec((0_i64..9, prop::sample::subsequence(vec!["li@f.example", "kim@a.example"], 0..=2), any::<bool>()), 1..6)
                .prop_map(|mut told| { told.sort_by_key(|(at, ..)| *at); told.dedup_by_key(|(at, ..)| *at); told })
                .prop_flat_map(|told| (Just(told.clone()), Just(told).prop_shuffle())),
            ended in prop::option::of(0_i64..9),
        ) {
            let known = [recorded(FILE, Some(0), ended)];
            let records = |told: &[(i64, Vec<&str>, bool)]| -> Vec<Record> {
                told.iter().map(|(at, people, is_public)| listing(*at, people, *is_public)).collect()
            };
            let (sorted, shuffled) = (records(&told.0), records(&told.1));
            prop_assert_eq!(shares(&sorted, &known), shares(&shuffled, &known));
        }
    }
}
