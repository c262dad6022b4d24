//! The address of a view of the dashboard, as anybody may type it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sharetrail::dashboard::fuzzed::again;

fuzz_target!(|query: &str| {
    if let Some(address) = again(query) {
        // The address that the page shows asks for the same view.
        assert_eq!(again(&address).as_ref(), Some(&address));
    }
});
