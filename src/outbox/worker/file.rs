//! The worker's hold on the file: opens it, opens it again after a failure, and backs off while it cannot be used.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::outbox::circuit_breaker::store_backoff;
use crate::outbox::command::Settings;
use crate::outbox::entry::Identity;
use crate::outbox::error::{OutboxError, StoreProblem};
use crate::outbox::failpoint;
use crate::outbox::store::files::FileId;
use crate::outbox::store::housekeeping::{Compaction, Housekeeping};
use crate::outbox::store::{self, Reader, Store};

/// The file of one outbox.
pub(crate) struct OutboxFile {
    /// As the user names it.
    named: PathBuf,
    create: bool,
    store: Option<Store>,
    /// The path of the file itself, once it was opened.
    pub(super) path: PathBuf,
    /// Another file at the same path has other entries under the same numbers.
    id: Option<FileId>,
    /// Identities that the file lists.
    pub(super) identities: Vec<Identity>,
    pub(super) seen: Seen,
    backoff: Option<Backoff>,
    housekeeping: Housekeeping,
    /// When there was last something to do.
    active_at: Instant,
}

/// What is known of the content since the last transaction: nothing after a failure.
#[derive(Default)]
pub(crate) struct Seen {
    data_version: Option<i64>,
    /// How many entries may be recorded at least, unless others record.
    pub(super) room: Option<u64>,
}

/// The file cannot be used for a while.
struct Backoff {
    failures: u32,
    retry_at: Instant,
}

impl Seen {
    /// Whether no other connection has written since. `data_version` is that of now.
    pub(crate) fn is_current(&self, data_version: i64) -> bool {
        self.data_version == Some(data_version)
    }

    /// Begins a transaction. Returns whether another connection has written.
    pub(crate) fn update(&mut self, data_version: i64) -> bool {
        let is_changed = !self.is_current(data_version);
        if is_changed {
            *self = Self { data_version: Some(data_version), room: None };
        }
        is_changed
    }
}

impl OutboxFile {
    /// It is not open yet.
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            named: settings.path.clone(),
            create: settings.create,
            store: None,
            path: settings.path.clone(),
            id: None,
            identities: Vec::new(),
            seen: Seen::default(),
            backoff: None,
            housekeeping: Housekeeping::default(),
            active_at: Instant::now(),
        }
    }

    /// There is something to do.
    pub(crate) fn touch(&mut self, now: Instant) {
        self.active_at = now;
    }

    /// Opens the file if it is not open.
    pub(crate) fn open(&mut self, now: Instant) -> Result<(), OutboxError> {
        if self.store.is_none() {
            self.store = Some(self.reopen(now)?);
        }
        Ok(())
    }

    fn reopen(&mut self, now: Instant) -> Result<Store, OutboxError> {
        self.seen = Seen::default();
        // A file that was in use is not replaced by an empty one.
        let create = self.create && self.id.is_none();
        let store = Store::open(&self.named, create)?;
        if self.id.is_some_and(|id| id != store.id()) {
            return Err(StoreProblem::Unfit(store::MOVED.to_owned()).at(store.path()));
        }
        self.id = Some(store.id());
        store.path().clone_into(&mut self.path);
        self.identities = store.read(|reader| reader.identities())?;
        self.active_at = now;
        Ok(store)
    }

    /// Takes the open file out; unless it is put back, it is opened again.
    pub(crate) fn take(&mut self, now: Instant) -> Result<Store, OutboxError> {
        match self.store.take() {
            Some(store) => Ok(store),
            None => self.reopen(now),
        }
    }

    /// Puts it back, unless after this failure it has to be opened again.
    pub(crate) fn put_back(&mut self, store: Store, error: Option<&OutboxError>) {
        if error.is_none_or(OutboxError::keeps_connection) {
            self.store = Some(store);
        }
    }

    /// Runs a read.
    pub(crate) fn read<T>(
        &mut self,
        now: Instant,
        read: impl FnOnce(&Reader<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, OutboxError> {
        let store = self.take(now)?;
        let result = store.read(read);
        self.store = Some(store);
        result
    }

    /// A transaction failed, or the file cannot be opened. Returns how long to wait, if that was the first failure in a row.
    pub(crate) fn back_off(&mut self, now: Instant) -> Option<Duration> {
        let failures = self.backoff.as_ref().map_or(0, |backoff| backoff.failures);
        let wait = store_backoff(failures.min(5), fastrand::f64());
        self.seen = Seen::default();
        self.backoff = Some(Backoff { failures: failures + 1, retry_at: now + wait });
        (failures == 0).then_some(wait)
    }

    /// The file can be used. Returns whether it could not be before.
    pub(crate) fn recover(&mut self) -> bool {
        self.backoff.take().is_some()
    }

    /// When to try again after a failure.
    pub(crate) fn retry_at(&self) -> Option<Instant> {
        self.backoff.as_ref().map(|backoff| backoff.retry_at)
    }

    /// Whether it is too early to try again.
    pub(crate) fn is_backing_off(&self, now: Instant) -> bool {
        self.retry_at().is_some_and(|at| at > now)
    }

    /// Something was deleted.
    pub(crate) fn request_compaction(&mut self, now: Instant) {
        self.housekeeping.request(now);
    }

    /// When to compact the file.
    pub(crate) fn next_compaction(&self, is_sending: bool) -> Option<Instant> {
        self.housekeeping.due_at(self.active_at, is_sending)
    }

    /// Compacts the file, if it is time.
    pub(crate) fn compact(&mut self, is_sending: bool, now: Instant) {
        if self.next_compaction(is_sending).is_none_or(|at| at > now) || self.backoff.is_some() {
            return;
        }
        failpoint::reach("tidying");
        let result = self.store.as_ref().map_or(Compaction::Busy, |store| store.compact().unwrap_or(Compaction::Busy));
        self.housekeeping.note(result, now);
    }

    /// Closes the file, for good.
    pub(crate) fn close(&mut self) {
        if let Some(store) = self.store.take() {
            // The next process that opens the file does the rest.
            let _ = store.compact();
        }
    }
}
