//! Every fault by itself: a collection ends with the truth, at once or in a later pass.

use emulator::Emulator;

use super::ledger::{self, SERVICES, Wrong, records_within_reach};
use crate::support::{Configuration, Ended, Lab, now_ms, seeded, stored_at};

/// Passes after which the truth has to be there.
const PASSES_MAX: usize = 12;

/// A fault, and what it is called in the table.
pub struct Fault {
    pub name: &'static str,
    /// Written as on the command line.
    pub script: &'static [&'static str],
    /// The tenant's application signs in at Defender, in place of the API token.
    application: bool,
}

const fn fault(name: &'static str, script: &'static [&'static str]) -> Fault {
    Fault { name, script, application: false }
}

const fn of_application(name: &'static str, script: &'static [&'static str]) -> Fault {
    Fault { name, script, application: true }
}

/// The faults that are played by name; those of the disk and of the process are elsewhere.
pub const FAULTS: &[Fault] = &[
    fault("429, pause in seconds", &["any:p=0.2/1:429:retry-after=0"]),
    fault("429, pause as a date", &["any:p=0.2/1:429:date=0:body=empty"]),
    fault("429, no pause named", &["any:p=0.2/1:429:no-retry-after:body=message"]),
    fault("429, a pause of 10 hours", &["defender:calls=2-2:429:retry-after=36000"]),
    of_application("401 in the middle of a scan, application", &["defender:calls=2-2:401", "ingestion:calls=2-2:401"]),
    fault("401 in the middle of a scan, API token", &["defender:calls=2-2:401"]),
    fault("403 for a while", &["defender:calls=2-3:403", "ingestion:calls=1-2:403", "vault:calls=2-2:403"]),
    fault("408", &["any:p=0.2/2:408"]),
    fault("500", &["any:p=0.2/3:500"]),
    fault("502", &["any:p=0.2/4:502"]),
    fault("503", &["any:p=0.2/5:503"]),
    fault("504", &["any:p=0.2/6:504"]),
    fault("a web page in place of an answer", &["any:p=0.1/13:html"]),
    fault("connection reset before the answer", &["any:p=0.2/7:reset"]),
    fault("connection reset after the headers", &["any:p=0.2/8:reset-after-head"]),
    fault("connection reset in the middle of the body", &["any:p=0.2/9:reset-mid-body"]),
    fault("gzip cut off", &["any:p=0.2/10:gzip-truncated"]),
    fault("gzip with wrong bytes", &["any:p=0.2/11:gzip-corrupt"]),
    fault("answers byte by byte", &["defender:calls=2-2:slow=5", "token:calls=1-1:slow=1"]),
    fault("accepted, and no answer", &["any:p=0.2/12:no-answer"]),
    fault("413 far below the documented limit", &["ingestion:always:413=4000"]),
    fault("an empty page with rows left", &["defender:every=2:empty-page"]),
    fault("a cursor that stalls", &["defender:every=2:stalled-cursor"]),
    fault("no next page although rows are left", &["defender:every=2:ends-early"]),
    fault("a total that drifts", &["defender:every=2:total-drifts"]),
    fault("late records", &["defender:first=4:late=50"]),
    fault("records twice with another enrichment", &["defender:always:repeats"]),
    fault("more rows of one time than a page holds", &["defender:every=2:page=1"]),
    fault("the service's clock is ten minutes behind", &["any:calls=1-8:skew=-600"]),
    fault("the service's clock is ten minutes ahead", &["any:always:skew=600"]),
    of_application("tokens that live for a second", &["token:always:life=1"]),
    fault("an API token that is replaced while running", &["defender:calls=2-2:replaced-secret"]),
    of_application("a client secret that is replaced while running", &["token:calls=2-2:replaced-secret"]),
];

/// What became of a collection under a fault.
#[derive(Debug)]
pub struct Outcome {
    pub struck: u64,
    /// Exit codes of the passes.
    pub codes: Vec<Option<i32>>,
    pub delivered_twice: u64,
    pub wrong: Wrong,
    /// What the passes that did not end well said.
    pub said: String,
}

impl Outcome {
    /// It ended well, and with the truth.
    #[track_caller]
    pub fn assert_the_truth(&self, name: &str) {
        assert_eq!(self.wrong, Wrong::default(), "{name}: {self:#?}");
        assert_eq!(self.codes.last(), Some(&Some(0)), "{name}: {self:#?}");
    }
}

/// Collects under a fault until the truth is there and the program says that it is done, or until it has had its chances.
pub fn play(fault: &Fault) -> Outcome {
    let mut tenant = seeded(83, 1_500, now_ms());
    // The latest are stored within the last hour, so that some can be late.
    tenant.activities.sort_by_key(|activity| activity.created_ms);
    for (place, activity) in tenant.activities.iter_mut().rev().take(60).enumerate() {
        *activity = stored_at(activity, now_ms() - 420_000 - place as i64 * 40_000);
    }
    let records = records_within_reach(&tenant);
    let lab = Lab::of(tenant);
    lab.configure(|configuration| {
        let configuration = impatient(configuration);
        if fault.application { configuration.without("tenant.defender.token") } else { configuration }
    });
    lab.play(fault.script);
    collect(&lab, records, PASSES_MAX)
}

/// Short pauses, small pages and batches: what can go wrong has many occasions.
pub fn impatient(configuration: Configuration) -> Configuration {
    configuration
        .set("tenant.defender.services", SERVICES.map(i64::from).to_vec())
        .set("http.attempts_max", 10)
        .set("http.request_timeout_ms", 1_000)
        .set("tenant.defender.page_records", 500)
        .set("tenant.sink.logs_ingestion.batch_raw_bytes_max", 20_000)
        .set("tenant.sink.logs_ingestion.share_stream", "Custom-ShareTrailShare_CL")
}

/// Passes until the truth is there.
pub fn collect(lab: &Lab, records: u64, passes_max: usize) -> Outcome {
    let (mut codes, mut said) = (Vec::new(), String::new());
    let mut wrong = Wrong { lost: records, ..Wrong::default() };
    while codes.len() < passes_max {
        let Ended { code, stderr, .. } = lab.collect();
        codes.push(code);
        if code != Some(0) {
            said.push_str(&stderr);
        }
        assert!(!stderr.contains("panicked"), "{stderr}");
        if code == Some(0) {
            wrong = ledger::wrong(lab, records);
            if wrong == Wrong::default() {
                break;
            }
        }
    }
    let (delivered_twice, _) = ledger::repeats(lab);
    Outcome { struck: struck(&lab.emulator), codes, delivered_twice, wrong, said }
}

fn struck(emulator: &Emulator) -> u64 {
    emulator.counters().routes.values().map(|route| route.faults).sum()
}

#[test]
fn every_fault_by_itself_ends_with_the_truth() {
    for fault in FAULTS {
        let outcome = play(fault);
        println!("{}: struck {}, passes {:?}", fault.name, outcome.struck, outcome.codes);
        assert!(outcome.struck > 0, "{} struck nobody", fault.name);
        outcome.assert_the_truth(fault.name);
    }
}
