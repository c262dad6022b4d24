//! People, domains and items: accesses counted by what they have in common, in one pass over a few columns.

use std::collections::{BTreeMap, BTreeSet};

use trail::TimeMs;
use trail::operation::Action;

use super::read::{AccessFilter, Reader};
use super::{StoreError, codes};
use crate::rows;

/// The few columns of an access that summaries count.
pub(super) struct Counted {
    pub(super) person: i64,
    pub(super) domain: Option<i64>,
    pub(super) kind: i64,
    pub(super) item: i64,
    pub(super) action: Action,
    pub(super) first_at: TimeMs,
    last_at: TimeMs,
    /// Whether it was classified; `None` where nothing was known.
    pub(super) classified: Option<bool>,
    pub(super) country: Option<i64>,
    pub(super) is_unexplained: bool,
    access: i64,
}

impl Reader {
    /// Everybody outside who reached something, in order of their identity.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn people(&mut self, filter: &AccessFilter, inside: &[String]) -> Result<Vec<rows::Person>, StoreError> {
        let groups = self.counted_people(filter, inside)?;
        let mut people = self.person_rows(groups)?;
        people.sort_by(|one, two| one.person.cmp(&two.person));
        Ok(people)
    }

    /// The people with the most accesses, without the `skip` that have still more; and whether there are others.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn people_with_most(
        &mut self,
        filter: &AccessFilter,
        inside: &[String],
        skip: usize,
        rows_max: usize,
    ) -> Result<(Vec<rows::Person>, bool), StoreError> {
        let groups = self.counted_people(filter, inside)?;
        self.most_people(groups, skip, rows_max)
    }

    pub(super) fn most_people(
        &mut self,
        people: People,
        skip: usize,
        rows_max: usize,
    ) -> Result<(Vec<rows::Person>, bool), StoreError> {
        let (people, is_more) = most(people, |one| one.tally.accesses, skip, rows_max);
        Ok((self.person_rows(people)?, is_more))
    }

    fn counted_people(&self, filter: &AccessFilter, inside: &[String]) -> Result<BTreeMap<i64, OnePerson>, StoreError> {
        let mut groups = BTreeMap::new();
        self.each_counted(filter, inside, |counted| count_person(&mut groups, counted))?;
        Ok(groups)
    }

    fn person_rows(
        &mut self,
        groups: impl IntoIterator<Item = (i64, OnePerson)>,
    ) -> Result<Vec<rows::Person>, StoreError> {
        let mut people = Vec::new();
        for (person, OnePerson { tally, domain, kinds, countries }) in groups {
            people.push(rows::Person {
                person: self.texts.text(&self.db, person)?,
                person_kinds: kinds.into_iter().map(|kind| codes::person_kind_of(kind).as_str().to_owned()).collect(),
                domain: self.texts.optional(&self.db, domain)?,
                forms: self.forms(person)?,
                aliases: self.aliases(person)?,
                first_seen: tally.first_seen,
                last_seen: tally.last_seen,
                accesses: tally.accesses,
                items: tally.things.len() as i64,
                classified_items: tally.classified.len() as i64,
                shares: self.count("SELECT count(*) FROM share WHERE recipient = ?1 AND withdrawn = 0", person)?,
                countries: self.names(countries)?,
            });
        }
        Ok(people)
    }

    /// The organisations outside that reached something, in order of their domain.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn domains(&mut self, filter: &AccessFilter, inside: &[String]) -> Result<Vec<rows::Domain>, StoreError> {
        let mut groups: BTreeMap<Option<i64>, (Tally, BTreeSet<i64>)> = BTreeMap::new();
        self.each_counted(filter, inside, |counted| {
            let (tally, people) = groups.entry(counted.domain).or_default();
            tally.count(counted, counted.item);
            people.insert(counted.person);
        })?;
        let mut domains = Vec::with_capacity(groups.len());
        for (domain, (tally, people)) in groups {
            domains.push(rows::Domain {
                shares: match domain {
                    Some(domain) => {
                        self.count("SELECT count(*) FROM share WHERE domain = ?1 AND withdrawn = 0", domain)?
                    }
                    None => 0,
                },
                domain: self.texts.optional(&self.db, domain)?,
                people: people.len() as i64,
                accesses: tally.accesses,
                items: tally.things.len() as i64,
                classified_items: tally.classified.len() as i64,
                first_seen: tally.first_seen,
                last_seen: tally.last_seen,
            });
        }
        domains.sort_by(|one, two| one.domain.cmp(&two.domain));
        Ok(domains)
    }

    /// The items that outsiders reached, in order of their id.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn items(&mut self, filter: &AccessFilter, inside: &[String]) -> Result<Vec<rows::Item>, StoreError> {
        let groups = self.counted_items(filter, inside)?;
        let mut items = self.item_rows(groups)?;
        items.sort_by(|one, two| one.item_id.cmp(&two.item_id));
        Ok(items)
    }

    /// As [`Reader::people_with_most`], items.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn items_with_most(
        &mut self,
        filter: &AccessFilter,
        inside: &[String],
        skip: usize,
        rows_max: usize,
    ) -> Result<(Vec<rows::Item>, bool), StoreError> {
        let groups = self.counted_items(filter, inside)?;
        self.most_items(groups, skip, rows_max)
    }

    pub(super) fn most_items(
        &mut self,
        items: Items,
        skip: usize,
        rows_max: usize,
    ) -> Result<(Vec<rows::Item>, bool), StoreError> {
        let (items, is_more) = most(items, |(tally, _)| tally.accesses, skip, rows_max);
        Ok((self.item_rows(items)?, is_more))
    }

    /// Looked up for the people and items that are shown: to count those of all would read every share.
    pub(super) fn count(&self, sql: &str, of: i64) -> Result<i64, StoreError> {
        Ok(self.db.prepare_cached(sql)?.query_row([of], |row| row.get(0))?)
    }

    fn counted_items(&self, filter: &AccessFilter, inside: &[String]) -> Result<Items, StoreError> {
        let mut groups = BTreeMap::new();
        self.each_counted(filter, inside, |counted| count_item(&mut groups, counted))?;
        Ok(groups)
    }

    fn item_rows(
        &mut self,
        groups: impl IntoIterator<Item = (i64, (Tally, Latest))>,
    ) -> Result<Vec<rows::Item>, StoreError> {
        let mut items = Vec::new();
        for (item, (tally, (_, access))) in groups {
            let (called, verdict) = (self.called(access)?, self.verdict(item, access)?);
            items.push(rows::Item {
                item_id: self.texts.text(&self.db, item)?,
                item_url: called.url,
                item_name: called.name,
                item_type: called.item_type,
                site_url: called.site,
                shares: self.count("SELECT count(*) FROM share WHERE item = ?1 AND withdrawn = 0", item)?,
                people: tally.things.len() as i64,
                accesses: tally.accesses,
                first_seen: tally.first_seen,
                last_seen: tally.last_seen,
                classified_now: verdict.classified,
                classification_level: verdict.level,
                label_name: verdict.label_name,
            });
        }
        Ok(items)
    }

    /// Calls `each` with every live access that `filter` asks for, without people of the domains `inside`.
    pub(super) fn each_counted(
        &self,
        filter: &AccessFilter,
        inside: &[String],
        mut each: impl FnMut(&Counted),
    ) -> Result<(), StoreError> {
        let (condition, values) = filter.sql(&self.db, inside)?;
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT person, domain, kind, item, action, first_at, last_at, classified, country, unexplained > 0, id
             FROM access WHERE {condition}"
        ))?;
        let mut rows = statement.query(rusqlite::params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            each(&Counted {
                person: row.get(0)?,
                domain: row.get(1)?,
                kind: row.get(2)?,
                item: row.get(3)?,
                action: codes::action_of(row.get(4)?),
                first_at: TimeMs(row.get(5)?),
                last_at: TimeMs(row.get(6)?),
                classified: row.get(7)?,
                country: row.get(8)?,
                is_unexplained: row.get(9)?,
                access: row.get(10)?,
            });
        }
        Ok(())
    }

    fn forms(&mut self, person: i64) -> Result<Vec<String>, StoreError> {
        let ids: BTreeSet<i64> = {
            let mut statement =
                self.db.prepare_cached("SELECT user_id FROM actor WHERE person = ?1 AND user_id IS NOT NULL")?;
            statement.query_map([person], |row| row.get(0))?.collect::<Result<_, _>>()?
        };
        self.names(ids)
    }

    fn aliases(&mut self, person: i64) -> Result<Vec<String>, StoreError> {
        let others = super::sharing::aliases(&self.db, person)?;
        self.names(others.into_iter().collect())
    }

    fn names(&mut self, ids: BTreeSet<i64>) -> Result<Vec<String>, StoreError> {
        let mut names = Vec::with_capacity(ids.len());
        for id in ids {
            names.push(self.texts.text(&self.db, id)?.to_string());
        }
        names.sort_unstable();
        Ok(names)
    }
}

/// When the latest access began, and its number.
type Latest = (TimeMs, i64);
/// What is counted of people, by number.
pub(super) type People = BTreeMap<i64, OnePerson>;
/// What is counted of items, by number.
pub(super) type Items = BTreeMap<i64, (Tally, Latest)>;

/// Counts an access for its person.
pub(super) fn count_person(people: &mut People, counted: &Counted) {
    let person = people.entry(counted.person).or_default();
    person.tally.count(counted, counted.item);
    person.domain = counted.domain;
    person.kinds.insert(counted.kind);
    person.countries.extend(counted.country);
}

/// Counts an access for its item. A door that was opened is no item that was reached.
pub(super) fn count_item(items: &mut Items, counted: &Counted) {
    if counted.action == Action::Redeem {
        return;
    }
    let (tally, latest) = items.entry(counted.item).or_default();
    tally.count(counted, counted.person);
    *latest = (*latest).max((counted.first_at, counted.access));
}

/// Those groups that count most, without the first `skip` of them; and whether there are others. Equals are in the
/// order of their numbers, so that pages do not overlap.
fn most<T>(groups: BTreeMap<i64, T>, count: impl Fn(&T) -> i64, skip: usize, rows_max: usize) -> (Vec<(i64, T)>, bool) {
    let mut groups: Vec<(i64, T)> = groups.into_iter().collect();
    groups.sort_by_key(|(_, group)| std::cmp::Reverse(count(group)));
    let is_more = groups.len() > skip.saturating_add(rows_max);
    (groups.into_iter().skip(skip).take(rows_max).collect(), is_more)
}

/// What is known of one person.
#[derive(Default)]
pub(super) struct OnePerson {
    tally: Tally,
    domain: Option<i64>,
    kinds: BTreeSet<i64>,
    countries: BTreeSet<i64>,
}

/// What is counted of a group of accesses.
#[derive(Default)]
pub(super) struct Tally {
    seen: bool,
    first_seen: TimeMs,
    last_seen: TimeMs,
    accesses: i64,
    /// Items of a person or domain; persons of an item.
    things: BTreeSet<i64>,
    /// Of these, the ones classified at that moment.
    classified: BTreeSet<i64>,
}

impl Tally {
    fn count(&mut self, counted: &Counted, thing: i64) {
        self.first_seen = if self.seen { self.first_seen.min(counted.first_at) } else { counted.first_at };
        self.last_seen = if self.seen { self.last_seen.max(counted.last_at) } else { counted.last_at };
        self.seen = true;
        if counted.action == Action::Redeem {
            return;
        }
        self.accesses += 1;
        self.things.insert(thing);
        if counted.classified == Some(true) {
            self.classified.insert(thing);
        }
    }
}
