//! The commands of an outbox, and its replies and events.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::api::client::Outcome;
use crate::api::operation::{Idempotency, Operation};
use crate::outbox::entry::{Entry, Phase};
use crate::outbox::error::OutboxError;

/// The options of an outbox.
pub(crate) struct Settings {
    /// The file.
    pub(crate) path: PathBuf,
    /// Whether to create it; without, a missing file is an error.
    pub(crate) create: bool,
    /// How many entries may be sent at the same time.
    pub(crate) concurrency: usize,
    /// How many entries may wait. As many may be parked.
    pub(crate) max_entries: u64,
    /// After how long an entry is parked as expired, counted from when it was due.
    pub(crate) max_age: Duration,
    /// How long rejected entries are kept.
    pub(crate) keep_rejected: Duration,
    /// Whether to take over entries of other keys and base URLs.
    pub(crate) adopt: bool,
}

/// A conversion to record. JavaScript has checked it.
#[derive(Debug, Clone)]
pub(crate) struct NewEntry {
    /// Lead or sale.
    pub(crate) operation: Operation,
    /// The id that the caller chose or that follows from the invoice; `None` for a random one.
    pub(crate) id: Option<String>,
    /// JSON text of `customerExternalId`.
    pub(crate) customer: String,
    /// Whether the API recognises a repetition.
    pub(crate) idempotency: Idempotency,
    /// Send it again although it may have been counted.
    pub(crate) retry_ambiguous: bool,
    /// Not before this time.
    pub(crate) deliver_at: Option<SystemTime>,
    /// JSON text.
    pub(crate) params: String,
}

/// A command to an outbox.
#[derive(Debug)]
pub(crate) enum Command {
    /// Record a conversion.
    Record(NewEntry),
    /// Read entries in the order of their numbers.
    List {
        /// Only those in this phase.
        phase: Option<Phase>,
        /// The number to begin after.
        after: i64,
        /// How many at most.
        limit: u32,
    },
    /// Read one entry.
    Show(String),
    /// Send a parked entry again.
    Resend(String),
    /// Remove an entry that is parked, or pending and not sent.
    Discard(String),
    /// Remove all entries of a customer; JSON text of `customerExternalId`.
    Erase(String),
    /// Take over the entries of other keys and base URLs.
    Adopt,
    /// End a pause, whichever process is paused.
    Resume,
    /// Count.
    Stats,
    /// Answer when nothing is due or being sent.
    Drained,
    /// Write a copy of the file.
    Backup(PathBuf),
    /// Reject new commands, finish what is being sent within this time, close the file.
    Close(Duration),
}

/// The answer to a command.
#[derive(Debug, PartialEq)]
pub(crate) enum Reply {
    /// To `Record`.
    Recorded {
        /// The entry's id.
        id: String,
        /// It had been recorded before.
        is_duplicate: bool,
    },
    /// To `List` and `Show`.
    Entries(Vec<Entry>),
    /// To `Resend`, `Discard` and `Resume`: whether there was anything to do.
    Found(bool),
    /// To `Adopt` and `Erase`: how many entries.
    Count(u64),
    /// To `Stats`.
    Stats(Stats),
    /// To `Drained`, `Backup` and `Close`.
    Done,
}

/// How many entries there are.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Stats {
    /// Due, waiting to be sent.
    pub(crate) pending: u64,
    /// Not due yet.
    pub(crate) held: u64,
    /// Being sent.
    pub(crate) sending: u64,
    /// Waiting for a decision.
    pub(crate) parked: u64,
    /// Of other keys or base URLs, in whatever state.
    pub(crate) foreign: u64,
    /// When the oldest of those that are due or being sent was recorded.
    pub(crate) oldest: Option<SystemTime>,
}

/// Why nothing is sent.
#[derive(Debug)]
pub(crate) enum PauseReason {
    /// The API does not answer, or refuses; JSON text of the failure.
    Api(String),
    /// The file cannot be used.
    Store(OutboxError),
}

/// A report of work in the background.
#[derive(Debug)]
pub(crate) enum Event {
    /// The API has accepted an entry; JSON text of its response.
    Delivered(Entry, String),
    /// An entry waits for a decision.
    Parked(Entry),
    /// Nothing is sent before this time.
    Paused(PauseReason, SystemTime),
    /// Delivery goes on.
    Resumed,
    /// There are entries of other keys or base URLs, which stay.
    Foreign(u64),
}

/// Receives replies and events, on the outbox's thread.
pub(crate) trait Listener: Send + 'static {
    /// The answer to the command with this token; every command has exactly one.
    fn reply(&self, token: u32, result: Result<Reply, OutboxError>);
    /// Something has happened.
    fn event(&self, event: Event);
    /// Everything that was ready has been reported.
    fn flush(&self);
}

/// A message to the outbox's thread.
pub(crate) enum Message {
    /// Reads commands, each with the token of its answer.
    Commands(Box<dyn FnOnce() -> Vec<(u32, Command)> + Send>),
    /// The answer to this command is not awaited any more.
    Cancel(u32),
    /// How the request of an entry ended.
    Outcome(i64, Box<Outcome>),
    /// How the request ended that creates nothing (`circuit_breaker`).
    ProbeOutcome(Box<Outcome>),
    /// How a backup ended.
    BackedUp(u32, Result<(), OutboxError>),
    /// Another process has written to the file.
    #[cfg_attr(not(unix), expect(dead_code, reason = "only sockets report it"))]
    PeerWrote,
    /// The connection to the leader, or the leader's socket, is gone.
    #[cfg_attr(not(unix), expect(dead_code, reason = "only sockets report it"))]
    PeerLost,
    /// JavaScript has dropped the outbox.
    Abandon,
}
