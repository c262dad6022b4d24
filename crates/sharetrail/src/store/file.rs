//! The store as a file: created for its owner only, one writer at a time, copied before an upgrade.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

use super::StoreError;
use crate::private_file;

/// How often a waiting writer looks again.
const LOCK_POLL: Duration = Duration::from_millis(200);

/// Holds the right to write; given back when dropped or when the process dies.
#[derive(Debug)]
pub(super) struct WriteLock {
    _file: File,
}

/// Creates the file for its owner only, if it does not exist.
pub(super) fn create(path: &Path) -> Result<(), StoreError> {
    private_file::options().create(true).append(true).open(path).map(drop).map_err(|cause| failed(path, cause))
}

/// Becomes the one writer of `path`, waiting for another one at most `wait_seconds_max`.
pub(super) fn lock(path: &Path, wait_seconds_max: u64) -> Result<WriteLock, StoreError> {
    // A file of its own: SQLite's locks come and go with transactions, and this one must outlast them.
    let lock_path = beside(path, "lock");
    let file = private_file::options()
        .create(true)
        .append(true)
        .open(&lock_path)
        .map_err(|cause| failed(&lock_path, cause))?;
    let polls_max = wait_seconds_max * 1000 / LOCK_POLL.as_millis() as u64;
    for poll in 0..=polls_max {
        match file.try_lock() {
            Ok(()) => return Ok(WriteLock { _file: file }),
            Err(TryLockError::WouldBlock) if poll < polls_max => pause(),
            Err(TryLockError::WouldBlock) => break,
            Err(TryLockError::Error(cause)) => return Err(failed(&lock_path, cause)),
        }
    }
    Err(StoreError::Busy { path: path.to_owned(), waited_seconds: wait_seconds_max })
}

/// Copies the store as it is, before its schema changes.
pub(super) fn copy_before_upgrade(db: &Connection, path: &Path, version: i64) -> Result<(), StoreError> {
    let copy = beside(path, &format!("schema-{version}"));
    match std::fs::remove_file(&copy) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => return Err(failed(&copy, cause)),
        _ => {}
    }
    create(&copy)?;
    db.execute("VACUUM INTO ?1", [copy.to_string_lossy()])?;
    Ok(())
}

pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

pub(super) fn failed(path: &Path, cause: std::io::Error) -> StoreError {
    match path.parent() {
        Some(folder) if cause.kind() == std::io::ErrorKind::NotFound => {
            StoreError::NoFolder { folder: folder.to_owned() }
        }
        _ => StoreError::File { path: path.to_owned(), cause },
    }
}

#[allow(clippy::disallowed_methods, reason = "no system tells us when another process gives a file lock back")]
fn pause() {
    std::thread::sleep(LOCK_POLL);
}
