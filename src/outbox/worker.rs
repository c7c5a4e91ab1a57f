//! The outbox's thread: waits for something to do, writes all of it in one transaction, and tells what came of it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant, SystemTime};

use crate::api::client::{Client, Outcome};
use crate::api::error::{Failure, Report};
use crate::outbox::command::{Command, Event, Listener, Message, PauseReason, Reply, Settings};
use crate::outbox::delivery::Requests;
use crate::outbox::error::OutboxError;
use crate::outbox::failpoint;
use crate::outbox::lock::DeliveryLock;
use crate::outbox::pause::{Change, Health, Pause, backoff};
use crate::outbox::schedule::Schedule;
use crate::outbox::state::{Batch, Closing, Decision, Deliverer, Settled, Trouble, Worker};
use crate::outbox::store::Store;
use crate::outbox::verdict::judge;

/// How often to look for what other processes have done.
const POLL: Duration = Duration::from_millis(250);
/// The most to write at once.
const MAX_BATCH: usize = 4096;
/// What an outbox is given that nobody closes.
const ABANDONED: Duration = Duration::from_secs(10);
/// After what was cut off at the end of `close` has had its time, the file is left as it is.
const LAST_WRITE: Duration = Duration::from_secs(2);
/// After so long without anything to do the file is tidied, and after so long in any case.
const IDLE: Duration = Duration::from_secs(1);
const UNTIDY: Duration = Duration::from_secs(60);

impl Worker {
    /// An outbox whose file is not open yet.
    pub fn new(
        settings: Settings,
        client: Option<Arc<Client>>,
        listener: Box<dyn Listener>,
        messages: Sender<Message>,
        wants_deliveries: Arc<AtomicBool>,
    ) -> Self {
        Self {
            settings,
            requests: client.map(|client| Requests::new(client, messages)),
            listener,
            wants_deliveries,
            store: None,
            deliverer: None,
            on_wire: HashMap::new(),
            settled: Vec::new(),
            count: None,
            version: None,
            last_seq: 0,
            drained: Vec::new(),
            closing: None,
            trouble: None,
            untidy_since: None,
            active_at: Instant::now(),
        }
    }

    /// Works until the outbox is closed.
    pub fn run(mut self, inbox: &Receiver<Message>) {
        self.tick(Vec::new());
        while !self.is_finished() {
            let first = match self.next_wake() {
                None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(at) => inbox.recv_timeout(at.saturating_duration_since(Instant::now())),
            };
            let mut messages = match first {
                Ok(message) => vec![message],
                Err(RecvTimeoutError::Timeout) => Vec::new(),
                // Without a client the handle is the only sender.
                Err(RecvTimeoutError::Disconnected) => vec![Message::Abandon],
            };
            messages.extend(inbox.try_iter().take(MAX_BATCH));
            self.tick(messages);
        }
        self.finish(inbox);
    }

    fn tick(&mut self, messages: Vec<Message>) {
        let now = Instant::now();
        if !messages.is_empty() {
            self.active_at = now;
        }
        let mut batch = Batch::default();
        let mut queries = Vec::new();
        for message in messages {
            match message {
                Message::Outcome(seq, outcome) => self.settle(seq, outcome, now),
                Message::Cancel(token) => self.cancel(token),
                Message::Abandon => self.close(None, ABANDONED, now),
                Message::Command(token, Command::Close(timeout)) => self.close(Some(token), timeout, now),
                Message::Command(token, _) if self.closing.is_some() => {
                    self.listener.reply(token, Err(OutboxError::closed()));
                }
                Message::Command(token, Command::Record(new)) => batch.records.push((token, new)),
                Message::Command(token, Command::Resend(id)) => batch.decisions.push((token, Decision::Resend(id))),
                Message::Command(token, Command::Discard(id)) => batch.decisions.push((token, Decision::Discard(id))),
                Message::Command(token, Command::Drained) => self.drained.push(token),
                Message::Command(token, query) => queries.push((token, query)),
            }
        }
        self.cut_off(now);
        if let Err(error) = self.work(&mut batch, now) {
            batch.fail(&*self.listener, &error);
            self.fail(error, now);
        }
        for (token, query) in queries {
            let result = self.query(query, now);
            self.listener.reply(token, result);
        }
        self.answer_drained(now);
        self.tidy(now);
        self.listener.flush();
    }

    /// Opens the file if it is not open, and does everything that changes it.
    fn work(&mut self, batch: &mut Batch, now: Instant) -> Result<(), OutboxError> {
        let waits = self.trouble.as_ref().is_some_and(|trouble| trouble.retry_at > now);
        if waits && batch.is_empty() {
            return Ok(());
        }
        let mut store = self.take_store(now)?;
        self.elect(now)?;
        let is_news = self.deliverer.is_some() && self.version != Some(store.read(|reader| reader.version())?);
        let is_due = is_news || self.may_send(now) || self.is_sweep_due(now);
        if batch.is_empty() && self.settled.is_empty() && !is_due {
            self.store = Some(store);
            return Ok(());
        }
        let wants_deliveries = self.wants_deliveries.load(Ordering::Relaxed);
        let is_closing = self.closing.is_some();
        let effects = store.write(|writer| self.apply(batch, writer, wants_deliveries, is_closing, now))?;
        failpoint::reach("committed");
        self.store = Some(store);
        self.recover();
        if let Some(deliverer) = &mut self.deliverer {
            deliverer.has_taken_over |= deliverer.schedule.is_some();
        }
        if effects.is_untidy {
            self.untidy_since.get_or_insert(now);
        }
        self.carry_out(effects);
        Ok(())
    }

    /// Takes the store out, so that it is opened anew if anything goes wrong.
    fn take_store(&mut self, now: Instant) -> Result<Store, OutboxError> {
        if let Some(store) = self.store.take() {
            return Ok(store);
        }
        self.version = None;
        self.count = None;
        let store = Store::open(&self.settings.path, self.settings.is_created)?;
        self.active_at = now;
        Ok(store)
    }

    /// Becomes the one who delivers, if nobody is.
    fn elect(&mut self, now: Instant) -> Result<(), OutboxError> {
        if self.requests.is_none() || self.deliverer.is_some() || self.closing.is_some() {
            return Ok(());
        }
        let path = &self.settings.path;
        let lock = DeliveryLock::try_take(path).map_err(|error| OutboxError::io(path, &error))?;
        self.deliverer = lock.map(|lock| Deliverer {
            _lock: lock,
            schedule: None,
            pause: Pause::default(),
            has_taken_over: false,
            next_sweep: now,
        });
        Ok(())
    }

    /// Takes note of how a request ended.
    fn settle(&mut self, seq: i64, outcome: Outcome, now: Instant) {
        failpoint::reach("answered");
        let Some(turn) = self.on_wire.get(&seq) else { return };
        let (fate, health) = judge(&outcome, turn.is_idempotent);
        let (error, body) = match &outcome.result {
            Ok(body) => (None, body.clone()),
            Err(failure) => (Some(report(failure, &outcome)), String::new()),
        };
        if let Some(deliverer) = &mut self.deliverer {
            match deliverer.pause.note(seq, health, fastrand::f64(), now) {
                Change::None => {}
                Change::Paused(wait) => {
                    let reason = PauseReason::Api(error.clone().unwrap_or_default());
                    self.listener.event(Event::Paused(reason, SystemTime::now() + wait));
                }
                Change::Resumed => {
                    if let Some(schedule) = &mut deliverer.schedule {
                        schedule.hurry();
                    }
                    self.listener.event(Event::Resumed);
                }
            }
        }
        self.settled.push(Settled {
            seq,
            fate,
            is_doubtful: health == Health::Doubtful,
            error,
            body,
            attempts: outcome.attempts,
        });
    }

    /// How many more entries may be sent.
    pub(super) fn room(&self, now: Instant) -> usize {
        let Some(deliverer) = &self.deliverer else { return 0 };
        let limit = deliverer.pause.limit(self.settings.concurrency, now);
        if deliverer.pause.is_paused() { limit } else { limit.saturating_sub(self.on_wire.len()) }
    }

    fn may_send(&self, now: Instant) -> bool {
        let Some(deliverer) = self.deliverer.as_ref().filter(|_| self.closing.is_none()) else { return false };
        deliverer.schedule.as_ref().is_none_or(|schedule| {
            let is_due = schedule.next_due().is_some_and(|due| due <= now);
            (schedule.is_ready() || is_due) && self.room(now) > 0
        })
    }

    fn is_sweep_due(&self, now: Instant) -> bool {
        let deliverer = self.deliverer.as_ref().filter(|_| self.closing.is_none());
        deliverer.is_some_and(|deliverer| {
            deliverer.next_sweep <= now && deliverer.schedule.as_ref().is_some_and(|schedule| !schedule.is_empty())
        })
    }

    /// The file cannot be used: what is on the wire goes on, nothing else is sent, and it is tried again.
    fn fail(&mut self, error: OutboxError, now: Instant) {
        let failures = self.trouble.as_ref().map_or(0, |trouble| trouble.failures);
        let wait = backoff(failures.min(5), fastrand::f64());
        if let Some(deliverer) = &mut self.deliverer {
            // What was done to it may not be in the file.
            deliverer.schedule = None;
        }
        self.count = None;
        self.version = None;
        if self.trouble.is_none() && self.requests.is_some() {
            self.listener.event(Event::Paused(PauseReason::Store(error), SystemTime::now() + wait));
        }
        self.trouble = Some(Trouble { failures: failures + 1, retry_at: now + wait });
    }

    fn recover(&mut self) {
        if self.trouble.take().is_some() && self.requests.is_some() {
            self.listener.event(Event::Resumed);
        }
    }

    fn query(&mut self, query: Command, now: Instant) -> Result<Reply, OutboxError> {
        let store = self.take_store(now)?;
        let result = store.read(|reader| match query {
            Command::List { state, after, limit } => reader.entries(state, after, limit).map(Reply::Entries),
            Command::Show(id) => reader.find(&id).map(|found| Reply::Entries(found.into_iter().collect())),
            _ => reader.stats().map(Reply::Stats),
        });
        self.store = Some(store);
        let mut reply = result?;
        if let Reply::Stats(stats) = &mut reply {
            // That a repeatable entry is on the wire is not in the file.
            let unmarked = self.on_wire.values().filter(|turn| turn.is_idempotent).count() as u64;
            let unmarked = unmarked.min(stats.pending);
            stats.pending -= unmarked;
            stats.sending += unmarked;
        }
        Ok(reply)
    }

    fn answer_drained(&mut self, now: Instant) {
        let is_busy = !self.on_wire.is_empty() || !self.settled.is_empty();
        if self.drained.is_empty() || is_busy || self.trouble.as_ref().is_some_and(|trouble| trouble.retry_at > now) {
            return;
        }
        let is_drained = self
            .take_store(now)
            .and_then(|store| store.read(|reader| reader.is_drained()).inspect(|_| self.store = Some(store)));
        match is_drained {
            Ok(false) => {}
            Ok(true) => {
                for token in self.drained.drain(..) {
                    self.listener.reply(token, Ok(Reply::Done));
                }
            }
            Err(error) => {
                for token in self.drained.drain(..) {
                    self.listener.reply(token, Err(error.clone()));
                }
            }
        }
    }

    fn cancel(&mut self, token: u32) {
        if let Some(position) = self.drained.iter().position(|waiting| *waiting == token) {
            self.drained.swap_remove(position);
            self.listener.reply(token, Err(OutboxError::cancelled()));
        }
    }

    fn tidy(&mut self, now: Instant) {
        let Some(since) = self.untidy_since else { return };
        let is_idle = self.on_wire.is_empty() && now >= self.active_at + IDLE;
        if (is_idle || now >= since + UNTIDY) && self.trouble.is_none() {
            failpoint::reach("tidying");
            let is_tidy = self.store.as_ref().is_some_and(|store| store.tidy().unwrap_or(true));
            self.untidy_since = (!is_tidy).then_some(now);
        }
    }

    fn next_wake(&self) -> Option<Instant> {
        let now = Instant::now();
        let closing = self
            .closing
            .as_ref()
            .map(|closing| if closing.is_cut_off { closing.deadline + LAST_WRITE } else { closing.deadline });
        if closing.is_none() && self.may_send(now) && self.trouble.is_none() {
            return Some(now);
        }
        let schedule = self.deliverer.as_ref().and_then(|deliverer| deliverer.schedule.as_ref());
        let retry = schedule.and_then(Schedule::next_due);
        let probe = self.deliverer.as_ref().and_then(|deliverer| deliverer.pause.until());
        let poll = (self.requests.is_some() || !self.drained.is_empty()).then_some(now + POLL);
        [closing, retry.filter(|due| *due > now), probe.filter(|until| *until > now), poll].into_iter().flatten().min()
    }

    fn close(&mut self, token: Option<u32>, timeout: Duration, now: Instant) {
        let deadline = now.checked_add(timeout).unwrap_or(now + ABANDONED);
        let closing = self.closing.get_or_insert(Closing { tokens: Vec::new(), deadline, is_cut_off: false });
        closing.tokens.extend(token);
    }

    fn cut_off(&mut self, now: Instant) {
        if let Some(closing) = &mut self.closing
            && closing.deadline <= now
            && !closing.is_cut_off
        {
            closing.is_cut_off = true;
            if let Some(requests) = &self.requests {
                requests.abort();
            }
        }
    }

    fn is_finished(&self) -> bool {
        let Some(closing) = &self.closing else { return false };
        let is_written = self.on_wire.is_empty() && self.settled.is_empty();
        is_written || closing.is_cut_off && closing.deadline + LAST_WRITE <= Instant::now()
    }

    fn finish(mut self, inbox: &Receiver<Message>) {
        if let Some(store) = self.store.take() {
            // What cannot be tidied now is tidied by the next who opens it.
            let _ = store.tidy();
        }
        self.deliverer = None;
        let rest = inbox.try_iter().filter_map(|message| match message {
            Message::Command(token, _) => Some(token),
            _ => None,
        });
        for token in self.drained.drain(..).chain(rest) {
            self.listener.reply(token, Err(OutboxError::closed()));
        }
        for token in self.closing.take().map_or_else(Vec::new, |closing| closing.tokens) {
            self.listener.reply(token, Ok(Reply::Done));
        }
        self.listener.flush();
    }
}

/// A failure with its status and attempts, as JSON text.
fn report(failure: &Failure, outcome: &Outcome) -> String {
    let Outcome { response, attempts, verdict, .. } = outcome;
    let report = Report::new(failure, response, *attempts, *verdict).to_json();
    let members = report.strip_prefix('{').unwrap_or("}");
    format!(r#"{{"status":{},"attempts":{attempts},{members}"#, response.status)
}
