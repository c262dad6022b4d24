//! The inventory of files that are shared outside (Files API): who may reach them, whoever shared them and whenever.
//!
//! It pages by `skip`, and the first answer says how much fits a page. The file that was modified last comes first, so that
//! one that is modified meanwhile moves what follows down: it is listed twice, and nothing is missed.

use serde_json::json;

use super::answer::ListAnswer;
use super::client::{DefenderClient, Route};
use crate::http::Failure;
use crate::sources::Page;

/// `sharing`: external, public, public on the internet.
const SHARED_OUTSIDE: [u8; 3] = [2, 3, 4];

/// So many files are read at most, those that were modified last: forty minutes of the calls that Defender allows, at a
/// hundred files each.
pub const FILES_MAX: u64 = 100_000;

/// Whoever answers: the service, or a list in tests.
pub(super) trait Files {
    async fn list(&self, skip: u64, limit: Option<u64>) -> Result<ListAnswer, Failure>;
}

impl Files for DefenderClient {
    async fn list(&self, skip: u64, limit: Option<u64>) -> Result<ListAnswer, Failure> {
        let mut body = json!({
            "filters": { "sharing": { "eq": SHARED_OUTSIDE } }, "skip": skip, "sortField": "modifiedDate",
            "sortDirection": "desc",
        });
        if let (Some(limit), Some(body)) = (limit, body.as_object_mut()) {
            body.insert("limit".into(), limit.into());
        }
        self.ask(Route::Files, body.to_string().into_bytes()).await
    }
}

/// The inventory being read.
#[derive(Debug)]
pub struct InventoryScan<C = DefenderClient> {
    client: C,
    skip: u64,
    limit: Option<u64>,
    is_done: bool,
}

impl<C> InventoryScan<C> {
    pub(super) fn over(client: C) -> Self {
        Self { client, skip: 0, limit: None, is_done: false }
    }
}

#[allow(private_bounds, reason = "who else answers than the service is a matter of tests")]
impl<C: Files> InventoryScan<C> {
    /// The next page; `None` when all has been read, or [`FILES_MAX`].
    ///
    /// # Errors
    /// The service's refusal.
    pub async fn next(&mut self) -> Result<Option<Page>, Failure> {
        if self.is_done || self.skip >= FILES_MAX {
            return Ok(None);
        }
        let answer = self.client.list(self.skip, self.limit).await?;
        self.limit = self.limit.or(answer.page_records_max.filter(|max| *max > 0));
        self.skip += answer.elements.len() as u64;
        self.is_done = !answer.has_next || answer.elements.is_empty();
        Ok(Some(Page { elements: answer.elements, ..Page::default() }))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use bytes::Bytes;

    use super::*;

    /// So many files, and what was asked.
    struct List {
        files: u64,
        page: u64,
        asked: RefCell<Vec<(u64, Option<u64>)>>,
    }

    impl Files for &List {
        async fn list(&self, skip: u64, limit: Option<u64>) -> Result<ListAnswer, Failure> {
            self.asked.borrow_mut().push((skip, limit));
            let end = self.files.min(skip + limit.unwrap_or(1).min(self.page));
            let elements = (skip..end).map(|number| Bytes::from(number.to_string())).collect();
            let page_records_max = Some(self.page);
            Ok(ListAnswer { elements, has_next: end < self.files, page_records_max, ..ListAnswer::default() })
        }
    }

    async fn read(list: &List) -> Result<usize, Failure> {
        let (mut scan, mut files) = (InventoryScan::over(list), 0);
        while let Some(page) = scan.next().await? {
            files += page.elements.len();
        }
        Ok(files)
    }

    #[tokio::test]
    async fn pages_grow_to_what_the_first_answer_says_and_every_file_is_read_once() {
        let list = List { files: 8, page: 3, asked: RefCell::default() };
        assert_eq!(read(&list).await.unwrap(), 8);
        assert_eq!(list.asked.into_inner(), [(0, None), (1, Some(3)), (4, Some(3)), (7, Some(3))]);
        let empty = List { files: 0, page: 3, asked: RefCell::default() };
        assert_eq!(read(&empty).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn of_an_endless_inventory_what_was_modified_last_is_read() {
        let list = List { files: FILES_MAX * 2, page: 10_000, asked: RefCell::default() };
        let read = read(&list).await.unwrap() as u64;
        assert!((FILES_MAX..FILES_MAX + list.page).contains(&read), "{read}");
    }
}
