//! Reads from the file.

use std::time::SystemTime;

use rusqlite::{Connection, OptionalExtension as _, Row};

use crate::api::operation::Operation;
use crate::outbox::command::Stats;
use crate::outbox::delivery::schedule::ScheduledEntry;
use crate::outbox::entry::{Entry, Identity, Phase, Reason, State, from_millis, to_millis};
use crate::outbox::store::scope::{Scope, in_scope};

type Result<T> = rusqlite::Result<T>;

/// Reads.
pub(crate) struct Reader<'c>(pub(super) &'c Connection);

impl Reader<'_> {
    /// Changes when another connection commits.
    pub(crate) fn data_version(&self) -> Result<i64> {
        self.0.prepare_cached("PRAGMA data_version")?.query_row((), |row| row.get(0))
    }

    /// Entries that are due and have a number above `after`, in order.
    pub(crate) fn due(&self, scope: Scope, after: i64, now: SystemTime) -> Result<Vec<ScheduledEntry>> {
        let mut select = self.0.prepare_cached(concat!(
            "SELECT seq, customer FROM entry WHERE state = ?1 AND seq > ?2 AND ",
            in_scope!(3),
            " AND (deliver_at IS NULL OR deliver_at <= ?4) ORDER BY seq",
        ))?;
        let parameters = (State::Pending as i64, after, scope.parameter(), to_millis(now));
        select.query_map(parameters, scheduled)?.collect()
    }

    /// Entries that were held, and have become due between two times.
    pub(crate) fn newly_due(&self, scope: Scope, after: SystemTime, now: SystemTime) -> Result<Vec<ScheduledEntry>> {
        let mut select = self.0.prepare_cached(concat!(
            "SELECT seq, customer FROM entry WHERE deliver_at > ?1 AND deliver_at <= ?2 AND state = ?3 AND ",
            in_scope!(4),
            " ORDER BY seq",
        ))?;
        let parameters = (to_millis(after), to_millis(now), State::Pending as i64, scope.parameter());
        select.query_map(parameters, scheduled)?.collect()
    }

    /// When the next entry becomes due that is held at a time.
    pub(crate) fn next_held(&self, after: SystemTime) -> Result<Option<SystemTime>> {
        let mut select = self.0.prepare_cached("SELECT min(deliver_at) FROM entry WHERE deliver_at > ?1")?;
        let next: Option<i64> = select.query_row([to_millis(after)], |row| row.get(0))?;
        Ok(next.map(from_millis))
    }

    /// Entries after a number, in order.
    pub(crate) fn entries(
        &self,
        scope: Scope,
        phase: Option<Phase>,
        after: i64,
        limit: u32,
        now: SystemTime,
    ) -> Result<Vec<Entry>> {
        let mut select = self.0.prepare_cached(concat!(
            "SELECT * FROM entry WHERE seq > ?1 AND (?2 IS NULL OR state = ?2)
             AND (?3 IS NULL OR (deliver_at IS NOT NULL AND deliver_at > ?4) = ?3) AND ",
            in_scope!(5),
            " ORDER BY seq LIMIT ?6",
        ))?;
        let (state, is_held) = match phase {
            None => (None, None),
            Some(Phase::Pending) => (Some(State::Pending), Some(false)),
            Some(Phase::Held) => (Some(State::Pending), Some(true)),
            Some(Phase::Sending) => (Some(State::Sending), None),
            Some(Phase::Parked) => (Some(State::Parked), None),
        };
        let state = state.map(|state| state as i64);
        let parameters = (after, state, is_held, to_millis(now), scope.parameter(), limit);
        select.query_map(parameters, |row| entry(row, now))?.collect()
    }

    /// An entry by its number.
    pub(crate) fn entry(&self, seq: i64, now: SystemTime) -> Result<Option<Entry>> {
        let mut select = self.0.prepare_cached("SELECT * FROM entry WHERE seq = ?1")?;
        select.query_row([seq], |row| entry(row, now)).optional()
    }

    /// An entry by its id.
    pub(crate) fn find(&self, scope: Scope, id: &str, now: SystemTime) -> Result<Option<Entry>> {
        let mut select = self.0.prepare_cached(concat!("SELECT * FROM entry WHERE id = ?1 AND ", in_scope!(2)))?;
        select.query_row((id, scope.parameter()), |row| entry(row, now)).optional()
    }

    /// Counts the entries.
    pub(crate) fn stats(&self, scope: Scope, now: SystemTime) -> Result<Stats> {
        // In the order of the index, so that nothing is sorted.
        let mut select = self.0.prepare_cached(concat!(
            "SELECT state, count(*) FILTER (WHERE is_own AND NOT is_held), count(*) FILTER (WHERE is_own AND is_held),
             count(*) FILTER (WHERE NOT is_own), min(waits_since) FILTER (WHERE is_own AND NOT is_held)
             FROM (SELECT state, waits_since, ",
            in_scope!(1),
            " AS is_own, deliver_at IS NOT NULL AND deliver_at > ?2 AS is_held FROM entry) GROUP BY state",
        ))?;
        let mut rows = select.query((scope.parameter(), to_millis(now)))?;
        let mut stats = Stats::default();
        while let Some(row) = rows.next()? {
            let count = |column| row.get::<_, i64>(column).map(i64::cast_unsigned);
            stats.held += count(2)?;
            stats.foreign += count(3)?;
            let state = State::from_number(row.get(0)?);
            match state {
                Some(State::Parked) => stats.parked = count(1)?,
                Some(State::Sending) => stats.sending = count(1)?,
                _ => stats.pending += count(1)?,
            }
            let oldest = row.get::<_, Option<i64>>(4)?.filter(|_| state != Some(State::Parked)).map(from_millis);
            stats.oldest = stats.oldest.into_iter().chain(oldest).min();
        }
        Ok(stats)
    }

    /// How many entries at least may be recorded until `max` wait. Counts them only if their numbers do not show it.
    pub(crate) fn room(&self, scope: Scope, max: u64) -> Result<u64> {
        // One at a time each is found at an end of the index; together they would be searched for.
        let mut first = self.0.prepare_cached("SELECT min(seq) FROM entry WHERE state = ?1")?;
        let mut last = self.0.prepare_cached("SELECT max(seq) FROM entry WHERE state = ?1")?;
        let mut bounds: Option<(i64, i64)> = None;
        for state in [State::Pending as i64, State::Sending as i64] {
            let first: Option<i64> = first.query_row([state], |row| row.get(0))?;
            let last: Option<i64> = last.query_row([state], |row| row.get(0))?;
            if let (Some(first), Some(last)) = (first, last) {
                bounds = Some(bounds.map_or((first, last), |(low, high)| (low.min(first), high.max(last))));
            }
        }
        let Some((first, last)) = bounds else { return Ok(max) };
        let span = (last - first).cast_unsigned() + 1;
        if span < max {
            return Ok(max - span);
        }
        let mut select =
            self.0.prepare_cached(concat!("SELECT count(*) FROM entry WHERE state < ?1 AND ", in_scope!(2)))?;
        let count: i64 = select.query_row((State::Parked as i64, scope.parameter()), |row| row.get(0))?;
        Ok(max.saturating_sub(count.cast_unsigned()))
    }

    /// How many entries are parked.
    pub(crate) fn parked(&self) -> Result<u64> {
        let mut select = self.0.prepare_cached("SELECT count(*) FROM entry WHERE state = ?1")?;
        select.query_row([State::Parked as i64], |row| row.get::<_, i64>(0)).map(i64::cast_unsigned)
    }

    /// When the oldest rejected entry was parked.
    pub(crate) fn oldest_rejected(&self) -> Result<Option<SystemTime>> {
        let mut select = self.0.prepare_cached("SELECT min(parked_at) FROM entry WHERE reason = 0")?;
        let oldest: Option<i64> = select.query_row((), |row| row.get(0))?;
        Ok(oldest.map(from_millis))
    }

    /// How many entries belong to others.
    pub(crate) fn foreign(&self, Identity(identity): Identity) -> Result<u64> {
        // Every process that records is listed.
        if self.identities()?.len() < 2 {
            return Ok(0);
        }
        let mut select = self.0.prepare_cached("SELECT count(*) FROM entry WHERE identity <> ?1")?;
        select.query_row([identity], |row| row.get::<_, i64>(0)).map(i64::cast_unsigned)
    }

    /// Whether nothing is due and nothing is being sent.
    pub(crate) fn is_drained(&self, scope: Scope, now: SystemTime) -> Result<bool> {
        let mut select = self.0.prepare_cached(concat!(
            "SELECT EXISTS (SELECT 1 FROM entry WHERE state < ?1 AND ",
            in_scope!(2),
            " AND (deliver_at IS NULL OR deliver_at <= ?3))",
        ))?;
        let parameters = (State::Parked as i64, scope.parameter(), to_millis(now));
        select.query_row(parameters, |row| row.get::<_, bool>(0)).map(|found| !found)
    }

    /// Some of the pending entries that were due before a time.
    pub(crate) fn due_before(&self, scope: Scope, time: SystemTime, limit: u32) -> Result<Vec<ScheduledEntry>> {
        let mut select = self.0.prepare_cached(concat!(
            "SELECT seq, customer FROM entry WHERE state = ?1 AND waits_since < ?2 AND ",
            in_scope!(3),
            " ORDER BY seq LIMIT ?4",
        ))?;
        let parameters = (State::Pending as i64, to_millis(time), scope.parameter(), limit);
        select.query_map(parameters, scheduled)?.collect()
    }

    /// Reads every page with entries, so that damage shows at once and not when an entry's turn comes.
    pub(crate) fn check_pages(&self) -> Result<()> {
        let mut select = self.0.prepare_cached("SELECT count(*) FROM entry NOT INDEXED WHERE attempts < 0")?;
        select.query_row((), |_| Ok(()))
    }

    /// How often a process became the leader of an identity.
    pub(crate) fn epoch(&self, Identity(identity): Identity) -> Result<Option<i64>> {
        let mut select = self.0.prepare_cached("SELECT epoch FROM leader WHERE identity = ?1")?;
        select.query_row([identity], |row| row.get(0)).optional()
    }

    /// How often the leader of an identity was asked to end its pause.
    pub(crate) fn resumes(&self, Identity(identity): Identity) -> Result<i64> {
        let mut select = self.0.prepare_cached("SELECT resumes FROM leader WHERE identity = ?1")?;
        select.query_row([identity], |row| row.get(0)).optional().map(Option::unwrap_or_default)
    }

    /// The identities that have or had a leader, the first one first.
    pub(crate) fn identities(&self) -> Result<Vec<Identity>> {
        let mut select = self.0.prepare_cached("SELECT identity FROM leader ORDER BY rowid")?;
        select.query_map((), |row| row.get(0).map(Identity))?.collect()
    }
}

/// Of the columns `seq` and `customer`.
pub(super) fn scheduled(row: &Row<'_>) -> Result<ScheduledEntry> {
    Ok(ScheduledEntry { seq: row.get(0)?, customer: row.get(1)? })
}

/// The operation that is stored as `number`.
pub(super) fn operation(number: i64) -> Operation {
    if number == Operation::Lead as i64 { Operation::Lead } else { Operation::Sale }
}

fn entry(row: &Row<'_>, now: SystemTime) -> Result<Entry> {
    let reason: Option<i64> = row.get("reason")?;
    let deliver_at = row.get::<_, Option<i64>>("deliver_at")?.map(from_millis);
    let phase = match State::from_number(row.get("state")?) {
        Some(State::Pending) if deliver_at.is_some_and(|time| time > now) => Phase::Held,
        Some(State::Pending) => Phase::Pending,
        Some(State::Sending) => Phase::Sending,
        Some(State::Parked) | None => Phase::Parked,
    };
    Ok(Entry {
        seq: row.get("seq")?,
        id: row.get("id")?,
        operation: operation(row.get("call")?),
        params: row.get("params")?,
        phase,
        reason: reason.and_then(Reason::from_number),
        error: row.get("error")?,
        attempts: row.get("attempts")?,
        recorded_at: from_millis(row.get("recorded_at")?),
        deliver_at,
    })
}
