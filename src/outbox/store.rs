//! The file: reads and writes of entries, in transactions that are on the disk when they are committed.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};

use crate::api::operation::{Idempotency, Operation};
use crate::outbox::command::{NewEntry, Stats};
use crate::outbox::entry::{Entry, Reason, State, from_millis, to_millis};
use crate::outbox::error::OutboxError;
use crate::outbox::schedule::Turn;
use crate::outbox::{files, schema};

/// How long another process may hold the file before a write fails.
const BUSY: Duration = Duration::from_secs(10);
/// How long ids are remembered after their entries are gone, and how many.
const REMEMBERED: Duration = Duration::from_secs(7 * 24 * 60 * 60);
const MAX_REMEMBERED: i64 = 1_000_000;
/// Pages given back to the file system in one go.
const VACUUM_PAGES: i64 = 2_000;

type Result<T> = std::result::Result<T, rusqlite::Error>;

/// An open file.
pub struct Store {
    connection: Connection,
    path: PathBuf,
}

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

/// Reads.
pub struct Reader<'c>(&'c Connection);

impl Reader<'_> {
    /// A number that is another after every change by others than this connection.
    pub fn version(&self) -> Result<i64> {
        self.0.pragma_query_value(None, "data_version", |row| row.get(0))
    }

    /// Pending entries with a number above `after`, in order.
    pub fn turns(&self, after: i64) -> Result<Vec<Turn>> {
        let mut select = self.0.prepare_cached(
            "SELECT seq, customer, is_idempotent FROM entry WHERE state = ?1 AND seq > ?2 ORDER BY seq",
        )?;
        select.query_map((State::Pending as i64, after), turn)?.collect()
    }

    /// Entries after a number, in order.
    pub fn entries(&self, state: Option<State>, after: i64, limit: u32) -> Result<Vec<Entry>> {
        let mut select = self.0.prepare_cached(
            "SELECT * FROM entry WHERE seq > ?1 AND (?2 IS NULL OR state = ?2) ORDER BY seq LIMIT ?3",
        )?;
        let state = state.map(|state| state as i64);
        select.query_map((after, state, limit), entry)?.collect()
    }

    /// An entry by its number.
    pub fn entry(&self, seq: i64) -> Result<Option<Entry>> {
        self.0.prepare_cached("SELECT * FROM entry WHERE seq = ?1")?.query_row([seq], entry).optional()
    }

    /// An entry by its id.
    pub fn find(&self, id: &str) -> Result<Option<Entry>> {
        self.0.prepare_cached("SELECT * FROM entry WHERE id = ?1")?.query_row([id], entry).optional()
    }

    /// Counts the entries.
    pub fn stats(&self) -> Result<Stats> {
        let mut stats = Stats::default();
        let mut select = self.0.prepare_cached("SELECT state, count(*), min(waits_since) FROM entry GROUP BY state")?;
        let mut rows = select.query(())?;
        while let Some(row) = rows.next()? {
            let count = row.get::<_, i64>(1)?.cast_unsigned();
            match State::from_number(row.get(0)?) {
                Some(State::Parked) => stats.parked = count,
                state => {
                    let oldest = from_millis(row.get(2)?);
                    stats.oldest = Some(stats.oldest.map_or(oldest, |known| known.min(oldest)));
                    match state {
                        Some(State::Sending) => stats.sending = count,
                        _ => stats.pending = count,
                    }
                }
            }
        }
        Ok(stats)
    }

    /// How many entries there are.
    pub fn count(&self) -> Result<u64> {
        let mut select = self.0.prepare_cached("SELECT count(*) FROM entry")?;
        select.query_row((), |row| row.get::<_, i64>(0)).map(i64::cast_unsigned)
    }

    /// Whether nothing waits and nothing is on the wire.
    pub fn is_drained(&self) -> Result<bool> {
        let mut select = self.0.prepare_cached("SELECT EXISTS (SELECT 1 FROM entry WHERE state < ?1)")?;
        select.query_row([State::Parked as i64], |row| row.get::<_, bool>(0)).map(|found| !found)
    }

    /// Pending entries that have waited since before a time.
    pub fn waiting_since_before(&self, time: SystemTime) -> Result<Vec<Turn>> {
        let mut select = self.0.prepare_cached(
            "SELECT seq, customer, is_idempotent FROM entry WHERE state = ?1 AND waits_since < ?2 ORDER BY seq",
        )?;
        select.query_map((State::Pending as i64, to_millis(time)), turn)?.collect()
    }
}

/// Writes, within a transaction.
pub struct Writer<'c>(Transaction<'c>);

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

    /// Forgets ids whose time is over.
    pub fn forget(&self, now: SystemTime) -> Result<()> {
        let before = to_millis(now.checked_sub(REMEMBERED).unwrap_or(SystemTime::UNIX_EPOCH));
        self.0
            .prepare_cached(
                "DELETE FROM finished WHERE seq <= (SELECT max(seq) FROM finished) - ?2
                 OR seq IN (SELECT seq FROM finished WHERE at < ?1 ORDER BY seq LIMIT 10000)",
            )?
            .execute((before, MAX_REMEMBERED))?;
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

fn turn(row: &Row<'_>) -> Result<Turn> {
    Ok(Turn { seq: row.get(0)?, customer: row.get(1)?, is_idempotent: row.get(2)? })
}

fn entry(row: &Row<'_>) -> Result<Entry> {
    let reason: Option<i64> = row.get("reason")?;
    Ok(Entry {
        seq: row.get("seq")?,
        id: row.get("id")?,
        operation: if row.get::<_, i64>("call")? == Operation::Lead as i64 { Operation::Lead } else { Operation::Sale },
        params: row.get("params")?,
        state: State::from_number(row.get("state")?).unwrap_or(State::Parked),
        reason: reason.and_then(Reason::from_number),
        error: row.get("error")?,
        attempts: row.get("attempts")?,
        recorded_at: from_millis(row.get("recorded_at")?),
        waits_since: from_millis(row.get("waits_since")?),
    })
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
