//! What is written to the file.

use std::time::{Duration, SystemTime};

use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};
use rusqlite::{OptionalExtension as _, Transaction, params};

use crate::api::operation::Idempotency;
use crate::outbox::command::NewEntry;
use crate::outbox::entry::{Entry, Reason, State, to_millis};
use crate::outbox::reader::{Reader, turn};
use crate::outbox::schedule::Turn;

/// How long ids are remembered after their entries are gone, and how many.
const REMEMBERED: Duration = Duration::from_secs(7 * 24 * 60 * 60);
const MAX_REMEMBERED: i64 = 1_000_000;
/// How many are looked at in one go, the oldest first.
const FORGOTTEN_AT_ONCE: i64 = 10_000;

type Result<T> = std::result::Result<T, rusqlite::Error>;

/// What became of a conversion to record.
pub enum Recorded {
    /// It is there now.
    Added {
        /// Its id.
        id: String,
        /// Its place in the order.
        turn: Turn,
    },
    /// An entry of this id is or was there.
    Duplicate(String),
}

/// Writes, within a transaction.
pub struct Writer<'c>(pub(super) Transaction<'c>);

impl Writer<'_> {
    /// Reads within the transaction.
    pub fn reader(&self) -> Reader<'_> {
        Reader(&self.0)
    }

    /// Adds a conversion, unless its id is known.
    pub fn record(&self, new: &NewEntry, now: SystemTime) -> Result<Recorded> {
        if let Some(id) = &new.id
            && self.knows(new)?
        {
            return Ok(Recorded::Duplicate(id.clone()));
        }
        let id = new.id.clone().unwrap_or_else(random_id);
        let is_idempotent = new.idempotency == Idempotency::Idempotent;
        let customer = customer_number(&new.customer);
        self.0
            .prepare_cached(
                "INSERT INTO entry (id, is_named, call, customer, is_idempotent, params, state, attempts, recorded_at, waits_since)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?8)",
            )?
            .execute(params![
                id,
                new.id.is_some(),
                new.operation as i64,
                customer,
                is_idempotent,
                new.params,
                State::Pending as i64,
                to_millis(now)
            ])?;
        Ok(Recorded::Added { id, turn: Turn { seq: self.0.last_insert_rowid(), customer, is_idempotent } })
    }

    /// Whether an entry of this id is or was there.
    pub fn knows(&self, new: &NewEntry) -> Result<bool> {
        new.id.as_ref().map_or(Ok(false), |id| self.is_known(id))
    }

    /// An entry that must not be sent twice is about to be sent.
    pub fn sending(&self, seq: i64) -> Result<()> {
        self.0.prepare_cached("UPDATE entry SET state = ?2 WHERE seq = ?1")?.execute((seq, State::Sending as i64))?;
        Ok(())
    }

    /// An attempt failed, and another may follow.
    pub fn failed(&self, seq: i64, error: &str, attempts: u32) -> Result<()> {
        self.0
            .prepare_cached(
                "UPDATE entry SET state = ?2, error = ?3, attempts = attempts + ?4 WHERE seq = ?1 AND state <> ?5",
            )?
            .execute((seq, State::Pending as i64, error, attempts, State::Parked as i64))?;
        Ok(())
    }

    /// Parks an entry; without an `error` it keeps its last one.
    pub fn park(&self, seq: i64, reason: Reason, error: Option<&str>, attempts: u32) -> Result<()> {
        self.0
            .prepare_cached(
                "UPDATE entry SET state = ?2, reason = ?3, error = coalesce(?4, error), attempts = attempts + ?5
                 WHERE seq = ?1",
            )?
            .execute((seq, State::Parked as i64, reason as i64, error, attempts))?;
        Ok(())
    }

    /// Removes an entry and remembers its id.
    pub fn finish(&self, seq: i64, now: SystemTime) -> Result<()> {
        let mut delete = self.0.prepare_cached("DELETE FROM entry WHERE seq = ?1 RETURNING id, is_named")?;
        let gone: Option<(String, bool)> = delete.query_row([seq], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        if let Some((id, true)) = gone {
            self.0
                .prepare_cached("INSERT OR IGNORE INTO finished (id, at) VALUES (?1, ?2)")?
                .execute((id_digest(&id), to_millis(now)))?;
        }
        Ok(())
    }

    /// Makes a parked entry the last of those that wait.
    pub fn resend(&self, id: &str, now: SystemTime) -> Result<Option<Turn>> {
        let Some(entry) = self.parked(id)? else { return Ok(None) };
        // A new number, so that every process sees it as something new.
        self.0
            .prepare_cached(
                "INSERT INTO entry (id, is_named, call, customer, is_idempotent, params, state, error, attempts, recorded_at,
                 waits_since)
                 SELECT '', is_named, call, customer, is_idempotent, params, ?2, error, attempts, recorded_at, ?3
                 FROM entry WHERE seq = ?1",
            )?
            .execute((entry, State::Pending as i64, to_millis(now)))?;
        let seq = self.0.last_insert_rowid();
        self.0.prepare_cached("DELETE FROM entry WHERE seq = ?1")?.execute([entry])?;
        self.0.prepare_cached("UPDATE entry SET id = ?2 WHERE seq = ?1")?.execute((seq, id))?;
        let mut select = self.0.prepare_cached("SELECT seq, customer, is_idempotent FROM entry WHERE seq = ?1")?;
        select.query_row([seq], turn).map(Some)
    }

    /// Removes a parked entry.
    pub fn discard(&self, id: &str, now: SystemTime) -> Result<bool> {
        let Some(seq) = self.parked(id)? else { return Ok(false) };
        self.finish(seq, now)?;
        Ok(true)
    }

    /// Takes over from a process that is gone: parks what it had on the wire, unless that may be repeated and so is still
    /// pending. Returns what was parked.
    pub fn take_over(&self, error: &str) -> Result<Vec<Entry>> {
        let left = self.reader().entries(Some(State::Sending), 0, u32::MAX)?;
        for entry in &left {
            self.park(entry.seq, Reason::Ambiguous, Some(error), 1)?;
        }
        left.iter().filter_map(|entry| self.reader().entry(entry.seq).transpose()).collect()
    }

    /// Notes for which key and API the entries are. Returns how many wait that were recorded for another.
    pub fn identify(&self, digest: &[u8]) -> Result<u64> {
        let known: Option<Vec<u8>> =
            self.0.prepare_cached("SELECT digest FROM identity")?.query_row((), |row| row.get(0)).optional()?;
        if known.as_deref() == Some(digest) {
            return Ok(0);
        }
        self.0.execute("DELETE FROM identity", ())?;
        self.0.execute("INSERT INTO identity (digest) VALUES (?1)", [digest])?;
        if known.is_none() { Ok(0) } else { self.reader().count() }
    }

    /// Forgets ids whose time is over, by the time of the last one too: a clock that is wrong for a while makes no old ones.
    pub fn forget(&self, now: SystemTime) -> Result<()> {
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

    fn is_known(&self, id: &str) -> Result<bool> {
        if self.0.prepare_cached("SELECT 1 FROM entry WHERE id = ?1")?.exists([id])? {
            return Ok(true);
        }
        self.0.prepare_cached("SELECT 1 FROM finished WHERE id = ?1")?.exists([id_digest(id)])
    }

    fn parked(&self, id: &str) -> Result<Option<i64>> {
        let mut select = self.0.prepare_cached("SELECT seq FROM entry WHERE id = ?1 AND state = ?2")?;
        select.query_row((id, State::Parked as i64), |row| row.get(0)).optional()
    }
}

/// Two customers of one number only wait for each other.
fn customer_number(customer: &str) -> i64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&digest(&SHA256, customer.as_bytes()).as_ref()[..8]);
    i64::from_le_bytes(bytes)
}

/// Ids outlive their entries, and may tell something about a customer.
fn id_digest(id: &str) -> Vec<u8> {
    digest(&SHA256, id.as_bytes()).as_ref()[..16].to_vec()
}

fn random_id() -> String {
    let mut bytes = [0u8; 16];
    if SystemRandom::new().fill(&mut bytes).is_err() {
        fastrand::fill(&mut bytes);
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
