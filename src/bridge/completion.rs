//! Results of one env, collected on the I/O thread until JavaScript is woken for them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::AbortHandle;

use crate::api::client::{Caller, Outcome};
use crate::api::error::{Failure, Report, ResponseInfo};
use crate::api::progress::Progress;
use crate::bridge::batch::{CallResult, Kind};
use crate::bridge::chunks::{Chunk, Chunks};
use crate::runtime;

/// So many bytes of text are settled in one go.
const CHUNK_BYTES: usize = 1024 * 1024;
/// With so many results JavaScript is woken although more are coming: it works on them while they arrive.
const WORTH_WAKING: usize = 32;

/// Wakes JavaScript so that it collects what is there.
pub trait Wake: Send + Sync + 'static {
    /// Called on any thread, once for each collection.
    fn wake(&self);
}

/// The results of one env that JavaScript has not collected yet.
pub struct CompletionQueue {
    state: Mutex<State>,
    is_open: AtomicBool,
    waker: Box<dyn Wake>,
}

struct State {
    chunks: Chunks,
    /// Calls whose result is still to come, and how to end them.
    tasks: HashMap<u32, AbortHandle>,
    is_flush_due: bool,
}

impl Default for State {
    fn default() -> Self {
        Self { chunks: Chunks::new(CHUNK_BYTES), tasks: HashMap::new(), is_flush_due: false }
    }
}

impl CompletionQueue {
    /// An empty queue whose owner is woken by `waker`.
    pub fn new(waker: Box<dyn Wake>) -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), is_open: AtomicBool::new(true), waker })
    }

    /// False once the env is gone.
    pub fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Acquire)
    }

    /// The env goes away: whatever comes is thrown away from now on.
    pub fn close(&self) {
        self.is_open.store(false, Ordering::Release);
        *self.state() = State::default();
    }

    /// Adds a result. JavaScript is woken after the I/O thread's ready queue, once for all that came together; at once
    /// where there is nothing more to wait for, or enough to be worth it.
    fn push(self: &Arc<Self>, result: &CallResult<'_>) {
        if !self.is_open() {
            return;
        }
        let mut state = self.state();
        state.chunks.push(Some(result.id), result, result.payload);
        state.tasks.remove(&result.id);
        if state.tasks.is_empty() || state.chunks.has(WORTH_WAKING) {
            drop(state);
            self.wake_if_any();
        } else if !std::mem::replace(&mut state.is_flush_due, true) {
            let completions = Arc::clone(self);
            runtime::defer(move || completions.flush());
        }
    }

    fn flush(&self) {
        self.state().is_flush_due = false;
        self.wake_if_any();
    }

    /// Wakes JavaScript if there is something to collect and it has not been woken yet.
    fn wake_if_any(&self) {
        let wakes = self.state().chunks.wakes();
        if wakes {
            self.waker.wake();
        }
    }

    /// On the JavaScript thread, once for each time it was woken: the oldest chunk, and whether there are more, for which
    /// JavaScript comes by [`Self::wake_again`].
    pub fn take(&self) -> Option<(Chunk, bool)> {
        self.state().chunks.take()
    }

    /// Wakes JavaScript for the next of several chunks.
    pub fn wake_again(&self) {
        self.waker.wake();
    }

    /// Remembers how to cancel a call.
    pub fn add_task(&self, id: u32, handle: AbortHandle) {
        self.state().tasks.insert(id, handle);
    }

    /// Cancels a call that has not ended; its result says so.
    pub fn cancel(&self, id: u32) {
        let handle = self.state().tasks.get(&id).cloned();
        if let Some(handle) = handle {
            handle.abort();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The duty to settle one call, exactly once: if it is dropped before `settle`, because the call panicked or was
/// cancelled, JavaScript gets an error.
pub struct Deferred {
    completions: Arc<CompletionQueue>,
    id: u32,
    is_settled: bool,
    progress: Progress,
}

impl Deferred {
    /// Takes on the duty for call `id`.
    pub fn new(completions: Arc<CompletionQueue>, id: u32) -> Self {
        Self { completions, id, is_settled: false, progress: Progress::default() }
    }

    /// Hands the outcome over.
    pub fn settle(mut self, outcome: Outcome) {
        self.complete(outcome);
    }

    fn complete(&mut self, outcome: Outcome) {
        self.is_settled = true;
        let Outcome { result, response, attempts, verdict } = outcome;
        let (kind, payload) = match result {
            Ok(body) => (Kind::Success, body),
            Err(failure) => (Kind::Failure, Report::new(&failure, &response, verdict).to_json()),
        };
        let result = CallResult { id: self.id, kind, status: response.status, attempts, payload: &payload };
        self.completions.push(&result);
    }
}

impl Caller for Deferred {
    fn is_waiting(&self) -> bool {
        self.completions.is_open()
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
        let failure = if std::thread::panicking() {
            Failure::Internal("The call panicked; this is a bug in the SDK".to_owned())
        } else {
            Failure::Aborted
        };
        let (attempts, verdict) = (self.progress.attempts(), self.progress.cut_short());
        self.complete(Outcome { result: Err(failure), response: ResponseInfo::default(), attempts, verdict });
    }
}
