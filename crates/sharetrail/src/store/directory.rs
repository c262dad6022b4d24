//! What the directory has told of the tenant: its labels with their history, its domains, and when it was asked.
//!
//! Nothing is taken away: a label that was renamed has its new name, one that was removed its last, because records that
//! bear it stay; and a domain that was the organisation's own was so when its people acted.

use std::collections::BTreeSet;
use std::sync::Arc;

use rusqlite::OptionalExtension;
use trail::TimeMs;
use trail::classification::{Catalogue, Label};

use super::{Store, StoreError};

/// What the directory is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Sensitivity labels.
    Labels,
    /// Verified domains.
    Domains,
}

impl Told {
    fn key(self) -> &'static str {
        match self {
            Self::Labels => "labels",
            Self::Domains => "domains",
        }
    }
}

/// What is known from the directory.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Learnt {
    /// Every label that was ever listed, under its last name.
    pub labels: Catalogue,
    /// Every domain that was ever verified, lower case.
    pub domains: BTreeSet<String>,
}

impl Store {
    /// What is known from the directory.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn learnt(&self) -> Result<Learnt, StoreError> {
        let mut statement = self.db.prepare("SELECT domain FROM own_domain")?;
        let domains = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(Learnt { labels: Catalogue::of(self.last_labels()?), domains })
    }

    /// Whether something was last learnt so long ago, or never.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn is_due(&self, what: Told, after_ms: i64, now: TimeMs) -> Result<bool, StoreError> {
        let read_at: Option<i64> = self
            .db
            .query_row("SELECT read_at FROM directory_read WHERE what = ?1", [what.key()], |row| row.get(0))
            .optional()?
            .flatten();
        Ok(read_at.is_none_or(|read_at| now.millis() - read_at >= after_ms))
    }

    /// Takes the list of labels as it is now: what is new or was renamed begins a line of its history, what is gone ends
    /// its last.
    ///
    /// # Errors
    /// Nothing changes.
    pub fn take_labels(&mut self, labels: &[Label], now: TimeMs) -> Result<(), StoreError> {
        self.transaction(now, |store| {
            let known = store.last_labels()?;
            let db = &store.db;
            let end = |id: &str| {
                db.execute("UPDATE label_name SET to_at = ?2 WHERE label = ?1 AND to_at IS NULL", (id, now.millis()))
            };
            for label in labels {
                let is_open: bool = db.query_row(
                    "SELECT EXISTS (SELECT 1 FROM label_name WHERE label = ?1 AND to_at IS NULL)",
                    [label.id.as_ref()],
                    |row| row.get(0),
                )?;
                let is_same = known.iter().any(|known| {
                    (&known.id, &known.name, &known.parent, known.order)
                        == (&label.id, &label.name, &label.parent, label.order)
                });
                if is_open && is_same {
                    continue;
                }
                end(&label.id)?;
                db.execute(
                    "INSERT OR REPLACE INTO label_name (label, from_at, name, parent, place) VALUES (?1, ?2, ?3, ?4, ?5)",
                    (label.id.as_ref(), now.millis(), label.name.as_ref(), label.parent.as_deref(), label.order),
                )?;
            }
            for gone in known.iter().filter(|known| labels.iter().all(|label| label.id != known.id)) {
                end(&gone.id)?;
            }
            store.note_read(Told::Labels, now)
        })
    }

    /// Takes the verified domains as they are now.
    ///
    /// # Errors
    /// Nothing changes.
    pub fn take_domains(&mut self, domains: &BTreeSet<String>, now: TimeMs) -> Result<(), StoreError> {
        self.transaction(now, |store| {
            for domain in domains {
                store.db.execute(
                    "INSERT OR IGNORE INTO own_domain (domain, seen_at) VALUES (?1, ?2)",
                    (domain, now.millis()),
                )?;
            }
            store.note_read(Told::Domains, now)
        })
    }

    fn note_read(&self, what: Told, now: TimeMs) -> Result<(), StoreError> {
        self.db.execute(
            "INSERT OR REPLACE INTO directory_read (what, read_at, asked_at) VALUES (?1, ?2, ?2)",
            (what.key(), now.millis()),
        )?;
        Ok(())
    }

    /// Remembers that the directory was asked and did not answer, and why, in words.
    ///
    /// # Errors
    /// Nothing changes.
    pub fn note_unanswered(&mut self, what: Told, error: &str, now: TimeMs) -> Result<(), StoreError> {
        self.transaction(now, |store| {
            store.db.execute(
                "INSERT INTO directory_read (what, asked_at, error) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET asked_at = ?2, error = ?3",
                (what.key(), now.millis(), error),
            )?;
            Ok(())
        })
    }

    /// Each label as it was called last, whether or not it is still there.
    fn last_labels(&self) -> Result<Vec<Label>, StoreError> {
        let mut statement = self.db.prepare(
            "SELECT label, name, parent, place FROM label_name AS last
             WHERE from_at = (SELECT max(from_at) FROM label_name WHERE label = last.label) ORDER BY label",
        )?;
        let labels = statement.query_map([], |row| {
            let text = |column: usize| row.get::<_, String>(column).map(Arc::from);
            let name: Arc<str> = text(1)?;
            Ok(Label {
                id: text(0)?,
                full_name: Arc::clone(&name),
                name,
                parent: row.get::<_, Option<String>>(2)?.map(Arc::from),
                order: row.get(3)?,
            })
        })?;
        Ok(labels.collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settings::StoreSettings;

    const DAY_MS: i64 = 86_400_000;
    const NOW: TimeMs = TimeMs(1_795_500_000_000);

    fn label(id: &str, name: &str, parent: Option<&str>, order: i64) -> Label {
        let (id, name) = (Arc::from(id), Arc::from(name));
        Label { id, full_name: Arc::clone(&name), name, parent: parent.map(Arc::from), order: Some(order) }
    }

    #[test]
    fn a_label_that_was_renamed_or_removed_is_still_named_and_its_history_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("store.db"), None, &StoreSettings::default()).unwrap();
        let at = |day: i64| NOW.plus(day * DAY_MS);
        store.take_labels(&[label("a", "Secret", None, 3), label("b", "Project", Some("a"), 4)], at(0)).unwrap();
        store.take_labels(&[label("a", "Secret", None, 3), label("b", "Project", Some("a"), 4)], at(1)).unwrap();
        store.take_labels(&[label("a", "Top secret", None, 3)], at(2)).unwrap();
        let name = |store: &Store, id: &str| store.learnt().unwrap().labels.get(id).unwrap().full_name.to_string();
        assert_eq!((name(&store, "a"), name(&store, "b")), ("Top secret".into(), "Top secret\\Project".into()));
        store.take_labels(&[label("a", "Top secret", None, 3), label("b", "Project", Some("a"), 4)], at(3)).unwrap();
        let mut statement =
            store.db.prepare("SELECT label, name, to_at FROM label_name ORDER BY label, from_at").unwrap();
        let rows = statement
            .query_map([], |row| {
                let to: Option<i64> = row.get(2)?;
                let day = to.map_or("-".to_owned(), |to| ((to - NOW.millis()) / DAY_MS).to_string());
                Ok(format!("{} {} {day}", row.get::<_, String>(0)?, row.get::<_, String>(1)?))
            })
            .unwrap();
        let history: Vec<String> = rows.map(Result::unwrap).collect();
        assert_eq!(history, ["a Secret 2", "a Top secret -", "b Project 2", "b Project -"]);
    }

    #[test]
    fn what_was_learnt_is_asked_again_after_its_time_and_domains_stay() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("store.db"), None, &StoreSettings::default()).unwrap();
        let due = |store: &Store, after: i64| store.is_due(Told::Domains, DAY_MS, NOW.plus(after)).unwrap();
        assert!(due(&store, 0));
        store.take_domains(&BTreeSet::from(["contoso.example".to_owned()]), NOW).unwrap();
        assert!(!due(&store, DAY_MS - 1) && due(&store, DAY_MS));
        assert!(store.is_due(Told::Labels, DAY_MS, NOW).unwrap());
        store.take_domains(&BTreeSet::from(["fabrikam.example".to_owned()]), NOW.plus(DAY_MS)).unwrap();
        assert_eq!(store.learnt().unwrap().domains.len(), 2);
    }
}
