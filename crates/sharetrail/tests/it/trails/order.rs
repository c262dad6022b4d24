//! Whatever the order, the pages, the repetitions and the sources in which records come, what is concluded is the same;
//! and the same as a slow reference concludes from all records at once.

#[path = "../../../../trail/tests/reference/mod.rs"]
mod reference;

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};
use sharetrail::config::settings::{Keep, StoreSettings};
use sharetrail::rows::{Row, report_json};
use sharetrail::store::{AccessFilter, Advance, Arrival, Policy, Reader, Store, StoreError};
use trail::classification::{Catalogue, Declared, DeclaredPlace, Rules};
use trail::fold::{Source, fold};
use trail::identity::{Domains, RecipientKind};
use trail::matching::MatchRules;
use trail::{Activity, ContentHash, RecordId, TimeMs, parse};

use super::support::{bare, classified_labels, labels};
use crate::support::seeded;

const NOW_MS: i64 = 1_793_000_000_000;
const NOW: TimeMs = TimeMs(NOW_MS);
/// The second half of the story was read without a gap.
const OBSERVED: (TimeMs, TimeMs) = (TimeMs(NOW_MS - 14 * 24 * 3_600_000), NOW);

/// A record as two services tell it.
struct Told {
    by_defender: String,
    as_audit: String,
}

/// Arrivals in pages: by which service, which text.
type Pages<'t> = Vec<Vec<(Source, &'t str)>>;

/// Numbers that look random and are the same every time (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }
}

/// Part of the tenant of a seed (of hundred records so many), and the rules that its truth asks for.
fn history(seed: u64, percent: usize, keep: Keep, dice: &mut Dice) -> (Vec<Told>, Policy) {
    let tenant = seeded(seed, 900, NOW_MS);
    let told = tenant.activities.iter().filter(|_| dice.below(100) < percent);
    let told = told.map(|activity| Told { by_defender: activity.json.to_string(), as_audit: activity.feed_json() });
    let (catalogue, _) = Catalogue::parse(&labels(&tenant.truth));
    let declared = tenant
        .truth
        .declared
        .iter()
        .map(|url| Declared { place: DeclaredPlace::from_url(url).unwrap(), level: "classified".into() });
    let classified = classified_labels(&tenant.truth);
    let policy = Policy {
        domains: Domains::new(tenant.profile.internal_domains.clone(), [""; 0]),
        keep,
        organization: None,
        classification: Rules {
            classified_labels: Rules::label_set(classified.iter().map(String::as_str)),
            labels: catalogue,
            declared: declared.collect(),
            ..Rules::default()
        },
        matching: MatchRules::default(),
        teams: Default::default(),
        places: None,
    };
    (told.collect(), policy)
}

/// All records once, in order, in one page.
fn in_order(told: &[Told]) -> Pages<'_> {
    vec![told.iter().map(|told| (Source::Defender, told.by_defender.as_str())).collect()]
}

/// Shuffled, some twice, each by one service or by both, in pages of any size.
fn mixed<'t>(told: &'t [Told], dice: &mut Dice) -> Pages<'t> {
    let mut arrivals = Vec::new();
    for one in told {
        let defender = (Source::Defender, one.by_defender.as_str());
        let audit = (Source::Import, one.as_audit.as_str());
        match dice.below(4) {
            0 => arrivals.push(audit),
            1 => arrivals.extend([defender, audit]),
            2 => arrivals.extend([defender, defender]),
            _ => arrivals.push(defender),
        }
    }
    for index in (1..arrivals.len()).rev() {
        arrivals.swap(index, dice.below(index + 1));
    }
    let mut pages = Vec::new();
    while !arrivals.is_empty() {
        let size = 1 + dice.below(120);
        pages.push(arrivals.split_off(arrivals.len().saturating_sub(size)));
    }
    pages
}

/// What the store concludes when the pages come one after the other: accesses and shares. `patience` is how many
/// transactions of recomputing there are room for between two pages.
fn stored(path: &Path, pages: &Pages<'_>, policy: &Policy, mut patience: impl FnMut() -> usize) -> [Vec<Value>; 2] {
    let settings = StoreSettings { recompute_rows_max: 20, ..StoreSettings::default() };
    let mut store = Store::open(path, Some("contoso"), &settings).unwrap();
    store.set_policy(policy.clone(), NOW).unwrap();
    let defender = store.feed("defender", Source::Defender, NOW).unwrap();
    let import = store.feed("import", Source::Import, NOW).unwrap();
    // Somewhere on the way it becomes known that nothing was missed.
    let observed_after = patience() % pages.len().max(1);
    for (index, page) in pages.iter().enumerate() {
        for (source, feed) in [(Source::Defender, &defender), (Source::Import, &import)] {
            let arrivals = page.iter().filter(|(by, _)| *by == source).map(|(_, text)| Arrival::Record(text));
            store.take_page(feed, arrivals, Advance::Stay, NOW).unwrap();
        }
        if index == observed_after {
            store.observe(&defender, OBSERVED.0, OBSERVED.1, NOW).unwrap();
        }
        let _ = (0..patience()).all(|_| store.recompute(NOW).unwrap());
    }
    while store.recompute(NOW).unwrap() {}
    drop(store);
    let mut reader = Reader::open(path).unwrap();
    let (mut accesses, mut shares) = (Vec::new(), Vec::new());
    let filter = AccessFilter::default();
    reader.accesses(&filter, &[], |row| keep(&mut accesses, &row)).unwrap();
    reader.shares(&filter, NOW, &[], |row| keep(&mut shares, &row)).unwrap();
    [by_id(bare(accesses), "access_id"), by_id(bare(shares), "share_id")]
}

fn keep(rows: &mut Vec<Value>, row: &impl Row) -> Result<(), StoreError> {
    let mut json = Vec::new();
    report_json(row, &mut json);
    rows.push(serde_json::from_slice(&json).unwrap());
    Ok(())
}

fn by_id(mut rows: Vec<Value>, id: &str) -> Vec<Value> {
    rows.sort_by_key(|row| row[id].as_str().unwrap().to_owned());
    rows
}

/// What the reference concludes, under the names of the report's columns, as far as it knows them.
fn concluded(pages: &Pages<'_>, policy: &Policy) -> [Vec<Value>; 2] {
    let mut sightings: BTreeMap<[u8; 16], Vec<(Source, ContentHash, Activity<'static>)>> = BTreeMap::new();
    for (source, text) in pages.iter().flatten() {
        let activity = parse(text).0.into_owned();
        let known = sightings.entry(activity.id.0).or_default();
        let hash = ContentHash::of(text.as_bytes());
        if !known.iter().any(|(by, content, _)| (by, *content) == (source, hash)) {
            known.push((*source, hash, activity));
        }
    }
    let activities: Vec<Activity<'static>> = sightings.into_values().map(fold).collect();
    let settings = reference::Settings {
        tenant: "contoso".to_owned(),
        domains: policy.domains.clone(),
        match_rules: policy.matching,
        classification: policy.classification.clone(),
        observed: vec![OBSERVED],
    };
    let answer = reference::answer(&activities, &settings);
    let ids = |ids: &[RecordId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    let accesses = answer.accesses.iter().map(|access| {
        json!({
            "access_id": RecordId(access.id).to_string(), "person": &*access.person,
            "person_kind": access.person_kind.as_str(), "action": access.action.as_str(), "item_id": &*access.item,
            "time_generated": access.first_at.to_string(), "last_at": access.last_at.to_string(),
            "evidence_ids": ids(&access.records), "share_id": access.share_id.as_deref(),
            "other_share_ids": Some(access.other_share_ids.iter().map(|id| &**id).collect::<Vec<_>>()).filter(|ids| !ids.is_empty()),
            "match_rule": access.rule.as_str(), "confidence": access.confidence.as_str(),
            "classified": access.classification.classified,
            "classification_level": access.classification.level.as_deref(),
            "label_id": access.classification.label_id.as_deref(),
            "label_name": access.classification.label_name.as_deref(),
            "classification_source": access.classification.sources_text(),
        })
    });
    let outsiders = answer.shares.iter().filter(|used| match used.share.recipient_kind {
        RecipientKind::Person(kind) => kind.is_outside(),
        RecipientKind::Anyone | RecipientKind::Group => true,
        RecipientKind::AllInsiders | RecipientKind::Plumbing => false,
    });
    let shares = outsiders.map(|used| {
        let share = &used.share;
        json!({
            "share_id": &*share.share_id, "link_id": &*share.link_id, "share_kind": share.kind.as_str(),
            "permission": share.permission.as_deref(), "item_id": &*share.item, "item_url": share.url.as_deref(),
            "item_name": share.name.as_deref(), "recipient": share.recipient.as_deref(),
            "recipient_kind": share.recipient_kind.as_str(), "shared_by": share.shared_by.as_deref(),
            "shared_at": share.shared_at.map(|at| at.to_string()),
            "accepted_at": share.accepted_at.map(|at| at.to_string()),
            "ended_at": share.end.map(|(at, _)| at.to_string()),
            "end_reason": share.end.map(|(_, reason)| reason.as_str()),
            "uses": used.uses.len(), "first_used_at": used.uses.first().map(ToString::to_string),
            "classified_now": used.now.classified, "classification_level": used.now.level.as_deref(),
            "label_id": used.now.label_id.as_deref(), "classification_source": used.now.sources_text(),
            "evidence_ids": ids(&share.evidence),
        })
    });
    [by_id(accesses.collect(), "access_id"), by_id(shares.collect(), "share_id")]
}

/// Compares the columns that `expected` has; names every row that differs, and in what.
#[track_caller]
fn assert_same(found: &[Vec<Value>; 2], expected: &[Vec<Value>; 2]) {
    for ((found, expected), id) in found.iter().zip(expected).zip(["access_id", "share_id"]) {
        let mut differences = Vec::new();
        let of = |rows: &[Value], wanted: &Value| rows.iter().find(|row| row[id] == wanted[id]).cloned();
        for row in expected {
            match of(found, row) {
                None => differences.push(format!("not found: {row}")),
                Some(other) => {
                    let columns = row.as_object().unwrap().iter().filter(|(key, value)| other[key.as_str()] != **value);
                    let told: Vec<String> =
                        columns.map(|(key, value)| format!("{key}: {} for {value}", other[key.as_str()])).collect();
                    if !told.is_empty() {
                        differences.push(format!("{}\n    of {other}", told.join("; ")));
                    }
                }
            }
        }
        differences.extend(found.iter().filter(|row| of(expected, row).is_none()).map(|row| format!("surplus: {row}")));
        assert!(differences.is_empty(), "{} differences\n{}", differences.len(), differences.join("\n"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_pages_repetitions_and_sources_give_what_the_reference_gives(seed in 0..1_000_u64, percent in 25..=100_usize) {
        let mut dice = Dice(seed);
        let (told, policy) = history(seed % 40, percent, Keep::All, &mut dice);
        let folder = tempfile::tempdir().unwrap();
        let pages = mixed(&told, &mut dice);
        let found = stored(&folder.path().join("mixed.db"), &pages, &policy, || dice.below(6));
        prop_assert!(!found[0].is_empty() && !found[1].is_empty());
        assert_same(&found, &concluded(&pages, &policy));
    }

    #[test]
    fn any_order_pages_repetitions_and_sources_give_what_one_import_in_order_gives(seed in 0..1_000_u64, percent in 25..=100_usize) {
        let mut dice = Dice(seed);
        let (told, policy) = history(seed % 40, percent, Keep::Relevant, &mut dice);
        let folder = tempfile::tempdir().unwrap();
        let expected = stored(&folder.path().join("in-order.db"), &in_order(&told), &policy, || usize::MAX);
        let pages = mixed(&told, &mut dice);
        let found = stored(&folder.path().join("mixed.db"), &pages, &policy, || dice.below(6));
        assert_same(&found, &expected);
        assert_same(&expected, &found);
    }
}
