//! The way between an `Outbox` in JavaScript and `crate::outbox`: texts in both directions, as for calls.
//!
//! Towards Rust a line per command: `token \t name \t argument \t params \n`, argument and params being JSON text without
//! raw tabs and line breaks; each may be empty. `lib/outbox/channel.js` writes it.
//!
//! Towards JavaScript one JSON array with three members a message: `[token, kind, payload, …]`; see [`Kind`]. Every command
//! gets one reply. Events have the token 0.

use std::collections::{HashSet, VecDeque};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use napi::bindgen_prelude::{FnArgs, Function, retain_current_module_for_unload_safety};
use napi::{Env, Result};
use serde::Deserialize;
use serde_json::json;

use crate::api::client::Client;
use crate::api::operation::Operation;
use crate::bridge::async_resource;
use crate::bridge::callback::{Callback, Receiver};
use crate::outbox::Outbox;
use crate::outbox::command::{Command, Event, Listener, NewEntry, PauseReason, Reply, Settings};
use crate::outbox::entry::{Entry, State, to_millis};
use crate::outbox::error::OutboxError;

/// So many messages, or bytes of text, are given to JavaScript in one go.
const CHUNK_MESSAGES: usize = 256;
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
}

/// Settings as `lib/outbox/outbox.js` sends them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawSettings {
    path: PathBuf,
    create: bool,
    concurrency: usize,
    max_entries: u64,
    max_age: u64,
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

#[derive(Default)]
struct Waiting {
    chunks: VecDeque<Chunk>,
    /// Commands without a reply.
    outstanding: HashSet<u32>,
    is_woken: bool,
    is_closed: bool,
}

#[derive(Default)]
struct Chunk {
    text: String,
    messages: usize,
    replies: Vec<u32>,
}

impl Chunk {
    fn push(&mut self, token: u32, kind: Kind, payload: &str) {
        self.text.push(if self.text.is_empty() { '[' } else { ',' });
        // Writing to a String cannot fail.
        let _ = write!(self.text, "{token},{},{payload}", kind as u8);
        self.messages += 1;
        if token != 0 {
            self.replies.push(token);
        }
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
        if state.is_closed || (token != 0 && !state.outstanding.remove(&token)) {
            return;
        }
        let is_full =
            |chunk: &Chunk| chunk.messages >= CHUNK_MESSAGES || chunk.text.len() + payload.len() > CHUNK_BYTES;
        if state.chunks.back().is_none_or(is_full) {
            state.chunks.push_back(Chunk::default());
        }
        if let Some(chunk) = state.chunks.back_mut() {
            chunk.push(token, kind, payload);
        }
    }

    fn wake_if_any(&self) {
        let mut state = self.state();
        if state.is_woken || state.chunks.is_empty() {
            return;
        }
        state.is_woken = true;
        drop(state);
        if let Some(callback) = self.waker.upgrade() {
            callback.wake();
        }
    }
}

impl Receiver for Inbox {
    fn next(&self) -> Option<(String, bool)> {
        let mut state = self.state();
        // More are asked for with `resume`.
        state.is_woken = state.chunks.len() > 1;
        let has_more = state.is_woken;
        let Chunk { mut text, replies, .. } = state.chunks.pop_front()?;
        drop(state);
        *self.delivering() = replies;
        text.push(']');
        Some((text, has_more))
    }

    fn refusal(&self) -> String {
        let mut chunk = Chunk::default();
        let payload = failure(&internal("The answer could not be handed to JavaScript"));
        for &token in self.delivering().iter() {
            chunk.push(token, Kind::Failure, &payload);
        }
        chunk.text.push_str(if chunk.messages == 0 { "[]" } else { "]" });
        chunk.text
    }

    /// True as well where only events were delivered: the env did not wait for them, and still doesn't.
    fn after_delivery(&self) -> bool {
        let delivered = std::mem::take(&mut *self.delivering()).len();
        delivered == 0 || self.in_flight.fetch_sub(delivered, Ordering::Relaxed) > delivered
    }

    fn close(&self) {
        let mut state = self.state();
        *state = Waiting { is_closed: true, ..Waiting::default() };
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
            Ok(reply) => inbox.push(token, Kind::Success, &answer(&reply)),
            Err(error) => inbox.push(token, Kind::Failure, &failure(&error)),
        }
    }

    fn event(&self, event: Event) {
        self.0.receiver().push(0, Kind::Event, &happening(&event));
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
            internal("The outbox panicked; this is a bug in the SDK")
        } else {
            OutboxError::closed()
        };
        let left: Vec<u32> = inbox.state().outstanding.iter().copied().collect();
        for token in left {
            inbox.push(token, Kind::Failure, &failure(&error));
        }
        inbox.state().is_closed = true;
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
            state: Mutex::default(),
            waker,
            outbox: Mutex::default(),
            in_flight,
            delivering: Mutex::default(),
        })?;
        let settings = Settings {
            path: raw.path,
            is_created: raw.create,
            concurrency: raw.concurrency,
            max_entries: raw.max_entries,
            max_age: Duration::from_millis(raw.max_age),
        };
        let outbox = Outbox::open(settings, client, ToJavaScript(Arc::clone(&callback)))
            .map_err(|error| napi::Error::from_reason(format!("the outbox's thread could not be started: {error}")))?;
        let outbox = Arc::new(outbox);
        *callback.receiver().outbox.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(&outbox);
        Ok(Self { outbox, callback })
    }

    /// Gives the `count` commands of a text. The env is kept alive until all are answered.
    pub fn submit(&self, env: &Env, batch: &str, count: u32) {
        let inbox = self.callback.receiver();
        if inbox.in_flight.fetch_add(count as usize, Ordering::Relaxed) == 0 {
            self.callback.keep_alive(env, true);
        }
        for line in batch.lines() {
            let mut fields = line.splitn(4, '\t');
            let mut text = || fields.next().unwrap_or_default();
            let (token, name, argument, params) = (text(), text(), text(), text());
            let Ok(token) = token.parse() else { continue };
            inbox.state().outstanding.insert(token);
            match command(name, argument, params) {
                Ok(command) => {
                    if !self.outbox.command(token, command) {
                        inbox.push(token, Kind::Failure, &failure(&OutboxError::closed()));
                    }
                }
                Err(payload) => inbox.push(token, Kind::Failure, &payload),
            }
        }
        inbox.wake_if_any();
    }

    /// Asks for the next text, after one that was not the last.
    pub fn resume(&self) {
        let inbox = self.callback.receiver();
        inbox.state().is_woken = false;
        inbox.wake_if_any();
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

/// Reads a command; the error is the payload of its failure.
fn command(name: &str, argument: &str, params: &str) -> std::result::Result<Command, String> {
    let record = |operation| {
        let id = if argument.is_empty() { Ok(None) } else { parse(argument).map(Some) };
        let invalid = |message: String| json!({ "kind": "validation", "message": message }).to_string();
        NewEntry::new(operation, id?, params).map(Command::Record).map_err(invalid)
    };
    Ok(match name {
        "lead" => record(Operation::Lead)?,
        "sale" => record(Operation::Sale)?,
        "resend" => Command::Resend(parse(argument)?),
        "discard" => Command::Discard(parse(argument)?),
        "show" => Command::Show(parse(argument)?),
        "stats" => Command::Stats,
        "drained" => Command::Drained,
        "close" => Command::Close(Duration::from_millis(parse(argument)?)),
        "list" => {
            let (state, after, limit) = parse::<(Option<i64>, i64, u32)>(argument)?;
            Command::List { state: state.and_then(State::from_number), after, limit }
        }
        _ => return Err(failure(&internal("There is no such command"))),
    })
}

fn parse<'de, T: Deserialize<'de>>(argument: &'de str) -> std::result::Result<T, String> {
    serde_json::from_str(argument).map_err(|error| failure(&internal(&format!("A command is malformed: {error}"))))
}

fn internal(message: &str) -> OutboxError {
    OutboxError { code: "INTERNAL_ERROR", message: message.to_owned(), cause: None }
}

fn failure(error: &OutboxError) -> String {
    let cause = error.cause.as_ref().map(|(message, code)| json!({ "message": message, "code": code }));
    json!({ "kind": "outbox", "code": error.code, "message": error.message, "cause": cause }).to_string()
}

fn answer(reply: &Reply) -> String {
    match reply {
        Reply::Recorded { id, is_duplicate } => json!({ "id": id, "duplicate": is_duplicate }).to_string(),
        Reply::Entries(entries) => format!("[{}]", entries.iter().map(entry).collect::<Vec<_>>().join(",")),
        Reply::Found(is_found) => is_found.to_string(),
        Reply::Stats(stats) => json!({
            "pending": stats.pending,
            "sending": stats.sending,
            "parked": stats.parked,
            "oldest": stats.oldest.map(to_millis),
        })
        .to_string(),
        Reply::Done => "null".to_owned(),
    }
}

fn happening(event: &Event) -> String {
    match event {
        Event::Delivered(delivered, response) => {
            format!(r#"{{"type":"delivered","entry":{},"response":{response}}}"#, entry(delivered))
        }
        Event::Parked(parked) => format!(r#"{{"type":"parked","entry":{}}}"#, entry(parked)),
        Event::Paused(reason, until) => {
            let error = match reason {
                PauseReason::Api(error) => error.clone(),
                PauseReason::Store(error) => failure(error),
            };
            format!(r#"{{"type":"paused","error":{error},"until":{}}}"#, to_millis(*until))
        }
        Event::Resumed => r#"{"type":"resumed"}"#.to_owned(),
        Event::OtherKey(entries) => format!(r#"{{"type":"otherKey","entries":{entries}}}"#),
    }
}

/// Parameters and failures are JSON already.
fn entry(entry: &Entry) -> String {
    let Entry { seq, id, operation, params, state, reason, error, attempts, recorded_at, .. } = entry;
    format!(
        r#"{{"seq":{seq},"id":{},"call":"{}","params":{params},"state":"{}","reason":{},"error":{},"attempts":{attempts},"recordedAt":{}}}"#,
        json!(id),
        if *operation == Operation::Lead { "lead" } else { "sale" },
        state.name(),
        json!(reason.map(|reason| reason.name())),
        error.as_deref().unwrap_or("null"),
        to_millis(*recorded_at),
    )
}
