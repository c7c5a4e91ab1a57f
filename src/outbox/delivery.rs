//! Sends entries through the API client, on the I/O thread.

use std::collections::HashMap;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::task::AbortHandle;

use crate::api::client::{Call, CallOptions, Caller, Client, Outcome};
use crate::api::error::{Failure, ResponseInfo};
use crate::api::operation::{Idempotency, Operation};
use crate::api::progress::Progress;
use crate::outbox::command::Message;
use crate::runtime;

/// The requests on the wire.
pub struct Requests {
    client: Arc<Client>,
    outcomes: Sender<Message>,
    handles: Arc<Mutex<HashMap<i64, AbortHandle>>>,
}

impl Requests {
    /// None yet; how each ends will be sent to `outcomes`.
    pub fn new(client: Arc<Client>, outcomes: Sender<Message>) -> Self {
        Self { client, outcomes, handles: Arc::default() }
    }

    /// Where messages to the outbox's thread go.
    pub fn messages(&self) -> Sender<Message> {
        self.outcomes.clone()
    }

    /// Digest of the key and the API.
    pub fn identity(&self) -> &[u8] {
        self.client.identity()
    }

    /// Makes one attempt.
    pub fn send(&self, seq: i64, operation: Operation, idempotency: Idempotency, params: String) {
        let request = Request {
            seq,
            outcomes: self.outcomes.clone(),
            handles: Arc::clone(&self.handles),
            progress: Progress::default(),
            outcome: None,
        };
        let client = Arc::clone(&self.client);
        let handles = Arc::clone(&self.handles);
        // If the I/O thread cannot be had, the job is dropped and `request` with it, which says so.
        let _ = runtime::run(move || {
            let task = tokio::spawn(async move {
                let mut request = request;
                let options = CallOptions::single_attempt();
                let call = Call { operation, idempotency, options, params: Bytes::from(params) };
                let outcome = client.perform(call, &request).await;
                request.outcome = Some(outcome);
            });
            lock(&handles).insert(seq, task.abort_handle());
        });
    }

    /// Cuts off everything.
    pub fn abort(&self) {
        let handles = Arc::clone(&self.handles);
        // After the requests that are still on their way to the I/O thread.
        let _ = runtime::run(move || {
            let under_way: Vec<AbortHandle> = lock(&handles).values().cloned().collect();
            for handle in under_way {
                handle.abort();
            }
        });
    }
}

/// Tells how a request ended, be it that it panicked or was cut off.
struct Request {
    seq: i64,
    outcomes: Sender<Message>,
    handles: Arc<Mutex<HashMap<i64, AbortHandle>>>,
    progress: Progress,
    outcome: Option<Outcome>,
}

impl Caller for Request {
    /// The outbox wants to know how a request ended, whoever else is gone.
    fn is_waiting(&self) -> bool {
        true
    }

    fn progress(&self) -> &Progress {
        &self.progress
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        lock(&self.handles).remove(&self.seq);
        let outcome = self.outcome.take().unwrap_or_else(|| {
            let failure = if std::thread::panicking() {
                Failure::Internal("The call panicked; this is a bug in the SDK".to_owned())
            } else {
                Failure::Aborted
            };
            let (attempts, verdict) = (self.progress.attempts(), self.progress.cut_short());
            Outcome { result: Err(failure), response: ResponseInfo::default(), attempts, verdict }
        });
        // The outbox waits for every request before it ends.
        let _ = self.outcomes.send(Message::Outcome(self.seq, Box::new(outcome)));
    }
}

fn lock(handles: &Mutex<HashMap<i64, AbortHandle>>) -> MutexGuard<'_, HashMap<i64, AbortHandle>> {
    handles.lock().unwrap_or_else(PoisonError::into_inner)
}
