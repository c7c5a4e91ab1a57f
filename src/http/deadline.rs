//! The deadline of an attempt.

use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

/// Maximum time that a process gets, after it was stopped, to read what has arrived meanwhile.
const MAX_GRACE: Duration = Duration::from_millis(200);

/// A point in time, moved once if its timer fires late: then the process or its I/O thread was stopped, and the answer may
/// be waiting in the socket.
pub(crate) struct Deadline {
    at: Instant,
    was_moved: bool,
}

impl Deadline {
    /// A deadline at `at`.
    pub(crate) fn new(at: Instant) -> Self {
        Self { at, was_moved: false }
    }

    /// The result of `future`, or `None` after the deadline.
    pub(crate) async fn in_time<T>(&mut self, future: impl Future<Output = T>) -> Option<T> {
        let mut future = pin!(future);
        if let Ok(value) = timeout_at(self.at, &mut future).await {
            return Some(value);
        }
        if std::mem::replace(&mut self.was_moved, true) {
            return None;
        }
        let now = Instant::now();
        self.at = now + MAX_GRACE.min(now - self.at);
        timeout_at(self.at, future).await.ok()
    }
}
