//! Backups, each on a thread of its own: copying a large file takes seconds.

use std::path::PathBuf;
use std::sync::mpsc::Sender;
use std::{mem, thread};

use crate::outbox::command::Message;
use crate::outbox::error::OutboxError;
use crate::outbox::store;

/// The backups that are being written.
pub(crate) struct Backups {
    messages: Sender<Message>,
    tokens: Vec<u32>,
}

impl Backups {
    /// None yet; how each ends will be sent to `messages`.
    pub(crate) fn new(messages: Sender<Message>) -> Self {
        Self { messages, tokens: Vec::new() }
    }

    /// Starts to copy the file at `path` to `copy`.
    pub(crate) fn start(&mut self, token: u32, path: PathBuf, copy: PathBuf) -> Result<(), OutboxError> {
        let messages = self.messages.clone();
        let write = move || {
            let result = store::backup(&path, &copy);
            // A closed outbox has answered.
            let _ = messages.send(Message::BackedUp(token, result));
        };
        thread::Builder::new()
            .name("refport-backup".to_owned())
            .spawn(write)
            .map_err(|error| OutboxError::Internal(format!("No thread could be started for the backup: {error}")))?;
        self.tokens.push(token);
        Ok(())
    }

    /// A backup has ended.
    pub(crate) fn finish(&mut self, token: u32) {
        self.tokens.retain(|running| *running != token);
    }

    /// Stops waiting for all of them. Returns the commands to answer.
    pub(crate) fn abandon(&mut self) -> Vec<u32> {
        mem::take(&mut self.tokens)
    }
}
