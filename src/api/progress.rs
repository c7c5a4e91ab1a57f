//! How far a call has got, for whoever has to tell of its failure when it is cut short: cancelled, or by a panic.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::api::operation::Idempotency;
use crate::api::retry::{RetryClass, Verdict};
use crate::http::body::Sent;

/// Written by the client that performs the call.
#[derive(Default)]
pub struct Progress(Mutex<State>);

#[derive(Default)]
struct State {
    attempts: u32,
    /// One of the attempts that have failed may have been recorded.
    ambiguous: bool,
    idempotency: Option<Idempotency>,
    /// Of the attempt under way.
    sent: Option<Sent>,
}

impl Progress {
    /// The parameters were accepted.
    pub fn accept(&self, idempotency: Idempotency) {
        self.state().idempotency = Some(idempotency);
    }

    /// An attempt begins; says when its body is handed to a connection.
    pub fn begin(&self) -> Sent {
        let mut state = self.state();
        state.attempts += 1;
        state.sent.insert(Sent::default()).clone()
    }

    /// The attempt under way has failed. What that means for the call, all its attempts considered.
    pub fn fail(&self, class: RetryClass, idempotency: Idempotency) -> Verdict {
        let mut state = self.state();
        state.sent = None;
        state.ambiguous |= class.is_ambiguous();
        class.verdict(state.ambiguous, idempotency)
    }

    /// How many attempts have begun.
    pub fn attempts(&self) -> u32 {
        self.state().attempts
    }

    /// What it means for the call that nothing more is done for it.
    pub fn cut_short(&self) -> Verdict {
        let state = self.state();
        let ambiguous = state.ambiguous || state.sent.as_ref().is_some_and(Sent::is_set);
        Verdict { ambiguous, retryable: ambiguous && state.idempotency == Some(Idempotency::Idempotent) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
