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
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use napi::bindgen_prelude::{FnArgs, Function};
use napi::{Env, Result};
use serde::Deserialize;

use crate::api::client::Client;
use crate::bridge::mailbox::{Mailbox, Owner};
use crate::bridge::outbox::protocol::failure;
use crate::outbox::Outbox;
use crate::outbox::command::{Command, Event, Listener, Reply, Settings};
use crate::outbox::error::OutboxError;

/// The kind of a payload.
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
pub(crate) struct OutboxBridge {
    outbox: Arc<Outbox>,
    mailbox: Mailbox<Abandoned>,
}

/// Abandons the outbox with its env.
#[derive(Default)]
struct Abandoned(OnceLock<Weak<Outbox>>);

impl Owner for Abandoned {
    const CHUNK_BYTES: usize = 256 * 1024;

    fn undeliverable(token: u32) -> (String, String) {
        let payload = failure(&OutboxError::Internal("The answer could not be handed to JavaScript".to_owned()));
        (format!("{token},{}", Kind::Failure as u8), payload)
    }

    fn close(&self) {
        if let Some(outbox) = self.0.get().and_then(Weak::upgrade) {
            outbox.abandon();
        }
    }
}

impl Mailbox<Abandoned> {
    fn post_message(&self, token: u32, kind: Kind, payload: &str) {
        self.post((token != 0).then_some(token), format_args!("{token},{}", kind as u8), payload);
    }

    /// Reads the commands of a text, and replies to those that are malformed.
    fn read(&self, text: &str) -> Vec<(u32, Command)> {
        let commands = protocol::commands(text).filter_map(|(token, command)| match command {
            Ok(command) => Some((token, command)),
            Err(payload) => {
                self.post_message(token, Kind::Failure, &payload);
                None
            }
        });
        commands.collect()
    }
}

/// Forwards replies and events to JavaScript.
struct ToJavaScript(Mailbox<Abandoned>);

impl Listener for ToJavaScript {
    fn reply(&self, token: u32, result: std::result::Result<Reply, OutboxError>) {
        match result {
            Ok(reply) => self.0.post_message(token, Kind::Success, &protocol::reply_json(&reply)),
            Err(error) => self.0.post_message(token, Kind::Failure, &failure(&error)),
        }
    }

    fn event(&self, event: Event) {
        self.0.post_message(0, Kind::Event, &protocol::event_json(&event));
    }

    fn flush(&self) {
        self.0.flush();
    }
}

impl Drop for ToJavaScript {
    /// The outbox is closed, or its thread has panicked: it sends no more replies.
    fn drop(&mut self) {
        let error = if std::thread::panicking() {
            OutboxError::Internal("The outbox panicked; this is a bug in the SDK".to_owned())
        } else {
            OutboxError::Closed
        };
        self.0.post_last(format_args!("0,{}", Kind::End as u8), &failure(&error));
        self.0.flush();
    }
}

impl OutboxBridge {
    /// Opens an outbox. `settle` gets texts, and whether there are more, which come after [`Self::resume`].
    pub(crate) fn open(
        env: &Env,
        settings: &str,
        client: Option<Arc<Client>>,
        settle: &Function<'_, FnArgs<(String, bool)>, ()>,
    ) -> Result<Self> {
        let raw: RawSettings = serde_json::from_str(settings)
            .map_err(|error| napi::Error::from_reason(format!("the settings are malformed: {error}")))?;
        let mailbox = Mailbox::open(env, settle, Abandoned::default())?;
        let settings = Settings {
            path: raw.path,
            create: raw.create,
            concurrency: raw.concurrency,
            max_entries: raw.max_entries,
            max_age: Duration::from_millis(raw.max_age),
            keep_rejected: Duration::from_millis(raw.keep_rejected),
            adopt: raw.adopt,
        };
        let outbox = Outbox::open(settings, client, ToJavaScript(mailbox.clone()))
            .map_err(|error| napi::Error::from_reason(format!("the outbox's thread could not be started: {error}")))?;
        let outbox = Arc::new(outbox);
        // Empty, as the mailbox is new.
        let _ = mailbox.owner().0.set(Arc::downgrade(&outbox));
        Ok(Self { outbox, mailbox })
    }

    /// Hands the `count` commands of a text to the outbox's thread.
    pub(crate) fn submit(&self, env: &Env, batch: String, count: u32) -> Result<()> {
        let mailbox = self.mailbox.clone();
        self.mailbox.expect(env, count, || {
            let is_open = self.outbox.submit(move || mailbox.read(&batch));
            if is_open { Ok(()) } else { Err(napi::Error::from_reason("it is closed")) }
        })
    }

    /// Asks for the next text, after one that was not the last.
    pub(crate) fn resume(&self) {
        self.mailbox.resume();
    }

    /// Gives up waiting for a reply.
    pub(crate) fn cancel(&self, token: u32) {
        self.outbox.cancel(token);
    }

    /// Whether to report deliveries.
    pub(crate) fn want_deliveries(&self, wanted: bool) {
        self.outbox.want_deliveries(wanted);
    }

    /// JavaScript has dropped the outbox.
    pub(crate) fn close(&self, env: &Env) {
        self.outbox.abandon();
        self.mailbox.close(env);
    }
}
