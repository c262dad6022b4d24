//! What has changed since the rules of alerts were last looked at, and what they say of it.
//!
//! Each change gives its row a new revision, so a place in (revision, number) tells what is still to be judged. A page of
//! changes, the findings that follow, who is to be told of them, and the new place change in one transaction. A row that
//! is judged again and no longer gives a finding withdraws it.

use std::collections::BTreeSet;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use trail::TimeMs;
use trail::operation::Action;

use super::finding::{Found, settle};
use super::rows::{self, AccessHead};
use super::share_row;
use super::{Store, StoreError, codes, matched, policy};
use crate::alerts::rules::{self, Around, EVIDENCE_MAX, TAKE_SPAN_MS, Takes};
use crate::alerts::{Rule, Rules, Severity};
use crate::rows as row;

/// Changes that one transaction looks at.
const PAGE_ROWS_MAX: i64 = 5_000;

/// What is judged with.
#[derive(Debug, Clone)]
pub struct Judging {
    /// The rules in use.
    pub rules: Rules,
    /// The webhooks, each with the least severity that it takes.
    pub webhooks: Vec<(String, Severity)>,
    /// For how long nobody is told again of findings of one rule that concern the same.
    pub suppress_ms: i64,
    /// What happened longer ago than this when it is found is listed and not told.
    pub told_within_ms: i64,
}

/// How far judging has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged {
    /// New findings.
    pub found: u64,
    /// There is nothing left to be judged.
    pub is_done: bool,
}

/// Up to where each kind of row has been judged: revision and number of the last one.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Places {
    /// By which rules; by others all is judged anew.
    rules: String,
    /// All that was there at the beginning has been judged once.
    caught_up: bool,
    access: (i64, i64),
    share: (i64, i64),
    activity: (i64, i64),
    gap: (i64, i64),
}

const PLACES: &str = "judged";

impl Store {
    /// Whether it is known who is inside; otherwise everybody would be a finding.
    pub fn knows_inside(&self) -> bool {
        !self.policy.domains.internal().is_empty()
    }

    /// Judges the next changes.
    ///
    /// # Errors
    /// Nothing changes.
    pub fn judge(&mut self, judging: &Judging, now: TimeMs) -> Result<Judged, StoreError> {
        self.transaction(now, |store| {
            let mut places: Places = policy::get_json(&store.db, PLACES)?.unwrap_or_default();
            let fingerprint = judging.rules.fingerprint();
            if places.rules != fingerprint {
                places = Places { rules: fingerprint, ..Places::default() };
            }
            let is_first = !places.caught_up;
            let mut found = Vec::new();
            let mut is_done = store.judge_shares(&judging.rules, &mut places.share, &mut found)?;
            is_done &= store.judge_accesses(&judging.rules, &mut places.access, &mut found)?;
            is_done &= store.judge_administration(&judging.rules, &mut places.activity, &mut found)?;
            is_done &= store.judge_gaps(&judging.rules, &mut places.gap, &mut found)?;
            places.caught_up |= is_done;
            let new = settle(&store.db, &store.tenant, judging, &found, is_first, now)?;
            policy::set_json(&store.db, PLACES, &places)?;
            Ok(Judged { found: new, is_done })
        })
    }

    /// Judges how far feeds are behind; `feeds` are those whose position follows the clock.
    ///
    /// # Errors
    /// Nothing changes.
    pub fn judge_lag(&mut self, judging: &Judging, feeds: &[&str], now: TimeMs) -> Result<u64, StoreError> {
        self.transaction(now, |store| {
            let mut found = Vec::new();
            for feed in feeds {
                let position: Option<i64> = store
                    .db
                    .prepare_cached("SELECT max(position) FROM feed WHERE name = ?1")?
                    .query_row([feed], |row| row.get(0))?;
                let Some(position) = position.map(TimeMs) else { continue };
                if let Some(finding) = rules::feed_lag(&judging.rules, feed, position, now) {
                    found.push(Found::one(Rule::FeedBehind, finding));
                }
            }
            settle(&store.db, &store.tenant, judging, &found, false, now)
        })
    }

    fn judge_shares(
        &mut self,
        rules: &Rules,
        place: &mut (i64, i64),
        found: &mut Vec<Found>,
    ) -> Result<bool, StoreError> {
        // One that is withdrawn has no digest any more; one that was never concluded has none yet.
        let changed = changes(&self.db, "share", "(digest <> x'' OR withdrawn = 1)", place)?;
        for id in &changed {
            let head = share_row::head_numbered(&self.db, *id)?;
            let share = share_row::share(&mut self.row_context(), &head, None)?;
            let is_way_in = !share.withdrawn && share_row::is_for_outsiders(&head.share);
            let findings = if is_way_in { rules::of_share(rules, &share) } else { Vec::new() };
            let of = [Rule::AnyoneLinkClassified, Rule::GuestSiteAdmin];
            found.push(Found { about: share.share_id.to_string(), rules: in_use(rules, &of), findings });
        }
        Ok((changed.len() as i64) < PAGE_ROWS_MAX)
    }

    fn judge_accesses(
        &mut self,
        rules: &Rules,
        place: &mut (i64, i64),
        found: &mut Vec<Found>,
    ) -> Result<bool, StoreError> {
        let changed = changes(&self.db, "access", "1", place)?;
        let of = in_use(rules, &[Rule::ClassifiedAccess, Rule::AccessAfterEnd, Rule::UnexplainedNewDomain]);
        let mut hours: BTreeSet<(i64, i64)> = BTreeSet::new();
        for id in &changed {
            let (head, share, is_candidate) = head(&self.db, *id)?;
            if rules.has(Rule::MassTake) && head.action == codes::action(Action::Take) {
                hours.insert((head.person, head.first_at.millis().div_euclid(TAKE_SPAN_MS) * TAKE_SPAN_MS));
            }
            let findings = if is_candidate && !head.withdrawn {
                let access = rows::access(&mut self.row_context(), &head)?;
                rules::of_access(rules, &access, &self.around(rules, &head, share, &access)?)
            } else {
                Vec::new()
            };
            let about = trail::RecordId(head.access_id).to_string();
            found.push(Found { about, rules: of.clone(), findings });
        }
        for (person, hour) in hours {
            found.push(self.judge_takes(rules, person, TimeMs(hour))?);
        }
        Ok((changed.len() as i64) < PAGE_ROWS_MAX)
    }

    /// What the rules want to know around an access that may be a finding.
    fn around(
        &mut self,
        rules: &Rules,
        head: &AccessHead,
        share: Option<i64>,
        access: &row::Access,
    ) -> Result<Around, StoreError> {
        let mut around = Around { after_end_ms_max: self.policy.matching.after_end_ms_max, ..Around::default() };
        if let Some(id) = share {
            around.through = Some(self.share_then(id, head.first_at)?);
        } else if access.match_rule == "none" {
            let path: Option<i64> = self
                .db
                .prepare_cached("SELECT path FROM activity WHERE id = ?1")?
                .query_row([head.first_activity], |row| row.get(0))?;
            let path = self.decoder.optional(&self.db, path)?;
            let mut ids = matched::covering(&self.db, head.item, path.as_deref(), &[0, head.person])?;
            ids.sort_unstable();
            ids.dedup();
            for id in ids {
                around.others.push(self.share_then(id, head.first_at)?);
            }
        }
        if rules.has(Rule::UnexplainedNewDomain)
            && let Some(domain) = &access.domain
        {
            around.domain_was_seen = self.was_seen(rules, domain, head.first_at)?;
        }
        Ok(around)
    }

    /// A share as it is told at that time, when it may have run out.
    fn share_then(&mut self, id: i64, at: TimeMs) -> Result<row::Share, StoreError> {
        let head = share_row::head_numbered(&self.db, id)?;
        share_row::share(&mut self.row_context(), &head, Some(at))
    }

    /// Whether somebody of the domain was seen in the days before.
    fn was_seen(&self, rules: &Rules, domain: &str, at: TimeMs) -> Result<bool, StoreError> {
        let from = at.millis() - i64::from(rules.new_domain_days) * 86_400_000;
        Ok(self
            .db
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM actor JOIN access ON access.person = actor.person
                     WHERE actor.domain = (SELECT id FROM text WHERE value = ?1) AND actor.domain IS NOT NULL
                       AND first_at >= ?2 AND first_at < ?3 AND withdrawn = 0)",
            )?
            .query_row((domain, from, at.millis()), |row| row.get(0))?)
    }

    fn judge_takes(&mut self, rules: &Rules, person: i64, hour: TimeMs) -> Result<Found, StoreError> {
        let within = "person = ?1 AND action = ?2 AND withdrawn = 0 AND first_at >= ?3 AND first_at < ?4";
        let parameters = (person, codes::action(Action::Take), hour.millis(), hour.plus(TAKE_SPAN_MS).millis());
        let items: i64 = self
            .db
            .prepare_cached(&format!("SELECT count(DISTINCT item) FROM access WHERE {within}"))?
            .query_row(parameters, |row| row.get(0))?;
        let mut takes = Takes { hour, items, first: Vec::new() };
        if items >= i64::from(rules.items_min) {
            let ids: Vec<i64> = self
                .db
                .prepare_cached(&format!(
                    "SELECT id FROM access WHERE {within} ORDER BY first_at, access_id LIMIT {EVIDENCE_MAX}"
                ))?
                .query_map(parameters, |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            for id in ids {
                takes.first.push(rows::access_numbered(&mut self.row_context(), id)?);
            }
        }
        let name = self.decoder.text(&self.db, person)?;
        let findings = rules::mass_take(rules, &takes).map(|finding| (Rule::MassTake, finding));
        Ok(Found {
            about: rules::about_takes(&name, hour),
            rules: vec![Rule::MassTake],
            findings: findings.into_iter().collect(),
        })
    }

    fn judge_administration(
        &mut self,
        rules: &Rules,
        place: &mut (i64, i64),
        found: &mut Vec<Found>,
    ) -> Result<bool, StoreError> {
        let changed = changes(&self.db, "activity", "changes IS NOT NULL", place)?;
        for id in &changed {
            let activity = rows::activity(&mut self.row_context(), *id)?;
            let finding = rules::sharing_policy_weakened(rules, &activity);
            found.extend(finding.map(|finding| Found::one(Rule::SharingPolicyWeakened, finding)));
        }
        Ok((changed.len() as i64) < PAGE_ROWS_MAX)
    }

    fn judge_gaps(
        &mut self,
        rules: &Rules,
        place: &mut (i64, i64),
        found: &mut Vec<Found>,
    ) -> Result<bool, StoreError> {
        let changed = changes(&self.db, "gap", "1", place)?;
        for id in &changed {
            let gap = rows::gap(&mut self.row_context(), *id)?;
            found.extend(rules::feed_gap(rules, &gap).map(|finding| Found::one(Rule::FeedBehind, finding)));
        }
        Ok((changed.len() as i64) < PAGE_ROWS_MAX)
    }

    fn row_context(&mut self) -> rows::Context<'_> {
        rows::Context { db: &self.db, texts: &mut self.decoder, tenant: &self.tenant }
    }
}

fn in_use(rules: &Rules, of: &[Rule]) -> Vec<Rule> {
    of.iter().copied().filter(|rule| rules.has(*rule)).collect()
}

/// Numbers of the next rows of `table` that changed after `place`, which moves.
fn changes(db: &Connection, table: &str, condition: &str, place: &mut (i64, i64)) -> Result<Vec<i64>, StoreError> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT revision, id FROM {table} WHERE {condition} AND (revision, id) > (?1, ?2) ORDER BY revision, id LIMIT ?3"
    ))?;
    let rows: Vec<(i64, i64)> = statement
        .query_map((place.0, place.1, PAGE_ROWS_MAX), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    if let Some(last) = rows.last() {
        *place = *last;
    }
    Ok(rows.into_iter().map(|(_, id)| id).collect())
}

/// An access, the share that it came through, and whether a rule about single accesses may find it.
fn head(db: &Connection, id: i64) -> Result<(AccessHead, Option<i64>, bool), StoreError> {
    Ok(db
        .prepare_cached(&format!(
            "SELECT {}, share, coalesce(classified, 0) = 1 OR unexplained > 0 FROM access WHERE id = ?1",
            AccessHead::COLUMNS
        ))?
        .query_row([id], |row| Ok((AccessHead::read(row)?, row.get(12)?, row.get(13)?)))?)
}
