//! A connection as the requests on it share it: whether its server has ever taken one on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use reqwest::Client;

/// The client of one connection.
pub struct Connection {
    client: Client,
    in_flight: AtomicUsize,
    has_answered: AtomicBool,
}

/// One request's share of a connection.
pub struct Share(Arc<Connection>);

impl Connection {
    /// A connection that `client` makes when it is first used.
    pub fn new(client: Client) -> Arc<Self> {
        Arc::new(Self { client, in_flight: AtomicUsize::new(0), has_answered: AtomicBool::new(false) })
    }

    /// For one more request.
    pub fn share(self: &Arc<Self>) -> Share {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        Share(Arc::clone(self))
    }
}

impl Share {
    /// What sends.
    pub fn client(&self) -> &Client {
        &self.0.client
    }

    /// A response has come.
    pub fn answered(&self) {
        self.0.has_answered.store(true, Ordering::Relaxed);
    }

    /// After the server has retired the connection: whether it has taken on any other request before. Then it goes on with
    /// those, and will take this one on a new connection; else it may never.
    pub async fn was_of_use(self) -> bool {
        let connection = Arc::clone(&self.0);
        drop(self);
        // All requests that were not taken on fail in the same moment: what is left after them is being served.
        tokio::task::yield_now().await;
        connection.has_answered.load(Ordering::Relaxed) || connection.in_flight.load(Ordering::Relaxed) > 0
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
