//! One record's text, in whatever shape: nothing panics, and the parts agree about it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trail::parse::{glance, recognise, redact};

fuzz_target!(|raw: &str| {
    let (activity, problems) = trail::parse(raw);
    // The same text says the same again.
    assert_eq!(trail::parse(raw), (activity.clone(), problems));
    let _ = trail::item::locate(&activity);
    let _ = (recognise(raw), glance(raw));
    // What was redacted holds nothing more to redact. Of a text that is no JSON only the beginning of a value is sure, so
    // the law is one of JSON.
    if serde_json::from_str::<serde_json::Value>(raw).is_ok() {
        let once = redact(raw);
        assert_eq!(redact(&once), once);
    }
});
