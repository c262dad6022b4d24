//! Of the many records of one gesture, one event a link and recipient.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::event::{Change, Excluded, LinkEvent, LinkRecipient};
use super::known_links::{KnownLink, KnownLinks, name_link, tell_kind};
use super::plumbing::Plumbing;
use super::reading::{self, Statement, Way};
use super::{ShareKind, event_data, key, listing};
use crate::identity::{PersonKind, RecipientKind};
use crate::operation::Class;
use crate::{Record, RecordId, TimeMs};

/// What the records of one gesture, in any order and however often each, say about links.
///
/// One event a link, recipient and change: the older and the newer family of link operations are merged, and the
/// permissions that the service sets up behind a link are its evidence (Microsoft: "Use sharing auditing in the audit
/// log"). In order of (time, record id, link, recipient, change).
pub fn link_events(gesture: &[&Record]) -> Vec<LinkEvent> {
    let mut records: Vec<&Record> = gesture.to_vec();
    records.sort_by_key(|record| (record.time, record.id));
    records.dedup();
    let (listings, records): (Vec<&Record>, Vec<&Record>) =
        records.into_iter().partition(|record| record.class == Class::Listing);
    let mut said: Vec<Statement<'_>> = records.iter().flat_map(|record| reading::read(record)).collect();
    let known = KnownLinks::of(&said);
    said.iter_mut().filter(|said| said.way == Way::Link).for_each(|said| name_link(said, &known));
    let known = KnownLinks::of(&said);
    said.iter_mut().filter(|said| said.way == Way::Link).for_each(|said| tell_kind(said, &known));
    let on_links = recipients_of_links(&said);
    let invitations = invitations(&said);
    said.iter_mut()
        .filter(|said| said.way == Way::Grant)
        .for_each(|said| name_grant(said, &known, &on_links, &invitations));
    said.retain_mut(settle);

    let plumbing = Plumbing::of(&records);
    let mut merged: BTreeMap<What, Vec<Statement<'_>>> = BTreeMap::new();
    for said in said {
        let Some(link) = said.link.clone() else { continue };
        let recipient = said.recipient.as_ref().map(|recipient| Arc::clone(&recipient.canonical));
        merged.entry((link, recipient, said.change)).or_default().push(said);
    }
    let mut events: Vec<LinkEvent> =
        merged.into_iter().filter_map(|((link, _, _), said)| event(link, said, &plumbing)).collect();
    locate_by_siblings(&mut events);
    events.extend(listing::events(&listings));
    // Stable, so that events of one record stay in order of (link, recipient, change).
    events.sort_by_key(|event| (event.at, event.record));
    events
}

/// Link, recipient and change: what is one event.
type What = (Arc<str>, Option<Arc<str>>, Change);

type OnItem = (Option<Arc<str>>, Arc<str>);

/// Who is on which link of which item.
fn recipients_of_links(said: &[Statement<'_>]) -> BTreeMap<OnItem, (Arc<str>, Option<ShareKind>)> {
    let is_added = |said: &&Statement<'_>| said.change == Change::RecipientAdded && said.is_on_item;
    let on_links = said.iter().filter(|said| said.way == Way::Link).filter(is_added);
    let mut found = BTreeMap::new();
    for said in on_links {
        let (Some(recipient), Some(item)) = (&said.recipient, &said.record.item) else { continue };
        let link = said.link.clone().unwrap_or_else(|| stand_in(said, item));
        let entry = found.entry((Some(Arc::clone(item)), Arc::clone(&recipient.canonical)));
        let place = entry.or_insert_with(|| (Arc::clone(&link), said.kind));
        if link < place.0 {
            *place = (link, said.kind);
        }
    }
    found
}

/// Who is invited to which item, and what the gesture says of the invitation.
fn invitations(said: &[Statement<'_>]) -> BTreeMap<OnItem, (Option<Arc<str>>, Change)> {
    let invitations = said.iter().filter(|said| said.kind == Some(ShareKind::Invitation));
    let mut found: BTreeMap<OnItem, (Option<Arc<str>>, Change)> = BTreeMap::new();
    for said in invitations {
        let Some(recipient) = &said.recipient else { continue };
        if !matches!(said.change, Change::RecipientAdded | Change::Accepted) {
            continue;
        }
        let at = (said.record.item.clone(), Arc::clone(&recipient.canonical));
        let told = (said.link.clone(), said.change);
        let best = found.entry(at).or_insert_with(|| told.clone());
        if told.1 < best.1 || told.1 == best.1 && told.0 > best.0 {
            *best = told;
        }
    }
    found
}

/// Makes a permission or an invitation part of the link or the invitation that it belongs to.
fn name_grant(
    said: &mut Statement<'_>,
    known: &KnownLinks,
    on_links: &BTreeMap<OnItem, (Arc<str>, Option<ShareKind>)>,
    invitations: &BTreeMap<OnItem, (Option<Arc<str>>, Change)>,
) {
    let (Some(recipient), None) = (&said.recipient, &said.link) else { return };
    if said.change != Change::RecipientAdded || said.excluded.is_some() {
        return;
    }
    let at = (said.record.item.clone(), Arc::clone(&recipient.canonical));
    if let Some((link, kind)) = on_links.get(&at) {
        said.link = Some(Arc::clone(link));
        said.kind = *kind;
        return;
    }
    // A link for certain people in the same gesture, whose recipients were not recorded otherwise.
    let is_for_people = |link: &KnownLink| link.kind == Some(ShareKind::SpecificPeople);
    let link = known.only(at.0.as_ref(), is_for_people);
    if let (Some(link), RecipientKind::Person(_)) = (link, recipient.kind) {
        said.link = Some(link);
        said.kind = Some(ShareKind::SpecificPeople);
    } else if let Some((link, change)) = invitations.get(&at) {
        said.link.clone_from(link);
        said.kind = Some(ShareKind::Invitation);
        said.change = *change;
    }
}

/// Brings a statement into its final form; `false` when nothing follows from it.
fn settle(said: &mut Statement<'_>) -> bool {
    if said.kind == Some(ShareKind::Anyone) && said.way == Way::Link && said.recipient.take().is_some() {
        // Whom somebody names on a link for anyone makes no difference to who may use it.
        said.excluded = said.excluded.filter(|why| *why == Excluded::CompanyLink);
        said.change = match said.change {
            Change::RecipientAdded => Change::Made,
            Change::RecipientRemoved(_) => Change::Changed,
            other => other,
        };
    }
    if said.change == Change::Seen && said.excluded.is_none() {
        let tells_of_a_link = said.kind == Some(ShareKind::Anyone)
            || said.recipient.as_ref().is_some_and(|user| match user.kind {
                RecipientKind::Person(kind) => kind.is_outside() && kind != PersonKind::Anonymous,
                _ => false,
            });
        // Which of several links was used, nobody can tell without its id.
        return tells_of_a_link && said.link.is_some();
    }
    if said.link.is_none() {
        // What has no name anywhere in its gesture ends what the item has (`ItemEvent::LinkEnded`).
        if said.way == Way::Link && matches!(said.change, Change::Removed(_) | Change::RecipientRemoved(_)) {
            return false;
        }
        let Some(item) = &said.record.item else { return false };
        said.link = Some(stand_in(said, item));
    }
    true
}

fn stand_in(said: &Statement<'_>, item: &str) -> Arc<str> {
    let recipient = said.recipient.as_ref().map_or("", |recipient| recipient.canonical.as_ref());
    key::link_id_of(item, recipient, said.kind.unwrap_or(ShareKind::Unknown))
}

/// The one event that these statements about one link, recipient and change make.
fn event(link_id: Arc<str>, mut said: Vec<Statement<'_>>, plumbing: &Plumbing<'_>) -> Option<LinkEvent> {
    said.sort_by_key(|said| (said.rank, said.record.time, said.record.id));
    let head = said.first()?;
    let kind = said.iter().find_map(|said| said.kind);
    let on_item = said.iter().find(|said| said.is_on_item).map(|said| said.record);
    let text = |of: fn(&Record) -> &Option<Arc<str>>| on_item.and_then(|record| of(record).clone());
    let item = text(|record| &record.item);
    let mut evidence: BTreeSet<(TimeMs, RecordId)> =
        said.iter().map(|said| (said.record.time, said.record.id)).collect();
    if matches!(head.change, Change::Made | Change::RecipientAdded) && kind != Some(ShareKind::SiteMembership) {
        evidence.extend(plumbing.behind(item.as_ref(), &link_id));
    }
    Some(LinkEvent {
        kind,
        change: head.change,
        recipient: best_recipient(&said),
        permission: said.iter().find_map(|said| said.permission.clone()),
        expires_at: said.iter().find_map(|said| event_data::expires_at(said.record.event_data.as_deref()?)),
        item: item.or_else(|| reading::link_group(head.record, |name| Arc::clone(&name.item))),
        path: text(|record| &record.path),
        url: text(|record| &record.url),
        name: text(|record| &record.name),
        item_type: text(|record| &record.item_type),
        site: said.iter().find_map(|said| said.record.site.clone()).or_else(|| site_itself(kind, on_item)),
        group: said.iter().find_map(|said| said.group.clone()),
        by: Arc::clone(&head.record.person),
        at: head.record.time,
        record: head.record.id,
        evidence: evidence.into_iter().collect(),
        excluded: excluded(&said),
        link_id,
    })
}

/// What one record gives is given, whatever others leave out; a company link is one as soon as one record says so.
fn excluded(said: &[Statement<'_>]) -> Option<Excluded> {
    let is_company = said.iter().any(|said| said.excluded == Some(Excluded::CompanyLink));
    if is_company { Some(Excluded::CompanyLink) } else { said.iter().map(|said| said.excluded).min().flatten() }
}

/// Records about a site's groups name the site as their object and nowhere else.
fn site_itself(kind: Option<ShareKind>, on_item: Option<&Record>) -> Option<Arc<str>> {
    let url = on_item.filter(|_| kind == Some(ShareKind::SiteMembership))?.url.as_deref()?;
    Some(Arc::from(url.trim_end_matches('/')))
}

fn best_recipient(said: &[Statement<'_>]) -> Option<LinkRecipient> {
    said.iter().find_map(|said| said.recipient.clone())
}

/// An event that only the link's own group told of lies where the gesture's other events of that link lie.
fn locate_by_siblings(events: &mut [LinkEvent]) {
    let mut located: HashMap<Arc<str>, LinkEvent> = HashMap::new();
    for event in events.iter().filter(|event| event.path.is_some()) {
        located.entry(Arc::clone(&event.link_id)).or_insert_with(|| event.clone());
    }
    for event in events.iter_mut().filter(|event| event.path.is_none()) {
        if let Some(sibling) = located.get(&event.link_id) {
            event.item.clone_from(&sibling.item);
            event.path.clone_from(&sibling.path);
            event.url.clone_from(&sibling.url);
            event.name.clone_from(&sibling.name);
            event.item_type.clone_from(&sibling.item_type);
        }
    }
}
