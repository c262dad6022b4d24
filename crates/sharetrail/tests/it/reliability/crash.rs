//! The crash harness: the program is killed again and again, at random instants and at named points, while records keep
//! coming. In the end everything is there, once.
//!
//! A build with the feature `crash-points` is killed at these points as well. `SHARETRAIL_CRASH_KILLS` and
//! `SHARETRAIL_CRASH_SECONDS_MAX` say how long it goes on.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use emulator::story::StoredActivity;
use sharetrail::crash;

use super::ledger::{self, SERVICES, TABLES, Wrong};
use crate::support::{Lab, Random, after, now_ms, seeded, stored_at};

/// How it went.
#[derive(Debug)]
pub struct Outcome {
    pub kills: u64,
    /// By point; `at any instant` for the others.
    pub kills_at: BTreeMap<&'static str, u64>,
    /// Passes that reached their end.
    pub passes: u64,
    pub records: u64,
    pub rows: u64,
    pub delivered_twice: u64,
    /// Of these, rows that were not in flight when the program was killed.
    pub delivered_twice_for_no_reason: u64,
    pub wrong: Wrong,
    pub seconds: u64,
}

/// Where a table stood when the program had been killed.
struct Killed {
    arrived: BTreeMap<&'static str, usize>,
    in_flight: BTreeMap<&'static str, usize>,
}

/// Kills so often, or for so long; then lets it come to an end and compares.
pub fn run(seed: u64, records: usize, keep: &str, kills_max: u64, span_max: Duration) -> Outcome {
    let mut tenant = seeded(seed, records, now_ms());
    tenant.activities.sort_by_key(|activity| activity.created_ms);
    tenant.activities.retain(|activity| activity.created_ms < now_ms() - 360_000);
    let records = ledger::records_within_reach(&tenant);
    // Two thirds come bit by bit, so that there is always something to do.
    let mut held = tenant.activities.split_off(tenant.activities.len() / 3);
    let lab = Lab::of(tenant);
    lab.configure(|configuration| {
        configuration
            .set("tenant.keep", keep)
            .set("tenant.defender.services", SERVICES.map(i64::from).to_vec())
            .set("tenant.defender.page_records", 500)
            .set("store.recompute_rows_max", 200)
            .set("tenant.sink.logs_ingestion.batch_raw_bytes_max", 20_000)
            .set("tenant.sink.logs_ingestion.share_stream", "Custom-ShareTrailShare_CL")
            .set("tenant.sink.logs_ingestion.activity_stream", "Custom-ShareTrailActivity_CL")
    });
    let (begun, mut random) = (Instant::now(), Random::new(seed));
    let share = (held.len() as u64 / kills_max).max(1) as usize;
    let (mut kills_at, mut kills, mut passes) = (BTreeMap::new(), Vec::new(), 0);
    let mut pass_ms = 200;
    while (kills.len() as u64) < kills_max && begun.elapsed() < span_max {
        let killed_at = if cfg!(feature = "crash-points") && random.below(2) == 0 {
            let point = crash::POINTS[random.below(crash::POINTS.len() as u64) as usize];
            let at = format!("{point}:{}", 1 + random.below(if point == crash::PAGE_FETCHED { 2 } else { 12 }));
            let ended = lab.folder.program().env("SHARETRAIL_CRASH_AT", at).run(["collect"]);
            ended.code.is_none().then_some(point)
        } else {
            let started = Instant::now();
            let mut running = lab.folder.program().start(["collect"]);
            let wait = Duration::from_micros(random.below(pass_ms * 1_200));
            if after(wait, || running.has_ended()) {
                pass_ms = (started.elapsed().as_millis() as u64).clamp(20, 5_000);
                None
            } else {
                running.kill();
                Some("at any instant")
            }
        };
        let Some(point) = killed_at else {
            passes += 1;
            arrive(&lab, &mut held, share * 2);
            continue;
        };
        kills.push(note(&lab));
        *kills_at.entry(point).or_default() += 1;
        if random.below(3) == 0 {
            arrive(&lab, &mut held, share * 3);
        }
    }
    let all = held.len();
    arrive(&lab, &mut held, all);
    lab.collect().with_code(0);
    lab.collect().with_code(0).printing("0 rows delivered");
    let rows = TABLES.iter().map(|(table, _)| lab.rows(table).len() as u64).sum();
    let (delivered_twice, _) = ledger::repeats(&lab);
    Outcome {
        kills: kills.len() as u64,
        kills_at,
        passes: passes + 2,
        records,
        rows,
        delivered_twice,
        delivered_twice_for_no_reason: for_no_reason(&lab, &kills),
        wrong: ledger::wrong(&lab, records),
        seconds: begun.elapsed().as_secs(),
    }
}

/// Defender stores some more of the records now: within what a pass reads again, and before where it ends.
fn arrive(lab: &Lab, held: &mut Vec<StoredActivity>, records: usize) {
    let rest = held.split_off(records.min(held.len()));
    let now: Vec<_> = std::mem::replace(held, rest).iter().map(|one| stored_at(one, now_ms() - 360_000)).collect();
    if !now.is_empty() {
        lab.emulator.append(now);
    }
}

/// What had arrived when the program was dead and nothing of its doing was under way any more.
fn note(lab: &Lab) -> Killed {
    lab.until_the_emulator_is_idle();
    let batches = TABLES.map(|(table, _)| (table, lab.emulator.batches(table)));
    Killed {
        arrived: batches.iter().map(|(table, batches)| (*table, batches.iter().sum())).collect(),
        in_flight: batches.iter().map(|(table, batches)| (*table, batches.last().copied().unwrap_or(0))).collect(),
    }
}

/// Rows that arrived again although they had arrived in another batch than the last one before a kill: only that one can
/// have been taken without the program's knowing it.
fn for_no_reason(lab: &Lab, kills: &[Killed]) -> u64 {
    let mut count = 0;
    for (table, column) in TABLES {
        let mut last_place: BTreeMap<(String, String), usize> = BTreeMap::new();
        for (place, row) in lab.rows(table).iter().enumerate() {
            let key = (row[column].to_string(), row["Revision"].to_string());
            if let Some(before) = last_place.insert(key, place) {
                let was_in_flight = kills.iter().any(|kill| {
                    let (arrived, in_flight) = (kill.arrived[table], kill.in_flight[table]);
                    (arrived - in_flight..arrived).contains(&before) && arrived <= place
                });
                count += u64::from(!was_in_flight);
            }
        }
    }
    count
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kills, passes, records, rows, delivered_twice, wrong, seconds, .. } = self;
        write!(
            f,
            "kills {kills}, passes {passes}, records {records}, lost {}, stored twice {}, rows {rows}, delivered twice \
             {delivered_twice}, in {seconds} s",
            wrong.lost, wrong.stored_twice
        )
    }
}

/// From the environment, for `just crash`.
pub fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

impl Outcome {
    /// Everything is there, once, and what was delivered twice could not be known to have arrived.
    #[track_caller]
    pub fn assert_nothing_is_wrong(&self) {
        assert_eq!(self.wrong, Wrong::default(), "{self:#?}");
        assert_eq!(self.delivered_twice_for_no_reason, 0, "{self:#?}");
    }
}

#[test]
fn killed_again_and_again_while_records_keep_coming_it_loses_nothing_and_doubles_nothing() {
    let kills = number("SHARETRAIL_CRASH_KILLS", 12);
    let span_max = Duration::from_secs(number("SHARETRAIL_CRASH_SECONDS_MAX", 60));
    for (seed, keep) in [(81, "all"), (82, "relevant")] {
        let outcome = run(seed, 2_000, keep, kills / 2, span_max / 2);
        println!("keep = {keep:?}: {outcome}");
        outcome.assert_nothing_is_wrong();
        assert!(outcome.kills > 0, "{outcome}");
    }
}
