//! Everyday life inside the tenant: what fills an audit log, and what nobody outside had a part in.

use super::cast::{self, Cast, Item, places};
use super::clock::Window;
use super::dice::Dice;
use super::event::Event;

/// An endless supply of events by the tenant's own people and by services.
#[derive(Debug)]
pub(crate) struct Noise<'c> {
    cast: &'c Cast,
    dice: Dice,
    window: Window,
}

/// What people do, as often as real logs show it (of a hundred).
const EVERYDAY: [(&str, usize); 13] = [
    ("FileAccessed", 28),
    ("FileModified", 13),
    ("FilePreviewed", 12),
    ("PageViewed", 9),
    ("FileSyncDownloadedFull", 9),
    ("FileUploaded", 7),
    ("ListViewed", 6),
    ("FileModifiedExtended", 5),
    ("FileDownloaded", 4),
    ("FileAccessedExtended", 3),
    ("ClientViewSignaled", 2),
    ("FolderModified", 1),
    ("FileRecycled", 1),
];

/// Pages and pictures of the interface, logged like files.
const INTERFACE: [&str; 4] =
    ["Documents/Forms/All.aspx", "SitePages/Home.aspx", "Profile Pictures/me_SThumb.jpg", "SiteAssets/logo.png"];

impl<'c> Noise<'c> {
    /// Noise of this cast.
    pub(crate) fn new(cast: &'c Cast, dice: Dice, window: Window) -> Self {
        Self { cast, dice, window }
    }

    /// The next event.
    pub(crate) fn next_event(&mut self) -> Event {
        let at_ms = self.window.moment(&mut self.dice, 0);
        let mut event = match self.dice.below(100) {
            0..6 => self.service_at_work(at_ms),
            6..11 => self.interface_page(at_ms),
            _ => self.everyday(at_ms),
        };
        (event.id, event.correlation) = (self.dice.guid(), self.dice.guid());
        event.quirks.redelivered = self.dice.chance(2);
        event.quirks.entity_data_null = self.dice.chance(10);
        event.quirks.user_name_missing = self.dice.chance(5);
        event.quirks.keys_differ_in_case = self.dice.chance(3);
        event
    }

    /// An employee and a file of theirs or of a team.
    fn everyday(&mut self, at_ms: i64) -> Event {
        let number = self.dice.below(self.cast.employees.len());
        let employee = &self.cast.employees[number];
        // The cast has the same number of files for each site, the teams' first, then each employee's: the index is inside.
        let per_site = self.cast.files.len() / (self.cast.sites.len() + self.cast.employees.len());
        let home =
            if self.dice.chance(600) { self.cast.sites.len() + number } else { self.dice.below(self.cast.sites.len()) };
        let file = &self.cast.files[home * per_site + self.dice.below(per_site)];
        let mut throw = self.dice.below(100);
        let chosen = EVERYDAY.iter().find(|(_, weight)| {
            let found = throw < *weight;
            throw = throw.saturating_sub(*weight);
            found
        });
        let operation = chosen.map_or("FileAccessed", |(operation, _)| operation);
        let item = match operation {
            "ListViewed" => Item::of_library(&file.site),
            "PageViewed" | "ClientViewSignaled" => {
                Item { item_type: "Page", ..file.at(&format!("{}/Forms/AllItems.aspx", file.site.library.name)) }
            }
            "FolderModified" => Item { item_type: "Folder", ..file.at(file.folder()) },
            _ => file.clone(),
        };
        let client = match operation {
            "FileSyncDownloadedFull" => employee.client.with_agent(places::SYNC_CLIENT),
            "FileModified" | "FileModifiedExtended" if self.dice.chance(500) => {
                cast::service(places::OFFICE_ON_THE_WEB, &mut self.dice)
            }
            "FilePreviewed" => cast::service(places::THUMBNAILS, &mut self.dice),
            _ => std::rc::Rc::clone(&employee.client),
        };
        Event::new(at_ms, operation, &employee.actor, Some(&item), &client)
    }

    /// A service reads or changes something.
    fn service_at_work(&mut self, at_ms: i64) -> Event {
        let system = self.dice.pick(&self.cast.systems);
        let file = self.dice.pick(&self.cast.files);
        let client = cast::service("", &mut self.dice);
        let operation = *self.dice.pick(&["FileAccessed", "FileModified", "ListUpdated", "ListColumnCreated"]);
        let item = if operation.starts_with("List") { Item::of_library(&file.site) } else { file.clone() };
        Event::new(at_ms, operation, system, Some(&item), &client)
    }

    /// A page of the interface, seen by an employee.
    fn interface_page(&mut self, at_ms: i64) -> Event {
        let employee = self.dice.pick(&self.cast.employees);
        let page = self.dice.pick(&self.cast.files).at(self.dice.pick::<&'static str>(&INTERFACE));
        Event::new(at_ms, "FileAccessed", &employee.actor, Some(&page.labelled(None)), &employee.client)
    }
}
