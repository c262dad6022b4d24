//! The life of a link, told from everything that is known of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::alias::aliases;
use super::event::{Change, Excluded, LinkEvent};
use super::item_change::ItemChange;
use super::recipient::Life;
use super::whereabouts::follow;
use super::{Share, ShareKind};
use crate::{RecordId, TimeMs};

/// The shares of one link: one for each recipient outside, or one for anyone.
///
/// `events` are all of that link, in any order and however often each; `item_changes` those of the shared item and of
/// whatever lies or lay above it (others do no harm). The result depends on nothing else. In order of share id.
pub fn shares(link_id: &Arc<str>, events: &[LinkEvent], item_changes: &[ItemChange]) -> Vec<Share> {
    // Somebody outside cannot use a link of this kind, whatever else is said of it.
    if events.iter().any(|event| event.excluded == Some(Excluded::CompanyLink)) {
        return Vec::new();
    }
    let mut events: Vec<&LinkEvent> = events.iter().filter(|event| event.excluded.is_none()).collect();
    events.sort_by(|a, b| order(a).cmp(&order(b)));
    events.dedup();
    let mut changes: Vec<&ItemChange> = item_changes.iter().collect();
    changes.sort_by_key(|change| (change.at, change.record));
    changes.dedup_by_key(|change| change.record);

    let item = item_of(&events).unwrap_or_else(|| Arc::clone(link_id));
    let way = follow(&item, &events, &changes);
    let link_kind = kind_of(&events);
    let owners = owners(&events, link_kind);

    let steps = steps(&events, &owners, &way.changes);
    let keys: BTreeSet<Option<&str>> = owners.iter().copied().collect();
    let is_wanted = |key: &Option<&str>| key.is_some() || link_kind == Some(ShareKind::Anyone);
    let mut shares: Vec<Share> = keys
        .into_iter()
        .filter(is_wanted)
        .filter_map(|key| {
            let mut life = Life::new(key, link_kind);
            for step in &steps {
                match *step {
                    Step::Event(event, owner) if owner == key => life.hears_own(event),
                    Step::Event(event, None) => life.hears_of_link(event),
                    Step::Event(..) => {}
                    Step::Change(change, is_own) => life.hears_of_item(change, is_own),
                }
            }
            life.into_share(link_id, &item, &way)
        })
        .collect();
    shares.sort_by(|a, b| a.share_id.cmp(&b.share_id));
    shares
}

enum Step<'a> {
    Event(&'a LinkEvent, Option<&'a str>),
    Change(&'a ItemChange, bool),
}

fn steps<'a>(
    events: &[&'a LinkEvent],
    owners: &[Option<&'a str>],
    changes: &[(&'a ItemChange, bool)],
) -> Vec<Step<'a>> {
    let mut steps: Vec<Step<'a>> = events
        .iter()
        .zip(owners)
        .map(|(event, owner)| Step::Event(event, *owner))
        .chain(changes.iter().map(|(change, is_own)| Step::Change(change, *is_own)))
        .collect();
    // Stable: of one record, events keep their order and come before what it did to the item.
    steps.sort_by_key(|step| match step {
        Step::Event(event, _) => (event.at, event.record),
        Step::Change(change, _) => (change.at, change.record),
    });
    steps
}

type Order<'a> = (TimeMs, RecordId, Change, Option<&'a str>, &'a [(TimeMs, RecordId)]);

fn order(event: &LinkEvent) -> Order<'_> {
    let recipient = event.recipient.as_ref().map(|recipient| recipient.canonical.as_ref());
    (event.at, event.record, event.change, recipient, &event.evidence)
}

/// What is shared: where it was given, rather than where it was used.
fn item_of(events: &[&LinkEvent]) -> Option<Arc<str>> {
    let of = |is_use: bool| {
        events.iter().filter(|event| (event.change == Change::Seen) == is_use).find_map(|event| event.item.clone())
    };
    of(false).or_else(|| of(true))
}

/// A link that was for anyone once is one for anyone; else the first word on it.
fn kind_of(events: &[&LinkEvent]) -> Option<ShareKind> {
    if events.iter().any(|event| event.kind == Some(ShareKind::Anyone) && event.recipient.is_none()) {
        return Some(ShareKind::Anyone);
    }
    events.iter().find_map(|event| event.kind.filter(|kind| *kind != ShareKind::Unknown))
}

/// Whose share each event is about; `None`: the link as a whole, which is the share of a link for anyone.
fn owners<'a>(events: &[&'a LinkEvent], link_kind: Option<ShareKind>) -> Vec<Option<&'a str>> {
    let added: BTreeSet<&str> = events
        .iter()
        .filter(|event| event.change == Change::RecipientAdded)
        .filter_map(|event| event.recipient.as_ref().map(|recipient| recipient.canonical.as_ref()))
        .collect();
    // Who accepted in another's place goes through the other's share.
    let accepted: BTreeMap<Arc<str>, Arc<str>> =
        aliases(events.iter().copied()).into_iter().rev().map(|alias| (alias.accepted, alias.invited)).collect();
    let owner = |event: &&'a LinkEvent| {
        let recipient = event.recipient.as_ref()?.canonical.as_ref();
        if link_kind == Some(ShareKind::Anyone) && matches!(event.kind, None | Some(ShareKind::Anyone)) {
            return None;
        }
        if !matches!(event.change, Change::Seen | Change::Accepted) || added.contains(recipient) {
            return Some(recipient);
        }
        let invited = accepted.get(recipient);
        invited.and_then(|invited| added.get(invited.as_ref()).copied()).or(Some(recipient))
    };
    events.iter().map(owner).collect()
}
