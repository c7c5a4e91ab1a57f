//! What time alone does to entries: those that wait too long are parked, rejected ones and old ids are removed.

use std::time::{Duration, Instant, SystemTime};

use crate::outbox::command::Settings;
use crate::outbox::delivery::effects::Effects;
use crate::outbox::delivery::schedule::Schedule;
use crate::outbox::entry::{Identity, Reason};
use crate::outbox::store::{Scope, Writer, writer::Attempt};

/// Sweeps per lifetime of an entry; the interval is kept within these bounds.
const SWEEPS: u32 = 20;
const LONGEST_SWEEP: Duration = Duration::from_secs(60);
const SHORTEST_SWEEP: Duration = Duration::from_millis(50);
/// How many entries one transaction parks or removes because of their age.
const SWEPT_AT_ONCE: u32 = 1_000;
/// How long to sleep at most until a rejected entry is to be removed.
const LONGEST_KEEP: Duration = Duration::from_secs(60 * 60);

/// When to look for entries that are too old.
pub(crate) struct Sweep {
    max_age: Duration,
    keep_rejected: Duration,
    next_at: Instant,
    /// When the oldest rejected entry is to be removed, or it is time to look again.
    rejected_due: Option<Instant>,
}

impl Sweep {
    /// Due at once.
    pub(crate) fn new(settings: &Settings) -> Self {
        let Settings { max_age, keep_rejected, .. } = *settings;
        Self { max_age, keep_rejected, next_at: Instant::now(), rejected_due: None }
    }

    /// When to sweep next.
    pub(crate) fn next_at(&self, schedule: &Schedule) -> Option<Instant> {
        if schedule.is_empty() { self.rejected_due.map(|due| due.max(self.next_at)) } else { Some(self.next_at) }
    }

    /// Whether an entry that was due at this time is too old to be sent.
    pub(crate) fn is_expired(&self, due_at: SystemTime, wall: SystemTime) -> bool {
        wall.duration_since(due_at).is_ok_and(|age| age > self.max_age)
    }

    /// An entry was parked, which has to be removed some day if it was rejected.
    pub(crate) fn note_parked(&mut self, now: Instant) {
        self.rejected_due = self.rejected_due.or(Some(now));
    }

    /// Parks what is too old, so that it is seen although nothing can be sent, removes old rejected entries, and forgets ids.
    pub(crate) fn run(
        &mut self,
        schedule: &mut Schedule,
        identity: Identity,
        writer: &Writer<'_>,
        effects: &mut Effects,
        wall: SystemTime,
        now: Instant,
    ) -> rusqlite::Result<()> {
        if self.next_at > now {
            return Ok(());
        }
        writer.finished().forget(wall)?;
        let mut is_finished = true;
        if let Some(oldest) = wall.checked_sub(self.keep_rejected) {
            effects.needs_compaction |= writer.remove_rejected_before(oldest, SWEPT_AT_ONCE, wall)?;
        }
        if let Some(oldest) = wall.checked_sub(self.max_age) {
            let expired = writer.reader().due_before(Scope::Of(identity), oldest, SWEPT_AT_ONCE)?;
            is_finished = expired.len() < SWEPT_AT_ONCE as usize;
            for entry in expired {
                effects.parked(writer.park(entry.seq, Reason::Expired, &Attempt::NONE, wall)?);
                schedule.remove(entry);
            }
        }
        let oldest_rejected = writer.reader().oldest_rejected()?;
        self.rejected_due = oldest_rejected.map(|parked_at| {
            let age = wall.duration_since(parked_at).unwrap_or_default();
            now + self.keep_rejected.saturating_sub(age).min(LONGEST_KEEP)
        });
        let interval = (self.max_age.min(self.keep_rejected) / SWEEPS).clamp(SHORTEST_SWEEP, LONGEST_SWEEP);
        self.next_at = if is_finished { now + interval } else { now };
        Ok(())
    }
}
