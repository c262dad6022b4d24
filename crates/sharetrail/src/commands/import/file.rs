//! One file on its way into the store: what is read is stored in pages, so that memory does not grow with the file.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::now;
use super::summary::FileSummary;
use crate::exit::Failure;
use crate::progress::{Progress, tell};
use crate::report::plain;
use crate::sources::files::{self, Entry, Input};
use crate::store::{Advance, Arrival, Feed, PageCount, Place, Store, StoreError};

/// Records taken in one transaction, and their size: what is in memory of a file.
const PAGE_RECORDS: usize = 5_000;
const PAGE_BYTES: usize = 8 * 1024 * 1024;

/// One file on its way into the store.
struct Import<'a> {
    store: &'a mut Store,
    feed: &'a Feed,
    page: Page,
    count: PageCount,
    /// Where each reason for a rejection was met first.
    first_places: BTreeMap<String, files::Place>,
}

/// What was read and is not stored yet.
#[derive(Default)]
struct Page {
    read: Vec<Read>,
    bytes: usize,
}

/// One thing that was read: a record's text, or what was rejected and why.
struct Read {
    text: Result<String, (Vec<u8>, String)>,
    place: files::Place,
}

/// Reads a file and stores what is in it, page by page.
///
/// # Errors
/// The file cannot be read, the store cannot be used.
pub(super) fn take(store: &mut Store, feed: &Feed, input: &Input) -> Result<FileSummary, Failure> {
    store.begin_file()?;
    let mut import =
        Import { store, feed, page: Page::default(), count: PageCount::default(), first_places: BTreeMap::new() };
    let progress = Progress::bytes(input.bytes(), &input.to_string());
    let read = files::read(input, &mut |bytes| progress.inc(bytes), &mut |entry| import.entry(input, entry))?;
    import.store_page(input)?;
    progress.finish();
    for remark in &read.remarks {
        tell(&plain(&format!("{input}: {remark}")));
    }
    Ok(FileSummary::new(input, import.count, &import.first_places))
}

impl Import<'_> {
    fn entry(&mut self, input: &Input, entry: Entry<'_>) -> Result<(), Failure> {
        let read = match entry {
            Entry::Record { text, place } => Read { text: Ok(text.to_owned()), place },
            Entry::Rejected { place, reason, raw } => {
                self.first_places.entry(reason.clone()).or_insert_with(|| place.clone());
                Read { text: Err((raw.to_owned(), reason)), place }
            }
        };
        self.page.bytes += read.text.as_ref().map_or_else(|(raw, _)| raw.len(), String::len);
        self.page.read.push(read);
        if self.page.read.len() >= PAGE_RECORDS || self.page.bytes >= PAGE_BYTES {
            self.store_page(input)?;
        }
        Ok(())
    }

    fn store_page(&mut self, input: &Input) -> Result<(), StoreError> {
        let page = std::mem::take(&mut self.page);
        let mut names = Names::new(input);
        let files: Vec<Arc<str>> = page.read.iter().map(|read| names.of(read.place.member.as_ref())).collect();
        let arrivals = page.read.iter().zip(&files).map(|(read, file)| {
            let place = Place { file, line: read.place.line };
            match &read.text {
                Ok(raw) => Arrival::FileRecord { raw, place },
                Err((raw, reason)) => Arrival::Rejected { raw, reason, place: Some(place) },
            }
        });
        self.count.add(&self.store.take_page(self.feed, arrivals, Advance::Stay, now())?);
        Ok(())
    }
}

/// Names of files as places tell them: the same text for all records of one file.
struct Names {
    input: Arc<str>,
    member: Option<Arc<str>>,
    joined: Arc<str>,
}

impl Names {
    fn new(input: &Input) -> Self {
        let input: Arc<str> = match input {
            Input::Stdin => "standard input".into(),
            Input::File(_) => input.to_string().into(),
        };
        Self { joined: input.clone(), input, member: None }
    }

    fn of(&mut self, member: Option<&Arc<str>>) -> Arc<str> {
        if self.member.as_ref() != member {
            self.member = member.cloned();
            self.joined = match member {
                Some(member) => format!("{member} in {}", self.input).into(),
                None => self.input.clone(),
            };
        }
        self.joined.clone()
    }
}
