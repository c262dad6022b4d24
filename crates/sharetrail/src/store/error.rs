//! What can go wrong with a store, in words with the remedy.

use std::path::PathBuf;

/// A store that cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No file there.
    #[error("there is no store at {path}; `collect` or `import` makes one, `--state` names another")]
    Missing {
        /// Where.
        path: PathBuf,
    },
    /// No folder to make it in.
    #[error("there is no folder {folder} for the store; make it first, or name another place with --state")]
    NoFolder {
        /// Which one.
        folder: PathBuf,
    },
    /// Written by a newer release.
    #[error(
        "{path} was written by a newer sharetrail (schema {found}, this program knows {known}); install that release or name another store with --state"
    )]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// Our schema.
        known: i64,
    },
    /// Written by an older release.
    #[error("{path} has an older schema; run `import` or `collect` once with this release to bring it up to date")]
    Older {
        /// Which file.
        path: PathBuf,
    },
    /// Some other program's file.
    #[error("{path} is not a sharetrail store; name another file with --state")]
    Foreign {
        /// Which file.
        path: PathBuf,
    },
    /// Another process writes.
    #[error(
        "another sharetrail has been writing to {path} for more than {waited_seconds} s; wait for it or stop it, then try again"
    )]
    Busy {
        /// Which file.
        path: PathBuf,
        /// How long we waited.
        waited_seconds: u64,
    },
    /// On a file system of another machine.
    #[error(
        "{path} lies on a network file system ({kind}), where the locks and the shared memory that a store needs do not \
         hold, so it could be damaged; name a store on a local disk with --state, and copy it elsewhere with `backup`"
    )]
    Network {
        /// Which file.
        path: PathBuf,
        /// The type of the file system.
        kind: String,
    },
    /// A copy that is not whole.
    #[error("{path} is damaged: {what}; take an older backup")]
    NotWhole {
        /// Which file.
        path: PathBuf,
        /// What SQLite found first.
        what: String,
    },
    /// A file is there already.
    #[error("{path} exists already; name another file, or replace it with --force")]
    Exists {
        /// Which file.
        path: PathBuf,
    },
    /// A copy and its store are one file.
    #[error("{path} is the store itself; name another file for the copy")]
    Itself {
        /// Which file.
        path: PathBuf,
    },
    /// Another process writes, and must not be waited for.
    #[error("another sharetrail is writing to {path}; stop it first, then try again")]
    InUse {
        /// Which file.
        path: PathBuf,
    },
    /// The file has reached its limit.
    #[error(
        "the store has reached store.store_bytes_max ({bytes} of {bytes_max} bytes), so collection pauses and nothing is lost; raise the limit or move the store to a larger disk"
    )]
    Full {
        /// Its size.
        bytes: u64,
        /// The limit.
        bytes_max: u64,
    },
    /// A tenant's store holds another tenant.
    #[error(
        "{path} belongs to tenant `{found}`, not `{wanted}`; name another store with --state (a store that `import` made without a configuration is of tenant `default`)"
    )]
    OtherTenant {
        /// Which file.
        path: PathBuf,
        /// Whose it is.
        found: String,
        /// Whose it should be.
        wanted: String,
    },
    /// The store's thread ended early.
    #[error("the store's thread has stopped; its error is above")]
    Stopped,
    /// The disk said no.
    #[error("cannot use {path}: {cause}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A stored record cannot be unpacked.
    #[error("a stored record is damaged ({0}); restore the store from a copy, or collect into a new one")]
    Damaged(&'static str),
    /// No room for what was to be written.
    #[error(
        "the disk is full, so the store cannot be written; make room or move the store to a larger disk, then run the \
         same again: it goes on from what is stored"
    )]
    DiskFull,
    /// SQLite said no.
    #[error("the store cannot be read or written: {0}")]
    Sqlite(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::DiskFull,
            _ => Self::Sqlite(error),
        }
    }
}
