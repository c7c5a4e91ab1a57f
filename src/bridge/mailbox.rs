//! Messages on their way to JavaScript, and the callback that delivers them; one mailbox per bridge.

use std::fmt::Display;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::bindgen_prelude::{FnArgs, Function, JsObjectValue, Object, retain_current_module_for_unload_safety};
use napi::{Env, Result};

use crate::bridge::callback::{Callback, Receiver};
use crate::bridge::result_chunk::{ResultChunk, ResultChunks};

/// The bridge that a mailbox belongs to.
pub(crate) trait Owner: Send + Sync + 'static {
    /// Maximum bytes of a text, unless one message is longer.
    const CHUNK_BYTES: usize;
    /// The members and the payload of the message for `id` if its own could not be handed to JavaScript.
    fn undeliverable(id: u32) -> (String, String);
    /// The env ends: nothing is delivered any more.
    fn close(&self);
}

/// A handle to the messages of one bridge.
pub(crate) struct Mailbox<O>(Arc<Callback<Inbox<O>>>);

/// Where messages wait.
struct Inbox<O> {
    state: Mutex<State>,
    /// Requests whose reply was not delivered. Changed only on the JavaScript thread.
    in_flight: Arc<AtomicUsize>,
    /// The requests whose replies are being delivered. Likewise.
    delivering: Mutex<Vec<u32>>,
    owner: O,
}

struct State {
    chunks: ResultChunks,
    /// No message is added any more.
    is_closed: bool,
    /// The last message settles all requests without a reply.
    has_last: bool,
}

impl<O> Clone for Mailbox<O> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<O: Owner> Mailbox<O> {
    /// `settle` gets texts, and whether there are more, which come after [`Self::resume`].
    pub(crate) fn open(env: &Env, settle: &Function<'_, FnArgs<(String, bool)>, ()>, owner: O) -> Result<Self> {
        // Node unloads an addon with the last env that loaded it; our threads run on.
        retain_current_module_for_unload_safety();
        let in_flight = Arc::new(AtomicUsize::new(0));
        let resource = async_resource(env, Arc::clone(&in_flight))?;
        let state = State { chunks: ResultChunks::new(O::CHUNK_BYTES), is_closed: false, has_last: false };
        let inbox = Inbox { state: Mutex::new(state), in_flight, delivering: Mutex::default(), owner };
        Ok(Self(Callback::create(env, settle, &resource, inbox)?))
    }

    /// The bridge.
    pub(crate) fn owner(&self) -> &O {
        &self.0.receiver().owner
    }

    /// False once nothing more can be delivered.
    pub(crate) fn is_open(&self) -> bool {
        !self.state().is_closed
    }

    /// On the JavaScript thread: hands `count` requests over by `submit`, unless the mailbox is closed. The env is kept alive
    /// until all of them have their reply.
    pub(crate) fn expect(&self, env: &Env, count: u32, submit: impl FnOnce() -> Result<()>) -> Result<()> {
        let inbox = self.0.receiver();
        // First, so that either the last message settles these requests, or the mailbox is found closed here.
        let before = inbox.in_flight.fetch_add(count as usize, Ordering::SeqCst);
        let submitted = if self.is_open() { submit() } else { Err(napi::Error::from_reason("it is closed")) };
        if let Err(error) = submitted {
            inbox.in_flight.fetch_sub(count as usize, Ordering::SeqCst);
            return Err(error);
        }
        if before == 0 {
            self.0.keep_alive(env, true);
        }
        Ok(())
    }

    /// Adds a message: its members but the last, separated by commas, and the last, which is JSON text. `id`: the request that
    /// it replies to. Returns the number of messages that wait.
    pub(crate) fn post(&self, id: Option<u32>, members: impl Display, payload: &str) -> usize {
        let mut state = self.state();
        if !state.is_closed {
            state.chunks.push(id, members, payload);
        }
        state.chunks.messages()
    }

    /// Adds the last message, which settles all requests that have no reply, if there are any.
    pub(crate) fn post_last(&self, members: impl Display, payload: &str) {
        let mut state = self.state();
        if !state.is_closed && self.0.receiver().in_flight.load(Ordering::SeqCst) > 0 {
            state.chunks.push(None, members, payload);
        }
        state.is_closed = true;
        state.has_last = true;
    }

    /// From any thread: wakes JavaScript if there are messages and it was not woken yet.
    pub(crate) fn flush(&self) {
        let wakes = self.state().chunks.wakes();
        if wakes {
            self.0.wake();
        }
    }

    /// On the JavaScript thread: asks for the next text, after one that was not the last.
    pub(crate) fn resume(&self) {
        self.0.wake();
    }

    /// On the JavaScript thread: JavaScript has dropped the bridge. The callback goes, unless replies are still to come.
    pub(crate) fn close(&self, env: &Env) {
        if self.0.receiver().in_flight.load(Ordering::SeqCst) == 0 {
            Callback::close(&self.0, env);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.receiver().state()
    }
}

impl<O> Inbox<O> {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn delivering(&self) -> MutexGuard<'_, Vec<u32>> {
        self.delivering.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<O: Owner> Receiver for Inbox<O> {
    fn next(&self) -> Option<(String, bool)> {
        let (chunk, has_more) = self.state().chunks.take()?;
        let (text, ids) = chunk.into_parts();
        *self.delivering() = ids;
        Some((text, has_more))
    }

    fn undeliverable(&self) -> String {
        let mut chunk = ResultChunk::default();
        for &id in self.delivering().iter() {
            let (members, payload) = O::undeliverable(id);
            chunk.push(Some(id), members, &payload);
        }
        chunk.into_parts().0
    }

    fn after_delivery(&self) -> bool {
        let delivered = std::mem::take(&mut *self.delivering()).len();
        let before = self.in_flight.load(Ordering::SeqCst);
        let state = self.state();
        let is_settled = state.has_last && state.chunks.is_empty();
        let after = if is_settled { 0 } else { before - delivered };
        self.in_flight.store(after, Ordering::SeqCst);
        // The env did not wait for events without requests, so nothing changes for them.
        before == 0 || after > 0
    }

    fn close(&self) {
        let mut state = self.state();
        state.is_closed = true;
        state.chunks.clear();
        drop(state);
        self.owner.close();
    }
}

/// The callback's resource in `async_hooks`. As a handle of Node's own, it has `hasRef()`: whether it keeps the process
/// alive. `jest --detectOpenHandles` calls it.
fn async_resource<'env>(env: &'env Env, in_flight: Arc<AtomicUsize>) -> Result<Object<'env>> {
    let mut resource = Object::new(env)?;
    let has_ref =
        env.create_function_from_closure::<(), bool, _>("hasRef", move |_| Ok(in_flight.load(Ordering::Relaxed) > 0))?;
    resource.set_named_property("hasRef", has_ref)?;
    Ok(resource)
}
