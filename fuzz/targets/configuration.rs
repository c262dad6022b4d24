//! A configuration, as somebody typed it.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match sharetrail::config::parse(text, "folder".into()) {
        Ok(settings) => {
            assert!(!settings.tenants.is_empty());
            let _ = sharetrail::config::placeholders(&settings);
        }
        Err(problems) => {
            assert!(!problems.is_empty(), "what is refused has a reason");
            let lines = text.bytes().filter(|byte| *byte == b'\n').count() + 1;
            for problem in problems {
                assert!(problem.line.is_none_or(|line| (1..=lines).contains(&line)), "{problem:?}");
            }
        }
    }
});
