//! Answers to a scan, one a line: what the service says of where to go on is sent back as it came, and whatever it says,
//! the scan ends.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;
use sharetrail::config::settings::ScanOrder;
use sharetrail::sources::defender::fuzzed::scan;
use trail::TimeMs;

/// A question that makes no progress is cut into a few others, each for one answer.
const QUESTIONS_OF_AN_ANSWER_MAX: usize = 8;

#[derive(serde::Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    filters: &'a RawValue,
}

fuzz_target!(|bytes: &[u8]| {
    let answers: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let (from, to) = (TimeMs(1_795_000_000_000), TimeMs(1_795_489_200_000));
    for order in [ScanOrder::Created, ScanOrder::Date] {
        let Some(scanned) = scan(&answers, order, from, to) else { panic!("a script is never waited for") };
        assert!(scanned.bodies.len() <= 1 + answers.len() * QUESTIONS_OF_AN_ANSWER_MAX, "{}", scanned.bodies.len());
        for body in &scanned.bodies {
            let body: Body<'_> = serde_json::from_slice(body).expect("what is sent is JSON");
            let filters = body.filters.get();
            // A stretch that is too full is asked for by type.
            let is_ours = ["{\"created\":{\"gte\":", "{\"date\":{\"gte\":", "{\"activity.eventType\":{\""]
                .iter()
                .any(|ours| filters.starts_with(ours));
            assert!(is_ours || scanned.cursors.iter().any(|cursor| cursor == filters), "{filters}");
        }
        for reached in scanned.reached {
            assert!(scanned.is_through && reached <= to, "the position never moves beyond what was asked for");
        }
    }
});
