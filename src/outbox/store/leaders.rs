//! Table `leader`: the identities that use the file, and for each the epoch, the pause and the requests to end that pause.

use std::time::SystemTime;

use rusqlite::Connection;

use crate::outbox::entry::{Identity, to_millis};
use crate::outbox::store::scope::Scope;

/// Writes to the table, within a transaction.
pub(crate) struct Leaders<'c>(pub(super) &'c Connection);

impl Leaders<'_> {
    /// Lists an identity, if it is not listed.
    pub(crate) fn register(&self, Identity(identity): Identity) -> rusqlite::Result<()> {
        self.0.prepare_cached("INSERT OR IGNORE INTO leader (identity, epoch) VALUES (?1, 0)")?.execute([identity])?;
        Ok(())
    }

    /// Begins the epoch of a new leader, which does not pause. Returns its number.
    pub(super) fn begin_epoch(&self, Identity(identity): Identity) -> rusqlite::Result<i64> {
        self.0
            .prepare_cached(
                "UPDATE leader SET epoch = epoch + 1, paused_until = NULL WHERE identity = ?1 RETURNING epoch",
            )?
            .query_row([identity], |row| row.get(0))
    }

    /// Notes until when the leader of an identity pauses.
    pub(crate) fn set_paused_until(
        &self,
        Identity(identity): Identity,
        until: Option<SystemTime>,
    ) -> rusqlite::Result<()> {
        self.0
            .prepare_cached("UPDATE leader SET paused_until = ?2 WHERE identity = ?1")?
            .execute((identity, until.map(to_millis)))?;
        Ok(())
    }

    /// Asks leaders to end their pauses. Returns whether one pauses.
    pub(crate) fn request_resume(&self, scope: Scope) -> rusqlite::Result<bool> {
        let mut update = self.0.prepare_cached(
            "UPDATE leader SET resumes = resumes + 1, paused_until = NULL WHERE paused_until IS NOT NULL
             AND (?1 IS NULL OR identity = ?1)",
        )?;
        Ok(update.execute([scope.parameter()])? > 0)
    }
}
