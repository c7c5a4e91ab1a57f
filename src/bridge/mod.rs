//! The bridge of one env: batches of calls go out to the I/O thread, batches of results come back through one callback.

pub mod batch;
pub mod callback;
mod chunks;
mod completion;
pub mod outbox;
mod submission;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bytes::Bytes;
use napi::bindgen_prelude::{FnArgs, Function, JsObjectValue, Object, retain_current_module_for_unload_safety};
use napi::{Env, Result};

use crate::api::client::Client;
use crate::api::error::{Failure, Report, ResponseInfo};
use crate::api::retry::Verdict;
use crate::bridge::batch::{CallResult, Kind};
use crate::bridge::callback::{Callback, Receiver};
use crate::bridge::chunks::Chunk;
use crate::bridge::completion::{CompletionQueue, Wake};

/// An env's side of the bridge.
pub struct Bridge {
    callback: Arc<Callback<EnvState>>,
}

/// Where results arrive.
struct EnvState {
    completions: Arc<CompletionQueue>,
    /// Calls whose result has not been given to JavaScript. Only touched on the JavaScript thread.
    in_flight: Arc<AtomicUsize>,
    /// The calls whose results are being delivered. Likewise.
    delivering: Mutex<Vec<u32>>,
}

impl Wake for Weak<Callback<EnvState>> {
    fn wake(&self) {
        if let Some(callback) = self.upgrade() {
            callback.wake();
        }
    }
}

impl EnvState {
    fn delivering(&self) -> MutexGuard<'_, Vec<u32>> {
        self.delivering.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Receiver for EnvState {
    fn next(&self) -> Option<(String, bool)> {
        let (chunk, has_more) = self.completions.take()?;
        let (text, ids) = chunk.into_parts();
        *self.delivering() = ids;
        Some((text, has_more))
    }

    fn refusal(&self) -> String {
        let failure = Failure::Internal("The result could not be handed to JavaScript".to_owned());
        let verdict = Verdict { ambiguous: true, retryable: false };
        let payload = Report::new(&failure, &ResponseInfo::default(), verdict).to_json();
        let mut chunk = Chunk::default();
        for &id in self.delivering().iter() {
            let result = CallResult { id, kind: Kind::Failure, status: 0, attempts: 0, payload: &payload };
            chunk.push(Some(id), &result, &payload);
        }
        chunk.into_parts().0
    }

    fn after_delivery(&self) -> bool {
        let delivered = std::mem::take(&mut *self.delivering()).len();
        self.in_flight.fetch_sub(delivered, Ordering::Relaxed) > delivered
    }

    fn close(&self) {
        self.completions.close();
    }
}

impl Bridge {
    /// Opens the bridge; `settle` is called with the JSON text of a batch of results (`crate::bridge::batch`) and whether
    /// there are more, which come when [`Self::resume`] is called.
    pub fn open(env: &Env, settle: &Function<'_, FnArgs<(String, bool)>, ()>) -> Result<Self> {
        // Node unloads an addon with the last env that loaded it; the I/O thread runs on.
        retain_current_module_for_unload_safety();
        let in_flight = Arc::new(AtomicUsize::new(0));
        let resource = async_resource(env, Arc::clone(&in_flight))?;
        let callback = Callback::create(env, settle, &resource, |callback| EnvState {
            completions: CompletionQueue::new(Box::new(callback)),
            in_flight,
            delivering: Mutex::default(),
        })?;
        Ok(Self { callback })
    }

    /// Hands a batch of `count` calls to the I/O thread. From the first call in flight to the last result the env is
    /// kept alive.
    pub fn submit(&self, env: &Env, client: &Arc<Client>, batch: String, count: u32) -> Result<()> {
        let state = self.callback.receiver();
        submission::start(Arc::clone(client), Arc::clone(&state.completions), Bytes::from(batch))
            .map_err(|error| napi::Error::from_reason(format!("the I/O thread is not there: {error}")))?;
        if state.in_flight.fetch_add(count as usize, Ordering::Relaxed) == 0 {
            self.callback.keep_alive(env, true);
        }
        Ok(())
    }

    /// Asks for the next text, after one that was not the last.
    pub fn resume(&self) {
        self.callback.receiver().completions.wake_again();
    }

    /// Cancels a call.
    pub fn cancel(&self, id: u32) {
        // Without the I/O thread there is no call to cancel.
        let _ = submission::cancel(Arc::clone(&self.callback.receiver().completions), id);
    }

    /// JavaScript has dropped the module that used it: the callback may go, unless results are still to come through it.
    pub fn close(&self, env: &Env) {
        if self.callback.receiver().in_flight.load(Ordering::Relaxed) == 0 {
            Callback::close(&self.callback, env);
        }
    }
}

/// What `async_hooks` shows for the callback. Like a handle of Node's own it says by `hasRef()` whether it keeps the
/// process alive; `jest --detectOpenHandles` asks.
fn async_resource<'env>(env: &'env Env, in_flight: Arc<AtomicUsize>) -> Result<Object<'env>> {
    let mut resource = Object::new(env)?;
    let has_ref =
        env.create_function_from_closure::<(), bool, _>("hasRef", move |_| Ok(in_flight.load(Ordering::Relaxed) > 0))?;
    resource.set_named_property("hasRef", has_ref)?;
    Ok(resource)
}
