//! When there is something to do.

use std::time::{Duration, Instant};

use crate::outbox::failpoint;
use crate::outbox::schedule::Schedule;
use crate::outbox::state::{Untidy, Worker};

/// How often to look for what other processes have done, where they cannot tell.
const POLL: Duration = Duration::from_millis(250);
/// After so long without anything to do the file is tidied, and after so long in any case.
const IDLE: Duration = Duration::from_secs(1);
const UNTIDY: Duration = Duration::from_secs(60);
/// Between two goes at it, if one was not enough.
const TIDYING: Duration = Duration::from_millis(250);

impl Worker {
    /// When to wake up, if no message comes before.
    pub(super) fn next_wake(&self) -> Option<Instant> {
        let now = Instant::now();
        if let Some(trouble) = &self.trouble {
            let is_wanted = self.requests.is_some() || !self.drained.is_empty();
            return self.closes_at().into_iter().chain(is_wanted.then_some(trouble.retry_at)).min();
        }
        if self.may_send(now) {
            return Some(now);
        }
        let deliverer = self.deliverer.as_ref();
        let retry = deliverer.and_then(|deliverer| deliverer.schedule.as_ref()).and_then(Schedule::next_due);
        let probe = deliverer.and_then(|deliverer| deliverer.pause.until());
        [
            self.closes_at(),
            // What is due already waits for something else.
            retry.filter(|due| *due > now),
            probe.filter(|until| *until > now),
            self.next_sweep(),
            self.next_tidying(),
            self.is_deaf().then_some(now + POLL),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// How many more entries may be sent.
    pub(super) fn room(&self, now: Instant) -> usize {
        let Some(deliverer) = &self.deliverer else { return 0 };
        let limit = deliverer.pause.limit(self.settings.concurrency, now);
        if deliverer.pause.is_paused() { limit } else { limit.saturating_sub(self.on_wire.len()) }
    }

    /// Whether there is something to send that may be sent.
    pub(super) fn may_send(&self, now: Instant) -> bool {
        let Some(deliverer) = self.deliverer.as_ref().filter(|_| self.closing.is_none()) else { return false };
        deliverer.schedule.as_ref().is_none_or(|schedule| {
            let is_due = schedule.next_due().is_some_and(|due| due <= now);
            (schedule.is_ready() || is_due) && self.room(now) > 0
        })
    }

    /// Whether to look for entries that are too old.
    pub(super) fn is_sweep_due(&self, now: Instant) -> bool {
        self.next_sweep().is_some_and(|at| at <= now)
    }

    fn next_sweep(&self) -> Option<Instant> {
        let deliverer = self.deliverer.as_ref().filter(|_| self.closing.is_none())?;
        let is_waiting = deliverer.schedule.as_ref().is_some_and(|schedule| !schedule.is_empty());
        is_waiting.then_some(deliverer.next_sweep)
    }

    /// Notes that the file holds what is not needed any more.
    pub(super) fn make_untidy(&mut self, now: Instant) {
        self.untidy.get_or_insert(Untidy { since: now, not_before: now });
    }

    /// Tidies the file, if there is time for it or it has waited for long.
    pub(super) fn tidy(&mut self, now: Instant) {
        if self.next_tidying().is_none_or(|at| at > now) || self.trouble.is_some() {
            return;
        }
        failpoint::reach("tidying");
        let is_tidy = self.store.as_ref().is_none_or(|store| store.tidy().unwrap_or(true));
        self.untidy = (!is_tidy).then_some(Untidy { since: now, not_before: now + TIDYING });
    }

    fn next_tidying(&self) -> Option<Instant> {
        let Untidy { since, not_before } = *self.untidy.as_ref()?;
        let overdue = since + UNTIDY;
        let idle = (self.active_at + IDLE).max(not_before);
        Some(if self.on_wire.is_empty() { idle.min(overdue) } else { overdue })
    }
}
