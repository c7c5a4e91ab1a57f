//! The bridge of one env: batches of calls go out to the I/O thread, batches of results come state through one callback.

pub mod batch;
pub mod callback;
mod completion;
mod submission;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use bytes::Bytes;
use napi::bindgen_prelude::Function;
use napi::{Env, Result};

use crate::api::client::Client;
use crate::bridge::callback::{Callback, Receiver};
use crate::bridge::completion::{CompletionQueue, Wake};

/// An env's side of the bridge.
pub struct Bridge {
    callback: Arc<Callback<EnvState>>,
}

/// Where results arrive.
struct EnvState {
    completions: Arc<CompletionQueue>,
    waker: Arc<WakeEnv>,
    /// Calls whose result has not been given to JavaScript. Only touched on the JavaScript thread.
    in_flight: AtomicU32,
    /// Results in the text that is being delivered. Likewise.
    delivering: AtomicU32,
}

/// The callback is what wakes itself, but the completions has to know before it exists.
#[derive(Default)]
struct WakeEnv(OnceLock<Weak<Callback<EnvState>>>);

impl WakeEnv {
    fn callback(&self) -> Option<Arc<Callback<EnvState>>> {
        self.0.get().and_then(Weak::upgrade)
    }
}

impl Wake for Arc<WakeEnv> {
    fn wake(&self) {
        if let Some(callback) = self.callback() {
            callback.wake();
        }
    }
}

impl Receiver for EnvState {
    fn next(&self) -> Option<String> {
        let chunk = self.completions.take()?;
        self.delivering.store(chunk.count(), Ordering::Relaxed);
        Some(chunk.into_json())
    }

    fn after_delivery(&self, env: &Env) {
        let delivered = self.delivering.swap(0, Ordering::Relaxed);
        let was_last = self.in_flight.fetch_sub(delivered, Ordering::Relaxed) == delivered;
        if was_last && let Some(callback) = self.waker.callback() {
            callback.keep_alive(env, false);
        }
        // One text a wake-up, so that the event loop gets a turn between them.
        self.completions.wake_if_any();
    }

    fn close(&self) {
        self.completions.close();
    }
}

impl Bridge {
    /// Opens the bridge; `settle` is called with the JSON text of a batch of results (`crate::bridge::batch`).
    pub fn open(env: &Env, settle: &Function<'_, String, ()>) -> Result<Self> {
        let waker = Arc::new(WakeEnv::default());
        let state = EnvState {
            completions: CompletionQueue::new(Box::new(Arc::clone(&waker))),
            waker: Arc::clone(&waker),
            in_flight: AtomicU32::new(0),
            delivering: AtomicU32::new(0),
        };
        let callback = Callback::create(env, settle, state)?;
        waker.0.get_or_init(|| Arc::downgrade(&callback));
        Ok(Self { callback })
    }

    /// Hands a batch of `count` calls to the I/O thread. From the first call in flight to the last result the env is
    /// kept alive.
    pub fn submit(&self, env: &Env, client: &Arc<Client>, batch: String, count: u32) -> Result<()> {
        let state = self.callback.receiver();
        submission::start(Arc::clone(client), Arc::clone(&state.completions), Bytes::from(batch))
            .map_err(|error| napi::Error::from_reason(format!("the I/O thread is not there: {error}")))?;
        if state.in_flight.fetch_add(count, Ordering::Relaxed) == 0 {
            self.callback.keep_alive(env, true);
        }
        Ok(())
    }

    /// Cancels a call.
    pub fn cancel(&self, id: u32) {
        // Without the I/O thread there is no call to cancel.
        let _ = submission::cancel(Arc::clone(&self.callback.receiver().completions), id);
    }
}

impl Drop for Bridge {
    /// JavaScript has dropped the module that used it (test runners reload modules): the callback may go, unless
    /// results are still to come through it.
    fn drop(&mut self) {
        if self.callback.receiver().in_flight.load(Ordering::Relaxed) == 0 {
            self.callback.release();
        }
    }
}
