//! What the organisation calls classified.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::catalogue::Catalogue;
use crate::id::guid;
use crate::item::{normalise_encoded_url, normalise_url};
use crate::record::lower_id;

/// What counts as classified.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Rules {
    /// Labels by id (lower case, no braces) or by name, lower case: `Parent\Child`, or the bare name. A parent stands for
    /// its sub-labels, since a label that has some cannot be applied itself.
    pub classified_labels: BTreeSet<String>,
    /// Labels of this order number or a higher one are classified.
    pub order_min: Option<i64>,
    /// Content policies of data loss prevention by id or name, lower case: a file that one of them matches is classified.
    #[serde(default)]
    pub classified_policies: BTreeSet<String>,
    /// Places that are classified whatever the labels in them say.
    pub declared: Vec<Declared>,
    /// Whether a known label of the file outweighs the declaration of its place. By default an explicit label does not
    /// lower the class of a declared library.
    pub lower_label_lowers_declared: bool,
    /// Names, parents and order of the labels.
    pub labels: Catalogue,
}

/// A place that the configuration declares as classified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    /// The place.
    pub place: DeclaredPlace,
    /// The level that it gives: the name of a label, or any other text.
    pub level: Arc<str>,
}

/// A place in a declaration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeclaredPlace {
    /// A site, library or folder by its normalised URL, with all below it.
    Path(Arc<str>),
    /// A site by its id: lower case, no braces.
    SiteId(Arc<str>),
    /// A library by its list id: lower case, no braces.
    ListId(Arc<str>),
}

/// Where the item is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Placed {
    /// Normalised URL, at the time in question.
    pub path: Option<Arc<str>>,
    /// The site's id: lower case, no braces.
    pub site_id: Option<Arc<str>>,
    /// The library's list id: lower case, no braces.
    pub list_id: Option<Arc<str>>,
}

impl Rules {
    /// The set of [`Rules::classified_labels`] from ids and names as people write them.
    pub fn label_set<'t>(texts: impl IntoIterator<Item = &'t str>) -> BTreeSet<String> {
        texts.into_iter().map(|text| lower_id(text).to_string()).filter(|text| !text.is_empty()).collect()
    }
}

impl DeclaredPlace {
    /// A place by its URL, as a browser or the administration shows it; `None` for a bare sharing link and for an empty
    /// text, which name no place.
    pub fn from_url(url: &str) -> Option<Self> {
        normalise_encoded_url(url).filter(|url| !url.is_empty()).map(|url| Self::Path(Arc::from(url)))
    }

    /// A site by its id; `None` when that is no GUID.
    pub fn from_site_id(id: &str) -> Option<Self> {
        guid(id).map(|_| Self::SiteId(lower_id(id)))
    }

    /// A library by its list id; `None` when that is no GUID.
    pub fn from_list_id(id: &str) -> Option<Self> {
        guid(id).map(|_| Self::ListId(lower_id(id)))
    }

    /// Whether the item lies there; paths count on the borders of their segments.
    pub fn holds(&self, placed: &Placed) -> bool {
        match self {
            Self::Path(above) => placed.path.as_deref().is_some_and(|path| {
                path.strip_prefix(above.as_ref()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }),
            Self::SiteId(id) => placed.site_id.as_ref() == Some(id),
            Self::ListId(id) => placed.list_id.as_ref() == Some(id),
        }
    }

    /// How closely the place is told: a longer path more than a shorter one, a library more than its site.
    pub(super) fn precision(&self) -> (usize, usize) {
        match self {
            Self::SiteId(_) => (0, 0),
            Self::Path(path) => (1, path.len()),
            Self::ListId(_) => (2, 0),
        }
    }
}

impl Placed {
    /// The place of an item, from its key (which has the site's id in front, if it has ids at all), URL and list id.
    pub fn of(item: &str, url: Option<&str>, list_id: Option<&str>) -> Self {
        Self {
            path: url.map(|url| Arc::from(normalise_url(url))),
            site_id: item.split_once('|').map(|(site, _)| Arc::from(site)),
            list_id: list_id.map(lower_id),
        }
    }
}
