//! What can be asked of an outbox, and what it tells.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::api::client::Outcome;
use crate::api::json::members;
use crate::api::operation::{Idempotency, Operation};
use crate::outbox::entry::{Entry, State};
use crate::outbox::error::OutboxError;

/// What an outbox is opened with.
pub struct Settings {
    /// The file.
    pub path: PathBuf,
    /// Whether to create it; without, a missing file is an error.
    pub is_created: bool,
    /// How many entries may be on the wire.
    pub concurrency: usize,
    /// How many entries there may be.
    pub max_entries: u64,
    /// After how long an entry is parked as expired.
    pub max_age: Duration,
}

/// A conversion to record.
pub struct NewEntry {
    pub(super) operation: Operation,
    pub(super) idempotency: Idempotency,
    /// The id that the caller chose or that follows from the invoice; `None` for a random one.
    pub(super) id: Option<String>,
    /// JSON text of `customerExternalId`.
    pub(super) customer: String,
    /// JSON text.
    pub(super) params: String,
}

impl NewEntry {
    /// Checks the parameters as before a call; the error names the field.
    pub fn new(operation: Operation, id: Option<String>, params: &str) -> Result<Self, String> {
        let idempotency = operation.check_params(params)?;
        let [customer, invoice] = members(params, ["customerExternalId", "invoiceId"])?;
        let invoice = || invoice.text().map(|invoice| format!("sale:{invoice}"));
        let id = id.or_else(|| (idempotency == Idempotency::Idempotent).then(invoice).flatten());
        let customer = customer.json().unwrap_or_default().to_owned();
        Ok(Self { operation, idempotency, id, customer, params: params.to_owned() })
    }
}

/// What can be asked of an outbox.
pub enum Command {
    /// Record a conversion.
    Record(NewEntry),
    /// Read entries in the order of their numbers.
    List {
        /// Only those in this state.
        state: Option<State>,
        /// The number to begin after.
        after: i64,
        /// How many at most.
        limit: u32,
    },
    /// Read one entry.
    Show(String),
    /// Send a parked entry again.
    Resend(String),
    /// Remove a parked entry.
    Discard(String),
    /// Count.
    Stats,
    /// Answer when nothing is pending or on the wire.
    Drained,
    /// Take no more, finish what is on the wire within this time, let go of the file.
    Close(Duration),
}

/// The answer to a command.
pub enum Reply {
    /// To `Record`.
    Recorded {
        /// The entry's id.
        id: String,
        /// It had been recorded before.
        is_duplicate: bool,
    },
    /// To `List` and `Show`.
    Entries(Vec<Entry>),
    /// To `Resend` and `Discard`: whether there was such an entry.
    Found(bool),
    /// To `Stats`.
    Stats(Stats),
    /// To `Drained` and `Close`.
    Done,
}

/// How many entries there are.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Waiting to be sent.
    pub pending: u64,
    /// On the wire.
    pub sending: u64,
    /// Waiting for a decision.
    pub parked: u64,
    /// When the oldest of those that are pending or on the wire was recorded.
    pub oldest: Option<SystemTime>,
}

/// Why nothing is sent.
pub enum PauseReason {
    /// The API is away or refuses; JSON text of the failure.
    Api(String),
    /// The file cannot be used.
    Store(OutboxError),
}

/// What happens in the background.
pub enum Event {
    /// The API has taken an entry; JSON text of its answer.
    Delivered(Entry, String),
    /// An entry waits for a decision.
    Parked(Entry),
    /// Nothing is sent before this time.
    Paused(PauseReason, SystemTime),
    /// Delivery goes on.
    Resumed,
    /// Entries recorded under another key or for another API will be sent by this client.
    OtherKey(u64),
}

/// Whoever is told. Called on the outbox's thread.
pub trait Listener: Send + 'static {
    /// The answer to the command with this token; every command has exactly one.
    fn reply(&self, token: u32, result: Result<Reply, OutboxError>);
    /// Something has happened.
    fn event(&self, event: Event);
    /// All that was ready has been told.
    fn flush(&self);
}

/// What the thread is sent.
pub enum Message {
    /// Commands to be read, each with the token of its answer.
    Commands(Box<dyn FnOnce() -> Vec<(u32, Command)> + Send>),
    /// Nobody waits for the answer to this command any more.
    Cancel(u32),
    /// How a request ended.
    Outcome(i64, Box<Outcome>),
    /// Another process has written to the file.
    #[cfg_attr(not(unix), expect(dead_code, reason = "there are no sockets to hear it from"))]
    Written,
    /// Others cannot be heard any more, or the one who delivers is gone.
    #[cfg_attr(not(unix), expect(dead_code, reason = "there are no sockets to hear it from"))]
    Unheard,
    /// Nobody is left to be told anything.
    Abandon,
}
