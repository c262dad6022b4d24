//! Reading a store while, perhaps, another process writes it.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};
use trail::{RecordId, TimeMs};

use super::rejected::{self, ShownRejected};
use super::rows::{self, Context};
use super::text::{self, Decoder};
use super::{Policy, StoreError, codes, infer, page, policy, schema};
use crate::rows as row;

/// A reader of a store.
#[derive(Debug)]
pub struct Reader {
    pub(super) db: Connection,
    pub(super) tenant: Arc<str>,
    policy: Policy,
    pub(super) texts: Decoder,
}

/// Which accesses are asked for; an absent condition is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessFilter {
    /// First record at or after.
    pub since: Option<TimeMs>,
    /// First record before.
    pub until: Option<TimeMs>,
    /// Canonical identity.
    pub person: Option<String>,
    /// The person's mail domain.
    pub domain: Option<String>,
    /// The site's URL.
    pub site: Option<String>,
    /// Key of the item.
    pub item: Option<String>,
    /// Id of the share.
    pub share: Option<String>,
    /// Id of the access itself.
    pub access: Option<String>,
    /// All of them, or some.
    pub only: Only,
}

/// Which accesses among those that a filter asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Only {
    /// All.
    #[default]
    All,
    /// To what was classified at that moment.
    Classified,
    /// Without a known share, or long after its end.
    Unexplained,
}

/// Conditions that leave out people of these domains, of `access` or of `share`.
pub(super) fn not_of_domains(db: &Connection, domains: &[String]) -> Result<Vec<String>, StoreError> {
    let mut conditions = Vec::new();
    for domain in domains {
        if let Some(domain) = text::find(db, domain)? {
            conditions.push(format!("domain IS NOT {domain}"));
        }
    }
    Ok(conditions)
}

/// What stands for a text that no record has ever named.
const UNHEARD_OF: i64 = -1;

impl AccessFilter {
    /// As a condition on `access`, with the values that it binds. Texts are looked up first: the condition itself is about
    /// numbers, and the least of them is found by an index. People of the domains `inside` are left out.
    pub(super) fn sql(&self, db: &Connection, inside: &[String]) -> Result<(String, Vec<Value>), StoreError> {
        let mut conditions = vec!["withdrawn = 0".to_owned()];
        conditions.extend(not_of_domains(db, inside)?);
        let mut values: Vec<Value> = Vec::new();
        let mut add = |condition: &str, value: Value| {
            values.push(value);
            conditions.push(condition.replace("?1", &format!("?{}", values.len())));
        };
        if let Some(since) = self.since {
            add("first_at >= ?1", since.millis().into());
        }
        if let Some(until) = self.until {
            add("first_at < ?1", until.millis().into());
        }
        if let Some(person) = &self.person {
            add("person = ?1", number(db, person)?);
        }
        if let Some(domain) = &self.domain {
            add("domain = ?1", number(db, domain)?);
        }
        if let Some(item) = &self.item {
            add("item = ?1", number(db, item)?);
        }
        if let Some(share) = &self.share {
            add("share = (SELECT id FROM share WHERE share_id = ?1)", number(db, share)?);
        }
        if let Some(access) = &self.access {
            // What is no id is that of no access.
            add("access_id = ?1", Value::Blob(trail::id::guid(access).unwrap_or_default().to_vec()));
        }
        if let Some(site) = &self.site {
            let sites = sites(db, site.trim_end_matches('/'))?;
            conditions.push(format!("site IN ({})", sites.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")));
        }
        match self.only {
            Only::All => {}
            Only::Classified => conditions.push("classified = 1".to_owned()),
            Only::Unexplained => conditions.push("unexplained > 0".to_owned()),
        }
        Ok((conditions.join(" AND "), values))
    }
}

/// The number of a text in any case.
pub(super) fn number(db: &Connection, text: &str) -> Result<Value, StoreError> {
    Ok(text::find(db, &text.to_lowercase())?.unwrap_or(UNHEARD_OF).into())
}

/// Sites that somebody reached, by their URL or by their name: the part behind `sites/` or `teams/`.
fn sites(db: &Connection, wanted: &str) -> Result<Vec<i64>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT text.id FROM (SELECT DISTINCT site FROM access INDEXED BY access_time) JOIN text ON text.id = site
         WHERE value = ?1 COLLATE NOCASE
             OR substr(value, -length('/sites/' || ?1)) = '/sites/' || ?1 COLLATE NOCASE
             OR substr(value, -length('/teams/' || ?1)) = '/teams/' || ?1 COLLATE NOCASE",
    )?;
    let sites = statement.query_map([wanted], |row| row.get(0))?;
    Ok(sites.collect::<Result<_, _>>()?)
}

/// A failure of the database on the way of rows to someone with failures of their own.
fn wrong<E: From<StoreError>>(cause: rusqlite::Error) -> E {
    StoreError::from(cause).into()
}

/// A record as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownRecord {
    /// The feeds that brought it so.
    pub feeds: String,
    /// Its bytes.
    pub raw: Vec<u8>,
}

impl Reader {
    /// Opens the store at `path` for reading.
    ///
    /// # Errors
    /// In words: no store there, a newer schema, another program's file.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        if !path.exists() {
            return Err(StoreError::Missing { path: path.to_owned() });
        }
        let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        db.busy_timeout(std::time::Duration::from_secs(10))?;
        match schema::check(&db, path)? {
            schema::VERSION => {}
            // An empty file, or one that is still being made.
            0 => return Err(StoreError::Missing { path: path.to_owned() }),
            _ => return Err(StoreError::Older { path: path.to_owned() }),
        }
        schema::one_plan_a_statement(&db)?;
        db.execute_batch("PRAGMA cache_size = -32768; PRAGMA temp_store = FILE;")?;
        let tenant: Option<String> = policy::get(&db, "tenant")?;
        let policy = policy::load(&db)?;
        Ok(Self { db, tenant: tenant.unwrap_or_default().into(), policy, texts: Decoder::default() })
    }

    /// From the next look at the store until [`Self::release`], all that is read is the store as it was at that look,
    /// whatever a writer does meanwhile: the parts of one answer agree with each other.
    ///
    /// # Errors
    /// Those of the database.
    pub fn hold(&self) -> Result<(), StoreError> {
        Ok(self.db.execute_batch("BEGIN")?)
    }

    /// Lets go of the moment that [`Self::hold`] took. One that is held for long keeps the writer's log growing.
    ///
    /// # Errors
    /// Those of the database; there is nothing held.
    pub fn release(&self) -> Result<(), StoreError> {
        Ok(self.db.execute_batch("COMMIT")?)
    }

    /// Domains that count as inside for this report although none is configured; empty when some are.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn inferred_internal_domains(&self) -> Result<Vec<String>, StoreError> {
        if self.policy.domains.internal().is_empty() { infer::internal_domains(&self.db) } else { Ok(Vec::new()) }
    }

    /// Calls `each` with every live access that `filter` asks for, in order of time. People of the domains
    /// `inside` are left out.
    ///
    /// # Errors
    /// Those of reading the store and of `each`.
    pub fn accesses<E: From<StoreError>>(
        &mut self,
        filter: &AccessFilter,
        inside: &[String],
        mut each: impl FnMut(row::Access) -> Result<(), E>,
    ) -> Result<(), E> {
        let order = match filter.only {
            Only::Unexplained => "unexplained, first_at, access_id",
            Only::All | Only::Classified => "first_at, access_id",
        };
        let (condition, values) = filter.sql(&self.db, inside).map_err(E::from)?;
        let mut statement =
            self.db.prepare(&format!("SELECT id FROM access WHERE {condition} ORDER BY {order}")).map_err(wrong)?;
        let mut found = statement.query(rusqlite::params_from_iter(values)).map_err(wrong)?;
        while let Some(row) = found.next().map_err(wrong)? {
            let mut context = Context { db: &self.db, texts: &mut self.texts, tenant: &self.tenant };
            each(rows::access_numbered(&mut context, row.get(0).map_err(wrong)?)?)?;
        }
        Ok(())
    }

    pub(super) fn context(&mut self) -> Context<'_> {
        Context { db: &self.db, texts: &mut self.texts, tenant: &self.tenant }
    }

    /// The share report: accepted invitations in order of arrival.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn accepts(&mut self, since: Option<TimeMs>, until: Option<TimeMs>) -> Result<Vec<row::Accept>, StoreError> {
        let ids: Vec<i64> = {
            let mut statement = self.db.prepare(
                "SELECT id FROM activity WHERE accept = 1
                   AND (?1 IS NULL OR time >= ?1) AND (?2 IS NULL OR time < ?2) ORDER BY time, record_id",
            )?;
            statement
                .query_map((since.map(TimeMs::millis), until.map(TimeMs::millis)), |row| row.get(0))?
                .collect::<Result<_, _>>()?
        };
        let mut context = Context { db: &self.db, texts: &mut self.texts, tenant: &self.tenant };
        ids.into_iter().map(|id| rows::accept(&mut context, id)).collect()
    }

    /// What can no longer be had.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn gaps(&mut self) -> Result<Vec<row::Gap>, StoreError> {
        let ids: Vec<i64> = {
            let mut statement = self.db.prepare("SELECT id FROM gap ORDER BY from_time, id")?;
            statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?
        };
        let mut context = Context { db: &self.db, texts: &mut self.texts, tenant: &self.tenant };
        ids.into_iter().map(|id| rows::gap(&mut context, id)).collect()
    }

    /// What reports leave out and why, in numbers.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn excluded(
        &self,
        since: Option<TimeMs>,
        until: Option<TimeMs>,
        inside: &[String],
    ) -> Result<Vec<row::Excluded>, StoreError> {
        let range = (since.map(TimeMs::millis), until.map(TimeMs::millis));
        let mut reasons: BTreeMap<String, i64> = BTreeMap::new();
        for exclusion in codes::EXCLUSIONS {
            let records = self.count_excluded(exclusion, since, until)?;
            *reasons.entry(codes::exclusion_of(exclusion).words().to_owned()).or_default() += records;
        }
        let inside = self.numbers(inside)?;
        if !inside.is_empty() {
            let (all, values) = AccessFilter { since, until, ..AccessFilter::default() }.sql(&self.db, &[])?;
            let inside = inside.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
            let records = self.db.query_row(
                &format!("SELECT coalesce(sum(records), 0) FROM access WHERE {all} AND domain IN ({inside})"),
                rusqlite::params_from_iter(values),
                |row| row.get(0),
            )?;
            reasons.insert(
                "are by our own people, as inferred from the records (no internal domain is configured)".into(),
                records,
            );
        }
        let days = (since.map(super::key::day), until.map(super::key::day));
        let dropped: i64 = self.db.query_row(
            "SELECT coalesce(sum(records), 0) FROM dropped WHERE (?1 IS NULL OR day >= ?1) AND (?2 IS NULL OR day <= ?2)",
            days,
            |row| row.get(0),
        )?;
        reasons
            .insert("are by our own people and not about sharing, so not kept (keep = \"relevant\")".into(), dropped);
        let mut statement = self.db.prepare(
            "SELECT reason, sum(records) FROM excluded_share
             WHERE (?1 IS NULL OR time >= ?1) AND (?2 IS NULL OR time < ?2) GROUP BY reason",
        )?;
        let mut rows = statement.query(range)?;
        while let Some(found) = rows.next()? {
            *reasons.entry(found.get(0)?).or_default() += found.get::<_, i64>(1)?;
        }
        reasons.retain(|_, records| *records > 0);
        let mut excluded: Vec<row::Excluded> =
            reasons.into_iter().map(|(reason, records)| row::Excluded { reason, records, example: None }).collect();
        excluded.extend(rejected::reasons(&self.db)?.into_iter().map(|(reason, records, example)| row::Excluded {
            reason: format!("were rejected: {reason}"),
            records,
            example: example.map(|id| id.to_string()),
        }));
        Ok(excluded)
    }

    /// Records that make no access for one reason. What has no time is in no span.
    fn count_excluded(&self, exclusion: i64, since: Option<TimeMs>, until: Option<TimeMs>) -> Result<i64, StoreError> {
        if since.is_none() && until.is_none() {
            return self.count("SELECT count(*) FROM activity WHERE exclusion = ?1", exclusion);
        }
        let (from, to) = (since.map_or(i64::MIN, TimeMs::millis), until.map_or(i64::MAX, TimeMs::millis));
        let mut statement = self
            .db
            .prepare_cached("SELECT count(*) FROM activity WHERE exclusion = ?1 AND time >= ?2 AND time < ?3")?;
        Ok(statement.query_row((exclusion, from, to), |row| row.get(0))?)
    }

    /// The record with this id as it was received, once for every content.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn record(&self, id: &str) -> Result<Vec<ShownRecord>, StoreError> {
        let Some((activity, _)) = page::activity_of(&self.db, RecordId::from_text(id))? else { return Ok(Vec::new()) };
        let records = page::raw_records(&self.db, activity)?;
        Ok(records.into_iter().map(|(feeds, raw)| ShownRecord { feeds, raw }).collect())
    }

    /// The rejected record that `report excluded` names by this id.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn rejected(&self, id: &str) -> Result<Option<ShownRejected>, StoreError> {
        rejected::find(&self.db, RecordId::from_text(id))
    }

    pub(super) fn numbers(&self, values: &[String]) -> Result<HashSet<i64>, StoreError> {
        values.iter().filter_map(|value| text::find(&self.db, value).transpose()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Advance, Arrival, Store};
    use super::*;
    use crate::config::settings::StoreSettings;

    const RECORD: &str = r#"{"Id":"97ee2049-893e-4c9d-a312-08d82b46faf7","CreationTime":"2026-11-20T10:00:00",
        "Operation":"FileAccessed","RecordType":6,"UserType":0,"Workload":"SharePoint",
        "UserId":"li_fabrikam.example#EXT#@contoso.onmicrosoft.com",
        "SiteUrl":"https://contoso.sharepoint.com/sites/Legal_HR/",
        "ObjectId":"https://contoso.sharepoint.com/sites/Legal_HR/Docs/a.docx"}"#;

    #[test]
    fn a_site_is_asked_for_by_its_address_or_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let now = TimeMs(1_795_500_000_000);
        let mut store = Store::open(&path, None, &StoreSettings::default()).unwrap();
        let feed = store.feed("import", trail::fold::Source::Import, now).unwrap();
        store.take_page(&feed, [Arrival::Record(RECORD)], Advance::Stay, now).unwrap();
        while store.recompute(now).unwrap() {}
        let mut reader = Reader::open(&path).unwrap();
        for (site, found) in [
            ("https://contoso.sharepoint.com/sites/Legal_HR", 1),
            ("https://contoso.sharepoint.com/sites/legal_hr/", 1),
            ("legal_hr", 1),
            ("legalxhr", 0),
            ("HR", 0),
        ] {
            let filter = AccessFilter { site: Some(site.to_owned()), ..AccessFilter::default() };
            let mut rows = 0;
            let counted = reader.accesses(&filter, &[], |_| {
                rows += 1;
                Ok::<_, StoreError>(())
            });
            counted.unwrap();
            assert_eq!(rows, found, "{site}");
        }
    }

    #[test]
    fn what_is_held_stays_as_it_was_while_a_writer_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let now = TimeMs(1_795_500_000_000);
        let mut store = Store::open(&path, None, &StoreSettings::default()).unwrap();
        let feed = store.feed("import", trail::fold::Source::Import, now).unwrap();
        let reader = Reader::open(&path).unwrap();
        let kept = || reader.status(now).unwrap().activities;
        reader.hold().unwrap();
        assert_eq!(kept(), 0);
        store.take_page(&feed, [Arrival::Record(RECORD)], Advance::Stay, now).unwrap();
        assert_eq!(kept(), 0);
        reader.release().unwrap();
        assert_eq!(kept(), 1);
    }
}
