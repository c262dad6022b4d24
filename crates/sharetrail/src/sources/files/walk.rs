//! Which files an import is of: those that were named, and all those in folders that were named.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{FileError, Input};

/// More files than this in one folder are refused: they are hardly all exports.
const FILES_MAX: usize = 100_000;
/// Folders within folders.
const DEPTH_MAX: usize = 64;

/// The files to read, in the order in which they were named; those of a folder in the order of their paths, with all
/// folders in it. `except` is the store that is written: it may lie in the same folder.
///
/// # Errors
/// A name is mistyped, a folder cannot be read or holds no files.
pub fn inputs(named: &[PathBuf], except: &Path) -> Result<Vec<Input>, FileError> {
    let mut inputs = Vec::new();
    for path in named {
        let input = Input::typed(path.clone());
        match &input {
            Input::File(path) if path.is_dir() => {
                let failed = |source| FileError { input: input.clone(), source };
                let mut files = BTreeSet::new();
                walk(path, except, 0, &mut files).map_err(failed)?;
                if files.is_empty() {
                    return Err(failed(io::Error::other("the folder holds no files")));
                }
                inputs.extend(files.into_iter().map(Input::File));
            }
            _ => inputs.push(input),
        }
    }
    // Nothing is begun when a name is mistyped.
    for input in &inputs {
        super::check(input)?;
    }
    Ok(inputs)
}

/// Links to folders are not followed, so that there is no circle; hidden files are none that somebody exported.
fn walk(folder: &Path, except: &Path, depth: usize, files: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    if depth > DEPTH_MAX {
        return Err(io::Error::other(format!("its folders lie more than {DEPTH_MAX} deep")));
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_name().as_encoded_bytes().starts_with(b".") || is_of_store(&path, except) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            walk(&path, except, depth + 1, files)?;
        } else if path.is_file() {
            files.insert(path);
        }
        if files.len() > FILES_MAX {
            return Err(io::Error::other(format!("it holds more than {FILES_MAX} files")));
        }
    }
    Ok(())
}

/// The store, or a file that stands beside it and bears its name with more (its journal, its lock).
fn is_of_store(path: &Path, store: &Path) -> bool {
    let folder = |path: &Path| {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        parent.canonicalize().ok()
    };
    let names = path.file_name().zip(store.file_name());
    let is_named_so = names.is_some_and(|(name, store)| name.as_encoded_bytes().starts_with(store.as_encoded_bytes()));
    is_named_so && folder(path) == folder(store)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_all_files_in_it_in_the_order_of_their_paths_but_for_hidden_ones_and_the_store() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("b/deep")).unwrap();
        fs::create_dir_all(at(".git")).unwrap();
        for name in ["c.json", "b/2.csv", "b/deep/1.csv", "a.csv", ".DS_Store", ".git/x", "s.db", "s.db-wal", "b/s.db"]
        {
            fs::write(at(name), "x").unwrap();
        }
        let named = [at("c.json"), folder.path().to_owned()];
        let found = inputs(&named, &at("s.db")).unwrap();
        let expected = ["c.json", "a.csv", "b/2.csv", "b/deep/1.csv", "b/s.db", "c.json"];
        assert_eq!(found, expected.map(|name| Input::File(at(name))));
    }

    #[test]
    #[cfg(unix)]
    fn a_link_back_into_the_folder_is_no_circle() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), "x").unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("again")).unwrap();
        let found = inputs(&[folder.path().to_owned()], Path::new("s.db")).unwrap();
        assert_eq!(found, [Input::File(folder.path().join("a"))]);
    }

    #[test]
    fn a_folder_without_files_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let error = inputs(&[folder.path().to_owned()], Path::new("s.db")).unwrap_err();
        assert!(error.to_string().contains("the folder holds no files"), "{error}");
    }
}
