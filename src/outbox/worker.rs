//! The outbox's thread: waits for something to do, writes all of it in one transaction, and reports what came of it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::api::client::Client;
use crate::outbox::circuit_breaker::store_backoff;
use crate::outbox::command::{Command, Event, Listener, Message, NewEntry, PauseReason, Reply, Settings};
use crate::outbox::delivery::Delivery;
use crate::outbox::delivery::effects::Effects;
use crate::outbox::delivery::schedule::ScheduledEntry;
use crate::outbox::entry::{Identity, to_millis};
use crate::outbox::error::{OutboxError, StoreProblem};
use crate::outbox::failpoint;
use crate::outbox::leadership::lock::LeaderLock;
use crate::outbox::leadership::{self, Leadership};
use crate::outbox::store::files::FileId;
use crate::outbox::store::housekeeping::{Compaction, Housekeeping};
use crate::outbox::store::writer::Recorded;
use crate::outbox::store::{self, Scope, Store, Writer};

/// The most messages to handle in one transaction.
const MAX_BATCH: usize = 4096;
/// How often to look for what other processes have done, where no peer notifies this one.
const POLL: Duration = Duration::from_millis(250);
/// How long an abandoned outbox may finish what it is sending.
const ABANDONED: Duration = Duration::from_secs(10);
/// How long requests that `close` has aborted may take to end before the file is left as it is.
const LAST_WRITE: Duration = Duration::from_secs(2);
/// The failure of an entry that was being sent when its leader ended.
const INTERRUPTED: &str = r#"{"kind":"outbox","code":"INTERRUPTED","attempts":1,"message":"The process ended while the request was on the wire: it may have been counted"}"#;

/// One outbox.
pub(crate) struct Worker {
    settings: Settings,
    listener: Box<dyn Listener>,
    messages: Sender<Message>,
    wants_deliveries: Arc<AtomicBool>,
    store: Option<Store>,
    /// The path of the file itself, once it was opened.
    path: PathBuf,
    /// The file that this outbox works on. Another one at the same path has other entries under the same numbers.
    file: Option<FileId>,
    store_backoff: Option<StoreBackoff>,
    housekeeping: Housekeeping,
    /// Deliveries, and which process makes them; missing without a client.
    delivery: Option<Delivery>,
    leadership: Option<Leadership>,
    /// Identities that the file lists.
    identities: Vec<Identity>,
    /// `PRAGMA data_version` when the file was last searched.
    data_version: Option<i64>,
    /// How many entries may be recorded at least, unless others record.
    room: Option<u64>,
    has_reported_foreign: bool,
    drained: Vec<u32>,
    backups: Vec<u32>,
    closing: Option<Closing>,
    active_at: Instant,
}

/// No new commands.
struct Closing {
    tokens: Vec<u32>,
    deadline: Instant,
    is_aborted: bool,
}

/// The file cannot be used for a while.
struct StoreBackoff {
    failures: u32,
    retry_at: Instant,
}

/// A change that a caller asked for.
enum Change {
    Record(NewEntry),
    Resend(String),
    Discard(String),
    Erase(String),
    Adopt,
    Resume,
}

/// The rights of this process to the file.
struct Authority {
    /// Choose what is sent next.
    leads: bool,
    /// Say how attempts ended.
    may_write: bool,
}

/// The results of a transaction.
#[derive(Default)]
struct Round {
    replies: Vec<(u32, Result<Reply, OutboxError>)>,
    effects: Effects,
    /// This process is not the leader any more.
    is_deposed: bool,
    takeover: Option<i64>,
    /// Of the leader, as the file says now.
    resumes: Option<i64>,
    noted_pause: Option<Option<i64>>,
    data_version: Option<i64>,
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
        let delivery = client.map(|client| Delivery::new(client, &settings, messages.clone()));
        let leadership = delivery.as_ref().map(|delivery| Leadership::new(delivery.identity(), messages.clone()));
        Self {
            path: settings.path.clone(),
            settings,
            listener,
            messages,
            wants_deliveries,
            store: None,
            file: None,
            store_backoff: None,
            housekeeping: Housekeeping::default(),
            delivery,
            leadership,
            identities: Vec::new(),
            data_version: None,
            room: None,
            has_reported_foreign: false,
            drained: Vec::new(),
            backups: Vec::new(),
            closing: None,
            active_at: Instant::now(),
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
            self.active_at = now;
        }
        let mut changes = Vec::new();
        let mut queries = Vec::new();
        for message in messages {
            match message {
                Message::Commands(read) => {
                    for (token, command) in read() {
                        self.sort(token, command, &mut changes, &mut queries, now);
                    }
                }
                Message::Outcome(seq, outcome) => {
                    let event = self.delivery.as_mut().and_then(|delivery| delivery.settle(seq, *outcome, now));
                    self.report(event);
                }
                Message::ProbeOutcome(outcome) => {
                    let event = self.delivery.as_mut().and_then(|delivery| delivery.settle_probe(&outcome, now));
                    self.report(event);
                }
                Message::BackedUp(token, result) => {
                    self.backups.retain(|running| *running != token);
                    self.listener.reply(token, result.map(|()| Reply::Done));
                }
                Message::Cancel(token) => self.cancel(token),
                // The file says what.
                Message::PeerWrote => {}
                Message::PeerLost => {
                    if let Some(leadership) = &mut self.leadership {
                        leadership.lose_peer();
                    }
                }
                Message::Abandon => self.close(None, ABANDONED, now),
            }
        }
        self.abort_overdue(now);
        if let Err(error) = self.work(&changes, now) {
            for (token, _) in &changes {
                self.listener.reply(*token, Err(error.clone()));
            }
            self.note_failure(error, now);
        }
        for (token, query) in queries {
            if let Some(result) = self.query(token, query, now).transpose() {
                self.listener.reply(token, result);
            }
        }
        self.answer_drained(now);
        self.compact(now);
        self.listener.flush();
    }

    fn report(&self, event: Option<Event>) {
        if let Some(event) = event {
            self.listener.event(event);
        }
    }

    /// Puts a command among those of its kind.
    fn sort(
        &mut self,
        token: u32,
        command: Command,
        changes: &mut Vec<(u32, Change)>,
        queries: &mut Vec<(u32, Command)>,
        now: Instant,
    ) {
        let change = match command {
            Command::Close(timeout) => return self.close(Some(token), timeout, now),
            _ if self.closing.is_some() => return self.listener.reply(token, Err(OutboxError::Closed)),
            Command::Record(new) => Change::Record(new),
            Command::Resend(id) => Change::Resend(id),
            Command::Discard(id) => Change::Discard(id),
            Command::Erase(customer) => Change::Erase(customer),
            Command::Adopt => Change::Adopt,
            Command::Resume => Change::Resume,
            Command::Drained => return self.drained.push(token),
            query => return queries.push((token, query)),
        };
        changes.push((token, change));
    }

    /// Opens the file if it is not open, and does everything that changes it.
    fn work(&mut self, changes: &[(u32, Change)], now: Instant) -> Result<(), OutboxError> {
        let is_waiting = self.store_backoff.as_ref().is_some_and(|backoff| backoff.retry_at > now);
        if is_waiting && changes.is_empty() {
            return Ok(());
        }
        let mut store = self.take_store(now)?;
        let elected = self.elect(&mut store, now);
        if let Err(error) = elected {
            self.keep(store, Some(&error));
            return Err(error);
        }
        let data_version = store.read(|reader| reader.data_version())?;
        let leads = self.leadership.as_ref().is_some_and(Leadership::is_leader) && self.closing.is_none();
        let is_due = self.delivery.as_ref().is_some_and(|delivery| {
            delivery.has_settled()
                || leads && (self.data_version != Some(data_version) || delivery.has_work(now) || self.is_pause_news())
        });
        if changes.is_empty() && !is_due {
            self.store = Some(store);
            self.recover();
            self.proceed(now);
            return Ok(());
        }
        let written = store.write(|writer| self.transact(changes, writer, leads, now));
        self.keep(store, written.as_ref().err());
        let round = written?;
        failpoint::reach("committed");
        self.recover();
        if !changes.is_empty() {
            match &self.leadership {
                Some(leadership) => leadership.notify(&self.path, &self.identities),
                None => leadership::notify_all(&self.path, &self.identities),
            }
        }
        self.carry_out(round, now);
        self.proceed(now);
        Ok(())
    }

    /// Takes the store out, so that it is opened anew if anything is wrong with the file.
    fn take_store(&mut self, now: Instant) -> Result<Store, OutboxError> {
        if let Some(store) = self.store.take() {
            return Ok(store);
        }
        self.data_version = None;
        self.room = None;
        // A file that was in use is not replaced by an empty one.
        let create = self.settings.create && self.file.is_none();
        let store = Store::open(&self.settings.path, create)?;
        if self.file.is_some_and(|file| file != store.id()) {
            return Err(StoreProblem::Unfit(store::MOVED.to_owned()).at(store.path()));
        }
        self.file = Some(store.id());
        store.path().clone_into(&mut self.path);
        self.identities = store.read(|reader| reader.identities())?;
        self.active_at = now;
        Ok(store)
    }

    /// Puts the store back, unless after this failure the file has to be opened anew.
    fn keep(&mut self, store: Store, error: Option<&OutboxError>) {
        if error.is_none_or(OutboxError::keeps_connection) {
            self.store = Some(store);
        }
    }

    fn elect(&mut self, store: &mut Store, now: Instant) -> Result<(), OutboxError> {
        let Some(leadership) = self.leadership.as_mut().filter(|_| self.closing.is_none()) else { return Ok(()) };
        let Some(delivery) = &self.delivery else { return Ok(()) };
        let identity = delivery.identity();
        if !self.identities.contains(&identity) {
            // The order in the file decides which socket is whose.
            self.identities = store.write(|writer| {
                writer.leaders().register(identity)?;
                writer.reader().identities()
            })?;
        }
        leadership
            .elect(store.path(), &self.identities, now)
            .map_err(|error| StoreProblem::from(error).at(store.path()))
    }

    /// Whether the file does not say until when this leader pauses.
    fn is_pause_news(&self) -> bool {
        let paused_until = self.delivery.as_ref().and_then(Delivery::paused_until).map(to_millis);
        self.leadership.as_ref().is_some_and(|leadership| leadership.noted_pause() != paused_until)
    }

    fn scope(&self) -> Scope {
        self.delivery.as_ref().map_or(Scope::Everybody, |delivery| Scope::Of(delivery.identity()))
    }

    /// Does all that is to be done to the file. If the transaction fails, the schedule is read anew.
    fn transact(
        &mut self,
        changes: &[(u32, Change)],
        writer: &Writer<'_>,
        leads: bool,
        now: Instant,
    ) -> rusqlite::Result<Round> {
        let wall = SystemTime::now();
        let mut round = Round::default();
        let data_version = writer.reader().data_version()?;
        let is_changed = self.data_version != Some(data_version);
        round.data_version = Some(data_version);
        if is_changed {
            self.room = None;
        }
        let Authority { leads, may_write } = self.check_epoch(writer, leads, wall, &mut round)?;
        if let Some(delivery) = &mut self.delivery {
            let wants_deliveries = self.wants_deliveries.load(Ordering::Relaxed);
            delivery.write_settled(writer, &mut round.effects, may_write, wants_deliveries, wall, now)?;
            if leads && (!delivery.is_loaded() || is_changed || delivery.is_held_due(wall)) {
                delivery.load(writer, wall)?;
            }
        }
        for (token, change) in changes {
            let reply = self.apply(change, writer, wall, &mut round)?;
            round.replies.push((*token, reply));
        }
        let is_pause_news = self.is_pause_news();
        if leads && let Some(delivery) = &mut self.delivery {
            delivery.sweep(writer, &mut round.effects, wall, now)?;
            delivery.pick(writer, &mut round.effects, wall, now)?;
            if round.effects.has_parked {
                round.effects.needs_compaction |= writer.bound_parked(self.settings.max_entries, wall)?;
            }
            if is_pause_news {
                let paused_until = delivery.paused_until();
                writer.leaders().set_paused_until(delivery.identity(), paused_until)?;
                round.noted_pause = Some(paused_until.map(to_millis));
            }
        }
        failpoint::reach("written");
        Ok(round)
    }

    /// The rights of this process. A new leader takes over from the one before.
    fn check_epoch(
        &mut self,
        writer: &Writer<'_>,
        leads: bool,
        wall: SystemTime,
        round: &mut Round,
    ) -> rusqlite::Result<Authority> {
        let none = Authority { leads: false, may_write: false };
        let Some((delivery, leader)) =
            self.delivery.as_mut().zip(self.leadership.as_mut().and_then(Leadership::leader))
        else {
            return Ok(none);
        };
        let identity = delivery.identity();
        if let Some(epoch) = leader.epoch {
            if writer.reader().epoch(identity)? != Some(epoch) {
                round.is_deposed = true;
                return Ok(none);
            }
            let resumes = writer.reader().resumes(identity)?;
            if leads && resumes != leader.resumes {
                round.effects.events.extend(delivery.resume());
                round.resumes = Some(resumes);
            }
            // While it closes, the leader finishes what it has begun.
            return Ok(Authority { leads, may_write: true });
        }
        if !leads {
            return Ok(none);
        }
        let takeover = writer.take_over(identity, INTERRUPTED, wall)?;
        round.takeover = Some(takeover.epoch);
        round.resumes = Some(writer.reader().resumes(identity)?);
        round.effects.events.extend(takeover.parked.into_iter().map(Event::Parked));
        round.effects.needs_compaction = true;
        delivery.unload();
        if self.settings.adopt {
            self.adopt(writer, wall, round)?;
        } else if !self.has_reported_foreign {
            let foreign = writer.reader().foreign(identity)?;
            self.has_reported_foreign = foreign > 0;
            round.effects.events.extend((foreign > 0).then_some(Event::Foreign(foreign)));
        }
        failpoint::reach("taken over");
        Ok(Authority { leads, may_write: true })
    }

    fn apply(
        &mut self,
        change: &Change,
        writer: &Writer<'_>,
        wall: SystemTime,
        round: &mut Round,
    ) -> rusqlite::Result<Result<Reply, OutboxError>> {
        let scope = self.scope();
        Ok(Ok(match change {
            Change::Record(new) => return self.record(new, writer, scope, wall),
            Change::Resend(id) => {
                let entry = writer.resend(id, scope, wall)?;
                if let (Some(delivery), Some(entry)) = (&mut self.delivery, entry) {
                    delivery.add(entry, None);
                }
                Reply::Found(entry.is_some())
            }
            Change::Discard(id) => {
                let entry = writer.discard(id, scope, wall)?;
                self.removed(entry.as_slice(), round);
                Reply::Found(entry.is_some())
            }
            Change::Erase(customer) => {
                let entries = writer.erase(customer)?;
                self.removed(&entries, round);
                Reply::Count(entries.len() as u64)
            }
            Change::Adopt => Reply::Count(self.adopt(writer, wall, round)?),
            Change::Resume => {
                let event = self.delivery.as_mut().and_then(Delivery::resume);
                let is_other = writer.leaders().request_resume(scope)?;
                let is_own = event.is_some();
                round.effects.events.extend(event);
                Reply::Found(is_own || is_other)
            }
        }))
    }

    fn record(
        &mut self,
        new: &NewEntry,
        writer: &Writer<'_>,
        scope: Scope,
        wall: SystemTime,
    ) -> rusqlite::Result<Result<Reply, OutboxError>> {
        let max = self.settings.max_entries;
        let room = match self.room {
            Some(room) if room > 0 => room,
            _ => writer.reader().room(scope, max)?,
        };
        self.room = Some(room);
        if room == 0 {
            return Ok(match &new.id {
                Some(id) if writer.is_known(id, scope)? => Ok(Reply::Recorded { id: id.clone(), is_duplicate: true }),
                _ => Err(OutboxError::Full(max)),
            });
        }
        Ok(Ok(match writer.record(new, scope, wall)? {
            Recorded::Added { id, entry } => {
                self.room = Some(room - 1);
                if let Some(delivery) = &mut self.delivery {
                    delivery.add(entry, new.deliver_at.filter(|time| *time > wall));
                }
                Reply::Recorded { id, is_duplicate: false }
            }
            Recorded::Duplicate(id) => Reply::Recorded { id, is_duplicate: true },
        }))
    }

    fn removed(&mut self, entries: &[ScheduledEntry], round: &mut Round) {
        round.effects.needs_compaction |= !entries.is_empty();
        if let Some(delivery) = &mut self.delivery {
            for entry in entries {
                delivery.remove(*entry);
            }
        }
    }

    /// Takes over the entries of other identities, those of leaders that are gone included.
    fn adopt(&mut self, writer: &Writer<'_>, wall: SystemTime, round: &mut Round) -> rusqlite::Result<u64> {
        let Some(delivery) = &mut self.delivery else { return Ok(0) };
        let identity = delivery.identity();
        for other in writer.reader().identities()? {
            // While the lock is held here, nobody else leads.
            if other != identity && LeaderLock::try_take(&self.path, other).is_ok_and(|lock| lock.is_some()) {
                let takeover = writer.take_over(other, INTERRUPTED, wall)?;
                round.effects.events.extend(takeover.parked.into_iter().map(Event::Parked));
            }
        }
        let adopted = writer.adopt(identity)?;
        round.effects.needs_compaction |= adopted > 0;
        if delivery.is_loaded() {
            delivery.load(writer, wall)?;
        }
        Ok(adopted)
    }

    /// Reports what was done, and sends what was picked.
    fn carry_out(&mut self, round: Round, now: Instant) {
        let Round { replies, effects, is_deposed, takeover, resumes, noted_pause, data_version } = round;
        self.data_version = data_version;
        if let Some(leader) = self.leadership.as_mut().and_then(Leadership::leader) {
            leader.epoch = takeover.or(leader.epoch);
            leader.resumes = resumes.unwrap_or(leader.resumes);
            leader.noted_pause = noted_pause.unwrap_or(leader.noted_pause);
        }
        for (token, result) in replies {
            self.listener.reply(token, result);
        }
        for event in effects.events {
            self.listener.event(event);
        }
        if effects.needs_compaction {
            self.housekeeping.request(now);
        }
        let Some(delivery) = &mut self.delivery else { return };
        delivery.forget_settled();
        self.listener.flush();
        failpoint::reach("told");
        delivery.send(effects.sends);
        if is_deposed {
            delivery.unload();
            if let Some(leadership) = &mut self.leadership {
                leadership.step_down(None);
            }
        }
    }

    /// Sends a probe if it is time, or lets another process deliver if this one's key is refused.
    fn proceed(&mut self, now: Instant) {
        let Some((delivery, leadership)) = self.delivery.as_mut().zip(self.leadership.as_mut()) else { return };
        if self.closing.is_some() || !leadership.is_leader() {
            return;
        }
        if let Some(until) = delivery.yields_until().filter(|until| *until > now) {
            delivery.unload();
            leadership.step_down(Some(until));
            return;
        }
        delivery.probe(now);
    }

    /// The file cannot be used: what is being sent goes on, nothing else is sent, and the file is tried again.
    fn note_failure(&mut self, error: OutboxError, now: Instant) {
        let failures = self.store_backoff.as_ref().map_or(0, |backoff| backoff.failures);
        let wait = store_backoff(failures.min(5), fastrand::f64());
        self.data_version = None;
        self.room = None;
        if let Some(delivery) = &mut self.delivery {
            // Its changes may not be in the file.
            delivery.unload();
            if self.store_backoff.is_none() {
                self.listener.event(Event::Paused(PauseReason::Store(error), SystemTime::now() + wait));
            }
        }
        self.store_backoff = Some(StoreBackoff { failures: failures + 1, retry_at: now + wait });
    }

    fn recover(&mut self) {
        if self.store_backoff.take().is_some() && self.delivery.is_some() {
            self.listener.event(Event::Resumed);
        }
    }

    /// Answers what is asked about the file; a backup is answered later.
    fn query(&mut self, token: u32, query: Command, now: Instant) -> Result<Option<Reply>, OutboxError> {
        let store = self.take_store(now)?;
        let scope = self.scope();
        let wall = SystemTime::now();
        let result = store.read(|reader| {
            Ok(match query {
                Command::List { phase, after, limit } => {
                    let entries = reader.entries(scope, phase, after, limit, wall)?;
                    Some(Reply::Entries(entries))
                }
                Command::Show(id) => {
                    let found = reader.find(scope, &id, wall)?;
                    Some(Reply::Entries(Vec::from_iter(found)))
                }
                Command::Backup(copy) => {
                    self.back_up(token, store.path().to_owned(), copy);
                    None
                }
                _ => Some(Reply::Stats(reader.stats(scope, wall)?)),
            })
        });
        self.store = Some(store);
        result
    }

    /// Copies the file on a thread of its own: that takes seconds where much waits.
    fn back_up(&mut self, token: u32, path: PathBuf, copy: PathBuf) {
        let messages = self.messages.clone();
        let write = move || {
            let result = store::backup(&path, &copy);
            // A closed outbox has answered.
            let _ = messages.send(Message::BackedUp(token, result));
        };
        match thread::Builder::new().name("refport-backup".to_owned()).spawn(write) {
            Ok(_) => self.backups.push(token),
            Err(error) => {
                let error = OutboxError::Internal(format!("No thread could be started for the backup: {error}"));
                self.listener.reply(token, Err(error));
            }
        }
    }

    /// Answers those who wait for everything to be delivered, if it is.
    fn answer_drained(&mut self, now: Instant) {
        let is_busy = self.delivery.as_ref().is_some_and(|delivery| !delivery.is_idle());
        let is_waiting = self.store_backoff.as_ref().is_some_and(|backoff| backoff.retry_at > now);
        if self.drained.is_empty() || is_busy || is_waiting {
            return;
        }
        let scope = self.scope();
        let is_drained = self.take_store(now).and_then(|store| {
            let is_drained = store.read(|reader| reader.is_drained(scope, SystemTime::now()));
            self.store = Some(store);
            is_drained
        });
        let result = match is_drained {
            Ok(false) => return,
            Ok(true) => Ok(()),
            Err(error) => Err(error),
        };
        for token in self.drained.drain(..) {
            self.listener.reply(token, result.clone().map(|()| Reply::Done));
        }
    }

    /// The answer to this command is not awaited any more.
    fn cancel(&mut self, token: u32) {
        if let Some(position) = self.drained.iter().position(|waiting| *waiting == token) {
            self.drained.swap_remove(position);
            self.listener.reply(token, Err(OutboxError::Cancelled));
        }
    }

    fn compact(&mut self, now: Instant) {
        if self.next_compaction().is_none_or(|at| at > now) || self.store_backoff.is_some() {
            return;
        }
        failpoint::reach("tidying");
        let result = self.store.as_ref().map_or(Compaction::Busy, |store| store.compact().unwrap_or(Compaction::Busy));
        self.housekeeping.note(result, now);
    }

    fn next_compaction(&self) -> Option<Instant> {
        let is_sending = self.delivery.as_ref().is_some_and(|delivery| !delivery.is_idle());
        self.housekeeping.due_at(self.active_at, is_sending)
    }

    /// When to wake up, if no message comes before.
    fn next_wake(&self) -> Option<Instant> {
        let now = Instant::now();
        if let Some(backoff) = &self.store_backoff {
            let is_wanted = self.delivery.is_some() || !self.drained.is_empty();
            return self.closes_at().into_iter().chain(is_wanted.then_some(backoff.retry_at)).min();
        }
        let leads = self.leadership.as_ref().is_some_and(Leadership::is_leader);
        let delivery = self.delivery.as_ref().filter(|_| leads && self.closing.is_none());
        // Nobody notifies those who do not deliver that everything is delivered.
        let must_poll = !leads && !self.drained.is_empty()
            || self.leadership.as_ref().is_some_and(|leadership| self.closing.is_none() && leadership.must_poll());
        [
            self.closes_at(),
            delivery.and_then(|delivery| delivery.next_wake(now)),
            self.leadership.as_ref().and_then(Leadership::yields_until),
            self.next_compaction(),
            must_poll.then_some(now + POLL),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Rejects new commands, and lets what is being sent finish within `timeout`.
    fn close(&mut self, token: Option<u32>, timeout: Duration, now: Instant) {
        let deadline = now.checked_add(timeout).unwrap_or(now + ABANDONED);
        let closing = self.closing.get_or_insert(Closing { tokens: Vec::new(), deadline, is_aborted: false });
        closing.tokens.extend(token);
    }

    /// Aborts what is being sent when its time is over.
    fn abort_overdue(&mut self, now: Instant) {
        if let Some(closing) = &mut self.closing
            && closing.deadline <= now
            && !closing.is_aborted
        {
            closing.is_aborted = true;
            if let Some(delivery) = &self.delivery {
                delivery.abort();
            }
        }
    }

    /// Whether there is nothing left to do.
    fn is_finished(&self) -> bool {
        let Some(closing) = &self.closing else { return false };
        let is_written = self.delivery.as_ref().is_none_or(Delivery::is_idle);
        is_written || closing.is_aborted && closing.deadline + LAST_WRITE <= Instant::now()
    }

    /// When it is over, whatever is being sent.
    fn closes_at(&self) -> Option<Instant> {
        let closing = self.closing.as_ref()?;
        Some(if closing.is_aborted { closing.deadline + LAST_WRITE } else { closing.deadline })
    }

    /// Closes the file, and answers everybody who is left.
    fn finish(mut self, inbox: &Receiver<Message>) {
        if let Some(store) = self.store.take() {
            // The next process that opens the file does the rest.
            let _ = store.compact();
        }
        self.leadership = None;
        let rest = inbox.try_iter().flat_map(|message| match message {
            Message::Commands(read) => read(),
            _ => Vec::new(),
        });
        let rest: Vec<u32> = rest.map(|(token, _)| token).collect();
        for token in self.drained.drain(..).chain(self.backups.drain(..)).chain(rest) {
            self.listener.reply(token, Err(OutboxError::Closed));
        }
        for token in self.closing.take().map_or_else(Vec::new, |closing| closing.tokens) {
            self.listener.reply(token, Ok(Reply::Done));
        }
        self.listener.flush();
    }
}
