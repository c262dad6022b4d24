//! Real sample records, where somebody keeps them beside the checkout.

use std::fs;
use std::path::Path;

use crate::support::Folder;

#[test]
fn real_samples_are_taken_or_refused_in_words() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    if !samples.is_dir() {
        eprintln!("SKIPPED: no samples beside the checkout ({})", samples.display());
        return;
    }
    let mut taken = 0;
    for kind in ["mda", "o365"] {
        for entry in fs::read_dir(samples.join(kind)).unwrap() {
            let path = entry.unwrap().path();
            let ended = Folder::new().run(["import", "--json", path.to_str().unwrap()]);
            assert!(matches!(ended.code, Some(0 | 3)), "{}: {ended}", path.display());
            assert!(!ended.stderr.contains("panicked"), "{}: {ended}", path.display());
            let summary = ended.json();
            let number = |key: &str| summary[key].as_u64().unwrap();
            assert_eq!(number("distinct"), number("stored") + number("known") + number("not_kept"), "{summary}");
            assert_eq!(ended.code == Some(3), number("rejected") > 0, "{summary}");
            if std::env::var_os("SHOW").is_some() {
                eprintln!("{} {summary}", path.display());
            }
            taken += number("stored");
        }
    }
    assert!(taken > 50, "only {taken} records of all samples were taken");
}
