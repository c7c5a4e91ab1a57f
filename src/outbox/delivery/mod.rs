//! Deliveries: chooses which entries are sent and when, and writes how their attempts ended.

mod backlog;
pub(crate) mod effects;
mod on_wire;
mod requests;
pub(crate) mod schedule;
mod sweep;

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Instant, SystemTime};

use crate::api::client::{Client, Outcome};
use crate::api::error::{Failure, Report};
use crate::outbox::circuit_breaker::{Change, CircuitBreaker, entry_backoff};
use crate::outbox::command::{Event, Message, PauseReason, Settings};
use crate::outbox::delivery::backlog::Backlog;
use crate::outbox::delivery::effects::Effects;
use crate::outbox::delivery::on_wire::{OnWire, Sending, Settled};
use crate::outbox::delivery::requests::Requests;
use crate::outbox::delivery::schedule::ScheduledEntry;
use crate::outbox::delivery::sweep::Sweep;
use crate::outbox::entry::{Identity, Outgoing, Reason};
use crate::outbox::failpoint;
use crate::outbox::policy::{Disposition, Health, Probe, classify_outcome, classify_probe};
use crate::outbox::store::{Writer, writer::Attempt};

/// The deliveries of one client.
pub(crate) struct Delivery {
    requests: Requests,
    /// Whether anything may be sent.
    breaker: CircuitBreaker,
    /// Until when the breaker is open, by the clock on the wall.
    paused_until: Option<SystemTime>,
    /// `None` until it was read from the file.
    backlog: Option<Backlog>,
    on_wire: OnWire,
    sweep: Sweep,
}

impl Delivery {
    /// Nothing is sent yet. Outcomes go to `messages`.
    pub(crate) fn new(client: Arc<Client>, settings: &Settings, messages: Sender<Message>) -> Self {
        Self {
            requests: Requests::new(client, messages),
            breaker: CircuitBreaker::new(settings.concurrency),
            paused_until: None,
            backlog: None,
            on_wire: OnWire::default(),
            sweep: Sweep::new(settings),
        }
    }

    /// The identity of the client: its key and base URL.
    pub(crate) fn identity(&self) -> Identity {
        self.requests.identity()
    }

    /// Records how an entry's request ended. Returns what to report.
    pub(crate) fn settle(&mut self, seq: i64, outcome: Outcome, now: Instant) -> Option<Event> {
        failpoint::reach("answered");
        let Sending { entry, is_repeatable } = self.on_wire.get(seq)?;
        let classification = classify_outcome(&outcome, is_repeatable);
        let may_be_counted = outcome.decision.ambiguous;
        let error = outcome.result.as_ref().err().map(|failure| report(failure, &outcome));
        let change = self.breaker.record(classification, fastrand::f64(), now);
        let event = self.note(change, error.as_deref());
        self.on_wire.settle(Settled {
            entry,
            classification,
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

    /// When this process may be the leader again, if another one should deliver because its key was refused twice.
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

    /// Aborts what is being sent.
    pub(crate) fn abort(&self) {
        self.requests.abort();
    }

    /// Forgets what was read from the file: it may have changed, or is another leader's business.
    pub(crate) fn unload(&mut self) {
        self.backlog = None;
    }

    /// Whether there is something to read, write or send now.
    pub(crate) fn has_work(&self, now: Instant) -> bool {
        let Some(backlog) = &self.backlog else { return true };
        backlog.schedule.is_ready(now) && self.room() > 0
            || self.sweep.next_at(&backlog.schedule).is_some_and(|at| at <= now)
            || backlog.is_held_due(SystemTime::now())
    }

    /// When there will be something to do, if nothing happens before.
    pub(crate) fn next_wake(&self, now: Instant) -> Option<Instant> {
        if self.has_work(now) {
            return Some(now);
        }
        let backlog = self.backlog.as_ref()?;
        let schedule = &backlog.schedule;
        [
            // An entry that is due already waits for something else.
            schedule.next_due().filter(|due| *due > now),
            self.breaker.probe_at().filter(|_| !schedule.is_empty()),
            self.sweep.next_at(schedule),
            backlog.next_search(now),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Sends a probe if it is time for one, and anything waits for it.
    pub(crate) fn probe(&mut self, now: Instant) {
        let is_wanted = self.backlog.as_ref().is_some_and(|backlog| !backlog.schedule.is_empty());
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

    /// Adds an entry that this process has written, and that is held until `deliver_at`.
    pub(crate) fn add(&mut self, entry: ScheduledEntry, deliver_at: Option<SystemTime>) {
        if let Some(backlog) = &mut self.backlog {
            backlog.add(entry, deliver_at);
        }
    }

    /// Removes an entry that is not being sent.
    pub(crate) fn remove(&mut self, entry: ScheduledEntry) {
        if let Some(backlog) = &mut self.backlog {
            backlog.schedule.remove(entry);
        }
    }

    /// Reads what is due: everything, or what is new if there may be something. `is_changed` says that somebody else has written
    /// to the file.
    pub(crate) fn load(&mut self, writer: &Writer<'_>, is_changed: bool, wall: SystemTime) -> rusqlite::Result<()> {
        match &self.backlog {
            None => self.backlog = Some(Backlog::read(writer, self.identity(), &self.on_wire, wall)?),
            Some(backlog) if is_changed || backlog.is_held_due(wall) => self.update(writer, wall)?,
            Some(_) => {}
        }
        Ok(())
    }

    /// Reads what is new, if the rest was read.
    pub(crate) fn update(&mut self, writer: &Writer<'_>, wall: SystemTime) -> rusqlite::Result<()> {
        let identity = self.identity();
        self.backlog.as_mut().map_or(Ok(()), |backlog| backlog.update(&writer.reader(), identity, wall))
    }

    /// Writes how attempts ended. After a takeover by another process only acceptances are written: those are certain.
    pub(crate) fn write_settled(
        &mut self,
        writer: &Writer<'_>,
        effects: &mut Effects,
        may_write: bool,
        wants_deliveries: bool,
        wall: SystemTime,
        now: Instant,
    ) -> rusqlite::Result<()> {
        for settled in self.on_wire.settled() {
            let Settled { entry: ScheduledEntry { seq, .. }, classification, error, .. } = settled;
            let attempt =
                Attempt { error: error.as_deref(), requests: settled.requests, may_be_counted: settled.may_be_counted };
            let mut retry = None;
            match classification.disposition {
                Disposition::Delivered => {
                    if wants_deliveries && let Some(mut entry) = writer.reader().entry(*seq, wall)? {
                        entry.attempts += settled.requests;
                        effects.events.push(Event::Delivered(entry, settled.body.clone()));
                    }
                    effects.needs_compaction |= writer.finish(*seq, wall)?;
                }
                _ if !may_write => {}
                Disposition::Pending => {
                    let attempts = writer.make_pending(*seq, &attempt)?;
                    let backs_off = classification.health == Health::Failure;
                    let wait = || entry_backoff(attempts.unwrap_or(1).saturating_sub(1), fastrand::f64());
                    retry = Some(backs_off.then(|| now + wait()));
                }
                Disposition::Parked(reason) => {
                    self.sweep.note_parked(now);
                    effects.parked(writer.park(*seq, reason, &attempt, wall)?);
                }
            }
            match (&mut self.backlog, retry) {
                (None, _) => {}
                (Some(backlog), Some(due)) => backlog.schedule.retry(*seq, due),
                (Some(backlog), None) => backlog.schedule.finish(*seq),
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
        let Some(Backlog { schedule, .. }) = &mut self.backlog else { return Ok(()) };
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
        let Some(Backlog { schedule, .. }) = &mut self.backlog else { return Ok(()) };
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
