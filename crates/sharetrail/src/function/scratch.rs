//! The folder in which this process keeps its copies of states: in the system's temporary folder, for its owner only, gone
//! with the process. What a process left that was killed is removed by the next one.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::private_file;

const PREFIX: &str = "sharetrail-function-";
/// In each folder; locked as long as its process lives.
const LOCK: &str = "in-use";

/// The folder; it goes when dropped.
#[derive(Debug)]
pub struct Scratch {
    folder: tempfile::TempDir,
    _lock: File,
}

impl Scratch {
    /// Makes one in `parent`, after removing those of the dead.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn new(parent: &Path) -> io::Result<Self> {
        remove_those_of_the_dead(parent);
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let folder = builder.tempdir_in(parent)?;
        let lock = private_file::options().create(true).append(true).open(folder.path().join(LOCK))?;
        lock.try_lock().map_err(io::Error::other)?;
        Ok(Self { folder, _lock: lock })
    }

    /// Where a tenant's copy is.
    pub fn copy_of(&self, tenant: &str) -> PathBuf {
        self.folder.path().join(format!("{tenant}.db"))
    }
}

/// One that cannot be removed is nothing that we need.
fn remove_those_of_the_dead(parent: &Path) {
    let Ok(entries) = std::fs::read_dir(parent) else { return };
    for entry in entries.filter_map(Result::ok) {
        let is_one = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        if is_one
            && is_dead(&entry.path())
            && let Err(error) = std::fs::remove_dir_all(entry.path())
        {
            tracing::debug!("{} stays: {error}", entry.path().display());
        }
    }
}

/// A folder without a lock file is being made just now.
fn is_dead(folder: &Path) -> bool {
    match File::options().append(true).open(folder.join(LOCK)) {
        Ok(lock) => !matches!(lock.try_lock(), Err(TryLockError::WouldBlock)),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_dead_left_goes_and_what_the_living_use_stays() {
        let parent = tempfile::tempdir().unwrap();
        let dead = parent.path().join(format!("{PREFIX}dead"));
        std::fs::create_dir(&dead).unwrap();
        std::fs::write(dead.join(LOCK), "").unwrap();
        std::fs::write(dead.join("contoso.db"), "remains").unwrap();
        let elsewhere = parent.path().join("somebody-elses");
        std::fs::create_dir(&elsewhere).unwrap();
        let living = Scratch::new(parent.path()).unwrap();
        std::fs::write(living.copy_of("contoso"), "state").unwrap();
        let other = Scratch::new(parent.path()).unwrap();
        assert!(!dead.exists() && elsewhere.exists());
        assert!(living.copy_of("contoso").exists() && living.copy_of("contoso") != other.copy_of("contoso"));
        let gone = living.copy_of("contoso");
        drop(living);
        assert!(!gone.exists());
    }
}
