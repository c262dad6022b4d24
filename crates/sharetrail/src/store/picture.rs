//! The answer as a whole, in numbers: who reached how much, over time, from where, and how much of it was classified.
//! One pass over a few columns.

use std::collections::{BTreeMap, HashSet};
use std::ops::Add;
use std::sync::Arc;

use rusqlite::OptionalExtension;
use trail::TimeMs;
use trail::identity::PersonKind;
use trail::operation::Action;

use super::read::{AccessFilter, Reader};
use super::summary::{self, Counted};
use super::{StoreError, codes};
use crate::rows;

const DAY_MS: i64 = 86_400_000;

/// The answer in numbers. Redeemed links and accepted invitations, which only open a door, are counted apart.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Picture {
    /// Accesses.
    pub accesses: Verdicts,
    /// Doors that were opened.
    pub redeems: i64,
    /// Accesses that no known share explains.
    pub unexplained: i64,
    /// People with a name.
    pub people: i64,
    /// Visitors without one: a session or an address each, so several may be one human being.
    pub visitors: i64,
    /// Organisations, by mail domain.
    pub organisations: i64,
    /// Items.
    pub items: i64,
    /// Of these, classified when they were reached.
    pub classified_items: i64,
    /// Days on which something was reached, in order.
    pub days: Vec<Day>,
    /// Organisations by accesses, most first.
    pub by_domain: Vec<Part>,
    /// Countries by accesses, most first.
    pub by_country: Vec<Part>,
    /// Kinds of action by accesses, most first.
    pub by_action: Vec<Part>,
}

/// Accesses by what was known of the item at that moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Verdicts {
    /// It was classified.
    pub classified: i64,
    /// It was known not to be.
    pub not_classified: i64,
    /// Nothing was known.
    pub unknown: i64,
}

/// The accesses of one day, UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Day {
    /// Its begin.
    pub begin: TimeMs,
    /// Its accesses.
    pub accesses: Verdicts,
}

/// A part of the accesses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// What they have in common; `None` where it is not known.
    pub name: Option<Arc<str>>,
    /// How many.
    pub accesses: Verdicts,
}

impl Verdicts {
    /// All of them.
    pub fn all(self) -> i64 {
        self.classified + self.not_classified + self.unknown
    }

    fn count(&mut self, classified: Option<bool>) {
        match classified {
            Some(true) => self.classified += 1,
            Some(false) => self.not_classified += 1,
            None => self.unknown += 1,
        }
    }
}

impl Add for Verdicts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            classified: self.classified + other.classified,
            not_classified: self.not_classified + other.not_classified,
            unknown: self.unknown + other.unknown,
        }
    }
}

/// The answer in numbers, and who and what stands out; from one pass.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Overview {
    /// The numbers.
    pub picture: Picture,
    /// The people with the most accesses, and whether there are others.
    pub people: (Vec<rows::Person>, bool),
    /// The same of items.
    pub items: (Vec<rows::Item>, bool),
}

impl Reader {
    /// The answer in numbers.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn picture(&mut self, filter: &AccessFilter, inside: &[String]) -> Result<Picture, StoreError> {
        let mut painter = Painter::default();
        self.each_counted(filter, inside, |counted| painter.count(counted))?;
        painter.finish(self)
    }

    /// The answer in numbers, with the `rows_max` people and items that have most accesses.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn overview(
        &mut self,
        filter: &AccessFilter,
        inside: &[String],
        rows_max: usize,
    ) -> Result<Overview, StoreError> {
        let mut painter = Painter::default();
        let (mut people, mut items) = (summary::People::new(), summary::Items::new());
        self.each_counted(filter, inside, |counted| {
            painter.count(counted);
            summary::count_person(&mut people, counted);
            summary::count_item(&mut items, counted);
        })?;
        Ok(Overview {
            picture: painter.finish(self)?,
            people: self.most_people(people, 0, rows_max)?,
            items: self.most_items(items, 0, rows_max)?,
        })
    }

    /// When the latest access began; `None` without any.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn latest_access(&self) -> Result<Option<TimeMs>, StoreError> {
        let mut statement =
            self.db.prepare_cached("SELECT first_at FROM access WHERE withdrawn = 0 ORDER BY first_at DESC LIMIT 1")?;
        Ok(statement.query_row([], |row| row.get(0)).optional()?.map(TimeMs))
    }

    /// Whose store it is.
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    fn named(&mut self, parts: Parts) -> Result<Vec<Part>, StoreError> {
        let mut named = Vec::with_capacity(parts.len());
        for (name, accesses) in parts {
            named.push(Part { name: self.texts.optional(&self.db, name)?, accesses });
        }
        Ok(sorted(named))
    }
}

/// A picture that is being made.
#[derive(Default)]
struct Painter {
    picture: Picture,
    people: HashSet<i64>,
    visitors: HashSet<i64>,
    items: HashSet<i64>,
    classified_items: HashSet<i64>,
    days: BTreeMap<i64, Verdicts>,
    actions: BTreeMap<&'static str, Verdicts>,
    domains: Parts,
    countries: Parts,
}

impl Painter {
    fn count(&mut self, counted: &Counted) {
        if counted.action == Action::Redeem {
            self.picture.redeems += 1;
            return;
        }
        let is_named = codes::person_kind_of(counted.kind) != PersonKind::Anonymous;
        if is_named {
            self.people.insert(counted.person)
        } else {
            self.visitors.insert(counted.person)
        };
        self.items.insert(counted.item);
        if counted.classified == Some(true) {
            self.classified_items.insert(counted.item);
        }
        self.picture.unexplained += i64::from(counted.is_unexplained);
        self.picture.accesses.count(counted.classified);
        self.days.entry(counted.first_at.millis().div_euclid(DAY_MS)).or_default().count(counted.classified);
        self.actions.entry(counted.action.as_str()).or_default().count(counted.classified);
        self.domains.entry(counted.domain).or_default().count(counted.classified);
        self.countries.entry(counted.country).or_default().count(counted.classified);
    }

    fn finish(self, reader: &mut Reader) -> Result<Picture, StoreError> {
        let actions = self.actions.into_iter().map(|(name, accesses)| Part { name: Some(name.into()), accesses });
        let days = self.days.into_iter().map(|(day, accesses)| Day { begin: TimeMs(day * DAY_MS), accesses });
        Ok(Picture {
            people: self.people.len() as i64,
            visitors: self.visitors.len() as i64,
            organisations: self.domains.keys().flatten().count() as i64,
            items: self.items.len() as i64,
            classified_items: self.classified_items.len() as i64,
            days: days.collect(),
            by_domain: reader.named(self.domains)?,
            by_country: reader.named(self.countries)?,
            by_action: sorted(actions.collect()),
            ..self.picture
        })
    }
}

/// Accesses by the number of a text.
type Parts = BTreeMap<Option<i64>, Verdicts>;

/// Most first; equals by name, so that the order is the same each time.
fn sorted(mut parts: Vec<Part>) -> Vec<Part> {
    parts.sort_by(|one, two| two.accesses.all().cmp(&one.accesses.all()).then_with(|| one.name.cmp(&two.name)));
    parts
}
