//! The trail of one person, item or share: its shares and accesses in order of time, each with what it rests on.

use trail::{TimeMs, identity};

use crate::rows;
use crate::store::{AccessFilter, NoSuchPlace, Reader, StoreError, begin_of};

/// Whose trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    /// A person, as reports name them.
    Person(&'a str),
    /// An item: its id, its address or its name.
    Item(&'a str),
    /// A share's id.
    Share(&'a str),
    /// An access's id.
    Access(&'a str),
}

/// Why there is no trail.
#[derive(Debug, thiserror::Error)]
pub enum TrailError {
    /// Nothing is known of it.
    #[error("nothing is known of {what}; `{list}` lists what there is")]
    Unknown {
        /// What was asked for.
        what: String,
        /// The command that lists such things.
        list: &'static str,
    },
    /// A name that several items bear.
    #[error("several items are named so; take one of their ids: {}", ids.join(", "))]
    Several {
        /// Their ids.
        ids: Vec<String>,
    },
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Everything about one person, item or share.
#[derive(Debug, Clone, PartialEq)]
pub struct Trail {
    /// What it is about.
    pub title: String,
    /// By what lists are asked for it: the person, the item's id, the share's.
    pub key: String,
    /// Where an item lies, by its latest sign of life.
    pub place: Option<String>,
    /// The person, as `report people` has them.
    pub people: Vec<rows::Person>,
    /// Its shares.
    pub shares: Vec<rows::Share>,
    /// Its accesses.
    pub accesses: Vec<rows::Access>,
}

/// A part of a trail: some of its accesses, and what happened between the first and the last of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The accesses, in order of time, with everything that belongs to them and all shares.
    pub trail: Trail,
    /// What to ask for to get the part before it; `None` at the beginning.
    pub earlier: Option<String>,
    /// How many accesses there are in all parts.
    pub accesses_all: i64,
    from: Option<TimeMs>,
    before: Option<TimeMs>,
}

impl Part {
    /// The latest accesses before the place `after` (the latest of all without one), `accesses_max` at most.
    ///
    /// # Errors
    /// As [`Trail::of`]; [`NoSuchPlace`] inside where `after` was not given by a later part.
    pub fn of(
        reader: &mut Reader,
        subject: Subject<'_>,
        now: TimeMs,
        inside: &[String],
        after: Option<&str>,
        accesses_max: usize,
    ) -> Result<Result<Self, NoSuchPlace>, TrailError> {
        let filter = filter(reader, subject)?;
        let Ok(page) = reader.accesses_page(&filter, inside, after, accesses_max)? else { return Ok(Err(NoSuchPlace)) };
        let mut accesses = page.rows;
        accesses.reverse();
        let oldest = accesses.first().map(|access| access.time_generated);
        Ok(Ok(Self {
            trail: Trail::around(accesses, reader, subject, &filter, now, inside)?,
            from: oldest.filter(|_| page.next.is_some()),
            before: after.and_then(begin_of),
            earlier: page.next,
            accesses_all: reader.count_accesses(&filter, inside)?,
        }))
    }

    /// What happened in its time, in order: its accesses, and what became of shares meanwhile.
    pub fn events(&self) -> Vec<(TimeMs, Event<'_>)> {
        let mut events = self.trail.events();
        events.retain(|(at, event)| {
            let is_within = self.from.is_none_or(|from| *at >= from) && self.before.is_none_or(|before| *at < before);
            is_within || matches!(event, Event::Access(_))
        });
        events
    }
}

/// One thing that happened.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Event<'a> {
    /// A share was made, or first seen.
    Shared(&'a rows::Share),
    /// Its invitation was accepted.
    Accepted(&'a rows::Share),
    /// A door was opened, or something reached.
    Access(&'a rows::Access),
    /// A share ended, or will.
    Ended(&'a rows::Share),
}

impl Trail {
    /// The trail of `subject`. `now` tells which shares have run out; people of the domains `inside` are left out.
    ///
    /// # Errors
    /// There is none, or the store cannot be read.
    pub fn of(reader: &mut Reader, subject: Subject<'_>, now: TimeMs, inside: &[String]) -> Result<Self, TrailError> {
        let filter = filter(reader, subject)?;
        let mut accesses = Vec::new();
        reader.accesses(&filter, inside, |access| {
            accesses.push(access);
            Ok::<_, TrailError>(())
        })?;
        Self::around(accesses, reader, subject, &filter, now, inside)
    }

    /// What belongs to these accesses of `subject`.
    fn around(
        accesses: Vec<rows::Access>,
        reader: &mut Reader,
        subject: Subject<'_>,
        filter: &AccessFilter,
        now: TimeMs,
        inside: &[String],
    ) -> Result<Self, TrailError> {
        let title = title(subject, filter);
        let key = match subject {
            Subject::Person(_) => filter.person.clone(),
            Subject::Item(_) => filter.item.clone(),
            Subject::Share(_) => filter.share.clone(),
            Subject::Access(_) => filter.access.clone(),
        };
        let key = key.unwrap_or_default();
        let mut trail = Self { title, key, place: None, people: Vec::new(), shares: Vec::new(), accesses };
        let mut shares = Vec::new();
        if !matches!(subject, Subject::Access(_)) {
            reader.shares(filter, now, inside, |share| {
                shares.push(share);
                Ok::<_, TrailError>(())
            })?;
        }
        if let Subject::Person(_) = subject {
            trail.people = reader.people(filter, inside)?;
        }
        if matches!(subject, Subject::Person(_) | Subject::Access(_)) {
            // Also shares for anyone and for groups through which this person came.
            for id in trail.accesses.iter().filter_map(|access| access.share_id.clone()) {
                if shares.iter().all(|share| share.share_id != id) {
                    let through = AccessFilter { share: Some(id.to_string()), ..AccessFilter::default() };
                    reader.shares(&through, now, inside, |share| {
                        shares.push(share);
                        Ok::<_, TrailError>(())
                    })?;
                }
            }
        }
        trail.shares = shares;
        if let Subject::Item(_) = subject {
            let reached = trail.accesses.iter().rev().find_map(|access| access.item_url.as_deref());
            let shared = || trail.shares.iter().rev().find_map(|share| share.item_url.as_deref());
            trail.place = reached.or_else(shared).map(str::to_owned);
        }
        if trail.accesses.is_empty() && trail.shares.is_empty() {
            let list = match subject {
                Subject::Share(_) => "report shares",
                Subject::Access(_) => "report access --format json",
                Subject::Person(_) | Subject::Item(_) => "report people",
            };
            return Err(TrailError::Unknown { what: trail.title, list });
        }
        Ok(trail)
    }

    /// What happened, in order; at one moment a share is made, accepted, used and ended in this order.
    pub fn events(&self) -> Vec<(TimeMs, Event<'_>)> {
        let mut events: Vec<(TimeMs, u8, Event<'_>)> = Vec::new();
        for share in &self.shares {
            events.push((share.time_generated, 0, Event::Shared(share)));
            if let Some(at) = share.accepted_at {
                events.push((at, 1, Event::Accepted(share)));
            }
            if let Some(at) = share.ended_at {
                events.push((at, 4, Event::Ended(share)));
            }
        }
        for access in &self.accesses {
            let step = 2 + u8::from(access.action != "redeem");
            events.push((access.time_generated, step, Event::Access(access)));
        }
        events.sort_by(|one, two| (one.0, one.1, one.2.id()).cmp(&(two.0, two.1, two.2.id())));
        events.into_iter().map(|(at, _, event)| (at, event)).collect()
    }
}

impl Event<'_> {
    /// Stable: it orders what happened at one moment.
    fn id(&self) -> &str {
        match self {
            Self::Shared(share) | Self::Accepted(share) | Self::Ended(share) => &share.share_id,
            Self::Access(access) => &access.access_id,
        }
    }
}

fn title(subject: Subject<'_>, filter: &AccessFilter) -> String {
    match subject {
        Subject::Person(person) => filter.person.as_deref().unwrap_or(person).to_owned(),
        Subject::Item(item) => format!("item {}", filter.item.as_deref().unwrap_or(item)),
        Subject::Share(share) => format!("share {share}"),
        Subject::Access(access) => format!("access {access}"),
    }
}

fn filter(reader: &mut Reader, subject: Subject<'_>) -> Result<AccessFilter, TrailError> {
    let none = AccessFilter::default();
    Ok(match subject {
        Subject::Person(person) => AccessFilter { person: Some(identity::canonical(person)), ..none },
        Subject::Access(access) => AccessFilter { access: Some(access.to_owned()), ..none },
        Subject::Share(share) => AccessFilter { share: Some(share.to_owned()), ..none },
        Subject::Item(item) => match reader.items_named(item)?.as_slice() {
            [] => return Err(TrailError::Unknown { what: format!("the item {item}"), list: "report items" }),
            [only] => AccessFilter { item: Some(only.clone()), ..none },
            several => return Err(TrailError::Several { ids: several.to_vec() }),
        },
    })
}
