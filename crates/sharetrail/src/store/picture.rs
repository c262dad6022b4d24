//! The answer as a whole, in numbers: who reached how much, over time, from where, and how much of it was classified.
//! One pass over a few columns.

use std::collections::{BTreeMap, HashSet};
use std::ops::Add;
use std::sync::Arc;

use rusqlite::ToSql;
use trail::TimeMs;
use trail::operation::Action;

use super::read::{AccessFilter, Reader};
use super::{StoreError, codes};

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

impl Reader {
    /// The answer in numbers.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn picture(&mut self, filter: &AccessFilter, inside: &[String]) -> Result<Picture, StoreError> {
        let inside = self.numbers(inside)?;
        let mut picture = Picture::default();
        let (mut people, mut visitors) = (HashSet::new(), HashSet::new());
        let (mut items, mut classified_items) = (HashSet::new(), HashSet::new());
        let (mut days, mut actions) = (BTreeMap::<i64, Verdicts>::new(), BTreeMap::<&str, Verdicts>::new());
        let (mut domains, mut countries) = (Parts::new(), Parts::new());
        {
            let (condition, parameters) = filter.sql();
            let mut statement = self.db.prepare(&format!(
                "SELECT access.person, actor.domain, actor.kind, access.item, access.action, first_at, classified,
                     first.country, unexplained > 0
                 FROM access JOIN activity AS first ON first.id = first_activity JOIN actor ON actor.id = first.actor
                 WHERE {condition}"
            ))?;
            let parameters: Vec<&dyn ToSql> = parameters.iter().map(|parameter| parameter as &dyn ToSql).collect();
            let mut rows = statement.query(parameters.as_slice())?;
            while let Some(row) = rows.next()? {
                let domain: Option<i64> = row.get(1)?;
                if domain.is_some_and(|domain| inside.contains(&domain)) {
                    continue;
                }
                let action = codes::action_of(row.get(4)?);
                if action == Action::Redeem {
                    picture.redeems += 1;
                    continue;
                }
                let (person, item): (i64, i64) = (row.get(0)?, row.get(3)?);
                let classified: Option<bool> = row.get(6)?;
                let is_named = codes::person_kind_of(row.get(2)?) != trail::identity::PersonKind::Anonymous;
                if is_named {
                    people.insert(person)
                } else {
                    visitors.insert(person)
                };
                items.insert(item);
                if classified == Some(true) {
                    classified_items.insert(item);
                }
                picture.unexplained += row.get::<_, i64>(8)?;
                picture.accesses.count(classified);
                days.entry(row.get::<_, i64>(5)?.div_euclid(DAY_MS)).or_default().count(classified);
                actions.entry(action.as_str()).or_default().count(classified);
                domains.entry(domain).or_default().count(classified);
                countries.entry(row.get(7)?).or_default().count(classified);
            }
        }
        picture.people = people.len() as i64;
        picture.visitors = visitors.len() as i64;
        picture.organisations = domains.keys().flatten().count() as i64;
        picture.items = items.len() as i64;
        picture.classified_items = classified_items.len() as i64;
        picture.days = days.into_iter().map(|(day, accesses)| Day { begin: TimeMs(day * DAY_MS), accesses }).collect();
        picture.by_domain = self.named(domains)?;
        picture.by_country = self.named(countries)?;
        picture.by_action =
            sorted(actions.into_iter().map(|(name, accesses)| Part { name: Some(name.into()), accesses }).collect());
        Ok(picture)
    }

    /// When the latest access began; `None` without any.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn latest_access(&self) -> Result<Option<TimeMs>, StoreError> {
        let latest: Option<i64> =
            self.db.query_row("SELECT max(first_at) FROM access WHERE withdrawn = 0", [], |row| row.get(0))?;
        Ok(latest.map(TimeMs))
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

/// Accesses by the number of a text.
type Parts = BTreeMap<Option<i64>, Verdicts>;

/// Most first; equals by name, so that the order is the same each time.
fn sorted(mut parts: Vec<Part>) -> Vec<Part> {
    parts.sort_by(|one, two| two.accesses.all().cmp(&one.accesses.all()).then_with(|| one.name.cmp(&two.name)));
    parts
}
