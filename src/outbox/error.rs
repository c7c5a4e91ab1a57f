//! Why an outbox cannot do what it was asked for.

use std::io;
use std::path::Path;

use rusqlite::ErrorCode;

/// JavaScript: `RefportError` with this code, or `RefportAbortError` for `ABORTED`.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct OutboxError {
    /// `OUTBOX_FULL`, `OUTBOX_FAILED`, `CLOSED` or `ABORTED`.
    pub code: &'static str,
    /// What happened and what to do.
    pub message: String,
    /// What lies beneath: a message and a code of SQLite's or the system's.
    pub cause: Option<(String, String)>,
}

impl OutboxError {
    /// There is no room.
    pub fn full(max_entries: u64) -> Self {
        let message = format!(
            "The outbox holds {max_entries} entries, as many as maxEntries allows: see what waits or is parked with `npx refport outbox status`"
        );
        Self { code: "OUTBOX_FULL", message, cause: None }
    }

    /// It was closed.
    pub fn closed() -> Self {
        Self { code: "CLOSED", message: "The outbox is closed".to_owned(), cause: None }
    }

    /// The caller has given up.
    pub fn cancelled() -> Self {
        Self { code: "ABORTED", message: "The wait was aborted".to_owned(), cause: None }
    }

    /// The file is not what it should be.
    pub fn unfit(path: &Path, problem: &str) -> Self {
        let message = format!("The outbox at {} cannot be used: {problem}", path.display());
        Self { code: "OUTBOX_FAILED", message, cause: Some((problem.to_owned(), "REFPORT_OUTBOX_FILE".to_owned())) }
    }

    /// SQLite reports an error.
    pub fn sqlite(path: &Path, error: &rusqlite::Error) -> Self {
        let code = error.sqlite_error_code().map_or("SQLITE_ERROR", code_name);
        let advice = match code {
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
        let message = format!("The outbox at {} cannot be used{advice} ({error})", path.display());
        Self { code: "OUTBOX_FAILED", message, cause: Some((error.to_string(), code.to_owned())) }
    }

    /// Whether a transaction that failed like this can be tried again on the same connection. It must be: what it wrote into the
    /// log before it failed is overwritten by the next, whereas opening the file anew would take it for committed.
    pub fn leaves_file_usable(&self) -> bool {
        let code = self.cause.as_ref().map(|(_, code)| code.as_str());
        matches!(code, Some("SQLITE_IOERR" | "SQLITE_FULL" | "SQLITE_BUSY" | "SQLITE_NOMEM"))
    }

    /// The system reports an error.
    pub fn io(path: &Path, error: &io::Error) -> Self {
        let code = match error.kind() {
            io::ErrorKind::NotFound => "ENOENT",
            io::ErrorKind::PermissionDenied => "EACCES",
            io::ErrorKind::ReadOnlyFilesystem => "EROFS",
            io::ErrorKind::StorageFull => "ENOSPC",
            io::ErrorKind::NotADirectory => "ENOTDIR",
            io::ErrorKind::IsADirectory => "EISDIR",
            io::ErrorKind::AlreadyExists => "EEXIST",
            _ => "EIO",
        };
        let message = format!("The outbox at {} cannot be used ({error})", path.display());
        Self { code: "OUTBOX_FAILED", message, cause: Some((error.to_string(), code.to_owned())) }
    }
}

fn code_name(code: ErrorCode) -> &'static str {
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
