//! The end of an outbox: requests may finish until a deadline, and are aborted then.

use std::time::{Duration, Instant};

/// How long an abandoned outbox may finish what it is sending.
pub(crate) const ABANDONED: Duration = Duration::from_secs(10);
/// How long requests that `close` has aborted may take to end before the file is left as it is.
const LAST_WRITE: Duration = Duration::from_secs(2);

/// An outbox that takes no new commands.
pub(crate) struct Closing {
    /// Of the commands to close it.
    tokens: Vec<u32>,
    deadline: Instant,
    is_aborted: bool,
}

impl Closing {
    /// Requests may finish within `timeout`.
    pub(crate) fn begin(timeout: Duration, now: Instant) -> Self {
        let deadline = now.checked_add(timeout).unwrap_or(now + ABANDONED);
        Self { tokens: Vec::new(), deadline, is_aborted: false }
    }

    /// Another command asks for it. The first one's deadline holds.
    pub(crate) fn add(&mut self, token: Option<u32>) {
        self.tokens.extend(token);
    }

    /// True once, when requests have to be aborted.
    pub(crate) fn must_abort(&mut self, now: Instant) -> bool {
        let is_due = !self.is_aborted && self.deadline <= now;
        self.is_aborted |= is_due;
        is_due
    }

    /// When to abort requests, or to stop waiting for those that were aborted.
    pub(crate) fn next_wake(&self) -> Instant {
        if self.is_aborted { self.deadline + LAST_WRITE } else { self.deadline }
    }

    /// Whether even aborted requests have had their time.
    pub(crate) fn is_over(&self, now: Instant) -> bool {
        self.is_aborted && self.next_wake() <= now
    }

    /// The commands to answer.
    pub(crate) fn into_tokens(self) -> Vec<u32> {
        self.tokens
    }
}
