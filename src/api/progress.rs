//! Records how far a call has got, for the report of a call that is cancelled or panics.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::api::operation::Idempotency;
use crate::api::retry::{RetryClass, RetryDecision};
use crate::http::body::Sent;

/// Written by the client that performs the call.
#[derive(Default)]
pub(crate) struct Progress(Mutex<State>);

#[derive(Default)]
struct State {
    attempts: u32,
    /// Whether the API may have recorded a failed attempt.
    ambiguous: bool,
    idempotency: Option<Idempotency>,
    /// Of the attempt in flight.
    sent: Option<Sent>,
}

impl Progress {
    /// The call begins.
    pub(crate) fn start(&self, idempotency: Idempotency) {
        self.state().idempotency = Some(idempotency);
    }

    /// An attempt begins; the result records when its body is handed to a connection.
    pub(crate) fn begin_attempt(&self) -> Sent {
        let mut state = self.state();
        state.attempts += 1;
        state.sent.insert(Sent::default()).clone()
    }

    /// The attempt failed. Returns what all attempts together mean for the call.
    pub(crate) fn fail(&self, class: RetryClass, idempotency: Idempotency) -> RetryDecision {
        let mut state = self.state();
        state.sent = None;
        state.ambiguous |= class.is_ambiguous();
        class.decision(state.ambiguous, idempotency)
    }

    /// How many attempts have begun.
    pub(crate) fn attempts(&self) -> u32 {
        self.state().attempts
    }

    /// The decision for the call if it is aborted now.
    pub(crate) fn aborted(&self) -> RetryDecision {
        let state = self.state();
        let ambiguous = state.ambiguous || state.sent.as_ref().is_some_and(Sent::is_set);
        RetryDecision { ambiguous, retryable: ambiguous && state.idempotency == Some(Idempotency::Idempotent) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
