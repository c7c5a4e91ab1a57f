//! The connection of a slot: an HTTP client of its own, and how many requests the server has taken on it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::Client;
use tokio::task::yield_now;

/// The client of one generation of a slot.
#[derive(Clone)]
pub(crate) struct Connection {
    /// Opens the connection with its first request.
    pub(crate) client: Client,
    /// Requests begun on it, without those that were certainly not processed.
    taken: Arc<AtomicUsize>,
}

impl Connection {
    /// A connection that is still to be opened.
    pub(crate) fn new(client: Client) -> Self {
        Self { client, taken: Arc::default() }
    }

    /// Whether `other` is the same one.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.taken, &other.taken)
    }

    /// One more request is sent on it.
    pub(crate) fn begin(&self) {
        self.taken.fetch_add(1, Ordering::Relaxed);
    }

    /// A request on it was not processed. Returns whether the server has or may have processed others: then it works, and
    /// another connection is worth trying at once.
    pub(crate) async fn has_other_requests(&self) -> bool {
        self.taken.fetch_sub(1, Ordering::Relaxed);
        // Lets the others that were refused together with it run.
        yield_now().await;
        self.taken.load(Ordering::Relaxed) > 0
    }
}
