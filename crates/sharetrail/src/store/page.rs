//! One page of records becomes part of the store: records, activities, keys, position and dirty keys in one
//! transaction.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;

use rusqlite::{Connection, OptionalExtension};
use trail::fold::Source;
use trail::identity::PersonKind;
use trail::parse::{Glance, glance, parse, recognise, redact};
use trail::{ContentHash, RecordId, TimeMs};

use super::archive;
use super::hours::Hours;
use super::key::{self, Key};
use super::rejected::{self, OTHER_REASONS};
use super::row::{self, Judged, Roles, Touched};
use super::{BlobChanges, Feed, Store, StoreError, outbox};
use crate::config::settings::Keep;

/// Reasons that are told apart in a count: a file can have another one on each line.
const REASONS_MAX: usize = 100;
/// Tenants that are told apart in a count.
const ORGANIZATIONS_MAX: usize = 8;

/// What became of the records of a page (or of a file, or of a pass: counts add up).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageCount {
    /// Records that arrived, rejected ones not counted.
    pub records: u64,
    /// Different activities among them: stored + known + not kept.
    pub distinct: u64,
    /// Activities that were new and are kept.
    pub stored: u64,
    /// Activities that were known before.
    pub known: u64,
    /// Activities that were new and do not matter to the question.
    pub not_kept: u64,
    /// Known activities that arrived with another content.
    pub updated: u64,
    /// What could not be read as a record.
    pub rejected: u64,
    /// Gaps that content left which can no longer be had.
    pub gaps: u64,
    /// Size of the texts of activities that were new and are kept.
    pub stored_bytes: u64,
    /// When activities that were new happened, kept or not.
    pub hours: Hours,
    /// What was odd about records that were taken all the same, by kind.
    pub problems: BTreeMap<&'static str, u64>,
    /// Why records were rejected.
    pub reasons: BTreeMap<String, u64>,
    /// Whose resources the records are about (`OrganizationId`), the first few.
    pub organizations: BTreeSet<String>,
}

impl PageCount {
    /// Adds another count to this one.
    pub fn add(&mut self, other: &Self) {
        self.records += other.records;
        self.distinct += other.distinct;
        self.stored += other.stored;
        self.known += other.known;
        self.not_kept += other.not_kept;
        self.updated += other.updated;
        self.rejected += other.rejected;
        self.gaps += other.gaps;
        self.stored_bytes += other.stored_bytes;
        self.hours.merge(&other.hours);
        for (kind, count) in &other.problems {
            *self.problems.entry(kind).or_default() += count;
        }
        for (reason, count) in &other.reasons {
            self.add_rejected(reason, *count);
        }
        let room = ORGANIZATIONS_MAX.saturating_sub(self.organizations.len());
        self.organizations.extend(other.organizations.iter().take(room).cloned());
    }

    fn add_organization(&mut self, organization: &str) {
        if self.organizations.len() < ORGANIZATIONS_MAX && !self.organizations.contains(organization) {
            self.organizations.insert(organization.to_owned());
        }
    }

    fn add_rejected(&mut self, reason: &str, records: u64) {
        let is_told_apart = self.reasons.len() < REASONS_MAX || self.reasons.contains_key(reason);
        *self.reasons.entry(if is_told_apart { reason } else { OTHER_REASONS }.to_owned()).or_default() += records;
    }
}

/// One thing that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrival<'a> {
    /// A record's text.
    Record(&'a str),
    /// A record's text that stood in a file.
    FileRecord {
        /// The text.
        raw: &'a str,
        /// Where it stood.
        place: Place<'a>,
    },
    /// Something that is no record.
    Rejected {
        /// Its bytes, as far as they are at hand; of long ones only the beginning is kept.
        raw: &'a [u8],
        /// Why, in words.
        reason: &'a str,
        /// Where it stood, if in a file.
        place: Option<Place<'a>>,
    },
}

/// A place in a file, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The file, and which one in it if it is an archive.
    pub file: &'a str,
    /// Line, from 1.
    pub line: u64,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} of {}", self.line, self.file)
    }
}

/// How a feed's position moves when a page is stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Advance {
    /// Not at all.
    #[default]
    Stay,
    /// To the `created` of the page's last record, if the whole page ascends on that clock.
    ToLastIfAscending,
    /// To this time: everything up to it has been stored, this page included.
    To(TimeMs),
}

/// How the records of a page lie on the service's clock.
#[derive(Debug, Default)]
struct Ascent {
    last: Option<TimeMs>,
    broken: bool,
}

impl Ascent {
    fn step(&mut self, created: Option<TimeMs>) {
        self.broken |= created.is_none() || created < self.last;
        self.last = created.max(self.last);
    }

    fn position(&self, advance: Advance) -> Option<TimeMs> {
        match advance {
            Advance::Stay => None,
            Advance::ToLastIfAscending => self.last.filter(|_| !self.broken),
            Advance::To(position) => Some(position),
        }
    }
}

/// What a page has come to so far.
#[derive(Default)]
struct Tally {
    count: PageCount,
    ascent: Ascent,
    dropped: Dropped,
}

/// What one record turned out to be.
enum Fate {
    Stored,
    Known,
    Updated,
    NotKept,
}

/// What a record turned out to be whose hour knows nothing of its id.
enum Sighted {
    First(Fate),
    /// The id is kept under another hour: number and key of its activity.
    AtAnotherHour(i64, Key),
}

impl Store {
    /// Takes a page: its records, and how the position of the feed moves behind it.
    ///
    /// # Errors
    /// The page is taken as a whole or not at all.
    pub fn take_page<'a>(
        &mut self,
        feed: &Feed,
        arrivals: impl IntoIterator<Item = Arrival<'a>>,
        advance: Advance,
        now: TimeMs,
    ) -> Result<PageCount, StoreError> {
        self.take_page_of_blobs(feed, arrivals, advance, &BlobChanges::default(), now)
    }

    /// As [`take_page`](Self::take_page), with what the page tells of blobs.
    ///
    /// # Errors
    /// As `take_page`.
    pub fn take_page_of_blobs<'a>(
        &mut self,
        feed: &Feed,
        arrivals: impl IntoIterator<Item = Arrival<'a>>,
        advance: Advance,
        blobs: &BlobChanges,
        now: TimeMs,
    ) -> Result<PageCount, StoreError> {
        self.check_size()?;
        self.transaction(now, |store| {
            let mut tally = Tally::default();
            for arrival in arrivals {
                match arrival {
                    Arrival::Record(raw) => store.take_record(feed, raw, None, now, &mut tally)?,
                    Arrival::FileRecord { raw, place } => store.take_record(feed, raw, Some(place), now, &mut tally)?,
                    Arrival::Rejected { raw, reason, place } => {
                        store.reject(feed, raw, reason, place, now, &mut tally.count)?;
                    }
                }
            }
            let Tally { mut count, ascent, dropped } = tally;
            dropped.write(store)?;
            count.distinct = count.stored + count.known + count.not_kept;
            store.note_feed(feed, &count, ascent.position(advance), now)?;
            count.gaps = store.change_blobs(feed, blobs)?;
            Ok(count)
        })
    }

    fn take_record(
        &mut self,
        feed: &Feed,
        raw: &str,
        place: Option<Place<'_>>,
        now: TimeMs,
        Tally { count, ascent, dropped }: &mut Tally,
    ) -> Result<(), StoreError> {
        let glanced = if self.policy.keep == Keep::All { None } else { glance(raw) };
        if let Some(glance) = &glanced
            && self.passes_over(glance, now, count, dropped)?
        {
            return Ok(());
        }
        let (mut activity, problems) = parse(raw);
        self.policy.teams.place(&mut activity);
        // What was glanced at, or read as Defender's, is recognised already; to look at its names again would cost a scan.
        if glanced.is_none() && activity.defender.is_none() && recognise(raw).is_none() {
            return self.reject(feed, raw.as_bytes(), "no audit record", place, now, count);
        }
        if let Some(organization) = activity.organization_id.as_deref() {
            let stranger =
                trail::id::guid(organization).zip(self.policy.organization).is_some_and(|(is, ours)| is != ours);
            if stranger {
                return self.reject(
                    feed,
                    raw.as_bytes(),
                    "a record of another tenant than the configured tenant_id",
                    place,
                    now,
                    count,
                );
            }
            count.add_organization(organization);
        }
        count.records += 1;
        ascent.step(activity.defender.as_ref().and_then(|defender| defender.created));
        let key = Key::new(activity.time, activity.id);
        let mut repeated = self.met_in_this_file(key)?;
        let fate = match activity_at(&self.db, key)? {
            Some(id) => self.sight_again(feed, id, raw)?,
            None => match self.sight_first(feed, &activity, raw, now, dropped)? {
                Sighted::First(fate) => fate,
                Sighted::AtAnotherHour(id, known) => {
                    repeated |= self.met_in_this_file(known)?;
                    self.sight_again(feed, id, raw)?
                }
            },
        };
        // As with what was rejected: oddities of a record that a service lists again are known.
        if self.in_file || !matches!(fate, Fate::Known) {
            for problem in &problems {
                *count.problems.entry(problem.kind()).or_default() += 1;
            }
        }
        if let (Fate::Stored | Fate::NotKept, Some(time)) = (&fate, activity.time) {
            count.hours.add(time);
        }
        match fate {
            Fate::Stored => {
                count.stored += 1;
                count.stored_bytes += raw.len() as u64;
            }
            Fate::NotKept => count.not_kept += 1,
            Fate::Known | Fate::Updated => count.known += u64::from(!repeated),
        }
        count.updated += u64::from(matches!(fate, Fate::Updated));
        Ok(())
    }

    /// Most records are an employee's own work, which is only counted: a glance tells whether this is one, and then it is
    /// counted here. `false`: the record has to be read.
    fn passes_over(
        &mut self,
        glance: &Glance<'_>,
        now: TimeMs,
        count: &mut PageCount,
        dropped: &mut Dropped,
    ) -> Result<bool, StoreError> {
        let organization = glance.organization_id.as_deref();
        let is_ours = self.policy.organization.is_none_or(|ours| organization.and_then(trail::id::guid) == Some(ours));
        let is_inside = self.actors.is_known_inside(glance.user_id.as_deref(), glance.user_type);
        if !is_ours || !is_inside || self.actors.matters(&glance.operation) {
            return Ok(false);
        }
        let key = Key::new(Some(glance.time), glance.id);
        // It may be kept all the same: with another content under the same id, or since everything was kept once.
        if activity_at(&self.db, key)?.is_some() {
            return Ok(false);
        }
        count.records += 1;
        if let Some(organization) = organization {
            count.add_organization(organization);
        }
        let repeated = self.met_in_this_file(key)?;
        if self.drop_unkept(key, now)? {
            count.not_kept += 1;
            count.hours.add(glance.time);
            let label = glance.label.as_ref().map(|(item, label)| (item.as_str(), label.as_ref()));
            dropped.add(Some(glance.time), &glance.operation, label);
        } else {
            count.known += u64::from(!repeated);
        }
        Ok(true)
    }

    /// Remembers the key of a record that is not kept; `false` when it was known.
    fn drop_unkept(&self, key: Key, now: TimeMs) -> Result<bool, StoreError> {
        let new = self
            .db
            .prepare_cached("INSERT OR IGNORE INTO seen (key, day) VALUES (?1, ?2)")?
            .execute((key.0, key::day(now)))?;
        Ok(new == 1)
    }

    /// Whether this file brought the record before; always `false` outside of files. The keys are kept in a
    /// temporary table, which SQLite moves to disk, so that a file of any size needs no more memory.
    fn met_in_this_file(&self, key: Key) -> Result<bool, StoreError> {
        if !self.in_file {
            return Ok(false);
        }
        let new = self.db.prepare_cached("INSERT OR IGNORE INTO temp.met (key) VALUES (?1)")?.execute([key.0])?;
        Ok(new == 0)
    }

    /// A record that is not among the kept ones of its hour.
    fn sight_first(
        &mut self,
        feed: &Feed,
        activity: &trail::Activity<'_>,
        raw: &str,
        now: TimeMs,
        dropped: &mut Dropped,
    ) -> Result<Sighted, StoreError> {
        let judged = Judged::new(&self.db, &mut self.texts, &mut self.actors, activity, &self.policy)?;
        if !judged.is_kept(self.policy.keep) {
            if !self.drop_unkept(judged.key, now)? {
                return Ok(Sighted::First(Fate::Known));
            }
            dropped.add(activity.time, &activity.operation, judged.label_sighting());
            return Ok(Sighted::First(Fate::NotKept));
        }
        if let Some((id, known)) = activity_of(&self.db, activity.id)? {
            return Ok(Sighted::AtAnotherHour(id, known));
        }
        let (id, touched) = judged.write(&self.db, &mut self.texts, None, feed.bit(), self.revision, &self.policy)?;
        let place = self.archive.add(&self.db, redact(raw).as_bytes())?;
        insert_record(&self.db, id, ContentHash::of(raw.as_bytes()), feed.id, place)?;
        self.touch(id, touched)?;
        Ok(Sighted::First(Fate::Stored))
    }

    /// A record id that is kept already: perhaps another content, perhaps another feed.
    fn sight_again(&mut self, feed: &Feed, id: i64, raw: &str) -> Result<Fate, StoreError> {
        let hash = ContentHash::of(raw.as_bytes());
        let sightings = sightings(&self.db, id)?;
        let same_content = sightings.iter().find(|sighting| sighting.hash == hash);
        if same_content.is_some() && sightings.iter().any(|s| s.hash == hash && s.feed == feed.id) {
            return Ok(Fate::Known);
        }
        let place = match same_content {
            Some(sighting) => sighting.place,
            None => self.archive.add(&self.db, redact(raw).as_bytes())?,
        };
        insert_record(&self.db, id, hash, feed.id, place)?;
        self.read_again(id)?;
        Ok(if same_content.is_some() { Fate::Known } else { Fate::Updated })
    }

    /// Derives an activity again from all its records: never a patch, always from the facts.
    pub(super) fn read_again(&mut self, id: i64) -> Result<(), StoreError> {
        let before = touched(&self.db, id)?;
        let sightings = sightings(&self.db, id)?;
        let mut parsed = Vec::with_capacity(sightings.len());
        let mut feeds = 0;
        for sighting in &sightings {
            let raw = self.archive.read(&self.db, sighting.place)?;
            let raw = String::from_utf8(raw).map_err(|_| StoreError::Damaged("it is not text"))?;
            parsed.push((sighting.source, sighting.hash, parse(&raw).0.into_owned()));
            feeds |= 1 << sighting.feed;
        }
        let mut activity = trail::fold::fold(parsed);
        self.policy.teams.place(&mut activity);
        // What it was part of before must be worked out again as well as what it is part of now.
        self.mark(id, before)?;
        let judged = Judged::new(&self.db, &mut self.texts, &mut self.actors, &activity, &self.policy)?;
        let (_, after) = judged.write(&self.db, &mut self.texts, Some(id), feeds, self.revision, &self.policy)?;
        self.touch(id, after)
    }

    /// Marks what a new or changed activity can change, and offers its rows to the sinks.
    fn touch(&mut self, id: i64, touched: Touched) -> Result<(), StoreError> {
        self.mark(id, touched)?;
        outbox::offer_activity(&self.db, &self.sinks, id, touched.accept, self.revision)
    }

    fn reject(
        &mut self,
        feed: &Feed,
        raw: &[u8],
        reason: &str,
        place: Option<Place<'_>>,
        now: TimeMs,
        count: &mut PageCount,
    ) -> Result<(), StoreError> {
        let is_new = rejected::add(&self.db, feed, raw, reason, place, now)?;
        // A file is judged by itself, however often it is read. A service lists the same again and again, and what was
        // told once is known.
        if is_new || self.in_file {
            count.rejected += 1;
            count.add_rejected(reason, 1);
        } else {
            count.records += 1;
            count.known += 1;
        }
        Ok(())
    }
}

/// One arrival of an activity, with the place of its bytes.
pub(super) struct Sighting {
    pub(super) hash: ContentHash,
    feed: i64,
    pub(super) source: Source,
    pub(super) place: archive::Place,
}

fn activity_at(db: &Connection, key: Key) -> Result<Option<i64>, StoreError> {
    Ok(db.prepare_cached("SELECT id FROM activity WHERE key = ?1")?.query_row([key.0], |row| row.get(0)).optional()?)
}

/// The activity of this id, whatever hour its records tell.
pub(super) fn activity_of(db: &Connection, id: RecordId) -> Result<Option<(i64, Key)>, StoreError> {
    Ok(db
        .prepare_cached("SELECT id, key FROM activity WHERE substr(key, 5, 4) = ?1 AND record_id = ?2")?
        .query_row((key::short(id), id.0), |row| Ok((row.get(0)?, Key(row.get(1)?))))
        .optional()?)
}

fn insert_record(
    db: &Connection,
    activity: i64,
    hash: ContentHash,
    feed: i64,
    place: archive::Place,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO record (activity, hash, feed, block, start, length) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((activity, hash.0, feed, place.block, place.start, place.length))?;
    Ok(())
}

pub(super) fn sightings(db: &Connection, activity: i64) -> Result<Vec<Sighting>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT record.hash, record.feed, feed.source, block, start, length
         FROM record JOIN feed ON feed.id = record.feed WHERE activity = ?1",
    )?;
    let rows = statement.query_map([activity], |row| {
        Ok(Sighting {
            hash: ContentHash(row.get(0)?),
            feed: row.get(1)?,
            source: super::codes::source_of(row.get(2)?),
            place: archive::Place { block: row.get(3)?, start: row.get(4)?, length: row.get(5)? },
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn touched(db: &Connection, id: i64) -> Result<Touched, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT activity.person, item, path, destination, action IS NOT NULL, roles, gesture,
                 label IS NOT NULL OR site_label IS NOT NULL, zip, accept, kind, time, site, site_label
             FROM activity JOIN actor ON actor.id = activity.actor WHERE activity.id = ?1",
        )?
        .query_row([id], |row| {
            Ok(Touched {
                person: row.get(0)?,
                item: row.get(1)?,
                path: row.get(2)?,
                destination: row.get(3)?,
                makes_access: row.get(4)?,
                roles: Roles(row.get(5)?),
                gesture: row.get(6)?,
                labelled: row.get(7)?,
                zip: row.get(8)?,
                accept: row.get(9)?,
                anonymous: super::codes::person_kind_of(row.get(10)?) == PersonKind::Anonymous,
                time: row.get(11)?,
                site: row.get(12)?,
                site_label: row.get(13)?,
            })
        })?)
}

/// What a page's unkept records amount to, written once at its end.
#[derive(Default)]
struct Dropped {
    /// By day and operation.
    counts: BTreeMap<i64, BTreeMap<String, u64>>,
    labels: HashSet<(String, String, i64)>,
}

impl Dropped {
    /// Adds a record, with the item and the label that it shows.
    fn add(&mut self, time: Option<TimeMs>, operation: &str, label: Option<(&str, &str)>) {
        let day = time.map_or(0, key::day);
        if let Some((item, label)) = label
            && row::label(Some(label)).is_some()
        {
            self.labels.insert((item.to_owned(), label.to_owned(), day));
        }
        let of_day = self.counts.entry(day).or_default();
        match of_day.get_mut(operation) {
            Some(records) => *records += 1,
            None => drop(of_day.insert(operation.to_owned(), 1)),
        }
    }

    fn write(self, store: &mut Store) -> Result<(), StoreError> {
        let by_day = self.counts.into_iter();
        for (day, (operation, records)) in
            by_day.flat_map(|(day, counts)| counts.into_iter().map(move |one| (day, one)))
        {
            let operation = store.texts.number(&store.db, &operation)?;
            store
                .db
                .prepare_cached(
                    "INSERT INTO dropped (day, operation, records) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET records = records + excluded.records",
                )?
                .execute((day, operation, records as i64))?;
        }
        for (item, label, day) in self.labels {
            let item = store.texts.number(&store.db, &item)?;
            let number = store.texts.number(&store.db, &label)?;
            let new = store
                .db
                .prepare_cached("INSERT OR IGNORE INTO label_sighting (item, label, day) VALUES (?1, ?2, ?3)")?
                .execute((item, number, day))?;
            if new == 1 {
                store.mark_sighting(item, &label, day)?;
            }
        }
        Ok(())
    }
}

/// Where a record's bytes are, for `show record`.
pub(super) fn raw_records(db: &Connection, activity: i64) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
    let mut shown: Vec<(ContentHash, String, Vec<u8>)> = Vec::new();
    for sighting in sightings(db, activity)? {
        let feed: String = db.query_row("SELECT name FROM feed WHERE id = ?1", [sighting.feed], |row| row.get(0))?;
        match shown.iter_mut().find(|(hash, ..)| *hash == sighting.hash) {
            Some((_, feeds, _)) => {
                feeds.push_str(", ");
                feeds.push_str(&feed);
            }
            None => shown.push((sighting.hash, feed, archive::read(db, sighting.place)?)),
        }
    }
    Ok(shown.into_iter().map(|(_, feeds, raw)| (feeds, raw)).collect())
}
