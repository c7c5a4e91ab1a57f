//! The file: transactions that are on the disk when they are committed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::outbox::error::OutboxError;
use crate::outbox::reader::Reader;
use crate::outbox::writer::Writer;
use crate::outbox::{files, schema};

/// How long another process may hold the file before a write fails.
const BUSY: Duration = Duration::from_secs(10);
/// Pages given back to the file system in one go.
const VACUUM_PAGES: i64 = 2_000;

type Result<T> = std::result::Result<T, rusqlite::Error>;

/// An open file.
pub struct Store {
    connection: Connection,
    path: PathBuf,
}

impl Store {
    /// Opens the file, and creates it if it may.
    pub fn open(path: &Path, is_created: bool) -> std::result::Result<Self, OutboxError> {
        files::prepare(path, is_created).map_err(|error| OutboxError::io(path, &error))?;
        let failed = |error| OutboxError::sqlite(path, &error);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags).map_err(failed)?;
        connection.busy_timeout(BUSY).map_err(failed)?;
        schema::prepare(&mut connection, path, is_created)?;
        Ok(Self { connection, path: path.to_owned() })
    }

    /// Runs `write` in a transaction; when this returns, what it did is on the disk, or undone.
    pub fn write<T>(&mut self, write: impl FnOnce(&Writer<'_>) -> Result<T>) -> std::result::Result<T, OutboxError> {
        let path = &self.path;
        let failed = |error| OutboxError::sqlite(path, &error);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let writer = Writer(transaction);
        let result = write(&writer).map_err(failed)?;
        writer.0.commit().map_err(failed)?;
        Ok(result)
    }

    /// Runs a read.
    pub fn read<T>(&self, read: impl FnOnce(&Reader<'_>) -> Result<T>) -> std::result::Result<T, OutboxError> {
        read(&Reader(&self.connection)).map_err(|error| OutboxError::sqlite(&self.path, &error))
    }

    /// Gives free space back to the file system and empties the log, in which deleted entries may still be read. Returns
    /// whether there is nothing left to do.
    pub fn tidy(&self) -> std::result::Result<bool, OutboxError> {
        let tidied = || -> Result<bool> {
            let free: i64 = self.connection.pragma_query_value(None, "freelist_count", |row| row.get(0))?;
            if free > 0 {
                let mut vacuum = self.connection.prepare(&format!("PRAGMA incremental_vacuum({VACUUM_PAGES})"))?;
                let mut rows = vacuum.query(())?;
                while rows.next()?.is_some() {}
            }
            let is_busy: i64 = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| row.get(0))?;
            Ok(free <= VACUUM_PAGES && is_busy == 0)
        };
        tidied().map_err(|error| OutboxError::sqlite(&self.path, &error))
    }
}
