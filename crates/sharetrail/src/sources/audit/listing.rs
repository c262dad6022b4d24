//! The list of blobs, window by window and page by page. What is listed goes onto the store's work list; nothing is
//! fetched here.

use std::collections::VecDeque;

use serde::Deserialize;
use serde_json::value::RawValue;
use trail::TimeMs;
use url::Url;

use super::codes::{Meaning, meaning};
use super::{AuditClient, DAY_MS, HOUR_MS, REACH_MS};
use crate::config::settings::ContentType;
use crate::http::{Answer, Failure, Request};
use crate::sources::{Page, Window};
use crate::store::{Blob, BlobChanges, BlobKey};

/// Pages of one window: far above what a day of the largest tenant has, and an end to any loop.
const PAGES_MAX: u32 = 10_000;
/// How often a window is begun anew because the service no longer knows the address of its next page.
const RESTARTS_MAX: u32 = 3;
/// A blob whose end is not stated is waited for no longer than this; blobs were seen to live for about 20 days.
const LIFE_MS_MAX: i64 = 30 * DAY_MS;

/// Windows being listed.
#[derive(Debug)]
pub struct Listing {
    client: AuditClient,
    content_type: ContentType,
    windows: VecDeque<Window>,
    /// Where the list of the first window goes on.
    next_page: Option<Url>,
    pages: u32,
    restarts: u32,
    /// Why the list ends behind the page that was handed on last.
    broken: Option<Failure>,
    now: TimeMs,
}

/// An entry of the list.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    content_id: String,
    content_uri: String,
    content_created: String,
    #[serde(default)]
    content_expiration: Option<String>,
}

impl Listing {
    /// A listing of consecutive windows; `now` is when they were reckoned.
    pub fn over(client: AuditClient, content_type: ContentType, windows: Vec<Window>, now: TimeMs) -> Self {
        Self {
            client,
            content_type,
            windows: windows.into(),
            next_page: None,
            pages: 0,
            restarts: 0,
            broken: None,
            now,
        }
    }

    /// The next page of the list, with how far it is complete; `None` when every window has been listed.
    ///
    /// # Errors
    /// The service's refusal, in words. Later windows are not listed then: what is behind a hole is not complete.
    pub async fn next(&mut self) -> Result<Option<Page>, Failure> {
        if let Some(failure) = self.broken.take() {
            return Err(failure);
        }
        loop {
            let Some(window) = self.windows.front().copied() else { return Ok(None) };
            let url = match &self.next_page {
                Some(url) => url.clone(),
                None => self.first_page(window)?,
            };
            let answer = match self.client.ask(Request::get(url.clone())).await {
                Ok(answer) => answer,
                Err(failure) => match self.after(&failure, window)? {
                    Some(page) => return Ok(Some(page)),
                    None => continue,
                },
            };
            return self.page(window, &url, &answer).map(Some);
        }
    }

    fn first_page(&self, window: Window) -> Result<Url, Failure> {
        // Milliseconds are zero: windows are in whole seconds.
        let [start, end] =
            [window.from, window.to].map(|time| time.to_string().chars().take("YYYY-MM-DDThh:mm:ss".len()).collect());
        let parameters: [(&str, String); 2] = [("startTime", start), ("endTime", end)];
        let parameters = parameters.each_ref().map(|(name, value)| (*name, value.as_str()));
        self.client.address("subscriptions/content", Some(self.content_type), &parameters)
    }

    fn page(&mut self, window: Window, url: &Url, answer: &Answer) -> Result<Page, Failure> {
        let mut page = Page::default();
        for entry in answer.json::<Vec<&RawValue>>()? {
            match blob(entry.get()) {
                Some(blob) => page.blobs.listed.push(blob),
                // Kept, counted and shown as what it is: no record.
                None => page.elements.push(answer.body().slice_ref(entry.get().as_bytes())),
            }
        }
        self.pages += 1;
        // The reference calls the header by the first name, the vendor's questions and answers by the second.
        let next = answer.header("NextPageUri").or_else(|| answer.header("NextPageUrl"));
        match next.map(str::trim).filter(|next| !next.is_empty()) {
            // What this page lists is good, whatever it says of the next.
            Some(next) => match self.following(next, url) {
                Ok(next) => self.next_page = Some(next),
                Err(failure) => self.broken = Some(failure),
            },
            None => {
                self.go_on();
                // The window was reckoned by this machine's clock. If that is ahead, blobs of a time beyond the
                // service's now are still to come.
                let answered_at = answer.date().map_or(window.to, |date| TimeMs(date.as_millisecond()));
                page.blobs.listed_to = Some(window.to.min(answered_at));
            }
        }
        Ok(page)
    }

    fn following(&self, next: &str, this: &Url) -> Result<Url, Failure> {
        let next = self.client.given(next, "the next page of the list")?;
        if next == *this || self.pages >= PAGES_MAX {
            return Err(Failure::retry(format!(
                "the list of {} does not come to its end: page {} names itself, or one page too many, as the next; the next \
                 pass lists this span again",
                self.content_type.name(),
                self.pages
            )));
        }
        Ok(next)
    }

    /// What a refused page asks for: list otherwise, or give a span up, which a page then tells.
    fn after(&mut self, failure: &Failure, window: Window) -> Result<Option<Page>, Failure> {
        match meaning(failure) {
            Some(Meaning::PageRefused) if self.restarts < RESTARTS_MAX => {
                self.restarts += 1;
                self.next_page = None;
                Ok(None)
            }
            Some(Meaning::WindowRefused) => {
                self.next_page = None;
                let span_ms = window.to.millis() - window.from.millis();
                if span_ms > HOUR_MS {
                    let middle = TimeMs((window.from.millis() + span_ms / 2) / 1000 * 1000);
                    self.windows.pop_front();
                    self.windows.push_front(Window { from: middle, to: window.to });
                    self.windows.push_front(Window { from: window.from, to: middle });
                    return Ok(None);
                }
                // The service's clock may be ahead of ours, and the window be out of its reach already.
                if window.from < self.now.plus(DAY_MS - REACH_MS) {
                    self.go_on();
                    let reason = format!("the service no longer lists content of this time ({})", failure.code());
                    let blobs = BlobChanges { listed_to: Some(window.to), ..BlobChanges::default() };
                    return Ok(Some(Page { gap: Some((window, reason)), blobs, ..Page::default() }));
                }
                Err(failure.clone())
            }
            Some(Meaning::NotSubscribed) => Err(failure.clone().in_words(format!(
                "there is no subscription to {} (AF20022), or not yet: once started it takes the service a while; the next \
                 pass looks again",
                self.content_type.name()
            ))),
            _ => Err(failure.clone()),
        }
    }

    fn go_on(&mut self) {
        self.windows.pop_front();
        self.next_page = None;
        self.pages = 0;
        self.restarts = 0;
    }
}

fn blob(entry: &str) -> Option<Blob> {
    let entry: Entry = serde_json::from_str(entry).ok()?;
    let created = TimeMs::parse(&entry.content_created)?;
    let stated = entry.content_expiration.as_deref().and_then(TimeMs::parse);
    Some(Blob {
        key: BlobKey::of(&entry.content_id),
        uri: entry.content_uri,
        created,
        expires: stated.unwrap_or(created.plus(LIFE_MS_MAX)),
    })
}
