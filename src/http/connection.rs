//! One connection of a lane: an HTTP client of its own, and what is known of the server behind it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::Client;
use tokio::task::yield_now;

/// The client of one generation of a lane.
#[derive(Clone)]
pub struct Connection {
    /// Opens the connection with its first request.
    pub client: Client,
    /// Requests begun on it, without those that were certainly not processed.
    taken: Arc<AtomicUsize>,
}

impl Connection {
    /// A connection that is still to be opened.
    pub fn new(client: Client) -> Self {
        Self { client, taken: Arc::default() }
    }

    /// Whether `other` is the same one.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.taken, &other.taken)
    }

    /// One more request is sent on it.
    pub fn begin(&self) {
        self.taken.fetch_add(1, Ordering::Relaxed);
    }

    /// A request on it was not processed. Whether others were or may be: then the server is at work, and the next
    /// connection will be as good as this one was.
    pub async fn is_at_work_without(&self) -> bool {
        self.taken.fetch_sub(1, Ordering::Relaxed);
        // Others that were refused with it are ready to run now.
        yield_now().await;
        self.taken.load(Ordering::Relaxed) > 0
    }
}
