//! Every fault at once, each at five of a hundred calls.

use super::ledger::{Wrong, records_within_reach};
use super::table::{Outcome, collect, impatient};
use crate::support::{Lab, now_ms, seeded};

/// Passes after which the truth has to be there.
const PASSES_MAX: usize = 60;

const ANYWHERE: [&str; 18] = [
    "429:retry-after=0",
    "429:date=0:body=empty",
    "429:no-retry-after:body=detail",
    "401",
    "403",
    "408",
    "500",
    "502",
    "503",
    "504",
    "html",
    "reset",
    "reset-after-head",
    "reset-mid-body",
    "gzip-truncated",
    "gzip-corrupt",
    "no-answer",
    "skew=-30",
];
const AT_DEFENDER: [&str; 9] = [
    "429:retry-after=36000",
    "empty-page",
    "stalled-cursor",
    "ends-early",
    "total-drifts",
    "late=50",
    "repeats",
    "page=1",
    "replaced-secret",
];

/// All of them. Each has a seed of its own, so that they do not strike the same calls.
pub fn script(percent: u32, seed: u64) -> Vec<String> {
    let anywhere = ANYWHERE.map(|kind| ("any", kind));
    let at_defender = AT_DEFENDER.map(|kind| ("defender", kind));
    let elsewhere =
        [("token", "life=1"), ("token", "replaced-secret"), ("ingestion", "413=4000"), ("defender", "slow=20")];
    // Those of one service first: of several faults that strike one call the first does.
    let all = at_defender.into_iter().chain(elsewhere).chain(anywhere);
    let share = f64::from(percent) / 100.0;
    all.zip(seed * 1_000..).map(|((route, kind), seed)| format!("{route}:p={share}/{seed}:{kind}")).collect()
}

/// Collects with all of them at once, at five percent each, until the truth is there.
pub fn play(seed: u64) -> (Lab, Outcome) {
    let tenant = seeded(84 + seed, 1_500, now_ms());
    let records = records_within_reach(&tenant);
    let lab = Lab::of(tenant);
    // The application in odd runs, the API token in even ones.
    lab.configure(|configuration| match seed % 2 {
        0 => impatient(configuration),
        _ => impatient(configuration).without("tenant.defender.token"),
    });
    let faults = script(5, seed);
    lab.play(&faults.iter().map(String::as_str).collect::<Vec<_>>());
    let outcome = collect(&lab, records, PASSES_MAX);
    (lab, outcome)
}

#[test]
fn with_every_fault_at_once_at_five_percent_a_collection_still_ends_with_the_truth() {
    // Both ways to sign in; the long form plays more of them.
    for seed in 1..=3 {
        let (lab, outcome) = play(seed);
        println!("struck {}, passes {:?}", outcome.struck, outcome.codes);
        assert!(outcome.struck > 20, "{outcome:#?}");
        assert_eq!(outcome.wrong, Wrong::default(), "{outcome:#?}");
        let status = lab.folder.status();
        assert_eq!((&status["gaps"], &status["sinks"][0]["dead_letters"]), (&0.into(), &0.into()), "{status}");
        lab.assert_all_is_told();
    }
}
