//! Why an outbox cannot do what it was asked for.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::ErrorCode;

/// JavaScript: `RefportError` with [`Self::code`], or `RefportAbortError` for `ABORTED`.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum OutboxError {
    /// As many entries wait as may.
    #[error(
        "The outbox holds {0} entries, as many as maxEntries allows: see what waits with `npx refport outbox status`"
    )]
    Full(u64),
    /// It was closed.
    #[error("The outbox is closed")]
    Closed,
    /// The caller gave up waiting.
    #[error("The wait was aborted")]
    Cancelled,
    /// A bug in this SDK.
    #[error("{0}")]
    Internal(String),
    /// The file cannot be used.
    #[error("The outbox at {} cannot be used{}", .path.display(), .problem.describe())]
    Store {
        /// Of the file.
        path: PathBuf,
        /// Why.
        problem: Arc<StoreProblem>,
    },
}

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreProblem {
    /// It is not what it should be.
    #[error("{0}")]
    Unfit(String),
    /// SQLite reports an error.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// The operating system reports an error.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl StoreProblem {
    /// Puts the path of the file to it.
    pub(crate) fn at(self, path: &Path) -> OutboxError {
        OutboxError::Store { path: path.to_owned(), problem: Arc::new(self) }
    }

    /// SQLite's or the system's code.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Unfit(_) => "REFPORT_OUTBOX_FILE",
            Self::Sqlite(error) => error.sqlite_error_code().map_or("SQLITE_ERROR", sqlite_code),
            Self::Io(error) => io_code(error.kind()),
        }
    }

    fn describe(&self) -> String {
        let advice = match self.code() {
            "SQLITE_FULL" => ": the disk is full",
            "SQLITE_NOTADB" => ": it is no database. Nothing was changed; choose another path",
            "SQLITE_CORRUPT" => {
                ": it is damaged. Nothing was changed; move it away, and read it with `npx refport outbox export` \
                 or sqlite3's .recover"
            }
            "SQLITE_READONLY" | "SQLITE_CANTOPEN" | "SQLITE_PERM" => {
                ": this process may not write to it or to its directory"
            }
            "SQLITE_BUSY" => ": another process is holding it",
            _ => "",
        };
        match self {
            Self::Unfit(problem) => format!(": {problem}"),
            Self::Sqlite(error) => format!("{advice} ({error})"),
            Self::Io(error) => format!(" ({error})"),
        }
    }
}

impl OutboxError {
    /// `OUTBOX_FULL`, `OUTBOX_FAILED`, `CLOSED`, `ABORTED` or `INTERNAL_ERROR`.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Full(_) => "OUTBOX_FULL",
            Self::Closed => "CLOSED",
            Self::Cancelled => "ABORTED",
            Self::Internal(_) => "INTERNAL_ERROR",
            Self::Store { .. } => "OUTBOX_FAILED",
        }
    }

    /// The message and the code of what SQLite or the system reported.
    pub(crate) fn cause(&self) -> Option<(String, &'static str)> {
        match self {
            Self::Store { problem, .. } => Some((problem.to_string(), problem.code())),
            _ => None,
        }
    }

    /// Whether the connection can be used again after this failure. Where it can it must be: the next transaction overwrites
    /// what the failed one left in the log, whereas a new connection would take that for committed.
    pub(crate) fn keeps_connection(&self) -> bool {
        let code = self.cause().map(|(_, code)| code);
        matches!(code, Some("SQLITE_IOERR" | "SQLITE_FULL" | "SQLITE_BUSY" | "SQLITE_NOMEM" | "REFPORT_OUTBOX_FILE"))
    }
}

fn io_code(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::NotFound => "ENOENT",
        io::ErrorKind::PermissionDenied => "EACCES",
        io::ErrorKind::ReadOnlyFilesystem => "EROFS",
        io::ErrorKind::StorageFull => "ENOSPC",
        io::ErrorKind::NotADirectory => "ENOTDIR",
        io::ErrorKind::IsADirectory => "EISDIR",
        io::ErrorKind::AlreadyExists => "EEXIST",
        _ => "EIO",
    }
}

fn sqlite_code(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::PermissionDenied => "SQLITE_PERM",
        ErrorCode::DatabaseBusy => "SQLITE_BUSY",
        ErrorCode::OutOfMemory => "SQLITE_NOMEM",
        ErrorCode::ReadOnly => "SQLITE_READONLY",
        ErrorCode::SystemIoFailure => "SQLITE_IOERR",
        ErrorCode::DatabaseCorrupt => "SQLITE_CORRUPT",
        ErrorCode::DiskFull => "SQLITE_FULL",
        ErrorCode::CannotOpen => "SQLITE_CANTOPEN",
        ErrorCode::FileLockingProtocolFailed => "SQLITE_PROTOCOL",
        ErrorCode::TooBig => "SQLITE_TOOBIG",
        ErrorCode::NotADatabase => "SQLITE_NOTADB",
        _ => "SQLITE_ERROR",
    }
}
