//! Sites, and the things in them.

use std::rc::Rc;

use super::labels::Label;
use crate::story::guid::Guid;

/// A site collection: a team's site or somebody's OneDrive.
#[derive(Debug)]
pub(crate) struct Site {
    /// `Site`.
    pub(crate) id: Guid,
    /// `WebId`.
    pub(crate) web_id: Guid,
    /// Address without a trailing slash.
    pub(crate) url: String,
    /// The part of the address behind the host: `/sites/Finance`.
    pub(crate) server_path: String,
    /// True for a OneDrive.
    pub(crate) onedrive: bool,
    /// Title for people.
    pub(crate) title: String,
    /// Its main library: `Documents` in a OneDrive, else `Shared Documents`.
    pub(crate) library: Library,
    /// A second library that the security office has declared to be classified as a whole.
    pub(crate) declared_library: Library,
    /// Container label.
    pub(crate) label: Option<&'static Label>,
}

/// A document library.
#[derive(Debug, Clone)]
pub(crate) struct Library {
    /// `ListId`.
    pub(crate) id: Guid,
    /// The folder of the library below the site.
    pub(crate) name: &'static str,
}

/// Name of every declared library.
pub(crate) const DECLARED_LIBRARY: &str = "Board Papers";

/// A file, folder, list, page or site at one moment. Renaming makes another value with the same unique id.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// Where it is.
    pub(crate) site: Rc<Site>,
    /// `ListId`.
    pub(crate) list_id: Option<Guid>,
    /// `ListItemUniqueId`.
    pub(crate) unique_id: Option<Guid>,
    /// Path below the site, without a leading slash; empty for the site itself.
    pub(crate) path: Rc<str>,
    /// `ItemType`.
    pub(crate) item_type: &'static str,
    /// The file's label at this moment.
    pub(crate) label: Option<&'static Label>,
    /// Whether the record glues the site's address to a server-relative path: `…/personal/u//personal/u/…`.
    pub(crate) glued: bool,
}

impl Item {
    /// A thing in a site.
    pub(crate) fn new(site: &Rc<Site>, list_id: Guid, unique_id: Guid, path: &str, item_type: &'static str) -> Self {
        let (list_id, unique_id) = (Some(list_id), Some(unique_id));
        Self { site: Rc::clone(site), list_id, unique_id, path: Rc::from(path), item_type, label: None, glued: false }
    }

    /// The site itself.
    pub(crate) fn of_site(site: &Rc<Site>) -> Self {
        let site = Rc::clone(site);
        Self { site, list_id: None, unique_id: None, path: Rc::from(""), item_type: "Web", label: None, glued: false }
    }

    /// A list or library as a view shows it: its address ends with its id, and it is no list item.
    pub(crate) fn of_library(site: &Rc<Site>) -> Self {
        let path = Rc::from(site.library.id.to_string());
        Self { list_id: Some(site.library.id), path, item_type: "List", ..Self::of_site(site) }
    }

    /// Folder part of the path.
    pub(crate) fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Last part of the path.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit_once('/').map_or(&*self.path, |(_, name)| name)
    }

    /// Extension without the dot; empty for folders.
    pub(crate) fn extension(&self) -> &str {
        match self.name().rsplit_once('.') {
            Some((_, extension)) if self.item_type == "File" => extension,
            _ => "",
        }
    }

    /// `ObjectId`.
    pub(crate) fn url(&self) -> String {
        let Site { url, server_path, .. } = &*self.site;
        match () {
            () if self.path.is_empty() => url.clone(),
            () if self.glued => format!("{url}/{server_path}/{}", self.path),
            () => format!("{url}/{}", self.path),
        }
    }

    /// `<site>|<unique id>`; the address in lower case for what is no list item.
    pub(crate) fn id(&self) -> String {
        match self.unique_id {
            Some(unique_id) => format!("{}|{unique_id}", self.site.id),
            None => self.url().to_lowercase(),
        }
    }

    /// Whether it lies in a declared library.
    pub(crate) fn is_declared(&self) -> bool {
        self.path.strip_prefix(DECLARED_LIBRARY).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Why it is classified at this moment, strongest reason first, joined by commas; `None` when it is not.
    pub(crate) fn classified(&self) -> Option<String> {
        let is_classified = |label: Option<&'static Label>| label.is_some_and(|label| label.classified);
        let reasons: Vec<&str> = [
            ("file_label", is_classified(self.label)),
            ("site_label", is_classified(self.site.label)),
            ("declared", self.is_declared()),
        ]
        .into_iter()
        .filter_map(|(reason, holds)| holds.then_some(reason))
        .collect();
        (!reasons.is_empty()).then(|| reasons.join(","))
    }

    /// The same item with another path: renamed or moved inside its site.
    pub(crate) fn at(&self, path: &str) -> Self {
        Self { path: Rc::from(path), ..self.clone() }
    }

    /// The same item with another label.
    pub(crate) fn labelled(&self, label: Option<&'static Label>) -> Self {
        Self { label, ..self.clone() }
    }
}
