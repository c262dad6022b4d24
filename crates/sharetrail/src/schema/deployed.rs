//! A test only: holds `deploy/azure` to the code. `delivery.json` is made from the row types, and each `.bicep` from the
//! `.json` beside it.
//!
//! `SHARETRAIL_WRITE_REFERENCE=1 cargo test --release -p sharetrail deploy` writes them anew.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Json, bicep, template};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/azure")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default().replace("\r\n", "\n")
}

fn held(path: &Path, wanted: &str) {
    if std::env::var_os("SHARETRAIL_WRITE_REFERENCE").is_some() {
        fs::write(path, wanted).unwrap();
    }
    assert!(
        read(path) == wanted,
        "{} differs from what it is made of; write it anew with \
         `SHARETRAIL_WRITE_REFERENCE=1 cargo test --release -p sharetrail deploy` and read the difference",
        path.display()
    );
}

#[test]
fn the_templates_to_deploy_are_those_of_the_code() {
    held(&folder().join("delivery.json"), &format!("{}\n", template().unwrap()));
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_template = name.ends_with(".json") && !name.ends_with(".parameters.json");
        if is_template {
            let template: Json = serde_json::from_str(&read(&path)).unwrap_or_else(|error| panic!("{name}: {error}"));
            held(&path.with_extension("bicep"), &bicep::bicep(&template, &name));
        }
    }
}
