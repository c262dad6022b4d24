//! Findings of the rules of alerts: kept once under their stable id, withdrawn when what they rest on no longer holds.

use std::sync::Arc;

use rusqlite::Connection;
use trail::{RecordId, TimeMs};

use super::judged::Judging;
use super::{AccessFilter, Reader, StoreError, notice};
use crate::alerts::{Finding, Rule};
use crate::rows;

/// What rules said of one thing.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// What it is about.
    pub(super) about: String,
    /// The rules that were asked: what one of them found earlier and does not find now is withdrawn.
    pub(super) rules: Vec<Rule>,
    /// What they found.
    pub(super) findings: Vec<(Rule, Finding)>,
}

impl Found {
    /// What cannot be withdrawn.
    pub(super) fn one(rule: Rule, finding: Finding) -> Self {
        Self { about: finding.about.clone(), rules: Vec::new(), findings: vec![(rule, finding)] }
    }
}

/// Whether webhooks are to tell of a finding, and if not, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// They are.
    Told,
    /// The like was told shortly before.
    Suppressed,
    /// It had happened long before it was found.
    Old,
    /// No webhook takes findings of its severity.
    Nobody,
}

impl Telling {
    fn as_str(self) -> &'static str {
        match self {
            Self::Told => "told",
            Self::Suppressed => "suppressed",
            Self::Old => "old",
            Self::Nobody => "nobody",
        }
    }
}

/// Writes what was found, withdraws what no longer holds, and queues notices; tells how many findings are new.
pub(super) fn settle(
    db: &Connection,
    tenant: &str,
    judging: &Judging,
    found: &[Found],
    is_first: bool,
    now: TimeMs,
) -> Result<u64, StoreError> {
    let mut new = 0;
    for found in found {
        for (rule, finding) in &found.findings {
            new += u64::from(write(db, tenant, judging, *rule, finding, is_first, now)?);
        }
        withdraw(db, found)?;
    }
    Ok(new)
}

/// Writes a finding; whether it is new. One that was withdrawn and holds again is as it was.
fn write(
    db: &Connection,
    tenant: &str,
    judging: &Judging,
    rule: Rule,
    finding: &Finding,
    is_first: bool,
    now: TimeMs,
) -> Result<bool, StoreError> {
    let id = finding.id(rule, tenant);
    let severity = judging.rules.on.get(&rule).copied().unwrap_or(rule.severity());
    let body = serde_json::to_vec(finding).map_err(|_| StoreError::Damaged("a finding cannot be written"))?;
    let known = db
        .prepare_cached("UPDATE finding SET withdrawn = 0, body = ?2, at = ?3 WHERE finding_id = ?1")?
        .execute((id.0, &body, finding.at))?;
    if known > 0 {
        return Ok(false);
    }
    let webhooks: Vec<&str> = judging
        .webhooks
        .iter()
        .filter(|(_, severity_min)| *severity_min <= severity)
        .map(|(name, _)| name.as_str())
        .collect();
    let is_old = finding.at < now.millis() - judging.told_within_ms && (is_first || !rule.is_about_a_state());
    let telling = if is_old {
        Telling::Old
    } else if webhooks.is_empty() {
        Telling::Nobody
    } else if was_told(db, rule, finding, now.millis() - judging.suppress_ms)? {
        Telling::Suppressed
    } else {
        Telling::Told
    };
    db.prepare_cached(
        "INSERT INTO finding (finding_id, rule, severity, about, concerns, at, found_at, withdrawn, telling, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9)",
    )?
    .execute((
        id.0,
        rule.as_str(),
        severity.as_str(),
        &finding.about,
        &finding.concerns,
        finding.at,
        now.millis(),
        telling.as_str(),
        &body,
    ))?;
    if telling == Telling::Told {
        let number = db.last_insert_rowid();
        for webhook in webhooks {
            notice::queue_finding(db, webhook, number, now)?;
        }
    }
    Ok(true)
}

fn was_told(db: &Connection, rule: Rule, finding: &Finding, since: i64) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM finding
                 WHERE rule = ?1 AND concerns = ?2 AND found_at > ?3 AND telling = 'told' AND withdrawn = 0)",
        )?
        .query_row((rule.as_str(), &finding.concerns, since), |row| row.get(0))?)
}

/// What was found earlier and is not found now rests on what no longer holds: it stays listed as withdrawn, and who
/// was not told yet is told only if it holds again.
fn withdraw(db: &Connection, found: &Found) -> Result<(), StoreError> {
    if found.rules.is_empty() {
        return Ok(());
    }
    let known: Vec<(i64, String)> = db
        .prepare_cached("SELECT id, rule FROM finding WHERE about = ?1 AND withdrawn = 0")?
        .query_map([&found.about], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (id, rule) in known {
        let was_asked = found.rules.iter().any(|asked| asked.as_str() == rule);
        if was_asked && found.findings.iter().all(|(finder, _)| finder.as_str() != rule) {
            db.prepare_cached("UPDATE finding SET withdrawn = 1 WHERE id = ?1")?.execute([id])?;
        }
    }
    Ok(())
}

/// Which findings are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindingFilter {
    /// It happened at or after.
    pub since: Option<TimeMs>,
    /// It happened before.
    pub until: Option<TimeMs>,
    /// Canonical identity.
    pub person: Option<String>,
    /// The person's mail domain.
    pub domain: Option<String>,
    /// The site, as reports ask for it: by its address or by its name.
    pub site: Option<String>,
}

impl FindingFilter {
    /// What of a report's filter is about findings.
    pub fn of(filter: &AccessFilter) -> Self {
        let lower = |text: &Option<String>| text.as_ref().map(|text| text.to_lowercase());
        Self {
            since: filter.since,
            until: filter.until,
            person: lower(&filter.person),
            domain: lower(&filter.domain),
            site: filter.site.as_ref().map(|site| site.trim_end_matches('/').to_lowercase()),
        }
    }

    fn wants(&self, finding: &rows::Finding) -> bool {
        let is = |wanted: &Option<String>, found: &Option<String>| {
            wanted.as_ref().is_none_or(|wanted| found.as_ref().is_some_and(|found| found.eq_ignore_ascii_case(wanted)))
        };
        let is_site = |wanted: &String| {
            let site = finding.site_url.as_deref().unwrap_or_default().trim_end_matches('/').to_lowercase();
            site == *wanted
                || site.ends_with(&format!("/sites/{wanted}"))
                || site.ends_with(&format!("/teams/{wanted}"))
        };
        is(&self.person, &finding.person) && is(&self.domain, &finding.domain) && self.site.as_ref().is_none_or(is_site)
    }
}

impl Reader {
    /// What the rules found, in order of time.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn findings(&self, filter: &FindingFilter) -> Result<Vec<rows::Finding>, StoreError> {
        let mut statement = self.db.prepare(&format!(
            "SELECT {COLUMNS} FROM finding WHERE (?1 IS NULL OR at >= ?1) AND (?2 IS NULL OR at < ?2) ORDER BY at, finding_id"
        ))?;
        let times = (filter.since.map(TimeMs::millis), filter.until.map(TimeMs::millis));
        let mut rows = statement.query(times)?;
        let mut findings = Vec::new();
        while let Some(row) = rows.next()? {
            let finding = read(&self.tenant, row)?;
            if filter.wants(&finding) {
                findings.push(finding);
            }
        }
        Ok(findings)
    }
}

/// The columns that [`read`] expects.
pub(super) const COLUMNS: &str = "finding_id, rule, severity, at, found_at, withdrawn,
    CASE WHEN EXISTS (SELECT 1 FROM notice WHERE notice.finding = finding.id) THEN 'waiting' ELSE telling END, body";

/// A finding's row.
pub(super) fn read(tenant: &Arc<str>, row: &rusqlite::Row<'_>) -> Result<rows::Finding, StoreError> {
    let body: Vec<u8> = row.get(7)?;
    let finding: Finding =
        serde_json::from_slice(&body).map_err(|_| StoreError::Damaged("a finding cannot be read"))?;
    Ok(rows::Finding {
        time_generated: TimeMs(row.get(3)?),
        finding_id: RecordId(row.get(0)?).to_string(),
        tenant_name: Arc::clone(tenant),
        rule: row.get(1)?,
        severity: row.get(2)?,
        text: finding.text,
        found_at: TimeMs(row.get(4)?),
        withdrawn: row.get(5)?,
        told: row.get(6)?,
        person: finding.person,
        domain: finding.domain,
        item_id: finding.item_id,
        item_url: finding.item_url,
        item_name: finding.item_name,
        site_url: finding.site_url,
        share_id: finding.share_id,
        access_id: finding.access_id,
        feed: finding.feed,
        count: finding.count,
        evidence_ids: finding.evidence_ids,
    })
}
