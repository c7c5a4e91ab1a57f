//! What is written in one transaction, and what follows once it is on the disk.

use std::time::{Duration, Instant, SystemTime};

use crate::api::operation::{Idempotency, Operation};
use crate::outbox::command::{Event, Reply};
use crate::outbox::entry::{Entry, Reason};
use crate::outbox::error::OutboxError;
use crate::outbox::failpoint;
use crate::outbox::pause::backoff;
use crate::outbox::schedule::{Schedule, Turn};
use crate::outbox::state::{Batch, Decision, Worker};
use crate::outbox::verdict::Fate;
use crate::outbox::writer::{Recorded, Writer};

/// The failure of an entry that was on the wire when its process ended.
const INTERRUPTED: &str = r#"{"kind":"outbox","code":"INTERRUPTED","message":"The process ended while the request was on the wire: it may have been counted"}"#;
/// How often in the longest life of an entry to look for those that are too old, within these bounds.
const SWEEPS: u32 = 20;
const LONGEST_SWEEP: Duration = Duration::from_secs(60);
const SHORTEST_SWEEP: Duration = Duration::from_millis(50);

/// What follows from a transaction.
#[derive(Default)]
pub struct Effects {
    replies: Vec<(u32, Result<Reply, OutboxError>)>,
    events: Vec<Event>,
    sends: Vec<Send>,
    /// Something was deleted.
    pub is_untidy: bool,
}

struct Send {
    turn: Turn,
    operation: Operation,
    params: String,
}

impl Worker {
    /// Writes what has come. If the transaction fails, the schedule is read anew.
    pub(super) fn apply(
        &mut self,
        batch: &Batch,
        writer: &Writer<'_>,
        wants_deliveries: bool,
        is_closing: bool,
        now: Instant,
    ) -> Result<Effects, rusqlite::Error> {
        let wall = SystemTime::now();
        let mut effects = Effects::default();
        let mut count = self.look(writer)?;
        count -= self.write_settled(writer, &mut effects, wants_deliveries, wall, now)?;
        for (token, decision) in &batch.decisions {
            let is_found = match decision {
                Decision::Resend(id) => {
                    let turn = writer.resend(id, wall)?;
                    turn.inspect(|turn| self.schedule(*turn)).is_some()
                }
                Decision::Discard(id) => {
                    let is_found = writer.discard(id, wall)?;
                    count -= u64::from(is_found);
                    effects.is_untidy |= is_found;
                    is_found
                }
            };
            effects.replies.push((*token, Ok(Reply::Found(is_found))));
        }
        for (token, new) in &batch.records {
            let result = if count >= self.settings.max_entries && !writer.knows(new)? {
                Err(OutboxError::full(self.settings.max_entries))
            } else {
                Ok(match writer.record(new, wall)? {
                    Recorded::Added { id, turn } => {
                        count += 1;
                        self.schedule(turn);
                        Reply::Recorded { id, is_duplicate: false }
                    }
                    Recorded::Duplicate(id) => Reply::Recorded { id, is_duplicate: true },
                })
            };
            effects.replies.push((*token, result));
        }
        if !is_closing && self.deliverer.is_some() {
            self.take_over(writer, &mut effects)?;
            self.sweep(writer, &mut effects, wall, now)?;
            self.pick(writer, &mut effects, wall, now)?;
        }
        self.count = Some(count);
        failpoint::reach("written");
        Ok(effects)
    }

    /// Tells what was done, and sends what was picked.
    pub(super) fn carry_out(&mut self, effects: Effects) {
        for (token, result) in effects.replies {
            self.listener.reply(token, result);
        }
        for event in effects.events {
            self.listener.event(event);
        }
        for settled in self.settled.drain(..) {
            self.on_wire.remove(&settled.seq);
        }
        self.listener.flush();
        failpoint::reach("told");
        let Some((deliverer, requests)) = self.deliverer.as_mut().zip(self.requests.as_ref()) else { return };
        for Send { turn, operation, params } in effects.sends {
            failpoint::reach("sending");
            if deliverer.pause.is_paused() {
                deliverer.pause.probing(turn.seq);
            }
            self.on_wire.insert(turn.seq, turn);
            let idempotency = if turn.is_idempotent { Idempotency::Idempotent } else { Idempotency::NotIdempotent };
            requests.send(turn.seq, operation, idempotency, params);
            failpoint::reach("sent");
        }
    }

    /// Looks for what others have recorded or resent; nobody can while this transaction runs. Returns how many entries
    /// there are.
    fn look(&mut self, writer: &Writer<'_>) -> Result<u64, rusqlite::Error> {
        let version = writer.reader().version()?;
        if self.version == Some(version)
            && let Some(count) = self.count
        {
            return Ok(count);
        }
        if self.deliverer.as_ref().is_some_and(|deliverer| deliverer.schedule.is_some()) {
            for turn in writer.reader().turns(self.last_seq)? {
                self.schedule(turn);
            }
        }
        self.version = Some(version);
        writer.reader().count()
    }

    fn schedule(&mut self, turn: Turn) {
        if let Some(schedule) = self.deliverer.as_mut().and_then(|deliverer| deliverer.schedule.as_mut()) {
            self.last_seq = self.last_seq.max(turn.seq);
            schedule.add(turn);
        }
    }

    /// Returns how many entries are gone.
    fn write_settled(
        &mut self,
        writer: &Writer<'_>,
        effects: &mut Effects,
        wants_deliveries: bool,
        wall: SystemTime,
        now: Instant,
    ) -> Result<u64, rusqlite::Error> {
        let mut gone = 0;
        let mut schedule = self.deliverer.as_mut().and_then(|deliverer| deliverer.schedule.as_mut());
        for settled in &self.settled {
            let seq = settled.seq;
            match &settled.fate {
                Fate::Delivered => {
                    if wants_deliveries && let Some(mut entry) = writer.reader().entry(seq)? {
                        entry.attempts += settled.attempts;
                        effects.events.push(Event::Delivered(entry, settled.body.clone()));
                    }
                    writer.finish(seq, wall)?;
                    gone += 1;
                    effects.is_untidy = true;
                }
                Fate::Waits => {
                    let error = settled.error.as_deref().unwrap_or_default();
                    writer.failed(seq, error, settled.attempts)?;
                }
                Fate::Parked(reason) => {
                    writer.park(seq, *reason, settled.error.as_deref(), settled.attempts)?;
                    effects.events.extend(writer.reader().entry(seq)?.map(Event::Parked));
                }
            }
            let Some(schedule) = &mut schedule else { continue };
            if settled.fate != Fate::Waits {
                schedule.finish(seq);
            } else if settled.is_doubtful {
                let attempts = writer.reader().entry(seq)?.map_or(0, |entry| entry.attempts);
                schedule.retry(seq, Some(now + backoff(attempts.saturating_sub(1), fastrand::f64())));
            } else {
                schedule.retry(seq, None);
            }
        }
        Ok(gone)
    }

    /// Reads the schedule from the file if it is not known; the first time, cleans up after the process before.
    fn take_over(&mut self, writer: &Writer<'_>, effects: &mut Effects) -> Result<(), rusqlite::Error> {
        let Some((deliverer, requests)) = self.deliverer.as_mut().zip(self.requests.as_ref()) else { return Ok(()) };
        if deliverer.schedule.is_some() {
            return Ok(());
        }
        if !deliverer.has_taken_over {
            effects.events.extend(writer.take_over(INTERRUPTED)?.into_iter().map(Event::Parked));
            let others = writer.identify(requests.identity())?;
            if others > 0 {
                effects.events.push(Event::OtherKey(others));
            }
            effects.is_untidy = true;
            failpoint::reach("taken over");
        }
        let waiting = writer.reader().turns(0)?;
        self.last_seq = waiting.last().map_or(0, |turn| turn.seq);
        let settled = |seq: &i64| self.settled.iter().any(|settled| settled.seq == *seq);
        let on_wire = self.on_wire.iter().filter(|(seq, _)| !settled(seq)).map(|(_, turn)| *turn);
        deliverer.schedule = Some(Schedule::resume(waiting, on_wire));
        Ok(())
    }

    /// Parks what is too old, so that it is seen although nothing can be sent, and forgets ids.
    fn sweep(
        &mut self,
        writer: &Writer<'_>,
        effects: &mut Effects,
        wall: SystemTime,
        now: Instant,
    ) -> Result<(), rusqlite::Error> {
        let Some(deliverer) = self.deliverer.as_mut().filter(|deliverer| deliverer.next_sweep <= now) else {
            return Ok(());
        };
        let Some(schedule) = &mut deliverer.schedule else { return Ok(()) };
        deliverer.next_sweep = now + (self.settings.max_age / SWEEPS).clamp(SHORTEST_SWEEP, LONGEST_SWEEP);
        writer.forget(wall)?;
        let Some(oldest) = wall.checked_sub(self.settings.max_age) else { return Ok(()) };
        for turn in writer.reader().waiting_since_before(oldest)? {
            if schedule.is_taken(turn.seq) {
                continue;
            }
            writer.park(turn.seq, Reason::Expired, None, 0)?;
            effects.events.extend(writer.reader().entry(turn.seq)?.map(Event::Parked));
            schedule.remove(turn);
        }
        Ok(())
    }

    /// Chooses what to send.
    fn pick(
        &mut self,
        writer: &Writer<'_>,
        effects: &mut Effects,
        wall: SystemTime,
        now: Instant,
    ) -> Result<(), rusqlite::Error> {
        let settled = self.settled.len();
        let mut room = self.room(now);
        let Some(deliverer) = &mut self.deliverer else { return Ok(()) };
        let is_probe = deliverer.pause.is_paused();
        if !is_probe {
            room = (room + settled).min(self.settings.concurrency);
        }
        let Some(schedule) = &mut deliverer.schedule else { return Ok(()) };
        while effects.sends.len() < room {
            let Some(turn) = schedule.take(now, is_probe) else { break };
            let Some(Entry { operation, params, waits_since, .. }) = writer.reader().entry(turn.seq)? else {
                // Nobody deletes what is pending; if it happened, there is nothing to send.
                schedule.finish(turn.seq);
                continue;
            };
            if wall.duration_since(waits_since).is_ok_and(|age| age > self.settings.max_age) {
                writer.park(turn.seq, Reason::Expired, None, 0)?;
                effects.events.extend(writer.reader().entry(turn.seq)?.map(Event::Parked));
                schedule.finish(turn.seq);
                continue;
            }
            if !turn.is_idempotent {
                writer.sending(turn.seq)?;
            }
            effects.sends.push(Send { turn, operation, params });
        }
        Ok(())
    }
}
