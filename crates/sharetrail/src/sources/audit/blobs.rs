//! Blobs of the work list, several at a time, each read record by record. A blob that cannot be read costs itself; when
//! nothing can be read, or nothing may be, the rest waits.

use std::fmt;
use std::pin::Pin;

use futures_util::stream::{self, Stream, StreamExt};

use super::AuditClient;
use super::codes::{Meaning, meaning};
use super::cutter::{Cutter, NoList};
use crate::http::{self, Failure, Next};
use crate::sources::Page;
use crate::sources::files::RECORD_BYTES_MAX;
use crate::store::{Blob, BlobEnd, BlobKey};

/// What is stored in one transaction: records, or their bytes.
const PAGE_RECORDS_MAX: usize = 10_000;
const PAGE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// What is read of one blob before it is handed on. Most blobs are smaller, and are then read whole or not at all.
const PIECE_BYTES: usize = 512 * 1024;
/// So many blobs in a row that cannot be read: then it is not the blobs.
const FAILED_IN_A_ROW_MAX: usize = 16;

/// Part of a blob, and how reading it ended, if it did.
struct Piece {
    blob: BlobKey,
    elements: Vec<bytes::Bytes>,
    dropped: usize,
    end: Option<Result<(), Failure>>,
}

/// Blobs being read.
pub struct BlobScan {
    pieces: Pin<Box<dyn Stream<Item = Piece> + Send>>,
    failed_in_a_row: usize,
    /// Why the rest waits.
    stopped: Option<Failure>,
}

impl BlobScan {
    /// A scan of these blobs, `at_once_max` at a time.
    pub fn over(client: &AuditClient, blobs: Vec<Blob>, at_once_max: usize) -> Self {
        let client = client.clone();
        let pieces = stream::iter(blobs).map(move |blob| Box::pin(pieces(client.clone(), blob)));
        Self { pieces: Box::pin(pieces.flatten_unordered(at_once_max)), failed_in_a_row: 0, stopped: None }
    }

    /// The next page, with what became of the blobs in it; `None` when all were tried.
    ///
    /// # Errors
    /// What keeps every blob from being read, in words.
    pub async fn next(&mut self) -> Result<Option<Page>, Failure> {
        let mut page = Page::default();
        let mut bytes = 0;
        while self.stopped.is_none() && bytes < PAGE_BYTES_MAX && page.elements.len() < PAGE_RECORDS_MAX {
            let Some(piece) = self.pieces.next().await else { break };
            bytes += piece.elements.iter().map(bytes::Bytes::len).sum::<usize>();
            page.elements.extend(piece.elements);
            page.too_long += piece.dropped;
            if let Some(end) = piece.end {
                page.blobs.ended.push((piece.blob, self.judge(end)));
            }
        }
        let is_empty = page.elements.is_empty() && page.too_long == 0 && page.blobs.ended.is_empty();
        match self.stopped.take_if(|_| is_empty) {
            Some(failure) => Err(failure),
            None => Ok((!is_empty).then_some(page)),
        }
    }

    fn judge(&mut self, end: Result<(), Failure>) -> BlobEnd {
        let failure = match end {
            Ok(()) => {
                self.failed_in_a_row = 0;
                return BlobEnd::Read;
            }
            Err(failure) => failure,
        };
        match meaning(&failure) {
            Some(Meaning::Expired) => return BlobEnd::Lost("content had expired (AF20051) before it was read".into()),
            Some(Meaning::Missing) => {
                return BlobEnd::Lost("content was listed, and then was not there (AF20050)".into());
            }
            _ => {}
        }
        self.failed_in_a_row += 1;
        let is_of_all = matches!(failure.next, Next::Unauthorized | Next::Forbidden | Next::Later { .. })
            || meaning(&failure) == Some(Meaning::NotOurTenant);
        if is_of_all {
            self.stopped = Some(failure.clone());
        } else if self.failed_in_a_row == FAILED_IN_A_ROW_MAX {
            self.stopped = Some(Failure::retry(format!(
                "{FAILED_IN_A_ROW_MAX} blobs in a row could not be read, so the rest waits for the next pass: {failure}"
            )));
        }
        BlobEnd::Failed(failure.why)
    }
}

/// A blob from its first piece to its end.
fn pieces(client: AuditClient, blob: Blob) -> impl Stream<Item = Piece> {
    let key = blob.key;
    stream::unfold(Some(Step::Fetch(client, blob)), move |step| async move {
        let (part, next) = match step? {
            Step::Fetch(client, blob) => match first(&client, &blob).await {
                Ok(begun) => begun,
                Err(failure) => (Part::ended(Err(failure)), None),
            },
            Step::Read(body) => match body.read().await {
                Ok(read) => read,
                Err(failure) => (Part::ended(Err(failure)), None),
            },
        };
        let Part { elements, dropped, end } = part;
        Some((Piece { blob: key, elements, dropped, end }, next.map(Step::Read)))
    })
}

enum Step {
    Fetch(AuditClient, Blob),
    Read(Body),
}

struct Part {
    elements: Vec<bytes::Bytes>,
    dropped: usize,
    end: Option<Result<(), Failure>>,
}

impl Part {
    fn ended(end: Result<(), Failure>) -> Self {
        Self { elements: Vec::new(), dropped: 0, end: Some(end) }
    }
}

/// Fetches up to the first piece, which may be all: what breaks off before it is asked for again at once.
async fn first(client: &AuditClient, blob: &Blob) -> Result<(Part, Option<Body>), Failure> {
    let url = client.given(&blob.uri, "content")?;
    client.fetch(&url, |stream| Body { stream, cutter: Cutter::new(RECORD_BYTES_MAX) }.read()).await
}

/// A blob's body on its way.
struct Body {
    stream: http::Stream,
    cutter: Cutter,
}

impl Body {
    /// Reads the next piece.
    async fn read(mut self) -> Result<(Part, Option<Self>), Failure> {
        let mut ended = false;
        while !ended && self.cutter.ready_bytes() < PIECE_BYTES {
            match self.stream.next().await? {
                Some(chunk) => self.cutter.push(&chunk).map_err(no_list)?,
                None => ended = true,
            }
        }
        if ended {
            self.cutter.finish().map_err(no_list)?;
        }
        let (elements, dropped) = (self.cutter.take(), self.cutter.take_dropped());
        let part = Part { elements, dropped, end: ended.then_some(Ok(())) };
        Ok((part, (!ended).then_some(self)))
    }
}

fn no_list(why: NoList) -> Failure {
    match why {
        NoList::Cut => Failure::retry("content of the audit feed ends in the middle"),
        NoList::Other => Failure::new(
            Next::Bad,
            "content of the audit feed is not the JSON list that was expected; a proxy or a sign-in page may stand in \
             between",
        ),
    }
}

impl fmt::Debug for BlobScan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlobScan").field("failed_in_a_row", &self.failed_in_a_row).finish_non_exhaustive()
    }
}
