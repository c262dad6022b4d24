//! Care of the file as a whole: a copy of it, a copy in its place, room given back, all in one file.
//!
//! Copies are made by SQLite's online backup in one step: in the journal mode of a store it reads one moment's state and
//! keeps no writer waiting (SQLite: "Using the SQLite Online Backup API"). A copy is put in place in the same way, so
//! that who reads the store meanwhile sees the old state or the new one and never files of both.

use std::path::{Path, PathBuf};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::{StoreError, file, mounted, schema};

/// How long a copy waits for a moment in which SQLite lets it begin.
const BUSY_WAIT: std::time::Duration = std::time::Duration::from_secs(10);

/// What compacting did, in bytes of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compacted {
    /// Before.
    pub bytes_before: u64,
    /// After.
    pub bytes_after: u64,
}

/// Copies the store at `path` into the file `copy`, while others may write to the store.
///
/// # Errors
/// `Exists` when there is such a file and `force` is not set; `Itself` when it is the store's own; `InUse` when it is a store
/// that something writes to; what is wrong with the store; the disk.
pub fn backup(path: &Path, copy: &Path, force: bool) -> Result<(), StoreError> {
    let store = open_to_read(path)?;
    refuse_itself(path, copy)?;
    if copy.exists() && !force {
        return Err(StoreError::Exists { path: copy.to_owned() });
    }
    // A copy goes in place as another file: whoever writes to a store there would go on in the one that is gone.
    let _lock = if file::beside(copy, "lock").exists() { Some(lock(copy)?) } else { None };
    // Under another name until it is whole: a copy that broke off must not look like one.
    let part = part_of(copy);
    match std::fs::remove_file(&part) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => return Err(file::failed(&part, cause)),
        _ => {}
    }
    let copied = copy_into(&store, &part).and_then(|()| {
        std::fs::File::open(&part).and_then(|file| file.sync_all()).map_err(|cause| file::failed(&part, cause))?;
        std::fs::rename(&part, copy).map_err(|cause| file::failed(copy, cause))
    });
    if copied.is_err() {
        // The reason for the failure is told; that its remains could not be removed would only hide it.
        let _ = std::fs::remove_file(&part);
    }
    copied
}

/// Puts the copy at `copy` in the place of the store at `path`.
///
/// # Errors
/// `Exists` when the store is there and `force` is not set; `Itself` when the copy is the store's own file; `InUse` while
/// something writes to it; a copy that is not whole, not ours, or of a newer release.
pub fn restore(copy: &Path, path: &Path, force: bool) -> Result<(), StoreError> {
    let source = open_to_read(copy)?;
    refuse_itself(path, copy)?;
    check_whole(&source, copy)?;
    mounted::refuse_network(path)?;
    if holds_anything(path)? && !force {
        return Err(StoreError::Exists { path: path.to_owned() });
    }
    let _lock = lock(path)?;
    file::create(path)?;
    let mut store = Connection::open(path)?;
    store.busy_timeout(BUSY_WAIT)?;
    copy_all(&source, &mut store)?;
    Ok(())
}

/// Writes the store at `path` anew without the room that it no longer needs.
///
/// # Errors
/// `InUse` while something writes to it; what is wrong with the store; `DiskFull`.
pub fn compact(path: &Path) -> Result<Compacted, StoreError> {
    open_to_read(path)?;
    mounted::refuse_network(path)?;
    let _lock = lock(path)?;
    let store = Connection::open(path)?;
    store.busy_timeout(BUSY_WAIT)?;
    let bytes = || std::fs::metadata(path).map(|file| file.len()).map_err(|cause| file::failed(path, cause));
    let settle = || store.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    settle()?;
    let bytes_before = bytes()?;
    store.execute_batch("VACUUM")?;
    settle()?;
    Ok(Compacted { bytes_before, bytes_after: bytes()? })
}

/// Leaves all of the store at `path` in its one file, where it can be copied as a file. There may be none.
///
/// # Errors
/// Something else has the store open; what is wrong with it; the disk.
pub fn settle(path: &Path) -> Result<(), StoreError> {
    if !holds_anything(path)? {
        return Ok(());
    }
    let store = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    let busy: i64 = store.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    match busy {
        0 => Ok(()),
        _ => Err(StoreError::InUse { path: path.to_owned() }),
    }
}

fn open_to_read(path: &Path) -> Result<Connection, StoreError> {
    if !path.exists() {
        return Err(StoreError::Missing { path: path.to_owned() });
    }
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(BUSY_WAIT)?;
    // An empty file is of version 0, and nothing that anybody would want to keep.
    if schema::check(&db, path)? == 0 {
        return Err(StoreError::Foreign { path: path.to_owned() });
    }
    Ok(db)
}

/// By any path that leads there.
fn refuse_itself(path: &Path, copy: &Path) -> Result<(), StoreError> {
    // What is not there yet, or cannot be reached, is no store that is.
    let found = |path: &Path| std::fs::canonicalize(path).ok();
    match found(copy) {
        Some(file) if Some(&file) == found(path).as_ref() => Err(StoreError::Itself { path: copy.to_owned() }),
        _ => Ok(()),
    }
}

fn lock(path: &Path) -> Result<file::WriteLock, StoreError> {
    match file::lock(path, 0) {
        Err(StoreError::Busy { path, .. }) => Err(StoreError::InUse { path }),
        lock => lock,
    }
}

fn copy_into(store: &Connection, part: &Path) -> Result<(), StoreError> {
    file::create(part)?;
    let mut db = Connection::open(part)?;
    copy_all(store, &mut db)?;
    // One file that can be read from anywhere, also where nothing may be written beside it.
    db.execute_batch("PRAGMA journal_mode = DELETE")?;
    Ok(())
}

fn copy_all(from: &Connection, to: &mut Connection) -> Result<(), StoreError> {
    let backup = Backup::new(from, to)?;
    match backup.step(-1)? {
        StepResult::Done => Ok(()),
        // Everything was asked for in one step, so another answer means that someone is in the way.
        _ => Err(StoreError::Sqlite(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY),
            None,
        ))),
    }
}

fn check_whole(db: &Connection, path: &Path) -> Result<(), StoreError> {
    let said = db.query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0));
    let what = match said {
        Ok(said) if said == "ok" => return Ok(()),
        Ok(said) => said,
        Err(error) => error.to_string(),
    };
    Err(StoreError::NotWhole { path: path.to_owned(), what })
}

fn holds_anything(path: &Path) -> Result<bool, StoreError> {
    match std::fs::metadata(path) {
        Ok(file) => Ok(file.len() > 0),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(cause) => Err(file::failed(path, cause)),
    }
}

fn part_of(copy: &Path) -> PathBuf {
    file::beside(copy, "part")
}
