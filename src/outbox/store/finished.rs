//! Table `finished`: the ids of entries that are gone, so that a conversion that is recorded again is recognised.

use std::time::{Duration, SystemTime};

use ring::digest::{SHA256, digest};
use rusqlite::Connection;

use crate::outbox::entry::{Identity, to_millis};

/// How long ids are remembered, and how many.
const REMEMBERED: Duration = Duration::from_secs(7 * 24 * 60 * 60);
const MAX_REMEMBERED: i64 = 1_000_000;
/// How many are checked per call, the oldest first.
const FORGOTTEN_AT_ONCE: i64 = 10_000;

/// The ids of entries that were delivered or discarded, within a transaction.
pub(crate) struct Finished<'c>(pub(super) &'c Connection);

impl Finished<'_> {
    /// Whether an entry of this id is gone that belonged to one of these identities, or to none.
    pub(super) fn contains(&self, id: &str, identities: Vec<Identity>) -> rusqlite::Result<bool> {
        let mut select = self.0.prepare_cached("SELECT 1 FROM finished WHERE id = ?1")?;
        for identity in identities.into_iter().map(Some).chain([None]) {
            if select.exists([id_digest(id, identity)])? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Remembers the id of an entry that is gone.
    pub(super) fn add(&self, id: &str, identity: Option<Identity>, now: SystemTime) -> rusqlite::Result<()> {
        self.0
            .prepare_cached("INSERT OR IGNORE INTO finished (id, at) VALUES (?1, ?2)")?
            .execute((id_digest(id, identity), to_millis(now)))?;
        Ok(())
    }

    /// Forgets ids whose time is over, by the time of the last one too: a clock that is wrong for a while makes no old ones.
    pub(crate) fn forget(&self, now: SystemTime) -> rusqlite::Result<()> {
        self.0
            .prepare_cached("DELETE FROM finished WHERE seq <= (SELECT max(seq) FROM finished) - ?1")?
            .execute([MAX_REMEMBERED])?;
        let longest = i64::try_from(REMEMBERED.as_millis()).unwrap_or(i64::MAX);
        self.0
            .prepare_cached(
                "DELETE FROM finished WHERE seq < (SELECT min(seq) FROM finished) + ?3
                 AND at < min(?1, (SELECT at FROM finished ORDER BY seq DESC LIMIT 1)) - ?2",
            )?
            .execute((to_millis(now), longest, FORGOTTEN_AT_ONCE))?;
        Ok(())
    }
}

/// A digest, because ids outlive their entries here and may contain personal data. Version 1 had no identities.
fn id_digest(id: &str, identity: Option<Identity>) -> Vec<u8> {
    let digest = match identity {
        None => digest(&SHA256, id.as_bytes()),
        Some(Identity(identity)) => digest(&SHA256, &[&identity.to_le_bytes(), id.as_bytes()].concat()),
    };
    digest.as_ref()[..16].to_vec()
}
