//! `EventData`, which looks like XML and is none.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trail::share::event_data;

fuzz_target!(|text: &str| {
    // An element begins with a sign of its own, so there cannot be more of them.
    assert!(event_data::fields(text).count() <= text.matches('<').count());
    let _ = (event_data::permission(text), event_data::group(text), event_data::expires_at(text));
});
