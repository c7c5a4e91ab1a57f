//! The outbox's thread: waits for something to do, writes all of it in one transaction, and tells what came of it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Instant, SystemTime};

use crate::api::client::Client;
use crate::outbox::closing::ABANDONED;
use crate::outbox::command::{Command, Event, Listener, Message, PauseReason, Settings};
use crate::outbox::delivery::Requests;
use crate::outbox::error::OutboxError;
use crate::outbox::failpoint;
use crate::outbox::pause::backoff;
use crate::outbox::state::{Batch, Decision, Trouble, Worker};
use crate::outbox::store::Store;

/// The most to write at once.
const MAX_BATCH: usize = 4096;

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
            connection: None,
            on_wire: HashMap::new(),
            settled: Vec::new(),
            count: None,
            version: None,
            last_seq: 0,
            drained: Vec::new(),
            closing: None,
            trouble: None,
            untidy: None,
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
                Message::Commands(read) => {
                    for (token, command) in read() {
                        self.take(token, command, &mut batch, &mut queries, now);
                    }
                }
                Message::Outcome(seq, outcome) => self.settle(seq, *outcome, now),
                Message::Cancel(token) => self.cancel(token),
                // What it was is seen in the file.
                Message::Written => {}
                Message::Unheard => self.unheard(),
                Message::Abandon => self.close(None, ABANDONED, now),
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

    /// Puts a command with those of its kind.
    fn take(
        &mut self,
        token: u32,
        command: Command,
        batch: &mut Batch,
        queries: &mut Vec<(u32, Command)>,
        now: Instant,
    ) {
        match command {
            Command::Close(timeout) => self.close(Some(token), timeout, now),
            _ if self.closing.is_some() => self.listener.reply(token, Err(OutboxError::closed())),
            Command::Record(new) => batch.records.push((token, new)),
            Command::Resend(id) => batch.decisions.push((token, Decision::Resend(id))),
            Command::Discard(id) => batch.decisions.push((token, Decision::Discard(id))),
            Command::Drained => self.drained.push(token),
            query => queries.push((token, query)),
        }
    }

    /// Opens the file if it is not open, and does everything that changes it.
    fn work(&mut self, batch: &mut Batch, now: Instant) -> Result<(), OutboxError> {
        let waits = self.trouble.as_ref().is_some_and(|trouble| trouble.retry_at > now);
        if waits && batch.is_empty() {
            return Ok(());
        }
        let mut store = self.take_store(now)?;
        self.elect(now)?;
        let version = store.read(|reader| reader.version())?;
        let is_news = self.deliverer.is_some() && self.version != Some(version);
        let is_due = is_news || self.may_send(now) || self.is_sweep_due(now);
        if batch.is_empty() && self.settled.is_empty() && !is_due {
            self.store = Some(store);
            self.recover();
            return Ok(());
        }
        let wants_deliveries = self.wants_deliveries.load(Ordering::Relaxed);
        let is_closing = self.closing.is_some();
        let written = store.write(|writer| self.apply(batch, writer, wants_deliveries, is_closing, now));
        if written.as_ref().err().is_none_or(OutboxError::leaves_file_usable) {
            self.store = Some(store);
        }
        let effects = written?;
        failpoint::reach("committed");
        self.recover();
        if !batch.is_empty() {
            self.notify();
        }
        if let Some(deliverer) = &mut self.deliverer {
            deliverer.has_taken_over |= deliverer.schedule.is_some();
        }
        if effects.is_untidy {
            self.make_untidy(now);
        }
        self.carry_out(effects);
        Ok(())
    }

    /// Takes the store out, so that it is opened anew if anything is wrong with the file.
    pub(super) fn take_store(&mut self, now: Instant) -> Result<Store, OutboxError> {
        if let Some(store) = self.store.take() {
            return Ok(store);
        }
        self.version = None;
        self.count = None;
        let store = Store::open(&self.settings.path, self.settings.is_created)?;
        self.active_at = now;
        Ok(store)
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
}
