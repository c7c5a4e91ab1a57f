//! A recorded conversion.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::api::operation::{Idempotency, Operation};

/// Where an entry stands, as the file stores it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// It waits to be sent.
    Pending = 0,
    /// It is being sent, or was when its process died.
    Sending = 1,
    /// It waits for a decision (dead-lettered).
    Parked = 2,
}

/// Where an entry stands, as users see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It is due.
    Pending = 0,
    /// It is being sent.
    Sending = 1,
    /// It waits for a decision.
    Parked = 2,
    /// It is pending, but not due yet.
    Held = 3,
}

/// Why an entry is parked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The API will never accept it.
    Rejected = 0,
    /// It may have been counted.
    Ambiguous = 1,
    /// It is too old.
    Expired = 2,
}

impl State {
    /// The state that is stored as `number`.
    pub(crate) fn from_number(number: i64) -> Option<Self> {
        [Self::Pending, Self::Sending, Self::Parked].into_iter().find(|state| *state as i64 == number)
    }
}

impl Phase {
    /// The phase with this number on the boundary.
    pub(crate) fn from_number(number: i64) -> Option<Self> {
        [Self::Pending, Self::Sending, Self::Parked, Self::Held].into_iter().find(|phase| *phase as i64 == number)
    }

    /// Its name in JavaScript.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sending => "sending",
            Self::Parked => "parked",
            Self::Held => "held",
        }
    }
}

impl Reason {
    /// The reason that is stored as `number`.
    pub(crate) fn from_number(number: i64) -> Option<Self> {
        [Self::Rejected, Self::Ambiguous, Self::Expired].into_iter().find(|reason| *reason as i64 == number)
    }

    /// Its name in JavaScript.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Ambiguous => "ambiguous",
            Self::Expired => "expired",
        }
    }
}

/// The key and base URL that an entry belongs to, as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Identity(pub(crate) i64);

impl Identity {
    /// The identity with this digest (`Client::identity`).
    pub(crate) fn from_digest(digest: &[u8]) -> Self {
        let mut bytes = [0; 8];
        for (byte, value) in bytes.iter_mut().zip(digest) {
            *byte = *value;
        }
        Self(i64::from_le_bytes(bytes))
    }
}

/// An entry as its request needs it.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    /// Its number.
    pub(crate) seq: i64,
    /// Lead or sale.
    pub(crate) operation: Operation,
    /// Whether the API recognises a repetition.
    pub(crate) idempotency: Idempotency,
    /// Whether it is sent again although it may have been counted.
    pub(crate) is_repeatable: bool,
    /// JSON text.
    pub(crate) params: String,
    /// When it was recorded, resent or due, whichever is latest.
    pub(crate) due_at: SystemTime,
}

/// An entry as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// Its number: the order in which entries were recorded or resent.
    pub(crate) seq: i64,
    /// Its id.
    pub(crate) id: String,
    /// Lead or sale.
    pub(crate) operation: Operation,
    /// JSON text.
    pub(crate) params: String,
    /// Where it stands.
    pub(crate) phase: Phase,
    /// Why it is parked.
    pub(crate) reason: Option<Reason>,
    /// JSON text of its last failure.
    pub(crate) error: Option<String>,
    /// How many requests were made for it.
    pub(crate) attempts: u32,
    /// When it was recorded.
    pub(crate) recorded_at: SystemTime,
    /// Not to be sent before this time.
    pub(crate) deliver_at: Option<SystemTime>,
}

/// A time as it is stored: milliseconds since 1970.
pub(crate) fn to_millis(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The time that is stored as `millis`.
pub(crate) fn from_millis(millis: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(millis.try_into().unwrap_or(0))
}
