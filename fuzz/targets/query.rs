//! A question in the part of the Kusto language that the emulator understands.
#![no_main]

use libfuzzer_sys::fuzz_target;

/// 2026-11-24T03:00:00Z
const NOW_MS: i64 = 1_795_489_200_000;

fuzz_target!(|query: &str| {
    if let Ok(table) = emulator::fuzzed_query::ask(query, NOW_MS) {
        let columns = table["columns"].as_array().map(Vec::len);
        for row in table["rows"].as_array().into_iter().flatten() {
            assert_eq!(row.as_array().map(Vec::len), columns, "a row has a value for each column");
        }
    }
});
