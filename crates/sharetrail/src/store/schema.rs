//! The store's tables, and how an older file becomes a current one.
//!
//! Strings live once in `text`; activities refer to them by number, which is what makes a row about a tenth of its
//! text form. A person and an item are the `text` numbers of their canonical names. Schema changes are forward
//! only: each entry of [`STEPS`] is applied once, in order, in one transaction, after a copy of the file was made.

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode};

use super::{StoreError, file};

/// What `PRAGMA user_version` says of a current file.
pub(super) const VERSION: i64 = STEPS.len() as i64;

/// `PRAGMA application_id`: "strl".
const APPLICATION_ID: i64 = 0x7374_726c;

/// One script a version.
const STEPS: &[&str] = &[include_str!("schema/1.sql")];

/// Prepares a connection for writing: journal, cache, and a schema of this program's version.
pub(super) fn prepare(db: &Connection, path: &std::path::Path) -> Result<(), StoreError> {
    // First of all: the journal mode would already change a file that is not ours.
    let version = check(db, path)?;
    // A page larger than the default suits the large `block` rows; it takes effect on a new file only.
    db.execute_batch(
        "PRAGMA page_size = 8192;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = NORMAL;
         PRAGMA foreign_keys = OFF;
         PRAGMA temp_store = FILE;
         PRAGMA cache_size = -32768;
         PRAGMA journal_size_limit = 67108864;",
    )?;
    one_plan_a_statement(db)?;
    if version == VERSION {
        return Ok(());
    }
    if version > 0 {
        file::copy_before_upgrade(db, path, version)?;
    }
    let missing = &STEPS[usize::try_from(version).unwrap_or(0)..];
    db.execute_batch(&format!(
        "BEGIN IMMEDIATE; {} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}; COMMIT;",
        missing.concat()
    ))?;
    Ok(())
}

/// One plan a statement, whatever is bound: else SQLite, seeing partial indexes, prepares look-ups by number again for
/// each number.
pub(super) fn one_plan_a_statement(db: &Connection) -> Result<(), StoreError> {
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// The file's schema version; an error in words if this program cannot use it.
pub(super) fn check(db: &Connection, path: &std::path::Path) -> Result<i64, StoreError> {
    let version = match db.query_row("PRAGMA user_version", [], |row| row.get(0)) {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            return Err(StoreError::Foreign { path: path.to_owned() });
        }
        version => version?,
    };
    let application: i64 = db.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != APPLICATION_ID && tables > 0 {
        return Err(StoreError::Foreign { path: path.to_owned() });
    }
    if version > VERSION {
        return Err(StoreError::Newer { path: path.to_owned(), found: version, known: VERSION });
    }
    Ok(version)
}
