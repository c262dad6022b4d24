//! The plot: what scenes write into. It keeps the events, the book of accesses, the shares and the awkward cases.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::cast::labels::{self};
use super::cast::{self, Actor, Cast, Client, Employee, Item, Outsider, Site, Stranger, names, places};
use super::clock::Window;
use super::deed::Deed;
use super::dice::Dice;
use super::event::Event;
use super::guid::Guid;
use super::ledger::{Entry, Ledger, ShareRef};
use super::truth::{AwkwardCase, TrueAlarm, TrueLabel, TrueShare, Truth};

/// How many record ids an awkward case lists at most; repeated scenes would list thousands.
const AWKWARD_RECORDS_MAX: usize = 24;

/// See the module.
#[derive(Debug)]
pub(crate) struct Plot<'c> {
    /// Who and what there is.
    pub(crate) cast: &'c Cast,
    /// Chance.
    pub(crate) dice: Dice,
    /// When things happen.
    pub(crate) window: Window,
    /// What has been written so far.
    pub(crate) events: Vec<Event>,
    pub(super) shares: Vec<TrueShare>,
    ledger: Ledger,
    awkward: BTreeMap<&'static str, AwkwardCase>,
    alarms: Vec<TrueAlarm>,
    declared: BTreeSet<String>,
    next_outsider: usize,
}

/// Somebody at a thing: everything that a deed needs but the deed itself.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    /// Who.
    pub(crate) who: Actor,
    /// With which device.
    pub(crate) client: Rc<Client>,
    /// On what.
    pub(crate) item: Item,
    /// Through which share, if the scene knows one.
    pub(crate) share: Option<ShareRef>,
    /// `CorrelationId`.
    pub(crate) correlation: Guid,
    /// `UserSessionId`.
    pub(crate) session: Guid,
}

impl Visit {
    /// The same visitor, now at another thing (or at the same thing under another name or label).
    pub(crate) fn at(&self, item: &Item) -> Self {
        Self { item: item.clone(), ..self.clone() }
    }

    /// The same visit, the visitor appearing in another form or with another device.
    pub(crate) fn seen_as(&self, who: &Actor, client: &Rc<Client>) -> Self {
        Self { who: who.clone(), client: Rc::clone(client), ..self.clone() }
    }
}

impl<'c> Plot<'c> {
    /// An empty plot.
    pub(crate) fn new(cast: &'c Cast, mut dice: Dice, window: Window) -> Self {
        let next_outsider = dice.below(cast.outsiders.len());
        let (events, shares, ledger, awkward, alarms, declared) = Default::default();
        Self { cast, dice, window, events, shares, ledger, awkward, alarms, declared, next_outsider }
    }

    /// An employee.
    pub(crate) fn employee(&mut self) -> &'c Employee {
        self.dice.pick(&self.cast.employees)
    }

    /// The next outsider; everybody has a turn before anybody has a second one.
    pub(crate) fn outsider(&mut self) -> &'c Outsider {
        // 29 and the number of outsiders (72) have no common divisor, so this visits all, far from neighbour to neighbour.
        self.next_outsider = (self.next_outsider + 29) % self.cast.outsiders.len();
        &self.cast.outsiders[self.next_outsider]
    }

    /// Somebody whom nobody knows, with an address of their own.
    pub(crate) fn stranger(&mut self) -> Stranger {
        let dice = &mut self.dice;
        let place = dice.pick(&places::ABROAD);
        let client = Client { ip: cast::outside_address(dice), agent: places::browser(dice), place, managed: None };
        let code = dice.hex(32);
        let nameless = format!("anon:{}", client.address()).into();
        let user_type = if dice.chance(500) { 10 } else { 0 };
        Stranger {
            nameless: Actor::outsider("anonymous", user_type, "anonymous", &nameless, "anonymous", dice),
            session: Actor::outsider(
                &format!("urn:spo:anon#{code}"),
                user_type,
                "anonymous",
                &format!("anon:{code}").into(),
                "anonymous",
                dice,
            ),
            client: Rc::new(client),
        }
    }

    /// An ordinary team site, one without container label.
    pub(crate) fn site(&mut self) -> &'c Rc<Site> {
        loop {
            // Nine of twelve teams have no label, so this ends soon.
            let site = self.dice.pick(&self.cast.sites);
            if site.label.is_none() {
                return site;
            }
        }
    }

    /// A site that nobody has used before.
    pub(crate) fn new_site(&mut self) -> Rc<Site> {
        let name = format!("{}-{}", self.dice.pick(&names::PROJECTS), self.dice.hex(4));
        cast::team_site(&name, &mut self.dice)
    }

    /// A file that no other scene touches.
    pub(crate) fn file(&mut self, site: &Rc<Site>) -> Item {
        cast::file_in(site, &mut self.dice)
    }

    /// A file with this name that no other scene touches, in a folder of its own when `folder` is not empty.
    pub(crate) fn file_named(&mut self, site: &Rc<Site>, folder: &str, name: &str) -> Item {
        let path = if folder.is_empty() {
            format!("{}/{name}", site.library.name)
        } else {
            format!("{}/{folder}/{name}", site.library.name)
        };
        Item::new(site, site.library.id, self.dice.guid(), &path, "File")
    }

    /// A new file in the site's declared library, which the truth then names.
    pub(crate) fn declared_file(&mut self, site: &Rc<Site>) -> Item {
        let library = &site.declared_library;
        self.declared.insert(format!("{}/{}", site.url, library.name));
        let path = format!("{}/{}", library.name, cast::file_name(&mut self.dice));
        Item::new(site, library.id, self.dice.guid(), &path, "File")
    }

    /// A folder that no other scene touches.
    pub(crate) fn folder(&mut self, site: &Rc<Site>) -> Item {
        let path = format!("{}/{} {}", site.library.name, self.dice.pick(&names::FOLDERS), self.dice.hex(5));
        Item::new(site, site.library.id, self.dice.guid(), &path, "Folder")
    }

    /// A file somewhere below a folder.
    pub(crate) fn file_below(&mut self, folder: &Item, below: &str) -> Item {
        let name = cast::file_name(&mut self.dice);
        let path = format!("{}/{below}{name}", folder.path);
        let label = if self.dice.chance(200) { Some(&labels::CONFIDENTIAL) } else { None };
        Item::new(&folder.site, folder.site.library.id, self.dice.guid(), &path, "File").labelled(label)
    }

    /// A moment at which a scene of this length can begin.
    pub(crate) fn moment(&mut self, length_ms: i64) -> i64 {
        self.window.moment(&mut self.dice, length_ms)
    }

    /// A visit with a correlation and a session of its own.
    pub(crate) fn visit(&mut self, who: &Actor, client: &Rc<Client>, item: &Item, share: Option<ShareRef>) -> Visit {
        let (correlation, session) = (self.dice.guid(), self.dice.guid());
        Visit { who: who.clone(), client: Rc::clone(client), item: item.clone(), share, correlation, session }
    }

    /// Writes an event down, gives it its id, and answers the id.
    pub(crate) fn write(&mut self, event: Event) -> Guid {
        let id = self.dice.guid();
        let correlation = if event.correlation == Guid([0; 16]) { self.dice.guid() } else { event.correlation };
        debug_assert!(event.at_ms <= self.window.end_ms, "a scene is longer than it said: {}", event.operation);
        self.events.push(Event { id, correlation, ..event });
        id
    }

    /// The visitor does something; an outsider's deed is entered in the book.
    pub(crate) fn does(&mut self, visit: &Visit, deed: Deed, at_ms: i64) -> Guid {
        self.does_with(visit, deed, at_ms, |event| event)
    }

    /// As [`Self::does`], with something particular about the record.
    pub(crate) fn does_with(
        &mut self,
        visit: &Visit,
        deed: Deed,
        at_ms: i64,
        particular: impl FnOnce(Event) -> Event,
    ) -> Guid {
        let client = match deed {
            Deed::OfficeFetch | Deed::OfficeSave => cast::service(places::OFFICE_ON_THE_WEB, &mut self.dice),
            Deed::Thumbnail => cast::service(places::THUMBNAILS, &mut self.dice),
            Deed::SyncDown => visit.client.with_agent(places::SYNC_CLIENT),
            _ => Rc::clone(&visit.client),
        };
        let event = Event {
            correlation: visit.correlation,
            session: Some(visit.session),
            ..Event::new(at_ms, deed.operation(), &visit.who, Some(&visit.item), &client)
        };
        let record = self.write(particular(event));
        self.enter(visit, deed.action(), deed.is_extended(), at_ms, record);
        record
    }

    /// Enters what a record shows of an outsider in the book; insiders have no page there.
    pub(crate) fn enter(&mut self, visit: &Visit, action: &'static str, extended: bool, at_ms: i64, record: Guid) {
        let Some(outside) = &visit.who.0.outside else { return };
        self.ledger.enter(Entry {
            person: Rc::clone(&outside.person),
            kind: outside.kind,
            item_id: visit.item.id(),
            item_url: visit.item.url(),
            action,
            extended,
            at_ms,
            record,
            share: visit.share,
            classified: visit.item.classified(),
        });
    }

    /// Notes that these records make an awkward case.
    pub(crate) fn awkward(&mut self, name: &'static str, about: &'static str, records: &[Guid]) {
        let case = self.awkward.entry(name).or_insert_with(|| AwkwardCase {
            name: name.to_owned(),
            about: about.to_owned(),
            records: Vec::new(),
        });
        let room = AWKWARD_RECORDS_MAX.saturating_sub(case.records.len());
        case.records.extend(records.iter().take(room).map(Guid::to_string));
    }

    /// Notes that somebody should be told of what this record shows.
    pub(crate) fn alarm(&mut self, rule: &str, record: Guid) {
        self.alarms.push(TrueAlarm { rule: rule.to_owned(), record: record.to_string() });
    }

    /// The end: the events, and the truth about them.
    pub(crate) fn finish(mut self) -> (Vec<Event>, Truth) {
        let accesses = self.ledger.close(&mut self.shares);
        let known = labels::KNOWN.iter().map(|label| TrueLabel {
            id: label.id.to_owned(),
            name: label.name.to_owned(),
            order: label.order,
            classified: label.classified,
        });
        let truth = Truth {
            accesses,
            shares: self.shares,
            awkward: self.awkward.into_values().collect(),
            alarms: self.alarms,
            labels: known.collect(),
            declared: self.declared.into_iter().collect(),
            ..Truth::default()
        };
        (self.events, truth)
    }
}
