//! What keeps the store from doing its work.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Why the store could not do what was asked.
///
/// It holds words only and is cheap to clone, because one failed commit is told
/// to everybody whose operation was part of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another daemon holds the store.
    #[error(
        "another wirewatch uses the store in {}; stop it first, or give this one a `daemon.state_dir` of its own",
        dir.display()
    )]
    Locked {
        /// Where the store is.
        dir: PathBuf,
    },
    /// There is no store yet.
    #[error("there is no store in {}; start the daemon once, or check `daemon.state_dir`", dir.display())]
    Missing {
        /// Where it was looked for.
        dir: PathBuf,
    },
    /// A newer wirewatch wrote the store.
    #[error(
        "a newer wirewatch wrote the store (schema {found}, this one knows {known}); run that version or a later one"
    )]
    Newer {
        /// The version of its schema.
        found: i64,
        /// The newest version that is known here.
        known: i64,
    },
    /// An older wirewatch wrote the store, and only the daemon may bring it up to date.
    #[error(
        "an older wirewatch wrote the store (schema {found}, this one needs {known}); start the daemon of this version once"
    )]
    Older {
        /// The version of its schema.
        found: i64,
        /// The version that is needed.
        known: i64,
    },
    /// The file belongs to another program.
    #[error("{} is the database of another program; move it away, or change `daemon.state_dir`", file.display())]
    Foreign {
        /// The file.
        file: PathBuf,
    },
    /// A file or folder of the store cannot be used.
    #[error("cannot use {}: {cause}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        cause: String,
    },
    /// A file or folder of the store is another user's.
    #[error("cannot use {}: permission denied; run this as the user of the daemon", path.display())]
    Denied {
        /// The file or folder.
        path: PathBuf,
    },
    /// The linked SQLite has a bug that can corrupt the store.
    #[error("SQLite {found} can corrupt the store; wirewatch needs {needed} or later")]
    OldSqlite {
        /// The version that is linked.
        found: String,
        /// The least version that is sound.
        needed: &'static str,
    },
    /// The database file is damaged.
    #[error(
        "the database of the store is damaged ({0}); restore a backup, or move the file away to start afresh"
    )]
    Damaged(String),
    /// The disk is full or fails: nothing of this was stored, and it can be tried again.
    #[error(
        "the disk of the store is full or fails ({0}); nothing was lost, free space or mend it"
    )]
    Disk(String),
    /// Another process kept the store busy for too long: it can be tried again.
    #[error("another process keeps the store busy; try again")]
    Busy,
    /// A stored value is not one that wirewatch writes.
    #[error(
        "the store holds a {what} that cannot be read (`{value}`); restore a backup, or move the database away to start afresh"
    )]
    Unreadable {
        /// What it should be.
        what: &'static str,
        /// What it is.
        value: String,
    },
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// Anything else that SQLite reports.
    #[error("the store failed: {0}")]
    Sqlite(String),
}

impl StoreError {
    pub(super) fn file(path: &Path, cause: &std::io::Error) -> Self {
        let path = path.to_owned();
        match cause.kind() {
            ErrorKind::PermissionDenied => Self::Denied { path },
            _ => Self::File {
                path,
                cause: cause.to_string(),
            },
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::{Error, ErrorCode};
        if let Error::FromSqlConversionFailure(..)
        | Error::IntegralValueOutOfRange(..)
        | Error::InvalidColumnType(..)
        | Error::Utf8Error(..) = error
        {
            return Self::Unreadable {
                what: "value",
                value: error.to_string(),
            };
        }
        match error.sqlite_error_code() {
            // Where space runs out decides which of these it is: a write says
            // "full", the shared-memory file and fsync say "I/O error".
            Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::ReadOnly) => {
                Self::Disk(error.to_string())
            }
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged(error.to_string())
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            _ => Self::Sqlite(error.to_string()),
        }
    }
}
