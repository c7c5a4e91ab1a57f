//! A durable outbox: conversions are written to a SQLite file and delivered from it in the background.
//!
//! Each [`Outbox`] has a thread of its own (`worker`), as writing to disk blocks. Of all that share a file, in one process or
//! several, one at a time delivers for each key: its leader. When its process dies, another takes over and finds in the file what
//! was being sent. The others notify it by a socket: with nothing to do, no thread wakes up.
//!
//! | module | subject |
//! |---|---|
//! | `command` | what can be asked of it, and what it reports |
//! | `worker` | the loop: one transaction for everything that has come |
//! | `delivery` | what is being sent: the schedule, the requests, how they ended |
//! | `policy`, `circuit_breaker` | what an outcome means, and whether anything may be sent |
//! | `leadership` | who delivers: the lock, the epoch, the socket |
//! | `store`, `entry` | the file |

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

    /// Submits the commands that `read` returns; it runs on the outbox's thread. False once the outbox is closed: nobody
    /// will answer.
    pub(crate) fn submit(&self, read: impl FnOnce() -> Vec<(u32, Command)> + Send + 'static) -> bool {
        self.messages.send(Message::Commands(Box::new(read))).is_ok()
    }

    /// Stops waiting for the answer to a command, which is then that it was cancelled.
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
