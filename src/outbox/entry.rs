//! A recorded conversion.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::api::operation::Operation;

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It waits to be sent.
    Pending = 0,
    /// It is on the wire, or was when its process ended. Only for what must not be sent twice.
    Sending = 1,
    /// It waits for a decision.
    Parked = 2,
}

/// Why an entry is parked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The API will never take it.
    Rejected = 0,
    /// It may have been counted.
    Ambiguous = 1,
    /// It is too old.
    Expired = 2,
}

impl State {
    /// The state that is stored as `number`.
    pub fn from_number(number: i64) -> Option<Self> {
        [Self::Pending, Self::Sending, Self::Parked].into_iter().find(|state| *state as i64 == number)
    }

    /// Its name in JavaScript.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sending => "sending",
            Self::Parked => "parked",
        }
    }
}

impl Reason {
    /// The reason that is stored as `number`.
    pub fn from_number(number: i64) -> Option<Self> {
        [Self::Rejected, Self::Ambiguous, Self::Expired].into_iter().find(|reason| *reason as i64 == number)
    }

    /// Its name in JavaScript.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Ambiguous => "ambiguous",
            Self::Expired => "expired",
        }
    }
}

/// An entry as it is stored.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its number: the order in which entries were recorded or resent.
    pub seq: i64,
    /// Its id.
    pub id: String,
    /// Lead or sale.
    pub operation: Operation,
    /// JSON text.
    pub params: String,
    /// Where it stands.
    pub state: State,
    /// Why it is parked.
    pub reason: Option<Reason>,
    /// JSON text of its last failure.
    pub error: Option<String>,
    /// How many requests were made for it.
    pub attempts: u32,
    /// When it was recorded.
    pub recorded_at: SystemTime,
    /// When it was recorded or, if that was later, resent.
    pub waits_since: SystemTime,
}

/// A time as it is stored: milliseconds since 1970.
pub fn to_millis(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The time that is stored as `millis`.
pub fn from_millis(millis: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(millis.try_into().unwrap_or(0))
}
