//! What is read from the file.

use std::time::SystemTime;

use rusqlite::{Connection, OptionalExtension as _, Row};

use crate::api::operation::Operation;
use crate::outbox::command::Stats;
use crate::outbox::entry::{Entry, Reason, State, from_millis, to_millis};
use crate::outbox::schedule::Turn;

type Result<T> = std::result::Result<T, rusqlite::Error>;

/// Reads.
pub struct Reader<'c>(pub(super) &'c Connection);

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

/// Of the columns `seq`, `customer` and `is_idempotent`.
pub(super) fn turn(row: &Row<'_>) -> Result<Turn> {
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
