//! Of the many records of one gesture, one event a link and recipient.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::event::{Change, Excluded, LinkEvent, LinkRecipient};
use super::reading::{self, Statement, Way};
use super::{ShareKind, event_data, key};
use crate::identity::{PersonKind, RecipientKind};
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
    // Stable, so that events of one record stay in order of (link, recipient, change).
    events.sort_by_key(|event| (event.at, event.record));
    events
}

/// Link, recipient and change: what is one event.
type What = (Arc<str>, Option<Arc<str>>, Change);

/// The links that the gesture tells of, by what they may be found.
#[derive(Debug, Default)]
struct KnownLinks {
    by_id: HashMap<Arc<str>, BTreeSet<KnownLink>>,
    by_item: HashMap<Arc<str>, BTreeSet<KnownLink>>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct KnownLink {
    id: Option<Arc<str>>,
    kind: Option<ShareKind>,
    is_company: bool,
}

impl KnownLinks {
    fn of(said: &[Statement<'_>]) -> Self {
        let mut known = Self::default();
        for said in said.iter().filter(|said| said.way == Way::Link) {
            let is_company = said.excluded == Some(Excluded::CompanyLink);
            let link = KnownLink { id: said.link.clone(), kind: said.kind, is_company };
            if let Some(id) = &said.link {
                known.by_id.entry(Arc::clone(id)).or_default().insert(link.clone());
            }
            if let Some(item) = said.record.item.as_ref().filter(|_| said.is_on_item) {
                known.by_item.entry(Arc::clone(item)).or_default().insert(link);
            }
        }
        known
    }

    fn on(&self, item: Option<&Arc<str>>) -> impl Iterator<Item = &KnownLink> {
        item.and_then(|item| self.by_item.get(item)).into_iter().flatten()
    }

    /// The id of the only link on the item that is like this: of several, none is meant more than another.
    fn only(&self, item: Option<&Arc<str>>, is_like: impl Fn(&KnownLink) -> bool) -> Option<Arc<str>> {
        let mut ids = self.on(item).filter(|link| is_like(link)).filter_map(|link| link.id.as_ref());
        let first = ids.next()?;
        ids.all(|id| id == first).then(|| Arc::clone(first))
    }
}

/// Gives a statement about a link without an id the one that other records of the gesture name for the item.
fn name_link(said: &mut Statement<'_>, known: &KnownLinks) {
    let (excluded, kind) = (said.excluded, said.kind);
    let may_be = |link: &KnownLink| match (excluded, kind) {
        (Some(Excluded::CompanyLink), _) => link.kind.is_none(),
        (_, None) => true,
        (_, kind) => !link.is_company && (link.kind.is_none() || link.kind == kind),
    };
    if said.link.is_none() {
        said.link = known.only(said.record.item.as_ref(), may_be);
    }
}

/// Gives a statement of the neutral family the kind that other records of the gesture tell of its link.
fn tell_kind(said: &mut Statement<'_>, known: &KnownLinks) {
    if said.kind.is_some() {
        return;
    }
    let same: Vec<&KnownLink> = match &said.link {
        Some(id) => known.by_id.get(id).into_iter().flatten().collect(),
        None => known.on(said.record.item.as_ref()).filter(|link| link.id.is_none()).collect(),
    };
    if same.iter().any(|link| link.is_company) {
        said.excluded = Some(Excluded::CompanyLink);
    } else {
        // The kinds are in order: a link for anyone outranks what else was said.
        said.kind = same.iter().filter_map(|link| link.kind).min();
    }
}

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

/// The records of the gesture that set up what is behind its shares.
struct Plumbing<'a> {
    on_items: HashMap<&'a str, Vec<&'a Record>>,
    of_groups: Vec<&'a Record>,
}

/// As much of it is evidence of one share at most; real gestures write about ten such records.
const PLUMBING_MAX: usize = 32;

impl<'a> Plumbing<'a> {
    fn of(records: &[&'a Record]) -> Self {
        let mut plumbing = Self { on_items: HashMap::new(), of_groups: Vec::new() };
        for record in records.iter().copied().filter(|record| reading::is_plumbing(record)) {
            match &record.item {
                // The groups of a site name the site, not the item for whose sake they are changed.
                _ if record.operation.eq_ignore_ascii_case("AddedToGroup") => plumbing.of_groups.push(record),
                Some(item) => plumbing.on_items.entry(item.as_ref()).or_default().push(record),
                None => {}
            }
        }
        plumbing
    }

    /// What is behind a share of `item`; what names another link's group is not.
    fn behind(&self, item: Option<&Arc<str>>, link_id: &Arc<str>) -> impl Iterator<Item = (TimeMs, RecordId)> {
        let on_item = item.and_then(|item| self.on_items.get(item.as_ref())).into_iter().flatten();
        on_item
            .chain(&self.of_groups)
            .filter(|record| reading::own_link(record).is_none_or(|link| link == *link_id))
            .take(PLUMBING_MAX)
            .map(|record| (record.time, record.id))
    }
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
