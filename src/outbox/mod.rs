//! A durable outbox: conversions are written to a SQLite file and delivered from it in the background.
//!
//! Each [`Outbox`] has a thread of its own (`worker`), as writing to disk blocks. Of all that share a file, in one process
//! or several, one at a time delivers: the one that holds the lock (`lock`). When its process ends, the operating system
//! gives the lock to another, which finds in the file what had been on the wire. The others tell it by a socket (`peers`) that
//! they have recorded something: with nothing to do, no thread wakes up.
//!
//! | module | subject |
//! |---|---|
//! | `command` | what can be asked of it, and what it tells |
//! | `worker`, `timing` | the thread: waits for something to do |
//! | `batch`, `outcome`, `query` | one transaction for all that has come, and what is asked |
//! | `election`, `lock`, `peers` | who delivers, and how the others are heard |
//! | `closing` | the end |
//! | `state` | what the thread knows |
//! | `schedule` | which entry is next |
//! | `pause` | whether anything may be sent |
//! | `verdict` | what an answer means for its entry |
//! | `delivery` | requests on the I/O thread |
//! | `store`, `reader`, `writer`, `schema`, `entry` | the file |

mod batch;
mod closing;
pub mod command;
mod delivery;
mod election;
pub mod entry;
pub mod error;
mod failpoint;
mod files;
mod lock;
mod outcome;
mod pause;
mod peers;
mod query;
mod reader;
mod schedule;
mod schema;
mod state;
mod store;
mod timing;
mod verdict;
mod worker;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;

use crate::api::client::Client;
use crate::outbox::command::{Command, Listener, Message, Settings};
use crate::outbox::state::Worker;

/// The handle of an open outbox.
pub struct Outbox {
    messages: mpsc::Sender<Message>,
    wants_deliveries: Arc<AtomicBool>,
}

impl Outbox {
    /// Starts the thread, which opens the file. Without a client nothing is delivered.
    pub fn open(
        settings: Settings,
        client: Option<Arc<Client>>,
        listener: impl Listener,
    ) -> Result<Self, std::io::Error> {
        let (messages, inbox) = mpsc::channel();
        let wants_deliveries = Arc::new(AtomicBool::new(false));
        let worker = Worker::new(settings, client, Box::new(listener), messages.clone(), Arc::clone(&wants_deliveries));
        thread::Builder::new().name("refport-outbox".to_owned()).spawn(move || worker.run(&inbox))?;
        Ok(Self { messages, wants_deliveries })
    }

    /// Gives the commands that `read` gets, on the outbox's thread, from whatever they came in. False once the outbox is
    /// closed: there will be no answers.
    pub fn submit(&self, read: impl FnOnce() -> Vec<(u32, Command)> + Send + 'static) -> bool {
        self.messages.send(Message::Commands(Box::new(read))).is_ok()
    }

    /// Gives up waiting for the answer to a command, which is then that it was cancelled.
    pub fn cancel(&self, token: u32) {
        // A closed outbox has answered everything.
        let _ = self.messages.send(Message::Cancel(token));
    }

    /// Whether `Event::Delivered` is of interest.
    pub fn want_deliveries(&self, wanted: bool) {
        self.wants_deliveries.store(wanted, Ordering::Relaxed);
    }

    /// Closes it without an answer.
    pub fn abandon(&self) {
        let _ = self.messages.send(Message::Abandon);
    }
}
