//! Where records come from. A source returns a page and says how far it reaches; it never saves anything.
//!
//! Each source has its own way to go through a window of its service's clock; what they hand over is the same, so that
//! one loop reads them all (`collect/read.rs`). Files have no window, and are read by `commands/import.rs`.

pub mod defender;
pub mod files;

use bytes::Bytes;
use trail::TimeMs;

use crate::http::Failure;
use crate::store::{Advance, Arrival};

/// A closed span on a service's own clock, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Begin.
    pub from: TimeMs,
    /// End.
    pub to: TimeMs,
}

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
}

impl Scan {
    /// The next page; `None` when the window has been read.
    ///
    /// # Errors
    /// The service's refusal, in words.
    pub async fn next(&mut self) -> Result<Option<Page>, Failure> {
        match self {
            Self::Defender(scan) => scan.next().await,
        }
    }
}
