//! Finding people and items by a part of their name or path.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::StoreError;
use super::read::Reader;

/// Texts that are looked at further; a word that more have tells nothing.
const MATCHES_MAX: usize = 2_000;

/// What a search found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// People outside.
    pub people: Vec<Arc<str>>,
    /// Items with the latest path that matches.
    pub items: Vec<(Arc<str>, String)>,
    /// Whether there is more than was asked for.
    pub is_more: bool,
}

impl Reader {
    /// People and items whose name or path has every one of `words` in it, in any case; of each at most `each_max`.
    ///
    /// # Errors
    /// Those of reading the store.
    pub fn search(&mut self, words: &str, each_max: usize) -> Result<Found, StoreError> {
        let patterns: Vec<String> = words.to_lowercase().split_whitespace().map(pattern).collect();
        if patterns.is_empty() {
            return Ok(Found::default());
        }
        let mut found = Found::default();
        for person in self.people_like(&patterns)? {
            if found.people.len() == each_max {
                found.is_more = true;
                break;
            }
            found.people.push(person);
        }
        for (item, path) in self.items_like(&patterns)? {
            if found.items.len() == each_max {
                found.is_more = true;
                break;
            }
            found.items.push((self.texts.text(&self.db, item)?, path));
        }
        Ok(found)
    }

    /// Those who came, and those for whom a way in was made.
    fn people_like(&self, patterns: &[String]) -> Result<Vec<Arc<str>>, StoreError> {
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT value FROM text
             WHERE id IN (SELECT DISTINCT person FROM access UNION SELECT recipient FROM share WHERE withdrawn = 0)
                 AND {} AND (EXISTS (SELECT 1 FROM access WHERE person = text.id AND withdrawn = 0)
                     OR EXISTS (SELECT 1 FROM share WHERE recipient = text.id AND withdrawn = 0))
             ORDER BY value LIMIT {MATCHES_MAX}",
            conditions("value", patterns.len())
        ))?;
        let people = statement
            .query_map(rusqlite::params_from_iter(patterns), |row| Ok(Arc::from(row.get_ref(0)?.as_str()?)))?;
        Ok(people.collect::<Result<_, _>>()?)
    }

    /// Where items that outsiders reached have been, and where shares lie.
    fn items_like(&self, patterns: &[String]) -> Result<BTreeMap<i64, String>, StoreError> {
        let condition = conditions("path", patterns.len());
        let mut statement = self.db.prepare(&format!(
            "SELECT item, path FROM place WHERE {condition}
             UNION ALL SELECT share.item, path FROM share_place JOIN share ON share.id = share_place.share WHERE {condition}
             LIMIT {MATCHES_MAX}"
        ))?;
        let rows = statement.query_map(rusqlite::params_from_iter(patterns), |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// `word` anywhere; what LIKE takes for signs are letters here.
fn pattern(word: &str) -> String {
    format!("%{}%", word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}

fn conditions(column: &str, patterns: usize) -> String {
    let conditions: Vec<String> = (1..=patterns).map(|place| format!("{column} LIKE ?{place} ESCAPE '\\'")).collect();
    conditions.join(" AND ")
}
