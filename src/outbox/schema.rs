//! What is in the file, and whether a file is one of ours.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::outbox::error::OutboxError;

/// "RfPO", which `file` and SQLite's own tools show.
const APPLICATION_ID: i32 = 0x5266_504f;
/// Of the tables below; a file with a higher one is left alone.
const VERSION: i32 = 1;

/// `entry`: what waits. Numbers are never used again, so that what is new has a higher one.
/// `finished`: digests of ids that were delivered or discarded, so that they are recognised.
/// `identity`: a digest of the key and the API that the entries are for.
const TABLES: &str = "
    CREATE TABLE entry (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        is_named INTEGER NOT NULL,
        call INTEGER NOT NULL,
        customer INTEGER NOT NULL,
        is_idempotent INTEGER NOT NULL,
        params TEXT NOT NULL,
        state INTEGER NOT NULL,
        reason INTEGER,
        error TEXT,
        attempts INTEGER NOT NULL,
        recorded_at INTEGER NOT NULL,
        waits_since INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX entry_state ON entry (state, seq, customer, is_idempotent, waits_since);
    CREATE TABLE finished (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id BLOB NOT NULL UNIQUE,
        at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE identity (digest BLOB NOT NULL) STRICT;
";

/// Checks that the file is an outbox, or makes it one if there is nothing in it, and sets the connection up.
pub fn prepare(connection: &mut Connection, path: &Path, is_created: bool) -> Result<(), OutboxError> {
    let failed = |error| OutboxError::sqlite(path, &error);
    // Before anything that could change a file that is not ours.
    let is_empty = check(connection, path)?;
    if is_empty && !is_created {
        return Err(OutboxError::unfit(path, "there is nothing in it"));
    }
    if is_empty {
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL").map_err(failed)?;
    }
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0)).map_err(failed)?;
    if !mode.eq_ignore_ascii_case("wal") {
        return Err(OutboxError::unfit(path, "its file system cannot do what SQLite's write-ahead log needs"));
    }
    for (pragma, value) in [
        ("synchronous", "FULL"),
        // macOS: down to the disk itself.
        ("fullfsync", "ON"),
        ("checkpoint_fullfsync", "ON"),
        ("secure_delete", "ON"),
        ("temp_store", "MEMORY"),
        ("trusted_schema", "OFF"),
        ("cell_size_check", "ON"),
    ] {
        connection.pragma_update(None, pragma, value).map_err(failed)?;
    }
    if !is_empty {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    // Another process may have been faster.
    if check(&transaction, path)? {
        transaction.execute_batch(TABLES).map_err(failed)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(failed)?;
        transaction.pragma_update(None, "user_version", VERSION).map_err(failed)?;
    }
    transaction.commit().map_err(failed)
}

/// Whether there is nothing in the file; an error if it holds something else than an outbox that we know.
fn check(connection: &Connection, path: &Path) -> Result<bool, OutboxError> {
    let number = |pragma: &str| {
        let read = connection.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0));
        read.map_err(|error| OutboxError::sqlite(path, &error))
    };
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))
        .map_err(|error| OutboxError::sqlite(path, &error))?;
    match (number("application_id")?, number("user_version")?) {
        (APPLICATION_ID, VERSION) => Ok(false),
        (APPLICATION_ID, version) => Err(OutboxError::unfit(
            path,
            &format!(
                "it is of version {version}, and this version of the package knows {VERSION}. Nothing was changed; update \
                 the package"
            ),
        )),
        (0, 0) if tables == 0 => Ok(true),
        _ => {
            Err(OutboxError::unfit(path, "it is another program's database. Nothing was changed; choose another path"))
        }
    }
}
