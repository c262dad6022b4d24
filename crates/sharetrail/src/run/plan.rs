//! What a tenant's next pass is to do, and when. Pure: times and ends of passes come in, decisions come out.
//!
//! * A feed is due at the first mark of its schedule after its last pass came to its end. However many marks went by
//!   while nobody was there, they are made up by one pass. One that was never read, or whose last pass failed before the
//!   program started, is due at once.
//! * Feeds that are due go into one pass; a tenant has one pass at a time.
//! * What fails is tried again by itself, whatever its schedule: after `retry_seconds`, then after twice as long, up to
//!   `retry_seconds_max`, or when the service said. The others go on by their schedules.
//! * What a pass left over, because its time was up or the program was stopped, is due at once.

use std::collections::{BTreeMap, BTreeSet};

use trail::TimeMs;

use crate::collect::{TenantPass, Wanted, feeds_of};
use crate::config::settings::{Run, Tenant};
use crate::http::{Failure, Next};
use crate::schedule::Schedule;
use crate::store::FeedEnd;

const SECOND_MS: i64 = 1_000;
/// A service may ask for any pause; longer than this is not believed.
const PAUSE_MS_MAX: i64 = 86_400 * SECOND_MS;

/// The plan of one tenant.
#[derive(Debug, Clone)]
pub struct Plan {
    feeds: BTreeMap<String, FeedPlan>,
    sinks: BTreeMap<String, Option<Retry>>,
    /// The tenant could not be worked on at all.
    held: Option<Retry>,
    /// The last pass was stopped before all conclusions were drawn or delivered.
    has_leftovers: bool,
    jitter_ms: i64,
    retry_ms: i64,
    retry_ms_max: i64,
}

#[derive(Debug, Clone)]
struct FeedPlan {
    schedule: Schedule,
    due: TimeMs,
    retry: Option<Retry>,
}

/// When something that failed is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// How often it has failed in a row.
    pub failures: u32,
    /// When.
    pub at: TimeMs,
}

impl FeedPlan {
    fn at(&self) -> TimeMs {
        self.retry.map_or(self.due, |retry| retry.at)
    }
}

impl Plan {
    /// The plan of a tenant whose feeds ended as the store says; `has_leftovers` when rows or conclusions wait in it.
    pub fn new(tenant: &Tenant, run: &Run, ends: &[FeedEnd], has_leftovers: bool, now: TimeMs) -> Self {
        // Less than a pause of the schedule, and the same for all feeds of a tenant, so that they stay together.
        let jitter_ms = i64::from(run.jitter_seconds_max) * SECOND_MS;
        let jitter_ms = (share(&tenant.name) * jitter_ms as f64) as i64;
        let feed = |schedule: &Schedule, end: Option<&FeedEnd>| {
            let ended_at = end.filter(|end| !end.failed).and_then(|end| end.ended_at);
            // A clock that was set back must not make us wait until it is there again.
            let due = ended_at.map_or(now, |ended_at| due_after(schedule, ended_at.min(now), jitter_ms));
            FeedPlan { schedule: schedule.clone(), due, retry: None }
        };
        let feeds = feeds_of(tenant).into_iter().map(|configured| {
            let end = ends.iter().find(|end| end.feed == configured.name);
            (configured.name.to_owned(), feed(configured.schedule, end))
        });
        Self {
            feeds: feeds.collect(),
            sinks: tenant.sinks.iter().map(|sink| (sink.name().to_owned(), None)).collect(),
            held: None,
            has_leftovers,
            jitter_ms,
            retry_ms: i64::from(run.retry_seconds) * SECOND_MS,
            retry_ms_max: i64::from(run.retry_seconds_max) * SECOND_MS,
        }
    }

    /// When there is something to do; `None`: never.
    pub fn next_at(&self, now: TimeMs) -> Option<TimeMs> {
        let feeds = self.feeds.values().map(FeedPlan::at);
        let sinks = self.sinks.values().flatten().map(|retry| retry.at);
        let leftovers = self.has_leftovers.then_some(now);
        let next = feeds.chain(sinks).chain(leftovers).min()?;
        Some(self.held.map_or(next, |held| next.max(held.at)))
    }

    /// What is due; `None`: nothing.
    pub fn wanted(&self, now: TimeMs) -> Option<Wanted> {
        if self.next_at(now).is_none_or(|next| next > now) {
            return None;
        }
        let feeds: BTreeSet<String> =
            self.feeds.iter().filter(|(_, feed)| feed.at() <= now).map(|(name, _)| name.clone()).collect();
        let is_open = |retry: &Option<Retry>| retry.is_none_or(|retry| retry.at <= now);
        let sinks = self.sinks.iter().filter(|(_, retry)| is_open(retry)).map(|(name, _)| name.clone()).collect();
        Some(Wanted::Some { feeds, sinks })
    }

    /// Takes in how a pass ended; `None`: it broke off. Names that are not planned (any more) are passed over.
    pub fn ended(&mut self, wanted: &Wanted, pass: Option<&TenantPass>, now: TimeMs) {
        let Some(Ok(summary)) = pass.map(|pass| &pass.result) else {
            let until = pass.and_then(|pass| pass.result.as_ref().err()).and_then(|error| match error {
                crate::collect::CollectError::Failed(failure) => stated(failure),
                _ => None,
            });
            self.held = Some(self.next_retry(self.held, until, now));
            return;
        };
        self.held = None;
        self.has_leftovers = summary.conclusions_stopped || summary.sinks.iter().any(|sink| sink.stopped);
        for name in self.feeds.keys().filter(|name| wanted.has_feed(name)).cloned().collect::<Vec<_>>() {
            let of_feed = summary.feeds.iter().find(|feed| feed.feed == name);
            if of_feed.is_some_and(|feed| feed.stopped) {
                self.has_leftovers = true;
                continue;
            }
            let failure = of_feed.and_then(|feed| feed.failure.as_ref());
            let Some(feed) = self.feeds.get(&name) else { continue };
            let retry = failure.map(|failure| self.next_retry(feed.retry, stated(failure), now));
            let due = due_after(&feed.schedule, now, self.jitter_ms);
            let schedule = feed.schedule.clone();
            self.feeds.insert(name, FeedPlan { schedule, due, retry });
        }
        for sink in summary.sinks.iter().filter(|sink| !sink.stopped) {
            let Some(known) = self.sinks.get(&sink.sink).copied() else { continue };
            let retry = sink.failure.as_ref().map(|_| self.next_retry(known, None, now));
            self.sinks.insert(sink.sink.clone(), retry);
        }
    }

    /// How often each feed has failed in a row, and when it is read next.
    pub fn feeds(&self) -> impl Iterator<Item = (&str, u32, TimeMs)> {
        self.feeds.iter().map(|(name, feed)| {
            let at = self.held.map_or(feed.at(), |held| feed.at().max(held.at));
            (name.as_str(), feed.retry.map_or(0, |retry| retry.failures), at)
        })
    }

    fn next_retry(&self, before: Option<Retry>, stated: Option<TimeMs>, now: TimeMs) -> Retry {
        let failures = before.map_or(0, |retry| retry.failures).saturating_add(1);
        let pause = self.retry_ms.saturating_mul(1 << (failures - 1).min(20)).min(self.retry_ms_max);
        let stated = stated.map_or(0, |until| (until.millis() - now.millis()).clamp(0, PAUSE_MS_MAX));
        Retry { failures, at: now.plus(pause.max(stated)) }
    }
}

/// The first mark after `ended_at`, and a little later.
fn due_after(schedule: &Schedule, ended_at: TimeMs, jitter_ms: i64) -> TimeMs {
    let mark = schedule.next_after(ended_at);
    // Never so late that the next mark is reached.
    let jitter_ms = jitter_ms.min((schedule.next_after(mark).millis() - mark.millis()) / 2);
    mark.plus(jitter_ms)
}

/// Until when the service asked to wait.
fn stated(failure: &Failure) -> Option<TimeMs> {
    match failure.next {
        Next::Later { until } => Some(TimeMs(until.as_millisecond())),
        _ => None,
    }
}

/// A number from 0 up to, not including, 1, that a name always gets.
fn share(name: &str) -> f64 {
    let hash = trail::id::hash16(name.as_bytes());
    f64::from(u16::from_le_bytes([hash[0], hash[1]])) / 65_536.0
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
