//! Gives free space back, and empties the log, in which deleted entries may still be read. Never waits for anybody.

use std::time::{Duration, Instant};

use crate::outbox::error::OutboxError;
use crate::outbox::store::{BUSY_TIMEOUT, Store};

/// Pages given back to the file system in one go.
const VACUUM_PAGES: i64 = 2_000;
/// It is done after as long without anything else to do, and after as long in any case.
const IDLE: Duration = Duration::from_secs(1);
const OVERDUE: Duration = Duration::from_secs(60);
/// Between two goes, if one was not enough.
const NEXT_GO: Duration = Duration::from_millis(250);
/// Between two goes while a reader or writer is in the way.
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);

/// The state of the work after a go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compaction {
    /// Nothing.
    Done,
    /// There are more pages to give back.
    Unfinished,
    /// Somebody reads or writes.
    Busy,
}

impl Store {
    /// Does some of it, without waiting.
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
    /// How often somebody was in the way.
    refusals: u32,
}

impl Housekeeping {
    /// Something was deleted.
    pub(crate) fn request(&mut self, now: Instant) {
        self.pending.get_or_insert(Pending { since: now, not_before: now, refusals: 0 });
    }

    /// When to compact the file, if it was last used at `active_at`.
    pub(crate) fn due_at(&self, active_at: Instant, is_sending: bool) -> Option<Instant> {
        let Pending { since, not_before, .. } = *self.pending.as_ref()?;
        let overdue = (since + OVERDUE).max(not_before);
        let idle = (active_at + IDLE).max(not_before);
        Some(if is_sending { overdue } else { idle.min(overdue) })
    }

    /// Records how it went.
    pub(crate) fn note(&mut self, result: Compaction, now: Instant) {
        let refusals = self.pending.as_ref().map_or(0, |pending| pending.refusals);
        self.pending = match result {
            Compaction::Done => None,
            Compaction::Unfinished => Some(Pending { since: now, not_before: now + NEXT_GO, refusals: 0 }),
            Compaction::Busy => {
                let wait = NEXT_GO.saturating_mul(2u32.saturating_pow(refusals)).min(LONGEST_BACKOFF);
                Some(Pending { since: now, not_before: now + wait, refusals: refusals.saturating_add(1) })
            }
        };
    }
}
