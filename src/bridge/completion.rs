//! Results of one env, collected on the I/O thread until JavaScript is woken for them.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::AbortHandle;

use crate::api::client::{Caller, Outcome};
use crate::api::error::{Failure, Report, ResponseInfo};
use crate::api::progress::Progress;
use crate::bridge::batch::{CallResult, Kind, Results};
use crate::runtime;

/// So many results are settled in one go before the event loop gets a turn.
const CHUNK_RESULTS: usize = 256;
/// So many bytes of text likewise: parsing them takes milliseconds, and a JavaScript string has a longest length. A
/// larger result goes alone.
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

#[derive(Default)]
struct State {
    chunks: VecDeque<Results>,
    /// Calls whose result is still to come, and how to end them.
    tasks: HashMap<u32, AbortHandle>,
    is_flush_due: bool,
    is_woken: bool,
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
        let is_full =
            |chunk: &Results| chunk.count() >= CHUNK_RESULTS || chunk.size() + result.payload.len() > CHUNK_BYTES;
        if state.chunks.back().is_none_or(is_full) {
            state.chunks.push_back(Results::default());
        }
        if let Some(chunk) = state.chunks.back_mut() {
            chunk.push(result);
        }
        state.tasks.remove(&result.id);
        let is_worth_waking =
            state.chunks.len() > 1 || state.chunks.front().is_some_and(|chunk| chunk.count() >= WORTH_WAKING);
        if state.tasks.is_empty() || is_worth_waking {
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
        let mut state = self.state();
        if state.is_woken || state.chunks.is_empty() {
            return;
        }
        state.is_woken = true;
        drop(state);
        self.waker.wake();
    }

    /// On the JavaScript thread, once for each time it was woken: takes the oldest chunk, and says whether there are more.
    /// Then nobody wakes JavaScript until it asks for it by [`Self::wake_again`].
    pub fn take(&self) -> Option<(Results, bool)> {
        let mut state = self.state();
        let chunk = state.chunks.pop_front();
        state.is_woken = !state.chunks.is_empty();
        chunk.map(|chunk| (chunk, state.is_woken))
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
            Err(failure) => (Kind::Failure, Report::new(&failure, &response, attempts, verdict).to_json()),
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

#[cfg(test)]
mod tests {
    use super::*;

    struct Asleep;

    impl Wake for Asleep {
        fn wake(&self) {}
    }

    /// The texts that JavaScript gets for results of these sizes that all came while it was busy.
    fn chunks(sizes: &[usize]) -> Vec<Vec<u32>> {
        let completions = CompletionQueue::new(Box::new(Asleep));
        for (id, &size) in (0..).zip(sizes) {
            let payload = "7".repeat(size);
            completions.push(&CallResult { id, kind: Kind::Success, status: 200, attempts: 1, payload: &payload });
        }
        std::iter::from_fn(|| completions.take()).map(|(results, _)| results.into_parts().1).collect()
    }

    #[test]
    fn chunks_are_bounded_by_number_and_bytes() {
        assert_eq!(chunks(&[1; 300]), [(0..256).collect::<Vec<_>>(), (256..300).collect()]);
        let half = CHUNK_BYTES / 2;
        assert_eq!(chunks(&[half, half - 100, 1000, half]), [vec![0, 1], vec![2, 3]]);
        assert_eq!(chunks(&[10, 3 * CHUNK_BYTES, 10]), [vec![0], vec![1], vec![2]]);
    }
}
