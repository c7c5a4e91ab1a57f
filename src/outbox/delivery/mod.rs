//! Deliveries: which entry is next, how many may be sent at the same time, and how attempts ended.

pub(crate) mod effects;
mod on_wire;
mod requests;
pub(crate) mod schedule;
mod sweep;

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::api::client::{Client, Outcome};
use crate::api::error::{Failure, Report};
use crate::outbox::circuit_breaker::{Change, CircuitBreaker, entry_backoff};
use crate::outbox::command::{Event, Message, PauseReason, Settings};
use crate::outbox::delivery::effects::Effects;
use crate::outbox::delivery::on_wire::{OnWire, Sending, Settled};
use crate::outbox::delivery::requests::Requests;
use crate::outbox::delivery::schedule::{Schedule, ScheduledEntry};
use crate::outbox::delivery::sweep::Sweep;
use crate::outbox::entry::{Identity, Outgoing, Reason};
use crate::outbox::failpoint;
use crate::outbox::policy::{Disposition, Health, Probe, classify_outcome, classify_probe};
use crate::outbox::store::{Scope, Writer, writer::Attempt};

/// How long to sleep at most until an entry becomes due: the clock on the wall may be set.
const LONGEST_HOLD: Duration = Duration::from_secs(60);

/// The deliveries of one client.
pub(crate) struct Delivery {
    requests: Requests,
    /// Whether anything may be sent.
    breaker: CircuitBreaker,
    /// Until when the breaker is open, by the clock on the wall.
    paused_until: Option<SystemTime>,
    /// Which entry is next; `None` until it was read from the file.
    schedule: Option<Schedule>,
    on_wire: OnWire,
    sweep: Sweep,
    /// The highest number that the schedule knows.
    last_seq: i64,
    /// When the file was last searched for entries that are due.
    searched_at: SystemTime,
    /// When the next held entry becomes due.
    next_held: Option<SystemTime>,
}

impl Delivery {
    /// Nothing is sent yet. Outcomes go to `messages`.
    pub(crate) fn new(client: Arc<Client>, settings: &Settings, messages: Sender<Message>) -> Self {
        Self {
            requests: Requests::new(client, messages),
            breaker: CircuitBreaker::new(settings.concurrency),
            paused_until: None,
            schedule: None,
            on_wire: OnWire::default(),
            sweep: Sweep::new(settings),
            last_seq: 0,
            searched_at: UNIX_EPOCH,
            next_held: None,
        }
    }

    /// Of the key and the base URL.
    pub(crate) fn identity(&self) -> Identity {
        self.requests.identity()
    }

    /// Records how an entry's request ended. Returns what to report.
    pub(crate) fn settle(&mut self, seq: i64, outcome: Outcome, now: Instant) -> Option<Event> {
        failpoint::reach("answered");
        let Sending { entry, is_repeatable } = self.on_wire.get(seq)?;
        let verdict = classify_outcome(&outcome, is_repeatable);
        let may_be_counted = outcome.decision.ambiguous;
        let error = outcome.result.as_ref().err().map(|failure| report(failure, &outcome));
        let change = self.breaker.record(verdict, fastrand::f64(), now);
        let event = self.note(change, error.as_deref());
        self.on_wire.settle(Settled {
            entry,
            verdict,
            error,
            may_be_counted,
            requests: outcome.attempts,
            body: outcome.result.unwrap_or_default(),
        });
        event
    }

    /// Records how a probe ended. Returns what to report.
    pub(crate) fn settle_probe(&mut self, outcome: &Outcome, now: Instant) -> Option<Event> {
        let error = outcome.result.as_ref().err().map(|failure| report(failure, outcome));
        let change = self.breaker.end_probe(classify_probe(outcome), fastrand::f64(), now);
        self.note(change, error.as_deref())
    }

    /// Ends a pause. Returns what to report.
    pub(crate) fn resume(&mut self) -> Option<Event> {
        let change = self.breaker.resume();
        self.note(change, None)
    }

    fn note(&mut self, change: Change, error: Option<&str>) -> Option<Event> {
        match change {
            Change::None => None,
            Change::Opened(wait) => {
                let until = SystemTime::now() + wait;
                self.paused_until = Some(until);
                Some(Event::Paused(PauseReason::Api(error.unwrap_or("null").to_owned()), until))
            }
            Change::Closed => {
                self.paused_until = None;
                Some(Event::Resumed)
            }
        }
    }

    /// Until when nothing is sent, as users see it.
    pub(crate) fn paused_until(&self) -> Option<SystemTime> {
        self.paused_until
    }

    /// When this process may be the leader again, if another one should deliver: its key was refused twice.
    pub(crate) fn yields_until(&self) -> Option<Instant> {
        self.breaker.probe_at().filter(|_| self.breaker.is_refused() && self.is_idle())
    }

    /// Whether nothing is being sent, and the file says how everything ended.
    pub(crate) fn is_idle(&self) -> bool {
        self.on_wire.is_empty()
    }

    /// Whether the file does not say yet how an attempt ended.
    pub(crate) fn has_settled(&self) -> bool {
        !self.on_wire.settled().is_empty()
    }

    /// Whether the schedule was read from the file.
    pub(crate) fn is_loaded(&self) -> bool {
        self.schedule.is_some()
    }

    /// Aborts what is being sent.
    pub(crate) fn abort(&self) {
        self.requests.abort();
    }

    /// Forgets what was read from the file: it may have changed, or is another leader's business.
    pub(crate) fn unload(&mut self) {
        self.schedule = None;
    }

    /// Whether there is something to read, write or send now.
    pub(crate) fn has_work(&self, now: Instant) -> bool {
        let Some(schedule) = &self.schedule else { return true };
        schedule.is_ready(now) && self.room() > 0
            || self.sweep.next_at(schedule).is_some_and(|at| at <= now)
            || self.next_held.is_some_and(|time| time <= SystemTime::now())
    }

    /// When there will be something to do, if nothing happens before.
    pub(crate) fn next_wake(&self, now: Instant) -> Option<Instant> {
        if self.has_work(now) {
            return Some(now);
        }
        let schedule = self.schedule.as_ref()?;
        let until_due = |time: SystemTime| time.duration_since(SystemTime::now()).unwrap_or_default();
        [
            // An entry that is due already waits for something else.
            schedule.next_due().filter(|due| *due > now),
            self.breaker.probe_at().filter(|_| !schedule.is_empty()),
            self.sweep.next_at(schedule),
            self.next_held.map(|time| now + until_due(time).min(LONGEST_HOLD)),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Sends a probe if it is time for one, and anything waits for it.
    pub(crate) fn probe(&mut self, now: Instant) {
        let is_wanted = self.schedule.as_ref().is_some_and(|schedule| !schedule.is_empty());
        if is_wanted && self.breaker.probe_at().is_some_and(|at| at <= now) {
            // An entry is picked as any other is.
            if self.breaker.start_probe() == Some(Probe::Api) {
                self.requests.probe();
            }
        }
    }

    /// How many more entries may be sent.
    fn room(&self) -> usize {
        self.breaker.limit().saturating_sub(self.on_wire.unsettled_count())
    }

    /// Adds an entry of this process to the schedule.
    pub(crate) fn add(&mut self, entry: ScheduledEntry, deliver_at: Option<SystemTime>) {
        if let Some(time) = deliver_at {
            self.next_held = Some(self.next_held.map_or(time, |next| next.min(time)));
        }
        let Some(schedule) = &mut self.schedule else { return };
        self.last_seq = self.last_seq.max(entry.seq);
        if deliver_at.is_none() {
            schedule.add(entry);
        }
    }

    /// Removes an entry from the schedule.
    pub(crate) fn remove(&mut self, entry: ScheduledEntry) {
        if let Some(schedule) = &mut self.schedule {
            schedule.remove(entry);
        }
    }

    /// Reads what is due: everything, or what is new since the last time.
    pub(crate) fn load(&mut self, writer: &Writer<'_>, wall: SystemTime) -> rusqlite::Result<()> {
        let scope = Scope::Of(self.identity());
        let reader = writer.reader();
        if let Some(schedule) = &mut self.schedule {
            for entry in reader.due(scope, self.last_seq, wall)? {
                self.last_seq = entry.seq;
                schedule.add(entry);
            }
            for entry in reader.newly_due(scope, self.searched_at, wall)? {
                schedule.add(entry);
            }
        } else {
            // Entries that a failed transaction has marked, as far as the file knows, were never sent.
            writer.release_unsent(self.identity(), |seq| self.on_wire.get(seq).is_some())?;
            let due = reader.due(scope, 0, wall)?;
            self.last_seq = due.last().map_or(0, |entry| entry.seq);
            self.schedule = Some(Schedule::resume(due, self.on_wire.unsettled()));
        }
        // A clock that was set back must not make entries due twice.
        self.searched_at = self.searched_at.max(wall);
        self.next_held = reader.next_held(self.searched_at)?;
        Ok(())
    }

    /// Whether the file must be searched again because a held entry has become due.
    pub(crate) fn is_held_due(&self, wall: SystemTime) -> bool {
        self.next_held.is_some_and(|time| time <= wall)
    }

    /// Writes how attempts ended. One who is not the leader any more may only add what is certain: the API's acceptance.
    pub(crate) fn write_settled(
        &mut self,
        writer: &Writer<'_>,
        effects: &mut Effects,
        is_leader: bool,
        wants_deliveries: bool,
        wall: SystemTime,
        now: Instant,
    ) -> rusqlite::Result<()> {
        for settled in self.on_wire.settled() {
            let Settled { entry: ScheduledEntry { seq, .. }, verdict, error, .. } = settled;
            let attempt =
                Attempt { error: error.as_deref(), requests: settled.requests, may_be_counted: settled.may_be_counted };
            let mut retry = None;
            match verdict.disposition {
                Disposition::Delivered => {
                    if wants_deliveries && let Some(mut entry) = writer.reader().entry(*seq, wall)? {
                        entry.attempts += settled.requests;
                        effects.events.push(Event::Delivered(entry, settled.body.clone()));
                    }
                    effects.needs_compaction |= writer.finish(*seq, wall)?;
                }
                _ if !is_leader => {}
                Disposition::Pending => {
                    let attempts = writer.make_pending(*seq, &attempt)?;
                    let backs_off = verdict.health == Health::Failure;
                    let wait = || entry_backoff(attempts.unwrap_or(1).saturating_sub(1), fastrand::f64());
                    retry = Some(backs_off.then(|| now + wait()));
                }
                Disposition::Parked(reason) => {
                    self.sweep.note_parked(now);
                    effects.parked(writer.park(*seq, reason, &attempt, wall)?);
                }
            }
            match (&mut self.schedule, retry) {
                (None, _) => {}
                (Some(schedule), Some(due)) => schedule.retry(*seq, due),
                (Some(schedule), None) => schedule.finish(*seq),
            }
        }
        Ok(())
    }

    /// Does to the entries what time alone does, if it is time to look.
    pub(crate) fn sweep(
        &mut self,
        writer: &Writer<'_>,
        effects: &mut Effects,
        wall: SystemTime,
        now: Instant,
    ) -> rusqlite::Result<()> {
        let identity = self.identity();
        let Some(schedule) = &mut self.schedule else { return Ok(()) };
        self.sweep.run(schedule, identity, writer, effects, wall, now)
    }

    /// Chooses what to send, and marks it.
    pub(crate) fn pick(
        &mut self,
        writer: &Writer<'_>,
        effects: &mut Effects,
        wall: SystemTime,
        now: Instant,
    ) -> rusqlite::Result<()> {
        let (room, identity) = (self.room(), self.identity());
        let Some(schedule) = &mut self.schedule else { return Ok(()) };
        while effects.sends.len() < room {
            let Some(entry) = schedule.take(now) else { break };
            // Another process may have discarded it.
            let Some(outgoing) = writer.mark_sending(entry.seq, identity)? else {
                schedule.finish(entry.seq);
                continue;
            };
            if self.sweep.is_expired(outgoing.due_at, wall) {
                effects.parked(writer.park(entry.seq, Reason::Expired, &Attempt::NONE, wall)?);
                schedule.finish(entry.seq);
                continue;
            }
            effects.sends.push((entry, outgoing));
        }
        Ok(())
    }

    /// The file says how all attempts ended.
    pub(crate) fn forget_settled(&mut self) {
        self.on_wire.forget_settled();
    }

    /// Sends what is marked in the file.
    pub(crate) fn send(&mut self, sends: Vec<(ScheduledEntry, Outgoing)>) {
        for (entry, outgoing) in sends {
            failpoint::reach("sending");
            self.on_wire.add(entry, outgoing.is_repeatable);
            self.requests.send(outgoing);
            failpoint::reach("sent");
        }
    }
}

/// A failure with its status and attempts, as JSON text.
fn report(failure: &Failure, outcome: &Outcome) -> String {
    let Outcome { response, attempts, decision, .. } = outcome;
    let report = Report::new(failure, response, *decision).to_json();
    let members = report.strip_prefix('{').unwrap_or("}");
    format!(r#"{{"status":{},"attempts":{attempts},{members}"#, response.status)
}
