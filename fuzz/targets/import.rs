//! A file that somebody exported, in any of its shapes: a table, JSON in some layout, compressed or an archive.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sharetrail::sources::files::fuzzed::read;

/// Small, so that records which are too long come up as well.
const RECORD_BYTES_MAX: usize = 2_000;

fuzz_target!(|bytes: &[u8]| {
    let Ok((found, summary)) = read(bytes, 64 * 1024, RECORD_BYTES_MAX) else { return };
    let records: Vec<&String> = found.iter().flatten().collect();
    assert_eq!((summary.records, summary.rejected), (records.len() as u64, (found.len() - records.len()) as u64));
    assert!(!found.is_empty(), "a file that holds nothing is told as such");
    for record in records {
        assert!(record.len() <= RECORD_BYTES_MAX && record.starts_with('{'));
        let _ = trail::parse(record);
    }
    // What is found does not depend on how the bytes arrive.
    assert_eq!(read(bytes, 3, RECORD_BYTES_MAX).map(|(again, _)| again).ok(), Some(found));
});
