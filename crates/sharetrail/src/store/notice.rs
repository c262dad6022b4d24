//! Of what webhooks are still to be told. A notice leaves when its webhook has taken it; it holds no copy, so of a
//! finding that is withdrawn before nobody is told, unless it holds again. A webhook that is away for long keeps [`NOTICES_MAX`]; older findings stay in the list of
//! findings and are not told any more.

use rusqlite::Connection;
use trail::TimeMs;

use super::finding;
use super::{Store, StoreError, policy};
use crate::alerts::Rule;
use crate::rows;

/// Notices that wait for one webhook.
pub const NOTICES_MAX: i64 = 10_000;
/// Findings that a digest names.
const DIGEST_FINDINGS_MAX: usize = 10;
/// A digest covers a week at most of what was missed.
const WEEK_MS: i64 = 7 * 86_400_000;
const DAY_MS: i64 = 86_400_000;

/// What a webhook is to be told of.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// Its number.
    pub id: i64,
    /// What.
    pub kind: NoticeKind,
}

/// See [`Notice`].
#[derive(Debug, Clone, PartialEq)]
pub enum NoticeKind {
    /// A finding.
    Finding(Box<rows::Finding>),
    /// What is new of a week.
    Digest(Box<Digest>),
}

/// What is new of a span.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Digest {
    /// Begin of the span.
    pub from: TimeMs,
    /// Its end, which is not part of it.
    pub to: TimeMs,
    /// Accesses from outside in it.
    pub accesses: i64,
    /// Those to what was classified.
    pub classified: i64,
    /// Outsiders whose first access lies in it.
    pub new_people: i64,
    /// Mail domains of which nobody came before.
    pub new_domains: Vec<String>,
    /// Links for anyone that were made in it.
    pub anyone_links: i64,
    /// How many findings, by rule; withdrawn ones do not count.
    pub findings: Vec<(String, i64)>,
    /// The gravest of them, the latest first.
    pub gravest: Vec<rows::Finding>,
}

pub(super) fn queue_finding(db: &Connection, webhook: &str, finding: i64, now: TimeMs) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO notice (webhook, finding, queued_at) VALUES (?1, ?2, ?3)")?.execute((
        webhook,
        finding,
        now.millis(),
    ))?;
    db.prepare_cached(
        "DELETE FROM notice WHERE webhook = ?1 AND id <= coalesce(
             (SELECT id FROM notice WHERE webhook = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2), -1)",
    )?
    .execute((webhook, NOTICES_MAX))?;
    Ok(())
}

/// The Monday, 00:00 UTC, at or before a moment.
fn week_of(time: TimeMs) -> TimeMs {
    // The first day of 1970 was a Thursday.
    let day = time.millis().div_euclid(DAY_MS);
    TimeMs(((day + 3).div_euclid(7) * 7 - 3) * DAY_MS)
}

impl Store {
    /// Queues the digest of the week that has ended, once for each webhook. The first week is that in which the first pass
    /// was made; of several weeks without a pass the last one is told.
    ///
    /// # Errors
    /// Nothing changes.
    pub fn queue_digest(&mut self, webhooks: &[String], now: TimeMs) -> Result<(), StoreError> {
        let week = week_of(now);
        let told_to: Option<i64> = policy::get_json(&self.db, "digest_to")?;
        if told_to.is_some_and(|to| to >= week.millis()) {
            return Ok(());
        }
        self.transaction(now, |store| {
            if told_to.is_some() {
                for webhook in webhooks {
                    store.db.execute(
                        "INSERT INTO notice (webhook, from_at, to_at, queued_at) VALUES (?1, ?2, ?3, ?4)",
                        (webhook, week.plus(-WEEK_MS).millis(), week.millis(), now.millis()),
                    )?;
                }
            }
            policy::set_json(&store.db, "digest_to", &week.millis())
        })
    }

    /// The next notices for a webhook, oldest first.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn notices(&mut self, webhook: &str, notices_max: usize) -> Result<Vec<Notice>, StoreError> {
        type Queued = (i64, Option<i64>, Option<i64>, Option<i64>);
        let queued: Vec<Queued> = {
            let mut statement = self.db.prepare_cached(
                "SELECT id, finding, from_at, to_at FROM notice WHERE webhook = ?1
                     AND NOT EXISTS (SELECT 1 FROM finding WHERE finding.id = notice.finding AND finding.withdrawn = 1)
                 ORDER BY id LIMIT ?2",
            )?;
            let rows = statement.query_map((webhook, notices_max as i64), |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })?;
            rows.collect::<Result<_, _>>()?
        };
        let mut notices = Vec::with_capacity(queued.len());
        for (id, finding, from, to) in queued {
            let kind = match (finding, from.zip(to)) {
                (Some(number), _) => NoticeKind::Finding(Box::new(self.finding_numbered(number)?)),
                (None, Some((from, to))) => NoticeKind::Digest(Box::new(self.digest(TimeMs(from), TimeMs(to))?)),
                (None, None) => return Err(StoreError::Damaged("a notice is of nothing")),
            };
            notices.push(Notice { id, kind });
        }
        Ok(notices)
    }

    /// A webhook has taken these notices.
    ///
    /// # Errors
    /// They stay, and may be told again.
    pub fn noticed(&mut self, ids: &[i64], now: TimeMs) -> Result<(), StoreError> {
        self.transaction(now, |store| {
            let mut statement = store.db.prepare_cached("DELETE FROM notice WHERE id = ?1")?;
            ids.iter().try_for_each(|id| statement.execute([id]).map(|_| ()))?;
            Ok(())
        })
    }

    fn finding_numbered(&self, number: i64) -> Result<rows::Finding, StoreError> {
        let mut statement =
            self.db.prepare_cached(&format!("SELECT {} FROM finding WHERE id = ?1", finding::COLUMNS))?;
        let mut rows = statement.query([number])?;
        finding::read(&self.tenant, rows.next()?.ok_or(StoreError::Damaged("a finding is missing"))?)
    }

    fn digest(&self, from: TimeMs, to: TimeMs) -> Result<Digest, StoreError> {
        let span = (from.millis(), to.millis());
        let count = |sql: &str| self.db.prepare_cached(sql)?.query_row(span, |row| row.get::<_, i64>(0));
        let mut statement = self.db.prepare_cached(
            "SELECT rule, count(*) FROM finding WHERE found_at >= ?1 AND found_at < ?2 AND withdrawn = 0 GROUP BY rule",
        )?;
        let mut findings: Vec<(String, i64)> =
            statement.query_map(span, |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        findings.sort_by_key(|(rule, _)| Rule::of(rule));
        let mut statement = self.db.prepare_cached(
            "SELECT DISTINCT value FROM access JOIN actor ON actor.person = access.person JOIN text ON text.id = actor.domain
             WHERE first_at >= ?1 AND first_at < ?2 AND withdrawn = 0 AND NOT EXISTS (
                 SELECT 1 FROM actor AS other JOIN access AS earlier ON earlier.person = other.person
                 WHERE other.domain = actor.domain AND earlier.first_at < ?1 AND earlier.withdrawn = 0)
             ORDER BY value LIMIT 50",
        )?;
        let new_domains = statement.query_map(span, |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(Digest {
            from,
            to,
            accesses: count("SELECT count(*) FROM access WHERE first_at >= ?1 AND first_at < ?2 AND withdrawn = 0")?,
            classified: count(
                "SELECT count(*) FROM access WHERE first_at >= ?1 AND first_at < ?2 AND withdrawn = 0 AND classified = 1",
            )?,
            new_people: count(
                "SELECT count(*) FROM (SELECT DISTINCT person FROM access WHERE first_at >= ?1 AND first_at < ?2 AND withdrawn = 0)
                 AS seen WHERE NOT EXISTS (SELECT 1 FROM access WHERE access.person = seen.person AND first_at < ?1 AND withdrawn = 0)",
            )?,
            new_domains,
            anyone_links: self.anyone_links(from, to)?,
            findings,
            gravest: self.gravest(from, to)?,
        })
    }

    fn anyone_links(&self, from: TimeMs, to: TimeMs) -> Result<i64, StoreError> {
        Ok(self
            .db
            .prepare_cached(
                "SELECT count(*) FROM share WHERE first_sign_at >= ?1 AND first_sign_at < ?2 AND withdrawn = 0
                     AND digest <> x'' AND recipient = 0 AND json_extract(CAST(body AS TEXT), '$.kind') = 'Anyone'
                     AND json_extract(CAST(body AS TEXT), '$.blocked') IS NOT 1",
            )?
            .query_row((from.millis(), to.millis()), |row| row.get(0))?)
    }

    fn gravest(&self, from: TimeMs, to: TimeMs) -> Result<Vec<rows::Finding>, StoreError> {
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT {} FROM finding WHERE found_at >= ?1 AND found_at < ?2 AND withdrawn = 0 AND severity IN ('high', 'medium')
             ORDER BY severity = 'high' DESC, at DESC, finding_id LIMIT {DIGEST_FINDINGS_MAX}",
            finding::COLUMNS
        ))?;
        let mut rows = statement.query((from.millis(), to.millis()))?;
        let mut gravest = Vec::new();
        while let Some(row) = rows.next()? {
            gravest.push(finding::read(&self.tenant, row)?);
        }
        Ok(gravest)
    }
}

#[cfg(test)]
mod tests {
    use trail::fold::Source;

    use super::*;
    use crate::alerts::{Rules, Severity};
    use crate::config::settings::StoreSettings;
    use crate::store::Judging;

    const MONDAY: TimeMs = TimeMs(1_795_392_000_000);

    fn store(folder: &tempfile::TempDir) -> Store {
        Store::open(&folder.path().join("store.db"), Some("contoso"), &StoreSettings::default()).unwrap()
    }

    fn judging(webhook: &str, severity_min: Severity) -> Judging {
        let webhooks = vec![(webhook.to_owned(), severity_min)];
        Judging { rules: Rules::default(), webhooks, suppress_ms: 0, told_within_ms: 365 * DAY_MS }
    }

    #[test]
    fn each_week_that_has_ended_is_told_once_and_the_first_one_is_that_of_the_first_pass() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = store(&folder);
        let webhooks = ["a".to_owned(), "b".to_owned()];
        let mut waiting = |now: TimeMs| {
            store.queue_digest(&webhooks, now).unwrap();
            store.notices("a", 10).unwrap()
        };
        assert_eq!(week_of(MONDAY), MONDAY);
        assert_eq!(waiting(MONDAY.plus(3 * DAY_MS)), [], "no week has ended");
        assert_eq!(waiting(MONDAY.plus(6 * DAY_MS)), []);
        for now in [MONDAY.plus(WEEK_MS), MONDAY.plus(WEEK_MS + 3 * DAY_MS)] {
            let [notice] = &waiting(now)[..] else { panic!("not one digest") };
            let NoticeKind::Digest(digest) = &notice.kind else { panic!("no digest") };
            assert_eq!((digest.from, digest.to), (MONDAY, MONDAY.plus(WEEK_MS)));
        }
        assert_eq!(waiting(MONDAY.plus(4 * WEEK_MS)).len(), 2, "of weeks without a pass the last one is told");
    }

    #[test]
    fn a_digest_counts_the_findings_of_its_week() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = store(&folder);
        let feed = store.feed("defender", Source::Defender, MONDAY).unwrap();
        for to in [1, 2] {
            store.add_gap(&feed, TimeMs(to - 1), TimeMs(to), "away", MONDAY).unwrap();
        }
        store.judge(&judging("a", Severity::High), MONDAY.plus(DAY_MS)).unwrap();
        store.queue_digest(&["a".to_owned()], MONDAY).unwrap();
        store.queue_digest(&["a".to_owned()], MONDAY.plus(WEEK_MS)).unwrap();
        let notices = store.notices("a", 10).unwrap();
        let NoticeKind::Digest(digest) = &notices[0].kind else { panic!("gaps are of low severity") };
        assert_eq!(digest.findings, [("feed_behind".to_owned(), 2)]);
    }

    #[test]
    fn a_notice_is_there_until_its_webhook_has_taken_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = store(&folder);
        let feed = store.feed("defender", Source::Defender, MONDAY).unwrap();
        let now = TimeMs(5 * DAY_MS);
        store.add_gap(&feed, TimeMs(DAY_MS), TimeMs(2 * DAY_MS), "away", now).unwrap();
        assert_eq!(store.judge(&judging("a", Severity::Low), now).unwrap().found, 1);
        assert_eq!(store.judge(&judging("a", Severity::Low), now).unwrap().found, 0, "found once");
        let waiting = store.notices("a", 10).unwrap();
        assert_eq!((waiting.len(), store.notices("b", 10).unwrap().len()), (1, 0));
        store.noticed(&[waiting[0].id], now).unwrap();
        assert_eq!(store.notices("a", 10).unwrap(), []);
    }

    #[test]
    fn a_week_begins_on_monday() {
        let time = |text: &str| TimeMs::parse(text).unwrap();
        for (moment, monday) in [
            ("2026-11-24T20:00:00Z", "2026-11-23T00:00:00Z"),
            ("2026-11-23T00:00:00Z", "2026-11-23T00:00:00Z"),
            ("2026-11-22T23:59:59Z", "2026-11-16T00:00:00Z"),
            ("1970-01-01T00:00:00Z", "1969-12-29T00:00:00Z"),
        ] {
            assert_eq!(week_of(time(moment)), time(monday), "{moment}");
        }
    }
}
