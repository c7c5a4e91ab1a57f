//! Sends requests through the API client, on the I/O thread.

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
use crate::outbox::entry::{Identity, Outgoing};
use crate::runtime;

/// The purpose of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Purpose {
    /// To deliver the entry with this number.
    Entry(i64),
    /// To find out whether the API answers.
    Probe,
}

type Handles = Arc<Mutex<HashMap<Purpose, AbortHandle>>>;

/// The requests that are being sent.
pub(crate) struct Requests {
    client: Arc<Client>,
    messages: Sender<Message>,
    handles: Handles,
}

impl Requests {
    /// None yet; how each ends will be sent to `messages`.
    pub(crate) fn new(client: Arc<Client>, messages: Sender<Message>) -> Self {
        Self { client, messages, handles: Arc::default() }
    }

    /// Of the key and the base URL.
    pub(crate) fn identity(&self) -> Identity {
        Identity::from_digest(self.client.identity())
    }

    /// Makes one attempt to deliver an entry.
    pub(crate) fn send(&self, Outgoing { seq, operation, idempotency, params, .. }: Outgoing) {
        self.start(Purpose::Entry(seq), operation, idempotency, Bytes::from(params));
    }

    /// Asks for a token without saying for whom: the API answers that that is not possible, and creates nothing.
    pub(crate) fn probe(&self) {
        self.start(Purpose::Probe, Operation::EmbedToken, Idempotency::Idempotent, Bytes::from_static(b"{}"));
    }

    fn start(&self, purpose: Purpose, operation: Operation, idempotency: Idempotency, params: Bytes) {
        let request = Request {
            purpose,
            messages: self.messages.clone(),
            handles: Arc::clone(&self.handles),
            progress: Progress::default(),
            outcome: None,
        };
        let client = Arc::clone(&self.client);
        let handles = Arc::clone(&self.handles);
        // If there is no I/O thread, the job is dropped and `request` with it, which reports that.
        let _ = runtime::run(move || {
            let task = tokio::spawn(async move {
                let mut request = request;
                let call = Call { operation, idempotency, options: CallOptions::single_attempt(), params };
                let outcome = client.perform(call, &request).await;
                request.outcome = Some(outcome);
            });
            lock(&handles).insert(purpose, task.abort_handle());
        });
    }

    /// Aborts all of them.
    pub(crate) fn abort(&self) {
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

/// Reports how a request ended, even if it panicked or was aborted.
struct Request {
    purpose: Purpose,
    messages: Sender<Message>,
    handles: Handles,
    progress: Progress,
    outcome: Option<Outcome>,
}

impl Caller for Request {
    /// The outbox needs the outcome even if JavaScript is gone.
    fn is_waiting(&self) -> bool {
        true
    }

    fn progress(&self) -> &Progress {
        &self.progress
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        lock(&self.handles).remove(&self.purpose);
        let outcome = self.outcome.take().unwrap_or_else(|| {
            let failure = if std::thread::panicking() {
                Failure::Internal("The call panicked; this is a bug in the SDK".to_owned())
            } else {
                Failure::Aborted
            };
            let (attempts, decision) = (self.progress.attempts(), self.progress.aborted());
            Outcome { result: Err(failure), response: ResponseInfo::default(), attempts, decision }
        });
        let outcome = Box::new(outcome);
        // The outbox waits for every request before it ends.
        let _ = self.messages.send(match self.purpose {
            Purpose::Entry(seq) => Message::Outcome(seq, outcome),
            Purpose::Probe => Message::ProbeOutcome(outcome),
        });
    }
}

fn lock(handles: &Mutex<HashMap<Purpose, AbortHandle>>) -> MutexGuard<'_, HashMap<Purpose, AbortHandle>> {
    handles.lock().unwrap_or_else(PoisonError::into_inner)
}
