//! The tenant's labels: names, parents and order, which the audit records do not tell.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::table::{self, CatalogueProblem, Row};
use crate::record::lower_id;

/// How deep labels nest at most; the service allows two levels. A bound for files whose parents go in circles.
const DEPTH_MAX: usize = 8;

/// The labels by id.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Catalogue {
    labels: BTreeMap<Arc<str>, Label>,
}

/// A label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// Its immutable id, lower case, no braces.
    pub id: Arc<str>,
    /// Its own name.
    pub name: Arc<str>,
    /// Its name with those of its parents: `Parent\Child`.
    pub full_name: Arc<str>,
    /// Id of its parent.
    pub parent: Option<Arc<str>>,
    /// Its order number: the higher, the more sensitive.
    pub order: Option<i64>,
}

impl Catalogue {
    /// Reads `GUID,name[,parent,order]`, one label a line.
    ///
    /// A header is optional; with one the columns may stand in any order and be called as `Get-Label` or Microsoft Graph
    /// call them (`ImmutableId`, `DisplayName`, `ParentId`, `Priority`, …). Comma, semicolon or tab; quoted fields; a byte
    /// order mark at the start. A parent is given by id or by name, or stands before the name as in `Parent\Child`. What
    /// cannot be read is left out and told.
    pub fn parse(text: &str) -> (Self, Vec<CatalogueProblem>) {
        let (rows, mut problems) = table::rows(text);
        let mut labels: BTreeMap<Arc<str>, Label> = BTreeMap::new();
        let mut parents: Vec<(Arc<str>, String, usize)> = Vec::new();
        for Row { line, id, name, parent, order } in rows {
            let id = lower_id(&id);
            if labels.contains_key(&id) {
                problems.push(CatalogueProblem::new(
                    line,
                    format!("the label {id} stands here a second time; its first line counts"),
                ));
                continue;
            }
            let (above, own) = name.rsplit_once('\\').map_or((None, name.as_str()), |(above, own)| (Some(above), own));
            if let Some(parent) = parent.or(above.map(str::to_owned)) {
                parents.push((id.clone(), parent, line));
            }
            let own: Arc<str> = Arc::from(own.trim());
            labels.insert(id.clone(), Label { id, name: own.clone(), full_name: Arc::from(name), parent: None, order });
        }
        let mut catalogue = Self { labels };
        let found: Vec<_> = parents
            .into_iter()
            .filter_map(|(child, parent, line)| match catalogue.parent_id(&parent, &child) {
                Some(parent) => Some((child, parent)),
                None => {
                    let what =
                        format!("the parent \"{parent}\" is none of the labels of this file; add it, or give its id");
                    problems.push(CatalogueProblem::new(line, what));
                    None
                }
            })
            .collect();
        for (child, parent) in found {
            if let Some(label) = catalogue.labels.get_mut(&child) {
                label.parent = Some(parent);
            }
        }
        catalogue.write_full_names();
        problems.sort();
        (catalogue, problems)
    }

    /// From labels with id, own name, parent and order, as a service lists them; full names are worked out.
    pub fn of(labels: impl IntoIterator<Item = Label>) -> Self {
        let labels = labels.into_iter().map(|label| (Arc::clone(&label.id), label)).collect();
        let mut catalogue = Self { labels };
        catalogue.write_full_names();
        catalogue
    }

    /// These labels, and where `stronger` has one of them, as it says.
    #[must_use]
    pub fn overridden_by(mut self, stronger: Self) -> Self {
        self.labels.extend(stronger.labels);
        self.write_full_names();
        self
    }

    /// The label of an id, in any case, with or without braces.
    pub fn get(&self, id: &str) -> Option<&Label> {
        self.labels.get(&lower_id(id))
    }

    /// The label of a name, whatever its case: a full name, else an own name that only one label has.
    pub fn by_name(&self, name: &str) -> Option<&Label> {
        let name = name.trim().to_lowercase();
        let full = self.labels.values().find(|label| label.full_name.to_lowercase() == name);
        full.or_else(|| {
            let mut own = self.labels.values().filter(|label| label.name.to_lowercase() == name);
            own.next().filter(|_| own.next().is_none())
        })
    }

    /// The label and its parents, nearest first.
    pub fn lineage(&self, id: &str) -> impl Iterator<Item = &Label> {
        let first = self.get(id);
        std::iter::successors(first, |label| self.get(label.parent.as_deref()?)).take(DEPTH_MAX)
    }

    /// All labels, in order of their ids.
    pub fn labels(&self) -> impl Iterator<Item = &Label> {
        self.labels.values()
    }

    /// How many labels there are.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// A label that is not the child itself, by id or name.
    fn parent_id(&self, text: &str, child: &str) -> Option<Arc<str>> {
        self.get(text).or_else(|| self.by_name(text)).map(|label| label.id.clone()).filter(|id| **id != *child)
    }

    fn write_full_names(&mut self) {
        let full_names: Vec<(Arc<str>, String)> = self
            .labels
            .values()
            .filter(|label| label.parent.is_some())
            .map(|label| {
                let mut names: Vec<&str> = self.lineage(&label.id).map(|label| label.name.as_ref()).collect();
                names.reverse();
                (label.id.clone(), names.join("\\"))
            })
            .collect();
        for (id, full_name) in full_names {
            if let Some(label) = self.labels.get_mut(&id) {
                label.full_name = Arc::from(full_name);
            }
        }
    }
}
