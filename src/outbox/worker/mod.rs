//! The outbox's thread: waits for messages, writes everything that they ask for in one transaction, and reports the results.

mod backups;
mod closing;
mod file;
mod query;
mod relay;
mod transaction;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant, SystemTime};

use crate::api::client::Client;
use crate::outbox::command::{Command, Event, Listener, Message, PauseReason, Reply, Settings};
use crate::outbox::error::OutboxError;
use crate::outbox::failpoint;
use crate::outbox::leadership;
use crate::outbox::store::Scope;
use crate::outbox::worker::backups::Backups;
use crate::outbox::worker::closing::{ABANDONED, Closing};
use crate::outbox::worker::file::OutboxFile;
use crate::outbox::worker::query::Query;
use crate::outbox::worker::relay::{POLL, Relay};
use crate::outbox::worker::transaction::{Change, Committed, Transaction};

/// The most messages to handle in one transaction.
const MAX_BATCH: usize = 4096;

/// One outbox.
pub(crate) struct Worker {
    settings: Settings,
    listener: Box<dyn Listener>,
    file: OutboxFile,
    /// Missing without a client.
    relay: Option<Relay>,
    backups: Backups,
    /// Commands that wait until everything is delivered.
    drained: Vec<u32>,
    closing: Option<Closing>,
}

/// The commands that came together, with the tokens of their answers.
#[derive(Default)]
struct Batch {
    changes: Vec<(u32, Change)>,
    queries: Vec<(u32, Query)>,
    backups: Vec<(u32, PathBuf)>,
}

impl Worker {
    /// An outbox whose file is not open yet. Without a client nothing is delivered.
    pub(crate) fn new(
        settings: Settings,
        client: Option<Arc<Client>>,
        listener: Box<dyn Listener>,
        messages: Sender<Message>,
        wants_deliveries: Arc<AtomicBool>,
    ) -> Self {
        Self {
            file: OutboxFile::new(&settings),
            relay: client.map(|client| Relay::new(client, &settings, &messages, wants_deliveries)),
            settings,
            listener,
            backups: Backups::new(messages),
            drained: Vec::new(),
            closing: None,
        }
    }

    /// Works until the outbox is closed.
    pub(crate) fn run(mut self, inbox: &Receiver<Message>) {
        self.tick(Vec::new());
        while !self.is_finished() {
            let first = match self.next_wake() {
                None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(at) => inbox.recv_timeout(at.saturating_duration_since(Instant::now())),
            };
            let mut messages = Vec::from_iter(first.ok());
            messages.extend(inbox.try_iter().take(MAX_BATCH));
            self.tick(messages);
        }
        self.finish(inbox);
    }

    fn tick(&mut self, messages: Vec<Message>) {
        let now = Instant::now();
        if !messages.is_empty() {
            self.file.touch(now);
        }
        let mut batch = Batch::default();
        for message in messages {
            self.receive(message, &mut batch, now);
        }
        self.abort_overdue(now);
        if let Err(error) = self.work(&batch.changes, now) {
            for (token, _) in &batch.changes {
                self.listener.reply(*token, Err(error.clone()));
            }
            self.note_failure(error, now);
        }
        let scope = self.scope();
        for (token, query) in batch.queries {
            let result = self.file.read(now, |reader| query.read(reader, scope, SystemTime::now()));
            self.listener.reply(token, result);
        }
        for (token, copy) in batch.backups {
            let started = self.file.open(now).and_then(|()| self.backups.start(token, self.file.path.clone(), copy));
            if let Err(error) = started {
                self.listener.reply(token, Err(error));
            }
        }
        self.answer_drained(now);
        self.file.compact(self.is_sending(), now);
        self.listener.flush();
    }

    fn receive(&mut self, message: Message, batch: &mut Batch, now: Instant) {
        match message {
            Message::Commands(read) => {
                for (token, command) in read() {
                    self.sort(token, command, batch, now);
                }
            }
            Message::Outcome(seq, outcome) => {
                let event = self.relay.as_mut().and_then(|relay| relay.delivery.settle(seq, *outcome, now));
                self.report(event);
            }
            Message::ProbeOutcome(outcome) => {
                let event = self.relay.as_mut().and_then(|relay| relay.delivery.settle_probe(&outcome, now));
                self.report(event);
            }
            Message::BackedUp(token, result) => {
                self.backups.finish(token);
                self.listener.reply(token, result.map(|()| Reply::Done));
            }
            Message::Cancel(token) => self.cancel(token),
            // Waking up was enough: the file shows what is new.
            Message::PeerWrote => {}
            Message::PeerLost => {
                if let Some(relay) = &mut self.relay {
                    relay.leadership.lose_peer();
                }
            }
            Message::Abandon => self.close(None, ABANDONED, now),
        }
    }

    fn report(&self, event: Option<Event>) {
        if let Some(event) = event {
            self.listener.event(event);
        }
    }

    /// Puts a command among those of its kind.
    fn sort(&mut self, token: u32, command: Command, batch: &mut Batch, now: Instant) {
        match command {
            Command::Close(timeout) => self.close(Some(token), timeout, now),
            _ if self.closing.is_some() => self.listener.reply(token, Err(OutboxError::Closed)),
            Command::Record(new) => batch.changes.push((token, Change::Record(new))),
            Command::Resend(id) => batch.changes.push((token, Change::Resend(id))),
            Command::Discard(id) => batch.changes.push((token, Change::Discard(id))),
            Command::Erase(customer) => batch.changes.push((token, Change::Erase(customer))),
            Command::Adopt => batch.changes.push((token, Change::Adopt)),
            Command::Resume => batch.changes.push((token, Change::Resume)),
            Command::List { phase, after, limit } => batch.queries.push((token, Query::List { phase, after, limit })),
            Command::Show(id) => batch.queries.push((token, Query::Show(id))),
            Command::Stats => batch.queries.push((token, Query::Stats)),
            Command::Backup(copy) => batch.backups.push((token, copy)),
            Command::Drained => self.drained.push(token),
        }
    }

    /// Opens the file if it is not open, and does everything that changes it.
    fn work(&mut self, changes: &[(u32, Change)], now: Instant) -> Result<(), OutboxError> {
        if self.file.is_backing_off(now) && changes.is_empty() {
            return Ok(());
        }
        let is_closing = self.closing.is_some();
        let mut store = self.file.take(now)?;
        if !is_closing && let Some(relay) = &mut self.relay {
            let elected = relay.elect(&mut store, &mut self.file.identities, now);
            if let Err(error) = elected {
                self.file.put_back(store, Some(&error));
                return Err(error);
            }
        }
        let data_version = store.read(|reader| reader.data_version())?;
        let leads = !is_closing && self.leads();
        let is_due = self.relay.as_ref().is_some_and(|relay| {
            relay.delivery.has_settled()
                || leads
                    && (!self.file.seen.is_current(data_version)
                        || relay.delivery.has_work(now)
                        || relay.is_pause_news())
        });
        if changes.is_empty() && !is_due {
            self.file.put_back(store, None);
            self.recover();
            self.proceed(now);
            return Ok(());
        }
        let scope = self.scope();
        let written = store.write(|writer| {
            let transaction = Transaction {
                writer,
                settings: &self.settings,
                path: &self.file.path,
                scope,
                seen: &mut self.file.seen,
                relay: self.relay.as_mut(),
                leads,
                wall: SystemTime::now(),
                now,
                committed: Committed::default(),
            };
            transaction.run(changes)
        });
        self.file.put_back(store, written.as_ref().err());
        let committed = written?;
        failpoint::reach("committed");
        self.recover();
        if !changes.is_empty() {
            self.notify_peers();
        }
        self.carry_out(committed, now);
        self.proceed(now);
        Ok(())
    }

    fn scope(&self) -> Scope {
        self.relay.as_ref().map_or(Scope::Everybody, |relay| Scope::Of(relay.delivery.identity()))
    }

    fn leads(&self) -> bool {
        self.relay.as_ref().is_some_and(|relay| relay.leadership.is_leader())
    }

    fn is_sending(&self) -> bool {
        self.relay.as_ref().is_some_and(|relay| !relay.delivery.is_idle())
    }

    /// Notifies other processes that something was written.
    fn notify_peers(&self) {
        let OutboxFile { path, identities, .. } = &self.file;
        match &self.relay {
            Some(relay) => relay.leadership.notify(path, identities),
            None => leadership::notify_all(path, identities),
        }
    }

    /// Reports the results, which are on the disk now, and sends what is marked.
    fn carry_out(&mut self, committed: Committed, now: Instant) {
        let Committed { replies, effects, record, is_deposed } = committed;
        for (token, result) in replies {
            self.listener.reply(token, result);
        }
        for event in effects.events {
            self.listener.event(event);
        }
        if effects.needs_compaction {
            self.file.request_compaction(now);
        }
        let Some(relay) = &mut self.relay else { return };
        relay.delivery.forget_settled();
        self.listener.flush();
        failpoint::reach("told");
        relay.commit(effects.sends, record, is_deposed);
    }

    fn proceed(&mut self, now: Instant) {
        if self.closing.is_none()
            && let Some(relay) = &mut self.relay
        {
            relay.proceed(now);
        }
    }

    /// The file cannot be used: what is being sent goes on, nothing else is sent, and the file is tried again.
    fn note_failure(&mut self, error: OutboxError, now: Instant) {
        let first_wait = self.file.back_off(now);
        let Some(relay) = &mut self.relay else { return };
        // Its changes may not be in the file.
        relay.delivery.unload();
        if let Some(wait) = first_wait {
            self.listener.event(Event::Paused(PauseReason::Store(error), SystemTime::now() + wait));
        }
    }

    fn recover(&mut self) {
        if self.file.recover() && self.relay.is_some() {
            self.listener.event(Event::Resumed);
        }
    }

    /// Answers the commands that wait for everything to be delivered, if it is.
    fn answer_drained(&mut self, now: Instant) {
        if self.drained.is_empty() || self.is_sending() || self.file.is_backing_off(now) {
            return;
        }
        let scope = self.scope();
        let result = match self.file.read(now, |reader| reader.is_drained(scope, SystemTime::now())) {
            Ok(false) => return,
            Ok(true) => Ok(()),
            Err(error) => Err(error),
        };
        for token in self.drained.drain(..) {
            self.listener.reply(token, result.clone().map(|()| Reply::Done));
        }
    }

    /// Answers a command at once that waits for deliveries.
    fn cancel(&mut self, token: u32) {
        if let Some(position) = self.drained.iter().position(|waiting| *waiting == token) {
            self.drained.swap_remove(position);
            self.listener.reply(token, Err(OutboxError::Cancelled));
        }
    }

    /// When to wake up, if no message comes before.
    fn next_wake(&self) -> Option<Instant> {
        let now = Instant::now();
        let closing = self.closing.as_ref().map(Closing::next_wake);
        if let Some(retry_at) = self.file.retry_at() {
            let is_wanted = self.relay.is_some() || !self.drained.is_empty();
            return closing.into_iter().chain(is_wanted.then_some(retry_at)).min();
        }
        // No peer notifies a follower that everything is delivered.
        let polls_drained = !self.leads() && !self.drained.is_empty();
        [
            closing,
            self.relay.as_ref().and_then(|relay| relay.next_wake(self.closing.is_some(), now)),
            self.file.next_compaction(self.is_sending()),
            polls_drained.then_some(now + POLL),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Rejects new commands, and lets what is being sent finish within `timeout`.
    fn close(&mut self, token: Option<u32>, timeout: Duration, now: Instant) {
        self.closing.get_or_insert_with(|| Closing::begin(timeout, now)).add(token);
    }

    /// Aborts what is being sent when its time is over.
    fn abort_overdue(&mut self, now: Instant) {
        if self.closing.as_mut().is_some_and(|closing| closing.must_abort(now))
            && let Some(relay) = &self.relay
        {
            relay.delivery.abort();
        }
    }

    /// Whether there is nothing left to do.
    fn is_finished(&self) -> bool {
        self.closing.as_ref().is_some_and(|closing| !self.is_sending() || closing.is_over(Instant::now()))
    }

    /// Closes the file, and answers every command that is left.
    fn finish(mut self, inbox: &Receiver<Message>) {
        self.file.close();
        // The next leader finds the file closed.
        self.relay = None;
        let rest = inbox.try_iter().flat_map(|message| match message {
            Message::Commands(read) => read(),
            _ => Vec::new(),
        });
        let rest: Vec<u32> = rest.map(|(token, _)| token).collect();
        for token in self.drained.drain(..).chain(self.backups.abandon()).chain(rest) {
            self.listener.reply(token, Err(OutboxError::Closed));
        }
        for token in self.closing.take().map_or_else(Vec::new, Closing::into_tokens) {
            self.listener.reply(token, Ok(Reply::Done));
        }
        self.listener.flush();
    }
}
