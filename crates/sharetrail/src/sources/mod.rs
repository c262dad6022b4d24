//! Where records come from. A source returns a page and says how far it reaches; it never saves anything.
//!
//! Each source has its own way to go through a window of its service's clock; what they hand over is the same, so that
//! one loop reads them all (`collect/read.rs`). Files have no window, and are read by `commands/import.rs`.

pub mod defender;
mod elements;
pub mod files;
pub mod graph;
pub mod hunting;
mod window;

pub use window::Window;

use bytes::Bytes;

use crate::http::Failure;
use crate::store::{Advance, Arrival};

/// What a source hands over at once.
#[derive(Debug)]
pub struct Page {
    /// The elements of the service's list, byte for byte.
    pub elements: Vec<Bytes>,
    /// How the feed's position moves when the page is stored.
    pub advance: Advance,
    /// A span that had to be stepped over, and why.
    pub gap: Option<(Window, String)>,
}

impl Page {
    /// The page's elements, for the store.
    pub fn arrivals(&self) -> impl Iterator<Item = Arrival<'_>> {
        self.elements.iter().map(|element| match std::str::from_utf8(element) {
            Ok("null") => Arrival::Rejected { raw: element, reason: "an empty element in a list", place: None },
            Ok(text) => Arrival::Record(text),
            Err(_) => Arrival::Rejected { raw: element, reason: "not UTF-8 text", place: None },
        })
    }
}

/// A window being read, page by page.
#[derive(Debug)]
pub enum Scan {
    /// Of Defender for Cloud Apps.
    Defender(defender::DefenderScan),
    /// Of Defender's archive.
    Archive(defender::ArchiveScan),
    /// Of advanced hunting.
    Hunting(hunting::HuntingScan),
}

impl Scan {
    /// The next page; `None` when the window has been read.
    ///
    /// # Errors
    /// The service's refusal, in words.
    pub async fn next(&mut self) -> Result<Option<Page>, Failure> {
        match self {
            Self::Defender(scan) => scan.next().await,
            Self::Archive(scan) => scan.next().await,
            Self::Hunting(scan) => scan.next().await,
        }
    }
}
