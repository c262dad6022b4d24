//! Where records come from. A source returns a page and says how far it reaches; it never saves anything.
//!
//! Each source has its own way to go through a window of its service's clock; what they hand over is the same, so that
//! one loop reads them all (`collect/read.rs`). Files have no window, and are read by `commands/import.rs`.

pub mod audit;
pub mod defender;
mod elements;
pub mod files;
pub mod graph;
pub mod hunting;
mod window;

pub use window::Window;

use bytes::Bytes;

use crate::http::Failure;
use crate::store::{Advance, Arrival, BlobChanges};

/// What a source hands over at once.
#[derive(Debug, Default)]
pub struct Page {
    /// The elements of the service's list, byte for byte.
    pub elements: Vec<Bytes>,
    /// How many more were longer than a record may be; nothing was kept of them.
    pub too_long: usize,
    /// How the feed's position moves when the page is stored.
    pub advance: Advance,
    /// A span that had to be stepped over, and why.
    pub gap: Option<(Window, String)>,
    /// What became known of blobs, where a source has any.
    pub blobs: BlobChanges,
}

impl Page {
    /// The page's elements, for the store.
    pub fn arrivals(&self) -> impl Iterator<Item = Arrival<'_>> {
        let too_long = Arrival::Rejected { raw: b"", reason: "longer than a record may be", place: None };
        let elements = self.elements.iter().map(|element| match std::str::from_utf8(element) {
            Ok("null") => Arrival::Rejected { raw: element, reason: "an empty element in a list", place: None },
            Ok(text) => Arrival::Record(text),
            Err(_) => Arrival::Rejected { raw: element, reason: "not UTF-8 text", place: None },
        });
        elements.chain(std::iter::repeat_n(too_long, self.too_long))
    }
}

/// A window being read, page by page.
#[derive(Debug)]
pub enum Scan {
    /// Of Defender for Cloud Apps.
    Defender(defender::DefenderScan),
    /// Of the audit feed: what there is to be fetched.
    AuditList(audit::Listing),
    /// Of the audit feed: what waits to be fetched.
    AuditBlobs(audit::BlobScan),
    /// Of Defender's archive.
    Archive(defender::ArchiveScan),
    /// Of Defender's inventory of files.
    Inventory(defender::InventoryScan),
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
            Self::AuditList(listing) => listing.next().await,
            Self::AuditBlobs(scan) => scan.next().await,
            Self::Archive(scan) => scan.next().await,
            Self::Inventory(scan) => scan.next().await,
            Self::Hunting(scan) => scan.next().await,
        }
    }
}
