//! When an attempt has to be over.

use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

/// A process that was stopped gets so much time at most to read what has arrived meanwhile.
const MAX_GRACE: Duration = Duration::from_millis(200);

/// A point in time, moved once if its timer fires late: then the process, or its I/O thread, did not run for a while, and
/// the answer may lie in the socket.
pub struct Deadline {
    at: Instant,
    was_moved: bool,
}

impl Deadline {
    /// A deadline at `at`.
    pub fn new(at: Instant) -> Self {
        Self { at, was_moved: false }
    }

    /// What `future` gives, if it does so in time.
    pub async fn in_time<T>(&mut self, future: impl Future<Output = T>) -> Option<T> {
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
