//! Compaction: gives free pages back, and empties the log, which may still contain deleted entries. Never waits for a lock.

use std::time::{Duration, Instant};

use crate::outbox::error::OutboxError;
use crate::outbox::store::{BUSY_TIMEOUT, Store};

/// Pages given back to the file system per run.
const VACUUM_PAGES: i64 = 2_000;
/// Runs after the outbox was idle for `IDLE`, and after `OVERDUE` in any case.
const IDLE: Duration = Duration::from_secs(1);
const OVERDUE: Duration = Duration::from_secs(60);
/// Between two runs, if one was not enough.
const NEXT_RUN: Duration = Duration::from_millis(250);
/// The longest wait between two runs while a reader or writer blocks them.
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);

/// The result of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compaction {
    /// Nothing is left to do.
    Done,
    /// There are more pages to give back.
    Unfinished,
    /// Another connection reads or writes.
    Busy,
}

impl Store {
    /// One run, without waiting.
    pub(crate) fn compact(&self) -> Result<Compaction, OutboxError> {
        self.without_waiting(|| {
            self.read(|reader| {
                let connection = reader.0;
                let free: i64 = connection.pragma_query_value(None, "freelist_count", |row| row.get(0))?;
                if free > 0 {
                    let mut vacuum = connection.prepare(&format!("PRAGMA incremental_vacuum({VACUUM_PAGES})"))?;
                    let mut rows = vacuum.query(())?;
                    while rows.next()?.is_some() {}
                }
                let is_busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| row.get(0))?;
                Ok(match (is_busy, free > VACUUM_PAGES) {
                    (0, false) => Compaction::Done,
                    (0, true) => Compaction::Unfinished,
                    _ => Compaction::Busy,
                })
            })
        })
    }

    fn without_waiting<T>(&self, run: impl FnOnce() -> Result<T, OutboxError>) -> Result<T, OutboxError> {
        let set = |timeout| self.read(|reader| reader.0.busy_timeout(timeout));
        set(Duration::ZERO)?;
        let result = run();
        set(BUSY_TIMEOUT)?;
        result
    }
}

/// When to compact the file.
#[derive(Default)]
pub(crate) struct Housekeeping {
    pending: Option<Pending>,
}

struct Pending {
    since: Instant,
    not_before: Instant,
    /// Runs in a row that were blocked.
    blocked_runs: u32,
}

impl Housekeeping {
    /// Something was deleted.
    pub(crate) fn request(&mut self, now: Instant) {
        self.pending.get_or_insert(Pending { since: now, not_before: now, blocked_runs: 0 });
    }

    /// When to compact the file, if it was last used at `active_at`.
    pub(crate) fn due_at(&self, active_at: Instant, is_sending: bool) -> Option<Instant> {
        let Pending { since, not_before, .. } = *self.pending.as_ref()?;
        let overdue = (since + OVERDUE).max(not_before);
        let idle = (active_at + IDLE).max(not_before);
        Some(if is_sending { overdue } else { idle.min(overdue) })
    }

    /// Records the result of a run.
    pub(crate) fn note(&mut self, result: Compaction, now: Instant) {
        let blocked_runs = self.pending.as_ref().map_or(0, |pending| pending.blocked_runs);
        self.pending = match result {
            Compaction::Done => None,
            Compaction::Unfinished => Some(Pending { since: now, not_before: now + NEXT_RUN, blocked_runs: 0 }),
            Compaction::Busy => {
                let wait = NEXT_RUN.saturating_mul(2u32.saturating_pow(blocked_runs)).min(LONGEST_BACKOFF);
                Some(Pending { since: now, not_before: now + wait, blocked_runs: blocked_runs.saturating_add(1) })
            }
        };
    }
}
