//! What the store was told: whose it is, which domains are inside, what is kept. Remembered in the file, so that
//! `import` and `report` need no configuration.

use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};
use trail::TimeMs;
use trail::identity::Domains;
use trail::team::Teams;

use super::{Store, StoreError};
use crate::config::settings::Keep;
use crate::places::Places;

/// Activities derived again in one transaction after a change of policy.
const REREAD_AT_ONCE: i64 = 5_000;

/// The rules under which records are judged.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Which mail domains are inside.
    pub domains: Domains,
    /// Which records are kept.
    pub keep: Keep,
    /// The tenant's own id; records of another tenant are rejected. `None` takes records of any.
    pub organization: Option<[u8; 16]>,
    /// What counts as classified.
    pub classification: trail::classification::Rules,
    /// Windows and switches of matching.
    pub matching: trail::matching::MatchRules,
    /// Which sites belong to teams.
    pub teams: Teams,
    /// Country and city of addresses, where no source says them. Not remembered in the file: without them, what was
    /// found before stays.
    pub places: Option<Arc<Places>>,
}

impl Store {
    /// Judges by `policy` from now on. Activities that were judged otherwise are marked to be read again, which
    /// [`Store::reread`] does in bounded steps.
    ///
    /// # Errors
    /// The old policy stays.
    pub fn set_policy(&mut self, policy: Policy, now: TimeMs) -> Result<(), StoreError> {
        let same_domains = policy.domains == self.policy.domains;
        let same_teams = policy.teams == self.policy.teams;
        let same_conclusions =
            policy.classification == self.policy.classification && policy.matching == self.policy.matching;
        // A newer file of places is for what comes from now on; the first one is for all that is there.
        let first_places = policy.places.is_some() && get::<String>(&self.db, "places")?.is_none();
        if same_domains
            && same_teams
            && !first_places
            && same_conclusions
            && policy.keep == self.policy.keep
            && policy.organization == self.policy.organization
        {
            self.policy.places = policy.places;
            return Ok(());
        }
        let before = std::mem::replace(&mut self.policy, policy);
        let written = self.transaction(now, |store| {
            let Store { db, texts, actors, policy, .. } = store;
            set(db, "keep", if policy.keep == Keep::All { "all" } else { "relevant" })?;
            if let Some(organization) = policy.organization {
                set(db, "organization", &trail::RecordId(organization).to_string())?;
            }
            set_json(db, "classification", &policy.classification)?;
            set_json(db, "matching", &policy.matching)?;
            set_json(db, "teams", &policy.teams)?;
            if !same_conclusions {
                super::dirty::all_accesses(db)?;
                db.execute("INSERT OR IGNORE INTO dirty_share (share) SELECT id FROM share WHERE withdrawn = 0", [])?;
            }
            set(db, "internal_domains", &policy.domains.internal().join(","))?;
            set(db, "trusted_domains", &policy.domains.trusted().join(","))?;
            if first_places {
                set(db, "places", "used")?;
            }
            if !same_domains {
                actors.judge_again(db, texts, &policy.domains)?;
            }
            if !same_domains || !same_teams || first_places {
                db.execute("INSERT OR REPLACE INTO meta (name, value) SELECT 'reread_after', 0 FROM (SELECT 1) WHERE EXISTS (SELECT 1 FROM activity)", [])?;
            }
            Ok(())
        });
        if written.is_err() {
            self.policy = before;
        }
        written
    }

    /// Derives a bounded number of activities again from their records, if a change of policy asked for it; `true`
    /// while there are more.
    ///
    /// # Errors
    /// The step is taken back as a whole.
    pub fn reread(&mut self, now: TimeMs) -> Result<bool, StoreError> {
        let Some(after) = get::<i64>(&self.db, "reread_after")? else { return Ok(false) };
        self.transaction(now, |store| {
            let ids: Vec<i64> = {
                let mut statement =
                    store.db.prepare_cached("SELECT id FROM activity WHERE id > ?1 ORDER BY id LIMIT ?2")?;
                statement.query_map((after, REREAD_AT_ONCE), |row| row.get(0))?.collect::<Result<_, _>>()?
            };
            match ids.last() {
                Some(last) => {
                    store.db.execute("UPDATE meta SET value = ?1 WHERE name = 'reread_after'", [last])?;
                    for id in &ids {
                        store.read_again(*id)?;
                    }
                }
                None => drop(store.db.execute("DELETE FROM meta WHERE name = 'reread_after'", [])?),
            }
            Ok(!ids.is_empty())
        })
    }

    /// The rules in force.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }
}

/// Whose store it is; a new file is given to `wanted`.
pub(super) fn tenant(db: &Connection, path: &Path, wanted: Option<&str>) -> Result<Arc<str>, StoreError> {
    let found: Option<String> = get(db, "tenant")?;
    match (found, wanted) {
        (Some(found), Some(wanted)) if found != wanted => {
            Err(StoreError::OtherTenant { path: path.to_owned(), found, wanted: wanted.to_owned() })
        }
        (Some(found), _) => Ok(found.into()),
        (None, wanted) => {
            let name = wanted.unwrap_or("default");
            set(db, "tenant", name)?;
            Ok(name.into())
        }
    }
}

/// The policy that the file bears.
pub(super) fn load(db: &Connection) -> Result<Policy, StoreError> {
    let list = |text: Option<String>| -> Vec<String> {
        text.unwrap_or_default().split(',').filter(|domain| !domain.is_empty()).map(str::to_owned).collect()
    };
    let keep = match get::<String>(db, "keep")?.as_deref() {
        Some("all") => Keep::All,
        _ => Keep::Relevant,
    };
    let domains = Domains::new(list(get(db, "internal_domains")?), list(get(db, "trusted_domains")?));
    let organization = get::<String>(db, "organization")?.as_deref().and_then(trail::id::guid);
    let classification = get_json(db, "classification")?.unwrap_or_default();
    let matching = get_json(db, "matching")?.unwrap_or_default();
    let teams = get_json(db, "teams")?.unwrap_or_default();
    Ok(Policy { domains, keep, organization, classification, matching, teams, places: None })
}

pub(super) fn get<T: rusqlite::types::FromSql>(db: &Connection, name: &str) -> Result<Option<T>, StoreError> {
    Ok(db.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0)).optional()?)
}

fn set(db: &Connection, name: &str, value: &str) -> Result<(), StoreError> {
    db.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)", (name, value))?;
    Ok(())
}

pub(super) fn get_json<T: serde::de::DeserializeOwned>(db: &Connection, name: &str) -> Result<Option<T>, StoreError> {
    let text: Option<String> = get(db, name)?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

pub(super) fn set_json(db: &Connection, name: &str, value: &impl serde::Serialize) -> Result<(), StoreError> {
    let text = serde_json::to_string(value).map_err(|_| StoreError::Damaged("a setting cannot be written"))?;
    set(db, name, &text)
}
