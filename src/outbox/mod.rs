//! A durable outbox: conversions are written to a SQLite file and delivered from it in the background.
//!
//! Each [`Outbox`] has a thread of its own (`worker`), because writing to disk blocks. Several outboxes, also in several processes,
//! may share a file. One of them delivers for each key: the leader. If its process dies, another takes over and finds in the file
//! what was being sent. The others notify the leader over a socket: with nothing to do, no thread wakes up.
//!
//! | module | subject |
//! |---|---|
//! | `command` | commands, replies and events |
//! | `worker` | the loop: one transaction for everything that has arrived |
//! | `delivery` | the entries that are due and those that are being sent |
//! | `policy`, `circuit_breaker` | the meaning of an outcome, and whether anything may be sent |
//! | `leadership` | which process delivers: the lock, the epoch, the socket |
//! | `store`, `entry` | the file: a module for each table, opening, locks, housekeeping |

mod circuit_breaker;
pub(crate) mod command;
mod delivery;
pub(crate) mod entry;
pub(crate) mod error;
mod failpoint;
mod leadership;
mod policy;
mod store;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod worker;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;

use crate::api::client::Client;
use crate::outbox::command::{Command, Listener, Message, Settings};
use crate::outbox::worker::Worker;

/// The handle of an open outbox. Dropping it closes the outbox.
pub(crate) struct Outbox {
    messages: mpsc::Sender<Message>,
    wants_deliveries: Arc<AtomicBool>,
}

impl Outbox {
    /// Starts the thread, which opens the file. Without a client nothing is delivered.
    pub(crate) fn open(
        settings: Settings,
        client: Option<Arc<Client>>,
        listener: impl Listener,
    ) -> Result<Self, std::io::Error> {
        let (messages, inbox) = mpsc::channel();
        let wants_deliveries = Arc::new(AtomicBool::new(false));
        let (sender, wanted) = (messages.clone(), Arc::clone(&wants_deliveries));
        let start = move || Worker::new(settings, client, Box::new(listener), sender, wanted).run(&inbox);
        thread::Builder::new().name("refport-outbox".to_owned()).spawn(start)?;
        Ok(Self { messages, wants_deliveries })
    }

    /// Submits the commands that `read` returns; it runs on the outbox's thread. Returns false if the outbox is closed, and the
    /// commands get no answer.
    pub(crate) fn submit(&self, read: impl FnOnce() -> Vec<(u32, Command)> + Send + 'static) -> bool {
        self.messages.send(Message::Commands(Box::new(read))).is_ok()
    }

    /// Stops waiting for a command; its answer is then that it was cancelled.
    pub(crate) fn cancel(&self, token: u32) {
        // A closed outbox has answered everything.
        let _ = self.messages.send(Message::Cancel(token));
    }

    /// Sets whether `Event::Delivered` is wanted.
    pub(crate) fn want_deliveries(&self, wanted: bool) {
        self.wants_deliveries.store(wanted, Ordering::Relaxed);
    }

    /// Closes it without an answer.
    pub(crate) fn abandon(&self) {
        let _ = self.messages.send(Message::Abandon);
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.abandon();
    }
}
