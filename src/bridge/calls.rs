//! Runs the calls of one env on the I/O thread, each as a task, and delivers their results.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use napi::bindgen_prelude::{FnArgs, Function};
use napi::{Env, Result};
use tokio::task::AbortHandle;

use crate::api::client::{Call, Caller, Client, Outcome};
use crate::api::error::{Failure, Report, ResponseInfo};
use crate::api::progress::Progress;
use crate::api::retry::RetryDecision;
use crate::bridge::mailbox::{Mailbox, Owner};
use crate::bridge::protocol::{CallResult, Kind, submitted_calls};
use crate::runtime;

/// With this many results JavaScript is woken although more are coming, so that it processes them meanwhile.
const WORTH_WAKING: usize = 32;

/// The bridge of one env for calls.
pub(crate) struct Bridge(Mailbox<Calls>);

impl Bridge {
    /// Opens the bridge. `settle` gets the JSON text of a batch of results (`crate::bridge::protocol`) and whether there are
    /// more, which come after [`Self::resume`].
    pub(crate) fn open(env: &Env, settle: &Function<'_, FnArgs<(String, bool)>, ()>) -> Result<Self> {
        Mailbox::open(env, settle, Calls::default()).map(Self)
    }

    /// Hands a batch of `count` calls to the I/O thread.
    pub(crate) fn submit(&self, env: &Env, client: &Arc<Client>, batch: String, count: u32) -> Result<()> {
        let (client, mailbox) = (Arc::clone(client), self.0.clone());
        self.0.expect(env, count, || {
            runtime::run(move || start(&client, &mailbox, Bytes::from(batch)))
                .map_err(|error| napi::Error::from_reason(format!("the I/O thread is not there: {error}")))
        })
    }

    /// Asks for the next text, after one that was not the last.
    pub(crate) fn resume(&self) {
        self.0.resume();
    }

    /// Cancels a call: its request is dropped, its wait for a retry ends. Does nothing if it has ended.
    pub(crate) fn cancel(&self, id: u32) {
        let mailbox = self.0.clone();
        // Without the I/O thread there is no call to cancel.
        let _ = runtime::run(move || mailbox.owner().cancel(id));
    }

    /// JavaScript has dropped the bridge.
    pub(crate) fn close(&self, env: &Env) {
        self.0.close(env);
    }
}

/// The calls of one env.
#[derive(Default)]
struct Calls {
    /// Calls without a result, and how to cancel them.
    tasks: Mutex<HashMap<u32, AbortHandle>>,
    is_flush_due: AtomicBool,
}

impl Calls {
    /// Cancels a call that has not ended; its result reports that.
    fn cancel(&self, id: u32) {
        let handle = self.tasks().get(&id).cloned();
        if let Some(handle) = handle {
            handle.abort();
        }
    }

    fn tasks(&self) -> MutexGuard<'_, HashMap<u32, AbortHandle>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Owner for Calls {
    const CHUNK_BYTES: usize = 1024 * 1024;

    fn undeliverable(id: u32) -> (String, String) {
        let failure = Failure::Internal("The result could not be handed to JavaScript".to_owned());
        let decision = RetryDecision { ambiguous: true, retryable: false };
        let payload = Report::new(&failure, &ResponseInfo::default(), decision).to_json();
        (CallResult { id, kind: Kind::Failure, status: 0, attempts: 0 }.to_string(), payload)
    }

    fn close(&self) {
        self.tasks().clear();
    }
}

/// Starts the calls of a batch on the I/O thread.
fn start(client: &Arc<Client>, mailbox: &Mailbox<Calls>, batch: Bytes) {
    for (id, call) in submitted_calls(batch) {
        let deferred = Deferred::new(mailbox.clone(), id);
        match call {
            Ok(call) => start_call(Arc::clone(client), id, call, deferred),
            Err(error) => deferred.fail(Failure::Internal(format!("The call's options are malformed: {error}"))),
        }
    }
}

fn start_call(client: Arc<Client>, id: u32, call: Call, deferred: Deferred) {
    let mailbox = deferred.mailbox.clone();
    let task = tokio::spawn(async move {
        let outcome = client.perform(call, &deferred).await;
        deferred.settle(outcome);
    });
    mailbox.owner().tasks().insert(id, task.abort_handle());
}

/// The obligation to settle one call, exactly once. If it is dropped before `settle`, because the call panicked or was
/// cancelled, JavaScript gets an error.
struct Deferred {
    mailbox: Mailbox<Calls>,
    id: u32,
    is_settled: bool,
    progress: Progress,
}

impl Deferred {
    fn new(mailbox: Mailbox<Calls>, id: u32) -> Self {
        Self { mailbox, id, is_settled: false, progress: Progress::default() }
    }

    /// Delivers the outcome.
    fn settle(mut self, outcome: Outcome) {
        self.complete(outcome);
    }

    /// Delivers a failure of the SDK or the caller.
    fn fail(mut self, failure: Failure) {
        self.complete_with(failure);
    }

    fn complete_with(&mut self, failure: Failure) {
        let (attempts, decision) = (self.progress.attempts(), self.progress.aborted());
        self.complete(Outcome { result: Err(failure), response: ResponseInfo::default(), attempts, decision });
    }

    /// JavaScript is woken once for all results that come together: after everything that is ready on the I/O thread has
    /// run, or at once if no call is left or enough results wait.
    fn complete(&mut self, outcome: Outcome) {
        self.is_settled = true;
        let Outcome { result, response, attempts, decision } = outcome;
        let (kind, payload) = match result {
            Ok(body) => (Kind::Success, body),
            Err(failure) => (Kind::Failure, Report::new(&failure, &response, decision).to_json()),
        };
        let result = CallResult { id: self.id, kind, status: response.status, attempts };
        let waiting = self.mailbox.post(Some(self.id), result, &payload);
        let calls = self.mailbox.owner();
        let is_last = {
            let mut tasks = calls.tasks();
            tasks.remove(&self.id);
            tasks.is_empty()
        };
        if is_last || waiting >= WORTH_WAKING {
            self.mailbox.flush();
        } else if !calls.is_flush_due.swap(true, Ordering::Relaxed) {
            let mailbox = self.mailbox.clone();
            runtime::defer(move || {
                mailbox.owner().is_flush_due.store(false, Ordering::Relaxed);
                mailbox.flush();
            });
        }
    }
}

impl Caller for Deferred {
    fn is_waiting(&self) -> bool {
        self.mailbox.is_open()
    }

    fn progress(&self) -> &Progress {
        &self.progress
    }
}

impl Drop for Deferred {
    fn drop(&mut self) {
        if self.is_settled {
            return;
        }
        self.complete_with(if std::thread::panicking() {
            Failure::Internal("The call panicked; this is a bug in the SDK".to_owned())
        } else {
            Failure::Aborted
        });
    }
}
