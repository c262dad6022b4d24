//! The plainest way from all records at once to shares and accesses: nothing is fetched by key, nothing is kept from one
//! time to the next. It is slow, and what the store works out step by step must agree with it.

// Each test binary that includes this uses another part of it.
#![allow(dead_code, clippy::unwrap_used)]

mod accesses;
mod shares;

use std::sync::Arc;

use trail::classification::{Classification, Rules};
use trail::identity::{Domains, PersonKind};
use trail::matching::{Confidence, MatchRule, MatchRules};
use trail::operation::Action;
use trail::share::Share;
use trail::{Activity, Record, RecordId, TimeMs};

/// What the answer depends on besides the records.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Name of the tenant, for the ids of accesses.
    pub tenant: String,
    /// Which domains are inside.
    pub domains: Domains,
    /// Windows and switches of matching.
    pub match_rules: MatchRules,
    /// What is classified.
    pub classification: Rules,
    /// Spans in which nothing was missed.
    pub observed: Vec<(TimeMs, TimeMs)>,
}

/// Everything that follows.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// In order of their ids.
    pub shares: Vec<UsedShare>,
    /// In order of (first time, id).
    pub accesses: Vec<Access>,
}

/// A share with what the accesses add to it.
#[derive(Debug, Clone, PartialEq)]
pub struct UsedShare {
    /// The share.
    pub share: Share,
    /// First records of the accesses that came through it, in order of time.
    pub uses: Vec<TimeMs>,
    /// What its item is classified as after all records.
    pub now: Classification,
}

/// One access.
#[derive(Debug, Clone, PartialEq)]
pub struct Access {
    /// Its id.
    pub id: [u8; 16],
    /// Canonical identity.
    pub person: Arc<str>,
    /// Kind of person in the first record.
    pub person_kind: PersonKind,
    /// What was done.
    pub action: Action,
    /// Key of the item.
    pub item: Arc<str>,
    /// Its path at the first record.
    pub path: Option<Arc<str>>,
    /// Time of the first record.
    pub first_at: TimeMs,
    /// Time of the last record.
    pub last_at: TimeMs,
    /// Its records, in order of (time, id).
    pub records: Vec<RecordId>,
    /// Id of the share, else the link that was named.
    pub share_id: Option<Arc<str>>,
    /// Ids of the other ways in, nearest first.
    pub other_share_ids: Vec<Arc<str>>,
    /// What ties them.
    pub rule: MatchRule,
    /// How sure that is.
    pub confidence: Confidence,
    /// Whether it belongs into the report `unexplained`.
    pub is_unexplained: bool,
    /// The item's classification at that time.
    pub classification: Classification,
}

/// A record with the activity that it was made of: matching needs the one, the unit of an access the other.
pub struct Known<'a> {
    /// As received, normalised.
    pub activity: &'a Activity<'a>,
    /// As conclusions see it.
    pub record: Record,
}

/// The shares and accesses of all activities, which may come in any order. Of one id the first counts, so fold before.
pub fn answer(activities: &[Activity<'_>], settings: &Settings) -> Answer {
    let mut seen = std::collections::HashSet::new();
    let mut known: Vec<Known<'_>> = activities
        .iter()
        .filter(|activity| seen.insert(activity.id))
        .filter_map(|activity| Some(Known { activity, record: Record::of(activity, &settings.domains)? }))
        .collect();
    known.sort_by_key(|known| (known.record.time, known.record.id));
    let records: Vec<Record> = known.iter().map(|known| known.record.clone()).collect();

    let (shares, aliases) = shares::shares_and_aliases(&records);
    let accesses = accesses::accesses(&known, &records, &shares, &aliases, settings);
    let shares = shares.into_iter().map(|share| shares::used(share, &records, &accesses, settings)).collect();
    Answer { shares, accesses }
}
