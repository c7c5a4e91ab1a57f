//! What the outbox's thread knows.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use crate::outbox::command::{Listener, NewEntry, Settings};
use crate::outbox::delivery::Requests;
use crate::outbox::error::OutboxError;
use crate::outbox::lock::DeliveryLock;
use crate::outbox::pause::Pause;
use crate::outbox::peers::{PeerConnection, PeerSocket};
use crate::outbox::schedule::{Schedule, Turn};
use crate::outbox::store::Store;
use crate::outbox::verdict::Fate;

/// What one who delivers has to know.
pub struct Deliverer {
    /// Hears what others have written, where that can be had. Ends before the lock is given back.
    pub(super) socket: Option<PeerSocket>,
    pub(super) _lock: DeliveryLock,
    /// Which entry is next; `None` until it was read from the file.
    pub schedule: Option<Schedule>,
    /// Whether anything may be sent.
    pub pause: Pause,
    /// Whether what a process before had on the wire was taken over.
    pub has_taken_over: bool,
    /// When to look for entries that are too old.
    pub next_sweep: Instant,
}

/// The state of the thread.
pub struct Worker {
    pub(super) settings: Settings,
    pub(super) requests: Option<Requests>,
    pub(super) listener: Box<dyn Listener>,
    pub(super) wants_deliveries: Arc<AtomicBool>,
    pub(super) store: Option<Store>,
    pub(super) deliverer: Option<Deliverer>,
    /// To the one who delivers, if that is another.
    pub(super) connection: Option<PeerConnection>,
    /// What is on the wire.
    pub(super) on_wire: HashMap<i64, Turn>,
    /// How requests ended, as long as it is not in the file.
    pub(super) settled: Vec<Settled>,
    /// How many entries there are, unless others have changed it.
    pub(super) count: Option<u64>,
    /// The file's version that is known.
    pub(super) version: Option<i64>,
    /// The highest number that is known.
    pub(super) last_seq: i64,
    pub(super) drained: Vec<u32>,
    pub(super) closing: Option<Closing>,
    pub(super) trouble: Option<Trouble>,
    pub(super) untidy: Option<Untidy>,
    pub(super) active_at: Instant,
}

/// Nothing more is taken.
pub(super) struct Closing {
    pub(super) tokens: Vec<u32>,
    pub(super) deadline: Instant,
    pub(super) is_cut_off: bool,
}

/// The file cannot be used.
pub(super) struct Trouble {
    pub(super) failures: u32,
    pub(super) retry_at: Instant,
}

/// The file holds what is not needed any more.
pub(super) struct Untidy {
    pub(super) since: Instant,
    /// Not to be tidied before.
    pub(super) not_before: Instant,
}

/// What a person decided about a parked entry.
pub enum Decision {
    /// Send it again.
    Resend(String),
    /// Remove it.
    Discard(String),
}

/// What callers asked for.
#[derive(Default)]
pub struct Batch {
    /// Conversions to record.
    pub records: Vec<(u32, NewEntry)>,
    /// Decisions to carry out.
    pub decisions: Vec<(u32, Decision)>,
}

/// How a request ended.
pub struct Settled {
    /// The entry.
    pub seq: i64,
    /// What becomes of it.
    pub fate: Fate,
    /// It failed, and the API may still be there: it is the entry that has to wait.
    pub is_doubtful: bool,
    /// JSON text of the failure.
    pub error: Option<String>,
    /// What the API answered.
    pub body: String,
    /// How many requests were made.
    pub attempts: u32,
}

impl Batch {
    /// Whether nobody asked for anything.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty() && self.decisions.is_empty()
    }

    /// Tells everybody that it could not be done.
    pub fn fail(&self, listener: &dyn Listener, error: &OutboxError) {
        let tokens = self.records.iter().map(|(token, _)| token).chain(self.decisions.iter().map(|(token, _)| token));
        for token in tokens {
            listener.reply(*token, Err(error.clone()));
        }
    }
}
