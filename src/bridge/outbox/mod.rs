//! The way between an `Outbox` in JavaScript and `crate::outbox`: texts in both directions, as for calls.
//!
//! Towards Rust a line per command: `token \t name \t argument \t params \n`, argument and params being JSON text without
//! raw tabs and line breaks; each may be empty.
//!
//! | command | argument | reply |
//! |---|---|---|
//! | `record` | `[call, id or null, customerExternalId, isIdempotent, retryAmbiguous, deliverAt or null]`, and `params` | `{id, duplicate}` |
//! | `resend`, `discard` | id | whether there was something to do |
//! | `show`; `list` | id; `[state or null, after, limit]` | entries |
//! | `stats`; `drained` | | counts; null when nothing is due or being sent |
//! | `resume`; `adopt` | | whether something paused; how many entries were taken over |
//! | `erase` | customerExternalId | how many entries were removed |
//! | `backup`; `close` | path; milliseconds | null |
//!
//! Towards JavaScript one JSON array with three members a message: `[token, kind, payload, …]`; see [`Kind`]. Every command
//! gets one reply, or shares in the last message. Events and that have the token 0.

mod protocol;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use napi::bindgen_prelude::{FnArgs, Function, retain_current_module_for_unload_safety};
use napi::{Env, Result};
use serde::Deserialize;

use crate::api::client::Client;
use crate::bridge::async_resource;
use crate::bridge::callback::{Callback, Receiver};
use crate::bridge::chunks::{Chunk, Chunks};
use crate::bridge::outbox::protocol::failure;
use crate::outbox::Outbox;
use crate::outbox::command::{Command, Event, Listener, Reply, Settings};
use crate::outbox::error::OutboxError;

/// So many bytes of text are given to JavaScript in one go.
const CHUNK_BYTES: usize = 256 * 1024;

/// What a payload is.
#[derive(Clone, Copy)]
enum Kind {
    /// Why a command failed.
    Failure = 0,
    /// The answer to a command.
    Success = 1,
    /// Something has happened.
    Event = 2,
    /// Why all commands without a reply have failed: nobody is left to give one.
    End = 3,
}

/// Settings as JavaScript sends them; times in milliseconds.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawSettings {
    path: PathBuf,
    create: bool,
    concurrency: usize,
    max_entries: u64,
    max_age: u64,
    keep_rejected: u64,
    adopt: bool,
}

/// JavaScript's side of an outbox.
pub struct OutboxBridge {
    outbox: Arc<Outbox>,
    callback: Arc<Callback<Inbox>>,
}

/// Where messages wait for JavaScript.
struct Inbox {
    state: Mutex<Waiting>,
    waker: Weak<Callback<Inbox>>,
    outbox: Mutex<Weak<Outbox>>,
    /// Commands whose reply has not been given to JavaScript. Only touched on the JavaScript thread.
    in_flight: Arc<AtomicUsize>,
    /// The replies that are being delivered. Likewise.
    delivering: Mutex<Vec<u32>>,
}

struct Waiting {
    chunks: Chunks,
    /// How many commands have no reply.
    outstanding: usize,
    is_closed: bool,
}

impl Waiting {
    /// Whether JavaScript has been given all there will ever be.
    fn is_over(&self) -> bool {
        self.is_closed && self.chunks.is_empty()
    }
}

impl Inbox {
    fn state(&self) -> MutexGuard<'_, Waiting> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn delivering(&self) -> MutexGuard<'_, Vec<u32>> {
        self.delivering.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, token: u32, kind: Kind, payload: &str) {
        let mut state = self.state();
        if state.is_closed {
            return;
        }
        state.outstanding = state.outstanding.saturating_sub(usize::from(token != 0));
        state.chunks.push((token != 0).then_some(token), format_args!("{token},{}", kind as u8), payload);
    }

    fn wake_if_any(&self) {
        let wakes = self.state().chunks.wakes();
        if wakes && let Some(callback) = self.waker.upgrade() {
            callback.wake();
        }
    }

    /// The commands of a text. Those that are wrong are answered.
    fn read(&self, text: &str) -> Vec<(u32, Command)> {
        let commands = protocol::commands(text).filter_map(|(token, command)| match command {
            Ok(command) => Some((token, command)),
            Err(payload) => {
                self.push(token, Kind::Failure, &payload);
                None
            }
        });
        commands.collect()
    }

    /// Nobody gives replies any more.
    fn end(&self, error: &OutboxError) {
        let mut state = self.state();
        if !state.is_closed && state.outstanding > 0 {
            state.chunks.push(None, format_args!("0,{}", Kind::End as u8), &failure(error));
        }
        state.is_closed = true;
    }
}

impl Receiver for Inbox {
    fn next(&self) -> Option<(String, bool)> {
        let (chunk, has_more) = self.state().chunks.take()?;
        let (text, tokens) = chunk.into_parts();
        *self.delivering() = tokens;
        Some((text, has_more))
    }

    fn refusal(&self) -> String {
        let mut chunk = Chunk::default();
        let payload = failure(&OutboxError::Internal("The answer could not be handed to JavaScript".to_owned()));
        for &token in self.delivering().iter() {
            chunk.push(Some(token), format_args!("{token},{}", Kind::Failure as u8), &payload);
        }
        chunk.into_parts().0
    }

    /// True as well where only events were delivered: the env did not wait for them, and still doesn't.
    fn after_delivery(&self) -> bool {
        let delivered = std::mem::take(&mut *self.delivering()).len();
        let before = self.in_flight.load(Ordering::Relaxed);
        // The last text settles all that is left.
        let after = if self.state().is_over() { 0 } else { before - delivered };
        self.in_flight.store(after, Ordering::Relaxed);
        before == 0 || after > 0
    }

    fn close(&self) {
        let mut state = self.state();
        state.is_closed = true;
        state.chunks.clear();
        drop(state);
        let outbox = self.outbox.lock().unwrap_or_else(PoisonError::into_inner).upgrade();
        if let Some(outbox) = outbox {
            outbox.abandon();
        }
    }
}

/// Tells JavaScript what the outbox tells.
struct ToJavaScript(Arc<Callback<Inbox>>);

impl Listener for ToJavaScript {
    fn reply(&self, token: u32, result: std::result::Result<Reply, OutboxError>) {
        let inbox = self.0.receiver();
        match result {
            Ok(reply) => inbox.push(token, Kind::Success, &protocol::reply_json(&reply)),
            Err(error) => inbox.push(token, Kind::Failure, &failure(&error)),
        }
    }

    fn event(&self, event: Event) {
        self.0.receiver().push(0, Kind::Event, &protocol::event_json(&event));
    }

    fn flush(&self) {
        self.0.receiver().wake_if_any();
    }
}

impl Drop for ToJavaScript {
    /// The outbox is closed, or its thread has panicked: nobody else is going to answer.
    fn drop(&mut self) {
        let inbox = self.0.receiver();
        let error = if std::thread::panicking() {
            OutboxError::Internal("The outbox panicked; this is a bug in the SDK".to_owned())
        } else {
            OutboxError::Closed
        };
        inbox.end(&error);
        inbox.wake_if_any();
    }
}

impl OutboxBridge {
    /// Opens an outbox; `settle` gets the texts for JavaScript, and whether there are more, which come when
    /// [`Self::resume`] is called.
    pub fn open(
        env: &Env,
        settings: &str,
        client: Option<Arc<Client>>,
        settle: &Function<'_, FnArgs<(String, bool)>, ()>,
    ) -> Result<Self> {
        let raw: RawSettings = serde_json::from_str(settings)
            .map_err(|error| napi::Error::from_reason(format!("the settings are malformed: {error}")))?;
        // Node unloads an addon with the last env that loaded it; the thread runs on.
        retain_current_module_for_unload_safety();
        let in_flight = Arc::new(AtomicUsize::new(0));
        let resource = async_resource(env, Arc::clone(&in_flight))?;
        let callback = Callback::create(env, settle, &resource, |waker| Inbox {
            state: Mutex::new(Waiting { chunks: Chunks::new(CHUNK_BYTES), outstanding: 0, is_closed: false }),
            waker,
            outbox: Mutex::default(),
            in_flight,
            delivering: Mutex::default(),
        })?;
        let settings = Settings {
            path: raw.path,
            create: raw.create,
            concurrency: raw.concurrency,
            max_entries: raw.max_entries,
            max_age: Duration::from_millis(raw.max_age),
            keep_rejected: Duration::from_millis(raw.keep_rejected),
            adopt: raw.adopt,
        };
        let outbox = Outbox::open(settings, client, ToJavaScript(Arc::clone(&callback)))
            .map_err(|error| napi::Error::from_reason(format!("the outbox's thread could not be started: {error}")))?;
        let outbox = Arc::new(outbox);
        *callback.receiver().outbox.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(&outbox);
        Ok(Self { outbox, callback })
    }

    /// Gives the `count` commands of a text, which are read on the outbox's thread. The env is kept alive until all are
    /// answered.
    pub fn submit(&self, env: &Env, batch: String, count: u32) -> Result<()> {
        let inbox = self.callback.receiver();
        let callback = Arc::clone(&self.callback);
        let mut state = inbox.state();
        if state.is_closed || !self.outbox.submit(move || callback.receiver().read(&batch)) {
            return Err(napi::Error::from_reason("it is closed"));
        }
        state.outstanding += count as usize;
        drop(state);
        if inbox.in_flight.fetch_add(count as usize, Ordering::Relaxed) == 0 {
            self.callback.keep_alive(env, true);
        }
        Ok(())
    }

    /// Asks for the next text, after one that was not the last.
    pub fn resume(&self) {
        self.callback.wake();
    }

    /// Gives up waiting for a reply.
    pub fn cancel(&self, token: u32) {
        self.outbox.cancel(token);
    }

    /// Whether deliveries are of interest.
    pub fn want_deliveries(&self, wanted: bool) {
        self.outbox.want_deliveries(wanted);
    }

    /// JavaScript has dropped the outbox.
    pub fn close(&self, env: &Env) {
        self.outbox.abandon();
        if self.callback.receiver().in_flight.load(Ordering::Relaxed) == 0 {
            Callback::close(&self.callback, env);
        }
    }
}
