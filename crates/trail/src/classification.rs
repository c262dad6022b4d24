//! Whether an item was classified at a time, to which level, and what says so.
//!
//! Signals, strongest first: the label on the access's own record, the label events of the file (and labels on its
//! other records), the label of the site, and the places that the organisation declares as classified. They are all
//! listed; the highest level wins. A record without a label says nothing: files without one, file types that cannot
//! have one and sources that drop the field all look the same.

mod catalogue;
mod decide;
mod rules;
mod signal;
mod table;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use catalogue::{Catalogue, Label};
pub use decide::classify;
pub use rules::{Declared, DeclaredPlace, Placed, Rules};
pub use signal::{Labels, Of, Signal, What, signals, site_key};
pub use table::CatalogueProblem;

/// The level of a label that the catalogue does not know: shown and counted, never dropped. Files received from a
/// partner carry labels of the partner's tenant.
pub const UNKNOWN_LABEL: &str = "unknown-label";

/// Column `ClassificationSource`, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClassificationSource {
    /// The label on the access's own record, or on the latest record of the item before it.
    FileLabel,
    /// The latest event in which the file got, changed or lost its label.
    LabelEvent,
    /// The label of the site.
    SiteLabel,
    /// A match of a content policy.
    Policy,
    /// The configuration declares the site, library or folder.
    Declared,
}

impl ClassificationSource {
    /// The value of the column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FileLabel => "file_label",
            Self::LabelEvent => "label_event",
            Self::SiteLabel => "site_label",
            Self::Policy => "policy",
            Self::Declared => "declared",
        }
    }
}

/// A verdict with its sources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Classification {
    /// `None` when nothing is known, or only a label of which nobody can tell; `Some(false)` when a label is known, or
    /// known to have been taken off, and is none of the classified ones.
    pub classified: Option<bool>,
    /// The highest level that anything says: the full name of a label, the level of a declaration, or
    /// [`UNKNOWN_LABEL`].
    pub level: Option<Arc<str>>,
    /// The file's label, else the site's: lower case, no braces.
    pub label_id: Option<Arc<str>>,
    /// Its full name (`Parent\Child`), when the catalogue knows it.
    pub label_name: Option<Arc<str>>,
    /// What says something, strongest first.
    pub sources: Vec<ClassificationSource>,
}

impl Classification {
    /// The value of the column `ClassificationSource`: the sources joined by commas; `None` when there is none.
    pub fn sources_text(&self) -> Option<String> {
        let names: Vec<&str> = self.sources.iter().map(|source| source.as_str()).collect();
        (!names.is_empty()).then(|| names.join(","))
    }
}
