//! Through which share an access came, and whether the item was classified then: fetched by index, decided by `trail`.

use std::collections::BTreeSet;
use std::sync::Arc;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use trail::classification::{Labels, Placed, classify};
use trail::identity::PersonKind;
use trail::matching::{self, Confidence, Door, Horizon, Match, Trace, Wanted, covers_item_life};
use trail::operation::Action;
use trail::record::self_and_ancestors;
use trail::share::Share;
use trail::{Record, TimeMs};

use super::sharing::invited_as;
use super::{Store, StoreError, text};

/// What was concluded of an access beside its records; stored as JSON.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Matched {
    pub(super) share_id: Option<Arc<str>>,
    pub(super) other_share_ids: Vec<String>,
    pub(super) share_kind: Option<String>,
    pub(super) shared_by: Option<Arc<str>>,
    pub(super) shared_at: Option<i64>,
    pub(super) rule: String,
    pub(super) confidence: String,
    pub(super) classified: Option<bool>,
    pub(super) level: Option<Arc<str>>,
    pub(super) label_id: Option<Arc<str>>,
    pub(super) label_name: Option<Arc<str>>,
    pub(super) sources: Option<String>,
}

impl Matched {
    /// As column `place` of a row has it.
    pub(super) fn read(row: &rusqlite::Row<'_>, place: usize) -> rusqlite::Result<Self> {
        let json = row.get_ref(place)?.as_blob().ok();
        Ok(json.and_then(|json| serde_json::from_slice(json).ok()).unwrap_or_default())
    }
}

/// The same, with what only the store needs.
pub(super) struct Concluded {
    pub(super) matched: Matched,
    /// The share's number.
    pub(super) share: Option<i64>,
    /// 0 explained; 1 there is no share; 2 there may have been one before we looked.
    pub(super) unexplained: i64,
}

/// A share as a candidate.
struct Candidate {
    id: i64,
    share: Arc<Share>,
}

impl Store {
    /// Decides for one access, given its records in order of (time, id).
    pub(super) fn match_access(
        &mut self,
        person: i64,
        item: i64,
        action: Action,
        records: &[&Record],
    ) -> Result<Concluded, StoreError> {
        let Some(first) = records.first() else {
            return Err(StoreError::Damaged("an access has no records"));
        };
        let others = invited_as(&self.db, person)?;
        let doors = self.doors(first, item, person)?;
        let mut wanted = Wanted::of(records, action).ok_or(StoreError::Damaged("an access has no item"))?;
        wanted.traces = self.traces(first, person)?;
        // Shares of the links that were used count as well: one that has ended is known, and was not overlooked.
        let links = wanted.link.iter().chain(doors.iter().filter_map(|door| door.link.as_ref()));
        let links: BTreeSet<Arc<str>> = links.cloned().collect();
        let candidates = self.candidates(first, item, person, &others, &links)?;
        let names: Vec<Arc<str>> =
            others.iter().map(|id| self.decoder.text(&self.db, *id)).collect::<Result<_, _>>()?;
        let shares: Vec<Arc<Share>> = candidates.iter().map(|candidate| Arc::clone(&candidate.share)).collect();
        let rules = self.policy.matching;
        let decide = |horizon| matching::match_access(&wanted, &shares, &doors, &names, horizon, &rules);
        let mut found = decide(Horizon::default());
        if found.confidence == Confidence::Unknown {
            found = decide(self.horizon(item, first.time)?);
        }
        let share = found.share.and_then(|index| candidates.get(index));
        let ended_at = share.and_then(|candidate| candidate.share.end.map(|(at, _)| at));
        let unexplained = match matching::is_unexplained(&found, ended_at, first.time, &rules) {
            false => 0,
            true if found.confidence == Confidence::Unknown => 2,
            true => 1,
        };
        let mut matched = matched(&found, share, &candidates);
        self.classify(&mut matched, item, first, records)?;
        Ok(Concluded { share: share.map(|candidate| candidate.id), matched, unexplained })
    }

    /// Shares on the item and above it that open for this person, for anyone or for a group; and those of the link that
    /// the access names.
    fn candidates(
        &mut self,
        first: &Record,
        item: i64,
        person: i64,
        aliases: &[i64],
        links: &BTreeSet<Arc<str>>,
    ) -> Result<Vec<Candidate>, StoreError> {
        let recipients: Vec<i64> = aliases.iter().copied().chain([0, person]).collect();
        let mut ids = covering(&self.db, item, first.path.as_deref(), &recipients)?;
        {
            let mut statement = self.db.prepare_cached("SELECT id FROM share WHERE link = ?1 AND withdrawn = 0")?;
            for link in links {
                let Some(link) = text::find(&self.db, link)? else { continue };
                for id in statement.query_map([link], |row| row.get(0))? {
                    ids.push(id?);
                }
            }
        }
        ids.sort_unstable();
        ids.dedup();
        let mut candidates = Vec::with_capacity(ids.len());
        for id in ids {
            candidates.push(Candidate { id, share: self.known_shares.get(&self.db, id)? });
        }
        // Numbers depend on the order of arrival; names do not.
        candidates.sort_by(|one, two| one.share.share_id.cmp(&two.share.share_id));
        Ok(candidates)
    }

    /// Uses of links near the access: by this person in the time before, by anonymous visitors around it.
    fn doors(&mut self, first: &Record, item: i64, person: i64) -> Result<Vec<Door>, StoreError> {
        let rules = self.policy.matching;
        let (from, to) = (first.time.plus(-rules.link_used_before_ms_max), first.time.plus(rules.early_ms_max));
        let mut records = self.facts().records(
            "activity.person = ?1 AND action = 7 AND time BETWEEN ?2 AND ?3",
            (person, from.millis(), to.millis()),
        )?;
        if first.person_kind == PersonKind::Anonymous {
            let from = first.time.plus(-rules.anonymous_session_ms_max);
            records.extend(
                self.facts().records(
                    "item = ?1 AND action = 7 AND time BETWEEN ?2 AND ?3",
                    (item, from.millis(), to.millis()),
                )?,
            );
            for path in first.path.iter().flat_map(|path| self_and_ancestors(path)) {
                let Some(path) = text::find(&self.db, path)? else { continue };
                records.extend(self.facts().records(
                    "path = ?1 AND action = 7 AND time BETWEEN ?2 AND ?3",
                    (path, from.millis(), to.millis()),
                )?);
            }
        }
        records.sort_by_key(|(_, record)| (record.time, record.id));
        records.dedup_by_key(|(id, _)| *id);
        Ok(records.iter().filter_map(|(_, record)| Door::of(record)).collect())
    }

    /// Where else an anonymous visitor of this value was seen.
    fn traces(&mut self, first: &Record, person: i64) -> Result<Vec<Trace>, StoreError> {
        if first.person_kind != PersonKind::Anonymous {
            return Ok(Vec::new());
        }
        let span = self.policy.matching.anonymous_session_ms_max;
        let records = self.facts().records(
            "activity.person = ?1 AND roles & 64 AND time BETWEEN ?2 AND ?3",
            (person, first.time.plus(-span).millis(), first.time.plus(span).millis()),
        )?;
        Ok(records.iter().map(|(_, record)| Trace::of(record)).collect())
    }

    /// Whether a share could have been missed. Asked only where none was found, which is rare.
    fn horizon(&self, item: i64, at: TimeMs) -> Result<Horizon, StoreError> {
        let made: Option<i64> = self
            .db
            .prepare_cached("SELECT min(time) FROM activity WHERE item = ?1 AND roles & 8")?
            .query_row([item], |row| row.get(0))?;
        let Some(made) = made.filter(|made| *made <= at.millis()) else { return Ok(Horizon::default()) };
        // An upload makes an item only if nothing was seen of it before; later ones replace its content.
        let seen_before: bool = self
            .db
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM activity WHERE item = ?1 AND roles & 1 AND time < ?2)
                     OR EXISTS (SELECT 1 FROM activity WHERE item = ?1 AND roles & 2 AND time < ?2)
                     OR EXISTS (SELECT 1 FROM activity WHERE item = ?1 AND (label IS NOT NULL OR roles & 4) AND time < ?2)
                     OR EXISTS (SELECT 1 FROM access WHERE item = ?1 AND first_at < ?2 AND withdrawn = 0)",
            )?
            .query_row((item, made), |row| row.get(0))?;
        if seen_before {
            return Ok(Horizon::default());
        }
        Ok(Horizon { covers_item_life: covers_item_life(Some(TimeMs(made)), &observed(&self.db)?, at) })
    }

    fn classify(
        &mut self,
        matched: &mut Matched,
        item: i64,
        first: &Record,
        records: &[&Record],
    ) -> Result<(), StoreError> {
        let own = Labels::of(records.iter().copied());
        let (file, site) = self.signals(item, first.site.as_ref(), Some(first.time))?;
        let item_key = first.item.clone().unwrap_or_default();
        let placed = Placed { path: first.path.clone(), ..Placed::of(&item_key, None, None) };
        let verdict = classify(Some(first.time), &file, &site, &placed, Some(&own), &self.policy.classification);
        matched.sources = verdict.sources_text();
        matched.classified = verdict.classified;
        matched.level = verdict.level;
        matched.label_id = verdict.label_id;
        matched.label_name = verdict.label_name;
        Ok(())
    }
}

/// Numbers of the shares for these recipients (0: for anyone or a group) on an item, and at its path and above; some more
/// than once.
pub(super) fn covering(
    db: &Connection,
    item: i64,
    path: Option<&str>,
    recipients: &[i64],
) -> Result<Vec<i64>, StoreError> {
    let mut ids = Vec::new();
    let mut statement = db.prepare_cached("SELECT share FROM share_place WHERE path = ?1 AND recipient = ?2")?;
    for path in path.into_iter().flat_map(self_and_ancestors) {
        for recipient in recipients {
            for id in statement.query_map((path, recipient), |row| row.get(0))? {
                ids.push(id?);
            }
        }
    }
    let mut statement =
        db.prepare_cached("SELECT id FROM share WHERE item = ?1 AND recipient = ?2 AND withdrawn = 0")?;
    for recipient in recipients {
        for id in statement.query_map((item, recipient), |row| row.get(0))? {
            ids.push(id?);
        }
    }
    Ok(ids)
}

fn matched(found: &Match, share: Option<&Candidate>, candidates: &[Candidate]) -> Matched {
    // A link whose share was not seen is named all the same.
    let unseen = || found.link.clone();
    Matched {
        share_id: share.map(|candidate| Arc::clone(&candidate.share.share_id)).or_else(unseen),
        other_share_ids: found
            .others
            .iter()
            .filter_map(|index| candidates.get(*index))
            .map(|candidate| candidate.share.share_id.to_string())
            .collect(),
        share_kind: share.map(|candidate| candidate.share.kind.as_str().to_owned()),
        shared_by: share.and_then(|candidate| candidate.share.shared_by.clone()),
        shared_at: share.and_then(|candidate| candidate.share.shared_at.map(TimeMs::millis)),
        rule: found.rule.as_str().to_owned(),
        confidence: found.confidence.as_str().to_owned(),
        ..Matched::default()
    }
}

/// Spans that some feed was read over without a gap: what each observed, less what turned out not to be had from it. A gap
/// of one feed is no gap where another one has been read, as by a backfill from elsewhere.
fn observed(db: &Connection) -> Result<Vec<(TimeMs, TimeMs)>, StoreError> {
    let mut observed = spans(db, "SELECT feed, from_time, to_time FROM observed")?;
    for (gap_of, (from, to)) in spans(db, "SELECT feed, from_time, to_time FROM gap")? {
        let less_the_gap = |(feed, span)| {
            let untouched = (feed != gap_of).then_some((feed, span));
            let parts = without(span, from, to).map(move |part| (feed, part)).filter(move |_| feed == gap_of);
            untouched.into_iter().chain(parts)
        };
        observed = observed.into_iter().flat_map(less_the_gap).collect();
    }
    Ok(observed.into_iter().map(|(_, span)| span).collect())
}

/// A span on the clock of the feed with this row id.
type FeedSpan = (i64, (TimeMs, TimeMs));

/// Spans with their feeds.
fn spans(db: &Connection, sql: &str) -> Result<Vec<FeedSpan>, StoreError> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, (TimeMs(row.get(1)?), TimeMs(row.get(2)?)))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn without((begin, end): (TimeMs, TimeMs), from: TimeMs, to: TimeMs) -> impl Iterator<Item = (TimeMs, TimeMs)> {
    let before = (begin, end.min(from.plus(-1)));
    let after = (begin.max(to.plus(1)), end);
    let untouched = to < begin || from > end;
    let parts = if untouched { [Some((begin, end)), None] } else { [Some(before), Some(after)] };
    parts.into_iter().flatten().filter(|(begin, end)| begin <= end)
}
