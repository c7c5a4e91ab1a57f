//! The file: transactions that are on the disk when they are committed.

pub(crate) mod files;
mod finished;
pub(crate) mod housekeeping;
mod leaders;
pub(crate) mod locks;
mod reader;
mod schema;
mod scope;
pub(crate) mod writer;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::outbox::error::{OutboxError, StoreProblem};
use crate::outbox::store::files::FileId;
use crate::outbox::store::locks::LockOwner;
pub(crate) use crate::outbox::store::reader::Reader;
pub(crate) use crate::outbox::store::scope::Scope;
pub(crate) use crate::outbox::store::writer::Writer;

/// How long a write waits for another process that is writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// More than there are different statements.
const CACHED_STATEMENTS: usize = 64;

/// An open file.
pub(crate) struct Store {
    connection: Connection,
    path: PathBuf,
    id: FileId,
    /// Released after the connection has let go of its locks.
    _lock_owner: LockOwner,
}

impl Store {
    /// Opens the file, and creates it if it may.
    pub(crate) fn open(path: &Path, create: bool) -> Result<Self, OutboxError> {
        let mut path = files::resolve(path, create).map_err(|error| StoreProblem::from(error).at(path))?;
        if files::is_mounted_alone(&path) {
            return Err(StoreProblem::Unfit(MOUNTED_ALONE.to_owned()).at(&path));
        }
        if files::hard_links(&path) > 1 {
            path = schema::home_of(&path).map_err(|problem| problem.at(&path))?;
        }
        Self::open_resolved(&path, create).map_err(|problem| problem.at(&path))
    }

    fn open_resolved(path: &Path, create: bool) -> Result<Self, StoreProblem> {
        files::prepare(path, create)?;
        let lock_owner = LockOwner::new(path)?;
        let mut connection = connect(path)?;
        connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
        schema::prepare(&mut connection, path, create)?;
        let id = FileId::of(path).ok_or_else(|| StoreProblem::Unfit(MOVED.to_owned()))?;
        Ok(Self { connection, path: path.to_owned(), id, _lock_owner: lock_owner })
    }

    /// The path of the file itself, without links.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The identity of the file, which a move keeps.
    pub(crate) fn id(&self) -> FileId {
        self.id
    }

    /// Runs `write` in a transaction; when this returns, its changes are on the disk, or undone.
    pub(crate) fn write<T>(
        &mut self,
        write: impl FnOnce(&Writer<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, OutboxError> {
        self.check_place()?;
        let transact = || {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let writer = Writer::new(transaction);
            let result = write(&writer)?;
            writer.commit()?;
            Ok(result)
        };
        transact().map_err(|error: rusqlite::Error| StoreProblem::from(error).at(&self.path))
    }

    /// Runs a read.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Reader<'_>) -> rusqlite::Result<T>) -> Result<T, OutboxError> {
        read(&Reader(&self.connection)).map_err(|error| StoreProblem::from(error).at(&self.path))
    }

    /// Checks that the open file is the one at its path: entries written to a moved file would never be found.
    fn check_place(&self) -> Result<(), OutboxError> {
        if FileId::of(&self.path) == Some(self.id) {
            return Ok(());
        }
        Err(StoreProblem::Unfit(MOVED.to_owned()).at(&self.path))
    }
}

/// Its log would not be where the others look for it, and not outlive a container.
const MOUNTED_ALONE: &str =
    "the file is mounted by itself, without the files that belong beside it: mount the folder that it is in";

/// Another file is at the path, or none.
pub(crate) const MOVED: &str = "the file was moved, removed or replaced while it was open. Nothing was written; move it back with its -wal, \
                     or restart the process to begin with the file that is there";

/// Writes a consistent copy of the file at `path` to `copy`, on a connection of its own.
pub(crate) fn backup(path: &Path, copy: &Path) -> Result<(), OutboxError> {
    let write = || {
        let file = files::create_private(copy)?;
        let copied = copy_into(path, copy).and_then(|()| {
            file.sync_all()?;
            Ok(files::sync_folder(copy.parent().unwrap_or(Path::new(".")))?)
        });
        if copied.is_err() {
            // Half a copy is worse than none.
            let _ = fs::remove_file(copy);
        }
        copied
    };
    write().map_err(|problem: StoreProblem| problem.at(copy))
}

fn copy_into(path: &Path, copy: &Path) -> Result<(), StoreProblem> {
    let Some(name) = copy.to_str() else {
        return Err(StoreProblem::Unfit("the path of a backup must be valid Unicode".to_owned()));
    };
    let _lock_owner = LockOwner::new(path)?;
    connect(path)?.execute("VACUUM INTO ?1", [name])?;
    Ok(())
}

/// A connection to a file that exists.
fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}
