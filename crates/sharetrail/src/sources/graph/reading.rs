//! Queries begun, waited for and paged: several at once on the service's side, read one after another on ours.
//!
//! The service works on a query for minutes (3 to 6 are usual) and keeps what it found for 30 days. So a query's id is
//! worth remembering: the caller stores it when the query is [`Step::Begun`] and forgets it when it is [`Step::Over`],
//! and a run that was killed, or that has waited long enough, goes on with the same query.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use trail::TimeMs;
use url::Url;

use super::ask::{Ask, asks};
use super::client::{GraphClient, Purpose};
use crate::config::settings::Graph;
use crate::http::{Answer, Failure, Next, Request};
use crate::sources::{Window, elements};

const QUERIES: [&str; 3] = ["security", "auditLog", "queries"];

const PURPOSE: Purpose = Purpose {
    what: "search the audit log",
    role: "AuditLogsQuery.Read.All (or, of less, AuditLogsQuery-SharePoint.Read.All and AuditLogsQuery-OneDrive.Read.All)",
};

/// Pages of one query: far above what a day of the largest tenant holds, and an end to any loop.
const PAGES_MAX: u32 = 100_000;

/// A query that the service works on, or has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownQuery {
    /// What it asks for, in short: equal keys ask for the same.
    pub key: [u8; 16],
    /// The service's id of it.
    pub id: String,
}

/// What came of going on for one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A query was begun: to be remembered before anything else.
    Begun(KnownQuery),
    /// Records of a query.
    Page(Vec<Bytes>),
    /// A query needs no remembering any more; everything that happened before `reached` has been returned.
    Over {
        /// Which.
        key: [u8; 16],
        /// Up to where all has been read.
        reached: TimeMs,
    },
}

/// A range of event time being read.
#[derive(Debug)]
pub struct GraphReading<'a> {
    client: GraphClient,
    settings: &'a Graph,
    range: Window,
    known: HashMap<[u8; 16], String>,
    /// Not begun yet, earliest first.
    waiting: VecDeque<Ask>,
    /// The service works on these, earliest first; the first one is being read.
    running: VecDeque<Running>,
    /// The service takes no further query now; the next is begun when one of ours is over.
    is_full: bool,
}

#[derive(Debug)]
struct Running {
    ask: Ask,
    query: KnownQuery,
    at: At,
}

#[derive(Debug)]
enum At {
    /// The service still works on it.
    Work,
    /// This page is next.
    Page { url: Url, pages: u32 },
    /// All has been returned.
    End,
}

impl<'a> GraphReading<'a> {
    /// Reads what happened within `range`; `known` are the queries that earlier runs left behind.
    pub fn over(client: GraphClient, settings: &'a Graph, range: Window, known: Vec<KnownQuery>) -> Self {
        let known = known.into_iter().map(|query| (query.key, query.id)).collect();
        let waiting = asks(settings, range).into();
        Self { client, settings, range, known, waiting, running: VecDeque::new(), is_full: false }
    }

    /// Goes on for one step; `None` when the range has been read.
    ///
    /// # Errors
    /// The service's refusal, or that a query takes longer than we wait; the queries that were begun stay good.
    pub async fn next(&mut self) -> Result<Option<Step>, Failure> {
        while !self.is_full
            && self.running.len() < self.settings.queries_at_once_max
            && let Some(ask) = self.waiting.front().cloned()
        {
            let key = ask.key(self.settings);
            if let Some(id) = self.known.remove(&key) {
                self.waiting.pop_front();
                self.running.push_back(Running { ask, query: KnownQuery { key, id }, at: At::Work });
                continue;
            }
            match self.begin(&ask).await {
                Ok(id) => {
                    self.waiting.pop_front();
                    let query = KnownQuery { key, id };
                    self.running.push_back(Running { ask, query: query.clone(), at: At::Work });
                    return Ok(Some(Step::Begun(query)));
                }
                Err(failure) if failure.is_passing() && !self.running.is_empty() => {
                    tracing::info!("{failure}; reading the queries that have begun first");
                    self.is_full = true;
                }
                Err(failure) => return Err(failure),
            }
        }
        let Some(mut first) = self.running.pop_front() else { return Ok(None) };
        let stepped = self.go_on(&mut first).await;
        match stepped {
            Ok(Some(elements)) => {
                self.running.push_front(first);
                Ok(Some(Step::Page(elements)))
            }
            Ok(None) => {
                self.is_full = false;
                Ok(Some(Step::Over { key: first.query.key, reached: self.reached() }))
            }
            Err(failure) => {
                self.running.push_front(first);
                Err(failure)
            }
        }
    }

    /// Elements of the first query, or that it is over: read to its end, lost, or to be asked in halves.
    async fn go_on(&mut self, first: &mut Running) -> Result<Option<Vec<Bytes>>, Failure> {
        match &first.at {
            At::End => Ok(None),
            At::Work => match self.outcome(&first.query.id).await? {
                Outcome::Succeeded => {
                    let mut url = self.records_url(&first.query.id);
                    url.query_pairs_mut().append_pair("$top", &self.settings.page_records.to_string());
                    first.at = At::Page { url, pages: 0 };
                    Ok(Some(Vec::new()))
                }
                Outcome::Gone => {
                    self.waiting.push_front(first.ask.clone());
                    Ok(None)
                }
                Outcome::Failed(status) => match first.ask.halves() {
                    Some(halves) => {
                        tracing::warn!(
                            query = first.query.id,
                            "the service gave up on a query ({status}); asking in halves"
                        );
                        halves.into_iter().rev().for_each(|half| self.waiting.push_front(half));
                        Ok(None)
                    }
                    None => Err(Failure::retry(format!(
                        "the audit-log query {} of Graph, over {} to {}, ended with {status}; the next run asks again",
                        first.query.id, first.ask.span.from, first.ask.span.to
                    ))),
                },
            },
            At::Page { url, pages } => {
                let (url, pages) = (url.clone(), *pages);
                if pages >= PAGES_MAX {
                    return Err(Failure::stop(format!(
                        "the audit-log query {} of Graph has {PAGES_MAX} pages and no end; ask for less at once: lower \
                         tenant.graph.query_hours",
                        first.query.id
                    )));
                }
                let answer = self.client.send_to(&Request::get(url), None, PURPOSE).await?;
                let RecordsPage { elements, next } = RecordsPage::read(&answer)?;
                first.at = match next {
                    Some(link) => At::Page { url: self.client.next_page(&link)?, pages: pages + 1 },
                    None => At::End,
                };
                Ok(Some(elements))
            }
        }
    }

    async fn begin(&self, ask: &Ask) -> Result<String, Failure> {
        #[derive(Deserialize)]
        struct Begun {
            id: String,
        }
        let mut body = ask.filters(self.settings);
        body.insert("displayName".into(), json!(format!("sharetrail {} to {}", ask.span.from, ask.span.to)));
        let body = Value::Object(body).to_string();
        let answer = self.client.send(&QUERIES, |url| Request::post_json(url, body.clone()), PURPOSE).await.map_err(
            |failure| {
                if failure.next != Next::NotFound {
                    return failure;
                }
                let why = format!(
                    "this Graph has no audit-log queries, neither in beta nor in v1.0 (Microsoft offers them in the \
                     worldwide cloud only); use another source. {}",
                    failure.why
                );
                failure.in_words(why)
            },
        )?;
        Ok(answer.json::<Begun>()?.id)
    }

    /// Waits until the service is done with a query, within `query_minutes_max`.
    async fn outcome(&self, id: &str) -> Result<Outcome, Failure> {
        let clock = self.client.clock();
        let minutes_max = self.settings.query_minutes_max;
        let begun = clock.monotonic();
        loop {
            let path = [&QUERIES[..], &[id]].concat();
            let answer = match self.client.send(&path, Request::get, PURPOSE).await {
                Err(failure) if failure.next == Next::NotFound => return Ok(Outcome::Gone),
                answer => answer?,
            };
            let status = status_of(&answer)?;
            match status.to_ascii_lowercase().as_str() {
                "succeeded" => return Ok(Outcome::Succeeded),
                "failed" | "cancelled" => return Ok(Outcome::Failed(status)),
                // `notStarted`, `running`, and whatever the service may come to say of a query that it works on.
                _ => {}
            }
            if clock.monotonic().saturating_sub(begun) >= Duration::from_secs(u64::from(minutes_max) * 60) {
                return Err(Failure::new(
                    Next::Later { until: clock.now() },
                    format!(
                        "Graph still works on the audit-log query {id} after {minutes_max} minutes ({status}); the same \
                         command goes on waiting for it (tenant.graph.query_minutes_max says how long)"
                    ),
                ));
            }
            clock.pause(Duration::from_secs(u64::from(self.settings.poll_seconds))).await;
        }
    }

    fn records_url(&self, id: &str) -> Url {
        self.client.current_url(&[&QUERIES[..], &[id, "records"]].concat())
    }

    /// Everything before this has been returned.
    fn reached(&self) -> TimeMs {
        let running = self.running.iter().map(|running| running.ask.span.from);
        let waiting = self.waiting.iter().map(|ask| ask.span.from);
        running.chain(waiting).min().unwrap_or(self.range.to)
    }
}

/// How the service ended with a query.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Succeeded,
    /// It gave up, with this status.
    Failed(String),
    /// It does not know the query: begun more than 30 days ago, or by another application.
    Gone,
}

fn status_of(answer: &Answer) -> Result<String, Failure> {
    #[derive(Deserialize)]
    struct Query {
        status: Option<String>,
    }
    Ok(answer.json::<Query>()?.status.unwrap_or_else(|| "no status".to_owned()))
}

/// A page of `records`.
#[derive(Debug)]
struct RecordsPage {
    elements: Vec<Bytes>,
    next: Option<String>,
}

impl RecordsPage {
    fn read(answer: &Answer) -> Result<Self, Failure> {
        #[derive(Deserialize)]
        struct Envelope<'a> {
            #[serde(borrow)]
            value: Vec<&'a RawValue>,
            #[serde(rename = "@odata.nextLink")]
            next: Option<String>,
        }
        let body = answer.body();
        let text = elements::masked(body);
        let envelope: Envelope<'_> = answer.json_of(&text)?;
        Ok(Self { elements: elements::cut(body, &text, &envelope.value), next: envelope.next })
    }
}

#[cfg(test)]
#[path = "reading_tests.rs"]
pub(super) mod tests;
